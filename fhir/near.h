/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near.h -- places on the globe, and how far they are from one another.  (L1)
 *
 * A place stands in a row as a text of NEAR_LEN hexadecimal digits; a search
 * asks which of them lie within a circle, or outside of it.  The globe is a
 * sphere of the mean radius: distances are right to half a per cent, and poles
 * and the line of 180 degrees are places like any other.  No floating point.
 *
 * Spec: DSTU2 location.html#search: near, near-distance.
 */
#ifndef FHIR_NEAR_H
#define FHIR_NEAR_H

#include "base/attr.h"
#include "base/bytes.h"
#include "base/err.h"
#include "fhir/prim.h"

#define NEAR_LEN	16		/* bytes of a place in a row */
#define NEAR_RADIUS	6371008800	/* millimetres: the mean (IUGG) */
#define NEAR_METRES	5000		/* where a search names no distance */

struct near_place {
	int32_t	lat, lon;		/* 10^-7 degrees, about a centimetre */
};

/*
 * err	ERR_VALUE  a latitude beyond 90 degrees, a longitude beyond 180
 */
enum err	near_place(const struct dec *lat, const struct dec *lon,
		    struct near_place *out) NODISCARD;

void		near_put(const struct near_place *p,
		    uint8_t out[static NEAR_LEN]);

/* What a search asks of a place. */
struct near {
	int64_t			at[3];	/* the middle: a unit vector */
	unsigned __int128	reach;	/* square of the chord to the rim; what
					 * reaches round the globe: its most */
	bool			rim;	/* is what lies on it meant, too? */
	bool			beyond;	/* outside, not within */
};

/*
 * A circle of so many metres about a place.
 * err	ERR_VALUE  a distance below 0
 */
enum err	near_circle(const struct near_place *p,
		    const struct dec *metres, struct near *out) NODISCARD;

/*
 * Is the place of a row one of those?
 * in	text	of near_put; any other is none
 * cost	half a microsecond
 */
bool		near_match(const struct near *n, struct bytes text);

#endif
