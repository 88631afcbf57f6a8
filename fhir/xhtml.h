/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xhtml.h -- narrative: a strict reader of the XHTML FHIR allows.  (L1)
 *
 * One pass over the text of a div: XML without comments, processing
 * instructions, CDATA, DTD and namespaces; elements and attributes by the
 * lists of txt-1 and txt-3; addresses and styles that can start nothing.
 * Refuses, never mends: what is stored is what was sent.
 *
 * Spec: DSTU2 narrative.html; XML 1.0; attack group NAR.
 */
#ifndef FHIR_XHTML_H
#define FHIR_XHTML_H

#include "base/bytes.h"

#define XHTML_DEPTH	64	/* elements in each other */

enum xhtml_fault {
	XHTML_FORM,		/* no XHTML; the reading ends here */
	XHTML_ELEMENT,		/* txt-1 */
	XHTML_EMPTY,		/* txt-2 */
	XHTML_ATTRIBUTE,	/* txt-3 */
	XHTML_ACTIVE		/* an address or a style that could act */
};

/*
 * One fault; false: enough of them, the reading ends.
 * in	at	the character of the text, from 1
 *	name	of the element or attribute in question, or ""
 *	want	what would be right
 */
typedef bool	xhtml_say_fn(void *arg, enum xhtml_fault fault, size_t at,
		    struct bytes name, const char *want);

/* An image that is a contained resource: <img src="#id"/>. */
typedef void	xhtml_image_fn(void *arg, struct bytes id);

/*
 * in	div	UTF-8, as json_doc passes it
 *	image	or NULL
 * cost	one pass, no memory
 */
void		xhtml_read(struct bytes div, xhtml_say_fn *say,
		    xhtml_image_fn *image, void *arg);

#endif
