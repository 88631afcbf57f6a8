/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smart_admin.h -- users, clients and keys, by who runs the machine.  (L3)
 *
 * The administrator's half of smart.h, for cli/ alone.  There is no session
 * and no CSRF value here: who may run the tool may do all of it.  Problems
 * are told as issues, whose place is the option or field that is wrong.
 *
 * Secrets are made here and handed out once; only hashes stay.
 */
#ifndef AUTH_SMART_ADMIN_H
#define AUTH_SMART_ADMIN_H

#include "auth/smart.h"

/* --- users ------------------------------------------------------------ */

#define SMART_PROXY_MAX	16	/* patients of a related person */
#define SMART_PASS_MIN	15	/* characters; with a second factor: */
#define SMART_PASS_MIN2	8
#define SMART_PASS_MAX	1024	/* bytes */
#define SMART_RECOVERY	10	/* codes */

struct smart_user {
	struct bytes	 name;		/* sub: 1..64 of a-z 0-9 . _ @ - */
	struct bytes	 display;	/* "Dr. Ada Lee" */
	enum user_kind	 kind;		/* PRACTITIONER, PATIENT, RELATED,
					 * ADMIN */
	struct bytes	 link;		/* "Type/id" of the kind's type; an
					 * ADMIN may have none */
	struct bytes	*patient;	/* RELATED: ids */
	size_t		 n_patient;
	bool		 enabled;
	bool		 password, totp;	/* has one (out only) */
	unsigned	 recovery;	/* codes left (out only) */
	struct instant	 created, last;	/* last sign-in; ms 0: never */
};

/*
 * Without a password nobody can sign in as this user yet.  Where call.t is
 * given, link and patients must exist.
 * err	ERR_CONFLICT  the name is taken; ERR_VALUE, ERR_NOTFOUND, with issues
 */
enum err	smart_user_add(struct smart *s, struct smart_call *c,
		    const struct smart_user *u, struct issues *is)
		    NODISCARD;
enum err	smart_users(struct smart *s, struct smart_call *c,
		    struct smart_user **out, size_t *n_out) NODISCARD;
enum err	smart_user_get(struct smart *s, struct smart_call *c,
		    struct bytes name, struct smart_user *out) NODISCARD;

/*
 * Ends every session, token and grant made with the old one.  Takes one
 * password hash (about 0.3 s).
 * err	ERR_VALUE  too short, too long, not UTF-8, or too easy
 */
enum err	smart_user_passwd(struct smart *s, struct smart_call *c,
		    struct bytes name, struct bytes password,
		    struct issues *is) NODISCARD;
/*
 * What smart_user_passwd would say of a password, before anything is done;
 * site: its name (site-name); second: of a user with a second factor.  NULL:
 * fit to be one.
 */
const char	*pass_fault(struct bytes password, struct bytes name,
		    struct bytes site, bool second);
/* Disabled: sessions and tokens are dead at once; enabled again: new ones. */
enum err	smart_user_enable(struct smart *s, struct smart_call *c,
		    struct bytes name, bool on) NODISCARD;
/* New link or patients: what the old ones gave ends. */
enum err	smart_user_link(struct smart *s, struct smart_call *c,
		    const struct smart_user *u, struct issues *is)
		    NODISCARD;

struct smart_totp {
	struct bytes	 secret;	/* base32 */
	struct bytes	 uri;		/* otpauth://totp/... */
	struct bytes	 recovery[SMART_RECOVERY];
};
enum err	smart_user_totp(struct smart *s, struct smart_call *c,
		    struct bytes name, struct smart_totp *out) NODISCARD;
enum err	smart_user_totp_off(struct smart *s, struct smart_call *c,
		    struct bytes name) NODISCARD;

/* --- clients ---------------------------------------------------------- */

/* Numbers of records: frozen. */
enum client_type {
	CLIENT_PUBLIC = 1,
	CLIENT_SECRET = 2,	/* confidential: Basic or form */
	CLIENT_KEYS = 3		/* confidential: private_key_jwt */
};

