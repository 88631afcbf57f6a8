/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_reindex.c -- which stores open, and how one is made to.
 *
 * Design 6: definitions digest, format; a reindex that is stopped goes on.
 */
#include "tests/unit/store_fault.h"

#include "store/meta.h"
#include "store/record.h"

/* --- what opens --------------------------------------------------------- */

static enum err
other_digest(struct txn *t, void *arg UNUSED)
{
	return meta_put_defs(t, def_digest ^ 1);
}

static enum err
newer_format(struct txn *t, void *arg UNUSED)
{
	return db_put(t, DB_META, bytes_str(META_FORMAT),
	    bytes_of("\0\0\1\0", 4));
}

static enum err
other_word(struct txn *t, void *arg UNUSED)
{
	return db_put(t, DB_META, bytes_str(META_WORD), bytes_of("\4", 1));
}

/* Change meta, close, and try to open: what the refusal must name. */
static void
refused(txn_fn *fn, const char *word)
{
	struct arena *a = arena_new(0), *b = arena_new(0);
	struct conf *c = kit_conf(a, kit_dir(a), "");
	const char *why = "";
	struct store *s;

	s = kit_store_conf(b, c);
	assert_int_equal(txn_write(s->env, fn, NULL), OK);
	arena_free(&b);
	assert_int_equal(store_open(a, c, STORE_READ, &s, &why), ERR_CONFIG);
	assert_non_null(strstr(why, word));
	arena_free(&a);
}

static enum err
older_format(struct txn *t, void *arg UNUSED)
{
	const uint8_t one[4] = { 0, 0, 0, 1 };

	return db_put(t, DB_META, bytes_str(META_FORMAT), bytes_of(one, 4));
}

static void
test_open_refuses(void **state UNUSED)
{
	refused(older_format, "tiphys reindex");
	refused(other_digest, "tiphys reindex");
	refused(newer_format, "newer");
	refused(other_word, "machine");
}

static void
test_digest_changed_under_us(void **state UNUSED)
{
	struct arena *a = arena_new(0);
	struct store *s = world(a);
	struct snapshot *t;

	assert_int_equal(txn_write(s->env, other_digest, NULL), OK);
	assert_int_equal(store_begin(s, a, &t), ERR_CONFIG);
	arena_free(&a);
}

static void
test_create_keeps_a_store(void **state UNUSED)
{
	struct arena *a = arena_new(0), *b = arena_new(0);
	struct conf *c = kit_conf(a, kit_dir(a), "");
	uint8_t seed[32] = { 9 };
	const char *why = "";
	struct store *s;

	s = kit_store_conf(b, c);
	(void)kit_apply(s, b, kit_put(b,
	    "{\"resourceType\":\"Patient\",\"id\":\"p\"}"));
	arena_free(&b);
	assert_int_equal(store_create(c, seed, a, &why), OK);
	assert_int_equal(store_open(a, c, STORE_READ, &s, &why), OK);
	assert_memory_equal(s->page_key, kit_seed, 32);
	arena_free(&a);
}

/* --- reindex ------------------------------------------------------------ */

/* Whatever rows and postings held: afterwards they are right. */
static enum err
spoil(struct txn *t, void *arg UNUSED)
{
	struct key type = key_reserved(KEY_P_TYPE, kit_type("Observation"));
	struct key row = key_row(KEY_SHARED, 77);
	uint8_t val[16] = { 0 };
	enum err e;

	e = db_put64(t, DB_INDEX, key_bytes(&type), 77);
	if (e == OK)
		e = db_put(t, DB_ROW, key_bytes(&row),
		    bytes_of(val, sizeof(val)));
	/* All that leads to what names a Binary. */
	type = key_named(KEY_P_BINARY, 0, bytes_str("b"));
	return e == OK ? db_del(t, DB_INDEX, key_bytes(&type)) : e;
}

static void
test_reindex_repairs(void **state UNUSED)
{
	struct arena *a = arena_new(0);
	struct extract x = kit_extract(a);
	struct seen s = { .where = "", .what = "" };
	struct store *st = world(a);

	assert_int_equal(txn_write(st->env, spoil, NULL), OK);
	assert_int_equal(txn_write(st->env, older_format, NULL), OK);
	assert_int_not_equal(faults_of(st, a, &s), 0);
	assert_int_equal(maint_reindex(st, &x, &kit_limits, NULL, NULL), OK);
	s.n = 0;
	assert_int_equal(faults_of(st, a, &s), 0);
	arena_free(&a);
}

