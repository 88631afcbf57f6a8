/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.c -- tiphys client add, set, disable, enable, rotate-secret,
 * invite.  (L5)
 *
 * A client is an app that asks for tokens.  Its secret is made by us and
 * shown once; its keys are its own, and only the public ones come here.
 */
#include "cli/client.h"

static const struct cli_opt add_options[] = {
	{ "type", 't', "TYPE", "public, secret or keys (public)" },
	CLIENT_OPTIONS,
	{ NULL, 0, NULL, NULL }
};

static const struct cli_opt set_options[] = {
	CLIENT_OPTIONS,
	{ NULL, 0, NULL, NULL }
};

static const struct cli_opt yes_options[] = {
	YES_OPTION,
	{ NULL, 0, NULL, NULL }
};

static const struct cli_opt no_options[] = {
	{ NULL, 0, NULL, NULL }
};

const char client_absent[] = "there is no client of this id";

enum err
client_get(struct admin *m, struct smart_client *out)
{
	enum err e = smart_client_get(m->s, &m->call, admin_operand(m->c),
	    out);

	if (e != OK)
		return admin_fail(m, e, m->c->operand[0], client_absent);
	admin_again(m);
	return OK;
}

static void
print_client(struct cli *c, struct bytes id, struct bytes secret)
{
	static const struct out_col col[] = {
		{ "client_id", OUT_TEXT },
		{ "client_secret", OUT_TEXT },
	};

	out_record(&c->out, col, N_ELEM(col));
	out_cell(&c->out, id);
	out_cell(&c->out, secret);
	out_end(&c->out);
	if (secret.len > 0)
		admin_note(c, "The secret is shown this once; only its hash "
		    "is kept.");
}

/* --- add, set ------------------------------------------------------------ */

/* What auth/ cannot know: which option would have said it. */
static enum err
check_new(struct cli *c, const struct smart_client *cl)
{
	if (cl->name.len == 0)
		return cli_fail(c, ERR_USAGE, "--name", "is missing",
		    "people are asked to trust an app by its name");
	if (cl->scope.len == 0)
		return cli_fail(c, ERR_USAGE, "--scope", "is missing",
		    "say what it may ask for, as 'launch/patient "
		    "patient/*.read'");
	if (cl->type == CLIENT_KEYS && cl->jwks.len == 0)
		return cli_fail(c, ERR_USAGE, "--jwks", "is missing",
		    "name a file with the client's public keys");
	if (cl->type != CLIENT_KEYS && cl->jwks.len > 0)
		return cli_fail(c, ERR_USAGE, "--jwks",
		    "is for --type keys alone", NULL);
	if ((cl->flags & CLIENT_CODE) != 0 && cl->n_redirect == 0)
		return cli_fail(c, ERR_USAGE, "--redirect-uri", "is missing",
		    "a client of people needs one; a backend service has "
		    "--grant-type client_credentials");
	return OK;
}

static enum err
client_add(struct cli *c)
{
	struct smart_client cl = { .enabled = true,
	    .flags = CLIENT_CODE | CLIENT_REFRESH };
	struct bytes id, secret, jwks;
	struct admin m;
	enum err e;

	if (c->n_operand == 1)
		cl.id = admin_operand(c);
	e = client_type_of(c, &cl.type);
	if (e == OK)
		e = client_jwks(c, &jwks);
	if (e == OK)
		e = client_take(c, jwks, &cl);
	if (e == OK)
		e = check_new(c, &cl);
	if (e == OK)
		e = admin_open(c, &m);
	if (e != OK)
		return e;
	e = smart_client_add(m.s, &m.call, &cl, &m.is, &id, &secret);
	if (e == ERR_CONFLICT)
		return cli_fail(c, e, c->operand[0],
		    "there is a client of this id already",
		    "\"tiphys client set\" changes it");
	if (e != OK)
		return admin_fail(&m, e, "client add", client_absent);
	print_client(c, id, secret);
	return OK;
}

static bool
any_given(const struct cli *c)
{
	size_t i;

	for (i = 0; c->cmd->opt[i].name != NULL; i++)
		if (c->given[i].n > 0)
			return true;
	return false;
}

