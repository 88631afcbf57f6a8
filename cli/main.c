/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c -- tiphys: find the command, set the stage, run it.  (L5)
 *
 * tiphys [-c FILE] [--json] COMMAND [OPTION]... [OPERAND]...
 */
#include "cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/text.h"

#ifndef TIPHYS_BUILD
#define TIPHYS_BUILD	"built by hand"	/* configure says how */
#endif

#define WORDS_MAX	2	/* of a command's name */

/* Every command; --help lists them in this order. */
static const struct cli_cmd *const commands[] = {
	&cmd_init,
	&cmd_load,
	&cmd_validate,
	&cmd_synth,
	&cmd_export,
	&cmd_stats,
	&cmd_explain,
	&cmd_check,
	&cmd_reindex,
	&cmd_config_check,
	&cmd_config_show,
	&cmd_token_mint,
	&cmd_token_explain,
	&cmd_token_revoke,
	&cmd_key_new,
	&cmd_key_rotate,
	&cmd_key_list,
	&cmd_user_add,
	&cmd_user_list,
	&cmd_user_show,
	&cmd_user_passwd,
	&cmd_user_disable,
	&cmd_user_enable,
	&cmd_user_link,
	&cmd_user_totp,
	&cmd_client_add,
	&cmd_client_list,
	&cmd_client_show,
	&cmd_client_set,
	&cmd_client_disable,
	&cmd_client_enable,
	&cmd_client_rotate_secret,
	&cmd_client_invite,
	&cmd_grant_list,
	&cmd_grant_show,
	&cmd_grant_revoke,
	&cmd_session_list,
	&cmd_session_end,
	&cmd_launch_new,
};

static void
usage(FILE *f)
{
	fputs("usage: tiphys [-c FILE] [--json] COMMAND [OPTION]... "
	    "[OPERAND]...\n"
	    "       tiphys --help | --version\n", f);
}

/* The list of commands; of one group ("token") where group is given. */
static void
list(FILE *f, const char *group)
{
	struct bytes head, rest;
	size_t i;

	for (i = 0; i < N_ELEM(commands); i++) {
		bytes_cut(bytes_str(commands[i]->name), ' ', &head, &rest);
		if (group == NULL || bytes_is(head, group))
			fprintf(f, "  %-21s %s\n", commands[i]->name,
			    commands[i]->help);
	}
}

static void
help(FILE *f)
{
	usage(f);
	fputs("\nCommands (\"tiphys COMMAND --help\" tells more):\n", f);
	list(f, NULL);
	fputs("\nOptions:\n", f);
	cli_help_common(f);
	fputs("  -V, --version              print the version\n", f);
}

/* Does name begin at argv?  How many words it has, or 0. */
static int
named(const char *name, int argc, char **argv)
{
	struct bytes word, rest = bytes_str(name);
	int n = 0;

	while (rest.len > 0) {
		bytes_cut(rest, ' ', &word, &rest);
		if (n >= argc || n == WORDS_MAX || !bytes_is(word, argv[n]))
			return 0;
		n++;
	}
	return n;
}

static bool
is_group(const char *word)
{
	struct bytes head, rest;
	size_t i;

	for (i = 0; i < N_ELEM(commands); i++)
		if (bytes_cut(bytes_str(commands[i]->name), ' ', &head,
		    &rest) && bytes_is(head, word))
			return true;
	return false;
}

static enum err
no_command(struct cli *c, const char *word)
{
	const char *names[N_ELEM(commands) + 1] = { NULL };
	struct bytes head, rest;
	const char *near;
	size_t i;

	if (is_group(word)) {
		fprintf(stderr, "tiphys: %s: which of these?\n", word);
		list(stderr, word);
		return ERR_USAGE;
	}
	for (i = 0; i < N_ELEM(commands); i++) {
		bytes_cut(bytes_str(commands[i]->name), ' ', &head, &rest);
		names[i] = arena_str(c->arena, head);
	}
	near = text_near(bytes_str(word), names);
	return cli_fail(c, ERR_USAGE, word, "is no command",
	    near == NULL ? "\"tiphys --help\" lists them" :
	    arena_printf(c->arena, "did you mean %s?", near));
}

/*
 * Options before the command.  By hand: getopt would not stop cleanly at
 * a command that is not there yet.  *at_out is where the command stands;
 * argc: --help or --version was served.
 */
