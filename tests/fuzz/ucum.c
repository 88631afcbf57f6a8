/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ucum.c -- fuzz target: a number, a blank and a unit.
 */
#include <stdlib.h>

#include "fhir/ucum.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The name of a dimension is a unit of that dimension, and its own name. */
static void
check_name(const struct ucum *u)
{
	char		room[UCUM_NAME_MAX], again[UCUM_NAME_MAX];
	struct bytes	name = ucum_name(u, room);
	struct ucum	v;

	if (ucum_parse(name, &v) != OK || !ucum_same(u, &v) ||
	    v.num != 1 || v.den != 1 || v.exp != 0 ||
	    !bytes_eq(name, ucum_name(&v, again)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes	number, unit;
	struct dec	d, above, low, high;
	struct ucum	u;
	const char	*near;

	if (!bytes_cut(bytes_of(data, size), ' ', &number, &unit))
		unit = bytes_of(data, size);
	near = ucum_near(unit);
	if (near != NULL && ucum_parse(bytes_str(near), &u) != OK)
		abort();
	if (ucum_parse(unit, &u) != OK)
		return 0;
	check_name(&u);
	if (number.len > 30 || prim_dec(number, &d) != OK)
		return 0;
	above = prim_dec_next(d);
	low = ucum_scale(&u, d);
	high = ucum_scale(&u, above);
	if (dec_cmp(&low, &high) >= 0 || dec_cmp(&low, &prim_dec_min) <= 0 ||
	    dec_cmp(&high, &prim_dec_max) >= 0)
		abort();
	return 0;
}
