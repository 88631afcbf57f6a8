/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox.h -- give away what a server does not need.  (L4)
 *
 * Attack cases CNF-05, DOS-06, MEM-05.
 */
#ifndef FCGI_SANDBOX_H
#define FCGI_SANDBOX_H

#include <sys/types.h>

#include "base/conf.h"

/* Who serves: name NULL means "who we are already". */
struct identity {
	const char	*name;
	uid_t		 uid;
	gid_t		 gid;		/* conf's group, else the user's; -1
					 * where neither was asked for */
};

/*
 * Started by root: the user that key names, else conf's user (www-data where
 * none is set).  Started by somebody else: that must be who it is.  Exits 78
 * otherwise: nothing is ever served as root.
 */
struct identity	sandbox_identity(const struct conf *conf, enum conf_id key);

/* Become it, with its groups; for good. */
void	sandbox_become(const struct identity *who);

/*
 * For a process that talks to a web server: no core, no ptrace, no
 * children, no new privileges, bounded memory and files.  parent: end
 * (SIGTERM) when this process does; 0: no matter.  more: bytes it may need
 * beyond those of a request.
 */
void	sandbox_worker(const struct conf *conf, int parent, int64_t more);

#endif
