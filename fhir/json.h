/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h -- resource text: checked, trimmed, split for meta, as a tree.  (L1)
 *
 * Bytes are the truth.  Jansson turns 1.00 into 1.0, so no stored or served
 * byte ever comes from a tree: white space is dropped from the text, digits
 * and strings stay as they came.  The tree serves indexing and validation;
 * in it every number is a string that begins with JSON_NUM, so that its
 * digits survive.
 *
 * Spec: RFC 8259; DSTU2 json.html (no null outside arrays of primitives, no
 * empty object, array or string), resource.html#id, #meta.
 */
#ifndef FHIR_JSON_H
#define FHIR_JSON_H

#include <jansson.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "fhir/issue.h"

#define JSON_NUM	'\001'	/* first byte of a number's text in the tree */

struct json_limits {
	size_t	bytes;		/* of the text */
	size_t	depth;		/* levels of nesting */
	size_t	tokens;		/* values and names together */
};

/*
 * A resource, ready to store.  Its stored text is
 *
 *	head "versionId":"3","lastUpdated":"2026-..." tail
 *
 * head ends inside the meta object; tail starts with the rest of the
 * client's meta (its versionId and lastUpdated left out) and ends the text.
 */
struct json_doc {
	struct bytes	 text;		/* the client's text, white space
					 * dropped, all members kept */
	struct bytes	 head, tail;	/* see above */
	uint16_t	 type;		/* number of resourceType */
	struct bytes	 id;		/* "" where the text has none */
	json_t		*tree;		/* of text; freed with the arena */
};

/*
 * Check text and split it.
 *
 * in	text	not NUL-ended; borrowed until the arena ends
 *	id	the id to store under, or empty: the text's own
 *	lim	beyond bytes or tokens: ERR_TOOBIG; deeper: ERR_SYNTAX
 * out	*doc_out  everything in a
 * err	ERR_SYNTAX  not JSON, not UTF-8, duplicate member, control character
 *		or NUL, a number FHIR does not allow, BOM, trailing text,
 *		an empty object, array or string, a null out of place
 *	ERR_VALUE  no resourceType, one that does not exist; a bad id or meta,
 *		where type and tree are given all the same, for check.h to
 *		find the other faults.  In all other cases tree is NULL
 *	ERR_TOOBIG  beyond lim
 *	each with an issue naming line and column, or the element's path
 * cost	one pass, and one for the tree
 */
enum err	json_doc(struct arena *a, struct bytes text, struct bytes id,
		    const struct json_limits *lim, struct issues *is,
		    struct json_doc *doc_out) NODISCARD;

/* The complete stored text: head, versionId, lastUpdated, tail. */
struct bytes	json_final(struct arena *a, struct bytes head,
		    struct bytes tail, uint64_t version,
		    struct instant updated);

/* Text of a string or number in the tree (digits without JSON_NUM). */
bool		json_is_num(const json_t *v);
struct bytes	json_text(const json_t *v);

/* [A-Za-z0-9.-]{1,64}; DSTU2 datatypes.html#id */
bool		json_id_ok(struct bytes id);

/*
 * The text of the resource with this id that body, stored text, contains;
 * it borrows from body.  false: there is none.
 */
bool		json_contained(struct bytes body, struct bytes id,
		    struct bytes *out);

/*
 * Re-indent by two spaces, digits and strings untouched; for people.  The
 * text itself where it would become longer than max: deep nesting makes a
 * hundred bytes of one.
 * cost	twice the result, in a
 */
struct bytes	json_pretty(struct arena *a, struct bytes text, size_t max);

#endif
