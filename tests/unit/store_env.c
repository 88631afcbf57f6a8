/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_env.c -- the LMDB border: opening, refusing, growing, failing.
 *
 * Attack cases DB-02, DB-04, DB-05, DB-06, DB-08, DB-09, DB-14.
 */
#include "tests/unit/store_kit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "store/env.h"

static const struct dbi_row rows[] = {
	{ "plain", DBI_PLAIN }, { "lists", DBI_DUP64 }
};

struct place {
	struct arena	*a;
	struct env_conf	 c;
	const char	*why;
};

static struct place
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

static enum err
open_env(struct place *p, struct arena *a, struct env **out)
{
	return env_open(a, &p->c, rows, N_ELEM(rows), out, &p->why);
}

static struct env *
must_open(struct place *p)
{
	struct env *e = NULL;

	if (open_env(p, p->a, &e) != OK)
		fail_msg("%s", p->why);
	return e;
}

static const char *
file_of(struct place *p, const char *name)
{
	return arena_printf(p->a, "%s/%s", p->c.path, name);
}

/* --- small writes --------------------------------------------------------- */

struct put { uint32_t from, n; size_t len; enum err end; int runs; };

static enum err
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

static uint64_t
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

static void
test_create_modes(void **state UNUSED)	/* DB-08 */
{
	struct place p = fresh(ENV_CREATE);
	struct stat st;
	mode_t old = umask(0);

	(void)must_open(&p);
	umask(old);
	assert_int_equal(stat(p.c.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(file_of(&p, "data.mdb"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(file_of(&p, "lock.mdb"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	arena_free(&p.a);
}

static void
test_create_modes_group(void **state UNUSED)
{
	struct place p = fresh(ENV_CREATE | ENV_GROUP);
	struct stat st;
	mode_t old = umask(077);

	(void)must_open(&p);
	umask(old);
	assert_int_equal(stat(p.c.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0750);
	assert_int_equal(stat(file_of(&p, "data.mdb"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(stat(file_of(&p, "lock.mdb"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	arena_free(&p.a);
}

/* Make it, close it, and hand the place on. */
static struct place
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

static void
refused_mode(unsigned flags, const char *name, mode_t mode)
{
	struct place p = made(flags);
	struct env *e;

	assert_int_equal(chmod(file_of(&p, name), mode), 0);
	assert_int_equal(open_env(&p, p.a, &e), ERR_CONFIG);
	assert_non_null(strstr(p.why, "chmod"));
	arena_free(&p.a);
}

static void
test_open_world_access(void **state UNUSED)	/* DB-09 */
{
	refused_mode(0, "data.mdb", 0604);
	refused_mode(0, "data.mdb", 0640);	/* no ENV_GROUP */
	refused_mode(0, "lock.mdb", 0606);
	refused_mode(0, ".", 0750);
	refused_mode(ENV_GROUP, "data.mdb", 0644);
	refused_mode(ENV_GROUP, "data.mdb", 0660);
	refused_mode(ENV_GROUP, ".", 0755);
}

static void
test_open_absent(void **state UNUSED)
{
	struct place p = fresh(0);
	struct env *e;

	assert_int_equal(open_env(&p, p.a, &e), ERR_NOTFOUND);
	assert_non_null(strstr(p.why, "tiphys init"));
	arena_free(&p.a);
}

static void
test_open_symlink(void **state UNUSED)
{
	struct place p = made(0);
	struct env *e;

	assert_int_equal(rename(file_of(&p, "data.mdb"),
	    file_of(&p, "elsewhere")), 0);
	assert_int_equal(symlink("elsewhere", file_of(&p, "data.mdb")), 0);
	assert_int_equal(open_env(&p, p.a, &e), ERR_CONFIG);
	arena_free(&p.a);
}

/* A cut during creation leaves a side folder, which the next one replaces. */
static void
test_create_after_cut(void **state UNUSED)	/* DB-04 */
{
	struct place p = fresh(ENV_CREATE);
	const char *side = arena_printf(p.a, "%s.new", p.c.path);
	struct stat st;
	int fd;

	assert_int_equal(mkdir(side, 0700), 0);
	fd = open(arena_printf(p.a, "%s/data.mdb", side),
	    O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "half", 4), 4);
	close(fd);
	(void)must_open(&p);
	assert_int_not_equal(stat(side, &st), 0);
	arena_free(&p.a);
}

static void
test_create_keeps_others(void **state UNUSED)
{
	struct place p = fresh(ENV_CREATE);
	struct env *e;
	int fd;

	assert_int_equal(mkdir(p.c.path, 0700), 0);
	fd = open(file_of(&p, "letter.txt"), O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_not_equal(open_env(&p, p.a, &e), OK);
	assert_int_equal(access(file_of(&p, "letter.txt"), F_OK), 0);
	arena_free(&p.a);
}

/* --- damaged files (DB-14) ------------------------------------------------ */

static void
damaged(off_t cut, off_t at, const char *bytes)
{
	struct place p = made(0);
	const char *path = file_of(&p, "data.mdb");
	struct stat st;
	struct env *e;
	int fd;

	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	if (cut >= 0)
		assert_int_equal(ftruncate(fd, cut < st.st_size / 2 ? cut :
		    st.st_size - 4096), 0);
	if (bytes != NULL)
		assert_int_equal(pwrite(fd, bytes, strlen(bytes), at),
		    (ssize_t)strlen(bytes));
	close(fd);
	assert_int_equal(open_env(&p, p.a, &e), ERR_STORE);
	assert_non_null(strstr(p.why, "backup"));
	arena_free(&p.a);
}

static void
test_open_truncated(void **state UNUSED)
{
	damaged(0, 0, NULL);
	damaged(10, 0, NULL);
	damaged(4096, 0, NULL);
	damaged(8192, 0, NULL);
	damaged(12288, 0, NULL);
	damaged(INT32_MAX, 0, NULL);	/* its last page */
}

static void
test_open_garbage(void **state UNUSED)
{
	damaged(-1, 16, "garbage");
	damaged(-1, 4096 + 16, "garbage");
	damaged(-1, 40, "\x01\x10");	/* a page size of none */
}

static void
test_open_verify(void **state UNUSED)
{
	struct place p = made(ENV_VERIFY);
	struct stat st;
	struct env *e;
	struct arena *a = arena_new(0);
	int fd;

	assert_int_equal(open_env(&p, a, &e), OK);
	arena_free(&a);
	fd = open(file_of(&p, "data.mdb"), O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	/* Every page but the headers: what the roots lead to is wrong. */
	for (off_t at = 8192; at < st.st_size; at += 4096)
		assert_int_equal(pwrite(fd, "XXXXXXXXXXXX", 12, at), 12);
	close(fd);
	assert_int_equal(open_env(&p, p.a, &e), ERR_STORE);
	arena_free(&p.a);
}

/* --- transactions --------------------------------------------------------- */

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

/* --- other processes ------------------------------------------------------ */

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

/* --- lists ---------------------------------------------------------------- */

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
		cmocka_unit_test(test_create_modes),
		cmocka_unit_test(test_create_modes_group),
		cmocka_unit_test(test_open_world_access),
		cmocka_unit_test(test_open_absent),
		cmocka_unit_test(test_open_symlink),
		cmocka_unit_test(test_create_after_cut),
		cmocka_unit_test(test_create_keeps_others),
		cmocka_unit_test(test_open_truncated),
		cmocka_unit_test(test_open_garbage),
		cmocka_unit_test(test_open_verify),
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
