/* SPDX-License-Identifier: Apache-2.0 */
/*
 * step.h -- a request, step by step: the same for FastCGI and CGI.  (L4)
 *
 *	read, login, route, permit, accept, act, reply
 *
 * The steps are a table in step.c; the first that fails ends the list, and
 * reply makes an answer of whatever happened.
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

/* One worker's standing things: process lifetime. */
struct server {
	const struct conf	*conf;
	struct route_table	 routes;
	struct store		*store;
	struct auth		*auth;
	void			*own;		/* the program's own things */
	struct arena		*arena;		/* of the request at hand */
	uint64_t		 id_seed;	/* random; ids count on */
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
	bool			 whole;		/* the body was read */
	bool			 hang_up;	/* no answer is due */
	uint64_t		 work;		/* store calls, for the log */
};

/*
 * Take one request from conn and answer it; returns after hanging up.  Ends
 * the process with status 71 when memory ran out, the answer sent.
 */
void	serve(struct server *s, struct conn *conn);

#endif
