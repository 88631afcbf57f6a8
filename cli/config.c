/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.c -- tiphys config check, tiphys config show.  (L5)
 *
 * Of the file alone: nothing of the data is opened, so that a check is
 * possible before there is any and by whoever may read the file.
 */
#include <errno.h>
#include <sys/stat.h>

#include "base/text.h"
#include "cli/cli.h"

static const struct cli_opt no_options[] = {
	{ NULL, 0, NULL, NULL }
};

static const struct cli_opt show_options[] = {
	{ "defaults", 0, NULL, "keys that do not stand in the file, too" },
	{ NULL, 0, NULL, NULL }
};

static enum err
read_conf(struct cli *c)
{
	const char *why = NULL;
	enum err e;

	e = conf_load(c->arena, c->conf_path, &c->conf, &why);
	if (e != OK)
		return cli_fail(c, ERR_CONFIG, NULL,
		    why != NULL ? why : err_text(e), NULL);
	return OK;
}

/* --- check -------------------------------------------------------------- */

static enum err
config_check(struct cli *c)
{
	const char *dir;
	struct stat st;
	enum err e;

	e = read_conf(c);
	if (e != OK)
		return e;
	dir = (const char *)c->conf->text[CONF_DATA_DIR].p;
	if (stat(dir, &st) != 0)
		return cli_fail(c, ERR_CONFIG, c->conf->file,
		    arena_printf(c->arena, "data-dir %s: %s", dir,
		    strerror(errno)), "make it with \"tiphys init\"");
	if (!S_ISDIR(st.st_mode))
		return cli_fail(c, ERR_CONFIG, c->conf->file,
		    arena_printf(c->arena, "data-dir %s: is not a folder",
		    dir), NULL);
	out_line(&c->out, "sound", bytes_str(c->conf->file));
	return OK;
}

/* --- show --------------------------------------------------------------- */

static struct bytes
value_of(struct cli *c, enum conf_id id)
{
	const struct conf *f = c->conf;

	switch (conf_rows[id].kind) {
	case CONF_NUM:
		return bytes_str(arena_printf(c->arena, "%lld",
		    (long long)f->num[id]));
	case CONF_BOOL:
		return bytes_str(f->num[id] != 0 ? "yes" : "no");
	case CONF_LIST:
		return text_join(c->arena, f->list[id], f->n_list[id]);
	case CONF_TEXT:
	case CONF_PATH:
	case CONF_URL:
	case CONF_OFFSET:
		break;
	}
	return f->text[id];
}

static enum err
config_show(struct cli *c)
{
	static const struct out_col col[] = {
		{ "key", OUT_TEXT },
		{ "value", OUT_TEXT },
		{ "unit", OUT_TEXT },
		{ "given", OUT_BOOL },
	};
	bool all = cli_flag(c, "defaults");
	enum err e;
	int i;

	e = read_conf(c);
	if (e != OK)
		return e;
	out_table(&c->out, col, N_ELEM(col));
	for (i = 0; i < CONF__MAX; i++) {
		if (!all && !c->conf->given[i])
			continue;
		out_str(&c->out, conf_rows[i].name);
		out_cell(&c->out, value_of(c, (enum conf_id)i));
		out_str(&c->out, conf_rows[i].unit);
		out_bool(&c->out, c->conf->given[i]);
	}
	out_end(&c->out);
	return OK;
}

const struct cli_cmd cmd_config_check = {
	.name = "config check",
	.operands = "",
	.flags = CLI_NOCONF,
	.opt = no_options,
	.run = config_check,
	.help = "Say whether the configuration is sound, or where not",
};

const struct cli_cmd cmd_config_show = {
	.name = "config show",
	.operands = "",
	.flags = CLI_NOCONF,
	.opt = show_options,
	.run = config_show,
	.help = "Print the configuration as it was understood",
};
