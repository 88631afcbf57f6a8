/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ucum.h -- units of measure as numbers one can compare.  (L1)
 *
 * The part of UCUM a clinic uses: its whole grammar over the atoms of
 * units.tbl.  A unit is an exact fraction of base units, so 0.2 g and 200 mg
 * are the same bytes.  No floating point.
 *
 * Not here: what needs more than units.  mmol/L to mg/dL wants a molar mass;
 * mol, equivalents, osmoles, international units and logarithmic scales (pH)
 * are dimensions of their own: convertible to themselves (units.tbl).
 *
 * Spec: The Unified Code for Units of Measure 2.0 (case sensitive form).
 */
#ifndef FHIR_UCUM_H
#define FHIR_UCUM_H

#include "base/attr.h"
#include "base/bytes.h"
#include "base/err.h"
#include "fhir/prim.h"

#define UCUM_SYSTEM	"http://unitsofmeasure.org"
#define UCUM_DIMS	64	/* base units and units of their own */
#define UCUM_LEN_MAX	128	/* longest unit that is read */
#define UCUM_NAME_MAX	96	/* longest canonical unit and its NUL */

/* A unit: x of it is (x + off * 10^off_exp) * num / den * 10^exp. */
struct ucum {
	uint64_t	num, den;	/* no common factor; num is no multiple
					 * of 10, den of neither 2 nor 5 */
	int64_t		off;		/* of Cel and [degF], else 0 */
	int32_t		exp, off_exp;
	int8_t		dim[UCUM_DIMS];	/* exponent of each base unit */
};

/*
 * Read a unit expression: "mg/dL", "10*3/uL", "mm[Hg]", "{beats}/min".
 * err	ERR_SYNTAX  not UCUM, or an atom we do not know
 *	ERR_VALUE  UCUM, but beyond what we compute with: factors of more
 *		than 64 bits, exponents beyond 99, temperatures with an
 *		offset inside of a larger expression
 * cost	O(length); nothing allocated
 */
enum err	ucum_parse(struct bytes unit, struct ucum *out) NODISCARD;

/* Can values of one be compared with values of the other? */
bool		ucum_same(const struct ucum *a, const struct ucum *b);

/*
 * d of this unit in base units.  Exact where 34 digits hold it, else rounded
 * up to 34 digits from the exact value: for numbers of at most 33 digits
 * equal quantities stay equal, order stays, and what lies right above a bound
 * (prim_dec_next) stays above it.  The open ends stay themselves.
 */
struct dec	ucum_scale(const struct ucum *u, struct dec d);

/*
 * The base units as UCUM text: "g.m-3", "m", "1".  Equal texts, and they
 * alone, are the same dimension.
 */
struct bytes	ucum_name(const struct ucum *u, char out[UCUM_NAME_MAX]);

/*
 * What was probably meant by a unit that is none: "mmHg" is "mm[Hg]", "lbs"
 * is "[lb_av]"; NULL: no idea.
 */
const char	*ucum_near(struct bytes unit);

#endif
