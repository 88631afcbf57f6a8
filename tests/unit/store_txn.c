/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_txn.c -- the LMDB border: growing, failing, other processes.
 *
 * Attack cases DB-02, DB-05, DB-06.
 */
#include "tests/unit/store_place.h"

#include <signal.h>
#include <sys/resource.h>

/* --- transactions ------------------------------------------------------- */

static void
test_write_grows_map(void **state UNUSED)	/* DB-06 */
{
	struct place p = fresh(ENV_CREATE);
	struct env *e = must_open(&p);
	struct put put = { .n = 2000, .len = 3000 };	/* 6 MB in 1 MB */

	assert_int_equal(txn_write(e, put_many, &put), OK);
	assert_true(put.runs > 1);
	assert_int_equal(count(e, 0), 2000);
	arena_free(&p.a);
}

static void
test_write_stops_at_ceiling(void **state UNUSED)	/* DB-06 */
{
	struct place p = fresh(ENV_CREATE);
	struct put put = { .n = 2000, .len = 3000 };
	struct put few = { .n = 10, .len = 3000 };
	struct env *e;

	p.c.map_max = 2 << 20;
	e = must_open(&p);
	assert_int_equal(txn_write(e, put_many, &few), OK);
	assert_int_equal(txn_write(e, put_many, &put), ERR_FULL);
	assert_int_equal(count(e, 0), 10);
	few.from = 10;
	assert_int_equal(txn_write(e, put_many, &few), OK);
	assert_int_equal(count(e, 0), 20);
	arena_free(&p.a);
}

static void
test_write_error_aborts(void **state UNUSED)
{
	struct place p = fresh(ENV_CREATE);
	struct env *e = must_open(&p);
	struct put put = { .n = 10, .len = 100, .end = ERR_VERSION };

	assert_int_equal(txn_write(e, put_many, &put), ERR_VERSION);
	assert_int_equal(put.runs, 1);
	assert_int_equal(count(e, 0), 0);
	arena_free(&p.a);
}

static enum err
outer(struct txn *t, void *arg)
{
	struct put one = { .n = 5, .len = 10 };
	struct put two = { .from = 50, .n = 5, .len = 10,
	    .end = ERR_CONFLICT };
	enum err e;

	(void)arg;
	e = txn_nested(t, put_many, &one);
	if (e != OK)
		return e;
	e = txn_nested(t, put_many, &two);
	return e == ERR_CONFLICT ? OK : ERR_BUG;
}

static void
test_nested_all_or_nothing(void **state UNUSED)
{
	struct place p = fresh(ENV_CREATE);
	struct env *e = must_open(&p);

	assert_int_equal(txn_write(e, outer, NULL), OK);
	assert_int_equal(count(e, 0), 5);
	arena_free(&p.a);
}

static enum err
nested_big(struct txn *t, void *arg)
{
	struct put *put = arg;

	return txn_nested(t, put_many, put);
}

static void
test_nested_grows_map(void **state UNUSED)
{
	struct place p = fresh(ENV_CREATE);
	struct env *e = must_open(&p);
	struct put put = { .n = 2000, .len = 3000 };

	assert_int_equal(txn_write(e, nested_big, &put), OK);
	assert_int_equal(count(e, 0), 2000);
	arena_free(&p.a);
}

static void
test_read_one_at_a_time(void **state UNUSED)
{
	struct place p = fresh(ENV_CREATE);
	struct env *e = must_open(&p);
	struct put put = { .n = 1, .len = 1 };
	struct txn *t, *u;

	assert_int_equal(txn_read(e, p.a, &t), OK);
	assert_int_equal(txn_read(e, p.a, &u), ERR_BUG);
	assert_int_equal(txn_write(e, put_many, &put), ERR_BUG);
	txn_end(t);
	txn_end(t);
	assert_int_equal(txn_write(e, put_many, &put), OK);
	assert_int_equal(txn_read(e, p.a, &u), OK);
	arena_free(&p.a);
}

