/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conn.c -- one peer at a time: FastCGI by libfcgi's reader, or CGI.  (L4)
 *
 * How libfcgi is led: the request is initialised with socket -1 and our
 * connection is put into ipcFd, so FCGX_Accept_r begins to read at once.  It
 * first "finishes" the request before, which closes ipcFd unless
 * keepConnection is set.  Where the variables cannot be read it closes ipcFd
 * and wants to accept another: on socket -1 that fails, and it returns.
 * After our own writev, ipcFd is taken out again and FCGX_Free frees the
 * rest without a word to the peer.
 */
#include "fcgi/conn.h"

#include <errno.h>
#include <fcgiapp.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/frame.h"
#include "fcgi/hand.h"
#include "fcgi/watch.h"

#define FCGI_RESPONDER	1	/* the role; fastcgi.h is not C11-clean */
#define DROP_BYTES	8192	/* read and dropped at once after a refusal */

struct conn {
	int		 listen_fd;	/* -1: CGI */
	int64_t		 receive_ms, send_ms;
	bool		 served;	/* CGI: the one request is taken */
	uint64_t	 left;		/* CGI: body bytes not yet read */
	bool		 queue;		/* listen_fd is one of hand.h */
	struct arena	*arena;		/* queue: of the request taken */
	struct handed	 handed;	/* queue: body is what is unread */
	FCGX_Request	 fx;
};

struct conn *
conn_fcgi(struct arena *a, int listen_fd, int64_t receive_ms,
    int64_t send_ms)
{
	struct conn *c = arena_alloc(a, sizeof(*c));

	c->listen_fd = listen_fd;
	c->receive_ms = receive_ms;
	c->send_ms = send_ms;
	if (FCGX_Init() != 0 || FCGX_InitRequest(&c->fx, -1, 0) != 0)
		panic("event=fcgi-init");
	c->fx.ipcFd = -1;
	return c;
}

struct conn *
conn_queue(struct arena *a, int queue_fd, int64_t send_ms)
{
	struct conn *c = arena_alloc(a, sizeof(*c));

	c->listen_fd = queue_fd;
	c->queue = true;
	c->send_ms = send_ms;
	c->arena = arena_new(0);
	c->fx.ipcFd = -1;
	return c;
}

/*
 * A CGI program must not read beyond CONTENT_LENGTH (RFC 3875 4.2): there
 * may be no end of file.  Apache gives chunked bodies no length and an end.
 */
struct conn *
conn_cgi(struct arena *a)
{
	struct conn *c = arena_alloc(a, sizeof(*c));

	c->listen_fd = -1;
	if (!text_u64(bytes_str(getenv("CONTENT_LENGTH")), INT64_MAX,
	    &c->left) && getenv("HTTP_TRANSFER_ENCODING") != NULL)
		c->left = UINT64_MAX;
	return c;
}

/* Errors of a peer that went away before we took it; see accept(2). */
static bool
passing(int error)
{
	return error == EINTR || error == ECONNABORTED || error == EAGAIN ||
	    error == EPROTO || error == EMFILE || error == ENFILE ||
	    error == ENOBUFS || error == ENOMEM;
}

static bool
accept_fcgi(struct conn *c)
{
	int fd = accept4(c->listen_fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd == -1) {
		if (!watch_draining() && !passing(errno))
			fatal(71, "event=accept errno=%d", errno);
		return false;
	}
	c->fx.ipcFd = fd;
	c->fx.keepConnection = 1;
	watch_arm(fd, c->receive_ms);
	if (FCGX_Accept_r(&c->fx) != 0) {
		watch_disarm();
		c->fx.ipcFd = -1;	/* closed by FCGX_Accept_r */
		return false;
	}
	if (c->fx.role == FCGI_RESPONDER)
		return true;
	conn_close(c);
	return false;
}

/* What stands in the queue is answered before the end. */
static bool
take(struct conn *c)
{
	arena_reset(c->arena);
	if (!hand_take(c->listen_fd, c->arena, !watch_draining(),
	    &c->handed))
		return false;
	c->fx.ipcFd = c->handed.peer;
	c->fx.requestId = c->handed.id;
	return true;
}

bool
conn_next(struct conn *c)
{
	if (c->queue)
		return take(c);
	if (c->listen_fd >= 0)
		return !watch_draining() && accept_fcgi(c);
	if (c->served)
		return false;
	c->served = true;
	return true;
}

