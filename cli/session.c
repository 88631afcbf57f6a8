/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.c -- tiphys session list, session end.  (L5)
 *
 * A session is a browser somebody signed in with.  The ids here name one and
 * open none: what the browser holds is another value.
 */
#include "cli/admin.h"

static const struct cli_opt list_options[] = {
	{ "user", 'u', "NAME", "of this user alone" },
	{ NULL, 0, NULL, NULL }
};

static const struct cli_opt end_options[] = {
	{ "user", 'u', "NAME", "all of this user" },
	YES_OPTION,
	{ NULL, 0, NULL, NULL }
};

#define SESSION(name, macro, member)					      \
	macro(name, struct smart_session, member)

static enum err
session_list(struct cli *c)
{
	static const struct field row[] = {
		SESSION("session", FIELD_TEXT, id),
		SESSION("user", FIELD_TEXT, user),
		FIELD("kind", OUT_TEXT, field_user_kind,
		    struct smart_session, kind),
		SESSION("pending", FIELD_BOOL, pending),
		SESSION("started", FIELD_TIME, started),
		SESSION("seen", FIELD_TIME, seen),
		SESSION("address", FIELD_TEXT, address),
	};
	const char *user = cli_value(c, "user", NULL);
	struct smart_session *s;
	struct admin m;
	size_t i, n;
	enum err e;

	e = admin_open(c, &m);
	if (e != OK)
		return e;
	e = smart_all_sessions(m.s, &m.call, &s, &n);
	if (e != OK)
		return admin_fail(&m, e, "session list", NULL);
	fields_table(&c->out, row, N_ELEM(row));
	for (i = 0; i < n; i++)
		if (user == NULL || bytes_is(s[i].user, user))
			fields_row(&c->out, row, N_ELEM(row), &s[i]);
	out_end(&c->out);
	return OK;
}

static enum err
session_end(struct cli *c)
{
	const char *user = cli_value(c, "user", NULL);
	struct admin m;
	enum err e;

	if ((user != NULL) == (c->n_operand == 1))
		return cli_fail(c, ERR_USAGE, "session end", "which?",
		    "name one SESSION, or --user");
	e = admin_open(c, &m);
	if (e == OK && user != NULL)
		e = secret_confirm(c, "the user must sign in anew "
		    "everywhere");
	if (e != OK)
		return e;
	e = user != NULL ?
	    smart_end_sessions(m.s, &m.call, bytes_str(user)) :
	    smart_end_session(m.s, &m.call, admin_operand(c));
	if (e != OK)
		return admin_fail(&m, e, user != NULL ? user : c->operand[0],
		    user != NULL ? "there is no user of this name" :
		    "there is no session of this id");
	if (c->out.json)
		out_line(&c->out, "ended", user != NULL ? bytes_str(user) :
		    admin_operand(c));
	return OK;
}

const struct cli_cmd cmd_session_list = {
	.name = "session list",
	.operands = "",
	.flags = CLI_LATE_DROP,
	.opt = list_options,
	.run = session_list,
	.help = "List who is signed in, newest first",
};

const struct cli_cmd cmd_session_end = {
	.name = "session end",
	.operands = "[SESSION]",
	.max = 1,
	.flags = CLI_LATE_DROP,
	.opt = end_options,
	.run = session_end,
	.help = "Sign somebody out",
};
