/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi_sock.c -- the listening socket and the file it leaves.
 * Attack cases CGI-01, CGI-02.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fcgi/sock.h"

static char dir[] = "/tmp/tiphys-sock-XXXXXX";
static char path[sizeof(dir) + 8], other[sizeof(dir) + 8];

static int
make_dir(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/s", dir);
	(void)snprintf(other, sizeof(other), "%s/other", dir);
	return 0;
}

static int
drop_files(void **state)
{
	(void)state;
	(void)unlink(path);
	(void)unlink(other);
	return 0;
}

static int
drop_dir(void **state)
{
	(void)drop_files(state);
	return rmdir(dir);
}

static int
listen_here(void)
{
	return sock_listen(path, (uid_t)-1, (gid_t)-1);
}

/* sock_listen ends the process where it refuses: the status of a child. */
static int
refusal(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)close(STDERR_FILENO);
		(void)listen_here();
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
test_owner_and_group_alone_may_connect(void **state)
{
	struct stat st;
	int fd = listen_here();

	(void)state;
	assert_true(sock_listening(fd));
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0660);
	(void)close(fd);
}

static void
test_dead_socket_is_replaced(void **state)
{
	(void)state;
	(void)close(listen_here());
	assert_int_equal(refusal(), 0);
}

static void
test_socket_in_use_is_left(void **state)
{
	int fd = listen_here();

	(void)state;
	assert_int_equal(refusal(), 75);
	(void)close(fd);
}

static void
test_other_file_is_left(void **state)
{
	struct stat st;

	(void)state;
	(void)close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(refusal(), 73);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
}

/* A link leads to a file that is not ours to open to anybody. */
static void
test_link_is_left_with_its_target(void **state)
{
	struct stat st;

	(void)state;
	(void)close(open(other, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(refusal(), 73);
	assert_int_equal(lstat(other, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
test_own_socket_is_removed(void **state)
{
	struct stat st;

	(void)state;
	sock_remove(path, listen_here());
	assert_int_equal(lstat(path, &st), -1);
}

static void
test_later_servers_socket_is_kept(void **state)
{
	struct stat st;
	int ours = listen_here(), theirs;

	(void)state;
	assert_int_equal(unlink(path), 0);
	theirs = listen_here();
	sock_remove(path, ours);
	assert_int_equal(lstat(path, &st), 0);
	(void)close(theirs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
		    test_owner_and_group_alone_may_connect, drop_files),
		cmocka_unit_test_teardown(test_dead_socket_is_replaced,
		    drop_files),
		cmocka_unit_test_teardown(test_socket_in_use_is_left,
		    drop_files),
		cmocka_unit_test_teardown(test_other_file_is_left,
		    drop_files),
		cmocka_unit_test_teardown(test_link_is_left_with_its_target,
		    drop_files),
		cmocka_unit_test_teardown(test_own_socket_is_removed,
		    drop_files),
		cmocka_unit_test_teardown(test_later_servers_socket_is_kept,
		    drop_files),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
