/* SPDX-License-Identifier: Apache-2.0 */
/*
 * launch.c -- an EHR page starts an app for a patient.  (L3)
 *
 * The handle says nothing; what it stands for is here, for one app, one user
 * and five minutes, and is used up by the first request that brings it.
 *
 * Spec: SMART App Launch, EHR launch; interop 17.  Attacks AUZ-16 to AUZ-18.
 */
#include <jansson.h>

#include "auth/flow.h"

#define CONTEXT_MAX	4096	/* bytes of fhirContext */
#define INTENT_MAX	128
#define APPS_MAX	200

struct making {
	struct smart_call	*c;
	uint8_t			 hash[SAFE_HASH];
	struct safe_launch	 l;
};

static enum err
wrong(struct smart_call *c, const char *place, const char *text)
{
	return smart_fail(c, ERR_USAGE, FAULT_REQUEST, place, text);
}

/* An array of objects, or nothing. */
static bool
context_ok(struct bytes text)
{
	json_t *v;
	bool ok;

	if (text.len == 0)
		return true;
	if (text.len > CONTEXT_MAX)
		return false;
	v = json_loadb((const char *)text.p, text.len,
	    JSON_REJECT_DUPLICATES, NULL);
	ok = json_is_array(v);
	json_decref(v);
	return ok;
}

static enum err
check_context(struct smart_call *c, const struct smart_launch *l)
{
	if (l->encounter.len > 0 && !json_id_ok(l->encounter))
		return wrong(c, "encounter", "is the id of an Encounter");
	if (l->location.len > 0 && !json_id_ok(l->location))
		return wrong(c, "location", "is the id of a Location");
	if (l->intent.len > INTENT_MAX)
		return wrong(c, "intent", "is longer than 128 bytes");
	if (!context_ok(l->context))
		return wrong(c, "fhirContext", "is a JSON array of at most "
		    "4096 bytes");
	return OK;
}

/* Of the session, or (the tool) of the user that was named. */
static enum err
whose(struct smart *s, struct smart_call *c, const struct smart_form *form,
    struct bytes user, struct person *out)
{
	struct person p = { .name = user };
	struct user standing;
	enum err e;

	if (form != NULL) {
		e = smart_csrf_check(c, form);
		return e == OK ? session_person(s, c, out) : e;
	}
	e = stand_user(s, c, user, &standing);
	if (e == OK)
		e = smart_record(s, c, SDB_USER, user, &p.user);
	if (e == ERR_NOTFOUND)
		return smart_fail(c, e, FAULT_REQUEST, "user",
		    "there is no such user");
	if (e == OK) {
		p.rights = guard_rights(s->g, &standing, c->now);
		*out = p;
	}
	return e;
}

static enum err
check_patient(struct smart_call *c, const struct person *who,
    struct bytes patient)
{
	enum err e;

	if (patient.len == 0)
		return OK;
	if (c->t == NULL)
		return ERR_BUG;
	e = patient_allowed(c, who, patient);
	if (e == ERR_NOTFOUND || e == ERR_GONE)
		return smart_fail(c, ERR_NOTFOUND, FAULT_REQUEST, "patient",
		    "there is no such patient among those this user may "
		    "see");
	return e;
}

static enum err
write_launch(struct txn *t, void *arg)
{
	const struct making *w = arg;
	enum err e;

	e = safe_put(t, w->c->a, SDB_LAUNCH, hash_key(w->hash), &w->l);
	return e == OK ? safe_due(t, SDB_LAUNCH, hash_key(w->hash),
	    w->l.expires) : e;
}

static struct bytes
start_url(struct smart *s, struct smart_call *c, struct bytes launch_uri,
    struct bytes handle)
{
	const bool query = memchr(launch_uri.p, '?', launch_uri.len) != NULL;
	struct buf b = buf_on(c->a, 8192);
	struct bytes out = { .len = 0 };

	buf_add(&b, launch_uri);
	buf_str(&b, query ? "&iss=" : "?iss=");
	buf_pct(&b, s->base);
	buf_str(&b, "&launch=");
	buf_add(&b, handle);
	return buf_end(&b, &out) == OK ? out : launch_uri;
}

enum err
smart_launch(struct smart *s, struct smart_call *c,
    const struct smart_form *form, struct bytes user,
    const struct smart_launch *l, struct bytes *handle_out,
    struct bytes *location_out)
{
	struct making w = { .c = c };
	struct safe_client cl;
	struct bytes handle;
	struct person who;
	enum err e;

	e = whose(s, c, form, user, &who);
	if (e == OK)
		e = check_context(c, l);
	if (e == OK)
		e = check_patient(c, &who, l->patient);
	if (e != OK)
		return smart_end(c, e);
	e = client_find(s, c, l->client, &cl);
	if (e == ERR_NOTFOUND)
		return smart_fail(c, e, FAULT_REQUEST, "client",
		    "there is no such app, or it is disabled");
	if (e == OK && cl.launch_uri.len == 0)
		return wrong(c, "client", "this app has no launch URI "
		    "registered");
	if (e != OK)
		return smart_end(c, e);
	handle = smart_secret(c, "tsl_");
	(void)smart_hash("tsl_", handle, w.hash);
	w.l = (struct safe_launch){ .client = l->client, .user = who.name,
	    .ctx = { .patient = l->patient, .encounter = l->encounter,
	    .location = l->location, .intent = l->intent,
	    .fhir = l->context, .banner = l->no_banner ? 0 : 1 },
	    .expires = { c->now.ms + s->conf->num[CONF_LAUNCH_S] * 1000 } };
	c->user = who.name;
	c->client = l->client;
	e = smart_write(s, c, write_launch, &w);
	if (e != OK)
		return smart_end(c, e);
	*handle_out = handle;
	*location_out = start_url(s, c, cl.launch_uri, handle);
	return OK;
}

enum err
smart_launchable(struct smart *s, struct smart_call *c,
    struct smart_app **out, size_t *n_out)
{
	struct smart_app *list = arena_array(c->a, APPS_MAX, sizeof *list);
	struct safe_entry *have;
	struct safe_client cl;
	struct txn *t;
	size_t i, n = 0, n_have = 0;
	bool on;
	enum err e;

	e = smart_read(s, c, &t);
	if (e != OK)
		return smart_end(c, e);
	e = safe_list(t, c->a, SDB_CLIENT, SIZE_MAX, &have, &n_have);
	for (i = 0; e == OK && i < n_have && n < APPS_MAX; i++) {
		e = safe_record(SDB_CLIENT, have[i].val, &cl);
		if (e == OK)
			e = stand_client(s, c, have[i].key, &on);
		if (e == ERR_NOTFOUND) {
			on = false;
			e = OK;
		}
		if (e != OK)
			break;
		if (!on || cl.launch_uri.len == 0)
			continue;
		safe_keep(c->a, SDB_CLIENT, &cl);
		list[n++] = (struct smart_app){
		    .client = arena_copy(c->a, have[i].key),
		    .name = cl.name, .publisher = cl.publisher,
		    .origin = redirect_origin(cl.launch_uri) };
	}
	txn_end(t);
	if (e != OK)
		return smart_end(c, e);
	*out = list;
	*n_out = n;
	return OK;
}
