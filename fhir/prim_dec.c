/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prim_dec.c -- decimals as bytes whose memcmp is the numbers' order.  (L1)
 *
 * A number is coefficient * 10^scale; the coefficient, of at most 34 digits,
 * fits 128 bits.  Written out it is 0.dddd * 10^exponent:
 *
 *	0      1                3                                  20
 *	+------+----------------+----------------------------------+
 *	| sign | exponent be16  | 34 digits, two a byte, from left |
 *	+------+----------------+----------------------------------+
 *	sign 00: negative, the rest complemented; 01: zero; 02: positive.
 *	exponent is biased by 8000 hex.
 *
 * No floating point: 0.1 stays 0.1.
 *
 * Spec: DSTU2 datatypes.html#decimal, search.html#number, #prefix.
 */
#include "fhir/prim.h"

#define EXP_MAX		9999	/* greatest exponent either way */
#define EXP_BIAS	0x8000
#define SPAN_DIGITS	(DEC_DIGITS - 1) /* so that half a unit still fits */

#define SIGN_NEG	0x00
#define SIGN_ZERO	0x01
#define SIGN_POS	0x02

/* No number has a negative's exponent FFFF or a sign FF: these are the ends. */
const struct dec prim_dec_min = { { 0 } };
const struct dec prim_dec_max = { {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
} };

static bool
digit(struct bytes t, size_t i)
{
	return i < t.len && t.p[i] >= '0' && t.p[i] <= '9';
}

/*
 * Digits from *i on into n; after the point each lowers the scale.  Past max
 * significant digits they only move the scale, which cuts them off.
 */
static void
digits(struct bytes t, size_t *i, int max, bool fraction, int *used,
    struct dec_num *n)
{
	for (; digit(t, *i); (*i)++) {
		unsigned d = t.p[*i] - '0';

		if (*used >= max) {
			n->scale += fraction ? 0 : 1;
			continue;
		}
		if (*used > 0 || d != 0)
			(*used)++;
		n->coef = n->coef * 10 + d;
		n->scale -= fraction ? 1 : 0;
	}
}

/* "e", a sign or none, one to six digits; nothing at all is fine, too. */
static bool
exponent(struct bytes t, size_t *i, struct dec_num *n)
{
	int64_t e = 0;
	size_t from;
	bool neg;

	if (*i >= t.len || (t.p[*i] != 'e' && t.p[*i] != 'E'))
		return true;
	(*i)++;
	neg = *i < t.len && t.p[*i] == '-';
	if (*i < t.len && (t.p[*i] == '-' || t.p[*i] == '+'))
		(*i)++;
	from = *i;
	for (; digit(t, *i) && *i - from < 6; (*i)++)
		e = e * 10 + (t.p[*i] - '0');
	n->scale += neg ? -e : e;
	return *i > from;
}

int
prim_digits(unsigned __int128 coef)
{
	int n = 0;

	for (; coef != 0; coef /= 10)
		n++;
	return n;
}

/* At most max significant digits. */
static enum err
parse(struct bytes t, int max, struct dec_num *out)
{
	struct dec_num n = { 0 };
	size_t i = 0, from;
	int64_t top;
	int used = 0;

	n.neg = t.len > 0 && t.p[0] == '-';
	from = i = n.neg ? 1 : 0;
	digits(t, &i, max, false, &used, &n);
	if (i == from)
		return ERR_SYNTAX;
	if (i < t.len && t.p[i] == '.') {
		from = ++i;
		digits(t, &i, max, true, &used, &n);
		if (i == from)
			return ERR_SYNTAX;
	}
	if (!exponent(t, &i, &n) || i != t.len)
		return ERR_SYNTAX;
	top = n.scale + prim_digits(n.coef);
	if (top > EXP_MAX || top < -EXP_MAX)
		return ERR_VALUE;
	*out = n;
	return OK;
}

