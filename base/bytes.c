/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bytes.c -- order and cutting of borrowed runs of bytes.  (L0)
 *
 * Copies nothing and allocates nothing.
 */
#include "base/bytes.h"

int
bytes_cmp(struct bytes a, struct bytes b)
{
	size_t	n = a.len < b.len ? a.len : b.len;
	int	c = n == 0 ? 0 : memcmp(a.p, b.p, n);

	if (c != 0)
		return c;
	return (a.len > b.len) - (a.len < b.len);
}

struct bytes
bytes_dec(uint64_t v, uint8_t room[static BYTES_DEC])
{
	size_t	at = BYTES_DEC;

	do {
		room[--at] = (uint8_t)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	return bytes_of(room + at, BYTES_DEC - at);
}

bool
bytes_cut(struct bytes a, char c, struct bytes *head_out,
    struct bytes *rest_out)
{
	const uint8_t	*at;
	size_t		 n;

	at = a.len == 0 ? NULL : memchr(a.p, (unsigned char)c, a.len);
	if (at == NULL) {
		*head_out = a;
		*rest_out = bytes_from(a, a.len);
		return false;
	}
	n = (size_t)(at - a.p);
	*head_out = bytes_sub(a, 0, n);
	*rest_out = bytes_from(a, n + 1);
	return true;
}
