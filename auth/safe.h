/* SPDX-License-Identifier: Apache-2.0 */
/*
 * safe.h -- guard/: what only tiphys-auth and the tool may know.  (L3)
 *
 * Internal to auth/.  An LMDB environment of mode 0700.  What tiphys-fhir
 * must know at each request (does the grant, the user, the client stand?)
 * is in grants/ alone (vault.h) and not repeated here; what is here says who
 * a user is and what a grant was given for.
 *
 * database  key               value (rows in safe.c; members below)
 *
 * user      name              struct safe_user
 * client    client_id         struct safe_client
 * grant     grant id          struct safe_grant
 * flow      hash of tsf_      struct safe_flow
 * code      hash of tsc_      struct safe_code
 * refresh   hash of tsr_      struct safe_refresh
 * session   hash of tsb_      struct safe_session
 * launch    hash of tsl_      struct safe_launch
 * push      hash of tsp_      struct safe_push
 * once      hash              struct safe_once: used jti of assertions and
 *                             proofs, initial access tokens, device cookies
 * throttle  hash              struct safe_throttle
 * idkey     kid               struct safe_idkey: of id_tokens
 * due       be64 ms, u8 db,   nothing: the record may be dropped then
 *           key
 * meta      name              "format" be32 (box.h); "signing" kid of
 *                             id_tokens
 *
 * A hash is BLAKE2b-256 of the whole secret with its prefix; a secret has 256
 * bits, so it needs no key.  Numbers are big-endian.
 *
 * Two environments cannot commit together: what gives rights is written to
 * grants/ before the transaction of guard/ that makes it usable commits, and
 * under an id that was chosen before.  Killed in between, nothing was handed
 * out, and the same step done again writes the same.
 */
#ifndef AUTH_SAFE_H
#define AUTH_SAFE_H

#include "auth/smart_admin.h"
#include "auth/vault.h"

#define SAFE_FORMAT	1u
#define SAFE_HASH	32
#define SAFE_TOTP_LEN	20	/* bytes of a secret (RFC 4226: 160 bits) */
#define SAFE_CODE_LEN	10	/* bytes of a recovery code */
#define SAFE_CODE_HASH	16
#define SAFE_SWEEP	32	/* records dropped with one write */
#define SAFE_KEEP_MS	(INT64_C(30) * 86400 * 1000)	/* ended grants */

/* Rows of the databases, in this order; numbers stand in due: frozen. */
enum safe_db {
	SDB_USER, SDB_CLIENT, SDB_GRANT, SDB_FLOW, SDB_CODE, SDB_REFRESH,
	SDB_SESSION, SDB_LAUNCH, SDB_PUSH, SDB_ONCE, SDB_THROTTLE,
	SDB_IDKEY, SDB_DUE, SDB_META, SDB__MAX
};

struct safe_user {
	struct bytes	display;
	enum user_kind	kind;
	struct bytes	link;
	struct bytes	patients;	/* ids, one space between */
	struct bytes	hash;		/* of the password, as libsodium
					 * writes it; "": none yet */
	uint32_t	serial;		/* counts passwords, links, disabling:
					 * sessions and grants hold it */
	struct bytes	totp;		/* SAFE_TOTP_LEN bytes, or "" */
	int64_t		totp_step;	/* last step used */
	uint8_t		recovery[SMART_RECOVERY][SAFE_CODE_HASH]; /* 0: used */
	struct instant	created, last;
};

struct safe_client {
	struct bytes	name, publisher;
	enum client_type type;
	unsigned	flags;		/* enum client_flag */
	struct bytes	redirects;	/* one space between */
	struct bytes	launch_uri;
	struct bytes	scope;
	struct bytes	jwks;
	uint8_t		secret[SAFE_HASH];	/* CLIENT_SECRET */
	struct instant	created;
	struct bytes	policy_uri, tos_uri;
	uint8_t		manage[SAFE_HASH];	/* of tsm_; 0: none */
};

/* What an app was told about the moment it was started in. */
struct safe_context {
	struct bytes	patient, encounter, location, intent;
	struct bytes	fhir;		/* fhirContext */
	uint8_t		banner;		/* 0 no, 1 yes, 2 left out */
};

