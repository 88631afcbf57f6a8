/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rotate.c -- new signing keys, old ones kept while they are needed.  (L3)
 *
 * A key that signs no more stays among the public ones until the last token
 * it may have signed is dead; the next rotation retires it.  Its private
 * file may be deleted as soon as it signs no more.
 */
#include "auth/smart_in.h"

/* No token of ours lives longer: CONF_ACCESS_S is at most an hour. */
#define TOKEN_LIFE_MS	((INT64_C(3600) + CLAIMS_SKEW_S) * 1000)

/* --- keys of access tokens -------------------------------------------- */

/* When did the next one take over? */
static bool
is_past(const struct auth_key *list, size_t n, size_t i,
    struct instant now)
{
	int64_t next = INT64_MAX;
	size_t j;

	for (j = 0; j < n; j++)
		if (list[j].created.ms > list[i].created.ms &&
		    list[j].created.ms < next)
			next = list[j].created.ms;
	return !list[i].signing && next != INT64_MAX &&
	    now.ms - next > TOKEN_LIFE_MS;
}

struct retiring {
	const struct auth_key	*list;
	size_t			 n;
	struct instant		 now;
};

static enum err
write_retired(struct txn *t, void *arg)
{
	const struct retiring *w = arg;
	struct key key;
	size_t i;
	enum err e = OK;

	for (i = 0; e == OK && i < w->n; i++) {
		if (!is_past(w->list, w->n, i, w->now))
			continue;
		e = vault_key(t, w->list[i].kid, &key);
		if (e != OK || key.state == KEY_RETIRED)
			continue;
		key.state = KEY_RETIRED;
		e = vault_put_key(t, w->list[i].kid, &key, false);
	}
	return e;
}

static enum err
retire(struct smart *s, struct smart_call *c)
{
	struct retiring w = { .now = c->now };
	struct auth_key *list;
	enum err e;

	e = auth_keys(s->g, c->a, &list, &w.n);
	w.list = list;
	return e == OK ? txn_write(s->g->env, write_retired, &w) : e;
}

/* --- keys of id_tokens ------------------------------------------------ */

struct turning {
	struct smart_call	*c;
	struct jwk		 jwk;
};

/* The one that signed until now, and those whose tokens are dead. */
static enum err
write_old(struct txn *t, const struct turning *w)
{
	struct bytes at = { .len = 0 }, key, val;
	struct safe_idkey k;
	struct cur *cur;
	enum err e;

	for (;;) {
		e = cur_open(t, SDB_IDKEY, &cur);
		if (e != OK)
			return e;
		e = cur_seek(cur, at, &key, &val);
		if (e == OK && bytes_eq(key, at))
			e = cur_next(cur, &key, &val);
		cur_close(cur);
		if (e != OK)
			return e == ERR_NOTFOUND ? OK : e;
		at = arena_copy(w->c->a, key);
		e = safe_record(SDB_IDKEY, val, &k);
		if (e != OK)
			return e;
		safe_keep(w->c->a, SDB_IDKEY, &k);
		if (k.retired.ms == 0) {
			k.retired = w->c->now;
			e = safe_put(t, w->c->a, SDB_IDKEY, at, &k);
		} else if (w->c->now.ms - k.retired.ms > TOKEN_LIFE_MS) {
			e = safe_del(t, SDB_IDKEY, at);
		}
		if (e != OK)
			return e;
	}
}

static enum err
write_idkey(struct txn *t, void *arg)
{
	const struct turning *w = arg;
	const struct safe_idkey k = { .jwk = jwk_json(w->c->a, &w->jwk),
	    .created = w->c->now };
	enum err e;

	e = write_old(t, w);
	if (e == OK)
		e = safe_put(t, w->c->a, SDB_IDKEY, w->jwk.kid, &k);
	return e == OK ? safe_put_meta(t, "signing", w->jwk.kid) : e;
}

enum err
smart_key_rotate(struct smart *s, struct smart_call *c,
    struct bytes *kid_out, struct bytes *id_kid_out)
{
	struct turning w = { .c = c };
	struct bytes kid;
	enum err e;

	/* The dear one first: if it fails, nothing has changed. */
	e = jwk_rsa_new(c->a, s->g->keys, &w.jwk);
	if (e == OK)
		e = auth_key_new(s->g, c->a, smart_random(c, 32), c->now,
		    &kid);
	if (e == OK)
		e = retire(s, c);
	if (e == OK)
		e = smart_write(s, c, write_idkey, &w);
	if (e != OK)
		return e;
	*kid_out = kid;
	*id_kid_out = w.jwk.kid;
	return OK;
}
