/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_pairs.c -- take "a=b&c=d" apart.  (L1)
 *
 * One strict decoder for the query of a URL and for a form body: an escape
 * that is none, a NUL or bad UTF-8 refuses the whole.  Parameters are
 * pointed at by number, since a broken name should not be repeated.
 *
 * Spec: RFC 3986 2.1, 3.4; HTML application/x-www-form-urlencoded.
 */
#include "fhir/query.h"

#include "base/text.h"

static enum err
bad(struct issues *is, size_t nth, const char *what)
{
	return issue_add(is, ERR_SYNTAX, "search-encoding", "?",
	    "parameter %zu %s", nth, what);
}

/* Decode one side of a pair; nth counts from 1. */
static enum err
decode(struct arena *a, struct bytes in, size_t nth, struct issues *is,
    struct bytes *out)
{
	struct bytes	plain;

	if (text_unpct(a, in, true, &plain) != OK)
		return bad(is, nth, "has a \"%\" that is not followed by two "
		    "hexadecimal digits, or an encoded NUL; "
		    "write \"%\" itself as %25");
	if (plain.len > 0 && memchr(plain.p, '\0', plain.len) != NULL)
		return bad(is, nth, "holds a NUL byte, which no value may");
	if (!text_utf8(plain))
		return bad(is, nth, "is not UTF-8; encode text as UTF-8, "
		    "then percent-encode its bytes");
	*out = plain;
	return OK;
}

static enum err
take_pair(struct arena *a, struct bytes piece, size_t nth,
    struct issues *is, struct pair *out)
{
	struct bytes	name, value;
	struct pair	p;
	enum err	e;

	bytes_cut(piece, '=', &name, &value);
	e = decode(a, name, nth, is, &p.name);
	if (e != OK)
		return e;
	if (p.name.len == 0)
		return bad(is, nth, "has no name; write name=value");
	e = decode(a, value, nth, is, &p.value);
	if (e != OK)
		return e;
	*out = p;
	return OK;
}

/* Pieces between "&"; empty ones ("a=b&&c=d", a final "&") count not. */
static size_t
count_pieces(struct bytes text)
{
	struct bytes	piece;
	size_t		n = 0;

	while (text.len > 0) {
		bytes_cut(text, '&', &piece, &text);
		n += piece.len > 0;
	}
	return n;
}

enum err
query_pairs(struct arena *a, struct bytes text, size_t max,
    struct issues *is, struct pair **out, size_t *n_out)
{
	struct pair	*pairs;
	struct bytes	 piece;
	size_t		 n = count_pieces(text), i = 0;
	enum err	 e;

	if (n > max)
		return issue_add(is, ERR_USAGE, "search-params", "?",
		    "%zu parameters, at most %zu are allowed; "
		    "join values of one parameter by commas", n, max);
	pairs = arena_array(a, n, sizeof(*pairs));
	while (text.len > 0) {
		bytes_cut(text, '&', &piece, &text);
		if (piece.len == 0)
			continue;
		e = take_pair(a, piece, i + 1, is, &pairs[i]);
		if (e != OK)
			return e;
		i++;
	}
	*out = pairs;
	*n_out = n;
	return OK;
}