struct safe_grant {
	struct bytes	client, user;
	uint32_t	serial;		/* of the user, then */
	struct bytes	scope;
	struct safe_context ctx;
	bool		offline, online;
	bool		redeemed;	/* tokens went out: it counts */
	uint8_t		session[SAFE_HASH];	/* online: ends with it */
	struct bytes	jkt;		/* DPoP key, or "" */
	struct bytes	shown;		/* words of the consent page */
	uint32_t	text_version;
	struct instant	created, used, expires, auth_time;
	uint8_t		refresh[SAFE_HASH];	/* the one that stands */
};

struct safe_flow {
	uint8_t		browser[SAFE_HASH];	/* of the cookie */
	struct bytes	client, redirect, state, nonce, challenge;
	struct bytes	scope;		/* asked, less what is not registered */
	struct bytes	login_hint, jkt;
	struct bytes	bound;		/* user an EHR launch was made for */
	struct safe_context ctx;
	struct instant	login_after;	/* prompt=login, max_age: an older
					 * sign-in does not count */
	struct instant	expires;
	uint8_t		visit;		/* 1: which encounter was asked for
					 * and said, be it none */
};

struct safe_code {
	struct bytes	grant, client, redirect, challenge, nonce;
	struct instant	expires, used;	/* used ms 0: not yet */
};

struct safe_refresh {
	struct bytes	grant;
	struct instant	expires, used;
};

struct safe_session {
	struct bytes	user;
	uint32_t	serial;
	bool		pending;	/* password done, second factor not */
	struct instant	started, seen;
	struct bytes	address;
};

struct safe_launch {
	struct bytes	client, user;
	struct safe_context ctx;
	struct instant	expires;
};

struct safe_push {
	struct bytes	client;
	struct bytes	params;		/* form-encoded */
	struct bytes	jkt;
	struct instant	expires;
};

struct safe_once {
	struct bytes	what;		/* device: the user; else "" */
	struct instant	expires;
};

struct safe_throttle {
	uint32_t	fails;
	struct instant	last;
};

struct safe_idkey {
	struct bytes	jwk;		/* public, as text */
	struct instant	created, retired;	/* ms 0: signs */
};

/* As vault_open; the folder is for its owner alone. */
enum err	safe_open(struct arena *a, const char *path, unsigned flags,
		    struct env **env_out, const char **why_out) NODISCARD;

/*
 * One record; record is the struct of db.  Texts are borrowed from the
 * transaction: until its next write.
 * err	ERR_NOTFOUND; ERR_STORE  damaged
 */
enum err	safe_get(struct txn *t, enum safe_db db, struct bytes key,
		    void *record) NODISCARD;
/* Decode what a cursor found. */
enum err	safe_record(enum safe_db db, struct bytes val, void *record)
		    NODISCARD;
struct safe_entry {
	struct bytes	key, val;	/* val for safe_record */
};

/* The first max of a database that holds few, in order; they are borrowed
 * from the snapshot. */
enum err	safe_list(struct txn *t, struct arena *a, enum safe_db db,
		    size_t max, struct safe_entry **out, size_t *n_out)
		    NODISCARD;

/* Copy every text of a record into a. */
void		safe_keep(struct arena *a, enum safe_db db, void *record);
/* a: for the bytes; a big record may use some. */
enum err	safe_put(struct txn *t, struct arena *a, enum safe_db db,
		    struct bytes key, const void *record) NODISCARD;
/* ERR_NOTFOUND is no error here. */
enum err	safe_del(struct txn *t, enum safe_db db, struct bytes key)
		    NODISCARD;

/* From this time on the record may go. */
enum err	safe_due(struct txn *t, enum safe_db db, struct bytes key,
		    struct instant when) NODISCARD;
/*
 * Drop at most SAFE_SWEEP records whose time came a day ago: with every
 * write.
 * out	gone, n_gone  ids, in a, of the grants among them
 */
enum err	safe_sweep(struct txn *t, struct arena *a, struct instant now,
		    struct bytes gone[static SAFE_SWEEP], size_t *n_gone)
		    NODISCARD;

/* Texts by name: "signing". */
enum err	safe_meta(struct txn *t, const char *name, struct bytes *out)
		    NODISCARD;
enum err	safe_put_meta(struct txn *t, const char *name,
		    struct bytes val) NODISCARD;

#endif
