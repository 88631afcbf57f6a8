/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

/*
 * Run fn in a child whose descriptor 2 is a pipe; what it wrote goes to out
 * with a NUL, its wait status is returned.
 */
static int
child_says(void (*fn)(void), char *out, size_t room)
{
	int	fd[2], status;
	pid_t	pid;
	ssize_t	got;
	size_t	n = 0;

	assert_int_equal(pipe(fd), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)signal(SIGABRT, SIG_DFL);
		(void)dup2(fd[1], STDERR_FILENO);
		fn();
		_exit(0);
	}
	(void)close(fd[1]);
	for (;;) {
		got = read(fd[0], out + n, room - 1 - n);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	out[n] = '\0';
	(void)close(fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
two_lines(void)
{
	log_open("unit", LOG_TO_STDERR);
	log_line("info", "ev=start n=%d", 7);
	log_line("err", "ev=bad x=a\nlevel=err\x1b[0m");
}

/* Z14, HTTP log forging: a value can not make a line of its own. */
static void
one_event_one_line(void **state)
{
	char	out[4096], *second;

	(void)state;
	assert_int_equal(child_says(two_lines, out, sizeof(out)), 0);
	assert_non_null(strstr(out, "Z level=info ev=start n=7\n"));
	second = strchr(out, '\n') + 1;
	assert_non_null(strstr(second, "level=err ev=bad x=a?level=err?[0m\n"));
	assert_string_equal(strchr(second, '\n'), "\n");
}

static void
very_long(void)
{
	log_line("info", "x=%05000d", 1);
}

static void
long_line_is_cut(void **state)
{
	char	out[8192];

	(void)state;
	assert_int_equal(child_says(very_long, out, sizeof(out)), 0);
	assert_true(strlen(out) <= 1024);
	assert_string_equal(strchr(out, '\n'), "\n");
}

static void
end_config(void)
{
	log_open("unit", LOG_TO_STDERR);
	fatal(78, "no %s", "key");
}

static void
fatal_exits_with_status(void **state)
{
	char	out[256];
	int	status = child_says(end_config, out, sizeof(out));

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 78);
	assert_string_equal(out, "unit: no key\n");
}

static void
end_bug(void)
{
	panic("at %d", 3);
}

static void
panic_aborts(void **state)
{
	char	out[256];
	int	status = child_says(end_bug, out, sizeof(out));

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_non_null(strstr(out, "bug: at 3\n"));
}

static void
text_keeps_the_harmless(void **state)
{
	char		out[65];
	uint8_t		all[256];
	size_t		i;

	(void)state;
	log_text(bytes_str("GET /Patient/a-1_b.c:d \"\n\r\t=;%\xc3\xa9"), out);
	assert_string_equal(out, "GET/Patient/a-1_b.c:d");
	for (i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	log_text(bytes_of(all, 256), out);
	assert_int_equal(strlen(out), 64);
	log_text(bytes_str(NULL), out);
	assert_string_equal(out, "");
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(one_event_one_line),
		cmocka_unit_test(long_line_is_cut),
		cmocka_unit_test(fatal_exits_with_status),
		cmocka_unit_test(panic_aborts),
		cmocka_unit_test(text_keeps_the_harmless),
	};

	return cmocka_run_group_tests_name("base_log", tests, NULL, NULL);
}
