/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow.c -- where a browser stands between request and consent.  (L3)
 *
 * The step is not stored: it follows from who is signed in and what is
 * known, so that no page can be skipped and none is asked for twice.
 */
#include "auth/flow.h"

enum err
flow_find(struct smart *s, struct smart_call *c, struct txn *t,
    struct bytes id, uint8_t hash[static SAFE_HASH], struct safe_flow *out)
{
	uint8_t browser[SAFE_HASH];
	struct safe_flow f;
	enum err e;

	(void)s;
	if (!smart_hash("tsf_", id, hash) || !smart_browser(c, browser))
		return ERR_NOTFOUND;
	e = safe_get(t, SDB_FLOW, hash_key(hash), &f);
	if (e != OK)
		return e;
	if (c->now.ms >= f.expires.ms ||
	    memcmp(browser, f.browser, sizeof browser) != 0)
		return ERR_NOTFOUND;
	*out = f;
	return OK;
}

/* --- whose records ---------------------------------------------------- */

bool
flow_may_choose(const struct person *who, struct bytes patient)
{
	struct bytes one, rest = who->user.patients;
	bool more = rest.len > 0;

	switch (who->user.kind) {
	case USER_PRACTITIONER:
		return who->rights.reach != REACH_NONE;
	case USER_PATIENT:
		return bytes_starts(who->user.link, bytes_str("Patient/")) &&
		    bytes_eq(bytes_from(who->user.link, 8), patient);
	case USER_RELATED:
		while (more) {
			more = bytes_cut(rest, ' ', &one, &rest);
			if (bytes_eq(one, patient))
				return true;
		}
		return false;
	default:
		return false;
	}
}

/* The only one there is to choose, or "". */
static struct bytes
only_patient(const struct person *who)
{
	if (who->user.kind == USER_PATIENT)
		return bytes_from(who->user.link, 8);
	if (who->user.kind == USER_RELATED && who->user.patients.len > 0 &&
	    memchr(who->user.patients.p, ' ', who->user.patients.len) ==
	    NULL)
		return who->user.patients;
	return bytes_of(NULL, 0);
}

/*
 * Interop 14: also where a patient/ scope is asked without launch/patient.
 * Reading: an encounter is one patient's, so launch/encounter asks for both.
 */
static bool
wants_patient(struct arena *a, struct bytes scope)
{
	struct issues is = issues_on(a);
	struct scope_set set;

	return words_have(scope, "launch/patient") ||
	    words_have(scope, "launch/encounter") ||
	    (scope_parse(scope, &is, &set) == OK &&
	    (set.contexts & SCOPE_PATIENT) != 0);
}

/* --- the scope that can be granted ------------------------------------ */

/* user/ scopes give nothing to who has no rights over all (Z06). */
static enum err
within_rights(struct smart_call *c, struct flow *fl)
{
	struct issues is = issues_on(c->a);
	struct scope_set set;
	enum err e;

	e = scope_parse(fl->f.scope, &is, &set);
	if (e != OK)
		return ERR_STORE;
	scope_limit(&set, fl->who.rights.reach);
	return words_narrow(c->a, fl->f.scope, &set, fl->f.scope,
	    &fl->scope);
}

static enum err
know_person(struct smart *s, struct smart_call *c, struct flow *fl)
{
	uint8_t hash[SAFE_HASH];
	struct txn *t;
	enum err e;

	fl->step = STEP_LOGIN;
	if (!smart_browser(c, hash))
		return OK;
	e = smart_read(s, c, &t);
	if (e != OK)
		return e;
	e = session_find(s, c, t, hash, &fl->who);
	txn_end(t);
	if (e != OK)
		return e == ERR_LOGIN ? OK : e;
	if (fl->who.session.pending) {
		fl->step = STEP_SECOND;
		return OK;
	}
	/* prompt=login, max_age: an older sign-in does not count. */
	if (fl->who.session.started.ms < fl->f.login_after.ms)
		return OK;
	fl->step = STEP_PICK;
	return OK;
}

