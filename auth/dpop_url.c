/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dpop_url.c -- are two URLs the same one?  (L3)
 *
 * Both are brought to one spelling and compared.  What has no such spelling
 * (dot segments, user names, control characters) is the same as nothing.
 *
 * Spec: RFC 9449 section 4.3 (9); RFC 3986 sections 6.2.2 and 6.2.3.
 */
#include "auth/dpop.h"

#include "base/buf.h"
#include "base/text.h"

#define URL_MAX	8192	/* bytes; the longest uri-bytes by default */

static bool
unreserved(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	    c == '~';
}

/* Scheme and "://"; out: the rest, and what port is the scheme's own. */
static bool
cut_scheme(struct bytes url, struct buf *b, struct bytes *rest,
    const char **port)
{
	static const struct { const char *name, *port; } known[] = {
		{ "https://", ":443" }, { "http://", ":80" }
	};
	size_t i, len;

	for (i = 0; i < N_ELEM(known); i++) {
		len = strlen(known[i].name);
		if (!text_caseeq(bytes_sub(url, 0, len),
		    bytes_str(known[i].name)))
			continue;
		buf_str(b, known[i].name);
		*rest = bytes_from(url, len);
		*port = known[i].port;
		return true;
	}
	return false;
}

/* Host and port in lower case, without the scheme's own port. */
static bool
put_host(struct bytes host, const char *port, struct buf *b)
{
	size_t i, len = strlen(port);

	if (host.len > len && bytes_eq(bytes_from(host, host.len - len),
	    bytes_str(port)))
		host.len -= len;
	if (host.len == 0)
		return false;
	for (i = 0; i < host.len; i++) {
		uint8_t c = host.p[i];

		if (!unreserved(c) && c != ':' && c != '[' && c != ']')
			return false;	/* "@" too: no user names */
		buf_u8(b, text_lower(c));
	}
	return true;
}

static bool
put_escape(struct bytes path, size_t at, struct buf *b)
{
	int hi, lo;
	uint8_t c;

	if (at + 2 >= path.len)
		return false;
	hi = text_hex_digit(path.p[at + 1]);
	lo = text_hex_digit(path.p[at + 2]);
	if (hi < 0 || lo < 0)
		return false;
	c = (uint8_t)(hi * 16 + lo);
	if (unreserved(c))
		buf_u8(b, c);
	else
		buf_printf(b, "%%%02X", c);
	return true;
}

/* Escapes in upper case, or undone where they were not needed. */
static bool
put_path(struct bytes path, struct buf *b)
{
	size_t i;

	if (path.len == 0)
		buf_str(b, "/");
	for (i = 0; i < path.len; i++) {
		if (path.p[i] <= 0x20 || path.p[i] >= 0x7F)
			return false;
		if (path.p[i] != '%') {
			buf_u8(b, path.p[i]);
			continue;
		}
		if (!put_escape(path, i, b))
			return false;
		i += 2;
	}
	return true;
}

/* "." or ".." as a segment: after escapes are undone. */
static bool
has_dots(struct bytes url)
{
	struct bytes part, rest = url;

	while (rest.len > 0) {
		(void)bytes_cut(rest, '/', &part, &rest);
		if (bytes_is(part, ".") || bytes_is(part, ".."))
			return true;
	}
	return false;
}

static bool
normal(struct arena *a, struct bytes url, struct bytes *out)
{
	struct buf b = buf_on(a, 3 * URL_MAX);
	struct bytes host, path, rest;
	const char *port;

	if (url.len > URL_MAX)
		return false;
	(void)bytes_cut(url, '#', &url, &rest);
	(void)bytes_cut(url, '?', &url, &rest);
	if (!cut_scheme(url, &b, &rest, &port))
		return false;
	path = bytes_of(NULL, 0);
	if (bytes_cut(rest, '/', &host, &path))
		path = bytes_from(rest, host.len);
	return put_host(host, port, &b) && put_path(path, &b) &&
	    buf_end(&b, out) == OK && !has_dots(*out);
}

bool
dpop_same_url(struct arena *a, struct bytes one, struct bytes other)
{
	struct bytes n, m;

	return normal(a, one, &n) && normal(a, other, &m) && bytes_eq(n, m);
}
