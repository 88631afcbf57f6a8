/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract_words.c -- the words of a resource.  (L1)
 *
 * Of the narrative the XHTML is read for its text alone: nothing here judges
 * it, and what is no tag and no entity is text.  Strings are folded, cut into
 * words, sorted, and each is kept once.
 *
 * Spec: DSTU2 search.html#text, #content.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/text.h"
#include "fhir/extract_words.h"
#include "fhir/json.h"

#define DEPTH_MAX	512	/* json-depth allows no more */
#define LONG_RUN	128	/* bytes without a space: no prose */

/* --- words --------------------------------------------------------------- */

/* Of two that are equal the narrative's comes first, and stays. */
static int
cmp_word(const void *a, const void *b)
{
	const struct extra_word *x = a, *y = b;
	int c = bytes_cmp(x->text, y->text);

	return c != 0 ? c : y->narrative - x->narrative;
}

static void
sort_words(struct words *ws)
{
	size_t i, n = 0;

	if (ws->n > 1)
		qsort(ws->w, ws->n, sizeof(*ws->w), cmp_word);
	for (i = 0; i < ws->n; i++)
		if (n == 0 || !bytes_eq(ws->w[n - 1].text, ws->w[i].text))
			ws->w[n++] = ws->w[i];
	ws->n = n;
}

/* What the narrative has stays: by itself it was not too much. */
static void
cut(struct words *ws)
{
	size_t drop, i, to;

	sort_words(ws);
	if (ws->full || ws->n <= EXTRA_WORDS)
		return;
	drop = ws->n - EXTRA_WORDS;
	for (i = to = ws->n; i-- > 0;)
		if (drop > 0 && (ws->narrative || !ws->w[i].narrative))
			drop--;
		else
			ws->w[--to] = ws->w[i];
	memmove(ws->w, ws->w + to, EXTRA_WORDS * sizeof(*ws->w));
	ws->n = EXTRA_WORDS;
	ws->w[ws->n++] = (struct extra_word){ .narrative = ws->narrative };
	ws->full = true;
}

/* Before it grows the array is rid of doubles: it is twice what is kept. */
static void
add_word(struct words *ws, struct bytes word)
{
	struct extra_word *more;

	if (ws->n == ws->cap)
		cut(ws);
	if (ws->full)
		return;
	if (ws->n > ws->cap / 2 || ws->cap == 0) {
		ws->cap = ws->cap == 0 ? 64 : 2 * ws->cap;
		more = arena_room(ws->arena, ws->cap * sizeof(*more));
		if (ws->n > 0)
			memcpy(more, ws->w, ws->n * sizeof(*more));
		ws->w = more;
	}
	ws->w[ws->n++] = (struct extra_word){ word, ws->narrative };
}

void
words_add(struct words *ws, struct bytes folded)
{
	struct bytes word;

	while (text_word(&folded, &word))
		add_word(ws, word);
}

void
words_narrated(struct words *ws)
{
	cut(ws);
	ws->narrative = false;
}

void
words_end(struct words *ws)
{
	cut(ws);
	if (ws->full)
		sort_words(ws);
}

/* --- narrative ----------------------------------------------------------- */

/* The end of the tag or comment that begins at p[at]. */
static size_t
skip_tag(struct bytes t, size_t at)
{
	uint8_t quote = 0;

	if (bytes_starts(bytes_from(t, at), bytes_str("<!--"))) {
		for (at += 4; at < t.len; at++)
			if (bytes_starts(bytes_from(t, at),
			    bytes_str("-->")))
				return at + 3;
		return t.len;
	}
	for (; at < t.len; at++) {
		if (quote != 0)
			quote = t.p[at] == quote ? 0 : quote;
		else if (t.p[at] == '"' || t.p[at] == '\'')
			quote = t.p[at];
		else if (t.p[at] == '>')
			return at + 1;
	}
	return t.len;
}

