/* SPDX-License-Identifier: Apache-2.0 */
/*
 * patient.c -- the patient picker: names through the user's view.  (L3)
 *
 * Asked of the store as any other search, so that what the user may not see
 * is not there; who is no practitioner is shown the patients his record
 * names and searches nothing.
 */
#include <jansson.h>

#include "auth/flow.h"
#include "auth/jws.h"
#include "fhir/json_scan.h"

#define SHOWN_MAX	20
#define SEARCH_ROWS	200000	/* of the store, for one page */
#define TERM_MAX	128	/* bytes of a search field */

static void
drop_json(void *p)
{
	json_decref(p);
}

/* Not jws_object: that refuses as deep as no token is, and records are. */
const json_t *
picked_object(struct arena *a, const struct resource *r)
{
	json_t *o;
	size_t at;

	if (json_tree(a, r->body, &o, &at) != OK)
		return NULL;
	arena_defer(a, drop_json, o);
	return o;
}

static void
add_words(struct buf *b, const json_t *list)
{
	const json_t *v;
	size_t i;

	json_array_foreach(list, i, v) {
		if (!json_is_string(v))
			continue;
		if (b->len > 0)
			buf_str(b, " ");
		buf_add(b, bytes_of(json_string_value(v),
		    json_string_length(v)));
	}
}

/* "Ada Maria Lovelace": of the first name that has one. */
static struct bytes
name_of(struct arena *a, const json_t *patient)
{
	struct buf b = buf_on(a, 1024);
	struct bytes out = { .len = 0 };
	const json_t *name;
	size_t i;

	json_array_foreach(json_object_get(patient, "name"), i, name) {
		add_words(&b, json_object_get(name, "given"));
		add_words(&b, json_object_get(name, "family"));
		if (b.len == 0)
			buf_add(&b, jws_text(name, "text"));
		if (b.len > 0)
			break;
	}
	if (buf_end(&b, &out) != OK)
		return bytes_of(NULL, 0);
	return out;
}

static enum err
describe(struct arena *a, const struct resource *r,
    struct smart_patient *out)
{
	const json_t *p = picked_object(a, r);

	if (p == NULL)
		return ERR_STORE;
	*out = (struct smart_patient){ .id = arena_copy(a, r->id),
	    .name = name_of(a, p), .birth = jws_text(p, "birthDate"),
	    .gender = jws_text(p, "gender"),
	    .identifier = jws_text(json_array_get(json_object_get(p,
	    "identifier"), 0), "value") };
	return OK;
}

/* What this person may see of patients: everybody, or one. */
static enum err
view_of(struct smart_call *c, const struct person *who,
    struct bytes patient, struct view *out)
{
	const bool all = who->rights.reach != REACH_NONE;
	struct issues is = issues_on(c->a);
	enum err e;

	e = auth_scope(c->a, bytes_str(all ? "user/Patient.rs" :
	    "patient/Patient.rs"), patient, &who->rights, &is, out);
	if (e == OK)
		scope_seal(out, who->name, bytes_str("picker"));
	return e;
}

enum err
patient_allowed(struct smart_call *c, const struct person *who,
    struct bytes id)
{
	struct resource r;
	struct view view;
	enum err e;

	if (!json_id_ok(id) || !flow_may_choose(who, id))
		return ERR_NOTFOUND;
	e = view_of(c, who, id, &view);
	return e == OK ? store_read(c->t, &view,
	    def_type(bytes_str("Patient"))->num, id, &r) : e;
}

static enum err
none_such(struct smart_call *c)
{
	return smart_fail(c, ERR_FORBIDDEN, FAULT_DENIED, "patient",
	    "there is no such patient among those this account may "
	    "choose");
}

/* Of one who may be chosen by who. */
static enum err
read_one(struct smart_call *c, const struct person *who, struct bytes id,
    struct smart_patient *out)
{
	struct resource r;
	struct view view;
	enum err e;

	if (c->t == NULL)
		return ERR_BUG;
	if (!json_id_ok(id) || !flow_may_choose(who, id))
		return none_such(c);
	e = view_of(c, who, id, &view);
	if (e == OK)
		e = store_read(c->t, &view, def_type(bytes_str("Patient"))
		    ->num, id, &r);
	if (e == ERR_NOTFOUND || e == ERR_GONE)
		return none_such(c);
	if (e == OK)
		e = describe(c->a, &r, out);
	return smart_end(c, e);
}