char *const *
conn_env(const struct conn *c)
{
	if (c->queue)
		return c->handed.env;
	return c->listen_fd >= 0 ? c->fx.envp : environ;
}

static bool
read_handed(struct conn *c, void *buf, size_t n, size_t *got_out)
{
	struct bytes *left = &c->handed.body;
	size_t got = n < left->len ? n : left->len;

	if (got > 0)
		memcpy(buf, left->p, got);
	*left = bytes_from(*left, got);
	*got_out = got;
	return true;
}

static bool
read_cgi(struct conn *c, void *buf, size_t n, size_t *got_out)
{
	ssize_t got;

	if (n > c->left)
		n = (size_t)c->left;
	do
		got = read(STDIN_FILENO, buf, n);
	while (got == -1 && errno == EINTR);
	if (got == -1)
		return false;
	c->left -= (uint64_t)got;
	*got_out = (size_t)got;
	return true;
}

bool
conn_read(void *conn, void *buf, size_t n, size_t *got_out)
{
	struct conn *c = conn;
	int got;

	if (c->queue)
		return read_handed(c, buf, n, got_out);
	if (c->listen_fd < 0)
		return read_cgi(c, buf, n, got_out);
	got = FCGX_GetStr(buf, n > INT_MAX ? INT_MAX : (int)n, c->fx.in);
	if (got < 0 || FCGX_GetError(c->fx.in) != 0)
		return false;
	*got_out = (size_t)got;
	return true;
}

void
conn_received(struct conn *c)
{
	if (c->listen_fd >= 0)
		watch_disarm();
}

/* Advance over what was written; the frame is used up as it goes. */
static void
written(struct frame *f, size_t len)
{
	size_t piece;

	f->bytes -= len;
	while (len > 0) {
		piece = f->iov->iov_len < len ? f->iov->iov_len : len;
		f->iov->iov_base = (uint8_t *)f->iov->iov_base + piece;
		f->iov->iov_len -= piece;
		len -= piece;
		if (f->iov->iov_len == 0) {
			f->iov++;
			f->n--;
		}
	}
}

static bool
write_all(int fd, struct frame f)
{
	ssize_t len;

	while (f.bytes > 0) {
		len = writev(fd, f.iov, f.n > IOV_MAX ? IOV_MAX : (int)f.n);
		if (len == -1 && errno != EINTR)
			return false;
		if (len > 0)
			written(&f, (size_t)len);
	}
	return true;
}

/*
 * A Unix socket closed with bytes unread resets its peer: read them off.
 * Not into the arena: no memory left would send a second answer.
 */
static void
drop_fcgi(int fd)
{
	uint8_t scrap[DROP_BYTES];
	ssize_t len;

	(void)shutdown(fd, SHUT_WR);
	do
		len = read(fd, scrap, sizeof(scrap));
	while (len > 0 || (len == -1 && errno == EINTR));
}

/* Apache wants to be rid of the whole body before it reads an answer. */
static void
drop_cgi(struct conn *c)
{
	uint8_t scrap[DROP_BYTES];
	size_t got;

	do {
		if (!read_cgi(c, scrap, sizeof(scrap), &got))
			return;
	} while (got > 0);
}

bool
conn_send(struct conn *c, struct arena *a, const struct bytes *part,
    size_t n, bool whole)
{
	bool sent;

	if (c->listen_fd < 0) {
		if (!whole)
			drop_cgi(c);
		return write_all(STDOUT_FILENO, frame_plain(a, part, n));
	}
	watch_arm(c->fx.ipcFd, c->send_ms);
	sent = write_all(c->fx.ipcFd,
	    frame_fcgi(a, (uint16_t)c->fx.requestId, part, n));
	if (sent && !whole)
		drop_fcgi(c->fx.ipcFd);
	return sent;
}

enum err
conn_pass(const struct conn *c, int queue_fd, const struct req *rq,
    int place)
{
	return hand_put(queue_fd, rq, (uint16_t)c->fx.requestId,
	    c->fx.ipcFd, place);
}

int
conn_place(struct conn *c)
{
	int place = c->queue ? c->handed.place : -1;

	c->handed.place = -1;
	return place;
}

void
conn_close(struct conn *c)
{
	if (c->listen_fd < 0)
		return;
	watch_disarm();
	if (c->fx.ipcFd >= 0)
		(void)close(c->fx.ipcFd);
	c->fx.ipcFd = -1;
	if (!c->queue)
		FCGX_Free(&c->fx, 0);
}
