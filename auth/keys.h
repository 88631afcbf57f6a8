/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.h -- private signing keys: one plain file each in keys/.  (L3)
 *
 * Internal to auth/.  A file is KID.jwk, mode 0600, in a folder of mode
 * 0700, both of this process's user; anything else is refused (CRY-03).
 * Never in LMDB, where a page once written may live on in free pages.
 * KID.pem beside them are the RSA keys of jwk_sign.c, under the same rules.
 *
 *	{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig",
 *	"kid":"<43>","x":"<43>","d":"<43>"}           (one line, and LF)
 *
 * Spec: RFC 7517, RFC 8037 section 2.
 */
#ifndef AUTH_KEYS_H
#define AUTH_KEYS_H

#include "auth/jose.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/err.h"

/*
 * Look at the folder and the files in it.
 *
 * in	mine	this process uses the keys: folder and files must be its
 *		own, and it makes the folder where create is set.  Otherwise
 *		only what can be seen is checked for group and world access
 * err	ERR_CONFIG, ERR_NOTFOUND, ERR_STORE; *why_out in a
 */
enum err	keys_check(struct arena *a, const char *dir, bool mine,
		    bool create, const char **why_out) NODISCARD;

/* Is there a file for kid? */
bool		keys_has(struct arena *a, const char *dir, struct bytes kid);

/*
 * Write the file of the key made from seed, whole or not at all, synced.
 * out	kid_out, pub_out
 * err	ERR_STORE, ERR_FULL; ERR_CONFLICT  the key is there already
 */
enum err	keys_write(struct arena *a, const char *dir,
		    const uint8_t seed[static JOSE_KEY_LEN],
		    char kid_out[static JOSE_KID_LEN + 1],
		    uint8_t pub_out[static JOSE_KEY_LEN]) NODISCARD;

/*
 * The 64 secret bytes of a key in memory of their own: guarded, never
 * swapped, wiped when a ends.
 * err	ERR_NOTFOUND; ERR_CONFIG  permissions, or not a file we wrote: every
 *		byte is compared with what the seed in it would give
 */
enum err	keys_read(struct arena *a, const char *dir, struct bytes kid,
		    const uint8_t **secret_out) NODISCARD;

/* --- for the files of jwk_sign.c ------------------------------------------ */

/* Memory of its own, guarded, never swapped, wiped when a ends; or NULL. */
void		*keys_secret(struct arena *a, size_t len);

/*
 * A file in dir, whole or not at all, synced, mode 0600.
 * err	ERR_STORE, ERR_FULL; ERR_CONFLICT  it is there already
 */
enum err	keys_put(struct arena *a, const char *dir, const char *name,
		    const char *text, size_t len) NODISCARD;

/*
 * All of a file of less than cap bytes.
 * err	ERR_NOTFOUND; ERR_CONFIG  modes, owner, not a plain file, too long
 */
enum err	keys_slurp(const char *path, char *text, size_t cap,
		    size_t *len_out) NODISCARD;

#endif
