/* SPDX-License-Identifier: Apache-2.0 */
/*
 * open.c -- open the store, or say what to run first.  (L2)
 *
 * A store of another format, word size or definitions digest is refused:
 * its rows and postings would answer wrongly, which is worse than not at
 * all.  While a reindex stands, the digest on disk is 0, so one comparison
 * at every snapshot refuses both a half-built index and one that a newer
 * program has rebuilt under us.
 */
#include "store/maint.h"

#include <sodium.h>

#include "base/buf.h"
#include "base/text.h"
#include "fhir/def.h"
#include "store/meta.h"
#include "store/record.h"

static struct env_conf
env_conf_of(struct arena *a, const struct conf *c, unsigned flags)
{
	return (struct env_conf){
		.path = conf_below(a, c, "store"),
		.flags = flags |
		    (c->text[CONF_GROUP].len > 0 ? ENV_GROUP : 0u),
		.map = (uint64_t)c->num[CONF_MAP],
		.map_max = (uint64_t)c->num[CONF_MAP_MAX],
		.readers = (unsigned)c->num[CONF_READERS]
	};
}

/* --- creating ----------------------------------------------------------- */

static enum err
put_be(struct txn *t, const char *name, uint64_t v, size_t len)
{
	uint8_t b[8];

	key_put_be64(b, v);
	return db_put(t, DB_META, bytes_str(name),
	    bytes_of(b + 8 - len, len));
}

enum err
meta_put(struct txn *t, const char *name, uint64_t v)
{
	return put_be(t, name, v, 8);
}

static bool
number_is(struct txn *t, const char *name, uint64_t want, size_t len,
    uint64_t *v_out)
{
	struct bytes val;
	uint64_t v = 0;

	*v_out = 0;
	if (db_get(t, DB_META, bytes_str(name), &val) != OK ||
	    val.len != len)
		return false;
	for (size_t i = 0; i < len; i++)
		v = v << 8 | val.p[i];
	*v_out = v;
	return v == want;
}

enum err
meta_get(struct txn *t, const char *name, uint64_t *v_out)
{
	struct bytes val;
	enum err e;

	e = db_get(t, DB_META, bytes_str(name), &val);
	if (e == OK && val.len != 8)
		e = ERR_STORE;
	if (e == OK)
		*v_out = key_be64(val.p);
	return e;
}

uint64_t
meta_defs(const struct conf *conf)
{
	return def_digest ^ (uint64_t)conf->num[CONF_ZONE] *
	    UINT64_C(0x9e3779b97f4a7c15);
}

enum err
meta_put_defs(struct txn *t, uint64_t digest)
{
	enum err e;

	e = meta_put(t, META_DIGEST, digest);
	return e == OK ? db_put(t, DB_META, bytes_str(META_UNICODE),
	    bytes_str(text_unicode())) : e;
}

enum err
meta_put_format(struct txn *t)
{
	return put_be(t, META_FORMAT, KEY_FORMAT, 4);
}

bool
meta_old_format(struct txn *t)
{
	uint64_t v;

	return !number_is(t, META_FORMAT, KEY_FORMAT, 4, &v) &&
	    v > 0 && v < KEY_FORMAT;
}

struct fill {
	uint64_t	defs;
	uint8_t		key[32];	/* of pages */
};

static enum err
fill(struct txn *t, void *arg)
{
	const struct fill *f = arg;
	struct bytes val;
	enum err e;

	e = db_get(t, DB_META, bytes_str(META_FORMAT), &val);
	if (e != ERR_NOTFOUND)
		return e;	/* a store stands here: leave it */
	e = meta_put_format(t);
	if (e == OK)
		e = put_be(t, META_WORD, sizeof(size_t), 1);
	if (e == OK)
		e = meta_put_defs(t, f->defs);
	if (e == OK)
		e = db_put(t, DB_META, bytes_str(META_PAGEKEY),
		    bytes_of(f->key, sizeof(f->key)));
	return e;
}

enum err
store_create(const struct conf *conf, const uint8_t seed[static 32],
    struct arena *a, const char **why_out)
{
	struct fill f = { .defs = meta_defs(conf) };
	struct arena *own;	/* the environment closes with it */
	struct env_conf ec;
	struct env *env;
	const char *why = "";
	enum err e;

	own = arena_new(0);
	ec = env_conf_of(own, conf, ENV_CREATE);
	memcpy(f.key, seed, sizeof(f.key));
	e = env_open(own, &ec, key_dbs, DB__MAX, &env, &why);
	if (e == OK) {
		e = txn_write(env, fill, &f);
		if (e != OK)
			why = err_text(e);
	}
	if (e != OK)
		*why_out = arena_str(a, bytes_str(why));
	arena_free(&own);
	return e;
}

/* --- opening ------------------------------------------------------------ */

static enum err
refuse(struct arena *a, const char *path, const char *what,
    const char **why_out)
{
	*why_out = arena_printf(a, "%s: %s", path, what);
	return ERR_CONFIG;
}

