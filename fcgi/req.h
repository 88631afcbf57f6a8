/* SPDX-License-Identifier: Apache-2.0 */
/*
 * req.h -- one request, read under every limit.  (L4)
 *
 * From the FastCGI or CGI variables and the body; FastCGI itself is conn.h's
 * business.  Only the variables in REQ_VARS are looked at: never PATH_INFO,
 * SCRIPT_NAME, SERVER_NAME, HTTP_HOST, REMOTE_USER or HTTP_X_HTTP_METHOD_
 * OVERRIDE, which web servers decode, collapse or let clients set.
 *
 * Attack cases HTTP-01 to -20, CGI-04, -05, -11, TOK-12, TOK-27.
 */
#ifndef FCGI_REQ_H
#define FCGI_REQ_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "fcgi/accept.h"
#include "fcgi/target.h"
#include "fhir/issue.h"
#include "fhir/query.h"

/* Known methods; those without a route are 405, all others 501. */
#define METHOD_TABLE(X)							      \
	X(METHOD_GET,     "GET")					      \
	X(METHOD_HEAD,    "HEAD")					      \
	X(METHOD_POST,    "POST")					      \
	X(METHOD_OPTIONS, "OPTIONS")					      \
	X(METHOD_PUT,     "PUT")					      \
	X(METHOD_DELETE,  "DELETE")					      \
	X(METHOD_PATCH,   "PATCH")

enum method {
#define X(id, name) id,
	METHOD_TABLE(X)
#undef X
	METHOD__MAX
};

const char	*method_name(enum method m);

/* Every variable that is read, each at most once. */
#define REQ_VARS(X)							      \
	X(VAR_METHOD,     "REQUEST_METHOD")				      \
	X(VAR_URI,        "REQUEST_URI")				      \
	X(VAR_GATEWAY,    "GATEWAY_INTERFACE")				      \
	X(VAR_LENGTH,     "CONTENT_LENGTH")				      \
	X(VAR_TYPE,       "CONTENT_TYPE")				      \
	X(VAR_AUTH,       "HTTP_AUTHORIZATION")				      \
	X(VAR_ACCEPT,     "HTTP_ACCEPT")				      \
	X(VAR_ENCODING,   "HTTP_CONTENT_ENCODING")			      \
	X(VAR_CHUNKED,    "HTTP_TRANSFER_ENCODING")			      \
	X(VAR_NONE_MATCH, "HTTP_IF_NONE_MATCH")				      \
	X(VAR_SINCE,      "HTTP_IF_MODIFIED_SINCE")			      \
	X(VAR_MATCH,      "HTTP_IF_MATCH")				      \
	X(VAR_NONE_EXIST, "HTTP_IF_NONE_EXIST")			      \
	X(VAR_PREFER,     "HTTP_PREFER")				      \
	X(VAR_ORIGIN,     "HTTP_ORIGIN")				      \
	X(VAR_COOKIE,     "HTTP_COOKIE")				      \
	X(VAR_DPOP,       "HTTP_DPOP")					      \
	X(VAR_ADDRESS,    "REMOTE_ADDR")				      \
	X(VAR_REQUEST_ID, "HTTP_X_REQUEST_ID")

enum req_var {
#define X(id, name) id,
	REQ_VARS(X)
#undef X
	VAR__MAX
};

const char	*req_var_name(enum req_var v);

#define REQ_ENV_MAX	200	/* variables; beyond: ERR_HEADERS */
#define REQ_ID_MAX	64	/* bytes of a request id */

struct req {
	struct arena		*arena;
	const struct conf	*conf;
	enum conf_id		 mount;		/* key of the URL below which
						 * paths are ours */
	size_t			 body_max;	/* bytes; 0: body-bytes */
	struct instant		 now;
	char			 id[REQ_ID_MAX + 1];
	struct bytes		 var[VAR__MAX];	/* "" when absent */
	enum method		 method;
	struct target		 target;
	struct pair		*pair;		/* of the query, decoded */
	size_t			 n_pair;
	enum media		 media;		/* of the answer */
	bool			 pretty;
	uint64_t		 length;	/* of the body, as announced */
	bool			 sized;		/* it was announced */
	struct bytes		 body;
};

/* Fills buf with up to n bytes of the body; *got_out 0 at its end.
 * false: the peer gave up or was too slow. */
typedef bool	req_read_fn(void *arg, void *buf, size_t n, size_t *got_out);

/*
 * Read the variables: method, target, parameters, format.
 *
 * in	rq	arena, conf, mount, body_max, now and id are set, the rest
 *		zero; envp is
 *		"NAME=value" strings, NULL at the end, borrowed
 * err	ERR_SYNTAX, ERR_URILONG, ERR_HEADERS, ERR_METHODUNK, ERR_USAGE (too
 *	many parameters), ERR_MEDIA (Content-Encoding), each with an issue
 *	where more can be said
 */
enum err	req_env(struct req *rq, char *const *envp, struct issues *is)
		    NODISCARD;

/* A variable no web server leaves out is missing: no answer, hang up. */
bool		req_stranger(const struct req *rq);

/*
 * Read the body.
 * err	ERR_TOOBIG  announced or sent beyond body_max and body-bytes
 *	ERR_SYNTAX  another length than announced; a body nobody announced
 *	ERR_BUSY    the peer gave up: no answer is due
 */
enum err	req_body(struct req *rq, req_read_fn *fn, void *arg,
		    struct issues *is) NODISCARD;

/* The value of the only parameter name; "" when absent or given twice. */
struct bytes	req_param(const struct req *rq, const char *name);

/*
 * Does Prefer hold name=value?  What it says is a wish: one that is unknown
 * or of another form is none.
 * spec	RFC 7240
 */
bool		req_prefers(const struct req *rq, const char *name,
		    const char *value);

#endif
