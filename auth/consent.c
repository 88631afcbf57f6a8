/* SPDX-License-Identifier: Apache-2.0 */
/*
 * consent.c -- what was ticked becomes a grant, and a code for it.  (L3)
 *
 * The form says what was ticked and nothing else: scope, client and patient
 * are those of the flow (AUZ-20).  The grant is written here and counts once
 * its code is redeemed; one that never is goes with its code.
 */
#include "auth/flow.h"
#include "base/text.h"

#define SHOWN_TEXT_MAX	4096	/* bytes kept of the words of the page */
#define SCOPE_OUT_MAX	2400	/* bytes: a token has to hold it */

static const char *const identity[] = { "openid", "fhirUser", "profile" };

/* --- narrowing by choice ---------------------------------------------- */

static bool
is_ticked(const struct bytes *list, size_t n, const char *word, bool everyone)
{
	const struct bytes head = bytes_str(everyone ? "user:" : "");
	size_t i;

	for (i = 0; i < n; i++)
		if (bytes_starts(list[i], head) &&
		    bytes_is(bytes_from(list[i], head.len), word))
			return true;
	return false;
}

/* Does a word of the form name something on the page? */
static bool
known(struct bytes word, bool type, const struct smart_group *g, size_t n)
{
	const bool everyone = bytes_starts(word, bytes_str("user:"));
	const struct bytes name = bytes_from(word, everyone ? 5 : 0);
	size_t i, j;

	for (i = 0; i < n; i++) {
		if (g[i].everyone != everyone)
			continue;
		if (!type && bytes_is(name, g[i].key))
			return true;
		for (j = 0; type && j < g[i].n_type; j++)
			if (bytes_is(name, g[i].type[j].name))
				return true;
	}
	return false;
}

static enum err
check_words(struct smart_call *c, const struct smart_choice *ch,
    const struct smart_group *g, size_t n)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < ch->n_group; i++)
		ok = ok && known(ch->group[i], false, g, n);
	for (i = 0; i < ch->n_type; i++)
		ok = ok && known(ch->type[i], true, g, n);
	return ok ? OK : smart_fail(c, ERR_USAGE, FAULT_REQUEST, NULL,
	    "something was ticked that was not on the page; load it again");
}

/* The rights of what was ticked. */
static void
ticked_set(const struct smart_choice *ch, const struct smart_group *g,
    size_t n, struct scope_set *out)
{
	const uint8_t ops = ch->read_only ? VIEW_READ | VIEW_SEARCH :
	    VIEW_READ | VIEW_SEARCH | VIEW_CREATE | VIEW_UPDATE |
	    VIEW_DELETE;
	struct scope_set set = { .contexts = SCOPE_PATIENT | SCOPE_USER };
	const struct smart_type *ty;
	size_t i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < g[i].n_type; j++) {
			ty = &g[i].type[j];
			if (!ch->all && !is_ticked(ch->group, ch->n_group,
			    g[i].key, g[i].everyone) &&
			    !is_ticked(ch->type, ch->n_type, ty->name,
			    g[i].everyone))
				continue;
			if (g[i].everyone)
				set.user[ty->type] = ops;
			else
				set.patient[ty->type] = ops;
		}
	*out = set;
}

static enum err
choose(struct smart *s, struct smart_call *c, const struct flow *fl,
    const struct smart_choice *ch, struct bytes *scope_out)
{
	struct snapshot *counts = c->t;
	struct bytes plain = fl->scope;
	struct smart_group *g;
	struct scope_set set;
	size_t n, i;
	enum err e;

	c->t = NULL;	/* nobody reads the counts now */
	e = flow_groups(s, c, fl, &g, &n);
	c->t = counts;
	if (e == OK)
		e = check_words(c, ch, g, n);
	if (e != OK)
		return e;
	ticked_set(ch, g, n, &set);
	if (ch->no_offline) {
		plain = words_less(c->a, plain, "offline_access");
		plain = words_less(c->a, plain, "online_access");
	}
	for (i = 0; ch->no_identity && i < N_ELEM(identity); i++)
		plain = words_less(c->a, plain, identity[i]);
	e = words_narrow(c->a, fl->scope, &set, plain, scope_out);
	if (e == ERR_TOOBIG || (e == OK && scope_out->len > SCOPE_OUT_MAX))
		return smart_fail(c, ERR_USAGE, FAULT_SCOPE, NULL,
		    "this choice has too many parts; leave whole groups "
		    "out instead of single kinds of data");
	return smart_end(c, e);
}

