/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_scan.c -- the strict pass over resource text.  (L1)
 *
 * Jansson alone would take 841 MB for 10 MiB of "{},", nest 2048 deep and
 * change the digits of decimals.  So one linear pass, without recursion,
 * judges grammar, UTF-8, budget and FHIR's own restrictions before a tree is
 * built; what it passed is not judged again.
 *
 * Reading: "exponents are not allowed" (DSTU2 json.html) refuses 1e2 in a
 * resource.  Decimals have "at least 18 digits" (datatypes.html); we take 18
 * before the point and JSON_NUM_MAX characters in all.
 *
 * What is JSON, but none of FHIR's (an empty string, a null), is noted, and
 * the pass goes on: all such faults are told at once.
 *
 * Spec: RFC 8259; RFC 3629; DSTU2 json.html, datatypes.html#decimal.
 */
#include "base/buf.h"
#include "fhir/json_scan.h"

#define NUM_WHOLE	18	/* digits before the point */
#define NAME_MAX_LEN	256	/* bytes of a member's name */
#define FAULTS_MAX	100	/* told at once */

/* What may stand next.  FIRST_: right after the opening bracket. */
enum want { VALUE, FIRST_VALUE, NAME, FIRST_NAME, NEXT, END };

/* A place in the text; one further on is counted from here. */
struct place {
	const uint8_t	*p;
	size_t		 line, column;
};

struct scan {
	struct arena		*arena;
	struct issues		*is;
	const struct json_limits *lim;
	const uint8_t		*start, *p, *end;
	const uint8_t		*run;		/* not yet copied from here */
	struct buf		 out;
	uint8_t			*stack;		/* '{' or '[' of each level */
	size_t			 depth, tokens, faults;
	struct place		 fault;		/* the last */
};

static const char *
place_text(struct arena *a, struct place *at, const uint8_t *p)
{
	for (; at->p < p; at->p++) {
		if (*at->p == '\n') {
			at->line++;
			at->column = 1;
		} else if ((*at->p & 0xc0) != 0x80) {
			at->column++;
		}
	}
	return arena_printf(a, "line %zu, column %zu", at->line, at->column);
}

const char *
json_place(struct arena *a, struct bytes text, size_t at)
{
	struct place from = { text.p, 1, 1 };

	return place_text(a, &from, text.p + (at < text.len ? at : text.len));
}

static enum err
fail(struct scan *s, const uint8_t *at, enum err e, const char *rule,
    const char *text)
{
	if (at < s->fault.p)
		s->fault = (struct place){ s->start, 1, 1 };
	return issue_add(s->is, e, rule,
	    place_text(s->arena, &s->fault, at), "%s", text);
}

static enum err
bad(struct scan *s, const uint8_t *at, const char *rule, const char *text)
{
	return fail(s, at, ERR_SYNTAX, rule, text);
}

/* JSON, but none of FHIR's: go on, if there is room for more. */
static enum err
odd(struct scan *s, const uint8_t *at, const char *rule, const char *text)
{
	enum err e = bad(s, at, rule, text);

	if (++s->faults < FAULTS_MAX)
		return OK;
	issue_put(s->is, &(struct issue){ .severity = SEV_INFO,
	    .code = "informational" },
	    "there may be more: mend these first");
	return e;
}

static bool
is_digit(const struct scan *s, const uint8_t *p)
{
	return p < s->end && *p >= '0' && *p <= '9';
}

/* Copy what has piled up, white space left out. */
static void
flush(struct scan *s)
{
	buf_add(&s->out, bytes_of(s->run, (size_t)(s->p - s->run)));
}

