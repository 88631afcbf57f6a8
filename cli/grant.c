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

static enum err
grant_list(struct cli *c)
{
	static const struct out_col col[] = {
		{ "grant", OUT_TEXT },
		{ "user", OUT_TEXT },
		{ "client", OUT_TEXT },
		{ "patient", OUT_TEXT },
		{ "active", OUT_BOOL },
		{ "created", OUT_TEXT },
		{ "used", OUT_TEXT },
		{ "expires", OUT_TEXT },
		{ "scope", OUT_TEXT },
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
	out_table(&c->out, col, N_ELEM(col));
	for (i = 0; i < n; i++) {
		if (!wanted(c, &g[i]))
			continue;
		out_cell(&c->out, g[i].id);
		out_cell(&c->out, g[i].user);
		out_cell(&c->out, g[i].client);
		out_cell(&c->out, g[i].patient);
		out_bool(&c->out, g[i].active);
		admin_time(&c->out, g[i].created);
		admin_time(&c->out, g[i].used);
		admin_time(&c->out, g[i].expires);
		out_cell(&c->out, g[i].scope);
	}
	out_end(&c->out);
	return OK;
}

/* --- one ----------------------------------------------------------------- */

static void
print_grant(struct cli *c, const struct smart_grant *g)
{
	static const struct out_col col[] = {
		{ "grant", OUT_TEXT },
		{ "user", OUT_TEXT },
		{ "client", OUT_TEXT },
		{ "client_name", OUT_TEXT },
		{ "patient", OUT_TEXT },
		{ "encounter", OUT_TEXT },
		{ "scope", OUT_TEXT },
		{ "active", OUT_BOOL },
		{ "offline", OUT_BOOL },
		{ "online", OUT_BOOL },
		{ "dpop", OUT_BOOL },
		{ "created", OUT_TEXT },
		{ "used", OUT_TEXT },
		{ "expires", OUT_TEXT },
		{ "revoked", OUT_TEXT },
		{ "text_version", OUT_NUM },
		{ "shown", OUT_TEXT },
	};

	out_record(&c->out, col, N_ELEM(col));
	out_cell(&c->out, g->id);
	out_cell(&c->out, g->user);
	out_cell(&c->out, g->client);
	out_cell(&c->out, g->client_name);
	out_cell(&c->out, g->patient);
	out_cell(&c->out, g->encounter);
	out_cell(&c->out, g->scope);
	out_bool(&c->out, g->active);
	out_bool(&c->out, g->offline);
	out_bool(&c->out, g->online);
	out_bool(&c->out, g->dpop);
	admin_time(&c->out, g->created);
	admin_time(&c->out, g->used);
	admin_time(&c->out, g->expires);
	admin_time(&c->out, g->revoked);
	out_num(&c->out, g->text_version);
	out_cell(&c->out, g->shown);
	out_end(&c->out);
}

static enum err
grant_show(struct cli *c)
{
	struct smart_grant g;
	struct admin m;
	enum err e;

	e = admin_open(c, &m);
	if (e != OK)
		return e;
	e = smart_grant_get(m.s, &m.call, admin_operand(c), &g);
	if (e != OK)
		return admin_fail(&m, e, c->operand[0], absent);
	print_grant(c, &g);
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
