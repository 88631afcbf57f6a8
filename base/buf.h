/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.h -- build bytes in an arena, under a ceiling, errors sticky.  (L0)
 *
 * Add as much as you like, look once: buf_end is the only way to the result
 * and says ERR_TOOBIG when the ceiling was passed at any time.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/err.h"

struct buf {
	struct arena	*arena;
	uint8_t		*p;
	size_t		 len;	/* bytes in use */
	size_t		 cap;	/* bytes allocated */
	size_t		 max;	/* ceiling in bytes */
	bool		 over;	/* the ceiling was passed */
};

/* in: max  ceiling in bytes; nothing is allocated yet. */
struct buf	buf_on(struct arena *a, size_t max);

void		buf_add(struct buf *b, struct bytes data);
void		buf_str(struct buf *b, const char *s);
void		buf_u8(struct buf *b, uint8_t v);
void		buf_be16(struct buf *b, uint16_t v);
void		buf_be32(struct buf *b, uint32_t v);
void		buf_be64(struct buf *b, uint64_t v);
void		buf_dec(struct buf *b, uint64_t v);	/* decimal digits */
void		buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);

/*
 * Room for n more bytes in one go, or NULL and over; who writes them there
 * adds what was written to b->len.  For the hot path alone.
 */
uint8_t		*buf_room(struct buf *b, size_t n);

/* data as a JSON string with its quotes; data is UTF-8. RFC 8259 section 7. */
void		buf_json(struct buf *b, struct bytes data);

/*
 * A member of a JSON object under way, with a comma unless it is the first;
 * nothing where text is "".  name needs no escapes.
 */
void		buf_json_member(struct buf *b, const char *name,
		    struct bytes text);

/* data percent-encoded for a query: unreserved bytes stay. RFC 3986 2.3. */
void		buf_pct(struct buf *b, struct bytes data);

/* *out lives as long as the arena; untouched on ERR_TOOBIG. */
enum err	buf_end(struct buf *b, struct bytes *out) NODISCARD;

#endif
