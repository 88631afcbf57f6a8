/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pack.c -- structs to bytes and back, by their rows.  (L3)
 */
#include "auth/pack.h"

#include "base/buf.h"

/* A member of 1, 2, 4 or 8 bytes as a number, whatever its sign. */
static uint64_t
load(const uint8_t *at, size_t len)
{
	uint64_t v8;
	uint32_t v4;
	uint16_t v2;

	switch (len) {
	case 1:
		return *at;
	case 2:
		memcpy(&v2, at, 2);
		return v2;
	case 4:
		memcpy(&v4, at, 4);
		return v4;
	default:
		memcpy(&v8, at, 8);
		return v8;
	}
}

static void
save(uint8_t *at, size_t len, uint64_t v)
{
	const uint8_t v1 = (uint8_t)v;
	const uint16_t v2 = (uint16_t)v;
	const uint32_t v4 = (uint32_t)v;

	switch (len) {
	case 1:
		*at = v1;
		return;
	case 2:
		memcpy(at, &v2, 2);
		return;
	case 4:
		memcpy(at, &v4, 4);
		return;
	default:
		memcpy(at, &v, 8);
	}
}

static void
add_num(struct buf *b, uint64_t v, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		buf_u8(b, (uint8_t)(v >> (8 * (len - 1 - i))));
}

static void
add_row(struct buf *b, const struct pack_row *r, const uint8_t *at)
{
	struct bytes text;

	switch (r->kind) {
	case PACK_NUM:
		add_num(b, load(at, r->len), r->len);
		return;
	case PACK_TEXT:
		memcpy(&text, at, sizeof text);
		if (text.len > UINT16_MAX)
			b->over = true;
		add_num(b, text.len, 2);
		buf_add(b, text);
		return;
	case PACK_RAW:
		buf_add(b, bytes_of(at, r->len));
		return;
	}
}

enum err
pack_write(struct arena *a, const struct pack_row *row, size_t n,
    const void *record, struct bytes *out)
{
	struct buf b = buf_on(a, PACK_RECORD_MAX);
	size_t i;

	for (i = 0; i < n; i++)
		add_row(&b, &row[i], (const uint8_t *)record + row[i].at);
	return buf_end(&b, out);
}

/* Cut len bytes off; false: there are fewer. */
static bool
take(struct bytes *rest, size_t len, struct bytes *out)
{
	if (rest->len < len)
		return false;
	*out = bytes_sub(*rest, 0, len);
	*rest = bytes_from(*rest, len);
	return true;
}

static uint64_t
number(struct bytes b)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < b.len; i++)
		v = v << 8 | b.p[i];
	return v;
}

static bool
read_row(struct bytes *rest, const struct pack_row *r, uint8_t *at)
{
	struct bytes b;
	uint64_t v;

	if (!take(rest, r->kind == PACK_TEXT ? 2 : r->len, &b))
		return false;
	switch (r->kind) {
	case PACK_NUM:
		v = number(b);
		if (v > r->max)
			return false;
		save(at, r->len, v);
		return true;
	case PACK_TEXT:
		if (!take(rest, (size_t)number(b), &b))
			return false;
		memcpy(at, &b, sizeof b);
		return true;
	case PACK_RAW:
		memcpy(at, b.p, b.len);
		return true;
	}
	return false;
}

static void
clear(const struct pack_row *r, uint8_t *at)
{
	const struct bytes none = { .len = 0 };

	if (r->kind == PACK_TEXT)
		memcpy(at, &none, sizeof none);
	else
		memset(at, 0, r->len);
}

enum err
pack_read(struct bytes in, const struct pack_row *row, size_t n,
    void *record)
{
	uint8_t *at;
	size_t i;

	for (i = 0; i < n; i++) {
		at = (uint8_t *)record + row[i].at;
		if (row[i].later && in.len == 0)
			clear(&row[i], at);
		else if (!read_row(&in, &row[i], at))
			return ERR_STORE;
	}
	return in.len == 0 ? OK : ERR_STORE;
}
