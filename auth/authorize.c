/* SPDX-License-Identifier: Apache-2.0 */
/*
 * authorize.c -- requests become flows; requests pushed before.  (L3)
 *
 * A flow, the launch handle it uses and the pushed request it was made of
 * are one transaction: neither works twice.
 *
 * Spec: RFC 9126; SMART App Launch, EHR launch.  Attacks AUZ-16 to AUZ-18,
 * AUZ-31, AUZ-33.
 */
#include "auth/smart_in.h"

#define URN		"urn:ietf:params:oauth:request_uri:"
#define PARAMS_MAX	64
#define PUSH_MAX	32768	/* bytes of a pushed request */
#define PUSH_S		90

struct start {
	struct ask	*k;
	struct bytes	 id;		/* of the flow */
	uint8_t		 hash[SAFE_HASH];
	uint8_t		 launch[SAFE_HASH], push[SAFE_HASH];
	bool		 pushed;
	int64_t		 wait_s;
	struct bytes	 person;	/* signed in, and good for this flow */
	const char	*why;		/* of ERR_USAGE: the launch */
};

/* --- what is used up -------------------------------------------------- */

static enum err
use_launch(struct txn *t, struct start *st)
{
	struct ask *k = st->k;
	struct safe_launch l;
	enum err e;

	if (k->launch.len == 0)
		return OK;
	st->why = "is not a handle this server made, was used, or is too "
	    "old; start the app from the record again";
	if (!smart_hash("tsl_", k->launch, st->launch))
		return ERR_USAGE;
	e = safe_get(t, SDB_LAUNCH, hash_key(st->launch), &l);
	if (e != OK)
		return e == ERR_NOTFOUND ? ERR_USAGE : e;
	if (!bytes_eq(l.client, k->f.client) ||
	    k->c->now.ms >= l.expires.ms)
		return ERR_USAGE;
	safe_keep(k->c->a, SDB_LAUNCH, &l);
	/* AUZ-18.  Who is not signed in yet may turn out to be the one. */
	if (st->person.len > 0 && !bytes_eq(st->person, l.user)) {
		st->why = "was made for another person's session; start the "
		    "app from the record again";
		return ERR_USAGE;
	}
	k->f.ctx = l.ctx;
	k->f.bound = l.user;
	return safe_del(t, SDB_LAUNCH, hash_key(st->launch));
}

static enum err
use_push(struct txn *t, struct start *st)
{
	struct safe_push p;
	enum err e;

	if (!st->pushed)
		return OK;
	st->why = "was used, or is too old";
	e = safe_get(t, SDB_PUSH, hash_key(st->push), &p);
	if (e != OK)
		return e == ERR_NOTFOUND ? ERR_USAGE : e;
	return safe_del(t, SDB_PUSH, hash_key(st->push));
}

static enum err
write_flow(struct txn *t, void *arg)
{
	struct start *st = arg;
	struct ask *k = st->k;
	uint8_t net[SAFE_HASH];
	enum err e;

	throttle_key(THROTTLE_FLOW, bytes_of(NULL, 0), k->c->address, net);
	e = throttle_wait(k->s, k->c, t, THROTTLE_FLOW, net, &st->wait_s);
	if (e != OK || st->wait_s > 0)
		return e;
	e = throttle_count(k->s, k->c, t, THROTTLE_FLOW, net);
	if (e == OK)
		e = use_push(t, st);
	if (e == OK)
		e = use_launch(t, st);
	k->f.expires.ms = k->c->now.ms + k->s->conf->num[CONF_FLOW_S] * 1000;
	if (e == OK)
		e = safe_put(t, k->c->a, SDB_FLOW, hash_key(st->hash),
		    &k->f);
	return e == OK ? safe_due(t, SDB_FLOW, hash_key(st->hash),
	    k->f.expires) : e;
}

/* The flow is this browser's, which gets a cookie if it has none. */
static void
bind(struct start *st)
{
	struct smart_call *c = st->k->c;

	st->id = smart_secret(c, "tsf_");
	(void)smart_hash("tsf_", st->id, st->hash);
	if (smart_browser(c, st->k->f.browser))
		return;
	c->new_cookie = smart_secret(c, "tsb_");
	(void)smart_hash("tsb_", c->new_cookie, st->k->f.browser);
}

/* --- prompt=none, and launches of others ------------------------------ */

static enum err
check_person(struct start *st)
{
	struct smart_call *c = st->k->c;
	struct person who;
	enum err e;

	e = session_person(st->k->s, c, &who);
	if (e == ERR_LOGIN && !st->k->none) {
		c->error = (struct smart_error){ .fault = FAULT_NONE };
		return OK;
	}
	if (e == ERR_LOGIN)
		return smart_fail(c, ERR_USAGE, FAULT_LOGIN, "prompt",
		    "none, but nobody is signed in");
	if (e == OK && who.session.started.ms >= st->k->f.login_after.ms)
		st->person = who.name;
	if (e != OK || !st->k->none)
		return e;
	/* Reading: consent is asked for each time, so there is none that
	 * could be given without a page. */
	return smart_fail(c, ERR_USAGE, FAULT_CONSENT, "prompt",
	    "none, but the person has to be asked");
}

static enum err
finish(struct start *st, struct smart_authorized *out)
{
	struct smart_call *c = st->k->c;
	enum err e;

	e = check_person(st);
	if (e != OK)
		return e;
	bind(st);
	e = smart_write(st->k->s, c, write_flow, st);
	if (e == OK && st->wait_s > 0) {
		c->error.retry_s = st->wait_s;
		return smart_fail(c, ERR_THROTTLED, FAULT_SLOW, NULL,
		    "too many requests from this network; try again in a "
		    "minute");
	}
	if (e == ERR_USAGE) {
		c->error.event = "launch-refused";
		return smart_fail(c, e, FAULT_REQUEST, "launch", st->why);
	}
	if (e == OK)
		*out = (struct smart_authorized){ .flow = st->id };
	return smart_end(c, e);
}

