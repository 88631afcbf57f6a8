/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_env.c -- the LMDB border: what it makes, opens and refuses.
 *
 * Attack cases DB-04, DB-08, DB-09, DB-14.
 */
#include "tests/unit/store_place.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

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

/* --- damaged files (DB-14) ---------------------------------------------- */

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

/* Puts and takes back many pages until it is killed: a busy loader. */
static void
churn(struct place *p)
{
	struct env *e = must_open(p);
	struct put put = { .n = 3000, .len = 1500 };

	alarm(60);	/* should nobody be left to kill it */
	for (;; put.len = put.len == 1500 ? 700 : 1500)
		if (txn_write(e, put_many, &put) != OK)
			_exit(1);
}

/* A writer turns pages under the walk: no damage, and never called so. */
static void
test_verify_while_written(void **state UNUSED)
{
	struct place p = made(0);
	struct arena *a;
	struct env *e;
	enum err err = OK;
	int status;
	pid_t pid = fork();

	if (pid == 0)
		churn(&p);
	p.c.flags = ENV_VERIFY;
	for (int i = 0; i < 50 && err == OK; i++) {
		a = arena_new(0);
		err = open_env(&p, a, &e);
		p.why = arena_str(p.a, bytes_str(p.why));
		arena_free(&a);
	}
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (err != OK)
		fail_msg("%s", p.why);
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
		cmocka_unit_test(test_verify_while_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