/* Something to read, or at least who the person is. */
static bool
is_nothing(struct arena *a, struct bytes scope)
{
	struct issues is = issues_on(a);
	struct scope_set set;

	return scope_parse(scope, &is, &set) != OK ||
	    (set.contexts == 0 && !words_have(scope, "openid"));
}

/* --- the grant -------------------------------------------------------- */

struct approval {
	struct smart		*s;
	struct smart_call	*c;
	const struct flow	*fl;
	struct bytes		 id;		/* of the grant */
	struct safe_grant	 grant;
	struct safe_code	 code;
	uint8_t			 hash[SAFE_HASH];	/* of the code */
};

static enum err
write_approval(struct txn *t, void *arg)
{
	struct approval *w = arg;
	struct arena *a = w->c->a;
	struct safe_flow f;
	enum err e;

	/* Two clicks are one consent: the flow is there once. */
	e = safe_get(t, SDB_FLOW, hash_key(w->fl->hash), &f);
	if (e == OK)
		e = safe_del(t, SDB_FLOW, hash_key(w->fl->hash));
	if (e == OK)
		e = safe_put(t, a, SDB_GRANT, w->id, &w->grant);
	if (e == OK)
		e = safe_due(t, SDB_GRANT, w->id, w->code.expires);
	if (e == OK)
		e = safe_put(t, a, SDB_CODE, hash_key(w->hash), &w->code);
	/* A used code is remembered as long as its tokens may live. */
	if (e == OK)
		e = safe_due(t, SDB_CODE, hash_key(w->hash),
		    (struct instant){ w->grant.expires.ms });
	return e;
}

static void
fill(struct approval *w, struct bytes scope, const struct smart_choice *ch)
{
	const struct flow *fl = w->fl;
	const struct conf *conf = w->s->conf;
	const bool may = (fl->client.flags & CLIENT_REFRESH) != 0;
	const bool offline = may && words_have(scope, "offline_access");
	const bool online = may && !offline &&
	    words_have(scope, "online_access");
	const int64_t life_s = offline ? conf->num[CONF_CONSENT_S] :
	    online ? conf->num[CONF_SESSION_S] :
	    conf->num[CONF_ACCESS_S] + conf->num[CONF_CODE_S];

	w->grant = (struct safe_grant){ .client = fl->f.client,
	    .user = fl->who.name, .serial = fl->who.user.serial,
	    .scope = scope, .ctx = fl->f.ctx, .offline = offline,
	    .online = online, .jkt = fl->f.jkt,
	    .shown = bytes_sub(ch->shown, 0, SHOWN_TEXT_MAX),
	    .text_version = SMART_TEXT_VERSION, .created = w->c->now,
	    .used = w->c->now, .auth_time = fl->who.session.started,
	    .expires = { w->c->now.ms + life_s * 1000 } };
	if (online)
		memcpy(w->grant.session, fl->who.hash,
		    sizeof w->grant.session);
	w->code = (struct safe_code){ .grant = w->id,
	    .client = fl->f.client, .redirect = fl->f.redirect,
	    .challenge = fl->f.challenge, .nonce = fl->f.nonce,
	    .expires = { w->c->now.ms + conf->num[CONF_CODE_S] * 1000 } };
}

enum err
smart_approve(struct smart *s, struct smart_call *c,
    const struct smart_form *form, const struct smart_choice *choice,
    struct bytes *location_out)
{
	struct approval w = { .s = s, .c = c };
	struct bytes scope, secret;
	struct flow fl;
	enum err e;

	e = flow_at(s, c, form, STEP_CONSENT, &fl);
	if (e == OK)
		e = choose(s, c, &fl, choice, &scope);
	if (e != OK)
		return e;
	if (is_nothing(c->a, scope))
		return smart_deny(s, c, form, location_out);
	w.fl = &fl;
	w.id = text_b64url(c->a, bytes_of(smart_random(c, 16), 16));
	c->grant = w.id;
	secret = smart_secret(c, "tsc_");
	(void)smart_hash("tsc_", secret, w.hash);
	fill(&w, scope, choice);
	e = smart_write(s, c, write_approval, &w);
	if (e == ERR_NOTFOUND)
		return smart_fail(c, e, FAULT_REQUEST, NULL,
		    "this request was answered already");
	if (e != OK)
		return smart_end(c, e);
	c->error.event = "consent-given";
	*location_out = ask_answer(s, c, &fl.f, "code", secret);
	return OK;
}
