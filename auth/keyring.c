/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyring.c -- keys made and listed: private files, public records.  (L3)
 *
 * The file comes first: a record without a file would leave nothing to sign
 * with, a file without a record only lies there.
 */
#include "auth/guard.h"
#include "auth/keys.h"

struct new_key {
	struct bytes	kid;
	struct key	key;
};

static enum err
write_key(struct txn *t, void *arg)
{
	const struct new_key *n = arg;

	return vault_put_key(t, n->kid, &n->key, true);
}

enum err
auth_key_new(struct auth *g, struct arena *a,
    const uint8_t seed[static 32], struct instant now, struct bytes *kid_out)
{
	struct new_key n = { .key = { .alg = JOSE_EDDSA,
	    .state = KEY_ACTIVE, .created = now } };
	char kid[JOSE_KID_LEN + 1];
	enum err e;

	if (g->mode == AUTH_READ)
		return ERR_BUG;
	e = keys_write(a, g->keys, seed, kid, n.key.pub);
	if (e != OK)
		return e;
	n.kid = bytes_of(kid, JOSE_KID_LEN);
	e = txn_write(g->env, write_key, &n);
	if (e == OK)
		*kid_out = arena_copy(a, n.kid);
	return e;
}

static enum err
count_keys(struct txn *t, size_t *n_out)
{
	struct bytes kid, val;
	struct cur *c;
	size_t n = 0;
	enum err e;

	e = cur_open(t, VDB_KEY, &c);
	if (e != OK)
		return e;
	for (e = cur_seek(c, bytes_of(NULL, 0), &kid, &val); e == OK;
	    e = cur_next(c, &kid, &val))
		n++;
	*n_out = n;
	return e == ERR_NOTFOUND ? OK : e;
}

static enum err
read_keys(const struct auth *g, struct arena *a, struct txn *t,
    struct auth_key *out, size_t n)
{
	struct bytes kid, val, signing = { .len = 0 };
	struct key key;
	struct cur *c;
	enum err e;
	size_t i;

	e = vault_signing(t, &signing);
	if (e != OK && e != ERR_NOTFOUND)
		return e;
	e = cur_open(t, VDB_KEY, &c);
	if (e == OK)
		e = cur_seek(c, bytes_of(NULL, 0), &kid, &val);
	for (i = 0; e == OK && i < n; i++) {
		e = vault_key(t, kid, &key);
		if (e != OK)
			return e;
		out[i] = (struct auth_key){ .kid = arena_copy(a, kid),
		    .created = key.created,
		    .signing = bytes_eq(kid, signing),
		    .has_private = keys_has(a, g->keys, kid) };
		e = cur_next(c, &kid, &val);
	}
	return e == ERR_NOTFOUND ? OK : e;
}

enum err
auth_keys(struct auth *g, struct arena *a, struct auth_key **out,
    size_t *n_out)
{
	struct auth_key *list;
	struct txn *t;
	size_t n;
	enum err e;

	e = txn_read(g->env, a, &t);
	if (e != OK)
		return e;
	e = count_keys(t, &n);
	if (e == OK) {
		list = arena_array(a, n, sizeof *list);
		e = read_keys(g, a, t, list, n);
	}
	txn_end(t);
	if (e != OK)
		return e;
	*out = list;
	*n_out = n;
	return OK;
}
