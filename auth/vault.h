/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vault.h -- grants/: what stands behind a token at this moment.  (L3)
 *
 * Internal to auth/.  An LMDB environment of its own, shared with the group:
 * tiphys-auth and the tool write it, tiphys-fhir reads it at each request.
 * Every record layout is drawn here and built in vault.c.  Integers are
 * big-endian; times are milliseconds since 1970 unless named _s.  A text is
 * be16 length and bytes.
 *
 * database   key          value
 *
 * grant      grant id     client text, user text, patient text, scope text,
 *                         created be64, expires be64, revoked be64 (0: not)
 * user       sub          enabled u8, kind u8, rights u8 (0 none, 2 all),
 *                         epoch_s be64, link text ("Practitioner/x"; one of
 *                         before links were kept here has none)
 * client     client_id    enabled u8
 * key        kid          alg u8, state u8, created be64, public key 32
 * meta       name         "format" be32, "generation" be64 (counts changes
 *                         of the key database), "signing" the kid new tokens
 *                         are signed with
 *
 * A record longer than its layout, or shorter, is damage: ERR_STORE, which
 * lets nobody in.
 */
#ifndef AUTH_VAULT_H
#define AUTH_VAULT_H

#include "auth/auth.h"
#include "auth/jose.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "store/store.h"

#define VAULT_FORMAT	1u
#define VAULT_CLIENT	"tiphys-cli"	/* the tool: client, and its user */

/* Rows of the databases, in this order. */
enum vault_db { VDB_GRANT, VDB_USER, VDB_CLIENT, VDB_KEY, VDB_META, VDB__MAX };

struct grant {
	struct bytes	client, user, patient, scope;
	struct instant	created, expires;
	struct instant	revoked;	/* ms 0: it stands */
};

struct user {
	bool		enabled;
	enum user_kind	kind;
	enum view_reach	rights;		/* REACH_ALL or REACH_NONE */
	int64_t		epoch_s;	/* tokens made up to this second are
					 * dead (a new password); 0: none */
	struct bytes	link;		/* the resource that is this user, or
					 * ""; borrowed */
};

enum key_state { KEY_ACTIVE = 1, KEY_RETIRED = 2 };

struct key {
	enum jose_alg	alg;
	enum key_state	state;
	struct instant	created;
	uint8_t		pub[JOSE_KEY_LEN];
};

/*
 * Open dir/grants.  flags: enum env_flag; with ENV_CREATE the first records
 * (format, the built-in client and user) are written where absent.
 */
enum err	vault_open(struct arena *a, const char *path, unsigned flags,
		    struct env **env_out, const char **why_out) NODISCARD;

/*
 * One record.  Texts are borrowed from the snapshot.
 * err	ERR_NOTFOUND; ERR_STORE  damaged
 */
enum err	vault_grant(struct txn *t, struct bytes id, struct grant *out)
		    NODISCARD;
enum err	vault_user(struct txn *t, struct bytes id, struct user *out)
		    NODISCARD;
enum err	vault_client(struct txn *t, struct bytes id,
		    bool *enabled_out) NODISCARD;
enum err	vault_key(struct txn *t, struct bytes kid, struct key *out)
		    NODISCARD;

/* How often the key database changed. */
enum err	vault_generation(struct txn *t, uint64_t *out) NODISCARD;

/* The kid new tokens are signed with; ERR_NOTFOUND  there is none yet. */
enum err	vault_signing(struct txn *t, struct bytes *kid_out) NODISCARD;

/* In a write transaction. */
enum err	vault_put_grant(struct txn *t, struct bytes id,
		    const struct grant *g) NODISCARD;
/* Of one that ended long ago; none is no error. */
enum err	vault_drop_grant(struct txn *t, struct bytes id) NODISCARD;
enum err	vault_put_user(struct txn *t, struct bytes id,
		    const struct user *u) NODISCARD;
enum err	vault_put_client(struct txn *t, struct bytes id,
		    bool enabled) NODISCARD;
/* Counts the generation up; signing: new tokens are signed with it. */
enum err	vault_put_key(struct txn *t, struct bytes kid,
		    const struct key *k, bool signing) NODISCARD;

#endif
