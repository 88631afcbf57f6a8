/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.h -- a supervised pool of workers on one socket.  (L4)
 *
 * The parent parses nothing from outside and opens no database: it forks,
 * replaces workers that died (at once; after half a second at most where they
 * die young again and again), and minds the signals:
 *
 *	SIGHUP		read the configuration again; a good one starts new
 *			workers and drains the old, a bad one changes nothing
 *	SIGTERM, SIGINT	drain: requests that run are finished, then the end
 */
#ifndef FCGI_POOL_H
#define FCGI_POOL_H

#include "base/attr.h"
#include "base/conf.h"

/* What a program gives the pool; both run in a child of their own. */
struct program {
	/* Open all a worker opens, and close it: exit status, reason logged. */
	int	(*check)(const void *own, const struct conf *conf);
	/* Serve listen_fd until drained; parent is the pool's process. */
	int	(*work)(const void *own, const struct conf *conf,
		    int listen_fd, int parent);
	/* As work, for what has to wait: one more process; or NULL. */
	int	(*wait)(const void *own, const struct conf *conf,
		    int listen_fd, int parent);
	const void	*own;
};

#define POOL_MAX	1024	/* workers */

/*
 * in	path	of the configuration, for SIGHUP; conf what it says now
 * out	exit status: 0 after a drain, or check's at the start
 */
int	pool_run(const struct program *p, const char *path,
	    const struct conf *conf, int listen_fd, unsigned n);

#endif