static enum err
lead(struct cli *c, int argc, char **argv, int *at_out)
{
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--json") == 0) {
			c->out.json = true;
			c->out.tty = false;
		} else if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "-h") == 0) {
			help(stdout);
			*at_out = argc;
			return OK;
		} else if (strcmp(argv[i], "--version") == 0 ||
		    strcmp(argv[i], "-V") == 0) {
			puts("tiphys " PACKAGE_VERSION);
			/* Once more --verbose: how it was built. */
			if (i + 1 < argc && strcmp(argv[i + 1],
			    "--verbose") == 0)
				puts(TIPHYS_BUILD);
			*at_out = argc;
			return OK;
		} else if ((strcmp(argv[i], "-c") == 0 ||
		    strcmp(argv[i], "--config") == 0) && i + 1 < argc) {
			c->conf_path = argv[++i];
		} else if (strncmp(argv[i], "--config=", 9) == 0) {
			c->conf_path = argv[i] + 9;
		} else {
			return cli_fail(c, ERR_USAGE, argv[i],
			    "is no option here, or lacks its value",
			    "\"tiphys --help\" lists them");
		}
	}
	if (i == argc) {
		usage(stderr);
		return ERR_USAGE;
	}
	*at_out = i;
	return OK;
}

enum err
cli_conf(struct cli *c)
{
	const char *why = NULL;
	enum err e = conf_load(c->arena, c->conf_path, &c->conf, &why);

	if (e != OK)
		return cli_fail(c, ERR_CONFIG, NULL,
		    why != NULL ? why : err_text(e),
		    c->conf_path == NULL ? "name the file with -c" : NULL);
	return OK;
}

/* Configuration, and from root to the owner of the data. */
static enum err
prepare(struct cli *c)
{
	enum err e;

	if ((c->cmd->flags & CLI_NOCONF) != 0)
		return OK;
	e = cli_conf(c);
	if (e != OK || (c->cmd->flags & CLI_LATE_DROP) != 0)
		return e;
	return cli_drop(c,
	    (const char *)c->conf->text[CONF_DATA_DIR].p);
}

static enum err
run(struct cli *c, int argc, char **argv)
{
	bool wants_help = false;
	int at = argc, n = 0;
	enum err e;
	size_t i;

	e = lead(c, argc, argv, &at);
	if (e != OK || at == argc)
		return e;
	for (i = 0; i < N_ELEM(commands) && n == 0; i++) {
		n = named(commands[i]->name, argc - at, argv + at);
		c->cmd = commands[i];
	}
	if (n == 0)
		return no_command(c, argv[at]);
	/* getopt starts behind the word it takes for the program's name. */
	e = cli_parse(c, argc - at - n + 1, argv + at + n - 1, &wants_help);
	if (e != OK)
		return e;
	if (wants_help) {
		cli_help(stdout, c->cmd);
		return OK;
	}
	e = prepare(c);
	return e != OK ? e : c->cmd->run(c);
}

#ifndef __SANITIZE_ADDRESS__
/*
 * LMDB trusts its file.  What it makes of a damaged one must not look like
 * an answer, nor leave records in a core file.
 */
static void
died(int sig)
{
	static const char text[] = "tiphys: a read outside of memory: the "
	    "store is damaged, or this is a bug; \"tiphys check\" tells\n";

	(void)sig;
	if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
		_exit(EX_SOFTWARE);
	_exit(EX_IOERR);
}
#endif

static void
listen_for_signals(void)
{
	/* A limit on file sizes is to us a full disk, not the end. */
	(void)signal(SIGXFSZ, SIG_IGN);
#ifndef __SANITIZE_ADDRESS__
	(void)signal(SIGSEGV, died);
	(void)signal(SIGBUS, died);
#endif
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new(0);
	struct cli c = { .arena = a };
	int status;

	listen_for_signals();
	umask(027);	/* the group sees what is shared, the world nothing */
	c.out = out_on(stdout, a, false);
	status = err_exit(run(&c, argc, argv));
	if (status == 0)
		status = c.status;
	if (!out_flush(&c.out) && status <= 1) {
		fputs("tiphys: standard output: could not be written\n",
		    stderr);
		status = EX_IOERR;
	}
	arena_free(&a);
	return status;
}
