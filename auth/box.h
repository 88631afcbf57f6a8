/* SPDX-License-Identifier: Apache-2.0 */
/*
 * box.h -- how an environment of auth/ is made and opened.  (L3)
 *
 * Internal to auth/.  What grants/ (vault.h) and guard/ (safe.h) have in
 * common: the first records come in one transaction with the format, and an
 * environment without the one or with another of the other opens for nobody.
 */
#ifndef AUTH_BOX_H
#define AUTH_BOX_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "store/store.h"

struct box {
	const struct dbi_row	*db;
	unsigned		 n_db;
	int			 meta;		/* the database that holds
						 * "format": be32 */
	uint32_t		 format;
	unsigned		 readers;
	/* What else a new one begins with, or NULL. */
	enum err		(*fill)(struct txn *t);
};

/*
 * flags: enum env_flag; with ENV_CREATE the first records are written where
 * there are none.
 * err	as env_open; ERR_CONFIG also for one that was not finished or has
 *	another format; *why_out (in a) names path and remedy
 */
enum err	box_open(struct arena *a, const struct box *b,
		    const char *path, unsigned flags, struct env **env_out,
		    const char **why_out) NODISCARD;

#endif
