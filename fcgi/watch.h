/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch.h -- time limits and signals of one worker.  (L4)
 *
 * libfcgi reads for as long as a peer likes.  A time-out per read
 * (SO_RCVTIMEO) would let a peer trickle one byte at a time, would cost two
 * system calls a request, and makes read(2) fail with EINTR at any signal.
 * So one slow periodic timer looks whether the deadline of the moment has
 * passed and shuts the connection down, which ends the read or write; the
 * request path pays two stores to memory.
 *
 * The state is of the process and lies in watch.c: a signal handler can have
 * no argument.
 */
#ifndef FCGI_WATCH_H
#define FCGI_WATCH_H

#include "base/attr.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Start the timer and take SIGTERM (drain): the handler closes listen_fd, so
 * that no accept is begun after it; a request that runs is finished.
 * in	shortest_ms	of the limits: the timer ticks at a tenth of it,
 *			between 2 ms and 1 s
 */
void	watch_start(int listen_fd, int64_t shortest_ms);

/* fd is shut down when limit_ms have passed, at most a tick early. */
void	watch_arm(int fd, int64_t limit_ms);
void	watch_disarm(void);

bool	watch_draining(void);

#endif
