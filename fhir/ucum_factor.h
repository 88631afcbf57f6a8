/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ucum_factor.h -- units multiplied, exactly: for ucum.c, which reads units,
 * and mktab, which reads their table.  (L1)
 */
#ifndef FHIR_UCUM_FACTOR_H
#define FHIR_UCUM_FACTOR_H

#include "fhir/ucum.h"

#define UCUM_EXP_MAX	2000	/* of ten, in a factor */
#define UCUM_DIM_MAX	99	/* exponent of a base unit */

static inline uint64_t
ucum_gcd(uint64_t a, uint64_t b)
{
	while (b != 0) {
		uint64_t	r = a % b;

		a = b;
		b = r;
	}
	return a;
}

/* Keep what struct ucum says of num and den; false: too large. */
static inline bool
ucum_reduce(struct ucum *u)
{
	uint64_t	g = ucum_gcd(u->num, u->den);

	u->num /= g;
	u->den /= g;
	for (; u->den % 10 == 0; u->exp--)
		u->den /= 10;
	for (; u->den % 2 == 0; u->exp--, u->den /= 2)
		if (__builtin_mul_overflow(u->num, 5u, &u->num))
			return false;
	for (; u->den % 5 == 0; u->exp--, u->den /= 5)
		if (__builtin_mul_overflow(u->num, 2u, &u->num))
			return false;
	for (; u->num % 10 == 0; u->exp++)
		u->num /= 10;
	return u->exp <= UCUM_EXP_MAX && u->exp >= -UCUM_EXP_MAX;
}

/* u times f^(1 or -1), offsets aside. */
static inline bool
ucum_times_one(struct ucum *u, const struct ucum *f, bool inverse)
{
	uint64_t	num = inverse ? f->den : f->num;
	uint64_t	den = inverse ? f->num : f->den;
	uint64_t	g = ucum_gcd(u->num, den), h = ucum_gcd(num, u->den);
	int		sign = inverse ? -1 : 1, high = 0;

	/* No early end: so the compiler does many at once. */
	for (int i = 0; i < UCUM_DIMS; i++) {
		int	d = u->dim[i] + sign * f->dim[i];

		high |= d > UCUM_DIM_MAX || d < -UCUM_DIM_MAX;
		u->dim[i] = (int8_t)d;
	}
	u->exp += sign * f->exp;
	return high == 0 &&
	    !__builtin_mul_overflow(u->num / g, num / h, &u->num) &&
	    !__builtin_mul_overflow(u->den / h, den / g, &u->den) &&
	    ucum_reduce(u);
}

/* u times f^n; false: too large. */
static inline bool
ucum_times(struct ucum *u, const struct ucum *f, int n)
{
	for (int i = 0; i < n || i < -n; i++)
		if (!ucum_times_one(u, f, n < 0))
			return false;
	return true;
}

#endif
