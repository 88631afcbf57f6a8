/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quantity.c -- quantities in base units.  (L1)
 *
 * Not here: which quantities a search finds (query_match.c).
 */
#include "fhir/quantity.h"

static void
scale(const struct ucum *unit, const struct value *v, struct quantity *out)
{
	out->unit = *unit;
	out->lo = ucum_scale(unit, v->lo);
	out->hi = dec_cmp(&v->lo, &v->hi) == 0 ? out->lo :
	    ucum_scale(unit, v->hi);
}

bool
quantity_base(const struct value *v, struct quantity *out)
{
	struct ucum	unit;

	if (!bytes_is(v->more, UCUM_SYSTEM) ||
	    ucum_parse(v->text, &unit) != OK)
		return false;
	scale(&unit, v, out);
	return true;
}

struct quantity_ask *
quantity_ask(struct arena *a, const struct value *v)
{
	struct quantity_ask	*ask;
	struct quantity		 q;

	if (v->any_system || v->any_code || !quantity_base(v, &q))
		return NULL;
	ask = arena_alloc(a, sizeof(*ask));
	*ask = (struct quantity_ask){ .asked = q };
	return ask;
}

static bool
read_same(const struct quantity_ask *ask, struct bytes code,
    struct ucum *out)
{
	return ucum_parse(code, out) == OK &&
	    ucum_same(out, &ask->asked.unit);
}

/* Units differ in length, at their begin or end. */
static size_t
slot(struct bytes code)
{
	return (code.len * 5u + code.p[0] + code.p[code.len - 1] * 3u) %
	    QUANTITY_MET;
}

bool
quantity_meet(struct quantity_ask *ask, const struct value *v,
    struct quantity *out)
{
	struct bytes	code = v->text;
	struct ucum	unit;
	size_t		i;

	if (code.len == 0 || !bytes_is(v->more, UCUM_SYSTEM))
		return false;
	if (code.len > QUANTITY_MET_LEN) {
		if (!read_same(ask, code, &unit))
			return false;
		scale(&unit, v, out);
		return true;
	}
	i = slot(code);
	if (!bytes_eq(code, bytes_of(ask->met[i].code, ask->met[i].len))) {
		memcpy(ask->met[i].code, code.p, code.len);
		ask->met[i].len = (uint8_t)code.len;
		ask->met[i].same = read_same(ask, code, &ask->met[i].unit);
	}
	if (!ask->met[i].same)
		return false;
	scale(&ask->met[i].unit, v, out);
	return true;
}
