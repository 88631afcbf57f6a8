/* SPDX-License-Identifier: Apache-2.0 */
/*
 * target.h -- the request target, taken apart by one strict parser.  (L4)
 *
 * REQUEST_URI is the only source: PATH_INFO and SCRIPT_NAME come decoded and
 * collapsed, each web server in its own way.  What is unusual is refused, so
 * a path has exactly one spelling and no alias; but DSTU2 itself writes
 * [base]/[type]/?criteria as well as [base]/[type]?criteria.
 *
 * Spec: RFC 9112 3.2.1 (origin-form alone); attack cases HTTP-02, -05 to -08,
 * -19, CGI-11.
 */
#ifndef FCGI_TARGET_H
#define FCGI_TARGET_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/err.h"

#define TARGET_SEGS	6	/* "/Patient/1/Observation/_search" has 4 */

struct target {
	struct bytes	seg[TARGET_SEGS];	/* below the mount; %24 as $ */
	size_t		n_seg;			/* 0: the mount itself */
	bool		stray;			/* not below the mount, or
						 * deeper than any route: well
						 * formed, but nobody's */
	bool		slash;			/* a "/" behind the only
						 * segment: "/Patient/" */
	struct bytes	query;			/* behind "?", still encoded */
};

/* The path part of base-url: "https://x/fhir" gives "/fhir", or "". */
struct bytes	target_mount(struct bytes base_url);

/*
 * in	uri	REQUEST_URI, borrowed by *out
 *	mount	leads the path by whole segments; else it is a stray
 *	max	bytes; beyond: ERR_URILONG
 * err	ERR_SYNTAX  a byte, escape or segment that is not allowed
 */
enum err	target_parse(struct arena *a, struct bytes uri,
		    struct bytes mount, size_t max, struct target *out)
		    NODISCARD;

#endif
