/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sock.h -- the listening socket: always a Unix one.  (L4)
 */
#ifndef FCGI_SOCK_H
#define FCGI_SOCK_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Bind and listen at path, mode 0660, given to uid and gid ((uid_t)-1 and
 * (gid_t)-1: left as they are).  A socket file that nobody answers on is
 * replaced; anything else there is not touched.
 * out	the descriptor; does not return otherwise: exit 73 (cannot be made),
 *	75 (somebody serves there)
 */
int	sock_listen(const char *path, uid_t uid, gid_t gid);

/* Is fd a listening socket?  Then a web server or supervisor spawned us. */
bool	sock_listening(int fd);

/* Close fd; remove path unless somebody else answers there by now. */
void	sock_remove(const char *path, int fd);

#endif