/* --- pushed requests -------------------------------------------------- */

/* The parameters are those pushed; the request names the client again. */
static enum err
unpush(struct start *st, struct bytes uri)
{
	struct ask *k = st->k;
	struct issues is = issues_on(k->c->a);
	struct safe_push p;
	struct pair *pair;
	struct txn *t;
	enum err e;

	e = smart_read(k->s, k->c, &t);
	if (e != OK)
		return smart_end(k->c, e);
	e = smart_hash("tsp_", bytes_from(uri, strlen(URN)), st->push) ?
	    safe_get(t, SDB_PUSH, hash_key(st->push), &p) : ERR_NOTFOUND;
	if (e == OK)
		safe_keep(k->c->a, SDB_PUSH, &p);
	txn_end(t);
	if (e != OK && e != ERR_NOTFOUND)
		return smart_end(k->c, e);
	if (e == ERR_NOTFOUND || k->c->now.ms >= p.expires.ms ||
	    !bytes_eq(p.client, param_get(k->pair, k->n, "client_id")))
		return smart_fail(k->c, ERR_USAGE, FAULT_REQUEST_URI,
		    "request_uri", "names no request of this app that was "
		    "pushed within the last minute and a half");
	e = query_pairs(k->c->a, p.params, PARAMS_MAX, &is, &pair, &k->n);
	if (e != OK)
		return smart_end(k->c, ERR_STORE);
	k->pair = pair;
	k->f.jkt = p.jkt;
	st->pushed = true;
	return OK;
}

enum err
smart_authorize(struct smart *s, struct smart_call *c,
    const struct pair *pair, size_t n, struct smart_authorized *out)
{
	struct ask k = { .s = s, .c = c, .pair = pair, .n = n };
	struct start st = { .k = &k };
	struct bytes uri, jkt;
	enum err e;

	e = param_check(c, pair, n);
	uri = param_get(pair, n, "request_uri");
	if (e == OK && bytes_starts(uri, bytes_str(URN)))
		e = unpush(&st, uri);
	jkt = k.f.jkt;
	if (e == OK)
		e = ask_client(&k);
	if (e != OK)
		return e;
	e = ask_check(&k);
	if (e == OK) {
		if (jkt.len > 0)
			k.f.jkt = jkt;
		e = finish(&st, out);
	}
	if (e != ERR_USAGE)
		return e;
	*out = (struct smart_authorized){
	    .location = ask_refusal(s, c, &k.f) };
	return OK;
}

struct pushing {
	struct smart_call	*c;
	const struct caller	*who;
	struct safe_push	 p;
	uint8_t			 hash[SAFE_HASH];
};

static enum err
write_push(struct txn *t, void *arg)
{
	const struct pushing *w = arg;
	enum err e;

	e = caller_once(w->c, t, w->who);
	if (e == OK)
		e = safe_put(t, w->c->a, SDB_PUSH, hash_key(w->hash),
		    &w->p);
	return e == OK ? safe_due(t, SDB_PUSH, hash_key(w->hash),
	    w->p.expires) : e;
}

/* Re-encoded; what proves the client is not kept. */
static enum err
encode(const struct ask *k, struct bytes *out)
{
	struct buf b = buf_on(k->c->a, PUSH_MAX);
	size_t i;

	for (i = 0; i < k->n; i++) {
		if (bytes_starts(k->pair[i].name, bytes_str("client_")) &&
		    !bytes_is(k->pair[i].name, "client_id"))
			continue;
		if (b.len > 0)
			buf_str(&b, "&");
		buf_pct(&b, k->pair[i].name);
		buf_str(&b, "=");
		buf_pct(&b, k->pair[i].value);
	}
	return buf_end(&b, out);
}

static enum err
check_pushed(struct ask *k, const struct caller *who)
{
	enum err e;

	if (param_get(k->pair, k->n, "request_uri").len > 0)
		return smart_fail(k->c, ERR_USAGE, FAULT_REQUEST,
		    "request_uri", "has no place in a pushed request");
	if (!bytes_eq(param_get(k->pair, k->n, "client_id"), who->id))
		return smart_fail(k->c, ERR_USAGE, FAULT_REQUEST,
		    "client_id", "is missing, or another's");
	e = ask_client(k);
	return e == OK ? ask_check(k) : e;
}

enum err
smart_push(struct smart *s, struct smart_call *c,
    const struct smart_post *p, struct buf *json_out)
{
	struct ask k = { .s = s, .c = c, .pair = p->pair, .n = p->n };
	struct caller who;
	struct pushing w = { .c = c, .who = &who,
	    .p.expires = { c->now.ms + PUSH_S * 1000 } };
	struct bytes secret;
	enum err e;

	e = caller_find(s, c, p, &who);
	if (e == OK)
		e = check_pushed(&k, &who);
	if (e == OK && encode(&k, &w.p.params) != OK)
		e = smart_fail(c, ERR_USAGE, FAULT_REQUEST, NULL,
		    "the request is longer than 32 KiB");
	if (e != OK)
		return e;
	w.p.client = who.id;
	secret = smart_secret(c, "tsp_");
	(void)smart_hash("tsp_", secret, w.hash);
	e = smart_write(s, c, write_push, &w);
	if (e == OK) {
		buf_printf(json_out, "{\"request_uri\":\"%s%.*s\","
		    "\"expires_in\":%d}", URN, BYTES_FMT(secret), PUSH_S);
	}
	return smart_end(c, e);
}
