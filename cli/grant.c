/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grant.c -- tiphys grant list, show, revoke.  (L5)
 *
 * A grant is what somebody allowed an app, and what all its tokens hang on.
 */
#include "cli/admin.h"

static const struct cli_opt list_options[] = {
	{ "user", 'u', "NAME", "of this user alone" },
	{ "client", 0, "ID", "of this client alone" },
	{ "patient", 'p', "ID", "of this patient's record alone" },
	{ "all", 'a', NULL, "also those that were revoked or are over" },
	{ NULL, 0, NULL, NULL }
};

static const struct cli_opt revoke_options[] = {
	{ "user", 'u', "NAME", "all that this user gave" },
	{ "client", 0, "ID", "all that this client has" },
	YES_OPTION,
	{ NULL, 0, NULL, NULL }
};

static const struct cli_opt no_options[] = {
	{ NULL, 0, NULL, NULL }
};

static const char absent[] = "there is no grant of this id";

/* Is it one the options ask for? */
static bool
wanted(const struct cli *c, const struct smart_grant *g)
{
	const char *client = cli_value(c, "client", NULL);
	const char *patient = cli_value(c, "patient", NULL);

	return (client == NULL || bytes_is(g->client, client)) &&
	    (patient == NULL || bytes_is(g->patient, patient));
}

#define GRANT(name, macro, member)	macro(name, struct smart_grant, member)

static enum err
grant_list(struct cli *c)
{
	static const struct field row[] = {
		GRANT("grant", FIELD_TEXT, id),
		GRANT("user", FIELD_TEXT, user),
		GRANT("client", FIELD_TEXT, client),
		GRANT("patient", FIELD_TEXT, patient),
		GRANT("active", FIELD_BOOL, active),
		GRANT("created", FIELD_TIME, created),
		GRANT("used", FIELD_TIME, used),
		GRANT("expires", FIELD_TIME, expires),
		GRANT("scope", FIELD_TEXT, scope),
	};
	struct smart_grant *g;
	struct admin m;
	size_t i, n;
	enum err e;

	e = admin_open(c, &m);
	if (e != OK)
		return e;
	e = smart_grants(m.s, &m.call, bytes_str(cli_value(c, "user", NULL)),
	    cli_flag(c, "all"), &g, &n);
	if (e != OK)
		return admin_fail(&m, e, "grant list",
		    "there is no user of this name");
	fields_table(&c->out, row, N_ELEM(row));
	for (i = 0; i < n; i++)
		if (wanted(c, &g[i]))
			fields_row(&c->out, row, N_ELEM(row), &g[i]);
	out_end(&c->out);
	return OK;
}

/* --- one ----------------------------------------------------------------- */

static enum err
grant_show(struct cli *c)
{
	static const struct field row[] = {
		GRANT("grant", FIELD_TEXT, id),
		GRANT("user", FIELD_TEXT, user),
		GRANT("client", FIELD_TEXT, client),
		GRANT("client_name", FIELD_TEXT, client_name),
		GRANT("patient", FIELD_TEXT, patient),
		GRANT("encounter", FIELD_TEXT, encounter),
		GRANT("scope", FIELD_TEXT, scope),
		GRANT("active", FIELD_BOOL, active),
		GRANT("offline", FIELD_BOOL, offline),
		GRANT("online", FIELD_BOOL, online),
		GRANT("dpop", FIELD_BOOL, dpop),
		GRANT("created", FIELD_TIME, created),
		GRANT("used", FIELD_TIME, used),
		GRANT("expires", FIELD_TIME, expires),
		GRANT("revoked", FIELD_TIME, revoked),
		GRANT("text_version", FIELD_UINT, text_version),
		GRANT("shown", FIELD_TEXT, shown),
	};
	struct smart_grant g;
	struct admin m;
	enum err e;

	e = admin_open(c, &m);
	if (e != OK)
		return e;
	e = smart_grant_get(m.s, &m.call, admin_operand(c), &g);
	if (e != OK)
		return admin_fail(&m, e, c->operand[0], absent);
	fields_record(&c->out, row, N_ELEM(row), &g);
	return OK;
}

/* --- revoke -------------------------------------------------------------- */

static enum err
revoke_one(struct admin *m, struct bytes id)
{
	const char *where = arena_str(m->c->arena, id);
	enum err e;

	admin_again(m);
	e = smart_grant_revoke(m->s, &m->call, id);
	if (e != OK)
		return admin_fail(m, e, where, absent);
	/* One asked for by id is known; of many, each is said. */
	if (m->c->out.json || m->c->n_operand == 0)
		out_line(&m->c->out, "revoked", id);
	return OK;
}

/* Those that were there when we looked; each of them counts at once. */
static enum err
revoke_many(struct admin *m, const char *user)
{
	struct smart_grant *g;
	size_t i, n, n_wanted = 0;
	enum err e;

	e = smart_grants(m->s, &m->call, bytes_str(user), false, &g, &n);
	if (e != OK)
		return admin_fail(m, e, "--user",
		    "there is no user of this name");
	for (i = 0; i < n; i++)
		n_wanted += wanted(m->c, &g[i]);
	if (n_wanted == 0)
		return OK;
	e = secret_confirm(m->c, arena_printf(m->c->arena,
	    "ends %zu grants; each must be given anew", n_wanted));
	for (i = 0; i < n && e == OK; i++)
		if (wanted(m->c, &g[i]))
			e = revoke_one(m, g[i].id);
	return e;
}

static enum err
grant_revoke(struct cli *c)
{
	const char *user = cli_value(c, "user", NULL);
	bool many = user != NULL || cli_value(c, "client", NULL) != NULL;
	struct admin m;
	enum err e;

	if (many == (c->n_operand == 1))
		return cli_fail(c, ERR_USAGE, "grant revoke",
		    "which?", "name one GRANT, or --user or --client");
	e = admin_open(c, &m);
	if (e != OK)
		return e;
	return many ? revoke_many(&m, user) :
	    revoke_one(&m, admin_operand(c));
}

const struct cli_cmd cmd_grant_list = {
	.name = "grant list",
	.operands = "",
	.flags = CLI_LATE_DROP,
	.opt = list_options,
	.run = grant_list,
	.help = "List what people allowed apps, newest first",
};

const struct cli_cmd cmd_grant_show = {
	.name = "grant show",
	.operands = "GRANT",
	.min = 1,
	.max = 1,
	.flags = CLI_LATE_DROP,
	.opt = no_options,
	.run = grant_show,
	.help = "Print a grant, with the words that were shown for it",
};

const struct cli_cmd cmd_grant_revoke = {
	.name = "grant revoke",
	.operands = "[GRANT]",
	.max = 1,
	.flags = CLI_LATE_DROP,
	.opt = revoke_options,
	.run = grant_revoke,
	.help = "End grants and their tokens, from the next request on",
};