static void
test_fork_is_refused(void **state UNUSED)
{
	struct place p = fresh(ENV_CREATE);
	struct env *e = must_open(&p);
	struct put put = { .n = 1, .len = 1 };
	struct txn *t;
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		if (txn_read(e, p.a, &t) != ERR_BUG ||
		    txn_write(e, put_many, &put) != ERR_BUG)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	arena_free(&p.a);
}

/* --- other processes ---------------------------------------------------- */

/* Run fn in a child with its own environment; its exit status. */
static int
child(struct place *p, int (*fn)(struct place *p, struct env *e))
{
	struct env *e;
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		if (open_env(p, arena_new(0), &e) != OK)
			_exit(99);
		_exit(fn(p, e));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int
grow_there(struct place *p UNUSED, struct env *e)
{
	struct put put = { .from = 1000, .n = 2000, .len = 3000 };

	return txn_write(e, put_many, &put) == OK ? 0 : 1;
}

static void
test_map_grown_elsewhere(void **state UNUSED)
{
	struct place p = made(0);
	struct put put = { .from = 200, .n = 1, .len = 5 };
	struct arena *a = arena_new(0);
	struct env *e = must_open(&p);
	struct txn *t;

	assert_int_equal(txn_read(e, a, &t), OK);
	txn_end(t);
	assert_int_equal(child(&p, grow_there), 0);
	assert_int_equal(count(e, 0), 2100);	/* the same reader, renewed */
	assert_int_equal(child(&p, grow_there), 0);
	assert_int_equal(txn_write(e, put_many, &put), OK);
	assert_int_equal(count(e, 0), 2101);
	arena_free(&a);
	arena_free(&p.a);
}

static int
die_reading(struct place *p UNUSED, struct env *e)
{
	struct txn *t;

	if (txn_read(e, arena_new(0), &t) != OK)
		return 1;
	raise(SIGKILL);
	return 2;
}

static void
test_stale_readers(void **state UNUSED)	/* DB-02 */
{
	struct place p = made(0);
	struct env *e = must_open(&p);
	struct put put = { .from = 500, .n = 1, .len = 5 };

	for (int i = 0; i < 24; i++)	/* three times the slots */
		assert_int_equal(child(&p, die_reading), -SIGKILL);
	assert_int_equal(count(e, 0), 100);
	assert_int_equal(txn_write(e, put_many, &put), OK);
	arena_free(&p.a);
}

/* All slots are taken by the living: busy, and free when one leaves. */
static void
test_readers_full(void **state UNUSED)
{
	struct place p = made(0);
	struct env *e = must_open(&p);
	int go[2], ready[2], status;
	struct arena *a = arena_new(0);
	pid_t pid[8];
	struct txn *t;
	char c;

	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(ready), 0);
	for (int i = 0; i < 8; i++) {
		pid[i] = fork();
		if (pid[i] == 0) {
			struct env *mine;

			if (open_env(&p, arena_new(0), &mine) != OK ||
			    txn_read(mine, arena_new(0), &t) != OK)
				_exit(1);
			(void)!write(ready[1], "r", 1);
			(void)!read(go[0], &c, 1);
			_exit(0);
		}
		assert_int_equal(read(ready[0], &c, 1), 1);
	}
	assert_int_equal(txn_read(e, a, &t), ERR_BUSY);
	assert_int_equal(write(go[1], "12345678", 8), 8);
	for (int i = 0; i < 8; i++)
		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
	assert_int_equal(txn_read(e, a, &t), OK);
	arena_free(&a);
	arena_free(&p.a);
}

static int
fill_disk(struct place *p UNUSED, struct env *e)
{
	struct rlimit lim = { 2 << 20, 2 << 20 };
	struct put big = { .from = 1000, .n = 2000, .len = 3000 };
	struct put small = { .from = 5000, .n = 1, .len = 10 };

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &lim) != 0)
		return 1;
	if (txn_write(e, put_many, &big) != ERR_FULL)
		return 2;
	if (count(e, 0) != 100)
		return 3;
	return txn_write(e, put_many, &small) == OK ? 0 : 4;
}

