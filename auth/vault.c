/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vault.c -- records of grants/: encoded, decoded, nothing decided.  (L3)
 */
#include "auth/vault.h"

#include "auth/box.h"

#define READERS		1024
#define RECORD_MAX	4096	/* bytes of the longest record */

static const struct dbi_row vault_dbs[VDB__MAX] = {
	[VDB_GRANT] = { "grant", DBI_PLAIN },
	[VDB_USER] = { "user", DBI_PLAIN },
	[VDB_CLIENT] = { "client", DBI_PLAIN },
	[VDB_KEY] = { "key", DBI_PLAIN },
	[VDB_META] = { "meta", DBI_PLAIN },
};

/* --- writing bytes -------------------------------------------------------- */

/* A record in the making: it fits, or the put fails. */
struct out {
	uint8_t	p[RECORD_MAX];
	size_t	len;
	bool	over;
};

static void
out_add(struct out *o, const void *p, size_t len)
{
	if (len > sizeof o->p - o->len) {
		o->over = true;
		return;
	}
	if (len > 0)
		memcpy(o->p + o->len, p, len);
	o->len += len;
}

static void
out_be(struct out *o, uint64_t v, unsigned n)
{
	uint8_t be[8];
	unsigned i;

	for (i = 0; i < n; i++)
		be[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
	out_add(o, be, n);
}

static void
out_text(struct out *o, struct bytes text)
{
	if (text.len > UINT16_MAX)
		o->over = true;
	out_be(o, text.len, 2);
	out_add(o, text.p, text.len);
}

static enum err
put(struct txn *t, enum vault_db db, struct bytes key, const struct out *o)
{
	if (o->over)
		return ERR_TOOBIG;
	return db_put(t, (int)db, key, bytes_of(o->p, o->len));
}

/* --- reading bytes ------------------------------------------------------ */

/* What is left of a record; bad once anything did not fit. */
struct in {
	struct bytes	rest;
	bool		bad;
};

static struct bytes
in_take(struct in *in, size_t len)
{
	struct bytes got = bytes_sub(in->rest, 0, len);

	if (got.len < len)
		in->bad = true;
	in->rest = bytes_from(in->rest, len);
	return got;
}

static uint64_t
in_be(struct in *in, unsigned n)
{
	struct bytes b = in_take(in, n);
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < b.len; i++)
		v = v << 8 | b.p[i];
	return v;
}

static struct bytes
in_text(struct in *in)
{
	return in_take(in, (size_t)in_be(in, 2));
}

static struct instant
in_time(struct in *in)
{
	return (struct instant){ (int64_t)in_be(in, 8) };
}

/* All of it was read, and nothing is left. */
static enum err
in_end(const struct in *in)
{
	return in->bad || in->rest.len > 0 ? ERR_STORE : OK;
}

static enum err
get(struct txn *t, enum vault_db db, struct bytes key, struct in *out)
{
	struct in in = { .bad = false };
	enum err e;

	/* LMDB takes no empty key; nothing is called so. */
	if (key.len == 0)
		return ERR_NOTFOUND;
	e = db_get(t, (int)db, key, &in.rest);
	if (e == OK)
		*out = in;
	return e;
}

/* --- records -------------------------------------------------------------- */

enum err
vault_grant(struct txn *t, struct bytes id, struct grant *out)
{
	struct grant g;
	struct in in;
	enum err e;

	e = get(t, VDB_GRANT, id, &in);
	if (e != OK)
		return e;
	g.client = in_text(&in);
	g.user = in_text(&in);
	g.patient = in_text(&in);
	g.scope = in_text(&in);
	g.created = in_time(&in);
	g.expires = in_time(&in);
	g.revoked = in_time(&in);
	e = in_end(&in);
	if (e == OK)
		*out = g;
	return e;
}

enum err
vault_put_grant(struct txn *t, struct bytes id, const struct grant *g)
{
	struct out o = { .len = 0 };

	out_text(&o, g->client);
	out_text(&o, g->user);
	out_text(&o, g->patient);
	out_text(&o, g->scope);
	out_be(&o, (uint64_t)g->created.ms, 8);
	out_be(&o, (uint64_t)g->expires.ms, 8);
	out_be(&o, (uint64_t)g->revoked.ms, 8);
	return put(t, VDB_GRANT, id, &o);
}

enum err
vault_drop_grant(struct txn *t, struct bytes id)
{
	enum err e = db_del(t, VDB_GRANT, id);

	return e == ERR_NOTFOUND ? OK : e;
}

/* As they stand on disk, whatever the enum becomes. */
enum { RIGHTS_NONE = 0, RIGHTS_ALL = 2 };