enum err
smart_patient(struct smart *s, struct smart_call *c, struct bytes id,
    struct smart_patient *out)
{
	struct person who;
	enum err e;

	e = session_person(s, c, &who);
	return e == OK ? read_one(c, &who, id, out) : e;
}

/* The list of a proxy, or the one of a patient. */
static enum err
list_own(struct smart_call *c, const struct person *who,
    struct smart_patient *list, size_t *n_out)
{
	struct bytes id, rest = who->user.kind == USER_PATIENT ?
	    bytes_from(who->user.link, 8) : who->user.patients;
	bool more = rest.len > 0 && who->user.kind != USER_ADMIN;
	size_t n = 0;
	enum err e;

	while (more && n < SHOWN_MAX) {
		more = bytes_cut(rest, ' ', &id, &rest);
		e = read_one(c, who, id, &list[n]);
		if (e == OK)
			n++;
		else if (e != ERR_FORBIDDEN)
			return e;
	}
	c->error = (struct smart_error){ .fault = FAULT_NONE };
	*n_out = n;
	return OK;
}

static enum err
build_query(struct smart *s, struct smart_call *c, struct bytes name,
    struct bytes birth, struct bytes identifier, struct query *out)
{
	const struct pair all[] = {
		{ bytes_str("name"), name },
		{ bytes_str("birthdate"), birth },
		{ bytes_str("identifier"), identifier },
	};
	struct pair pair[N_ELEM(all)];
	size_t i, n = 0;

	for (i = 0; i < N_ELEM(all); i++) {
		if (all[i].value.len > TERM_MAX)
			return smart_fail(c, ERR_USAGE, FAULT_REQUEST, NULL,
			    "a field is longer than 128 bytes");
		if (all[i].value.len > 0)
			pair[n++] = all[i];
	}
	if (smart_query(s, c, def_type(bytes_str("Patient"))->num, pair, n,
	    out) != OK)
		return smart_fail(c, ERR_USAGE, FAULT_REQUEST, NULL,
		    "this cannot be searched by; a birth date is written "
		    "1984-06-30");
	return OK;
}

static enum err
search(struct smart *s, struct smart_call *c, const struct person *who,
    const struct query *q, struct smart_patient *list, size_t *n_out,
    bool *more_out)
{
	struct page_ask ask = { .count = SHOWN_MAX,
	    .max_rows = SEARCH_ROWS, .max_bytes = (uint64_t)4 << 20,
	    .now = c->now, .lifetime_ms = 1000 };
	struct issues is = issues_on(c->a);
	struct view view;
	struct page page;
	size_t i;
	enum err e;

	(void)s;
	memcpy(ask.nonce, smart_random(c, sizeof ask.nonce),
	    sizeof ask.nonce);
	e = view_of(c, who, bytes_of(NULL, 0), &view);
	if (e == OK)
		e = store_search(c->t, c->a, &view, q, &ask, &is, &page);
	if (e == ERR_COSTLY)
		return smart_fail(c, ERR_USAGE, FAULT_REQUEST, NULL,
		    "there are too many patients to search this way; type "
		    "more of the name, or the birth date");
	for (i = 0; e == OK && i < page.n_match; i++)
		e = describe(c->a, &page.entry[i], &list[i]);
	if (e != OK)
		return e;
	*n_out = page.n_match;
	*more_out = page.total > page.n_match;
	return OK;
}

enum err
smart_patients(struct smart *s, struct smart_call *c, struct bytes name,
    struct bytes birth, struct bytes identifier, struct smart_patient **out,
    size_t *n_out, bool *more_out)
{
	struct smart_patient *list = arena_array(c->a, SHOWN_MAX,
	    sizeof *list);
	struct person who;
	struct query q;
	enum err e;

	if (c->t == NULL)
		return ERR_BUG;
	*out = list;
	*n_out = 0;
	*more_out = false;
	e = session_person(s, c, &who);
	if (e == OK && who.rights.reach == REACH_NONE)
		return smart_end(c, list_own(c, &who, list, n_out));
	if (e == OK)
		e = build_query(s, c, name, birth, identifier, &q);
	if (e == OK)
		e = search(s, c, &who, &q, list, n_out, more_out);
	return smart_end(c, e);
}