static void
test_disk_full(void **state UNUSED)	/* DB-05 */
{
	struct place p = made(0);
	struct env *e;

	assert_int_equal(child(&p, fill_disk), 0);
	e = must_open(&p);
	assert_int_equal(count(e, 0), 101);
	arena_free(&p.a);
}

static void
test_readonly_never_writes(void **state UNUSED)
{
	struct place p = made(ENV_RDONLY);
	struct env *e = must_open(&p);
	struct put put = { .from = 500, .n = 1, .len = 5 };

	assert_int_not_equal(txn_write(e, put_many, &put), OK);
	assert_int_equal(count(e, 0), 100);
	arena_free(&p.a);
}

/* --- lists -------------------------------------------------------------- */

static enum err
put_lists(struct txn *t, void *arg)
{
	uint64_t v[] = { 5, UINT64_C(1) << 50, 3, 5, 9 };
	enum err e = OK;

	(void)arg;
	for (size_t i = 0; i < N_ELEM(v) && e == OK; i++)
		e = db_put64(t, 1, bytes_str("b"), v[i]);
	if (e == OK)
		e = db_put64(t, 1, bytes_str("a"), 7);
	if (e == OK)
		e = db_put64(t, 1, bytes_str("c"), 8);
	if (e == OK)
		e = db_del64(t, 1, bytes_str("b"), 9);
	if (e == OK)
		e = db_del64(t, 1, bytes_str("b"), 9);
	return e == OK ? db_del64(t, 1, bytes_str("none"), 9) : e;
}

static void
test_lists(void **state UNUSED)
{
	struct place p = fresh(ENV_CREATE);
	struct env *e = must_open(&p);
	struct bytes key;
	struct txn *t;
	struct cur *c;
	uint64_t v;

	assert_int_equal(txn_write(e, put_lists, NULL), OK);
	assert_int_equal(txn_read(e, p.a, &t), OK);
	assert_int_equal(cur_open(t, 1, &c), OK);
	assert_int_equal(cur_key(c, bytes_str("b")), OK);
	assert_int_equal(cur_count(c, &v), OK);
	assert_int_equal(v, 3);
	assert_int_equal(cur_seek64(c, bytes_str("b"), 4, &v), OK);
	assert_int_equal(v, 5);
	assert_int_equal(cur_next64(c, &v), OK);
	assert_true(v == UINT64_C(1) << 50);
	assert_int_equal(cur_next64(c, &v), ERR_NOTFOUND);
	assert_int_equal(cur_key(c, bytes_str("a")), OK);
	assert_int_equal(cur_count(c, &v), OK);
	assert_int_equal(v, 1);
	assert_int_equal(cur_next_key(c, &key), OK);
	assert_true(bytes_is(key, "b"));
	assert_int_equal(cur_seek64(c, bytes_str("a"), 8, &v),
	    ERR_NOTFOUND);
	assert_int_equal(cur_key(c, bytes_str("aa")), ERR_NOTFOUND);
	arena_free(&p.a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write_grows_map),
		cmocka_unit_test(test_write_stops_at_ceiling),
		cmocka_unit_test(test_write_error_aborts),
		cmocka_unit_test(test_nested_all_or_nothing),
		cmocka_unit_test(test_nested_grows_map),
		cmocka_unit_test(test_read_one_at_a_time),
		cmocka_unit_test(test_fork_is_refused),
		cmocka_unit_test(test_map_grown_elsewhere),
		cmocka_unit_test(test_stale_readers),
		cmocka_unit_test(test_readers_full),
		cmocka_unit_test(test_disk_full),
		cmocka_unit_test(test_readonly_never_writes),
		cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
