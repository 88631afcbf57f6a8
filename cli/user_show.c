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

#define USER(name, macro, member)	macro(name, struct smart_user, member)
#define USER_KIND							      \
	FIELD("kind", OUT_TEXT, field_user_kind, struct smart_user, kind)

static void
cell_patients(struct out *o, const void *record)
{
	const struct smart_user *u = record;

	admin_list(o, u->patient, u->n_patient);
}

static enum err
user_list(struct cli *c)
{
	static const struct field row[] = {
		USER("name", FIELD_TEXT, name),
		USER_KIND,
		USER("display", FIELD_TEXT, display),
		USER("link", FIELD_TEXT, link),
		USER("enabled", FIELD_BOOL, enabled),
		USER("password", FIELD_BOOL, password),
		USER("totp", FIELD_BOOL, totp),
		USER("last", FIELD_TIME, last),
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
	fields_table(&c->out, row, N_ELEM(row));
	for (i = 0; i < n; i++)
		fields_row(&c->out, row, N_ELEM(row), &u[i]);
	out_end(&c->out);
	return OK;
}

static enum err
user_show(struct cli *c)
{
	static const struct field row[] = {
		USER("name", FIELD_TEXT, name),
		USER_KIND,
		USER("display", FIELD_TEXT, display),
		USER("link", FIELD_TEXT, link),
		{ "patients", OUT_LIST, cell_patients, 0 },
		USER("enabled", FIELD_BOOL, enabled),
		USER("password", FIELD_BOOL, password),
		USER("totp", FIELD_BOOL, totp),
		USER("recovery", FIELD_UINT, recovery),
		USER("created", FIELD_TIME, created),
		USER("last", FIELD_TIME, last),
	};
	struct smart_user u;
	struct admin m;
	enum err e;

	e = admin_open(c, &m);
	if (e == OK)
		e = user_get(&m, &u);
	if (e == OK)
		fields_record(&c->out, row, N_ELEM(row), &u);
	return e;
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
