/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.c -- tiphys token mint, tiphys token revoke.  (L5)
 *
 * A token is a secret: it is read from standard input or a file, never from
 * the command line, and printed on standard output alone.
 */
#include "cli/token.h"

#include <sodium.h>

static const struct cli_opt token_options[] = {
	{ "token-file", 0, "FILE", "read the token here, not from "
	    "standard input" },
	{ NULL, 0, NULL, NULL }
};

static const struct cli_opt mint_options[] = {
	{ "scope", 's', "SCOPE", "SMART scopes, separated by spaces "
	    "(required)" },
	{ "patient", 'p', "ID", "the patient in context; patient/ scopes "
	    "need one" },
	{ "user", 'u', "NAME", "who the token speaks for (tiphys-cli)" },
	{ "ttl", 't', "SECONDS", "how long it is valid "
	    "(access-lifetime)" },
	{ NULL, 0, NULL, NULL }
};

enum err
token_guard(struct cli *c, enum auth_mode mode, struct auth **g_out)
{
	const char *why = NULL;
	enum err e;

	/* keys/ and grants/ may be of an account of their own. */
	e = cli_drop(c, conf_below(c->arena, c->conf, "grants"));
	if (e != OK)
		return e;
	e = auth_open(c->arena, c->conf, mode, g_out, &why);
	if (e != OK)
		return cli_fail(c, e, NULL, why != NULL ? why : err_text(e),
		    NULL);
	return OK;
}

static bool
is_space(uint8_t b)
{
	return b == ' ' || b == '\t' || b == '\r' || b == '\n';
}

enum err
token_read(struct cli *c, const char *path, struct bytes *token_out)
{
	struct bytes t;
	enum err e;

	/* Room for a line end; a longer token is no token of ours. */
	e = cli_slurp(c, path, (size_t)c->conf->num[CONF_TOKEN] + 2, &t);
	if (e != OK)
		return e;
	while (t.len > 0 && is_space(t.p[t.len - 1]))
		t.len--;
	if (t.len == 0)
		return cli_fail(c, ERR_USAGE,
		    path != NULL ? path : "standard input",
		    "there is no token",
		    "pipe one in, or name its file");
	*token_out = t;
	return OK;
}

/* --- mint --------------------------------------------------------------- */

/* Z05's other half: a token for a patient who is not there is a mistake. */
static enum err
ask_patient(struct cli *c, struct bytes patient)
{
	struct snapshot *t;
	struct store *s;
	const char *why = NULL;
	enum err e;

	if (patient.len == 0)
		return OK;
	e = store_open(c->arena, c->conf, STORE_READ, &s, &why);
	if (e != OK)
		return cli_fail(c, e, NULL, why != NULL ? why : err_text(e),
		    NULL);
	e = store_begin(s, c->arena, &t);
	if (e == OK) {
		e = store_patient(t, patient);
		store_end(t);
	}
	if (e == ERR_NOTFOUND)
		return cli_fail(c, e, "--patient",
		    "there is no Patient with this id in the store",
		    "load the record first");
	if (e != OK)
		return cli_fail(c, e, "store", err_text(e), NULL);
	return OK;
}

static void
print_minted(struct cli *c, const struct mint *m, struct bytes token,
    struct bytes grant)
{
	static const struct out_col col[] = {
		{ "token", OUT_TEXT },
		{ "grant", OUT_TEXT },
		{ "scope", OUT_TEXT },
		{ "patient", OUT_TEXT },
		{ "user", OUT_TEXT },
		{ "expires_in", OUT_NUM },
	};

	if (!c->out.json) {
		out_line(&c->out, "token", token);
		return;
	}
	out_record(&c->out, col, N_ELEM(col));
	out_cell(&c->out, token);
	out_cell(&c->out, grant);
	out_cell(&c->out, m->scope);
	out_cell(&c->out, m->patient);
	out_cell(&c->out, m->user);
	out_num(&c->out, m->ttl_s);
	out_end(&c->out);
}

static enum err
token_mint(struct cli *c)
{
	struct mint m = {
	    .scope = bytes_str(cli_value(c, "scope", NULL)),
	    .patient = bytes_str(cli_value(c, "patient", NULL)),
	    .user = bytes_str(cli_value(c, "user", NULL)),
	    .now = clock_now(), .ttl_s = c->conf->num[CONF_ACCESS_S] };
	struct issues is = issues_on(c->arena);
	struct bytes token, grant;
	struct auth *g;
	enum err e;

	if (m.scope.len == 0)
		return cli_fail(c, ERR_USAGE, "--scope", "is missing",
		    "say what the token is for, as 'patient/*.read'");
	e = cli_number(c, "ttl", 1, c->conf->num[CONF_ACCESS_S], &m.ttl_s);
	if (e == OK)
		e = token_guard(c, AUTH_WRITE, &g);
	if (e == OK)
		e = ask_patient(c, m.patient);
	if (e != OK)
		return e;
	randombytes_buf(m.random, sizeof m.random);
	e = auth_mint(g, c->arena, &m, &is, &token, &grant);
	if (e != OK)
		return cli_fail_issues(c, e, "token mint", &is);
	print_minted(c, &m, token, grant);
	return OK;
}

/* --- revoke ------------------------------------------------------------- */

static enum err
grant_of(struct cli *c, struct auth *g, struct bytes token,
    struct bytes *grant_out)
{
	enum err e;

	if (c->n_operand == 1) {
		*grant_out = bytes_str(c->operand[0]);
		return OK;
	}
	e = auth_token_grant(g, c->arena, token, grant_out);
	if (e != OK)
		return cli_fail(c, e, "token",
		    e == ERR_LOGIN ? "is none of this server" : err_text(e),
		    "to revoke by grant, give the grant's id");
	return OK;
}

static enum err
token_revoke(struct cli *c)
{
	struct bytes grant, token = { .len = 0 };
	struct auth *g;
	enum err e;

	e = c->n_operand == 1 ? OK : token_read(c,
	    cli_value(c, "token-file", NULL), &token);
	if (e == OK)
		e = token_guard(c, AUTH_WRITE, &g);
	if (e == OK)
		e = grant_of(c, g, token, &grant);
	if (e != OK)
		return e;
	e = auth_revoke(g, grant, clock_now());
	if (e == ERR_NOTFOUND)
		return cli_fail(c, e, "grant", "there is none of this id",
		    "\"token mint --json\" prints the id of a grant");
	if (e != OK)
		return cli_fail(c, e, "grants", err_text(e), NULL);
	if (c->out.json)
		out_line(&c->out, "revoked", grant);
	return OK;
}

const struct cli_cmd cmd_token_mint = {
	.name = "token mint",
	.operands = "",
	.flags = CLI_LATE_DROP,
	.opt = mint_options,
	.run = token_mint,
	.help = "Make an access token, and print it alone",
};

const struct cli_cmd cmd_token_explain = {
	.name = "token explain",
	.operands = "REFERENCE",
	.min = 1,
	.max = 1,
	.flags = CLI_LATE_DROP,
	.opt = token_options,
	.run = token_explain,
	.help = "Say why a token may or may not see a resource",
};

const struct cli_cmd cmd_token_revoke = {
	.name = "token revoke",
	.operands = "[GRANT]",
	.max = 1,
	.flags = CLI_LATE_DROP,
	.opt = token_options,
	.run = token_revoke,
	.help = "End the grant a token belongs to, from the next request on",
};
