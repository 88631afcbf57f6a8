/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tags.h -- profiles, security labels and tags of resources, as text.  (L1)
 *
 * What $meta, $meta-add and $meta-delete are about; the rest of a resource
 * is not looked at and stays byte for byte.
 *
 * Spec: DSTU2 resource-operations.html#meta, resource.html#meta.
 */
#ifndef FHIR_TAGS_H
#define FHIR_TAGS_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

/* Items of the three lists, as they stand in text; none twice. */
struct tag_item {
	unsigned	list;		/* enum tag_list */
	struct bytes	raw;
	struct bytes	system, code;	/* decoded; the uri of a profile
					 * is its code */
};

enum tag_list { TAGS_PROFILE, TAGS_SECURITY, TAGS_TAG, TAGS__MAX };

struct tag_items {
	struct tag_item	*v;
	size_t			 n, cap;
	size_t			*slot;	/* hashed: index + 1, 0: free */
	size_t			 n_slot;	/* a power of two */
};

/* The value of member meta of a resource; "" where it has none. */
struct bytes	tags_of(struct bytes resource);

/*
 * Add what meta (an object; may be "") holds to items.
 * in	text that json_scan passed, without white space
 */
void		tags_collect(struct arena *a, struct bytes meta,
		    struct tag_items *items);

bool		tags_has(const struct tag_items *items,
		    enum tag_list list);

/* The tag of what is a part of a resource (SUBSETTED) among them? */
bool		tags_subsetted(const struct tag_items *items);

/* "profile":[...],"security":[...],"tag":[...] of what is there, in braces;
 * never an empty list. */
void		tags_put(const struct tag_items *items, struct buf *out);

/*
 * The resource with the items added to its meta, or taken out of it.
 * in	resource  a stored text
 */
enum err	tags_change(struct arena *a, struct bytes resource,
		    const struct tag_items *items, bool remove,
		    struct bytes *out) NODISCARD;

#endif
