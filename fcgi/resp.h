/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resp.h -- the answer: the one place where an enum err becomes HTTP.  (L4)
 *
 * Every answer carries the security and CORS headers; a refusal is an
 * OperationOutcome.  401, 403, 404 (of an instance), 410 and all 5xx have
 * fixed bodies: what hid the data, and what broke, is not told.
 *
 * Spec: RFC 9110, RFC 6750 3; DSTU2 http.html; attack cases TOK-01, HTTP-16,
 * -17, -18, CMP-01, CMP-08.
 */
#ifndef FCGI_RESP_H
#define FCGI_RESP_H

#include "auth/auth.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "fcgi/req.h"
#include "fhir/issue.h"

struct resp {
	/* Set by an act: */
	struct bytes	 body;		/* JSON, or what native says */
	int		 success;	/* status where all is well; 0: 200 */
	struct bytes	 location;	/* below base-url, of what was written,
					 * or "" */
	struct bytes	 etag;		/* with W/ and quotes, or "" */
	struct instant	 modified;
	bool		 has_modified;
	bool		 first;		/* of its versions */
	const char	*native;	/* Content-Type other than JSON: sent
					 * as an attachment (Binary) */
	bool		 cacheable;	/* public, the same for everyone */
	/* Set by the steps: */
	struct issues	 is;
	enum err	 err;
	enum login_fault fault;
	const char	*allow;		/* 405: methods of the path */
	const char	*need_type;	/* 403: type a scope is missing for */
	bool		 need_write;	/* ... and whether to write it */
	const char	*place;		/* entry of a Bundle that failed: said
					 * in fixed bodies, too */
	bool		 preflight;	/* OPTIONS: what CORS allows; 204 when
					 * there is no body */
	/* Set by resp_finish: */
	int		 status;
	struct bytes	 part[3];	/* header, body, newline */
	size_t		 n_part;
};

struct resp	*resp_new(struct arena *a);

/* ETag W/"version" and Last-Modified of one resource. */
void		 resp_version(struct resp *rs, uint64_t version,
		    struct instant updated);

/*
 * What the answer comes to, its header block aside: the status from rs->err,
 * 304 where the request's conditions say so, the OperationOutcome of a
 * refusal as body.
 */
void		 resp_settle(struct resp *rs, const struct req *rq);

/*
 * Make the parts: status from rs->err, 304 where the request's conditions
 * say so, headers, body (none for HEAD, OPTIONS and 304).
 */
void		 resp_finish(struct resp *rs, const struct req *rq);

/* "Not Found" for 404: RFC 9110 section 15. */
const char	*resp_reason(int status);

/* A whole answer for when there is no memory left to make one. */
struct bytes	 resp_nomem(void);

#endif
