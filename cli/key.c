/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key.c -- tiphys key new, key rotate, key list.  (L5)
 *
 * "new" makes the key of access tokens, all that a site without tiphys-auth
 * has; "rotate" also that of id_tokens.
 */
#include <sodium.h>

#include "cli/admin.h"
#include "cli/token.h"

static const struct cli_opt no_options[] = {
	{ NULL, 0, NULL, NULL }
};

static enum err
key_new(struct cli *c)
{
	uint8_t seed[32];
	struct bytes kid;
	struct auth *g;
	enum err e;

	e = token_guard(c, AUTH_WRITE, &g);
	if (e != OK)
		return e;
	randombytes_buf(seed, sizeof seed);
	e = auth_key_new(g, c->arena, seed, clock_now(), &kid);
	sodium_memzero(seed, sizeof seed);
	if (e != OK)
		return cli_fail(c, e, "keys", "the key could not be written",
		    "is there room, and may this user write there?");
	out_line(&c->out, "kid", kid);
	return OK;
}

static enum err
key_rotate(struct cli *c)
{
	static const struct out_col col[] = {
		{ "kid", OUT_TEXT },
		{ "id_token_kid", OUT_TEXT },
	};
	struct bytes kid, id_kid;
	struct admin m;
	enum err e;

	e = admin_open_new(c, &m);
	if (e != OK)
		return e;
	e = smart_key_rotate(m.s, &m.call, &kid, &id_kid);
	if (e != OK)
		return admin_fail(&m, e, "keys", err_text(e));
	out_record(&c->out, col, N_ELEM(col));
	out_cell(&c->out, kid);
	out_cell(&c->out, id_kid);
	out_end(&c->out);
	return OK;
}

static enum err
key_list(struct cli *c)
{
	static const struct field row[] = {
		FIELD_TEXT("kid", struct auth_key, kid),
		FIELD_TIME("created", struct auth_key, created),
		FIELD_BOOL("signing", struct auth_key, signing),
		FIELD_BOOL("private", struct auth_key, has_private),
	};
	struct auth_key *key;
	struct auth *g;
	size_t i, n;
	enum err e;

	e = token_guard(c, AUTH_WRITE, &g);
	if (e != OK)
		return e;
	e = auth_keys(g, c->arena, &key, &n);
	if (e != OK)
		return cli_fail(c, e, "grants", "the keys cannot be read",
		    "restore the folder from a backup");
	fields_table(&c->out, row, N_ELEM(row));
	for (i = 0; i < n; i++)
		fields_row(&c->out, row, N_ELEM(row), &key[i]);
	out_end(&c->out);
	return OK;
}

const struct cli_cmd cmd_key_new = {
	.name = "key new",
	.operands = "",
	.flags = CLI_LATE_DROP,
	.opt = no_options,
	.run = key_new,
	.help = "Make a signing key, and sign new tokens with it",
};

const struct cli_cmd cmd_key_rotate = {
	.name = "key rotate",
	.operands = "",
	.flags = CLI_LATE_DROP,
	.opt = no_options,
	.run = key_rotate,
	.help = "Make all keys anew; old ones verify while they must",
};

const struct cli_cmd cmd_key_list = {
	.name = "key list",
	.operands = "",
	.flags = CLI_LATE_DROP,
	.opt = no_options,
	.run = key_list,
	.help = "List the keys that tokens are signed and verified with",
};