static void
put_code(struct buf *b, uint32_t c)
{
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
		buf_u8(b, ' ');
	} else if (c < 0x80) {
		buf_u8(b, (uint8_t)c);
	} else if (c < 0x800) {
		buf_u8(b, (uint8_t)(0xc0 | c >> 6));
		buf_u8(b, (uint8_t)(0x80 | (c & 0x3f)));
	} else {
		if (c < 0x10000) {
			buf_u8(b, (uint8_t)(0xe0 | c >> 12));
		} else {
			buf_u8(b, (uint8_t)(0xf0 | c >> 18));
			buf_u8(b, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
		}
		buf_u8(b, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		buf_u8(b, (uint8_t)(0x80 | (c & 0x3f)));
	}
}

/* "#233", "#xe9": digits of a character's number. */
static uint32_t
number(struct bytes name)
{
	uint32_t base = 10, c = 0;
	size_t i = 1;
	int d;

	if (name.len > 1 && (name.p[1] | 0x20) == 'x') {
		base = 16;
		i = 2;
	}
	for (; i < name.len && c <= 0x10ffff; i++) {
		d = text_hex_digit(name.p[i]);
		if (d < 0 || (uint32_t)d >= base)
			return 0;
		c = c * base + (uint32_t)d;
	}
	return c;
}

/*
 * The letters a named entity stands for, folded: a letter with an accent is
 * named letter first ("eacute").  What is no letter (&nbsp;, &mdash;): "".
 */
static struct bytes
letters(struct bytes name)
{
	static const char *const accents[] = { "acute", "grave", "circ",
	    "uml", "tilde", "cedil", "ring", "slash", "caron" };
	size_t i;

	for (i = 0; i < N_ELEM(accents); i++)
		if (bytes_is(bytes_from(name, 1), accents[i]))
			return bytes_sub(name, 0, 1);
	if (bytes_is(name, "szlig"))
		return bytes_str("ss");
	if (bytes_is(name, "thorn") || bytes_is(name, "THORN"))
		return bytes_str("th");
	if (bytes_is(name, "eth") || bytes_is(name, "ETH"))
		return bytes_str("d");
	return bytes_is(bytes_from(name, 2), "lig") ? bytes_sub(name, 0, 2) :
	    bytes_of(NULL, 0);		/* aelig, oelig */
}

static void
put_entity(struct buf *b, struct bytes name)
{
	struct bytes stands = letters(name);

	if (name.len > 0 && name.p[0] == '#')
		put_code(b, number(name));
	else if (stands.len > 0)
		buf_add(b, stands);
	else
		buf_u8(b, ' ');
}

struct bytes
words_plain(struct arena *a, struct bytes t)
{
	struct buf b = buf_on(a, t.len + 1);	/* never longer */
	struct bytes out = { NULL, 0 }, name, rest;
	size_t i = 0, from;

	while (i < t.len) {
		if (t.p[i] == '<') {
			buf_u8(&b, ' ');
			i = skip_tag(t, i);
		} else if (t.p[i] == '&' && bytes_cut(bytes_sub(t, i + 1, 10),
		    ';', &name, &rest)) {
			put_entity(&b, name);
			i += name.len + 2;
		} else {
			for (from = i++; i < t.len && t.p[i] != '<' &&
			    t.p[i] != '&'; i++)
				continue;
			buf_add(&b, bytes_sub(t, from, i - from));
		}
	}
	(void)!buf_end(&b, &out);
	return out;
}

/* --- content ------------------------------------------------------------- */

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

bool
words_prose(struct bytes t)
{
	size_t i, n = t.len < LONG_RUN ? t.len : LONG_RUN;

	if (t.len >= 10 && is_digit(t.p[0]) && is_digit(t.p[3]) &&
	    t.p[4] == '-' && is_digit(t.p[5]) && t.p[7] == '-' &&
	    is_digit(t.p[8]))
		return false;		/* a date */
	if (bytes_starts(t, bytes_str("urn:")))
		return false;
	for (i = 0; i < n; i++) {
		if (t.p[i] <= ' ' || t.p[i] >= 0x80)
			return true;
		if (t.p[i] == ':' && bytes_starts(bytes_from(t, i),
		    bytes_str("://")))
			return false;
	}
	return t.len < LONG_RUN;
}

/* Members whose strings are no content, wherever they stand. */
static bool
is_silent(const char *name)
{
	static const char *const silent[] = { "resourceType", "id", "meta",
	    "reference", "div" };
	size_t i;

	for (i = 0; i < N_ELEM(silent); i++)
		if (strcmp(name, silent[i]) == 0)
			return true;
	return false;
}

void
words_content(struct words *ws, const json_t *at, unsigned depth)
{
	struct bytes folded;
	const char *name;
	json_t *v;
	size_t i;

	if (depth == DEPTH_MAX)
		return;
	if (json_is_string(at)) {
		if (!json_is_num(at) && words_prose(json_text(at)) &&
		    text_fold(ws->arena, json_text(at), &folded) == OK)
			words_add(ws, folded);
		return;
	}
	json_array_foreach(at, i, v)
		words_content(ws, v, depth + 1);
	json_object_foreach((json_t *)(uintptr_t)at, name, v)
		if (!is_silent(name))
			words_content(ws, v, depth + 1);
}
