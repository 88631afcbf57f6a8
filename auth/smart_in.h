/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smart_in.h -- struct smart, and what its files share.  (L3)
 *
 * Internal to auth/.
 */
#ifndef AUTH_SMART_IN_H
#define AUTH_SMART_IN_H

#include "auth/guard.h"
#include "auth/jwk.h"
#include "auth/safe.h"
#include "auth/scope.h"
#include "auth/smart_api.h"

struct smart {
	const struct conf	*conf;
	struct auth		*g;		/* grants/ and keys/ */
	struct env		*env;		/* guard/ */
	const struct jwk_engine	*engine;
	struct bytes		 iss, base;
	int			 hash_fd;	/* one hash at a time */
	const char		*hash_path;
	int64_t			 pass_mem, pass_passes;
};

/* --- saying no -------------------------------------------------------- */

/* Sets call.error; returns e, for "return". */
enum err	smart_fail(struct smart_call *c, enum err e,
		    enum smart_fault fault, const char *place,
		    const char *text) NODISCARD;
/* What the disk or the settings did: FAULT_SERVER unless a fault is set. */
enum err	smart_end(struct smart_call *c, enum err e) NODISCARD;

/* --- secrets ---------------------------------------------------------- */

#define SECRET_PREFIX	4
#define SECRET_TEXT	(SECRET_PREFIX + 43)

/* The next n random bytes of the call; ends the process when there are none
 * left, because a secret anybody could know is worse. */
const uint8_t	*smart_random(struct smart_call *c, size_t n);
/* "tsc_" and 32 random bytes. */
struct bytes	smart_secret(struct smart_call *c, const char *prefix);
/* false: not of this form; then hash is not set. */
bool		smart_hash(const char *prefix, struct bytes text,
		    uint8_t hash[static SAFE_HASH]);
/* Of parts, each with its length: for names that are no secrets. */
void		smart_digest(struct bytes one, struct bytes two,
		    struct bytes three, uint8_t out[static SAFE_HASH]);

static inline struct bytes
hash_key(const uint8_t hash[static SAFE_HASH])
{
	return bytes_of(hash, SAFE_HASH);
}

/* ERR_FORBIDDEN  the value is not this browser's for this place. */
enum err	smart_csrf_check(struct smart_call *c,
		    const struct smart_form *form) NODISCARD;
/* Of call.cookie; false: there is none of the right form. */
bool		smart_browser(const struct smart_call *c,
		    uint8_t hash[static SAFE_HASH]);

/* --- parameters ------------------------------------------------------- */

/* FAULT_REQUEST when a name stands twice (Z10). */
enum err	param_check(struct smart_call *c, const struct pair *pair,
		    size_t n) NODISCARD;
/* Its value; "" where it is absent or empty (RFC 6749 section 3.1). */
struct bytes	param_get(const struct pair *pair, size_t n,
		    const char *name);

/* --- the store -------------------------------------------------------- */

/*
 * A search by what a person typed, read as the resource server reads one:
 * the same names of this server, the same zone.  What is wrong with it is
 * the caller's to say.
 */
enum err	smart_query(struct smart *s, struct smart_call *c,
		    uint16_t type, const struct pair *pair, size_t n,
		    struct query *out) NODISCARD;

/* --- records ---------------------------------------------------------- */

enum err	smart_read(struct smart *s, struct smart_call *c,
		    struct txn **out) NODISCARD;
/* One record in a snapshot of its own; texts in c->a.  err ERR_NOTFOUND */
enum err	smart_record(struct smart *s, struct smart_call *c,
		    enum safe_db db, struct bytes key, void *record)
		    NODISCARD;
/* Sweeps first.  No snapshot of guard/ or grants/ may be open. */
enum err	smart_write(struct smart *s, struct smart_call *c, txn_fn *fn,
		    void *arg) NODISCARD;

/* From grants/, in a snapshot of its own. */
enum err	stand_user(struct smart *s, struct smart_call *c,
		    struct bytes name, struct user *out) NODISCARD;
enum err	stand_client(struct smart *s, struct smart_call *c,
		    struct bytes id, bool *enabled_out) NODISCARD;
enum err	stand_grant(struct smart *s, struct smart_call *c,
		    struct bytes id, struct grant *out) NODISCARD;
/* Changes in grants/; fine inside a write transaction of guard/. */
enum err	stand_put_user(struct smart *s, struct bytes name,
		    const struct user *u) NODISCARD;
