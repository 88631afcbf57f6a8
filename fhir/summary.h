/* SPDX-License-Identifier: Apache-2.0 */
/*
 * summary.h -- a resource cut down to what _summary asks for.  (L1)
 *
 * Stored text is cut, never written anew: what stays, stays byte for byte.
 * The flags of the definitions say what belongs to a summary, on every level;
 * no tree is built.
 *
 * Spec: DSTU2 search.html#summary; requirements F04, R25.
 */
#ifndef FHIR_SUMMARY_H
#define FHIR_SUMMARY_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/err.h"

enum summary {
	SUMMARY_FALSE,	/* all of it */
	SUMMARY_TRUE,	/* what the definition marks */
	SUMMARY_TEXT,	/* the narrative */
	SUMMARY_DATA,	/* all but the narrative */
	SUMMARY_COUNT	/* no resource at all: searches only */
};

/* err ERR_VALUE  none of the five words */
enum err	summary_parse(struct bytes word, enum summary *out) NODISCARD;

/*
 * The text of a resource without what the mode leaves out, its meta.tag
 * saying SUBSETTED; for SUMMARY_FALSE and SUMMARY_COUNT body itself.
 *
 * in	body	as json_final made it: checked, without white space
 * cost	a pass for each level of what may be cut, one copy in a
 */
struct bytes	summary_cut(struct arena *a, uint16_t type,
		    struct bytes body, enum summary mode);

/*
 * Is word the name of an element at the top of a type (0: of any), as
 * _elements has it?  "value" and "value[x]" are every "valueQuantity".
 * out	*near_out  what was probably meant, or NULL
 */
bool		summary_element(uint16_t type, struct bytes word,
		    const char **near_out);

/*
 * The text of a resource with these elements alone, and what the definition
 * wants at least once; its meta.tag says SUBSETTED.
 */
struct bytes	summary_elements(struct arena *a, uint16_t type,
		    struct bytes body, const struct bytes *element, size_t n);

#endif
