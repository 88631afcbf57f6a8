/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_pretty.c -- JSON for people, digits and strings untouched.  (L1)
 *
 * Works on text that was checked before; white space in it is dropped first.
 */
#include "base/buf.h"
#include "fhir/json_scan.h"

#define INDENT	2	/* spaces a level */

static void
line(struct buf *b, size_t level)
{
	size_t i;

	buf_u8(b, '\n');
	for (i = 0; i < level * INDENT; i++)
		buf_u8(b, ' ');
}

static size_t
skip_space(struct bytes t, size_t i)
{
	while (i < t.len && (t.p[i] == ' ' || t.p[i] == '\n' ||
	    t.p[i] == '\r' || t.p[i] == '\t'))
		i++;
	return i;
}

/* The bracket at i, and what follows it; an empty pair stays together. */
static size_t
open_bracket(struct buf *b, struct bytes t, size_t i, size_t *level)
{
	size_t next = skip_space(t, i + 1);

	buf_u8(b, t.p[i]);
	if (next < t.len && (t.p[next] == '}' || t.p[next] == ']')) {
		buf_u8(b, t.p[next]);
		return next + 1;
	}
	line(b, ++*level);
	return i + 1;
}

struct bytes
json_pretty(struct arena *a, struct bytes text, size_t max)
{
	struct buf b = buf_on(a, max < SIZE_MAX / 4 ? max : SIZE_MAX / 4);
	struct bytes out = text;
	size_t i, end, level = 0;

	for (i = skip_space(text, 0); i < text.len; i = skip_space(text, i)) {
		switch (text.p[i]) {
		case '"':
			end = json_skip_string(text, i);
			buf_add(&b, bytes_sub(text, i, end - i));
			i = end;
			break;
		case '{': case '[':
			i = open_bracket(&b, text, i, &level);
			break;
		case '}': case ']':
			level -= level > 0 ? 1 : 0;
			line(&b, level);
			buf_u8(&b, text.p[i++]);
			break;
		case ',':
			buf_u8(&b, ',');
			line(&b, level);
			i++;
			break;
		case ':':
			buf_str(&b, ": ");
			i++;
			break;
		default:
			buf_u8(&b, text.p[i++]);
			break;
		}
	}
	return buf_end(&b, &out) == OK ? out : text;
}