enum err	stand_put_client(struct smart *s, struct bytes id,
		    bool enabled) NODISCARD;
enum err	stand_put_grant(struct smart *s, struct bytes id,
		    const struct grant *g) NODISCARD;
enum err	stand_revoke(struct smart *s, struct bytes id,
		    struct instant now) NODISCARD;	/* none: no error */

/* --- sessions --------------------------------------------------------- */

struct person {			/* a signed-in user, in request memory */
	struct bytes		name;
	struct safe_user	user;
	struct rights		rights;
	struct safe_session	session;
	uint8_t			hash[SAFE_HASH];	/* of the session */
};

/*
 * Whose session the hash names, if it stands.
 * err	ERR_LOGIN  there is none, or it is over
 */
enum err	session_find(struct smart *s, struct smart_call *c,
		    struct txn *t, const uint8_t hash[static SAFE_HASH],
		    struct person *out) NODISCARD;
/* Of the cookie, second factor done. err ERR_LOGIN, FAULT_LOGIN */
enum err	session_person(struct smart *s, struct smart_call *c,
		    struct person *out) NODISCARD;
/* A flow of this browser. err ERR_NOTFOUND */
enum err	flow_find(struct smart *s, struct smart_call *c,
		    struct txn *t, struct bytes id,
		    uint8_t hash[static SAFE_HASH], struct safe_flow *out)
		    NODISCARD;

/* --- throttles -------------------------------------------------------- */

enum throttle_kind {
	THROTTLE_ACCOUNT = 'a', THROTTLE_DEVICE = 'd', THROTTLE_NET = 'n',
	THROTTLE_CLIENT = 'c', THROTTLE_FLOW = 'f', THROTTLE_SECOND = 's'
};

/* The name of a counter: of an account, a network ... */
void		throttle_key(enum throttle_kind kind, struct bytes who,
		    struct bytes address, uint8_t out[static SAFE_HASH]);
/*
 * How many seconds until this may be tried; 0: now.
 * Accounts wait 1, 2, 4 ... 3600 s behind the free failures and for ever
 * (retry INT64_MAX) at the last; networks have one forgiven each
 * per_s seconds.
 */
enum err	throttle_wait(struct smart *s, struct smart_call *c,
		    struct txn *t, enum throttle_kind kind,
		    const uint8_t key[static SAFE_HASH],
		    int64_t *wait_out) NODISCARD;
enum err	throttle_count(struct smart *s, struct smart_call *c,
		    struct txn *t, enum throttle_kind kind,
		    const uint8_t key[static SAFE_HASH]) NODISCARD;

/* --- passwords -------------------------------------------------------- */

/*
 * Is it the password of hash?  hash "": the work is done all the same, and
 * the answer is no.
 * err	ERR_THROTTLED  the queue is full; ERR_NOMEM
 */
enum err	pass_check(struct smart *s, struct smart_call *c,
		    struct bytes hash, struct bytes password, bool *ok_out)
		    NODISCARD;
/* Is it one of the commonest, or names at hand, with little else? */
bool		pass_common(struct bytes password, struct bytes name,
		    struct bytes site);
enum err	pass_make(struct smart *s, struct smart_call *c,
		    struct bytes password, struct bytes *hash_out)
		    NODISCARD;

/* The six digits of a step of 30 s (RFC 6238), SHA-1. */
uint32_t	totp_code(const uint8_t secret[static SAFE_TOTP_LEN],
		    int64_t step);
/* The step, in now's and its neighbours, that gives code; -1: none. */
int64_t		totp_step(const uint8_t secret[static SAFE_TOTP_LEN],
		    struct bytes code, struct instant now);
struct bytes	totp_base32(struct arena *a, struct bytes in);

/* A new password of a user who is there: serial, epoch, hash. */
enum err	user_set_hash(struct smart *s, struct smart_call *c,
		    struct txn *t, struct bytes name, struct bytes hash)
		    NODISCARD;
/* What ends everything made before: the next serial, and the epoch. */
enum err	user_renew(struct smart *s, struct smart_call *c,
		    struct bytes name, struct safe_user *u) NODISCARD;

/* --- registering ------------------------------------------------------ */

/* Everything that may be wrong with a client, as issues. */
enum err	client_check(struct smart *s, struct smart_call *c,
		    const struct smart_client *cl, struct issues *is)
		    NODISCARD;
/* Both records, in a write transaction. */
enum err	client_put(struct smart *s, struct smart_call *c,
		    struct txn *t, struct bytes id,
		    const struct smart_client *cl,
		    const uint8_t secret[static SAFE_HASH]) NODISCARD;