static enum err
client_set(struct cli *c)
{
	struct smart_client cl;
	struct bytes jwks;
	struct admin m;
	enum err e;

	if (!any_given(c))
		return cli_fail(c, ERR_USAGE, "client set",
		    "there is nothing to change",
		    "\"tiphys client set --help\" shows the options");
	e = client_jwks(c, &jwks);
	if (e == OK)
		e = admin_open(c, &m);
	if (e == OK)
		e = client_get(&m, &cl);
	if (e == OK)
		e = client_take(c, jwks, &cl);
	if (e != OK)
		return e;
	e = smart_client_set(m.s, &m.call, &cl, &m.is);
	if (e != OK)
		return admin_fail(&m, e, "client set", client_absent);
	if (c->out.json)
		out_line(&c->out, "client_id", cl.id);
	return OK;
}

/* --- on, off, secrets ---------------------------------------------------- */

static enum err
client_on(struct cli *c, bool on)
{
	struct admin m;
	enum err e;

	e = admin_open(c, &m);
	if (e != OK)
		return e;
	e = smart_client_enable(m.s, &m.call, admin_operand(c), on);
	if (e != OK)
		return admin_fail(&m, e, c->operand[0], client_absent);
	if (c->out.json)
		out_line(&c->out, on ? "enabled" : "disabled",
		    admin_operand(c));
	return OK;
}

static enum err
client_disable(struct cli *c)
{
	return client_on(c, false);
}

static enum err
client_enable(struct cli *c)
{
	return client_on(c, true);
}

static enum err
client_rotate_secret(struct cli *c)
{
	struct bytes secret;
	struct smart_client cl;
	struct admin m;
	enum err e;

	e = admin_open(c, &m);
	if (e == OK)
		e = client_get(&m, &cl);
	if (e == OK && cl.type != CLIENT_SECRET)
		e = cli_fail(c, ERR_USAGE, c->operand[0],
		    "is a client without a secret", NULL);
	if (e == OK)
		e = secret_confirm(c, "the old secret stops working at once");
	if (e != OK)
		return e;
	e = smart_client_rotate(m.s, &m.call, cl.id, &secret);
	if (e != OK)
		return admin_fail(&m, e, c->operand[0], client_absent);
	print_client(c, cl.id, secret);
	return OK;
}

static enum err
client_invite(struct cli *c)
{
	struct bytes token;
	struct admin m;
	enum err e;

	if (c->conf->num[CONF_REGISTER] == 0)
		return cli_fail(c, ERR_CONFIG, "registration", "is off",
		    "set it to yes, and reload tiphys-auth");
	e = admin_open(c, &m);
	if (e != OK)
		return e;
	e = smart_invite(m.s, &m.call, &token);
	if (e != OK)
		return admin_fail(&m, e, "client invite", client_absent);
	out_line(&c->out, "initial_access_token", token);
	admin_note(c, "The token is shown this once; it is good for one "
	    "registration within a day.");
	return OK;
}

/* --- rows ---------------------------------------------------------------- */

const struct cli_cmd cmd_client_add = {
	.name = "client add",
	.operands = "[ID]",
	.max = 1,
	.flags = CLI_LATE_DROP,
	.opt = add_options,
	.run = client_add,
	.help = "Register an app; without ID, one is made",
};

const struct cli_cmd cmd_client_invite = {
	.name = "client invite",
	.operands = "",
	.flags = CLI_LATE_DROP,
	.opt = no_options,
	.run = client_invite,
	.help = "Make a token for an app that registers itself",
};

#define ROW(id, word, row_options, text)				      \
const struct cli_cmd cmd_client_##id = {				      \
	.name = "client " word,						      \
	.operands = "ID",						      \
	.min = 1,							      \
	.max = 1,							      \
	.flags = CLI_LATE_DROP,						      \
	.opt = row_options,						      \
	.run = client_##id,						      \
	.help = text,							      \
}

ROW(set, "set", set_options, "Change what an app is registered with");
ROW(disable, "disable", no_options, "Refuse an app, from the next request "
    "on");
ROW(enable, "enable", no_options, "Let a disabled app ask again");
ROW(rotate_secret, "rotate-secret", yes_options, "Make a new secret, and "
    "print it this once");
