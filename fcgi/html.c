/* SPDX-License-Identifier: Apache-2.0 */
/*
 * html.c -- a page is written here, and nothing gets into it raw.  (L4)
 */
#include "fcgi/html.h"

#define LIT(b, s)	buf_add(b, bytes_of("" s, sizeof(s) - 1))

struct html
html_on(struct arena *a, size_t max)
{
	return (struct html){ .buf = buf_on(a, max), .at = HTML_IN_TEXT };
}

/* --- characters ----------------------------------------------------------- */

/*
 * One UTF-8 character at p: its length and code point, or 0 where there is
 * none.
 */
static size_t
decode(struct bytes in, uint32_t *code_out)
{
	static const struct { uint8_t mask, lead; uint32_t least; } form[] = {
		{ 0x80, 0x00, 0 }, { 0xE0, 0xC0, 0x80 },
		{ 0xF0, 0xE0, 0x800 }, { 0xF8, 0xF0, 0x10000 }
	};
	uint32_t code;
	size_t n, i;

	for (n = 0; n < N_ELEM(form); n++) {
		if ((in.p[0] & form[n].mask) == form[n].lead)
			break;
	}
	if (n == N_ELEM(form) || n >= in.len)
		return 0;
	code = in.p[0] & (uint8_t)~form[n].mask;
	for (i = 1; i <= n; i++) {
		if ((in.p[i] & 0xC0) != 0x80)
			return 0;
		code = code << 6 | (in.p[i] & 0x3F);
	}
	if (code < form[n].least || code > 0x10FFFF ||
	    (code >= 0xD800 && code <= 0xDFFF))
		return 0;
	*code_out = code;
	return n + 1;
}

/*
 * Controls, and what turns the direction of the text or hides in it: marks,
 * embeddings, overrides, isolates (UAX 9), zero width space, byte order
 * marks.  The joiners U+200C and U+200D stay: names of people need them.
 */
static bool
unseen(uint32_t c)
{
	return (c < 0x20 && c != '\n' && c != '\t') ||
	    (c >= 0x7F && c <= 0x9F) || c == 0x61C || c == 0xFEFF ||
	    c == 0x200B || c == 0x200E || c == 0x200F ||
	    (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F);
}

static void
add_char(struct buf *b, struct bytes c)
{
	switch (c.p[0]) {
	case '&':
		LIT(b, "&amp;");
		break;
	case '<':
		LIT(b, "&lt;");
		break;
	case '>':
		LIT(b, "&gt;");
		break;
	case '"':
		LIT(b, "&quot;");
		break;
	case '\'':
		LIT(b, "&#39;");
		break;
	default:
		buf_add(b, c);
	}
}

/* The same for text and for values: each is safe in the other's place. */
static void
add_text(struct buf *b, struct bytes in)
{
	uint32_t code;
	size_t n;

	while (in.len > 0) {
		n = decode(in, &code);
		if (n == 0)
			LIT(b, "\xEF\xBF\xBD");
		else if (!unseen(code))
			add_char(b, bytes_sub(in, 0, n));
		in = bytes_from(in, n == 0 ? 1 : n);
	}
}

struct bytes
html_cut(struct arena *a, struct bytes text, size_t n)
{
	struct bytes rest = text;
	uint32_t code;
	size_t len;

	while (rest.len > 0 && n > 0) {
		len = decode(rest, &code);
		rest = bytes_from(rest, len == 0 ? 1 : len);
		n--;
	}
	if (rest.len == 0)
		return text;
	return bytes_str(arena_printf(a, "%s\xE2\x80\xA6",
	    arena_str(a, bytes_sub(text, 0, text.len - rest.len))));
}

/* --- insertions ----------------------------------------------------------- */

/* "//host" and "/\host" are no paths to a browser. */
static bool
url_ok(struct bytes url)
{
	size_t i;

	for (i = 0; i < url.len; i++) {
		if (url.p[i] <= ' ' || url.p[i] >= 0x7F || url.p[i] == '\\')
			return false;
	}
	if (url.len > 0 && url.p[0] == '/')
		return url.len == 1 || url.p[1] != '/';
	return bytes_starts(url, bytes_str("https://")) ||
	    bytes_starts(url, bytes_str("http://"));
}

static bool
keyword_ok(struct bytes word)
{
	size_t i;

	for (i = 0; i < word.len; i++) {
		if (!(word.p[i] >= 'a' && word.p[i] <= 'z') &&
		    word.p[i] != '-')
			return false;
	}
	return true;
}

/* Is the context the one kind wants, and arg fit for it? */
static bool
insert(struct html *h, char kind, struct bytes arg, bool whole)
{
	switch (kind) {
	case 't':
		add_text(&h->buf, arg);
		return h->at == HTML_IN_TEXT;
	case 'a':
		add_text(&h->buf, arg);
		return h->at == HTML_IN_VALUE;
	case 'u':
		add_text(&h->buf, url_ok(arg) ? arg : bytes_str("#"));
		return h->at == HTML_IN_VALUE && whole;
	case 'q':
		buf_pct(&h->buf, arg);
		return h->at == HTML_IN_VALUE;
	case 'k':
		if (keyword_ok(arg))
			buf_add(&h->buf, arg);
		return h->at == HTML_IN_TAG && keyword_ok(arg);
	default:
		return false;
	}
}

/* The template's own markup: where does it leave us? */
static enum html_at
follow(enum html_at at, char c)
{
	switch (c) {
	case '<':
		return at == HTML_IN_TEXT ? HTML_IN_TAG : at;
	case '>':
		return at == HTML_IN_TAG ? HTML_IN_TEXT : at;
	case '"':
		if (at == HTML_IN_TEXT)
			return at;
		return at == HTML_IN_TAG ? HTML_IN_VALUE : HTML_IN_TAG;
	default:
		return at;
	}
}

void
html_put(struct html *h, const char *template, const struct bytes *arg,
    size_t n)
{
	const char *p = template, *from = template;
	size_t used = 0;

	for (; *p != '\0'; p++) {
		if (p[0] != '{' || p[1] == '\0' || p[2] != '}') {
			h->at = follow(h->at, *p);
			continue;
		}
		buf_add(&h->buf, bytes_of(from, (size_t)(p - from)));
		if (used == n || !insert(h, p[1], arg[used++],
		    p > template && p[-1] == '"' && p[3] == '"'))
			h->fault = true;
		p += 2;
		from = p + 1;
	}
	buf_add(&h->buf, bytes_of(from, (size_t)(p - from)));
	if (used != n)
		h->fault = true;
}

enum err
html_end(struct html *h, struct bytes *out)
{
	if (h->fault || h->at != HTML_IN_TEXT)
		return ERR_BUG;
	return buf_end(&h->buf, out);
}