/* --- redirects -------------------------------------------------------- */

/* NULL: may be registered; else what would be right. */
const char	*redirect_fault(struct bytes uri);
/* Exact, or a loopback address literal with another port. */
bool		redirect_match(struct bytes registered, struct bytes uri);
/* Scheme, host and port, for CSP; "" where it has none. */
struct bytes	redirect_origin(struct bytes uri);

/* --- words of scopes -------------------------------------------------- */

bool		words_have(struct bytes scope, const char *word);
/*
 * The words of asked that limit lets through: resource words with the
 * lesser rights (in the same context), others where plain has them.
 * err	ERR_VALUE, ERR_USAGE  malformed
 */
enum err	words_narrow(struct arena *a, struct bytes asked,
		    const struct scope_set *limit, struct bytes plain,
		    struct bytes *out) NODISCARD;
/* Rights of inner are all in outer, and its other words, too. */
bool		words_within(struct arena *a, struct bytes inner,
		    struct bytes outer);
/* Without this word. */
struct bytes	words_less(struct arena *a, struct bytes scope,
		    const char *word);

/* --- authorization requests ------------------------------------------- */

struct ask {			/* a request on its way to be a flow */
	struct smart		*s;
	struct smart_call	*c;
	const struct pair	*pair;
	size_t			 n;
	struct safe_client	 client;	/* in request memory */
	struct safe_flow	 f;
	struct bytes		 launch;	/* handle, or "" */
	bool			 none;		/* prompt=none */
};

/* Of an enabled client. err ERR_NOTFOUND */
enum err	client_find(struct smart *s, struct smart_call *c,
		    struct bytes id, struct safe_client *out) NODISCARD;
/*
 * client_id and redirect_uri: what is wrong here is shown here.
 * err	ERR_USAGE with a fault
 */
enum err	ask_client(struct ask *k) NODISCARD;
/* All the rest that can be known from the request alone. */
enum err	ask_check(struct ask *k) NODISCARD;
/* redirect_uri with error, state and iss; of call.error. */
struct bytes	ask_refusal(struct smart *s, struct smart_call *c,
		    const struct safe_flow *f);
struct bytes	ask_answer(struct smart *s, struct smart_call *c,
		    const struct safe_flow *f, const char *name,
		    struct bytes value);

/* --- clients at our endpoints ----------------------------------------- */

struct caller {
	struct bytes		id;		/* "": did not say who */
	struct safe_client	client;		/* in request memory */
	bool			proved;		/* by secret or key */
	uint8_t			once[SAFE_HASH];	/* assertion, to be */
	int64_t			keep_s;		/* remembered; 0: none */
};

/*
 * err	ERR_USAGE, ERR_LOGIN  with FAULT_CLIENT or FAULT_REQUEST;
 *	ERR_THROTTLED
 */
enum err	caller_find(struct smart *s, struct smart_call *c,
		    const struct smart_post *p, struct caller *out)
		    NODISCARD;
/* Remember the assertion, or refuse it: in the transaction it serves. */
enum err	caller_once(struct smart_call *c, struct txn *t,
		    const struct caller *who) NODISCARD;
/* err  ERR_CONFLICT  it was used before */
enum err	once_add(struct smart_call *c, struct txn *t,
		    const uint8_t key[static SAFE_HASH], struct bytes what,
		    struct instant until) NODISCARD;

/* --- tokens ----------------------------------------------------------- */

struct issue_in {
	struct bytes		 grant_id;
	const struct safe_grant	*grant;
	struct bytes		 scope;		/* of this token */
	struct bytes		 nonce;
	int64_t			 ttl_s;
	struct bytes		 jti;
};

/*
 * Sign access and (with openid) id_token; fills what the context has.
 * in	t	of guard/; no snapshot of grants/ may be open
 */
enum err	issue_tokens(struct smart *s, struct smart_call *c,
		    struct txn *t, const struct issue_in *in,
		    struct smart_tokens *out) NODISCARD;

/* One of our access tokens that stands at this moment. err ERR_LOGIN */
enum err	token_stands(struct smart *s, struct smart_call *c,
		    struct bytes token, struct claims *claims_out,
		    struct grant *grant_out) NODISCARD;

/* The user's FHIR resource as URL, or "". */
struct bytes	user_url(struct smart *s, struct smart_call *c,
		    const struct safe_user *u);

#endif
