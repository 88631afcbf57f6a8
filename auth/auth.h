/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth.h -- the door of the guard: a token becomes a view.  (L3)
 *
 * tiphys-fhir opens it for reading; the tool (and later tiphys-auth) for
 * writing grants, users, clients and keys.  Private keys are plain files in
 * keys/, public ones stand in grants/.  One key has one algorithm, and
 * nothing in a token's header chooses anything but kid.
 *
 * A token is a compact JWS.  Header: typ at+jwt, alg EdDSA, kid, nothing else.
 * Claims: iss (issuer, or base-url while that is unset), aud (base-url, one
 * text), sub, client_id, scope, jti, grant (our own: the grant's id), iat, exp
 * (seconds, at most access-lifetime apart), patient where one is in context;
 * nbf is obeyed.  The grant rules: rights are those of token AND grant AND
 * the user's record at this moment.
 *
 * Spec: RFC 6750, RFC 7515, RFC 7519, RFC 8037, RFC 8725, RFC 9068; SMART App
 * Launch scopes v1 and v2.  Requirements Z05, Z06, Z08, A24, M04, M11, X04.
 */
#ifndef AUTH_AUTH_H
#define AUTH_AUTH_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "fhir/issue.h"
#include "fhir/prim.h"
#include "store/store.h"

struct auth;

enum auth_mode { AUTH_READ, AUTH_WRITE, AUTH_CREATE };

/* Who a user is.  Numbers of records: frozen. */
enum user_kind {
	USER_TOOL = 1,		/* the built-in user of the tool */
	USER_PRACTITIONER = 2,
	USER_PATIENT = 3,
	USER_RELATED = 4,	/* a proxy, for the patients named */
	USER_ADMIN = 5,		/* sees no record */
	USER_SERVICE = 6	/* a backend client speaking for itself */
};

/*
 * out	*auth_out  lives as long as a (process); open after fork
 * err	ERR_CONFIG  a folder or key file others may read, an unknown format,
 *		no public key (AUTH_READ); that there is a signing key is
 *		auth_mint's to ask, so that a new one can be made
 *	ERR_NOTFOUND, ERR_STORE; *why_out says which and what to do
 */
enum err	auth_open(struct arena *a, const struct conf *conf,
		    enum auth_mode mode, struct auth **auth_out,
		    const char **why_out) NODISCARD;

/* Of proofs of possession, in a challenge (RFC 9449 section 7.1). */
#define AUTH_DPOP_ALGS	"ES256 ES384 RS256 EdDSA"

/* Which challenge a refusal carries (RFC 6750 section 3). */
enum login_fault {
	LOGIN_OK,
	LOGIN_ABSENT,		/* no credentials: realm alone */
	LOGIN_MALFORMED,	/* 400 invalid_request: two headers, a comma */
	LOGIN_INVALID,		/* invalid_token: all other reasons alike */
	LOGIN_PROOF		/* invalid_dpop_proof: the token may be good */
};

struct login {
	struct view	*view;
	struct bytes	 grant;		/* id, for audit and log */
	struct bytes	 client;	/* client_id */
	struct bytes	 user;		/* sub */
	struct bytes	 patient;	/* launch context, or "" */
	struct bytes	 scope;		/* granted, as text */
	struct instant	 expires;
	/* For the tool (token explain) alone, never for the caller: */
	const char	*why;		/* what was wrong, naming the check */
};

/*
 * Verify a bearer token and build the view: signature, typ, issuer,
 * audience, times; then grant, user and client as they stand now.
 *
 * in	header	the one Authorization value; empty: absent
 * out	*login_out  in a; on refusal why alone is set
 * err	ERR_LOGIN  with *fault_out; ERR_USAGE  LOGIN_MALFORMED
 *	ERR_STORE, ERR_CONFIG  grants/ or keys unreadable: never an open door
 * cost	a token seen before: one hash, four reads (key generation, grant,
 *	user, client) and a copy of some 500 bytes
 */
enum err	auth_login(struct auth *g, struct arena *a,
		    struct bytes header, struct instant now,
		    enum login_fault *fault_out, struct login *login_out)
		    NODISCARD;

/* The same for a request that may bring a proof of possession (RFC 9449). */
struct credentials {
	struct bytes	header;		/* the one Authorization value */
	struct bytes	proof;		/* the one DPoP value, or "" */
	struct bytes	method, url;	/* of the request: "GET", our URL */
};

/*
 * As auth_login.  A token bound to a key (cnf) is taken with the scheme DPoP
 * and a proof by that key alone, and each proof once; auth_login, which has
 * no proof, refuses it, and so does a guard without `dpop`.
 * err	besides: ERR_LOGIN with LOGIN_PROOF; ERR_FULL, ERR_BUSY
 */
enum err	auth_login_bound(struct auth *g, struct arena *a,
		    const struct credentials *in, struct instant now,
		    enum login_fault *fault_out, struct login *login_out)
		    NODISCARD;

/*
 * Open what only tiphys-fhir needs, where its configuration asks for it: the
 * module for RSA and ECDSA, the pinned keys of an outside issuer, replay/.
 *
 * in	only	the one request there will be (CGI), looked at for what it
 *		needs, as a hint for loading and nothing else; NULL: any may
 *		come
 * err	ERR_CONFIG, ERR_STORE; *why_out in a
 * cost	the module: 1.4 ms
 */
enum err	auth_extend(struct auth *g, struct arena *a,
		    const struct conf *conf, const struct credentials *only,
		    struct instant now, const char **why_out) NODISCARD;

/* --- scopes ------------------------------------------------------------- */

/* What user/ and system/ scopes may reach: a user's, at this moment. */
struct rights {
	enum view_reach	reach;	/* ALL, RELATION or NONE: they give nothing */
	struct relation	care;	/* RELATION: whose */
	int		zone;	/* of times without one in the search of a
				 * granular scope, as in any search: minutes
				 * east of UTC */
	struct base_urls urls;	/* what names this server in it, likewise:
				 * ".../Patient/1" is Patient/1 */
};

/*
 * Parse SMART scopes (v1 and v2) into the rules of a view.
 * Words of other kinds (openid, launch ...) are let pass; what looks like a
 * resource scope and is none is an error (AUZ-15).  Rules of patient/ reach
 * REACH_PATIENTS, of user/ and system/ what the caller's rights say.
 *
 * in	patient	launch context, "" for none: then a patient/ scope is
 *		ERR_FORBIDDEN (Z05)
 * err	ERR_VALUE  a malformed scope; ERR_FORBIDDEN; ERR_USAGE  system/
 *		mixed with patient/ or user/ (TOK-25)
 */
enum err	auth_scope(struct arena *a, struct bytes scope,
		    struct bytes patient, const struct rights *rights,
		    struct issues *is, struct view *view_out) NODISCARD;

/* --- discovery --------------------------------------------------------- */

/*
 * Where the authorization server answers: one table (auth/discovery.c) for
 * smart-configuration, openid-configuration and the Conformance statement,
 * so that they name the same endpoints, or none.  Nothing is offered while
 * issuer is unset.
 */
#define AUTH_ENDPOINTS	9

struct auth_endpoint {
	const char	*path;		/* "/token", below issuer */
	const char	*member;	/* "token_endpoint" */
	const char	*oauth_uri;	/* "token", in oauth-uris; or NULL */
	struct bytes	 url;		/* issuer and path */
};

/* In a; *n_out is 0 without an issuer; register only where it is on. */
void		auth_endpoints(struct arena *a, const struct conf *conf,
		    struct auth_endpoint **out, size_t *n_out);

enum auth_doc { AUTH_DOC_SMART, AUTH_DOC_OPENID };

/* Either document as JSON; the same bytes while the settings are. */
void		auth_discovery(struct arena *a, const struct conf *conf,
		    enum auth_doc doc, struct buf *json_out);

/* --- the tool's side ------------------------------------------------------ */

struct mint {
	struct bytes	 scope;		/* space-separated */
	struct bytes	 patient;	/* id of an existing Patient, or "" */
	struct bytes	 user;		/* sub, or "": "tiphys-cli" */
	struct instant	 now;
	int64_t		 ttl_s;		/* 1..access-lifetime */
	uint8_t		 random[32];	/* for the grant id and jti */
};

/*
 * Write a grant of the built-in client tiphys-cli and sign a token for it.
 * The caller has asked store_patient first.
 *
 * The user is made where it is not known: with rights over all patients
 * when the scope has user/ or system/, else with none; a later mint with
 * such a scope raises them, but never those of a patient.
 *
 * out	*token_out  compact JWT, in a;  *grant_out its grant id
 * err	ERR_VALUE, ERR_USAGE, ERR_FORBIDDEN, ERR_TOOBIG, ERR_CONFIG (the
 *	signing key) with an issue whose place is scope, patient, user, ttl
 *	or the key; ERR_STORE, ERR_FULL
 */
enum err	auth_mint(struct auth *g, struct arena *a,
		    const struct mint *m, struct issues *is,
		    struct bytes *token_out, struct bytes *grant_out)
		    NODISCARD;

/* The grant id a token names, its signature checked, its time not. */
enum err	auth_token_grant(struct auth *g, struct arena *a,
		    struct bytes token, struct bytes *grant_out) NODISCARD;

/* ERR_NOTFOUND  no such grant; revoking twice is no error. */
enum err	auth_revoke(struct auth *g, struct bytes grant,
		    struct instant now) NODISCARD;

struct auth_key {
	struct bytes	 kid;
	struct instant	 created;
	bool		 signing;	/* the one new tokens are signed with */
	bool		 has_private;	/* keys/ holds it */
};
enum err	auth_keys(struct auth *g, struct arena *a,
		    struct auth_key **out, size_t *n_out) NODISCARD;

/* Make an Ed25519 key from seed and sign with it from now on. */
enum err	auth_key_new(struct auth *g, struct arena *a,
		    const uint8_t seed[static 32], struct instant now,
		    struct bytes *kid_out) NODISCARD;

#endif
