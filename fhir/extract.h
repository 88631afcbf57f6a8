/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract.h -- the searchable values and the owners of a resource.  (L1)
 *
 * Pure: walks the tree along the paths of the tables.
 */
#ifndef FHIR_EXTRACT_H
#define FHIR_EXTRACT_H

#include <jansson.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "fhir/def.h"
#include "fhir/issue.h"
#include "fhir/prim.h"
#include "fhir/value.h"

struct extract {
	const struct base_urls	*urls;
	int			 zone;	/* minutes, for times without one */
};

/*
 * Every value of every parameter of the resource's type and of PARAM_TAG,
 * PARAM_PROFILE, PARAM_SECURITY; not _id and not _lastUpdated (the store
 * knows them).  Composite values stand as COMPOSITE with their parts.
 * Sorted by parameter number, no value twice.
 *
 * in	tree	from json_doc; is: a warning for each value that stands on a
 *		path but cannot be placed (a date that is none); it is left
 *		out of the index and the resource is still stored
 * out	*out in a
 */
enum err	extract_values(struct arena *a, const struct extract *x,
		    uint16_t type, const json_t *tree, struct issues *is,
		    struct values *out) NODISCARD;

/*
 * A contained resource, as if it stood by itself; but what it refers to by
 * "#id" is a value, too: REFERENCE, text "#id", type of what that is.
 */
struct contained_values {
	uint16_t	 type;
	struct bytes	 id;		/* without "#" */
	struct values	 values;	/* as extract_values */
	struct values	 text;		/* of its token parameters */
};

/*
 * Distinct words of a resource that are kept, those met first; where there
 * are more, the empty word stands among them.
 */
#define EXTRA_WORDS	20000

/* A word, folded; whether the narrative has it (_text, else _content). */
struct extra_word {
	struct bytes	 text;
	bool		 narrative;
};

/* What searches seldom ask for, kept apart so that rows stay short. */
struct extra {
	struct extra_word		*word;		/* sorted, none twice */
	size_t				 n_word;
	/*
	 * STRING values, sorted by parameter: of a token parameter its text
	 * and displays (token:text).  more is folded, text is empty.
	 */
	struct values			 text;
	/*
	 * REFERENCE values, sorted by parameter: "#id" as above, and of
	 * PARAM_LIST what stands in a List and is not marked as deleted.
	 */
	struct values			 link;
	struct contained_values		*contained;	/* sorted by id */
	size_t				 n_contained;
};

/*
 * Reading: content is what people read.  Names of members, ids, references,
 * URIs, dates, numbers, meta and long runs without a space (base64) have no
 * words; codes and displays have.
 *
 * in, out, err  as extract_values
 * cost	linear in the text but for the sorting of words
 */
enum err	extract_extra(struct arena *a, const struct extract *x,
		    uint16_t type, const json_t *tree, struct extra *out)
		    NODISCARD;

/* --- owners (design: kinds) ----------------------------------------------- */

enum owner_kind {
	OWNER_ONE,	/* exactly one patient: id[0] */
	OWNER_MANY,	/* several: id[], sorted, no duplicate */
	OWNER_SHARED,	/* no patient by nature */
	OWNER_UNOWNED	/* should have one and has none, or hidden by rule:
			 * no patient view sees it */
};

struct owners {
	enum owner_kind	 kind;
	struct bytes	*id;		/* ids of Patients, canonical */
	size_t		 n;
	/*
	 * OWN_TARGET and OWN_REFERRER cannot be decided here: the store
	 * follows these references (OWN_TARGET) and keeps those Binaries in
	 * step (any resource whose url elements name a Binary).
	 */
	struct ref	*target;	/* OWN_TARGET: what it points to */
	size_t		 n_target;
	struct ref	*binary;	/* Binaries named by url elements */
	size_t		 n_binary;
};

/*
 * Apply owner.tbl.  A contained, foreign or Group subject leaves the
 * resource unowned; "#id" is resolved inside first.
 */
enum err	extract_owners(struct arena *a, const struct extract *x,
		    uint16_t type, struct bytes id, const json_t *tree,
		    struct owners *out) NODISCARD;

#endif
