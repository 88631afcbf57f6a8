/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accept.h -- which of our spellings of JSON the caller wants.  (L4)
 *
 * Spec: RFC 9110 12.5.1; DSTU2 http.html#mime-type (_format rules over
 * Accept); interop 18; requirements 2.2.
 */
#ifndef FCGI_ACCEPT_H
#define FCGI_ACCEPT_H

#include "base/bytes.h"

enum media {
	MEDIA_NONE,		/* nothing of ours: 406 */
	MEDIA_ANY,		/* no wish, or a range that holds ours */
	MEDIA_BROWSER,		/* text/html first, and a range: for people */
	MEDIA_JSON_FHIR,	/* application/json+fhir, the one of DSTU2 */
	MEDIA_FHIR_JSON,	/* application/fhir+json, of later releases */
	MEDIA_JSON,		/* application/json */
	MEDIA_TEXT_JSON		/* text/json */
};

/*
 * in	accept	the header, "" when absent
 *	format	_format, decoded, "" when absent; "+" may stand as a space
 */
enum media	accept_choose(struct bytes accept, struct bytes format);

/* The Content-Type of an answer, with its charset. */
const char	*accept_type(enum media m);

/* Does the header name this type or a range that holds it?  (Binary) */
bool		accept_holds(struct bytes accept, struct bytes type);

/* Is this Content-Type the given type, whatever its parameters but charset,
 * which must be UTF-8 where it stands? */
bool		accept_is(struct bytes content_type, const char *type);

#endif
