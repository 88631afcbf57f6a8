/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sock.h -- the listening socket: always a Unix one.  (L4)
 */
#ifndef FCGI_SOCK_H
#define FCGI_SOCK_H

#include <stdbool.h>

/*
 * Bind and listen at path, mode 0660, with group's group where given.  A
 * socket file that nobody answers on is replaced; anything else there is
 * not touched.
 * out	the descriptor; does not return otherwise: exit 73 (cannot be made),
 *	75 (somebody serves there), 78 (no such group)
 */
int	sock_listen(const char *path, const char *group);

/* Is fd a listening socket?  Then a web server or supervisor spawned us. */
bool	sock_listening(int fd);

/* Remove path if it is still the socket of fd. */
void	sock_remove(const char *path, int fd);

#endif
