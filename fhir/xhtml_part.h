/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xhtml_part.h -- what xhtml*.c share.  (L1)
 */
#ifndef FHIR_XHTML_PART_H
#define FHIR_XHTML_PART_H

#include "base/bytes.h"

#define XHTML_ATTRS	64	/* of one tag; the list has fewer */

/*
 * xhtml_entity.c: the entity text begins with, its "&" and ";" included: its
 * length and character, or 0.
 */
size_t		 xhtml_entity(struct bytes text, uint32_t *c_out);

/*
 * NULL, or what would be right: whether the value of an attribute, as
 * written, could make a browser do more than show text or follow a link.
 */
const char	*xhtml_active(struct bytes attr, struct bytes value);

#endif
