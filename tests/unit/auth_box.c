/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_box.c -- what of an environment of auth/ opens, and what not.  (L3)
 */
#include "tests/unit/store_kit.h"

#include "auth/box.h"

enum { DB_ONE, DB_NOTES, DB_N };

static const struct dbi_row dbs[DB_N] = {
	[DB_ONE] = { "one", DBI_PLAIN },
	[DB_NOTES] = { "notes", DBI_PLAIN },
};

static unsigned filled;

static enum err
fill(struct txn *t)
{
	filled++;
	return db_put(t, DB_ONE, bytes_str("first"), bytes_str("!"));
}

static const struct box sound = { .db = dbs, .n_db = DB_N,
	.meta = DB_NOTES, .format = 0x01020304, .readers = 4, .fill = fill };

/* It is closed again: LMDB allows no file twice. */
static enum err
open_once(const struct box *b, const char *dir, unsigned flags,
    const char *says)
{
	struct arena *a = arena_new(0);
	struct bytes val;
	struct env *env;
	struct txn *t;
	const char *why = "";
	enum err e;

	e = box_open(a, b, dir, flags, &env, &why);
	if (e == OK && b->fill != NULL) {
		assert_int_equal(txn_read(env, a, &t), OK);
		assert_int_equal(db_get(t, DB_ONE, bytes_str("first"), &val),
		    OK);
		assert_int_equal(db_get(t, DB_NOTES, bytes_str("format"),
		    &val), OK);
		assert_int_equal(val.len, 4);
		assert_memory_equal(val.p, "\1\2\3\4", 4);
		txn_end(t);
	}
	if (e != OK) {
		assert_non_null(strstr(why, says));
		assert_non_null(strstr(why, dir));
	}
	arena_free(&a);
	return e;
}

static void
begins_once_and_opens_again(void **state)
{
	struct arena *a = arena_new(0);
	const char *dir = arena_printf(a, "%s/box", kit_dir(a));

	(void)state;
	filled = 0;
	assert_int_equal(open_once(&sound, dir, ENV_CREATE, ""), OK);
	assert_int_equal(open_once(&sound, dir, ENV_CREATE, ""), OK);
	assert_int_equal(open_once(&sound, dir, ENV_RDONLY, ""), OK);
	assert_int_equal(filled, 1);
	arena_free(&a);
}

static void
another_format_opens_for_nobody(void **state)
{
	struct arena *a = arena_new(0);
	const char *dir = arena_printf(a, "%s/box", kit_dir(a));
	struct box other = sound;

	(void)state;
	other.format++;
	assert_int_equal(open_once(&sound, dir, ENV_CREATE, ""), OK);
	assert_int_equal(open_once(&other, dir, 0, "format"), ERR_CONFIG);
	/* Creating is no way round, and leaves what stands there. */
	assert_int_equal(open_once(&other, dir, ENV_CREATE, "format"),
	    ERR_CONFIG);
	assert_int_equal(open_once(&sound, dir, 0, ""), OK);
	arena_free(&a);
}

static void
what_was_not_finished_is_said_so(void **state)
{
	struct arena *a = arena_new(0);
	const char *dir = arena_printf(a, "%s/box", kit_dir(a));
	const struct env_conf conf = { .path = dir, .flags = ENV_CREATE,
	    .map = 1 << 20, .map_max = 1 << 24, .readers = 4 };
	struct arena *half = arena_new(0);
	const char *why;
	struct env *env;

	(void)state;
	/* As a kill between the folder and the first records leaves it. */
	assert_int_equal(env_open(half, &conf, dbs, DB_N, &env, &why), OK);
	arena_free(&half);
	assert_int_equal(open_once(&sound, dir, 0, "tiphys init"),
	    ERR_CONFIG);
	assert_int_equal(open_once(&sound, dir, ENV_CREATE, ""), OK);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begins_once_and_opens_again),
		cmocka_unit_test(another_format_opens_for_nobody),
		cmocka_unit_test(what_was_not_finished_is_said_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
