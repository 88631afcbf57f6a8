/* SPDX-License-Identifier: Apache-2.0 */
/*
 * step.h -- a request, step by step: the same for FastCGI and CGI.  (L4)
 *
 *	read, login, route, permit, accept, act, write, reply
 *
 * The steps are a table in step.c; the first that fails ends the list, and
 * reply makes an answer of whatever happened.  An act that writes leaves a
 * commit, which the step "write" runs in a transaction; an entry of a Bundle
 * takes the steps from route to act, and its commit runs where the Bundle
 * says.
 */
#ifndef FCGI_STEP_H
#define FCGI_STEP_H

#include "auth/auth.h"
#include "base/arena.h"
#include "base/attr.h"
#include "fcgi/conn.h"
#include "fcgi/req.h"
#include "fcgi/resp.h"
#include "fcgi/route.h"
#include "store/store.h"

struct call;

typedef enum err step_fn(struct call *c);

/* Where the two programs differ in their steps: process lifetime. */
struct face {
	enum conf_id	 mount;		/* the URL below which it answers */
	size_t		 body_max;	/* bytes of a body; 0: body-bytes */
	bool		 guarded;	/* who has no token is told nothing of
					 * which paths there are (A24) */
	step_fn		*login;
	void		(*finish)(struct call *c);	/* parts of rs */
	struct bytes	(*nomem)(void);	/* a whole answer, made of nothing */
};

/* One worker's standing things: process lifetime. */
struct server {
	const struct face	*face;
	const struct conf	*conf;
	struct route_table	 routes;
	struct store		*store;
	struct auth		*auth;
	void			*own;		/* the program's own things */
	struct arena		*arena;		/* of the request at hand */
	uint64_t		 id_seed;	/* random; ids count on */
	int			 queue;		/* where what has to wait is
						 * handed on; -1: it waits */
};

/* One request on its way through the steps. */
struct call {
	struct server		*server;
	struct conn		*conn;
	struct arena		*arena;
	struct req		*rq;
	struct resp		*rs;
	struct place		 at;
	struct login		 login;
	const struct view	*view;		/* NULL: nobody is logged in */
	write_fn		*commit;	/* what an act wants written;
						 * its arg is the call */
	struct write		*write;		/* the transaction reads are
						 * of, too; or NULL */
	struct call		*bundle;	/* an entry: of this request */
	void			*own;		/* the program's: request */
	const char		*event;		/* word for the log, or NULL */
	bool			 whole;		/* the body was read */
	bool			 hang_up;	/* no answer is due */
	int			 place;		/* in the queue; -1: none yet */
	bool			 passed;	/* handed on: no more ours */
	uint64_t		 work;		/* store calls, for the log */
	int64_t			 cpu_end;	/* clock_cpu when its searches
						 * are to end; 0: none began */
};

/* The login of tiphys-fhir: a bearer token becomes the view. */
step_fn	step_token;

/*
 * Hand the request on to the process that waits for its turn, with the place
 * in the queue that c->place is; the act then returns OK.
 * err	ERR_TOOBIG, ERR_THROTTLED: the request is still ours
 */
enum err	step_pass(struct call *c) NODISCARD;

/*
 * Run a commit in a transaction of the caller's view, and count its work.
 * err	as store_write
 */
enum err	step_commit(struct call *c, write_fn *fn, void *arg) NODISCARD;

/*
 * An entry of a Bundle: route, permit, accept, act.  The view is bundle's;
 * rq is complete and rs new.
 */
enum err	step_entry(struct call *c) NODISCARD;

/*
 * Take one request from conn and answer it; returns after hanging up.  Ends
 * the process with status 71 when memory ran out, the answer sent.
 * false: none came.
 */
bool	serve(struct server *s, struct conn *conn);

#endif
