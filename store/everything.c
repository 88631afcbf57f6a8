/* SPDX-License-Identifier: Apache-2.0 */
/*
 * everything.c -- all there is of one patient, page by page.
 *
 * The matches are the patient's own resources, of the types the view may
 * read, in the order of their creation within each type; each page brings
 * along the shared resources its matches refer to.  Another's patient is
 * ERR_NOTFOUND, as one that never was.
 *
 * Reading: start and end ask for care given in that time (operations'
 * definition: "care dates, not record currency dates").  A resource is left
 * out where it has dates and none of them touches the time; the patient, and
 * what has no date, never.  A date of birth is none of care.
 *
 * Spec: DSTU2 patient-operations.html#everything; requirements R18, Z03;
 * attack cases OPS-01, OPS-02.
 */
#include "store/show.h"

#define TICK	1024	/* rows between two looks at the clock */

struct every {
	const struct page_ask	*ask;
	struct issues		*is;
	struct span		 care;
	struct window		*w;
	uint64_t		 rows;
};

static bool
in_care(const struct every *x, uint64_t rid, const struct row *row)
{
	const struct def_param *p;
	struct bytes at;
	struct value v;
	bool any = false;
	size_t i, n;

	if (def_owner(rid_type(rid))->rule == OWN_SELF ||
	    (x->care.lo == TIME_MIN && x->care.hi == TIME_MAX))
		return true;
	p = def_params(rid_type(rid), &n);
	for (i = 0; i < n; i++) {
		if (p[i].kind != PK_DATE || strcmp(p[i].code, "birthdate") == 0)
			continue;
		at = bytes_of(NULL, 0);
		/* Dates have no parts: no arena is asked for them. */
		while (key_entry(NULL, row, p[i].num, &at, &v)) {
			if (v.time.lo < x->care.hi && x->care.lo < v.time.hi)
				return true;
			any = true;
		}
	}
	return !any;
}

static enum err
costly(const struct every *x)
{
	return issue_add(x->is, ERR_COSTLY, "search-budget", NULL,
	    "the record holds more resources than the server may look at "
	    "in one request; search for one type at a time");
}

static enum err
offer(void *arg, uint64_t rid, const struct row *row)
{
	struct every *x = arg;
	struct spot s;

	if (++x->rows > x->ask->max_rows || (x->rows % TICK == 0 &&
	    x->ask->spent != NULL && x->ask->spent(x->ask->spent_arg)))
		return costly(x);
	if (!in_care(x, rid, row))
		return OK;
	x->w->total++;
	spot_plain(rid, &s);
	if (row->born <= x->w->place.ceiling && window_wants(x->w, &s))
		window_add(x->w, &s);
	return OK;
}

enum err
store_everything(struct snapshot *t, struct arena *a, const struct view *v,
    struct bytes id, struct span care, const struct page_ask *ask,
    struct issues *is, struct page *out)
{
	struct show s = { .t = t, .arena = a, .ask = ask, .is = is,
	    .op = VIEW_READ };
	struct every x = { .ask = ask, .is = is, .care = care, .w = &s.w };
	struct page_at place = { .back = false };
	uint8_t query[16];
	uint64_t patient;
	enum err e;

	e = gate_open(t, a, v, &s.gate);
	if (e == OK)
		e = gate_find(&s.gate, VIEW_READ,
		    def_type(bytes_str("Patient"))->num, id, &patient);
	if (e != OK)
		return e;
	page_digest("tiphys everything", (uint64_t[]){ (uint64_t)care.lo,
	    (uint64_t)care.hi }, 2, id, query);
	spot_plain(0, &place.spot);
	e = show_open(&s, query, &place);
	if (e != OK)
		return e;
	s.w = window_new(a, &place, ask->count);
	e = gate_compartment(&s.gate, patient, offer, &x);
	if (e != OK)
		return e;
	window_done(&s.w);
	return show_page(&s, query, out);
}
