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

static const char *
type_name(enum client_type type)
{
	const struct client_word *w;

	for (w = client_types; w->name != NULL; w++)
		if (w->value == (unsigned)type)
			return w->name;
	return "";
}

static void
cell_grants(struct out *o, unsigned flags)
{
	const struct client_word *w;
	struct bytes name[4];
	size_t n = 0;

	for (w = client_grants; w->name != NULL; w++)
		if ((flags & w->value) != 0 && n < N_ELEM(name))
			name[n++] = bytes_str(w->name);
	admin_list(o, name, n);
}

static enum err
client_list(struct cli *c)
{
	static const struct out_col col[] = {
		{ "client_id", OUT_TEXT },
		{ "name", OUT_TEXT },
		{ "type", OUT_TEXT },
		{ "enabled", OUT_BOOL },
		{ "self_registered", OUT_BOOL },
		{ "created", OUT_TEXT },
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
	out_table(&c->out, col, N_ELEM(col));
	for (i = 0; i < n; i++) {
		out_cell(&c->out, cl[i].id);
		out_cell(&c->out, cl[i].name);
		out_str(&c->out, type_name(cl[i].type));
		out_bool(&c->out, cl[i].enabled);
		out_bool(&c->out, (cl[i].flags & CLIENT_SELF) != 0);
		admin_time(&c->out, cl[i].created);
	}
	out_end(&c->out);
	return OK;
}

static enum err
client_show(struct cli *c)
{
	static const struct out_col col[] = {
		{ "client_id", OUT_TEXT },
		{ "name", OUT_TEXT },
		{ "publisher", OUT_TEXT },
		{ "type", OUT_TEXT },
		{ "enabled", OUT_BOOL },
		{ "self_registered", OUT_BOOL },
		{ "grant_types", OUT_LIST },
		{ "redirect_uris", OUT_LIST },
		{ "launch_uri", OUT_TEXT },
		{ "policy_uri", OUT_TEXT },
		{ "tos_uri", OUT_TEXT },
		{ "scope", OUT_TEXT },
		{ "pkce", OUT_TEXT },
		{ "dpop", OUT_TEXT },
		{ "jwks", OUT_TEXT },
		{ "created", OUT_TEXT },
	};
	struct smart_client cl;
	struct admin m;
	enum err e;

	e = admin_open(c, &m);
	if (e == OK)
		e = client_get(&m, &cl);
	if (e != OK)
		return e;
	out_record(&c->out, col, N_ELEM(col));
	out_cell(&c->out, cl.id);
	out_cell(&c->out, cl.name);
	out_cell(&c->out, cl.publisher);
	out_str(&c->out, type_name(cl.type));
	out_bool(&c->out, cl.enabled);
	out_bool(&c->out, (cl.flags & CLIENT_SELF) != 0);
	cell_grants(&c->out, cl.flags);
	admin_list(&c->out, cl.redirect, cl.n_redirect);
	out_cell(&c->out, cl.launch_uri);
	out_cell(&c->out, cl.policy_uri);
	out_cell(&c->out, cl.tos_uri);
	out_cell(&c->out, cl.scope);
	out_str(&c->out, (cl.flags & CLIENT_NO_PKCE) != 0 ? "optional" :
	    "required");
	out_str(&c->out, (cl.flags & CLIENT_DPOP) != 0 ? "required" :
	    "optional");
	out_cell(&c->out, cl.jwks);
	admin_time(&c->out, cl.created);
	out_end(&c->out);
	return OK;
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
