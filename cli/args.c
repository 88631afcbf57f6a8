/* SPDX-License-Identifier: Apache-2.0 */
/*
 * args.c -- options by rows: parsing, help, and asking for them.  (L5)
 *
 * getopt_long is driven by the command's rows and the common ones, and
 * --help prints the same rows: what is documented is what is parsed.
 */
#include "cli/cli.h"

#include <getopt.h>
#include <stdio.h>

#include "base/text.h"

#define OPT_MAX		32	/* options of one command, common ones too */
#define ROW_BASE	256	/* getopt value of row 0: above any letter */
#define COMMON_BASE	512	/* of row 0 of common */

/* Options of every command. */
enum { COMMON_CONFIG, COMMON_JSON, COMMON_HELP };

static const struct cli_opt common[] = {
	[COMMON_CONFIG] = { "config", 'c', "FILE",
	    "the configuration to use" },
	[COMMON_JSON] = { "json", 0, NULL, "print JSON, one object a line" },
	[COMMON_HELP] = { "help", 'h', NULL, "print this help" },
	{ NULL, 0, NULL, NULL }
};

/* --- help ----------------------------------------------------------------- */

static void
help_rows(FILE *f, const struct cli_opt *o)
{
	char left[48];

	for (; o->name != NULL; o++) {
		snprintf(left, sizeof left, "--%s%s%s", o->name,
		    o->arg != NULL ? " " : "", o->arg != NULL ? o->arg : "");
		if (o->letter != 0)
			fprintf(f, "  -%c, %-22s %s\n", o->letter, left,
			    o->help);
		else
			fprintf(f, "      %-22s %s\n", left, o->help);
	}
}

void
cli_help_common(FILE *f)
{
	help_rows(f, common);
}

void
cli_help(FILE *f, const struct cli_cmd *cmd)
{
	fprintf(f, "usage: tiphys [-c FILE] %s [OPTION]...%s%s\n%s.\n\n",
	    cmd->name, cmd->operands[0] != '\0' ? " " : "", cmd->operands,
	    cmd->help);
	help_rows(f, cmd->opt);
	help_rows(f, common);
}

/* --- parsing -------------------------------------------------------------- */

/* What getopt_long wants to know, made of rows. */
struct spec {
	struct option	 row[OPT_MAX + 1];
	const char	*name[OPT_MAX + 1];	/* for "did you mean" */
	char		 letters[3 * OPT_MAX + 2];
	size_t		 n, n_letters;
};

static void
spec_add(struct spec *s, const struct cli_opt *o, int base)
{
	int i;

	for (i = 0; o[i].name != NULL && s->n < OPT_MAX; i++) {
		s->name[s->n] = o[i].name;
		s->row[s->n++] = (struct option){
		    .name = o[i].name,
		    .has_arg = o[i].arg != NULL ? required_argument :
			no_argument,
		    .val = base + i };
		if (o[i].letter == 0)
			continue;
		s->letters[s->n_letters++] = o[i].letter;
		if (o[i].arg != NULL)
			s->letters[s->n_letters++] = ':';
	}
}

/* A short option comes as its letter: find its row's value. */
static int
row_of(const struct cli_cmd *cmd, int got)
{
	int i;

	if (got >= ROW_BASE)
		return got;
	for (i = 0; cmd->opt[i].name != NULL; i++)
		if (cmd->opt[i].letter == got)
			return ROW_BASE + i;
	for (i = 0; common[i].name != NULL; i++)
		if (common[i].letter == got)
			return COMMON_BASE + i;
	return -1;
}

static void
give(struct cli *c, int row, const char *value, size_t room)
{
	struct cli_given *g = &c->given[row];

	if (g->value == NULL)
		g->value = arena_array(c->arena, room, sizeof *g->value);
	g->value[g->n++] = value;
}

static void
give_common(struct cli *c, int row, const char *value, bool *help_out)
{
	switch (row) {
	case COMMON_CONFIG:
		c->conf_path = value;
		break;
	case COMMON_JSON:
		c->out.json = true;
		c->out.tty = false;
		break;
	case COMMON_HELP:
		*help_out = true;
		break;
	}
}

/* getopt_long said "?" or ":": which argument it was, and what helps. */
static enum err
bad_option(struct cli *c, const struct spec *s, const char *arg, bool missing)
{
	const char *near = NULL, *remedy;
	struct bytes word = bytes_str(arg), value;

	if (missing)
		return cli_fail(c, ERR_USAGE, arg, "needs a value", NULL);
	if (bytes_starts(word, bytes_str("--"))) {
		bytes_cut(bytes_from(word, 2), '=', &word, &value);
		near = text_near(word, s->name);
	}
	if (near != NULL)
		remedy = arena_printf(c->arena, "did you mean --%s?", near);
	else
		remedy = arena_printf(c->arena, "\"tiphys %s --help\" lists "
		    "the options", c->cmd->name);
	return cli_fail(c, ERR_USAGE, arg, "is no option here", remedy);
}

