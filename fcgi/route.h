/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route.h -- method and path to one row; the rows say all there is.  (L4)
 *
 * A program keeps one table of rows.  The 405 Allow header, the interactions
 * of the Conformance statement and the manual are printed from the same
 * rows, and a row without a need does not compile.
 */
#ifndef FCGI_ROUTE_H
#define FCGI_ROUTE_H

#include "base/attr.h"
#include "base/bytes.h"
#include "base/err.h"
#include "fcgi/req.h"
#include "fhir/issue.h"
#include "store/store.h"

struct call;			/* step.h */

typedef enum err	act_fn(struct call *c);

/* What the caller must hold before the row's act is run. */
enum need {
	NEED__UNSET,		/* refused: a row must say */
	NEED_PUBLIC,		/* nothing, not even a token */
	NEED_READ,		/* VIEW_READ on the type */
	NEED_SEARCH,		/* VIEW_SEARCH on the type; of none: on any */
	NEED_CREATE,		/* VIEW_CREATE on the type, and so on */
	NEED_UPDATE,
	NEED_DELETE,
	NEED_TOKEN		/* somebody: the act asks for what it does */
};

enum route_flag {
	ROUTE_NATIVE = 1,	/* the act may answer other than JSON: it
				 * judges Accept itself */
	ROUTE_FORM = 2,		/* a form body is read, and nothing else is */
	ROUTE_API = 4,		/* tiphys-auth: JSON for programs, by CORS */
	ROUTE_BODY = 8,		/* a FHIR resource in JSON is the body */
	ROUTE_ALONE = 16,	/* no entry of a Bundle may ask for it */
	ROUTE_CONTENT = 32	/* with BODY: a Binary may come as what it
				 * holds */
};

/*
 * Paths: a segment is literal (and where it names a type, that is the type
 * of the place), or T a type, I an id, V a version, C the type
 * of a compartment.  The single segment "*" is any path at all.
 */
struct route {
	enum method	 method;
	const char	*path;
	enum need	 need;
	unsigned	 flags;
	act_fn		*act;
	const char	*name;		/* for the log */
	const char	*code;		/* DSTU2 type-restful-interaction, "" */
	const char	*spec;		/* page and anchor */
};

struct route_table {
	const struct route	*row;
	size_t			 n;
};

/* What a path named. */
struct place {
	const struct route	*route;
	uint16_t		 type, compartment;	/* 0: none */
	struct bytes		 id;
	uint64_t		 version;
};

/*
 * HEAD is GET here.
 * err	ERR_NOTFOUND  no row has such a path, or no such type (with an issue
 *		that says which is near)
 *	ERR_METHOD    *allow_out (in a) lists the methods of the path
 */
enum err	route_find(const struct route_table *t, struct arena *a,
		    enum method m, const struct target *target,
		    struct issues *is, struct place *out,
		    const char **allow_out) NODISCARD;

/* Does the caller hold what the row needs?  No data is looked at. */
enum err	route_permit(const struct place *at, const struct view *v)
		    NODISCARD;

#endif
