/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bytes.h -- a borrowed run of bytes: pointer and length, no NUL.  (L0)
 *
 * Who owns the memory is said where a struct bytes is handed out, in one of
 * three words: process, request (an arena), transaction.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
	const uint8_t	*p;	/* or NULL when len is 0 */
	size_t		 len;	/* bytes */
};

/* printf("%.*s", BYTES_FMT(b)): only for text already known to be clean. */
#define BYTES_FMT(b)	(int)(b).len, (const char *)(b).p

static inline struct bytes
bytes_of(const void *p, size_t len)
{
	return (struct bytes){ .p = p, .len = len };
}

/* s may be NULL: the empty run. */
static inline struct bytes
bytes_str(const char *s)
{
	return bytes_of(s, s == NULL ? 0 : strlen(s));
}

static inline bool
bytes_eq(struct bytes a, struct bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static inline bool
bytes_is(struct bytes a, const char *s)
{
	return bytes_eq(a, bytes_str(s));
}

static inline bool
bytes_starts(struct bytes a, struct bytes head)
{
	return a.len >= head.len &&
	    (head.len == 0 || memcmp(a.p, head.p, head.len) == 0);
}

/* memcmp order; a proper prefix sorts first. */
int		bytes_cmp(struct bytes a, struct bytes b);

/* [from, a.len) or, with n, at most n bytes of it; clipped, never beyond. */
static inline struct bytes
bytes_sub(struct bytes a, size_t from, size_t n)
{
	if (a.p == NULL)	/* NULL + 0 is undefined in C11 */
		return a;
	if (from > a.len)
		from = a.len;
	if (n > a.len - from)
		n = a.len - from;
	return bytes_of(a.p + from, n);
}

static inline struct bytes
bytes_from(struct bytes a, size_t from)
{
	return bytes_sub(a, from, a.len);
}

/* v in decimal digits; the result borrows room. */
#define BYTES_DEC	20	/* digits of UINT64_MAX */
struct bytes	bytes_dec(uint64_t v, uint8_t room[static BYTES_DEC]);

/*
 * Cut a at the first byte c: *head_out is what stands before it, *rest_out
 * what follows.  false, with head all of a and rest empty, where c is absent.
 */
bool		bytes_cut(struct bytes a, char c, struct bytes *head_out,
		    struct bytes *rest_out);

#endif
