/* SPDX-License-Identifier: Apache-2.0 */
/*
 * term_text.c -- codes as text: their order, forms, lists of them, and what
 * was probably meant.  (L1)
 *
 * Spec: RFC 6838 4.2 (media types), RFC 5646 2.1 (language tags).
 */
#include "fhir/term_part.h"

#include "base/buf.h"
#include "base/text.h"

#define LIST_MAX	4096	/* bytes of a list in a message */

static bool
alpha(uint8_t c)
{
	return text_lower(c) >= 'a' && text_lower(c) <= 'z';
}

static bool
alnum(uint8_t c)
{
	return alpha(c) || (c >= '0' && c <= '9');
}

/* Byte by byte: texts differ early, strlen and memcmp would cost more. */
int
term_cmp(struct bytes key, const char *text)
{
	for (size_t i = 0; i < key.len; i++) {
		if (text[i] == '\0')
			return 1;
		if (key.p[i] != (uint8_t)text[i])
			return key.p[i] < (uint8_t)text[i] ? -1 : 1;
	}
	return text[key.len] == '\0' ? 0 : -1;
}

int
term_casecmp(struct bytes key, const char *text)
{
	for (size_t i = 0; i < key.len; i++) {
		uint8_t	a = text_lower(key.p[i]);
		uint8_t	b = text_lower((uint8_t)text[i]);

		if (b == '\0')
			return 1;
		if (a != b)
			return a < b ? -1 : 1;
	}
	return text[key.len] == '\0' ? 0 : -1;
}

/* --- forms ---------------------------------------------------------------- */

static bool
name_char(uint8_t c)
{
	return alnum(c) || (c != '\0' && strchr("!#$&-^_.+", c) != NULL);
}

/* A type or subtype from *i on: 1 to 127 bytes. */
static bool
media_name(struct bytes t, size_t *i)
{
	size_t	from = *i;

	while (*i < t.len && name_char(t.p[*i]))
		(*i)++;
	return *i > from && *i - from <= 127 && alnum(t.p[from]);
}

/* Parameters after the ';' are anything printable: few agree on them. */
static bool
media_type(struct bytes t)
{
	size_t	i = 0;

	if (!media_name(t, &i) || i == t.len || t.p[i++] != '/' ||
	    !media_name(t, &i))
		return false;
	while (i < t.len && t.p[i] == ' ')
		i++;
	if (i == t.len)
		return t.p[i - 1] != ' ';
	if (t.p[i++] != ';' || i == t.len)
		return false;
	for (; i < t.len; i++)
		if (t.p[i] < ' ' || t.p[i] > '~')
			return false;
	return true;
}

/*
 * Well-formed, not registered: 2 to 8 letters ("x" and "i" before more),
 * then subtags of 1 to 8 letters and digits.
 */
static bool
language_tag(struct bytes t)
{
	size_t	n = 0, at = 0;

	for (size_t i = 0; i <= t.len; i++) {
		if (i < t.len && t.p[i] != '-') {
			if (!(at == 0 ? alpha(t.p[i]) : alnum(t.p[i])))
				return false;
			n++;
			continue;
		}
		if (n == 0 || n > 8 || (at == 0 && n == 1 && (i == t.len ||
		    strchr("xXiI", t.p[0]) == NULL)))
			return false;
		at++;
		n = 0;
	}
	return true;
}

bool
term_form(enum term_rule rule, struct bytes code)
{
	switch (rule) {
	case RULE_MEDIA:
		return media_type(code);
	case RULE_LANGUAGE:
		return language_tag(code);
	case RULE_NONE:
	case RULE__MAX:
		break;
	}
	return false;
}

/* --- lists ---------------------------------------------------------------- */

static const char *
rule_words(const struct term_set *set)
{
	const struct termt_part	*part = &termt_part[set->part];

	for (uint16_t i = 0; i < set->n_part; i++)
		switch ((enum term_rule)term_part_system(&part[i])->rule) {
		case RULE_MEDIA:
			return "a media type like text/plain";
		case RULE_LANGUAGE:
			return "a language tag like en-US";
		case RULE_NONE:
		case RULE__MAX:
			break;
		}
	return NULL;
}

const char *
term_list(struct arena *a, const struct term_set *set, size_t max)
{
	const char		*words = rule_words(set);
	struct buf		 b = buf_on(a, LIST_MAX);
	struct term_code	 c;
	struct bytes		 out;
	uint32_t		 at = 0;
	size_t			 n = 0;

	if (words != NULL)
		return words;
	for (; n < max && term_each(set, &at, &c); n++) {
		buf_str(&b, n == 0 ? "one of: " : ", ");
		buf_add(&b, c.code);
	}
	if (n == 0 || !term_closed(set) || term_each(set, &at, &c))
		buf_str(&b, n == 0 ? "a code of the set" : ", ...");
	buf_u8(&b, '\0');
	return buf_end(&b, &out) == OK ? (const char *)out.p :
	    "a code of the set";
}

/* --- what was meant ------------------------------------------------------- */

/* A third of the letters; a number with two wrong digits is another one. */
static size_t
allowed(struct bytes code)
{
	for (size_t i = 0; i < code.len; i++)
		if (code.p[i] >= '0' && code.p[i] <= '9')
			return code.len >= 4 ? 1 : 0;
	return code.len / 3;
}

bool
term_near(const struct term_set *set, struct bytes code,
    struct term_code *out)
{
	struct term_code	c;
	uint32_t		at = 0;
	size_t			best = allowed(code) + 1, d;
	bool			found = false;

	while (at < TERM_NEAR_MAX && term_each(set, &at, &c)) {
		if (c.code.len + best <= code.len ||
		    code.len + best <= c.code.len)
			continue;
		d = text_distance(code, c.code);
		if (d >= best || d >= c.code.len)
			continue;
		best = d;
		found = true;
		*out = c;
	}
	return found;
}
