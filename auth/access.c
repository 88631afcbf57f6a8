/* SPDX-License-Identifier: Apache-2.0 */
/*
 * access.c -- a request's token becomes a view.  (L3)
 *
 *	header -> token -> (seen | verified) -> time -> grant, user, client
 *	       -> rights of token AND grant AND user -> view
 *
 * All reads of one login are of one snapshot.  What is refused here is
 * refused alike to the outside; the reason goes to the tool alone.
 */
#include <sodium.h>

#include "auth/guard.h"
#include "auth/scope.h"

static enum err
refuse(const char **why_out, const char *why)
{
	*why_out = why;
	return ERR_LOGIN;
}

/* What is not there refuses; what cannot be read is no refusal. */
static enum err
missing(enum err e, const char **why_out, const char *why)
{
	return e == ERR_NOTFOUND ? refuse(why_out, why) : e;
}

enum err
guard_verify(const struct auth *g, struct arena *a, struct txn *t,
    struct bytes token, struct claims *out, const char **why_out)
{
	const char *why = NULL;
	struct claims c;
	struct jose j;
	struct key k;
	enum err e;

	if (token.len > g->token_max)
		return refuse(why_out, "the token is longer than "
		    "token-bytes");
	if (jose_parse(a, token, &j, &why) != OK)
		return refuse(why_out, why);
	e = vault_key(t, j.kid, &k);
	if (e != OK)
		return missing(e, why_out, "kid names no key of ours");
	if (k.state != KEY_ACTIVE)
		return refuse(why_out, "the key was retired");
	if (!jose_verify(&j, k.alg, k.pub))
		return refuse(why_out, "the signature does not fit, or alg "
		    "is not the key's");
	if (claims_parse(a, j.payload, &c, &why) != OK)
		return refuse(why_out, why);
	why = claims_place(&c, g->iss, g->aud);
	if (why != NULL)
		return refuse(why_out, why);
	*out = c;
	return OK;
}

/* Do grant, user and client stand, and agree with the token? */
static enum err
standing(struct txn *t, const struct claims *c, struct instant now,
    struct grant *grant_out, struct user *user_out, const char **why_out)
{
	bool enabled;
	enum err e;

	e = vault_grant(t, c->grant, grant_out);
	if (e != OK)
		return missing(e, why_out, "there is no such grant");
	if (grant_out->revoked.ms != 0)
		return refuse(why_out, "the grant was revoked");
	if (now.ms >= grant_out->expires.ms)
		return refuse(why_out, "the grant has expired");
	if (!bytes_eq(grant_out->user, c->sub) ||
	    !bytes_eq(grant_out->client, c->client) ||
	    !bytes_eq(grant_out->patient, c->patient))
		return refuse(why_out, "sub, client_id or patient is not "
		    "the grant's");
	e = vault_user(t, c->sub, user_out);
	if (e != OK)
		return missing(e, why_out, "there is no such user");
	if (!user_out->enabled)
		return refuse(why_out, "the user is disabled");
	if (user_out->epoch_s != 0 && c->iat <= user_out->epoch_s)
		return refuse(why_out, "the user's tokens of that time "
		    "were ended");
	e = vault_client(t, c->client, &enabled);
	if (e != OK)
		return missing(e, why_out, "there is no such client");
	return enabled ? OK : refuse(why_out, "the client is disabled");
}

/*
 * A user/ scope of a practitioner reaches, where the configuration says so,
 * those patients alone to whom there is a care relation (Z06).  Who is linked
 * to no Practitioner cares for nobody.
 */
struct rights
guard_rights(const struct auth *g, const struct user *u, struct instant now)
{
	const struct bytes kind = bytes_str("Practitioner/");
	struct rights r = { .reach = u->rights, .zone = g->zone,
	    .urls = g->urls };

	if (u->kind != USER_PRACTITIONER || g->care_days == 0 ||
	    u->rights != REACH_ALL)
		return r;
	r.reach = REACH_RELATION;
	r.care = (struct relation){ .now = now, .care_days = g->care_days };
	if (bytes_starts(u->link, kind))
		r.care.practitioner = bytes_from(u->link, kind.len);
	return r;
}

