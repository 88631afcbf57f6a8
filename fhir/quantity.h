/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quantity.h -- quantities in base units, so that 0.2 g is 200 mg.  (L1)
 *
 * A search for a unit of UCUM finds every quantity that its unit can be
 * converted to; query_match.c compares, store/key_index.c has keys of it.
 *
 * Reading: DSTU2 search.html#quantity lets a server convert.  Only where the
 * search names the system: "5||mg" and "5" are about what was written.
 */
#ifndef FHIR_QUANTITY_H
#define FHIR_QUANTITY_H

#include "base/arena.h"
#include "fhir/ucum.h"
#include "fhir/value.h"

struct quantity {
	struct ucum	unit;
	struct dec	lo, hi;		/* in base units */
};

/*
 * false: v is of another system, or its unit is none we can compute with.
 * cost	reads the unit: a third of a microsecond
 */
bool		quantity_base(const struct value *v, struct quantity *out);

/*
 * What a search compares with, and the units it met: a chart has few, and
 * reading one costs ten times what a comparison does.
 */
#define QUANTITY_MET		32
#define QUANTITY_MET_LEN	24	/* longer units are read each time */

struct quantity_ask {
	struct quantity	asked;
	struct {
		char		code[QUANTITY_MET_LEN];
		uint8_t		len;	/* 0: nothing yet */
		bool		same;	/* can be converted, by unit */
		struct ucum	unit;
	} met[QUANTITY_MET];	/* where hash(code) says */
};

/* In a; NULL where the value of a search is to be taken as it stands. */
struct quantity_ask	*quantity_ask(struct arena *a,
			    const struct value *v);

/* v in base units; false: another kind of quantity than what is asked. */
bool		quantity_meet(struct quantity_ask *ask,
		    const struct value *v, struct quantity *out);

#endif
