/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init.h -- what the files of tiphys init share.  (L5)
 */
#ifndef CLI_INIT_H
#define CLI_INIT_H

#include <sys/types.h>

#include "cli/cli.h"

struct init {
	/* as given; NULL: not given */
	const char	*base, *issuer, *user, *auth_user, *group;
	bool		 tls_front;
	/* as found out */
	const char	*dir, *file;	/* real paths: the folder, its conf */
	struct bytes	 text;		/* of the configuration */
	uid_t		 uid;		/* -1: as it is */
	gid_t		 gid;
	uid_t		 auth_uid;	/* of auth_user; else uid */
	int		 part_fd;	/* init_build's: folder of auth_user */
	int		 fd;		/* of dir, from its check on */
	bool		 made;		/* the folder is ours to remove */
	int64_t		 memory, passes;	/* of a password hash; 0: not
						 * measured */
};

/*
 * Write the configuration's text and check it, before anything is made.
 * err	ERR_USAGE  said on standard error, naming the option
 */
enum err	init_text(struct cli *c, struct init *in) NODISCARD;

/*
 * Fill the folder, which is open and its owner's; what was made is taken away
 * again when it fails.
 * err	any, said
 */
enum err	init_build(struct cli *c, struct init *in) NODISCARD;

/*
 * Measure what a password hash takes here.
 * err	ERR_NOMEM, ERR_CONFIG  said
 * cost	about as long as two hashes
 */
enum err	init_cost(struct cli *c, struct init *in) NODISCARD;

#endif
