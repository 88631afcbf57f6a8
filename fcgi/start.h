/* SPDX-License-Identifier: Apache-2.0 */
/*
 * start.h -- one CGI request, a spawned socket, or a pool: the start of
 * both programs.  (L4)
 *
 * Which of the three is found out in this order: GATEWAY_INTERFACE set means
 * CGI, and argv is ignored whole, for Apache hands query words over as
 * arguments (attack case CGI-09); a listening socket on fd 0 means that a
 * web server spawned us; -s opens one.  None of them: usage, exit 64.
 */
#ifndef FCGI_START_H
#define FCGI_START_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/conf.h"
#include "fcgi/step.h"

/* What makes a program of the face: a constant of its main. */
struct service {
	const char		*name;		/* "tiphys-fhir" */
	const struct face	*face;
	struct route_table	 routes;
	enum conf_id		 user;		/* the key that names its user;
						 * CONF_USER where unset */
	enum conf_id		 more;		/* key: bytes beyond a request,
						 * or CONF__MAX */
	bool			 queue;		/* a process for requests that
						 * have to wait (hand.h) */
	/*
	 * Open what a worker needs into s (store, auth, own), after the fork.
	 * in	a	process lifetime
	 * err	as store_open and auth_open; *why_out says more
	 */
	enum err	(*open)(struct arena *a, const struct conf *conf,
			    struct server *s, const char **why_out);
};

/* The whole of main; returns the exit status. */
int	start_main(const struct service *v, int argc, char **argv);

#endif
