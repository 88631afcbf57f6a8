/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client_opt.c -- what the options of tiphys client describe.  (L5)
 *
 * Addresses, scopes and key sets are judged by auth/, which has the rules;
 * here only words are known.
 */
#include "cli/client.h"

#include "base/text.h"

#define JWKS_MAX_B	((size_t)65536)
#define WORDS_MAX	4

const struct client_word client_types[] = {
	{ "public", CLIENT_PUBLIC },
	{ "secret", CLIENT_SECRET },
	{ "keys", CLIENT_KEYS },
	{ NULL, 0 }
};

const struct client_word client_grants[] = {
	{ "authorization_code", CLIENT_CODE },
	{ "refresh_token", CLIENT_REFRESH },
	{ "client_credentials", CLIENT_BACKEND },
	{ NULL, 0 }
};

static const struct client_word needs[] = {
	{ "required", 1 },
	{ "optional", 0 },
	{ NULL, 0 }
};

/* "public, secret, keys" */
static const char *
all_words(struct cli *c, const struct client_word *table)
{
	const char *text = table->name;

	for (table++; table->name != NULL; table++)
		text = arena_printf(c->arena, "%s, %s", text, table->name);
	return text;
}

static enum err
word_of(struct cli *c, const char *option, const char *given,
    const struct client_word *table, unsigned *out)
{
	const char *names[WORDS_MAX + 1] = { NULL }, *near;
	size_t i;

	for (i = 0; table[i].name != NULL && i < WORDS_MAX; i++) {
		if (strcmp(given, table[i].name) == 0) {
			*out = table[i].value;
			return OK;
		}
		names[i] = table[i].name;
	}
	near = text_near(bytes_str(given), names);
	return cli_fail(c, ERR_USAGE, option,
	    arena_printf(c->arena, "is none of %s", all_words(c, table)),
	    near == NULL ? NULL :
	    arena_printf(c->arena, "did you mean %s?", near));
}

enum err
client_type_of(struct cli *c, enum client_type *out)
{
	unsigned type = CLIENT_PUBLIC;
	enum err e;

	e = word_of(c, "--type", cli_value(c, "type", "public"),
	    client_types, &type);
	if (e == OK)
		*out = (enum client_type)type;
	return e;
}

static enum err
take_redirects(struct cli *c, struct smart_client *cl)
{
	const struct cli_given g = cli_values(c, "redirect-uri");
	size_t i;

	if (g.n == 0)
		return OK;
	if (g.n > SMART_REDIRECTS)
		return cli_fail(c, ERR_USAGE, "--redirect-uri",
		    "is given more than 16 times", NULL);
	for (i = 0; i < g.n; i++)
		cl->redirect[i] = bytes_str(g.value[i]);
	cl->n_redirect = g.n;
	return OK;
}

static enum err
take_grants(struct cli *c, struct smart_client *cl)
{
	const struct cli_given g = cli_values(c, "grant-type");
	unsigned one = 0;
	enum err e;
	size_t i;

	if (g.n == 0)
		return OK;
	cl->flags &= ~(unsigned)(CLIENT_CODE | CLIENT_REFRESH |
	    CLIENT_BACKEND);
	for (i = 0; i < g.n; i++) {
		e = word_of(c, "--grant-type", g.value[i], client_grants,
		    &one);
		if (e != OK)
			return e;
		cl->flags |= one;
	}
	return OK;
}

/* --pkce, --dpop: flag is set where need is what sets it. */
static enum err
take_need(struct cli *c, const char *option, unsigned flag, unsigned sets,
    struct smart_client *cl)
{
	const char *given = cli_value(c, option, NULL);
	unsigned need = 0;
	enum err e;

	if (given == NULL)
		return OK;
	e = word_of(c, arena_printf(c->arena, "--%s", option), given, needs,
	    &need);
	if (e != OK)
		return e;
	cl->flags &= ~flag;
	if (need == sets)
		cl->flags |= flag;
	return OK;
}

static void
take_text(struct cli *c, const char *option, struct bytes *to)
{
	const char *given = cli_value(c, option, NULL);

	if (given != NULL)
		*to = bytes_str(given);
}

enum err
client_jwks(struct cli *c, struct bytes *out)
{
	const char *path = cli_value(c, "jwks", NULL);

	*out = bytes_of(NULL, 0);
	return path == NULL ? OK : cli_slurp(c, path, JWKS_MAX_B, out);
}

enum err
client_take(struct cli *c, struct bytes jwks, struct smart_client *cl)
{
	enum err e;

	take_text(c, "name", &cl->name);
	take_text(c, "publisher", &cl->publisher);
	take_text(c, "launch-uri", &cl->launch_uri);
	take_text(c, "policy-uri", &cl->policy_uri);
	take_text(c, "tos-uri", &cl->tos_uri);
	take_text(c, "scope", &cl->scope);
	if (jwks.len > 0)
		cl->jwks = jwks;
	e = take_redirects(c, cl);
	if (e == OK)
		e = take_grants(c, cl);
	if (e == OK)
		e = take_need(c, "pkce", CLIENT_NO_PKCE, 0, cl);
	if (e == OK)
		e = take_need(c, "dpop", CLIENT_DPOP, 1, cl);
	return e;
}