static enum err
know_patient(struct smart_call *c, struct flow *fl)
{
	const struct bytes only = only_patient(&fl->who);

	if (fl->f.bound.len > 0 && !bytes_eq(fl->f.bound, fl->who.name)) {
		c->error.event = "launch-of-another-user";
		return smart_fail(c, ERR_FORBIDDEN, FAULT_REQUEST, "launch",
		    "this app was started from another person's session; "
		    "sign in as that person, or start it again yourself");
	}
	if (fl->f.ctx.patient.len == 0 &&
	    wants_patient(c->a, fl->f.scope) && only.len > 0)
		fl->f.ctx.patient = only;
	if (fl->f.ctx.patient.len > 0 &&
	    !flow_may_choose(&fl->who, fl->f.ctx.patient)) {
		c->error.event = "patient-refused";
		return smart_fail(c, ERR_FORBIDDEN, FAULT_DENIED, NULL,
		    "this account has no right to that patient's record");
	}
	if (flow_wants_visit(&fl->f))
		fl->step = STEP_VISIT;
	else if (fl->f.ctx.patient.len > 0 ||
	    !wants_patient(c->a, fl->f.scope))
		fl->step = STEP_CONSENT;
	return within_rights(c, fl);
}

/* Its record and nothing else, in call memory. */
static enum err
read_flow(struct smart *s, struct smart_call *c, struct bytes id,
    struct flow *fl)
{
	struct txn *t;
	enum err e;

	e = smart_read(s, c, &t);
	if (e != OK)
		return e;
	e = flow_find(s, c, t, id, fl->hash, &fl->f);
	if (e == OK)
		safe_keep(c->a, SDB_FLOW, &fl->f);
	txn_end(t);
	return e;
}

enum err
flow_open(struct smart *s, struct smart_call *c, struct bytes id,
    struct flow *out)
{
	struct flow fl = { .step = STEP_LOGIN };
	enum err e;

	e = read_flow(s, c, id, &fl);
	if (e == OK)
		e = client_find(s, c, fl.f.client, &fl.client);
	if (e == ERR_NOTFOUND)
		return smart_fail(c, e, FAULT_REQUEST, NULL,
		    "this request is over, too old, or of another browser; "
		    "go back to the app and start again");
	if (e == OK)
		e = know_person(s, c, &fl);
	fl.scope = fl.f.scope;
	c->client = fl.f.client;
	c->user = fl.who.name;
	if (e == OK && fl.step == STEP_PICK)
		e = know_patient(c, &fl);
	if (e != OK)
		return smart_end(c, e);
	*out = fl;
	return OK;
}

enum err
flow_at(struct smart *s, struct smart_call *c,
    const struct smart_form *form, enum smart_step step, struct flow *out)
{
	enum err e;

	e = smart_csrf_check(c, form);
	if (e == OK)
		e = flow_open(s, c, form->flow, out);
	if (e == OK && out->step < step)
		return smart_fail(c, ERR_LOGIN, FAULT_LOGIN, NULL,
		    "a step before this one is missing; load the page "
		    "again");
	return e;
}

enum err
smart_flow(struct smart *s, struct smart_call *c, struct bytes id,
    struct smart_flow *out)
{
	struct flow fl;
	enum err e;

	e = flow_open(s, c, id, &fl);
	if (e != OK)
		return e;
	*out = (struct smart_flow){ .step = fl.step, .id = id,
	    .client = fl.f.client, .client_name = fl.client.name,
	    .publisher = fl.client.publisher,
	    .policy_uri = fl.client.policy_uri,
	    .tos_uri = fl.client.tos_uri,
	    .origin = redirect_origin(fl.f.redirect),
	    .registered_self = (fl.client.flags & CLIENT_SELF) != 0,
	    .user = fl.who.name, .user_name = fl.who.user.display,
	    .login_hint = fl.f.login_hint, .patient = fl.f.ctx.patient,
	    .encounter = fl.f.ctx.encounter,
	    .asked_visit = fl.f.visit != 0,
	    .others = fl.step > STEP_PICK && fl.f.ctx.patient.len > 0 &&
	    fl.f.bound.len == 0 && only_patient(&fl.who).len == 0,
	    .scope = fl.scope,
	    .identity = words_have(fl.scope, "openid"),
	    .offline = words_have(fl.scope, "offline_access") &&
	    (fl.client.flags & CLIENT_REFRESH) != 0,
	    .online = words_have(fl.scope, "online_access") &&
	    (fl.client.flags & CLIENT_REFRESH) != 0,
	    .days = s->conf->num[CONF_CONSENT_S] / 86400 };
	return OK;
}

