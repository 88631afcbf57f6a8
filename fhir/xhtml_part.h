/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xhtml_part.h -- what xhtml.c and xhtml_value.c share.  (L1)
 */
#ifndef FHIR_XHTML_PART_H
#define FHIR_XHTML_PART_H

#include "base/bytes.h"

#define XHTML_ATTRS	64	/* of one tag; the list has fewer */

/*
 * The entity text begins with: its length and character, or 0.  The five of
 * XML, &nbsp; &copy; &reg;, and numbers of characters XML allows.
 */
size_t		 xhtml_entity(struct bytes text, uint32_t *c_out);

/*
 * NULL, or what would be right: whether the value of an attribute, as
 * written, could make a browser do more than show text or follow a link.
 */
const char	*xhtml_active(struct bytes attr, struct bytes value);

#endif
