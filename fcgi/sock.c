/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sock.c -- the listening socket: always a Unix one.  (L4)
 *
 * Whoever may connect here speaks as the web server, so the file is made
 * with a mask that lets nobody in, and opened to the group afterwards
 * (attack cases CGI-01, CGI-02).
 */
#include "fcgi/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

#define BACKLOG	1024		/* the kernel cuts it to somaxconn */

static struct sockaddr_un
address(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t len = strlen(path);

	if (len >= sizeof(un.sun_path))
		fatal(73, "event=socket why=path-too-long max=%zu",
		    sizeof(un.sun_path) - 1);
	memcpy(un.sun_path, path, len + 1);
	return un;
}

/* Does nobody answer there?  Other files than sockets refuse, too. */
static bool
refuses(const struct sockaddr_un *un)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool dead;

	if (fd == -1)
		fatal(71, "event=socket errno=%d", errno);
	dead = connect(fd, (const struct sockaddr *)un, sizeof(*un)) == -1 &&
	    errno == ECONNREFUSED;
	(void)close(fd);
	return dead;
}

/* Only a socket that refuses is dead; one that answers is in use. */
static void
clear_stale(const char *path, const struct sockaddr_un *un)
{
	struct stat st;

	if (lstat(path, &st) == -1)
		return;
	if (!S_ISSOCK(st.st_mode))
		fatal(73, "event=socket why=not-a-socket path=%s", path);
	if (!refuses(un))
		fatal(75, "event=socket why=in-use path=%s", path);
	if (unlink(path) == -1)
		fatal(73, "event=socket why=unlink errno=%d path=%s", errno,
		    path);
}

/*
 * Never through a link: root does this in a folder that may be another's,
 * who could put one to any file in the socket's place (attack case CGI-02).
 */
static void
give(const char *path, uid_t uid, gid_t gid)
{
	if (lchown(path, uid, gid) == -1)
		fatal(73, "event=socket why=chown errno=%d path=%s", errno,
		    path);
	if (fchmodat(AT_FDCWD, path, 0660, AT_SYMLINK_NOFOLLOW) == -1)
		fatal(73, "event=socket why=chmod errno=%d path=%s", errno,
		    path);
}

int
sock_listen(const char *path, uid_t uid, gid_t gid)
{
	struct sockaddr_un un = address(path);
	mode_t mask;
	int fd, rc;

	clear_stale(path, &un);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		fatal(71, "event=socket errno=%d", errno);
	mask = umask(0777);
	rc = bind(fd, (const struct sockaddr *)&un, sizeof(un));
	(void)umask(mask);
	if (rc == -1 || listen(fd, BACKLOG) == -1)
		fatal(73, "event=socket why=bind errno=%d path=%s", errno,
		    path);
	give(path, uid, gid);
	return fd;
}

bool
sock_listening(int fd)
{
	int on = 0;
	socklen_t len = sizeof(on);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 &&
	    on != 0;
}

void
sock_remove(const char *path, int fd)
{
	struct sockaddr_un un = address(path);
	struct stat st;

	/* Ours is dead once it is closed; another's in its place is not. */
	(void)close(fd);
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode) && refuses(&un))
		(void)unlink(path);
}
