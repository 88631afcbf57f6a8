/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract_refs.h -- what a resource refers to, all of it.  (L1)
 *
 * For referential integrity; what searches know of it is extract.h's.
 */
#ifndef FHIR_EXTRACT_REFS_H
#define FHIR_EXTRACT_REFS_H

#include <jansson.h>

#include "base/attr.h"
#include "base/err.h"
#include "fhir/prim.h"
#include "fhir/spot.h"

/* Asked for each reference; what it returns other than OK ends the walk. */
typedef enum err extract_ref_fn(void *arg, const struct ref *ref,
		    const struct spot *at);

/*
 * Every Reference to a resource of this server.
 * in	type, tree  of json_doc
 * err	of fn
 */
enum err	extract_refs(uint16_t type, const json_t *tree,
		    const struct base_urls *urls, extract_ref_fn *fn,
		    void *arg) NODISCARD;

#endif
