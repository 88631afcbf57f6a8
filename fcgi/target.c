/* SPDX-License-Identifier: Apache-2.0 */
/*
 * target.c -- the request target, taken apart by one strict parser.  (L4)
 *
 * Two passes: every byte is judged before any meaning is read from it.
 * Nothing is normalised: what would need it is refused.
 */
#include "fcgi/target.h"

#include "base/text.h"

/*
 * Bytes a target may hold: unreserved, sub-delims, ":" "@" and "/" of RFC
 * 3986, without ";" (path parameters are read differently by every server).
 * Queries may hold "%XX", ";" and, because clients send them unescaped, "?",
 * "|", "[", "]", "{", "}", "^", "\", '"', "<", ">" and "`" as plain data.
 */
static bool
path_byte(uint8_t c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9'))
		return true;
	return c != '\0' && strchr("-._~!$&'()*+,:@/=", c) != NULL;
}

/* The one escape a path may hold is "%24": clients escape "$" of operations. */
static bool
path_ok(struct bytes path)
{
	size_t i;

	for (i = 0; i < path.len; i++) {
		if (path_byte(path.p[i]))
			continue;
		if (path.p[i] != '%' || path.len - i < 3 ||
		    path.p[i + 1] != '2' || path.p[i + 2] != '4')
			return false;
		i += 2;
	}
	return true;
}

/* Visible ASCII but "#"; whether escapes decode to UTF-8, query_pairs asks. */
static bool
query_ok(struct bytes query)
{
	size_t i;

	for (i = 0; i < query.len; i++) {
		if (query.p[i] <= ' ' || query.p[i] >= 0x7f ||
		    query.p[i] == '#')
			return false;
		if (query.p[i] != '%')
			continue;
		if (query.len - i < 3 ||
		    text_hex_digit(query.p[i + 1]) < 0 ||
		    text_hex_digit(query.p[i + 2]) < 0)
			return false;
		i += 2;
	}
	return true;
}

/* "%24" becomes "$"; a segment without it is borrowed as it stands. */
static struct bytes
undollar(struct arena *a, struct bytes seg)
{
	uint8_t *p;
	size_t i, n = 0;

	if (seg.len == 0 || memchr(seg.p, '%', seg.len) == NULL)
		return seg;
	p = arena_alloc(a, seg.len);
	for (i = 0; i < seg.len; i++) {
		p[n++] = seg.p[i] == '%' ? '$' : seg.p[i];
		if (seg.p[i] == '%')
			i += 2;
	}
	return bytes_of(p, n);
}

struct bytes
target_mount(struct bytes base_url)
{
	const uint8_t *p, *end = base_url.p + base_url.len;
	int slashes = 0;

	for (p = base_url.p; p < end; p++) {
		if (*p == '/' && ++slashes == 3)
			return bytes_of(p, (size_t)(end - p));
	}
	return bytes_of(NULL, 0);
}

/* Cut the path below the mount, which begins with "/", into segments. */
static enum err
segments(struct arena *a, struct bytes path, struct target *t)
{
	struct bytes seg, rest = bytes_from(path, 1);
	bool more = rest.len > 0;

	while (more) {
		more = bytes_cut(rest, '/', &seg, &rest);
		if (seg.len == 0 && !more && t->n_seg == 1) {
			t->slash = true;
			break;
		}
		if (seg.len == 0 || bytes_is(seg, ".") || bytes_is(seg, ".."))
			return ERR_SYNTAX;
		if (t->n_seg < TARGET_SEGS)
			t->seg[t->n_seg++] = undollar(a, seg);
		else
			t->stray = true;
	}
	return OK;
}

enum err
target_parse(struct arena *a, struct bytes uri, struct bytes mount,
    size_t max, struct target *out)
{
	struct target t = { .n_seg = 0 };
	struct bytes path;
	enum err e;

	if (uri.len > max)
		return ERR_URILONG;
	bytes_cut(uri, '?', &path, &t.query);
	/* Absolute-form, asterisk-form and "" do not begin with "/". */
	if (path.len == 0 || path.p[0] != '/')
		return ERR_SYNTAX;
	if (!path_ok(path) || !query_ok(t.query))
		return ERR_SYNTAX;
	if (bytes_starts(path, mount) &&
	    (path.len == mount.len || path.p[mount.len] == '/'))
		path = bytes_from(path, mount.len);
	else
		t.stray = true;		/* "/fhirx" is not below "/fhir" */
	e = segments(a, path, &t);
	if (e != OK)
		return e;
	*out = t;
	return OK;
}