/* As the first release made it: a database less. */
static enum err
first_release(struct txn *t, void *arg UNUSED)
{
	uint8_t word = sizeof(size_t);
	enum err e = older_format(t, NULL);

	if (e == OK)
		e = db_put(t, DB_META, bytes_str(META_WORD),
		    bytes_of(&word, 1));
	if (e == OK)
		e = meta_put_defs(t, def_digest);
	return e == OK ? db_put(t, DB_META, bytes_str(META_PAGEKEY),
	    bytes_of(kit_seed, sizeof(kit_seed))) : e;
}

static void
test_reindex_converts(void **state UNUSED)
{
	struct arena *a = arena_new(0), *b = arena_new(0);
	const char *dir = kit_dir(a), *why = "";
	struct conf *c = kit_conf(a, dir, "");
	const struct env_conf ec = {
		.path = arena_printf(a, "%s/store", dir),
		.flags = ENV_CREATE, .map = 1 << 20, .map_max = 1 << 24,
		.readers = 8
	};
	struct extract x = kit_extract(a);
	struct seen seen = { .where = "", .what = "" };
	struct store *s;
	struct env *env;

	assert_int_equal(env_open(b, &ec, key_dbs, DB_EXTRA, &env, &why), OK);
	assert_int_equal(txn_write(env, first_release, NULL), OK);
	arena_free(&b);
	assert_int_equal(store_open(a, c, STORE_READ, &s, &why), ERR_CONFIG);
	assert_non_null(strstr(why, "tiphys reindex"));
	b = arena_new(0);
	assert_int_equal(maint_open(b, c, &s, &why), OK);
	assert_int_equal(maint_reindex(s, &x, &kit_limits, NULL, NULL), OK);
	arena_free(&b);
	assert_int_equal(store_open(a, c, STORE_WRITE, &s, &why), OK);
	(void)kit_apply(s, a, kit_put(a, "{\"resourceType\":\"Patient\","
	    "\"id\":\"p\",\"name\":[{\"text\":\"Amy\"}]}"));
	assert_int_equal(faults_of(s, a, &seen), 0);
	arena_free(&a);
}

/* The process ends after the first chunk. */
static void
stop(void *arg UNUSED, uint64_t done UNUSED, uint64_t of UNUSED)
{
	_exit(0);
}

static void
fill(struct store *s, struct arena *a)
{
	enum { N = 1200 };	/* more than two chunks */
	struct change *c = arena_array(a, N, sizeof(*c));
	struct change_result *r = arena_array(a, N, sizeof(*r));

	for (int i = 0; i < N; i++)
		c[i] = kit_put(a, arena_printf(a, "{\"resourceType\":"
		    "\"Observation\",\"id\":\"o%d\",\"status\":\"final\","
		    "\"code\":{\"text\":\"x\"},\"subject\":"
		    "{\"reference\":\"Patient/p%d\"}}", i, i % 7));
	assert_int_equal(store_apply(s, a, NULL, c, N,
	    (struct instant){ 1 }, r), OK);
}

static void
test_reindex_resumes(void **state UNUSED)
{
	struct arena *a = arena_new(0), *b = arena_new(0);
	struct conf *c = kit_conf(a, kit_dir(a), "");
	struct extract x = kit_extract(a);
	struct seen seen = { .where = "", .what = "" };
	const char *why = "";
	struct store *s;
	int status;
	pid_t pid;

	s = kit_store_conf(b, c);
	fill(s, b);
	arena_free(&b);
	pid = fork();
	if (pid == 0) {
		if (maint_open(a, c, &s, &why) == OK)
			(void)!maint_reindex(s, &x, &kit_limits, stop, NULL);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(store_open(a, c, STORE_READ, &s, &why), ERR_CONFIG);
	assert_non_null(strstr(why, "not finished"));
	assert_int_equal(maint_open(a, c, &s, &why), OK);
	assert_int_equal(maint_reindex(s, &x, &kit_limits, NULL, NULL), OK);
	assert_int_equal(faults_of(s, a, &seen), 0);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open_refuses),
		cmocka_unit_test(test_digest_changed_under_us),
		cmocka_unit_test(test_create_keeps_a_store),
		cmocka_unit_test(test_reindex_repairs),
		cmocka_unit_test(test_reindex_converts),
		cmocka_unit_test(test_reindex_resumes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
