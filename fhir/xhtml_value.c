/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xhtml_value.c -- addresses and styles of narrative.  (L1)
 *
 * An address is judged as a browser reads it: entities decoded, C0 controls
 * and blanks dropped, letters in lower case.  Only then its scheme is looked
 * at; "java&#10;script:" has one.
 *
 * Spec: WHATWG URL 4.4 (what is stripped); narrative.html.
 */
#include "base/attr.h"
#include "fhir/xhtml_part.h"

#define HEAD_LEN	32	/* of an address: longer than our schemes */
#define STYLE_WORD	16	/* longer than any word of bad_style */

/*
 * The next character as a browser takes it, lower case; false at the end.
 * What is not ASCII becomes one byte that stands in none of our words.
 */
static bool
next(struct bytes v, size_t *at, uint8_t *out)
{
	uint32_t	c;
	size_t		n;

	if (*at >= v.len)
		return false;
	n = v.p[*at] == '&' ? xhtml_entity(bytes_from(v, *at), &c) : 0;
	if (n == 0) {
		c = v.p[*at];
		n = 1;
	}
	*at += n;
	if (c >= 'A' && c <= 'Z')
		c |= 0x20;
	*out = c < 0x80 ? (uint8_t)c : 0xff;
	return true;
}

/* The head of an address, without what browsers strip. */
static struct bytes
address_head(struct bytes v, uint8_t room[static HEAD_LEN])
{
	size_t	n = 0, at = 0;
	uint8_t	c;

	while (n < HEAD_LEN && next(v, &at, &c))
		if (c > ' ' && c != 0x7f)
			room[n++] = c;
	return bytes_of(room, n);
}

static bool
begins(struct bytes head, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes_starts(head, bytes_str(words[i])))
			return true;
	return false;
}

/* A colon before any of / ? # makes a scheme, however long it is. */
static bool
has_scheme(struct bytes v)
{
	size_t	at = 0;
	uint8_t	c;

	while (next(v, &at, &c)) {
		if (c == ':')
			return true;
		if (c == '/' || c == '?' || c == '#')
			return false;
	}
	return false;
}

static const char *
bad_link(struct bytes v)
{
	static const char *const schemes[] = { "http://", "https://",
		"mailto:" };
	uint8_t		room[HEAD_LEN];
	struct bytes	head = address_head(v, room);

	if (!has_scheme(v) || begins(head, schemes, N_ELEM(schemes)))
		return NULL;
	return "a link is relative, #..., http:, https: or mailto:";
}

static const char *
bad_image(struct bytes v)
{
	static const char *const heads[] = { "#", "data:image/png;base64,",
		"data:image/jpeg;base64,", "data:image/gif;base64," };
	uint8_t		room[HEAD_LEN];

	if (begins(address_head(v, room), heads, N_ELEM(heads)))
		return NULL;
	return "an image is #[id] of a contained resource, or "
	    "data:image/png, jpeg or gif in base64";
}

/*
 * Words that load or run something, and what hides them: "\" and comments.
 * The last characters slide along as a browser reads them.
 */
static const char *
bad_style(struct bytes v)
{
	static const char *const words[] = { "url(", "expression",
		"behavior", "binding", "javascript", "@", "\\", "/*", "<" };
	uint8_t	last[STYLE_WORD] = { 0 }, c;
	size_t	at = 0;

	while (next(v, &at, &c)) {
		memmove(last, last + 1, STYLE_WORD - 1);
		last[STYLE_WORD - 1] = c;
		if (c < ' ' || c == 0x7f)
			return "a style without control characters";
		for (size_t i = 0; i < N_ELEM(words); i++) {
			size_t	n = strlen(words[i]);

			if (memcmp(last + STYLE_WORD - n, words[i], n) == 0)
				return "a style has no url(), expression, "
				    "behavior, binding, @, \\ or comment";
		}
	}
	return NULL;
}

const char *
xhtml_active(struct bytes attr, struct bytes value)
{
	if (bytes_is(attr, "style"))
		return bad_style(value);
	if (bytes_is(attr, "src"))
		return bad_image(value);
	if (bytes_is(attr, "href") || bytes_is(attr, "longdesc") ||
	    bytes_is(attr, "cite"))
		return bad_link(value);
	return NULL;
}