static enum err
count_operands(struct cli *c)
{
	if (c->n_operand >= c->cmd->min &&
	    (c->cmd->max < 0 || c->n_operand <= c->cmd->max))
		return OK;
	return cli_fail(c, ERR_USAGE, c->cmd->name,
	    c->n_operand < c->cmd->min ? "an operand is missing" :
	    "too many operands",
	    arena_printf(c->arena, "usage: tiphys %s %s", c->cmd->name,
	    c->cmd->operands));
}

/*
 * An id we made may begin with "-" (base64url): 22 characters or more, which
 * no cluster of short options has.
 */
static bool
is_id(const char *arg)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_";

	return arg[0] == '-' && arg[1] != '-' && strlen(arg) >= 22 &&
	    strspn(arg, set) == strlen(arg);
}

/* Does the value of this option stand in the next argument? */
static bool
wants_next(const struct spec *s, const char *arg)
{
	const char *at;
	size_t i, len;

	if (arg[0] != '-' || arg[1] == '\0')
		return false;
	if (arg[1] != '-') {
		at = arg[2] == '\0' ? strchr(s->letters + 1, arg[1]) : NULL;
		return at != NULL && at[1] == ':';
	}
	len = strlen(arg + 2);
	for (i = 0; s->row[i].name != NULL; i++)
		if (strncmp(s->row[i].name, arg + 2, len) == 0)
			return s->row[i].has_arg == required_argument;
	return false;
}

/* The same arguments, such ids behind a "--" at the end. */
static char **
ids_last(struct cli *c, const struct spec *s, int *argc, char **argv)
{
	static char dashes[] = "--";
	char **to = arena_array(c->arena, (size_t)*argc + 2, sizeof *to);
	char **id = arena_array(c->arena, (size_t)*argc + 1, sizeof *id);
	int i, n = 0, n_id = 0;

	for (i = 0; i < *argc; i++) {
		if (strcmp(argv[i], "--") == 0)
			return argv;
		if (i > 0 && is_id(argv[i]) && !wants_next(s, argv[i - 1]))
			id[n_id++] = argv[i];
		else
			to[n++] = argv[i];
	}
	if (n_id == 0)
		return argv;
	to[n++] = dashes;
	for (i = 0; i < n_id; i++)
		to[n++] = id[i];
	*argc = n;
	return to;
}

enum err
cli_parse(struct cli *c, int argc, char **argv, bool *help_out)
{
	struct spec s = { .letters = ":", .n_letters = 1 };
	size_t n_row = 0;
	int got, row;

	while (c->cmd->opt[n_row].name != NULL)
		n_row++;
	c->given = arena_array(c->arena, n_row + 1, sizeof *c->given);
	spec_add(&s, c->cmd->opt, ROW_BASE);
	spec_add(&s, common, COMMON_BASE);
	if (c->cmd->max != 0)
		argv = ids_last(c, &s, &argc, argv);

	opterr = 0;
	optind = 0;		/* GNU: begin anew */
	for (;;) {
		got = getopt_long(argc, argv, s.letters, s.row, NULL);
		if (got == -1)
			break;
		if (got == '?' || got == ':')
			return bad_option(c, &s, argv[optind - 1],
			    got == ':');
		row = row_of(c->cmd, got);
		if (row >= COMMON_BASE)
			give_common(c, row - COMMON_BASE, optarg, help_out);
		else
			give(c, row - ROW_BASE, optarg != NULL ? optarg : "",
			    (size_t)argc);
	}
	c->operand = argv + optind;
	c->n_operand = argc - optind;
	return *help_out ? OK : count_operands(c);
}

/* --- asking ------------------------------------------------------------- */

struct cli_given
cli_values(const struct cli *c, const char *name)
{
	size_t i;

	for (i = 0; c->cmd->opt[i].name != NULL; i++)
		if (strcmp(c->cmd->opt[i].name, name) == 0)
			return c->given[i];
	return (struct cli_given){ .n = 0 };
}

const char *
cli_value(const struct cli *c, const char *name, const char *def)
{
	struct cli_given g = cli_values(c, name);

	return g.n == 0 ? def : g.value[g.n - 1];
}

bool
cli_flag(const struct cli *c, const char *name)
{
	return cli_values(c, name).n > 0;
}

enum err
cli_number(struct cli *c, const char *name, int64_t least, int64_t most,
    int64_t *v_out)
{
	const char *text = cli_value(c, name, NULL);
	uint64_t v;

	if (text == NULL)
		return OK;
	if (!text_u64(bytes_str(text), (uint64_t)most, &v) ||
	    v < (uint64_t)least)
		return cli_fail(c, ERR_USAGE,
		    arena_printf(c->arena, "--%s", name),
		    "is not a number that is allowed here",
		    arena_printf(c->arena, "give %lld to %lld",
		    (long long)least, (long long)most));
	*v_out = (int64_t)v;
	return OK;
}
