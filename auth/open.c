/* SPDX-License-Identifier: Apache-2.0 */
/*
 * open.c -- open the guard: folders, keys, grants, cache.  (L3)
 *
 * A server without a key to verify by does not start (CNF-01): it could
 * only refuse, and would look alive.
 */
#include <sodium.h>

#include "auth/guard.h"
#include "auth/keys.h"

static unsigned
env_flags(enum auth_mode mode)
{
	switch (mode) {
	case AUTH_READ:
		return ENV_RDONLY;
	case AUTH_WRITE:
		return 0;
	case AUTH_CREATE:
		return ENV_CREATE;
	}
	return ENV_RDONLY;
}

/* There is one to verify by when there is one to sign with. */
static enum err
have_key(struct arena *a, struct env *env, const char **why_out)
{
	struct bytes kid;
	struct txn *t;
	enum err e;

	*why_out = "the keys in grants/ cannot be read";
	e = txn_read(env, a, &t);
	if (e != OK)
		return e;
	e = vault_signing(t, &kid);
	txn_end(t);
	if (e != ERR_NOTFOUND)
		return e;
	*why_out = "there is no key to verify tokens by; make one with "
	    "\"tiphys key new\"";
	return ERR_CONFIG;
}

static enum err
read_care(const struct conf *conf, struct auth *g, const char **why_out)
{
	const struct bytes who = conf->text[CONF_CLINICIAN];

	if (bytes_is(who, "care-relation"))
		g->care_days = (uint32_t)conf->num[CONF_CARE_DAYS];
	else if (!bytes_is(who, "all")) {
		*why_out = "clinician-rights: is all or care-relation";
		return ERR_CONFIG;
	}
	return OK;
}

enum err
auth_open(struct arena *a, const struct conf *conf, enum auth_mode mode,
    struct auth **auth_out, const char **why_out)
{
	struct auth *g = arena_alloc(a, sizeof *g);
	enum err e;

	if (sodium_init() < 0) {
		*why_out = "libsodium cannot start; is there a source of "
		    "random bytes?";
		return ERR_CONFIG;
	}
	g->mode = mode;
	g->keys = conf_below(a, conf, "keys");
	g->aud = conf->text[CONF_BASE_URL];
	/* Reading: until an issuer is named, the base speaks for itself. */
	g->iss = conf->text[CONF_ISSUER].len > 0 ?
	    conf->text[CONF_ISSUER] : g->aud;
	g->token_max = (size_t)conf->num[CONF_TOKEN];
	g->life_s = conf->num[CONF_ACCESS_S];
	g->zone = (int)conf->num[CONF_ZONE];
	g->urls = prim_urls(conf);
	e = read_care(conf, g, why_out);
	if (e != OK)
		return e;

	e = keys_check(a, g->keys, mode != AUTH_READ, mode == AUTH_CREATE,
	    why_out);
	if (e == OK)
		e = vault_open(a, conf_below(a, conf, "grants"),
		    env_flags(mode), &g->env, why_out);
	if (e == OK && mode == AUTH_READ)
		e = have_key(a, g->env, why_out);
	if (e != OK)
		return e;
	g->cache = cache_new(a, (size_t)conf->num[CONF_CACHE]);
	*auth_out = g;
	return OK;
}
