/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spot.h -- where in a resource somebody stands.  (L1)
 *
 * Who walks a tree keeps one spot a level on the stack; the text, as
 * "Patient.contact[0].name", is made only when there is something to say.
 */
#ifndef FHIR_SPOT_H
#define FHIR_SPOT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

#define SPOT_ONE	SIZE_MAX	/* not in an array */

struct spot {
	const struct spot	*up;	/* NULL: the resource itself */
	const char		*name;	/* "Patient", "contact" */
	size_t			 index;	/* in its array, or SPOT_ONE */
	bool			 resource; /* a resource begins here */
};

/* Temporaries to point at: they live as long as the block they stand in. */
#define SPOT(up, name)		(&(struct spot){ up, name, SPOT_ONE, false })
#define SPOT_ITEM(up, name, i)	(&(struct spot){ up, name, i, false })

/* Lives in a. */
const char	*spot_text(struct arena *a, const struct spot *spot);

#endif
