/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conn.h -- one peer at a time: FastCGI by libfcgi's reader, or CGI.  (L4)
 *
 * libfcgi parses; accepting, time limits and writing are ours.  FCGX_Accept_r
 * would wait for ever for a silent peer, accept the next one behind our back
 * when a request is broken, and after each answer linger for a round trip.
 * Measured traps: a record that claims gigabytes makes its allocator abort
 * (this worker dies and is replaced), CONTENT_LENGTH is not compared with
 * the body (req.c does), an aborted body shows only in the stream's error.
 */
#ifndef FCGI_CONN_H
#define FCGI_CONN_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "fcgi/req.h"

struct conn;

/* A worker's seat at a listening socket; process lifetime. */
struct conn	*conn_fcgi(struct arena *a, int listen_fd,
		    int64_t receive_ms, int64_t send_ms);

/* The seat at a queue of requests that had to wait (hand.h). */
struct conn	*conn_queue(struct arena *a, int queue_fd, int64_t send_ms);

/* The one request of a CGI process: environ, stdin, stdout. */
struct conn	*conn_cgi(struct arena *a);

/*
 * Wait for the next request and read its variables; the receive limit runs
 * from here over variables and body.  false: none came (the peer broke the
 * protocol or was too slow, or we drain): ask watch_draining and come back.
 */
bool		 conn_next(struct conn *c);

char *const	*conn_env(const struct conn *c);

/* A req_read_fn. */
bool		 conn_read(void *conn, void *buf, size_t n, size_t *got_out);

/*
 * The body is read to its end: no receive limit any more.  What follows is
 * our own work, which has limits of its own (search-cpu-ms).
 */
void		 conn_received(struct conn *c);

/*
 * Send the parts as the answer, in one writev where the peer takes it.
 * whole: the body was read to its end; else what the peer still sends is
 * read and dropped within the time limit, so that it sees the answer.
 * false: the peer did not take it all.
 */
bool		 conn_send(struct conn *c, struct arena *a,
		    const struct bytes *part, size_t n, bool whole);

/*
 * Hand the request and its peer on to a queue, with a place in it; conn_close
 * then ends our part of it.  err as hand_put
 */
enum err	 conn_pass(const struct conn *c, int queue_fd,
		    const struct req *rq, int place) NODISCARD;

/* The place that came with a request of a queue, the caller's now; or -1. */
int		 conn_place(struct conn *c);

/* Hang up and be ready for the next; without an answer it is a refusal. */
void		 conn_close(struct conn *c);

#endif
