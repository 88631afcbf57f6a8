/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near.c -- distance on a sphere in fixed point.  (L1)
 *
 * A place becomes the unit vector that points to it; of two vectors the chord
 * between their ends grows with the distance on the sphere, so that comparing
 * chords compares distances: no case for the poles or for 180 degrees.
 * Lengths are multiples of 2^-60: the radius is then 2^60, a millimetre
 * 1.8 * 10^8 of them.
 */
#include "fhir/near.h"

#include "base/text.h"

#define ONE		60		/* binary digits behind the point */
#define DEGREE		10000000	/* units of a near_place */
#define QUARTER		(INT64_C(90) * DEGREE)
#define RADIAN		INT64_C(8642451851119134904) /* pi/180/DEGREE*2^92 */
#define HALF_PI		INT64_C(1811004864519280711) /* pi/2 * 2^60 */

static int64_t
times(int64_t a, int64_t b)
{
	return (int64_t)((__int128)a * b >> ONE);
}

/* Of at most a right angle either way; its series ends after 13 terms. */
static int64_t
sine(int64_t angle)
{
	int64_t	square = times(angle, angle), term = angle, sum = angle;
	int64_t	k;

	for (k = 2; term > k || term < -k; k += 2) {
		term = -(times(term, square) / (k * (k + 1)));
		sum += term;
	}
	return sum;
}

/* Of units of a near_place, at most three right angles either way. */
static int64_t
sine_of(int64_t units)
{
	if (units > QUARTER)
		units = 2 * QUARTER - units;
	if (units < -QUARTER)
		units = -2 * QUARTER - units;
	return sine((int64_t)((__int128)units * RADIAN >> (92 - ONE)));
}

static void
vector(const struct near_place *p, int64_t out[static 3])
{
	int64_t	wide = sine_of(QUARTER - p->lat);

	out[0] = times(wide, sine_of(QUARTER - p->lon));
	out[1] = times(wide, sine_of(p->lon));
	out[2] = sine_of(p->lat);
}

/* --- numbers -------------------------------------------------------------- */

/* |d| * 10^places, rounded; anything above max, however far: max + 1. */
static int64_t
fixed(const struct dec *d, int places, int64_t max, bool *neg_out)
{
	struct dec_num	n = { .coef = 0 };
	bool		above;
	int64_t		scale;

	if (!prim_dec_split(d, &n, &above))
		return max + 1;
	*neg_out = n.neg;
	if (n.coef == 0)
		return 0;
	scale = n.scale + places;
	if (prim_digits(n.coef) + scale > 18)
		return max + 1;
	for (; scale > 0; scale--)
		n.coef *= 10;
	for (; scale < -1 && n.coef > 0; scale++)
		n.coef /= 10;
	if (scale == -1)
		n.coef = (n.coef + 5) / 10;
	return n.coef > (unsigned __int128)max ? max + 1 : (int64_t)n.coef;
}

/* false: beyond max degrees */
static bool
degrees(const struct dec *d, int64_t max, int32_t *out)
{
	bool	neg = false;
	int64_t	units = fixed(d, 7, max, &neg);

	if (units > max)
		return false;
	*out = (int32_t)(neg ? -units : units);
	return true;
}

enum err
near_place(const struct dec *lat, const struct dec *lon,
    struct near_place *out)
{
	struct near_place	p;

	if (!degrees(lat, QUARTER, &p.lat) ||
	    !degrees(lon, 2 * QUARTER, &p.lon))
		return ERR_VALUE;
	*out = p;
	return OK;
}

enum err
near_circle(const struct near_place *p, const struct dec *metres,
    struct near *out)
{
	const int64_t	most = INT64_C(4) * NEAR_RADIUS; /* round the globe */
	bool		neg = false;
	int64_t		mm = fixed(metres, 3, most, &neg), half, chord;

	if (neg && mm > 0)
		return ERR_VALUE;
	*out = (struct near){ .rim = true };
	vector(p, out->at);
	half = (int64_t)(((__int128)mm << ONE) / (2 * NEAR_RADIUS));
	chord = half >= HALF_PI ? INT64_MAX : 2 * sine(half);
	out->reach = (unsigned __int128)chord * (unsigned __int128)chord;
	return OK;
}

/* --- in rows -------------------------------------------------------------- */

static void
put(int32_t v, uint8_t *out)
{
	uint32_t	u = (uint32_t)v;
	int		i;

	for (i = 7; i >= 0; i--, u >>= 4)
		out[i] = (uint8_t)"0123456789abcdef"[u & 15];
}

void
near_put(const struct near_place *p, uint8_t out[static NEAR_LEN])
{
	put(p->lat, out);
	put(p->lon, out + NEAR_LEN / 2);
}

static bool
take(const uint8_t *in, int32_t *out)
{
	uint32_t	u = 0;
	int		i, digit;

	for (i = 0; i < NEAR_LEN / 2; i++) {
		digit = text_hex_digit(in[i]);
		if (digit < 0)
			return false;
		u = u << 4 | (uint32_t)digit;
	}
	*out = (int32_t)u;
	return true;
}

/* Rows are read as they stand: what no near_place can be is none. */
static bool
get(struct bytes text, struct near_place *out)
{
	return text.len == NEAR_LEN && take(text.p, &out->lat) &&
	    take(text.p + NEAR_LEN / 2, &out->lon) &&
	    out->lat <= QUARTER && out->lat >= -QUARTER &&
	    out->lon <= 2 * QUARTER && out->lon >= -2 * QUARTER;
}

bool
near_match(const struct near *n, struct bytes text)
{
	struct near_place	p;
	unsigned __int128	square = 0;
	int64_t			at[3], d;
	size_t			i;
	bool			within;

	if (!get(text, &p))
		return false;
	vector(&p, at);
	for (i = 0; i < N_ELEM(at); i++) {
		d = at[i] - n->at[i];
		square += (unsigned __int128)((__int128)d * d);
	}
	within = square < n->reach || (n->rim && square == n->reach);
	return within != n->beyond;
}
