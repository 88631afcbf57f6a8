/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame.h -- an answer as FastCGI records, for one writev.  (L4)
 *
 * Spec: FastCGI 1.0, 3.3 (records), 5.3 (STDOUT), 5.5 (END_REQUEST).
 */
#ifndef FCGI_FRAME_H
#define FCGI_FRAME_H

#include <sys/uio.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"

/* Content of one record at most: 65,535, less what spoils alignment. */
#define FRAME_CONTENT	65528

struct frame {
	struct iovec	*iov;		/* in the arena; content borrowed */
	size_t		 n;
	size_t		 bytes;		/* of all, headers included */
};

/*
 * part[0] to part[n - 1], one after the other, as STDOUT records of request
 * id, then the end of STDOUT and END_REQUEST with status 0.
 */
struct frame	frame_fcgi(struct arena *a, uint16_t id,
		    const struct bytes *part, size_t n);

/* The same parts as they are: CGI. */
struct frame	frame_plain(struct arena *a, const struct bytes *part,
		    size_t n);

#endif
