/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_place.h -- a bare environment for the tests of the LMDB border.
 */
#ifndef TESTS_STORE_PLACE_H
#define TESTS_STORE_PLACE_H

#include "store/env.h"
#include "tests/unit/store_kit.h"

static const struct dbi_row rows[] = {
	{ "plain", DBI_PLAIN }, { "lists", DBI_DUP64 }
};

struct place {
	struct arena	*a;
	struct env_conf	 c;
	const char	*why;
};

static inline struct place
fresh(unsigned flags)
{
	struct place p = { .a = arena_new(0), .why = "" };

	p.c = (struct env_conf){
		.path = arena_printf(p.a, "%s/env", kit_dir(p.a)),
		.flags = flags, .map = 1 << 20, .map_max = 64 << 20,
		.readers = 8
	};
	return p;
}

static inline enum err
open_env(struct place *p, struct arena *a, struct env **out)
{
	return env_open(a, &p->c, rows, N_ELEM(rows), out, &p->why);
}

static inline struct env *
must_open(struct place *p)
{
	struct env *e = NULL;

	if (open_env(p, p->a, &e) != OK)
		fail_msg("%s", p->why);
	return e;
}

static inline const char *
file_of(struct place *p, const char *name)
{
	return arena_printf(p->a, "%s/%s", p->c.path, name);
}

/* --- small writes ------------------------------------------------------- */

struct put { uint32_t from, n; size_t len; enum err end; int runs; };

static inline enum err
put_many(struct txn *t, void *arg)
{
	struct put *p = arg;
	uint8_t *to, key[4];
	enum err e;

	p->runs++;
	for (uint32_t i = p->from; i < p->from + p->n; i++) {
		for (int b = 0; b < 4; b++)
			key[b] = (uint8_t)(i >> (24 - 8 * b));
		e = db_reserve(t, 0, bytes_of(key, 4), p->len, &to);
		if (e != OK)
			return e;
		memset(to, (int)i, p->len);
	}
	return p->end;
}

static inline uint64_t
count(struct env *e, int dbi)
{
	struct arena *a = arena_new(0);
	struct txn *t;
	uint64_t n;

	assert_int_equal(txn_read(e, a, &t), OK);
	assert_int_equal(db_count(t, dbi, &n), OK);
	arena_free(&a);
	return n;
}

/* Make it, close it, and hand the place on. */
static inline struct place
made(unsigned flags)
{
	struct place p = fresh(flags | ENV_CREATE);
	struct arena *a = arena_new(0);
	struct env *e;
	struct put put = { .n = 100, .len = 500 };

	assert_int_equal(open_env(&p, a, &e), OK);
	assert_int_equal(txn_write(e, put_many, &put), OK);
	arena_free(&a);
	p.c.flags = flags;
	return p;
}

#endif
