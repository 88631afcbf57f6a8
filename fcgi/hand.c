/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hand.c -- a request that has to wait is handed to another process.  (L4)
 *
 * A message: be16 id, be16 number of variables, each as be16 length and
 * "NAME=value", then the body to its end; beside it two descriptors, the
 * peer and the place.
 */
#include "fcgi/hand.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/buf.h"

#define N_FDS	2

/* A signal ends a receive that has a time limit, whatever SA_RESTART says:
 * so the receiver looks up to see whether it is to drain. */
static const struct timeval look_up = { .tv_sec = 5 };

bool
hand_queue(int fd[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) == 0 &&
	    setsockopt(fd[1], SOL_SOCKET, SO_RCVTIMEO, &look_up,
	    sizeof(look_up)) == 0;
}

/* --- putting -------------------------------------------------------------- */

static void
add_u16(struct buf *b, size_t v)
{
	buf_u8(b, (uint8_t)(v >> 8));
	buf_u8(b, (uint8_t)v);
}

/* The id goes along, so that one request has one in the log. */
static enum err
message(const struct req *rq, uint16_t id, struct bytes *out)
{
	struct buf b = buf_on(rq->arena, HAND_MAX);
	struct bytes value, name;
	size_t n = 0;
	enum req_var v;

	for (v = 0; v < VAR__MAX; v++)
		n += v == VAR_REQUEST_ID || rq->var[v].p != NULL;
	add_u16(&b, id);
	add_u16(&b, n);
	for (v = 0; v < VAR__MAX; v++) {
		value = v == VAR_REQUEST_ID ? bytes_str(rq->id) : rq->var[v];
		if (value.p == NULL)
			continue;
		name = bytes_str(req_var_name(v));
		add_u16(&b, name.len + 1 + value.len);
		buf_add(&b, name);
		buf_str(&b, "=");
		buf_add(&b, value);
	}
	buf_add(&b, rq->body);
	return buf_end(&b, out);
}

enum err
hand_put(int fd, const struct req *rq, uint16_t id, int peer, int place)
{
	union {
		struct cmsghdr	head;
		char		space[CMSG_SPACE(N_FDS * sizeof(int))];
	} control = { .space = { 0 } };
	const int fds[N_FDS] = { peer, place };
	struct bytes text;
	struct iovec iov;
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = &control, .msg_controllen = sizeof(control) };
	ssize_t n;
	enum err e;

	e = message(rq, id, &text);
	if (e != OK)
		return e;
	iov.iov_base = (void *)(uintptr_t)text.p;
	iov.iov_len = text.len;
	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(&control.head), fds, sizeof(fds));
	do
		n = sendmsg(fd, &m, MSG_DONTWAIT);
	while (n == -1 && errno == EINTR);
	return n == -1 ? ERR_THROTTLED : OK;
}

/* --- taking --------------------------------------------------------------- */

static bool
take_u16(struct bytes *in, size_t *out)
{
	if (in->len < 2)
		return false;
	*out = (size_t)in->p[0] << 8 | in->p[1];
	*in = bytes_from(*in, 2);
	return true;
}

static bool
parse(struct arena *a, struct bytes in, struct handed *out)
{
	size_t i, n, id, len;

	if (!take_u16(&in, &id) || !take_u16(&in, &n) || n > VAR__MAX)
		return false;
	out->id = (uint16_t)id;
	out->env = arena_array(a, n + 1, sizeof(*out->env));
	for (i = 0; i < n; i++) {
		if (!take_u16(&in, &len) || len > in.len)
			return false;
		out->env[i] = arena_str(a, bytes_sub(in, 0, len));
		in = bytes_from(in, len);
	}
	out->env[n] = NULL;
	out->body = in;
	return true;
}

/* The two descriptors; any other number is none. */
static bool
descriptors(struct msghdr *m, struct handed *out)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	int fds[N_FDS];
	size_t i, n;

	if (c == NULL || c->cmsg_level != SOL_SOCKET ||
	    c->cmsg_type != SCM_RIGHTS)
		return false;
	n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fds, CMSG_DATA(c), n < N_FDS ? n * sizeof(int) : sizeof(fds));
	if (n == N_FDS) {
		out->peer = fds[0];
		out->place = fds[1];
		return true;
	}
	for (i = 0; i < n && i < N_FDS; i++)
		(void)close(fds[i]);
	return false;
}

/* Whoever does not wait for the answer costs no work. */
static bool
gone(int peer)
{
	struct pollfd p = { .fd = peer };

	return poll(&p, 1, 0) == 1 && (p.revents & (POLLHUP | POLLERR)) != 0;
}

bool
hand_take(int fd, struct arena *a, bool wait, struct handed *out)
{
	union {
		struct cmsghdr	head;
		char		space[CMSG_SPACE(N_FDS * sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = arena_alloc(a, HAND_MAX),
	    .iov_len = HAND_MAX };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = &control, .msg_controllen = sizeof(control) };
	struct handed h;
	ssize_t n;

	n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
	if (n <= 0 || !descriptors(&m, &h))
		return false;
	if ((m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 && !gone(h.peer) &&
	    parse(a, bytes_of(iov.iov_base, (size_t)n), &h)) {
		*out = h;
		return true;
	}
	(void)close(h.peer);
	(void)close(h.place);
	return false;
}