/* Maintenance opens older formats, too: it is what converts them. */
static enum err
check_format(struct arena *a, const char *path, struct txn *t, bool maint,
    const char **why_out)
{
	uint64_t v;

	if (!number_is(t, META_FORMAT, KEY_FORMAT, 4, &v) &&
	    (v == 0 || v > KEY_FORMAT))
		return refuse(a, path, v > KEY_FORMAT ?
		    "made by a newer tiphys; install that version" :
		    "not a store of tiphys, or never finished; "
		    "run: tiphys init", why_out);
	if (v < KEY_FORMAT && !maint)
		return refuse(a, path, "made by an older tiphys; "
		    "run: tiphys reindex", why_out);
	if (!number_is(t, META_WORD, sizeof(size_t), 1, &v))
		return refuse(a, path, "made on another kind of machine; "
		    "export there and load here", why_out);
	return OK;
}

static enum err
check_defs(struct arena *a, const char *path, struct txn *t, uint64_t defs,
    const char **why_out)
{
	struct bytes val;
	uint64_t v;

	if (db_get(t, DB_META, bytes_str(META_REINDEX), &val) == OK)
		return refuse(a, path, "a reindex is not finished; "
		    "run: tiphys reindex", why_out);
	if (!number_is(t, META_DIGEST, defs, 8, &v))
		return refuse(a, path, "indexed by other FHIR definitions, or "
		    "with another zone; "
		    "run: tiphys reindex", why_out);
	if (db_get(t, DB_META, bytes_str(META_UNICODE), &val) != OK ||
	    !bytes_is(val, text_unicode()))
		return refuse(a, path, "indexed by another Unicode version; "
		    "run: tiphys reindex", why_out);
	return OK;
}

/* false: there is no such key, or it is not one */
static bool
read_key(struct txn *t, const char *name, uint8_t out[static 32])
{
	struct bytes val;

	if (db_get(t, DB_META, bytes_str(name), &val) != OK ||
	    val.len != 32)
		return false;
	memcpy(out, val.p, 32);
	return true;
}

static enum err
read_meta(struct arena *a, const char *path, struct store *s,
    const char **why_out)
{
	struct arena *own;
	struct txn *t;
	enum err e;

	own = arena_new(0);
	e = txn_read(s->env, own, &t);
	if (e != OK)
		*why_out = arena_printf(a, "%s: %s", path, err_text(e));
	if (e == OK)
		e = check_format(a, path, t, s->maint, why_out);
	if (e == OK && !s->maint)
		e = check_defs(a, path, t, s->defs, why_out);
	if (e == OK && !read_key(t, META_PAGEKEY, s->page_key)) {
		*why_out = arena_printf(a, "%s: has no page key", path);
		e = ERR_STORE;
	}
	if (e == OK)
		s->has_old = read_key(t, META_PAGEKEY_OLD, s->page_old);
	arena_free(&own);
	return e;
}

static void
close_store(void *p)
{
	struct arena *own = p;

	arena_free(&own);
}

static enum err
open_as(struct arena *a, const struct conf *conf, unsigned flags,
    bool maint, struct store **store_out, const char **why_out)
{
	struct arena *own;	/* so that a refusal closes at once: LMDB
				 * allows no second opening beside it */
	const char *why = "";
	struct env_conf ec;
	struct store *s;
	enum err e;

	/* For the quick BLAKE2b of this machine; it may have run already. */
	if (sodium_init() < 0)
		return refuse(a, "libsodium", "cannot start", why_out);
	own = arena_new(0);
	ec = env_conf_of(own, conf, flags);
	s = arena_alloc(own, sizeof(*s));
	s->conf = conf;
	s->defs = meta_defs(conf);
	s->maint = maint;
	e = env_open(own, &ec, key_dbs, DB__MAX, &s->env, &why);
	if (e == OK)
		e = read_meta(own, ec.path, s, &why);
	if (e != OK) {
		*why_out = arena_str(a, bytes_str(why));
		arena_free(&own);
		return e;
	}
	arena_defer(a, close_store, own);
	*store_out = s;
	return OK;
}

enum err
store_open(struct arena *a, const struct conf *conf, enum store_mode mode,
    struct store **store_out, const char **why_out)
{
	return open_as(a, conf, mode == STORE_READ ? ENV_RDONLY : 0, false,
	    store_out, why_out);
}

enum err
maint_open(struct arena *a, const struct conf *conf,
    struct store **store_out, const char **why_out)
{
	return open_as(a, conf, ENV_VERIFY | ENV_ADD, true, store_out,
	    why_out);
}

/* --- snapshots ---------------------------------------------------------- */

enum err
store_begin(struct store *s, struct arena *a, struct snapshot **out)
{
	struct snapshot *t;
	uint64_t digest;
	enum err e;

	t = arena_alloc(a, sizeof(*t));
	t->store = s;
	t->arena = a;
	e = txn_read(s->env, a, &t->txn);
	if (e != OK)
		return e;
	if (!s->maint) {
		e = meta_get(t->txn, META_DIGEST, &digest);
		if (e == OK && digest != s->defs)
			e = ERR_CONFIG;
		if (e == ERR_NOTFOUND)
			e = ERR_STORE;
	}
	if (e != OK) {
		txn_end(t->txn);
		return e;
	}
	*out = t;
	return OK;
}

void
store_end(struct snapshot *t)
{
	txn_end(t->txn);
}

uint64_t
store_work(const struct snapshot *t)
{
	return t->work;
}
