/* SPDX-License-Identifier: Apache-2.0 */
/*
 * user_show.c -- tiphys user list, tiphys user show.  (L5)
 *
 * That a user has a password or a second factor is said, nothing of them.
 */
#include "cli/user.h"

static const struct cli_opt no_options[] = {
	{ NULL, 0, NULL, NULL }
};

static enum err
user_list(struct cli *c)
{
	static const struct out_col col[] = {
		{ "name", OUT_TEXT },
		{ "kind", OUT_TEXT },
		{ "display", OUT_TEXT },
		{ "link", OUT_TEXT },
		{ "enabled", OUT_BOOL },
		{ "password", OUT_BOOL },
		{ "totp", OUT_BOOL },
		{ "last", OUT_TEXT },
	};
	struct smart_user *u;
	struct admin m;
	size_t i, n;
	enum err e;

	e = admin_open(c, &m);
	if (e != OK)
		return e;
	e = smart_users(m.s, &m.call, &u, &n);
	if (e != OK)
		return admin_fail(&m, e, "user list", user_absent);
	out_table(&c->out, col, N_ELEM(col));
	for (i = 0; i < n; i++) {
		out_cell(&c->out, u[i].name);
		out_str(&c->out, admin_kind(u[i].kind));
		out_cell(&c->out, u[i].display);
		out_cell(&c->out, u[i].link);
		out_bool(&c->out, u[i].enabled);
		out_bool(&c->out, u[i].password);
		out_bool(&c->out, u[i].totp);
		admin_time(&c->out, u[i].last);
	}
	out_end(&c->out);
	return OK;
}

static enum err
user_show(struct cli *c)
{
	static const struct out_col col[] = {
		{ "name", OUT_TEXT },
		{ "kind", OUT_TEXT },
		{ "display", OUT_TEXT },
		{ "link", OUT_TEXT },
		{ "patients", OUT_LIST },
		{ "enabled", OUT_BOOL },
		{ "password", OUT_BOOL },
		{ "totp", OUT_BOOL },
		{ "recovery", OUT_NUM },
		{ "created", OUT_TEXT },
		{ "last", OUT_TEXT },
	};
	struct smart_user u;
	struct admin m;
	enum err e;

	e = admin_open(c, &m);
	if (e == OK)
		e = user_get(&m, &u);
	if (e != OK)
		return e;
	out_record(&c->out, col, N_ELEM(col));
	out_cell(&c->out, u.name);
	out_str(&c->out, admin_kind(u.kind));
	out_cell(&c->out, u.display);
	out_cell(&c->out, u.link);
	admin_list(&c->out, u.patient, u.n_patient);
	out_bool(&c->out, u.enabled);
	out_bool(&c->out, u.password);
	out_bool(&c->out, u.totp);
	out_num(&c->out, u.recovery);
	admin_time(&c->out, u.created);
	admin_time(&c->out, u.last);
	out_end(&c->out);
	return OK;
}

const struct cli_cmd cmd_user_list = {
	.name = "user list",
	.operands = "",
	.flags = CLI_LATE_DROP,
	.opt = no_options,
	.run = user_list,
	.help = "List who can sign in",
};

const struct cli_cmd cmd_user_show = {
	.name = "user show",
	.operands = "NAME",
	.min = 1,
	.max = 1,
	.flags = CLI_LATE_DROP,
	.opt = no_options,
	.run = user_show,
	.help = "Print what is known of a user",
};