enum err
vault_user(struct txn *t, struct bytes id, struct user *out)
{
	uint64_t enabled, kind, rights;
	struct user u;
	struct in in;
	enum err e;

	e = get(t, VDB_USER, id, &in);
	if (e != OK)
		return e;
	enabled = in_be(&in, 1);
	kind = in_be(&in, 1);
	rights = in_be(&in, 1);
	u.epoch_s = (int64_t)in_be(&in, 8);
	u.link = in.rest.len > 0 ? in_text(&in) : bytes_of(NULL, 0);
	e = in_end(&in);
	if (e != OK || enabled > 1 || kind < USER_TOOL ||
	    kind > USER_SERVICE ||
	    (rights != RIGHTS_NONE && rights != RIGHTS_ALL))
		return ERR_STORE;
	u.enabled = enabled == 1;
	u.kind = (enum user_kind)kind;
	u.rights = rights == RIGHTS_ALL ? REACH_ALL : REACH_NONE;
	*out = u;
	return OK;
}

enum err
vault_put_user(struct txn *t, struct bytes id, const struct user *u)
{
	struct out o = { .len = 0 };

	out_be(&o, u->enabled, 1);
	out_be(&o, (uint64_t)u->kind, 1);
	out_be(&o, u->rights == REACH_ALL ? RIGHTS_ALL : RIGHTS_NONE, 1);
	out_be(&o, (uint64_t)u->epoch_s, 8);
	out_text(&o, u->link);
	return put(t, VDB_USER, id, &o);
}

enum err
vault_client(struct txn *t, struct bytes id, bool *enabled_out)
{
	uint64_t enabled;
	struct in in;
	enum err e;

	e = get(t, VDB_CLIENT, id, &in);
	if (e != OK)
		return e;
	enabled = in_be(&in, 1);
	e = in_end(&in);
	if (e != OK || enabled > 1)
		return ERR_STORE;
	*enabled_out = enabled == 1;
	return OK;
}

enum err
vault_put_client(struct txn *t, struct bytes id, bool enabled)
{
	struct out o = { .len = 0 };

	out_be(&o, enabled, 1);
	return put(t, VDB_CLIENT, id, &o);
}

/* --- keys --------------------------------------------------------------- */

enum err
vault_key(struct txn *t, struct bytes kid, struct key *out)
{
	uint64_t alg, state;
	struct bytes pub;
	struct key k;
	struct in in;
	enum err e;

	e = get(t, VDB_KEY, kid, &in);
	if (e != OK)
		return e;
	alg = in_be(&in, 1);
	state = in_be(&in, 1);
	k.created = in_time(&in);
	pub = in_take(&in, sizeof k.pub);
	e = in_end(&in);
	if (e != OK || alg != JOSE_EDDSA || state < KEY_ACTIVE ||
	    state > KEY_RETIRED)
		return ERR_STORE;
	k.alg = (enum jose_alg)alg;
	k.state = (enum key_state)state;
	memcpy(k.pub, pub.p, sizeof k.pub);
	*out = k;
	return OK;
}

enum err
vault_generation(struct txn *t, uint64_t *out)
{
	struct in in;
	uint64_t v;
	enum err e;

	e = get(t, VDB_META, bytes_str("generation"), &in);
	if (e != OK)
		return e == ERR_NOTFOUND ? ERR_STORE : e;
	v = in_be(&in, 8);
	e = in_end(&in);
	if (e == OK)
		*out = v;
	return e;
}

static enum err
put_generation(struct txn *t, uint64_t v)
{
	struct out o = { .len = 0 };

	out_be(&o, v, 8);
	return put(t, VDB_META, bytes_str("generation"), &o);
}

enum err
vault_signing(struct txn *t, struct bytes *kid_out)
{
	return db_get(t, VDB_META, bytes_str("signing"), kid_out);
}

enum err
vault_put_key(struct txn *t, struct bytes kid, const struct key *k,
    bool signing)
{
	struct out o = { .len = 0 };
	uint64_t generation;
	enum err e;

	out_be(&o, (uint64_t)k->alg, 1);
	out_be(&o, (uint64_t)k->state, 1);
	out_be(&o, (uint64_t)k->created.ms, 8);
	out_add(&o, k->pub, sizeof k->pub);
	e = put(t, VDB_KEY, kid, &o);
	if (e == OK)
		e = vault_generation(t, &generation);
	if (e == OK)
		e = put_generation(t, generation + 1);
	if (e == OK && signing)
		e = db_put(t, VDB_META, bytes_str("signing"), kid);
	return e;
}

/* --- opening -------------------------------------------------------------- */

/* The generation, the built-in client and its user. */
static enum err
fill(struct txn *t)
{
	const struct bytes name = bytes_str(VAULT_CLIENT);
	const struct user tool = { .enabled = true, .kind = USER_TOOL,
	    .rights = REACH_ALL };
	enum err e;

	e = put_generation(t, 1);
	if (e == OK)
		e = vault_put_client(t, name, true);
	if (e == OK)
		e = vault_put_user(t, name, &tool);
	return e;
}

enum err
vault_open(struct arena *a, const char *path, unsigned flags,
    struct env **env_out, const char **why_out)
{
	static const struct box grants = { .db = vault_dbs, .n_db = VDB__MAX,
	    .meta = VDB_META, .format = VAULT_FORMAT, .readers = READERS,
	    .fill = fill };

	return box_open(a, &grants, path, flags | ENV_GROUP, env_out,
	    why_out);
}
