/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drop.c -- root becomes the owner of the data.  (L5)
 *
 * "sudo tiphys load" must not leave files that the server cannot open, nor
 * parse a stranger's file as root.  So the tool becomes the account that
 * owns the data directory before it opens anything there, and cannot go
 * back.
 */
#include "cli/cli.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Groups first, the user last: after setuid the right to change groups is
 * gone.  The group of the folder becomes ours, because what we make in it
 * is shared through that group.
 */
static bool
become(const struct stat *st)
{
	const struct passwd *pw = getpwuid(st->st_uid);
	int rc;

	if (pw != NULL)
		rc = initgroups(pw->pw_name, st->st_gid);
	else
		rc = setgroups(1, &st->st_gid);
	return rc == 0 &&
	    setresgid(st->st_gid, st->st_gid, st->st_gid) == 0 &&
	    setresuid(st->st_uid, st->st_uid, st->st_uid) == 0;
}

static enum err
drop(struct cli *c, const struct stat *st, const char *path)
{
	if (!S_ISDIR(st->st_mode))
		return cli_fail(c, ERR_CONFIG, path, "is not a folder",
		    "correct data-dir");
	if (st->st_uid == 0)
		return OK;
	if (!become(st) || setuid(0) == 0)
		return cli_fail(c, ERR_CONFIG, path,
		    "root could not become its owner",
		    "run the command as that user");
	return OK;
}

enum err
cli_drop(struct cli *c, const char *path)
{
	struct stat st;

	if (geteuid() != 0)
		return OK;
	if (stat(path, &st) != 0)
		return cli_fail(c, ERR_NOTFOUND, path, strerror(errno),
		    "make it with \"tiphys init\"");
	return drop(c, &st, path);
}

enum err
cli_drop_to(struct cli *c, int fd, const char *path)
{
	struct stat st;

	if (geteuid() != 0)
		return OK;
	if (fstat(fd, &st) != 0)
		return cli_fail(c, ERR_CONFIG, path, strerror(errno), NULL);
	return drop(c, &st, path);
}
