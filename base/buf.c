/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.c -- growing runs of bytes in an arena.  (L0)
 *
 * Growth doubles, so the arena holds at most twice the result beside it.
 * Once over its ceiling a buffer takes nothing more and refuses its end.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

#define FIRST	256	/* bytes of the first allocation */

struct buf
buf_on(struct arena *a, size_t max)
{
	return (struct buf){ .arena = a, .max = max };
}

uint8_t *
buf_room(struct buf *b, size_t n)
{
	size_t	 cap;
	uint8_t	*p;

	if (b->over || n > b->max - b->len) {
		b->over = true;
		return NULL;
	}
	if (n <= b->cap - b->len && b->p != NULL)
		return b->p + b->len;
	cap = b->cap < FIRST ? FIRST : b->cap;
	while (cap - b->len < n)
		cap = cap > SIZE_MAX / 2 ? SIZE_MAX : cap * 2;
	if (cap > b->max)
		cap = b->max;
	p = arena_room(b->arena, cap);
	if (b->len > 0)
		memcpy(p, b->p, b->len);
	b->p = p;
	b->cap = cap;
	return p + b->len;
}

void
buf_add(struct buf *b, struct bytes data)
{
	uint8_t	*p;

	if (data.len == 0)
		return;
	p = buf_room(b, data.len);
	if (p == NULL)
		return;
	memcpy(p, data.p, data.len);
	b->len += data.len;
}

void
buf_str(struct buf *b, const char *s)
{
	buf_add(b, bytes_str(s));
}

/* The n low bytes of v, most significant first. */
static void
add_be(struct buf *b, uint64_t v, size_t n)
{
	uint8_t	*p = buf_room(b, n);
	size_t	 i;

	if (p == NULL)
		return;
	for (i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
	b->len += n;
}

void
buf_u8(struct buf *b, uint8_t v)
{
	add_be(b, v, 1);
}

void
buf_be16(struct buf *b, uint16_t v)
{
	add_be(b, v, 2);
}

void
buf_be32(struct buf *b, uint32_t v)
{
	add_be(b, v, 4);
}

void
buf_be64(struct buf *b, uint64_t v)
{
	add_be(b, v, 8);
}

/* Every answer has some numbers: a tenth of what printf takes for them. */
void
buf_dec(struct buf *b, uint64_t v)
{
	uint8_t	room[BYTES_DEC];

	buf_add(b, bytes_dec(v, room));
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	char	 small[256];	/* most lines fit: no second formatting */
	uint8_t	*p;
	va_list	 ap;
	int	 n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->over = true;
		return;
	}
	if ((size_t)n < sizeof(small)) {
		buf_add(b, bytes_of(small, (size_t)n));
		return;
	}
	if ((size_t)n > b->max - b->len) {
		b->over = true;
		return;
	}
	p = arena_alloc(b->arena, (size_t)n + 1);
	va_start(ap, fmt);
	(void)vsnprintf((char *)p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	buf_add(b, bytes_of(p, (size_t)n));
}

/* One byte that may not stand in a JSON string as it is. */
static void
add_escape(struct buf *b, uint8_t c)
{
	static const char	hex[] = "0123456789abcdef";
	char			esc[6] = { '\\', 'u', '0', '0', '0', '0' };

	switch (c) {
	case '"':
	case '\\':
		esc[1] = (char)c;
		break;
	case '\b':
		esc[1] = 'b';
		break;
	case '\f':
		esc[1] = 'f';
		break;
	case '\n':
		esc[1] = 'n';
		break;
	case '\r':
		esc[1] = 'r';
		break;
	case '\t':
		esc[1] = 't';
		break;
	default:
		esc[4] = hex[c >> 4];
		esc[5] = hex[c & 15];
	}
	buf_add(b, bytes_of(esc, esc[1] == 'u' ? 6 : 2));
}

void
buf_json(struct buf *b, struct bytes data)
{
	size_t	from = 0, i;

	buf_u8(b, '"');
	for (i = 0; i < data.len; i++) {
		uint8_t	c = data.p[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(b, bytes_sub(data, from, i - from));
		add_escape(b, c);
		from = i + 1;
	}
	buf_add(b, bytes_from(data, from));
	buf_u8(b, '"');
}

void
buf_json_member(struct buf *b, const char *name, struct bytes text)
{
	if (text.len == 0)
		return;
	if (b->len > 0 && b->p[b->len - 1] != '{')
		buf_u8(b, ',');
	buf_printf(b, "\"%s\":", name);
	buf_json(b, text);
}

static bool
unreserved(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_' ||
	    c == '~';
}

void
buf_pct(struct buf *b, struct bytes data)
{
	static const char	hex[] = "0123456789ABCDEF";
	size_t			i;

	for (i = 0; i < data.len; i++) {
		uint8_t	c = data.p[i];
		char	esc[3] = { '%', hex[c >> 4], hex[c & 15] };

		if (unreserved(c))
			buf_u8(b, c);
		else
			buf_add(b, bytes_of(esc, sizeof(esc)));
	}
}

enum err
buf_end(struct buf *b, struct bytes *out)
{
	if (b->over)
		return ERR_TOOBIG;
	*out = bytes_of(b->p, b->len);
	return OK;
}