/*
 * What token and grant both allow, within the user's rights.  The patient
 * is the grant's, which the token's is equal to.
 */
static enum err
build(struct arena *a, const struct grant *grant, const struct rights *rights,
    const struct claims *c, struct view *view_out, const char **why_out)
{
	struct issues is = issues_on(a);
	struct scope_set set, granted;
	enum err e;

	e = scope_parse(c->scope, &is, &set);
	if (e == OK)
		e = scope_parse(grant->scope, &is, &granted);
	if (e != OK)
		return refuse(why_out, is.first != NULL ? is.first->text :
		    "the scope is malformed");
	/* Z05, TOK-24: also where another scope would let it in. */
	if (c->patient.len == 0 && ((set.contexts | granted.contexts) &
	    SCOPE_PATIENT) != 0)
		return refuse(why_out, "a patient/ scope without a "
		    "patient");
	scope_limit(&set, rights->reach);
	scope_limit(&granted, rights->reach);
	scope_meet(a, &set, &granted);
	e = scope_view(a, &set, c->patient, rights, view_out);
	if (e != OK)
		return refuse(why_out, scope_view_why(e));
	scope_seal(view_out, c->sub, c->client);
	return OK;
}

/*
 * The verified token: remembered, or verified now.  *seen_out is request
 * memory; without a view (n_rule 0, rights NONE, no grant scope) when new.
 */
static enum err
recall(struct auth *g, struct arena *a, struct txn *t, struct bytes token,
    struct seen **seen_out, bool *fresh_out, const char **why_out)
{
	uint8_t hash[CACHE_HASH_LEN];
	uint64_t generation;
	struct seen *s;
	enum err e;

	e = vault_generation(t, &generation);
	if (e != OK)
		return e;
	crypto_generichash(hash, sizeof hash, token.p, token.len, NULL, 0);
	s = cache_find(g->cache, a, hash);
	*fresh_out = s == NULL || s->generation != generation;
	if (*fresh_out) {
		s = arena_alloc(a, sizeof *s);
		memcpy(s->hash, hash, sizeof hash);
		s->generation = generation;
		e = guard_verify(g, a, t, token, &s->claims, why_out);
		if (e != OK)
			return e;
	}
	*seen_out = s;
	return OK;
}

void
guard_remember(struct cache *cache, const struct seen *s)
{
	struct seen kept = *s;
	size_t i;

	for (i = 0; i < s->view.n_rule; i++)
		if (s->view.rule[i].n_where > 0) {
			kept.view = (struct view){ .n_rule = 0 };
			kept.rights = REACH_NONE;
			kept.grant_scope = bytes_of(NULL, 0);
		}
	cache_put(cache, &kept);
}

/* Everything that may refuse, then the view. */
enum err
guard_judge(struct auth *g, struct arena *a, struct txn *t, struct bytes token,
    struct instant now, struct seen **seen_out, const char **why_out)
{
	struct grant grant;
	struct user user;
	struct seen *s;
	struct rights rights;
	const char *why;
	bool fresh;
	enum err e;

	e = recall(g, a, t, token, &s, &fresh, why_out);
	if (e != OK)
		return e;
	why = claims_time(&s->claims, now, g->life_s);
	if (why != NULL)
		e = refuse(why_out, why);
	else
		e = standing(t, &s->claims, now, &grant, &user, why_out);
	if (e == ERR_LOGIN)
		cache_drop(g->cache, s->hash);
	if (e != OK)
		return e;
	*seen_out = s;
	rights = guard_rights(g, &user, now);
	rights.care.practitioner = arena_copy(a, rights.care.practitioner);
	if (!fresh && s->rights == rights.reach &&
	    bytes_eq(s->grant_scope, grant.scope) &&
	    bytes_eq(s->view.relation.practitioner,
	    rights.care.practitioner)) {
		s->view.relation.now = now;
		return OK;
	}
	e = build(a, &grant, &rights, &s->claims, &s->view, why_out);
	if (e != OK)
		return e;
	s->rights = rights.reach;
	s->grant_scope = arena_copy(a, grant.scope);
	guard_remember(g->cache, s);
	return OK;
}
