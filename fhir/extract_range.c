/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract_range.c -- from an element to values: dates and quantities.  (L1)
 *
 * Spec: DSTU2 search.html#date, #number, #quantity; datatypes.html#Period,
 * #Timing, #quantity, #range.
 */
#include "fhir/extract_conv.h"

/* --- dates --------------------------------------------------------------- */

static void
add_span(struct walk *w, struct span s)
{
	if (s.lo >= s.hi)
		walk_warn(w, "a period that starts before it ends");
	else
		walk_add(w)->time = s;
}

void
conv_date(struct walk *w, const json_t *at)
{
	struct span s;

	if (!walk_is_text(at) ||
	    prim_date(json_text(at), w->x->zone, &s) != OK)
		walk_warn(w, "a date");
	else
		add_span(w, s);
}

/*
 * The outer limits of a Period; a missing one is open.
 * out	*s, untouched where it is false; *any whether a bound is there
 */
static bool
period(struct walk *w, const json_t *at, struct span *s, bool *any)
{
	bool start = json_object_get(at, "start") != NULL;
	bool end = json_object_get(at, "end") != NULL;
	struct span lo = { TIME_MIN, TIME_MIN }, hi = { TIME_MAX, TIME_MAX };

	*any = start || end;
	if (start &&
	    prim_date(walk_text(at, "start"), w->x->zone, &lo) != OK)
		return false;
	if (end && prim_date(walk_text(at, "end"), w->x->zone, &hi) != OK)
		return false;
	s->lo = lo.lo;
	s->hi = hi.hi;
	return true;
}

void
conv_period(struct walk *w, const json_t *at)
{
	struct span s;
	bool any;

	if (!json_is_object(at) || !period(w, at, &s, &any))
		walk_warn(w, "a Period of dates");
	else if (any)
		add_span(w, s);
}

/* Only the outer limits of all events and bounds count (search.html#date). */
void
conv_timing(struct walk *w, const json_t *at)
{
	const json_t *events = json_object_get(at, "event");
	const json_t *bounds = json_object_get(json_object_get(at, "repeat"),
	    "boundsPeriod");
	struct span all = { TIME_MAX, TIME_MIN }, s;
	bool any = false;
	size_t i;

	if (!json_is_object(at) ||
	    (bounds != NULL && !period(w, bounds, &all, &any))) {
		walk_warn(w, "a Timing of dates");
		return;
	}
	if (!any)
		all = (struct span){ TIME_MAX, TIME_MIN };
	for (i = 0; i < json_array_size(events); i++) {
		const json_t *e = json_array_get(events, i);

		if (json_is_null(e))
			continue;
		if (!walk_is_text(e) ||
		    prim_date(json_text(e), w->x->zone, &s) != OK) {
			walk_warn(w, "a Timing of dates");
			return;
		}
		any = true;
		all.lo = s.lo < all.lo ? s.lo : all.lo;
		all.hi = s.hi > all.hi ? s.hi : all.hi;
	}
	if (any)
		add_span(w, all);
}

/* --- numbers ------------------------------------------------------------- */

static bool
decimal(const json_t *v, struct dec *out)
{
	return json_is_num(v) && prim_dec(json_text(v), out) == OK;
}

void
conv_number(struct walk *w, const json_t *at)
{
	struct value *v;
	struct dec d;

	if (!decimal(at, &d)) {
		walk_warn(w, "a number");
		return;
	}
	v = walk_add(w);
	v->lo = v->hi = d;
}

/* Encounter.length is a Duration under a number parameter: value alone. */
void
conv_number_quantity(struct walk *w, const json_t *at)
{
	const json_t *v = json_object_get(at, "value");

	if (!json_is_object(at))
		walk_warn(w, "a Quantity");
	else if (v != NULL)
		conv_number(w, v);
}

/*
 * "<5" is everything below 5: a quantity with a comparator is a range that
 * is open at one end.  lo <= x < hi, so an inclusive 5 ends right above it.
 */
static bool
compare(struct bytes comparator, struct dec d, struct value *v)
{
	v->lo = v->hi = d;
	if (comparator.len == 0)
		return true;
	v->lo = prim_dec_min;
	v->hi = prim_dec_max;
	if (bytes_is(comparator, "<"))
		v->hi = d;
	else if (bytes_is(comparator, "<="))
		v->hi = prim_dec_next(d);
	else if (bytes_is(comparator, ">"))
		v->lo = prim_dec_next(d);
	else if (bytes_is(comparator, ">="))
		v->lo = d;
	else
		return false;
	return true;
}

/* Code and system, and the unit where it says something else. */
static void
set_unit(struct value *v, const json_t *quantity)
{
	struct bytes code = walk_text(quantity, "code");
	struct bytes unit = walk_text(quantity, "unit");

	v->more = walk_text(quantity, "system");
	v->text = code.len > 0 ? code : unit;
	if (code.len > 0 && !bytes_eq(code, unit))
		v->unit = unit;
}

void
conv_quantity(struct walk *w, const json_t *at)
{
	const json_t *number = json_object_get(at, "value");
	struct value v = { 0 }, *new;
	struct dec d;

	if (!json_is_object(at) || (number != NULL && !decimal(number, &d))) {
		walk_warn(w, "a Quantity with a number");
		return;
	}
	if (number == NULL)
		return;		/* a unit alone: a question, not an answer */
	if (!compare(walk_text(at, "comparator"), d, &v)) {
		walk_warn(w, "a Quantity whose comparator is <, <=, >= or >");
		return;
	}
	new = walk_add(w);
	new->lo = v.lo;
	new->hi = v.hi;
	set_unit(new, at);
}

/* Both bounds belong to a Range; a missing one is open. */
void
conv_range(struct walk *w, const json_t *at)
{
	const json_t *low = json_object_get(at, "low");
	const json_t *high = json_object_get(at, "high");
	const json_t *a = json_object_get(low, "value");
	const json_t *b = json_object_get(high, "value");
	struct dec lo = prim_dec_min, hi = prim_dec_max;
	struct value *v;

	if (!json_is_object(at) || (a != NULL && !decimal(a, &lo)) ||
	    (b != NULL && !decimal(b, &hi)) || dec_cmp(&lo, &hi) > 0) {
		walk_warn(w, "a Range from a low to a high number");
		return;
	}
	if (a == NULL && b == NULL)
		return;
	v = walk_add(w);
	v->lo = lo;
	v->hi = b != NULL ? prim_dec_next(hi) : hi;
	set_unit(v, a != NULL ? low : high);
}