static void
space(struct scan *s)
{
	const uint8_t *p = s->p;

	while (p < s->end &&
	    (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
		p++;
	if (p == s->p)
		return;
	flush(s);
	s->p = s->run = p;
}

static bool
hex4(const struct scan *s, const uint8_t *p, unsigned *out)
{
	unsigned v = 0;
	int i;

	if (s->end - p < 4)
		return false;
	for (i = 0; i < 4; i++) {
		unsigned c = p[i], low = c | 0x20;

		if (c >= '0' && c <= '9')
			v = v << 4 | (c - '0');
		else if (low >= 'a' && low <= 'f')
			v = v << 4 | (low - 'a' + 10);
		else
			return false;
	}
	*out = v;
	return true;
}

/* p stands on "\u"; surrogates come in pairs, and no control characters. */
static enum err
unicode(struct scan *s, const uint8_t **p)
{
	unsigned v, low;

	if (!hex4(s, *p + 2, &v))
		return bad(s, *p, "json-escape",
		    "four hexadecimal digits must follow \\u");
	if (v < 0x20 && v != '\t' && v != '\n' && v != '\r')
		return bad(s, *p, "json-control",
		    "a FHIR string holds no control character but tab, "
		    "line feed and carriage return");
	if (v < 0xd800 || v > 0xdfff) {
		*p += 6;
		return OK;
	}
	if (v > 0xdbff || s->end - *p < 12 || (*p)[6] != '\\' ||
	    (*p)[7] != 'u' || !hex4(s, *p + 8, &low) || low < 0xdc00 ||
	    low > 0xdfff)
		return bad(s, *p, "json-surrogate",
		    "a surrogate stands alone; \\ud800-\\udbff must be "
		    "followed by \\udc00-\\udfff");
	*p += 12;
	return OK;
}

/* p stands on a backslash. */
static enum err
escape(struct scan *s, const uint8_t **p)
{
	int c = s->end - *p < 2 ? 0 : (*p)[1];

	switch (c) {
	case '"': case '\\': case '/': case 'n': case 'r': case 't':
		*p += 2;
		return OK;
	case 'u':
		return unicode(s, p);
	case 'b': case 'f':
		return bad(s, *p, "json-control",
		    "a FHIR string holds no backspace and no form feed");
	default:
		return bad(s, *p, "json-escape",
		    "a backslash is followed by one of \" \\ / n r t u");
	}
}

/*
 * Length of the well-formed UTF-8 sequence at p, 0 for none: no overlong
 * form, no surrogate, nothing above 10FFFF.
 */
static size_t
sequence(const struct scan *s, const uint8_t *p)
{
	size_t n = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 :
	    p[0] < 0xf5 ? 4 : 0;
	size_t i;

	if (n == 0 || (size_t)(s->end - p) < n)
		return 0;
	for (i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

/* s->p stands on the opening quote and ends behind the closing one. */
static enum err
string(struct scan *s)
{
	const uint8_t *p = s->p + 1;
	enum err e;
	size_t n;

	for (;;) {
		while (p < s->end && *p >= 0x20 && *p < 0x80 && *p != '"' &&
		    *p != '\\')
			p++;
		if (p == s->end)
			return bad(s, s->p, "json-syntax",
			    "this string is not closed");
		if (*p == '"')
			break;
		if (*p == '\\') {
			e = escape(s, &p);
			if (e != OK)
				return e;
		} else if (*p < 0x20) {
			return bad(s, p, "json-control",
			    "a control character in a string must be written "
			    "as an escape: \\n, \\r or \\t");
		} else {
			n = sequence(s, p);
			if (n == 0)
				return bad(s, p, "json-utf8",
				    "not UTF-8 here; send the resource in "
				    "UTF-8");
			p += n;
		}
	}
	e = p > s->p + 1 ? OK : odd(s, s->p, "json-empty",
	    "an empty string; leave the member out instead");
	s->p = p + 1;
	return e;
}

static enum err
number(struct scan *s)
{
	const uint8_t *from = s->p, *p = from + (*from == '-' ? 1 : 0);
	const uint8_t *whole = p;

	while (is_digit(s, p))
		p++;
	if (p == whole)
		return bad(s, p, "json-number", "a digit must follow \"-\"");
	if (*whole == '0' && p - whole > 1)
		return bad(s, from, "json-number",
		    "a number has no leading zeros");
	if (p - whole > NUM_WHOLE)
		return bad(s, from, "json-number",
		    "a number has at most 18 digits before its point");
	if (p < s->end && *p == '.') {
		p++;
		if (!is_digit(s, p))
			return bad(s, p, "json-number",
			    "a digit must follow the point");
		while (is_digit(s, p))
			p++;
	}
	if (p < s->end && (*p == 'e' || *p == 'E'))
		return bad(s, p, "json-number",
		    "FHIR decimals have no exponent: write the digits out");
	if (p - from > JSON_NUM_MAX)
		return bad(s, from, "json-number",
		    "a number has at most 64 characters");
	s->p = p;
	return OK;
}

static enum err
word(struct scan *s, const char *w)
{
	size_t n = strlen(w);
	enum err e;

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, w, n) != 0)
		return bad(s, s->p, "json-syntax",
		    "expected a value: a string, number, object, array, "
		    "true, false or null");
	e = *w != 'n' || s->stack[s->depth - 1] == '[' ? OK :
	    odd(s, s->p, "json-null",
	    "null stands only in arrays of primitives; leave the "
	    "member out instead");
	s->p += n;
	return e;
}

static enum err
count_token(struct scan *s)
{
	if (++s->tokens <= s->lim->tokens)
		return OK;
	return fail(s, s->p, ERR_TOOBIG, "json-tokens",
	    "more values and names than this server takes in one resource");
}

static enum err
open_bracket(struct scan *s, enum want *want)
{
	if (s->depth == s->lim->depth)
		return bad(s, s->p, "json-depth",
		    "nested deeper than this server takes");
	*want = *s->p == '{' ? FIRST_NAME : FIRST_VALUE;
	s->stack[s->depth++] = *s->p++;
	return OK;
}

static enum err
value(struct scan *s, enum want *want)
{
	enum err e = count_token(s);

	if (e != OK)
		return e;
	if (s->depth == 0 && *s->p != '{')
		return bad(s, s->p, "json-syntax",
		    "a resource is a JSON object: expected {");
	*want = NEXT;
	switch (*s->p) {
	case '{': case '[':
		return open_bracket(s, want);
	case '"':
		return string(s);
	case 't':
		return word(s, "true");
	case 'f':
		return word(s, "false");
	case '-': case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		return number(s);
	default:
		return word(s, "null");
	}
}

static enum err
name(struct scan *s, enum want *want)
{
	const uint8_t *from = s->p;
	enum err e = count_token(s);

	if (e != OK)
		return e;
	if (*s->p != '"')
		return bad(s, s->p, "json-syntax",
		    "expected a member name in quotes");
	e = string(s);
	if (e != OK)
		return e;
	if (s->p - from > NAME_MAX_LEN)
		return bad(s, from, "json-name",
		    "no FHIR element has so long a name");
	space(s);
	if (s->p == s->end || *s->p != ':')
		return bad(s, s->p, "json-syntax",
		    "expected : after the member name");
	s->p++;
	*want = VALUE;
	return OK;
}

/* After a value: a comma, or the end of what it stands in. */
static enum err
next(struct scan *s, enum want *want)
{
	uint8_t in = s->stack[s->depth - 1];

	if (*s->p == ',') {
		*want = in == '{' ? NAME : VALUE;
	} else if (*s->p == (in == '{' ? '}' : ']')) {
		s->depth--;
		*want = s->depth == 0 ? END : NEXT;
	} else {
		return bad(s, s->p, "json-syntax", in == '{' ?
		    "expected , or } after the value" :
		    "expected , or ] after the value");
	}
	s->p++;
	return OK;
}

static enum err
step(struct scan *s, enum want *want)
{
	enum err e;

	switch (*want) {
	case FIRST_VALUE:
		if (*s->p != ']')
			return value(s, want);
		e = odd(s, s->p, "json-empty",
		    "an empty array; leave the member out instead");
		return e == OK ? next(s, want) : e;
	case VALUE:
		return value(s, want);
	case FIRST_NAME:
		if (*s->p != '}')
			return name(s, want);
		e = odd(s, s->p, "json-empty",
		    "an empty object; leave it out instead");
		return e == OK ? next(s, want) : e;
	case NAME:
		return name(s, want);
	case NEXT:
		return next(s, want);
	case END:
		break;
	}
	return bad(s, s->p, "json-syntax", "text after the resource");
}

/* Encodings other than UTF-8 get a clear word rather than "expected {". */
static enum err
encoding(struct scan *s)
{
	size_t len = (size_t)(s->end - s->p);

	if (len > s->lim->bytes)
		return issue_add(s->is, ERR_TOOBIG, "resource-bytes",
		    NULL, "a resource has at most %zu bytes here",
		    s->lim->bytes);
	if (len >= 3 && memcmp(s->p, "\xef\xbb\xbf", 3) == 0)
		return bad(s, s->p, "json-bom",
		    "a byte-order mark; send UTF-8 without one");
	if (len >= 2 && (s->p[0] == 0 || s->p[1] == 0 ||
	    memcmp(s->p, "\xff\xfe", 2) == 0 ||
	    memcmp(s->p, "\xfe\xff", 2) == 0))
		return bad(s, s->p, "json-utf8",
		    "not UTF-8; send the resource in UTF-8");
	return OK;
}

enum err
json_scan(struct arena *a, struct bytes text, const struct json_limits *lim,
    struct issues *is, struct bytes *out)
{
	struct scan s = { .arena = a, .is = is, .lim = lim };
	enum want want = VALUE;
	enum err e;

	s.start = s.p = s.run = text.p;
	s.end = text.p + text.len;
	s.fault = (struct place){ s.start, 1, 1 };
	e = encoding(&s);
	if (e != OK)
		return e;
	s.out = buf_on(a, SIZE_MAX / 4);
	s.stack = arena_array(a, lim->depth + 1, 1);
	for (;;) {
		space(&s);
		if (s.p == s.end)
			break;
		e = step(&s, &want);
		if (e != OK)
			return e;
	}
	if (want != END)
		return bad(&s, s.p, "json-syntax",
		    "the text ends before the resource does");
	if (s.faults > 0)
		return ERR_SYNTAX;
	flush(&s);
	return buf_end(&s.out, out);
}