struct dec
prim_dec_join(bool neg, unsigned __int128 coef, int64_t scale)
{
	struct dec d = { { SIGN_ZERO } };
	int n = prim_digits(coef), i;
	uint16_t e;

	if (n == 0)
		return d;
	e = (uint16_t)(scale + n + EXP_BIAS);
	for (; n > DEC_DIGITS; n--)
		coef /= 10;
	d.b[0] = SIGN_POS;
	d.b[1] = (uint8_t)(e >> 8);
	d.b[2] = (uint8_t)(e & 0xff);
	for (i = n - 1; i >= 0; i--, coef /= 10)
		d.b[3 + i / 2] |= (uint8_t)((unsigned)(coef % 10) <<
		    (i % 2 == 0 ? 4 : 0));
	if (!neg)
		return d;
	d.b[0] = SIGN_NEG;
	for (i = 1; i < DEC_LEN; i++)
		d.b[i] = (uint8_t)~d.b[i];
	return d;
}

/*
 * Is it a number that came as text?  prim_dec_next makes a last digit, which
 * nobody measured, or no digit at all.
 */
static bool
plain(const struct dec *d, uint8_t flip)
{
	int i;

	if (((d->b[DEC_LEN - 1] ^ flip) & 15) != 0)
		return false;
	for (i = 3; i < DEC_LEN; i++) {
		uint8_t two = d->b[i] ^ flip;

		if ((two & 15) > 9 || two >> 4 > 9 ||
		    (d->b[0] == SIGN_ZERO && two != 0))
			return false;
	}
	return true;
}

bool
prim_dec_split(const struct dec *d, struct dec_num *out, bool *above_out)
{
	uint8_t flip = d->b[0] == SIGN_NEG ? 0xff : 0;
	struct dec_num n = { .neg = flip != 0 };
	struct dec low = *d;
	int i, end;

	if (dec_cmp(d, &prim_dec_min) == 0 || d->b[0] > SIGN_POS)
		return false;
	*above_out = !plain(d, flip);
	for (i = DEC_LEN - 1; *above_out && i >= 0; i--)
		if (low.b[i]-- != 0)
			break;
	for (end = DEC_LEN; end > 3 && low.b[end - 1] == flip; end--)
		continue;
	for (i = 3; d->b[0] != SIGN_ZERO && i < end; i++) {
		uint8_t two = low.b[i] ^ flip;

		n.coef = n.coef * 100 + (two >> 4) * 10u + (two & 15);
	}
	if (n.coef != 0)
		n.scale = ((low.b[1] ^ flip) << 8 | (low.b[2] ^ flip)) -
		    EXP_BIAS - 2 * (end - 3);
	for (; n.coef != 0 && n.coef % 10 == 0; n.scale++)
		n.coef /= 10;
	*out = n;
	return true;
}

/* n minus and plus delta, delta in tenths of n's last digit. */
static void
around(const struct dec_num *n, unsigned __int128 delta, struct dec *lo_out,
    struct dec *hi_out)
{
	unsigned __int128 c = n->coef * 10;
	int64_t scale = n->scale - 1;

	if (n->coef == 0) {
		*lo_out = prim_dec_join(true, delta, scale);
		*hi_out = prim_dec_join(false, delta, scale);
	} else if (n->neg) {
		*lo_out = prim_dec_join(true, c + delta, scale);
		*hi_out = prim_dec_join(true, c - delta, scale);
	} else {
		*lo_out = prim_dec_join(false, c - delta, scale);
		*hi_out = prim_dec_join(false, c + delta, scale);
	}
}

enum err
prim_dec(struct bytes text, struct dec *out)
{
	struct dec_num n;
	enum err e = parse(text, DEC_DIGITS, &n);

	if (e != OK)
		return e;
	*out = prim_dec_join(n.neg, n.coef, n.scale);
	return OK;
}

enum err
prim_dec_span(struct bytes text, struct dec *lo_out, struct dec *hi_out)
{
	struct dec_num n;
	enum err e = parse(text, SPAN_DIGITS, &n);

	if (e != OK)
		return e;
	around(&n, 5, lo_out, hi_out);
	return OK;
}

enum err
prim_dec_about(struct bytes text, struct dec *lo_out, struct dec *hi_out)
{
	struct dec_num n;
	enum err e = parse(text, SPAN_DIGITS, &n);

	if (e != OK)
		return e;
	/* the coefficient counts tenths of itself; half a unit is 5 of them */
	around(&n, n.coef > 5 ? n.coef : 5, lo_out, hi_out);
	return OK;
}

struct dec
prim_dec_next(struct dec d)
{
	int i;

	for (i = DEC_LEN - 1; i >= 0; i--)
		if (++d.b[i] != 0)
			break;
	return d;
}
