/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h -- what the project needs of UTF-8, base64url and hex.  (L0)
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/err.h"

/* Well-formed UTF-8 (RFC 3629): no overlong form, no surrogate, <= 10FFFF. */
bool		text_utf8(struct bytes b);

/*
 * Fold for string search: compatibility decomposition, case folding, marks
 * dropped, the letters without decomposition (l-stroke, o-slash, oe, eth,
 * thorn ...) spelled in ASCII, runs of white space as one space, ends trimmed.
 *
 * out	*out  in the arena; folding a folded text changes nothing
 * err	ERR_SYNTAX  not UTF-8
 * spec	DSTU2 search.html#string
 */
enum err	text_fold(struct arena *a, struct bytes in, struct bytes *out)
		    NODISCARD;

/*
 * The next word of a folded text: a run of letters, marks and digits of any
 * script, cut at TEXT_WORD_MAX bytes.  Scripts without spaces have no words
 * but what stands between their punctuation.
 *
 * in	*rest	folded text; what is left of it afterwards
 * out	*word_out  borrows from *rest; false: there is none
 */
#define TEXT_WORD_MAX	64
bool		text_word(struct bytes *rest, struct bytes *word_out);

/* The Unicode version text_fold works by, "14.0.0": changes mean reindex. */
const char	*text_unicode(void);

/* ASCII only. */
static inline uint8_t
text_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

/* ASCII only. */
bool		text_caseeq(struct bytes a, struct bytes b);

/* Decimal digits only, no sign, no leading "+", all of in; v <= max. */
bool		text_u64(struct bytes in, uint64_t max, uint64_t *v_out);

/*
 * RFC 4648 section 5 without padding; decoding is strict: canonical, no
 * white space, no "=".  err ERR_SYNTAX.
 */
struct bytes	text_b64url(struct arena *a, struct bytes in);
enum err	text_unb64url(struct arena *a, struct bytes in,
		    struct bytes *out) NODISCARD;

/* 0..15, or -1: no hexadecimal digit. */
int		text_hex_digit(uint8_t c);

/* The words with one space between two of them. */
struct bytes	text_join(struct arena *a, const struct bytes *word,
		    size_t n);

/* Lower case. */
struct bytes	text_hex(struct arena *a, struct bytes in);

/*
 * Decode %XX; with plus, "+" becomes a space (form bodies and queries).
 * err ERR_SYNTAX  a "%" without two hex digits, or a decoded NUL
 */
enum err	text_unpct(struct arena *a, struct bytes in, bool plus,
		    struct bytes *out) NODISCARD;

/*
 * Edits from a to b without regard to case, where two neighbours exchanged
 * count as one (the most common slip of the hand); SIZE_MAX when one is
 * longer than TEXT_NEAR_MAX bytes.
 */
#define TEXT_NEAR_MAX	64
size_t		text_distance(struct bytes a, struct bytes b);

/*
 * The row of names nearest to word by edit distance, for "did you mean";
 * NULL when none is within a third of its length.  names ends with NULL.
 */
const char	*text_near(struct bytes word, const char *const *names);

#endif
