/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hand.h -- a request that has to wait is handed to another process.  (L4)
 *
 * A worker serves one request at a time, so one that waits for its turn
 * (a password hash, auth/pass.c) would keep it from all others.  Such a
 * request, whole as it was read, goes with its peer's descriptor and that of
 * its place in the queue to the one process of the pool that waits for a
 * living, and which answers it as if it had read it itself.
 *
 * The queue is a socket that every process of the pool holds: what is in it
 * outlives any of them.  A descriptor in it is open as long as its message
 * is there, and so is the lock of the place.
 */
#ifndef FCGI_HAND_H
#define FCGI_HAND_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/attr.h"
#include "fcgi/req.h"

#define HAND_MAX	32768	/* bytes of a request that may be handed on */

/* A queue: [0] to put, [1] to take.  false: errno says why. */
bool		hand_queue(int fd[2]);

struct handed {
	uint16_t	 id;		/* FastCGI's, of the request */
	int		 peer, place;	/* the receiver's to close */
	char		**env;		/* "NAME=value", NULL at the end */
	struct bytes	 body;
};

/*
 * The caller keeps peer and place, and closes its own.
 * err	ERR_TOOBIG  beyond HAND_MAX; ERR_THROTTLED  the queue is full
 */
enum err	hand_put(int fd, const struct req *rq, uint16_t id, int peer,
		    int place) NODISCARD;

/*
 * The next request, in a; without wait, and every now and then with it, none
 * is there: false.  One whose peer hung up is not handed on.
 */
bool		hand_take(int fd, struct arena *a, bool wait,
		    struct handed *out);

#endif
