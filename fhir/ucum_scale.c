/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ucum_scale.c -- decimals times exact fractions.  (L1)
 *
 * A value of 34 digits times a numerator of 64 bits has at most 54 digits;
 * it stands in limbs of 18 digits and is divided digit by digit.  The only
 * rounding is the last: up, to 34 digits, from the exact quotient.  So equal
 * fractions give equal bytes, order is kept, and the number right above a
 * bound (prim_dec_next: an inclusive end) stays above it.
 */
#include "fhir/ucum.h"

#define LIMB	UINT64_C(1000000000000000000)	/* 10^18 */
#define LIMBS	4
#define DIGITS	(LIMBS * 18)
#define FEW	UINT64_C(100000000000000000)	/* 10^17: half of 34 digits */
#define SUM_MAX	36	/* digits of a sum that fit __int128 */
#define SUM_LOW	(-33)	/* least scale in a sum */

static unsigned __int128
shift(unsigned __int128 coef, int64_t tens)
{
	for (; tens > 0; tens--)
		coef *= 10;
	return coef;
}

/*
 * n += off * 10^off_exp; what falls off below goes into *more_out.  Beyond
 * 10^36 an offset changes nothing that is measured: it is left out.
 */
static void
add_offset(struct dec_num *n, const struct ucum *u, bool *more_out)
{
	int64_t		scale;
	__int128	sum, off;

	for (; n->scale < SUM_LOW; n->scale++) {
		*more_out |= n->coef % 10 != 0 && !n->neg;
		n->coef /= 10;
	}
	if (n->coef != 0 && n->scale + prim_digits(n->coef) > SUM_MAX - 2)
		return;
	scale = n->scale < u->off_exp ? n->scale : u->off_exp;
	if (n->coef == 0)
		scale = u->off_exp;
	off = (__int128)shift((unsigned __int128)u->off, u->off_exp - scale);
	sum = (__int128)shift(n->coef, n->coef == 0 ? 0 : n->scale - scale);
	sum = (n->neg ? -sum : sum) + off;
	n->neg = sum < 0;
	n->coef = (unsigned __int128)(n->neg ? -sum : sum);
	n->scale = scale;
}

/* The decimal digits of coef * num, from the left, DIGITS of them. */
static void
product(unsigned __int128 coef, uint64_t num, uint8_t out[DIGITS])
{
	uint64_t		limb[LIMBS];
	unsigned __int128	carry = 0;

	for (int i = 0; i < LIMBS; i++) {
		carry += (unsigned __int128)(uint64_t)(coef % LIMB) * num;
		coef /= LIMB;
		limb[i] = (uint64_t)(carry % LIMB);
		carry /= LIMB;
	}
	for (int i = 0; i < DIGITS; i++) {
		out[DIGITS - 1 - i] = (uint8_t)(limb[i / 18] % 10);
		limb[i / 18] /= 10;
	}
}

/* digits / den: up to DEC_DIGITS digits of it; is there more? */
static unsigned __int128
divide(const uint8_t digits[DIGITS], uint64_t den, int64_t *scale,
    bool *more_out)
{
	unsigned __int128	q = 0, rest = 0;
	int			n = 0, i;

	for (i = 0; n < DEC_DIGITS && (i < DIGITS || rest != 0); i++) {
		rest = rest * 10 + (i < DIGITS ? digits[i] : 0);
		q = q * 10 + rest / den;
		rest %= den;
		n += q != 0;
	}
	*scale += DIGITS - i;
	*more_out |= rest != 0;
	for (; i < DIGITS; i++)
		*more_out |= digits[i] != 0;
	return q;
}

struct dec
ucum_scale(const struct ucum *u, struct dec d)
{
	uint8_t			digits[DIGITS];
	struct dec_num		n;
	unsigned __int128	q;
	struct dec		out;
	bool			above, more = false;

	if (!prim_dec_split(&d, &n, &above))
		return d;
	if (u->off != 0)
		add_offset(&n, u, &more);
	n.scale += u->exp;
	if (u->den == 1 && n.coef <= FEW && u->num <= FEW) {
		q = n.coef * u->num;
	} else {
		product(n.coef, u->num, digits);
		q = divide(digits, u->den, &n.scale, &more);
	}
	out = prim_dec_join(n.neg, q, n.scale);
	if (more && !n.neg)
		out = prim_dec_next(out);
	return above ? prim_dec_next(out) : out;
}