/* --- choosing, and saying no ------------------------------------------ */

struct changing {
	struct smart_call	*c;
	const struct flow	*fl;
	flow_edit_fn		*edit;
	struct bytes		 choice;
};

static enum err
keep_change(struct txn *t, void *arg)
{
	const struct changing *w = arg;
	const struct bytes key = hash_key(w->fl->hash);
	struct safe_flow f;
	enum err e;

	e = safe_get(t, SDB_FLOW, key, &f);
	if (e != OK)
		return e;
	safe_keep(w->c->a, SDB_FLOW, &f);
	e = w->edit(&f, w->fl, w->choice);
	return e == OK ? safe_put(t, w->c->a, SDB_FLOW, key, &f) : e;
}

enum err
flow_change(struct smart *s, struct smart_call *c, const struct flow *fl,
    flow_edit_fn *edit, struct bytes choice)
{
	struct changing w = { .c = c, .fl = fl, .edit = edit,
	    .choice = choice };

	return smart_end(c, smart_write(s, c, keep_change, &w));
}

static enum err
edit_patient(struct safe_flow *f, const struct flow *fl, struct bytes id)
{
	(void)fl;
	f->ctx.patient = id;
	/* It was of the patient before. */
	if (f->bound.len == 0)
		f->ctx.encounter = bytes_of(NULL, 0);
	f->visit = 0;
	return OK;
}

enum err
smart_pick(struct smart *s, struct smart_call *c,
    const struct smart_form *form, struct bytes patient)
{
	struct smart_patient known;
	struct flow fl;
	enum err e;

	e = flow_at(s, c, form, STEP_PICK, &fl);
	if (e == OK)
		e = smart_patient(s, c, patient, &known);
	if (e != OK)
		return e;
	/* A launch has its patient; who wants another starts there. */
	if (fl.f.bound.len > 0 && fl.f.ctx.patient.len > 0)
		return smart_fail(c, ERR_FORBIDDEN, FAULT_DENIED, NULL,
		    "this app was started for one patient");
	return flow_change(s, c, &fl, edit_patient, patient);
}

enum err
smart_unpick(struct smart *s, struct smart_call *c,
    const struct smart_form *form)
{
	struct flow fl;
	enum err e;

	e = flow_at(s, c, form, STEP_PICK, &fl);
	if (e != OK)
		return e;
	if (fl.f.bound.len > 0)
		return smart_fail(c, ERR_FORBIDDEN, FAULT_DENIED, NULL,
		    "this app was started for one patient");
	return flow_change(s, c, &fl, edit_patient, bytes_of(NULL, 0));
}

static enum err
write_over(struct txn *t, void *arg)
{
	const struct flow *fl = arg;

	return safe_del(t, SDB_FLOW, hash_key(fl->hash));
}

enum err
smart_refuse(struct smart *s, struct smart_call *c, struct bytes flow,
    struct bytes *location_out)
{
	struct flow fl = { .step = STEP_LOGIN };
	enum err e;

	if (c->error.fault != FAULT_REQUEST)
		return ERR_NOTFOUND;
	e = read_flow(s, c, flow, &fl);
	if (e == OK)
		e = smart_write(s, c, write_over, &fl);
	if (e == OK)
		*location_out = ask_refusal(s, c, &fl.f);
	return e;
}

enum err
smart_deny(struct smart *s, struct smart_call *c,
    const struct smart_form *form, struct bytes *location_out)
{
	struct flow fl = { .step = STEP_LOGIN };
	enum err e;

	e = smart_csrf_check(c, form);
	if (e != OK)
		return e;
	e = read_flow(s, c, form->flow, &fl);
	if (e == ERR_NOTFOUND)
		return smart_fail(c, e, FAULT_REQUEST, NULL,
		    "this request is over already");
	if (e == OK)
		e = smart_write(s, c, write_over, &fl);
	if (e != OK)
		return smart_end(c, e);
	c->client = fl.f.client;
	c->error.event = "consent-denied";
	/* Also where a patient or a launch was refused: it ends here. */
	e = smart_fail(c, OK, FAULT_DENIED, NULL,
	    "the person did not agree");
	*location_out = ask_refusal(s, c, &fl.f);
	return e;
}
