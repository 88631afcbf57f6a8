/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client_show.c -- tiphys client list, tiphys client show.  (L5)
 *
 * Neither a secret nor its hash is here to be shown.
 */
#include "cli/client.h"

static const struct cli_opt no_options[] = {
	{ NULL, 0, NULL, NULL }
};

/* --- cells --------------------------------------------------------------- */

static void
cell_type(struct out *o, const void *member)
{
	const enum client_type *type = member;
	const struct client_word *w;

	for (w = client_types; w->name != NULL; w++)
		if (w->value == (unsigned)*type)
			break;
	out_str(o, w->name != NULL ? w->name : "");
}

static void
cell_self(struct out *o, const void *member)
{
	const unsigned *flags = member;

	out_bool(o, (*flags & CLIENT_SELF) != 0);
}

static void
cell_grants(struct out *o, const void *member)
{
	const unsigned *flags = member;
	const struct client_word *w;
	struct bytes name[4];
	size_t n = 0;

	for (w = client_grants; w->name != NULL; w++)
		if ((*flags & w->value) != 0 && n < N_ELEM(name))
			name[n++] = bytes_str(w->name);
	admin_list(o, name, n);
}

static void
cell_pkce(struct out *o, const void *member)
{
	const unsigned *flags = member;

	out_str(o, (*flags & CLIENT_NO_PKCE) != 0 ? "optional" : "required");
}

static void
cell_dpop(struct out *o, const void *member)
{
	const unsigned *flags = member;

	out_str(o, (*flags & CLIENT_DPOP) != 0 ? "required" : "optional");
}

static void
cell_redirects(struct out *o, const void *record)
{
	const struct smart_client *cl = record;

	admin_list(o, cl->redirect, cl->n_redirect);
}

#define CLIENT(name, macro, member)	macro(name, struct smart_client, member)
#define CLIENT_AS(name, kind, cell, member)				      \
	FIELD(name, kind, cell, struct smart_client, member)

/* --- commands ------------------------------------------------------------ */

static enum err
client_list(struct cli *c)
{
	static const struct field row[] = {
		CLIENT("client_id", FIELD_TEXT, id),
		CLIENT("name", FIELD_TEXT, name),
		CLIENT_AS("type", OUT_TEXT, cell_type, type),
		CLIENT("enabled", FIELD_BOOL, enabled),
		CLIENT_AS("self_registered", OUT_BOOL, cell_self, flags),
		CLIENT("created", FIELD_TIME, created),
	};
	struct smart_client *cl;
	struct admin m;
	size_t i, n;
	enum err e;

	e = admin_open(c, &m);
	if (e != OK)
		return e;
	e = smart_clients(m.s, &m.call, &cl, &n);
	if (e != OK)
		return admin_fail(&m, e, "client list", client_absent);
	fields_table(&c->out, row, N_ELEM(row));
	for (i = 0; i < n; i++)
		fields_row(&c->out, row, N_ELEM(row), &cl[i]);
	out_end(&c->out);
	return OK;
}

static enum err
client_show(struct cli *c)
{
	static const struct field row[] = {
		CLIENT("client_id", FIELD_TEXT, id),
		CLIENT("name", FIELD_TEXT, name),
		CLIENT("publisher", FIELD_TEXT, publisher),
		CLIENT_AS("type", OUT_TEXT, cell_type, type),
		CLIENT("enabled", FIELD_BOOL, enabled),
		CLIENT_AS("self_registered", OUT_BOOL, cell_self, flags),
		CLIENT_AS("grant_types", OUT_LIST, cell_grants, flags),
		{ "redirect_uris", OUT_LIST, cell_redirects, 0 },
		CLIENT("launch_uri", FIELD_TEXT, launch_uri),
		CLIENT("policy_uri", FIELD_TEXT, policy_uri),
		CLIENT("tos_uri", FIELD_TEXT, tos_uri),
		CLIENT("scope", FIELD_TEXT, scope),
		CLIENT_AS("pkce", OUT_TEXT, cell_pkce, flags),
		CLIENT_AS("dpop", OUT_TEXT, cell_dpop, flags),
		CLIENT("jwks", FIELD_TEXT, jwks),
		CLIENT("created", FIELD_TIME, created),
	};
	struct smart_client cl;
	struct admin m;
	enum err e;

	e = admin_open(c, &m);
	if (e == OK)
		e = client_get(&m, &cl);
	if (e == OK)
		fields_record(&c->out, row, N_ELEM(row), &cl);
	return e;
}

const struct cli_cmd cmd_client_list = {
	.name = "client list",
	.operands = "",
	.flags = CLI_LATE_DROP,
	.opt = no_options,
	.run = client_list,
	.help = "List the apps that are registered",
};

const struct cli_cmd cmd_client_show = {
	.name = "client show",
	.operands = "ID",
	.min = 1,
	.max = 1,
	.flags = CLI_LATE_DROP,
	.opt = no_options,
	.run = client_show,
	.help = "Print what an app is registered with",
};
