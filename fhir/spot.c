/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spot.c -- the text of a place in a resource.  (L1)
 */
#include "fhir/spot.h"

#include <string.h>

#include "base/buf.h"

#define SPOT_MAX	4096	/* bytes of a place; more tells nobody more */

static void
put(const struct spot *s, struct buf *out)
{
	if (s->up != NULL) {
		put(s->up, out);
		buf_u8(out, '.');
	}
	buf_str(out, s->name);
	if (s->index != SPOT_ONE) {
		buf_u8(out, '[');
		buf_dec(out, s->index);
		buf_u8(out, ']');
	}
}

const char *
spot_text(struct arena *a, const struct spot *spot)
{
	struct buf	out = buf_on(a, SPOT_MAX);
	struct bytes	text;

	put(spot, &out);
	return buf_end(&out, &text) == OK ? arena_str(a, text) : spot->name;
}
