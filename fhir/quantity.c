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

bool
quantity_meet(struct quantity_ask *ask, const struct value *v,
    struct quantity *out)
{
	unsigned	i, n = (unsigned)N_ELEM(ask->met);

	if (!bytes_is(v->more, UCUM_SYSTEM) || v->text.len > UCUM_LEN_MAX)
		return false;
	for (i = 0; i < n && i < ask->n_met; i++)
		if (bytes_eq(v->text, bytes_of(ask->met[i].code,
		    ask->met[i].len)))
			break;
	if (i == n || i == ask->n_met) {
		i = ask->n_met++ % n;
		ask->met[i].len = v->text.len;
		if (v->text.len > 0)
			memcpy(ask->met[i].code, v->text.p, v->text.len);
		ask->met[i].same = ucum_parse(v->text,
		    &ask->met[i].unit) == OK &&
		    ucum_same(&ask->met[i].unit, &ask->asked.unit);
	}
	if (!ask->met[i].same)
		return false;
	scale(&ask->met[i].unit, v, out);
	return true;
}
