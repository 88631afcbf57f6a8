/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret.c -- passwords and a yes, from who sits at the terminal.  (L5)
 *
 * A secret comes from a file, from standard input, from the terminal with
 * its echo off, or is made here.  It never stands on a command line and
 * never in the environment, where other processes can read it.
 *
 * While the echo is off the signals that would end or stop us are held back
 * and waited for beside the terminal: whatever comes, the echo comes back.
 */
#include "cli/admin.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/text.h"

/* A line of the terminal; a password in UTF-8 may fill it. */
#define LINE_MAX_B	((size_t)4096)

/* A file: of its first line alone, but it may have more. */
#define FILE_MAX_B	((size_t)65536)

/* None is mistaken for another; 24 of 31 kinds are 118 bits. */
static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
#define MADE_LEN	24
#define MADE_GROUP	4

/* --- the terminal --------------------------------------------------------- */

struct terminal {
	int		fd, sig_fd;
	struct termios	before;
	sigset_t	mask;
};

/* What ends or stops a process at the terminal's side. */
static sigset_t
held_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTSTP);
	return set;
}

static bool
go_silent(struct terminal *t)
{
	const sigset_t set = held_signals();
	struct termios quiet;

	t->fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (t->fd < 0)
		return false;
	t->sig_fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (t->sig_fd < 0 || tcgetattr(t->fd, &t->before) != 0 ||
	    sigprocmask(SIG_BLOCK, &set, &t->mask) != 0) {
		if (t->sig_fd >= 0)
			close(t->sig_fd);
		close(t->fd);
		return false;
	}
	quiet = t->before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	quiet.c_lflag |= ECHONL;
	(void)tcsetattr(t->fd, TCSAFLUSH, &quiet);
	return true;
}

/* A signal that waits is delivered by the last line. */
static void
speak_again(struct terminal *t)
{
	(void)tcsetattr(t->fd, TCSAFLUSH, &t->before);
	close(t->sig_fd);
	close(t->fd);
	(void)sigprocmask(SIG_SETMASK, &t->mask, NULL);
}

static void
ask(const struct terminal *t, const char *prompt)
{
	size_t len = strlen(prompt);
	ssize_t n;

	do
		n = write(t->fd, prompt, len);
	while (n < 0 && errno == EINTR);
}

/* One line as typed.  false: end of input, or a signal waits. */
static bool
read_line(const struct terminal *t, uint8_t *line, size_t *len_out)
{
	struct pollfd p[2] = { { .fd = t->fd, .events = POLLIN },
	    { .fd = t->sig_fd, .events = POLLIN } };
	ssize_t n;
	int rc;

	do
		rc = poll(p, 2, -1);
	while (rc < 0 && errno == EINTR);
	if (rc < 0 || (p[1].revents & POLLIN) != 0)
		return false;
	n = read(t->fd, line, LINE_MAX_B);
	if (n <= 0)
		return false;
	*len_out = (size_t)n;
	if (line[n - 1] == '\n')
		(*len_out)--;
	return true;
}

static enum err
from_terminal(struct cli *c, struct bytes *out)
{
	uint8_t *first = arena_alloc(c->arena, LINE_MAX_B);
	uint8_t *again = arena_alloc(c->arena, LINE_MAX_B);
	size_t n_first = 0, n_again = 0;
	struct terminal t;
	bool read, same;

	if (!go_silent(&t))
		return cli_fail(c, ERR_USAGE, "password",
		    "there is no terminal to ask for it",
		    "name a file with --password-file, - for standard "
		    "input, or let one be made with --generate");
	ask(&t, "New password: ");
	read = read_line(&t, first, &n_first);
	if (read) {
		ask(&t, "Once more: ");
		read = read_line(&t, again, &n_again);
	}
	speak_again(&t);
	same = read && n_first == n_again &&
	    sodium_memcmp(first, again, n_first) == 0;
	sodium_memzero(again, LINE_MAX_B);
	if (!read)
		return cli_fail(c, ERR_USAGE, "password", "none was typed",
		    NULL);
	if (!same)
		return cli_fail(c, ERR_USAGE, "password",
		    "the two are not the same", "try again");
	*out = bytes_of(first, n_first);
	return OK;
}

/* --- a file, or our own -------------------------------------------------- */

static enum err
from_file(struct cli *c, const char *path, struct bytes *out)
{
	struct bytes text, rest;
	enum err e;

	e = cli_slurp(c, path, FILE_MAX_B, &text);
	if (e != OK)
		return e;
	bytes_cut(text, '\n', out, &rest);
	if (out->len > 0 && out->p[out->len - 1] == '\r')
		out->len--;
	if (out->len == 0)
		return cli_fail(c, ERR_USAGE,
		    strcmp(path, "-") == 0 ? "standard input" : path,
		    "its first line, the password, is empty", NULL);
	return OK;
}

/* abcd-efgh-...: dashes for who must type it. */
static struct bytes
make(struct arena *a)
{
	struct buf b = buf_on(a, 2 * (size_t)MADE_LEN);
	struct bytes text = { .len = 0 };
	int i;

	for (i = 0; i < MADE_LEN; i++) {
		if (i > 0 && i % MADE_GROUP == 0)
			buf_str(&b, "-");
		buf_add(&b, bytes_of(&letters[randombytes_uniform(
		    sizeof letters - 1)], 1));
	}
	return buf_end(&b, &text) == OK ? text : bytes_of(NULL, 0);
}

enum err
secret_password(struct cli *c, struct secret *out)
{
	const char *path = cli_value(c, "password-file", NULL);
	bool generate = cli_flag(c, "generate");

	*out = (struct secret){ .made = generate };
	if (path != NULL && generate)
		return cli_fail(c, ERR_USAGE, "--generate",
		    "cannot be together with --password-file", NULL);
	if (path != NULL)
		return from_file(c, path, &out->text);
	if (!generate)
		return from_terminal(c, &out->text);
	if (sodium_init() < 0)
		return cli_fail(c, ERR_CONFIG, NULL,
		    "libsodium cannot start", NULL);
	out->text = make(c->arena);
	return OK;
}

/* --- is it meant? -------------------------------------------------------- */

enum err
secret_confirm(struct cli *c, const char *what)
{
	char line[16] = "";
	bool yes;

	if (cli_flag(c, "yes"))
		return OK;
	if (isatty(STDIN_FILENO) != 1 || isatty(STDERR_FILENO) != 1)
		return cli_fail(c, ERR_USAGE, c->cmd->name, what,
		    "if that is meant, say --yes");
	fprintf(stderr, "tiphys: %s: %s.  Go on? [y/N] ", c->cmd->name,
	    what);
	yes = fgets(line, sizeof line, stdin) != NULL &&
	    (text_caseeq(bytes_str(line), bytes_str("y\n")) ||
	    text_caseeq(bytes_str(line), bytes_str("yes\n")));
	if (!yes)
		return cli_fail(c, ERR_USAGE, c->cmd->name,
		    "nothing was changed", NULL);
	return OK;
}
