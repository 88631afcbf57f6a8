/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prim.h -- FHIR primitives as things one can compare.  (L1)
 *
 * Dates become spans of time, decimals become bytes in numeric order; no
 * floating point anywhere.
 *
 * Spec: DSTU2 datatypes.html, search.html#date, #number, #prefix.
 */
#ifndef FHIR_PRIM_H
#define FHIR_PRIM_H

#include "base/attr.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"

/* Open ends of periods. */
#define TIME_MIN	INT64_MIN
#define TIME_MAX	INT64_MAX

/*
 * A FHIR date, dateTime or instant of any precision as the span of instants
 * it may mean: "2024" a year, "2024-02-29" a day, with seconds one second,
 * with a fraction as many digits as stand there.
 *
 * in	text	ASCII, not NUL-ended
 *	zone	minutes east of UTC, -840..840, for text without a zone
 * err	ERR_SYNTAX  anything else: 2023-02-29, hour 24, trailing bytes
 *	(a time without zone and "hh:mm" without seconds are accepted: search
 *	values come so)
 */
enum err	prim_date(struct bytes text, int zone, struct span *out)
		    NODISCARD;

/*
 * A decimal in order: memcmp of two is the order of the numbers.  Exact to
 * DEC_DIGITS significant digits, beyond them cut; exponents -9999..9999.
 */
#define DEC_DIGITS	34
#define DEC_LEN		20	/* 1 sign and 2 exponent bytes, 17 of digits */

struct dec { uint8_t b[DEC_LEN]; };

/*
 * FHIR decimal: -?digits[.digits], and an exponent in searches.
 * err	ERR_SYNTAX  anything else; ERR_VALUE  the exponent is out of range
 */
enum err	prim_dec(struct bytes text, struct dec *out) NODISCARD;

/*
 * The span a decimal stands for by its precision: 100 is [99.5, 100.5),
 * 100.00 is [99.995, 100.005), 5.0e2 is [495, 505).
 */
enum err	prim_dec_span(struct bytes text, struct dec *lo_out,
		    struct dec *hi_out) NODISCARD;

/* The span of "ap": ten per cent of the number about it, and never less
 * than its precision; for dates ten per cent of the distance to now. */
enum err	prim_dec_about(struct bytes text, struct dec *lo_out,
		    struct dec *hi_out) NODISCARD;
struct span	prim_date_about(struct span s, struct instant now);

extern const struct dec prim_dec_min, prim_dec_max;	/* open ends */

/* The least decimal above d: makes an inclusive bound exclusive. */
struct dec	prim_dec_next(struct dec d);

/* (neg ? -1 : 1) * coef * 10^scale, for arithmetic. */
struct dec_num {
	unsigned __int128	coef;
	int64_t			scale;	/* power of ten of its last digit */
	bool			neg;
};

/*
 * coef has no final zero.  *above_out: d has a digit DEC_DIGITS, so it is
 * taken for what prim_dec_next made of *out.
 * false: an open end, which is no number.
 */
bool		prim_dec_split(const struct dec *d, struct dec_num *out,
		    bool *above_out);
/* Digits beyond DEC_DIGITS are cut off; exponents within +-30000. */
struct dec	prim_dec_join(bool neg, unsigned __int128 coef,
		    int64_t scale);

/* Decimal digits of coef; of 0 none. */
int		prim_digits(unsigned __int128 coef);

static inline int
dec_cmp(const struct dec *a, const struct dec *b)
{
	return memcmp(a->b, b->b, DEC_LEN);
}

/* --- references ---------------------------------------------------------- */

/* What this server is called: references to it are relative ones. */
struct base_urls {
	struct bytes		 base;		/* no final "/" */
	const struct bytes	*alias;
	size_t			 n_alias;
};

/* As the site configured it; borrowed from conf. */
struct base_urls prim_urls(const struct conf *conf);

enum ref_kind {
	REF_LOCAL,	/* a resource of this server: type, id, version */
	REF_CONTAINED,	/* "#id": resolved by the caller inside the resource */
	REF_FOREIGN	/* any other URI, urn:uuid included */
};

struct ref {
	enum ref_kind	kind;
	uint16_t	type;		/* REF_LOCAL; 0: not said ("[id]") */
	struct bytes	id;		/* REF_LOCAL, REF_CONTAINED */
	struct bytes	version;	/* "" when not said */
	struct bytes	url;		/* the text as it stood */
};

/*
 * Canonical form: base and aliases stripped (scheme and host without regard
 * to case, default port), "_history/n" cut off into version.  A bare id is
 * accepted with bare only (search values).
 * err	ERR_SYNTAX  not a URI; a local reference with unknown type or bad id
 */
enum err	prim_ref(struct bytes text, const struct base_urls *urls,
		    bool bare, struct ref *out) NODISCARD;

#endif
