/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame.c -- an answer as FastCGI records, for one writev.  (L4)
 *
 *	0         1      2..3         4..5             6         7
 *	version   type   request id   content length   padding   reserved
 */
#include "fcgi/frame.h"

#define HEADER		8
#define FCGI_VERSION	1
#define FCGI_END	3
#define FCGI_STDOUT	6

static uint8_t *
header(uint8_t *p, uint8_t type, uint16_t id, size_t len)
{
	p[0] = FCGI_VERSION;
	p[1] = type;
	p[2] = (uint8_t)(id >> 8);
	p[3] = (uint8_t)id;
	p[4] = (uint8_t)(len >> 8);
	p[5] = (uint8_t)len;
	p[6] = 0;
	p[7] = 0;
	return p + HEADER;
}

static void
push(struct frame *f, const void *p, size_t len)
{
	/* writev reads only; iovec has no const. */
	f->iov[f->n++] = (struct iovec){ .iov_base = (void *)(uintptr_t)p,
	    .iov_len = len };
	f->bytes += len;
}

struct frame
frame_fcgi(struct arena *a, uint16_t id, const struct bytes *part, size_t n)
{
	size_t i, at = 0, total = 0, records, room, take;
	struct frame f = { .n = 0 };
	uint8_t *h, *tail;

	for (i = 0; i < n; i++)
		total += part[i].len;
	records = (total + FRAME_CONTENT - 1) / FRAME_CONTENT;
	/* A record ends a part or a part ends a record: n more pieces. */
	f.iov = arena_array(a, 2 * records + n + 1, sizeof(*f.iov));
	h = arena_array(a, records + 3, HEADER);
	for (i = 0; total > 0; total -= room) {
		room = total < FRAME_CONTENT ? total : FRAME_CONTENT;
		push(&f, h, HEADER);
		h = header(h, FCGI_STDOUT, id, room);
		for (take = 0; take < room;) {
			size_t left = part[i].len - at;
			size_t piece = left < room - take ? left : room - take;

			if (piece > 0)
				push(&f, part[i].p + at, piece);
			take += piece;
			at += piece;
			if (at == part[i].len) {
				i++;
				at = 0;
			}
		}
	}
	tail = h;
	h = header(h, FCGI_STDOUT, id, 0);
	h = header(h, FCGI_END, id, HEADER);
	memset(h, 0, HEADER);	/* appStatus 0, FCGI_REQUEST_COMPLETE */
	push(&f, tail, 3 * (size_t)HEADER);
	return f;
}

struct frame
frame_plain(struct arena *a, const struct bytes *part, size_t n)
{
	struct frame f = { .n = 0 };
	size_t i;

	f.iov = arena_array(a, n, sizeof(*f.iov));
	for (i = 0; i < n; i++) {
		if (part[i].len > 0)
			push(&f, part[i].p, part[i].len);
	}
	return f;
}
