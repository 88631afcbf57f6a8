/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accept.h -- media types: what the caller wants, and what it sends.  (L4)
 *
 * Spec: RFC 9110 12.5.1; DSTU2 http.html#mime-type (_format rules over
 * Accept); RFC 9110 8.3.1; interop 18; requirements 2.2.
 */
#ifndef FCGI_ACCEPT_H
#define FCGI_ACCEPT_H

#include "base/buf.h"
#include "base/bytes.h"

enum media {
	MEDIA_NONE,		/* nothing of ours: 406 */
	MEDIA_ANY,		/* no wish, or a range that holds ours */
	MEDIA_BROWSER,		/* text/html first, and a range: for people */
	MEDIA_JSON_FHIR,	/* application/json+fhir, the one of DSTU2 */
	MEDIA_FHIR_JSON,	/* application/fhir+json, of later releases */
	MEDIA_JSON,		/* application/json */
	MEDIA_TEXT_JSON,	/* text/json */
	MEDIA_TEXT		/* a range, and the best there is: text/json
				 * is within it */
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

/* What a Content-Type says of a body. */
enum body {
	BODY_UNKNOWN,		/* there is none, or it is no media type */
	BODY_JSON,		/* a FHIR resource, as we read it */
	BODY_FHIR,		/* one in another form or charset */
	BODY_FORM,		/* of a page */
	BODY_CONTENT		/* whatever else: a Binary may hold it */
};

enum body	accept_body(struct bytes content_type);

/*
 * Is text a media type, its parameters included?
 * in	out	NULL, or takes its usual form, "type/subtype; name=value":
 *		visible ASCII and single spaces, for headers and resources;
 *		of what is none, a part of it
 * spec	RFC 9110 8.3.1
 */
#define ACCEPT_TYPE_MAX	255	/* bytes of a media type */
bool		accept_parse(struct bytes text, struct buf *out);

#endif
