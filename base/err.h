/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err.h -- every way a call can fail, in one table.  (L0)
 *
 * A row gives the name, the HTTP status it becomes (fcgi/resp.c is the only
 * place that looks), the FHIR issue-type code, the exit status of a command
 * (sysexits.h), and a short text.  Details for people travel in
 * struct issues (fhir/issue.h), never in the error value.
 *
 * Spec: DSTU2 valueset-issue-type.html, http.html#2.1.0; sysexits(3).
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/*	name           HTTP  issue.code        exit text */
#define ERR_TABLE(X)							      \
	X(OK,            200, "informational",  0, "success")		      \
	X(ERR_SYNTAX,    400, "structure",     65, "not well-formed")	      \
	X(ERR_VALUE,     400, "value",         65, "not an allowed value")   \
	X(ERR_USAGE,     400, "invalid",       64, "not an allowed request") \
	X(ERR_COSTLY,    400, "too-costly",    65, "would cost too much")    \
	X(ERR_LOGIN,     401, "login",         77, "a valid token is needed") \
	X(ERR_FORBIDDEN, 403, "forbidden",     77, "not permitted")	      \
	X(ERR_OWNER,     403, "business-rule", 77, "would change whose it "   \
	    "is; delete it and create it anew")				      \
	X(ERR_NOTFOUND,  404, "not-found",     66, "no such resource")	      \
	X(ERR_METHOD,    405, "not-supported", 64, "method not allowed")     \
	X(ERR_ACCEPT,    406, "not-supported", 64, "format not available")   \
	X(ERR_CONFLICT,  409, "conflict",      65, "conflicts with the store") \
	X(ERR_GONE,      410, "not-found",     66, "resource was deleted")   \
	X(ERR_VERSION,   412, "conflict",      65, "precondition failed")    \
	X(ERR_TOOBIG,    413, "too-long",      65, "larger than the limit")  \
	X(ERR_URILONG,   414, "too-long",      64, "request target too long") \
	X(ERR_MEDIA,     415, "not-supported", 65, "media type not accepted") \
	X(ERR_RULE,      422, "invariant",     65, "breaks a FHIR rule")     \
	X(ERR_THROTTLED, 429, "throttled",     75, "too many requests")      \
	X(ERR_HEADERS,   431, "too-long",      64, "header fields too large") \
	X(ERR_BUG,       500, "exception",     70, "internal error")	      \
	X(ERR_METHODUNK, 501, "not-supported", 64, "method not known")	      \
	X(ERR_BUSY,      503, "transient",     75, "try again")	      \
	X(ERR_FULL,      503, "no-store",      74, "no room left to store")  \
	X(ERR_STORE,     503, "exception",     74, "the store cannot be read") \
	X(ERR_NOMEM,     503, "transient",     71, "out of memory")	      \
	X(ERR_CONFIG,    503, "exception",     78, "configuration is wrong")

enum err {
#define X(name, http, issue, status, text) name,
	ERR_TABLE(X)
#undef X
	ERR__MAX
};

/* Constant for the life of the process; e < ERR__MAX. */
const char	*err_name(enum err e);		/* "ERR_GONE" */
int		 err_http(enum err e);		/* 410 */
const char	*err_issue(enum err e);		/* "not-found" */
int		 err_exit(enum err e);		/* 66 */
const char	*err_text(enum err e);		/* "resource was deleted" */

#endif