enum client_flag {
	CLIENT_NO_PKCE = 1,	/* 2016 apps: PKCE optional */
	CLIENT_DPOP = 2,	/* tokens always bound to a key */
	CLIENT_CODE = 4,	/* grant type authorization_code */
	CLIENT_REFRESH = 8,	/* refresh_token */
	CLIENT_BACKEND = 16,	/* client_credentials: with keys only */
	CLIENT_SELF = 32	/* registered itself (out only) */
};

#define SMART_REDIRECTS	16

struct smart_client {
	struct bytes	 id;		/* "": made by us; else 1..64 of
					 * A-Z a-z 0-9 - _ . */
	struct bytes	 name, publisher;
	enum client_type type;
	unsigned	 flags;		/* enum client_flag */
	struct bytes	 redirect[SMART_REDIRECTS];
	size_t		 n_redirect;
	struct bytes	 launch_uri;	/* or "" */
	struct bytes	 policy_uri;	/* its privacy statement, or "" */
	struct bytes	 tos_uri;	/* its terms of use, or "" */
	struct bytes	 scope;		/* that may be asked for */
	struct bytes	 jwks;		/* CLIENT_KEYS: the set, as text */
	bool		 enabled;
	struct instant	 created;
};

/*
 * out	*id_out; *secret_out  CLIENT_SECRET: shown once, else ""
 * err	ERR_CONFLICT  the id is taken; ERR_VALUE  with issues whose places
 *		are id, name, redirect-uri, launch-uri, scope, jwks ...
 */
enum err	smart_client_add(struct smart *s, struct smart_call *c,
		    const struct smart_client *cl, struct issues *is,
		    struct bytes *id_out, struct bytes *secret_out)
		    NODISCARD;
/* All but id, type and secret.  Narrower scopes count from the next token. */
enum err	smart_client_set(struct smart *s, struct smart_call *c,
		    const struct smart_client *cl, struct issues *is)
		    NODISCARD;
enum err	smart_clients(struct smart *s, struct smart_call *c,
		    struct smart_client **out, size_t *n_out) NODISCARD;
enum err	smart_client_get(struct smart *s, struct smart_call *c,
		    struct bytes id, struct smart_client *out) NODISCARD;
enum err	smart_client_enable(struct smart *s, struct smart_call *c,
		    struct bytes id, bool on) NODISCARD;
/* err  ERR_USAGE  not a CLIENT_SECRET */
enum err	smart_client_rotate(struct smart *s, struct smart_call *c,
		    struct bytes id, struct bytes *secret_out) NODISCARD;

/* An initial access token for one dynamic registration within a day. */
enum err	smart_invite(struct smart *s, struct smart_call *c,
		    struct bytes *token_out) NODISCARD;

/* --- grants, sessions, keys ------------------------------------------- */

enum err	smart_grant_get(struct smart *s, struct smart_call *c,
		    struct bytes id, struct smart_grant *out) NODISCARD;
enum err	smart_grant_revoke(struct smart *s, struct smart_call *c,
		    struct bytes id) NODISCARD;

/* Everybody's, newest first. */
enum err	smart_all_sessions(struct smart *s, struct smart_call *c,
		    struct smart_session **out, size_t *n_out) NODISCARD;
/* By id; or all of a user. */
enum err	smart_end_session(struct smart *s, struct smart_call *c,
		    struct bytes id) NODISCARD;
enum err	smart_end_sessions(struct smart *s, struct smart_call *c,
		    struct bytes user) NODISCARD;

/*
 * New keys for access tokens and id_tokens; old ones verify until the last
 * token they signed is dead, and are dropped from the lists by a later call.
 * cost	an RSA key of 3072 bits: up to some seconds
 */
enum err	smart_key_rotate(struct smart *s, struct smart_call *c,
		    struct bytes *kid_out, struct bytes *id_kid_out)
		    NODISCARD;

/* One hash with these costs, for calibration at init; ERR_NOMEM. */
enum err	smart_hash_once(int64_t memory, int64_t passes) NODISCARD;

#endif
