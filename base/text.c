/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.c -- checking, folding and coding of text.  (L0)
 *
 * Folding is utf8proc's, base64url is libsodium's; the rest is short enough
 * to be our own.  Refuses locales: the C library's ctype is not used.
 */
#include "base/text.h"

#include <sodium.h>
#include <utf8proc.h>

#include "base/buf.h"

/* --- UTF-8 --- */

static bool
ascii(struct bytes b)
{
	uint64_t	word;
	size_t		i = 0;

	for (; b.len - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, b.p + i, sizeof(word));
		if ((word & UINT64_C(0x8080808080808080)) != 0)
			return false;
	}
	for (; i < b.len; i++)
		if (b.p[i] >= 0x80)
			return false;
	return true;
}

/*
 * Length of the well-formed sequence at p, or 0: RFC 3629 section 4, where
 * the second byte's bounds keep out overlong forms, surrogates and what is
 * beyond 10FFFF.
 */
static size_t
sequence(const uint8_t *p, size_t len)
{
	uint8_t	lo = 0x80, hi = 0xbf;
	size_t	n, i;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (n > len)
		return 0;
	if (p[0] == 0xe0)
		lo = 0xa0;
	else if (p[0] == 0xed)
		hi = 0x9f;
	else if (p[0] == 0xf0)
		lo = 0x90;
	else if (p[0] == 0xf4)
		hi = 0x8f;
	if (p[1] < lo || p[1] > hi)
		return 0;
	for (i = 2; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

bool
text_utf8(struct bytes b)
{
	size_t	i = 0, n;

	if (b.len == 0 || ascii(b))
		return true;
	for (; i < b.len; i += n) {
		n = sequence(b.p + i, b.len - i);
		if (n == 0)
			return false;
	}
	return true;
}

/* --- folding --- */

/* Lower-case letters that Unicode does not decompose; sorted by code. */
static const struct spelling {
	utf8proc_int32_t	code;
	char			ascii[4];
} spellings[] = {
	{ 0x00e6, "ae" },	/* ae */
	{ 0x00f0, "d" },	/* eth */
	{ 0x00f8, "o" },	/* o with stroke */
	{ 0x00fe, "th" },	/* thorn */
	{ 0x0111, "d" },	/* d with stroke */
	{ 0x0127, "h" },	/* h with stroke */
	{ 0x0131, "i" },	/* dotless i */
	{ 0x0138, "k" },	/* kra */
	{ 0x0142, "l" },	/* l with stroke */
	{ 0x014b, "n" },	/* eng */
	{ 0x0153, "oe" },	/* oe */
	{ 0x0167, "t" },	/* t with stroke */
	{ 0x0180, "b" },	/* b with stroke */
	{ 0x0192, "f" },	/* f with hook */
	{ 0x019a, "l" },	/* l with bar */
	{ 0x01b6, "z" },	/* z with stroke */
	{ 0x01e5, "g" },	/* g with stroke */
	{ 0x0237, "j" },	/* dotless j */
	{ 0x0247, "e" },	/* e with stroke */
	{ 0x0249, "j" },	/* j with stroke */
	{ 0x024d, "r" },	/* r with stroke */
	{ 0x024f, "y" },	/* y with stroke */
	{ 0x0253, "b" },	/* b with hook (Hausa) */
	{ 0x0257, "d" },	/* d with hook (Hausa) */
	{ 0x0268, "i" },	/* i with stroke */
	{ 0x0289, "u" },	/* u bar */
};

static const char *
spelling_of(utf8proc_int32_t code)
{
	size_t	lo = 0, hi = N_ELEM(spellings);

	while (lo < hi) {
		size_t	mid = lo + (hi - lo) / 2;

		if (spellings[mid].code == code)
			return spellings[mid].ascii;
		if (spellings[mid].code < code)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static bool
space(utf8proc_int32_t code)
{
	return code == ' ' || (code >= '\t' && code <= '\r') ||
	    code == 0x85 || code == 0xa0 || code == 0x1680 ||
	    (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
	    code == 0x2029 || code == 0x202f || code == 0x205f ||
	    code == 0x3000;
}

/* The output of a fold; gap: white space seen since the last letter. */
struct fold {
	struct buf	out;
	bool		gap;
};

static void
put_folded(struct fold *f, utf8proc_int32_t code)
{
	const char	*ascii_form;
	uint8_t		 utf8[4];

	if (space(code)) {
		f->gap = true;
		return;
	}
	if (f->gap && f->out.len > 0)
		buf_u8(&f->out, ' ');
	f->gap = false;
	if (code >= 'A' && code <= 'Z')
		code += 'a' - 'A';
	ascii_form = code < 0x80 ? NULL : spelling_of(code);
	if (ascii_form != NULL)
		buf_str(&f->out, ascii_form);
	else if (code < 0x80)
		buf_u8(&f->out, (uint8_t)code);
	else
		buf_add(&f->out, bytes_of(utf8,
		    (size_t)utf8proc_encode_char(code, utf8)));
}

/*
 * Two rounds: marks must be gone before the case is folded (a Greek iota
 * subscript is a mark that folds to a letter, so that the composed and the
 * decomposed spelling would differ), and folding the case may bring forth
 * something to decompose (I with dot above).
 */
static void
fold_char(struct fold *f, utf8proc_int32_t code)
{
	const utf8proc_option_t	plain = UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
				    UTF8PROC_STRIPMARK | UTF8PROC_IGNORE;
	utf8proc_int32_t	one[32], two[32]; /* the longest known is 18 */
	utf8proc_ssize_t	n, m, i, j;
	int			last = 0;

	if (code < 0x80) {
		put_folded(f, code);
		return;
	}
	n = utf8proc_decompose_char(code, one, N_ELEM(one), plain, &last);
	for (i = 0; i < n && i < (utf8proc_ssize_t)N_ELEM(one); i++) {
		m = utf8proc_decompose_char(one[i], two, N_ELEM(two),
		    plain | UTF8PROC_CASEFOLD, &last);
		for (j = 0; j < m && j < (utf8proc_ssize_t)N_ELEM(two); j++)
			put_folded(f, two[j]);
	}
}

/*
 * The same of ASCII alone, which nearly all texts are, in a tenth of the
 * steps.  false: it is not.
 */
static bool
fold_ascii(struct arena *a, struct bytes in, struct bytes *out)
{
	uint8_t	*p;
	size_t	 i, n = 0;
	bool	 gap = false;

	if (!ascii(in))
		return false;
	p = arena_room(a, in.len);
	for (i = 0; i < in.len; i++) {
		if (in.p[i] == ' ' || (in.p[i] >= '\t' && in.p[i] <= '\r')) {
			gap = n > 0;
			continue;
		}
		if (gap)
			p[n++] = ' ';
		gap = false;
		p[n++] = text_lower(in.p[i]);
	}
	*out = bytes_of(p, n);
	return true;
}

enum err
text_fold(struct arena *a, struct bytes in, struct bytes *out)
{
	struct fold	f = { .gap = false };
	size_t		i, n;

	if (fold_ascii(a, in, out))
		return OK;
	f.out = buf_on(a, SIZE_MAX);
	for (i = 0; i < in.len; i += n) {
		utf8proc_int32_t	code;

		n = sequence(in.p + i, in.len - i);
		if (n == 0)
			return ERR_SYNTAX;
		if (n == 1)
			code = in.p[i];
		else
			(void)utf8proc_iterate(in.p + i, (utf8proc_ssize_t)n,
			    &code);
		fold_char(&f, code);
	}
	return buf_end(&f.out, out);
}

/* The length of what stands at p, and whether it is part of a word. */
static size_t
letter(const uint8_t *p, size_t len, bool *is_out)
{
	utf8proc_int32_t	code;
	utf8proc_category_t	c;
	size_t			n = p[0] < 0x80 ? 1 : sequence(p, len);

	if (n <= 1) {
		*is_out = n == 1 && ((p[0] >= 'a' && p[0] <= 'z') ||
		    (p[0] >= '0' && p[0] <= '9'));
		return 1;
	}
	(void)utf8proc_iterate(p, (utf8proc_ssize_t)n, &code);
	c = utf8proc_category(code);
	*is_out = c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_NO;
	return n;
}

bool
text_word(struct bytes *rest, struct bytes *word_out)
{
	size_t	from = 0, to, n;
	bool	is = false;

	for (n = 0; from < rest->len && !is; from += is ? 0 : n)
		n = letter(rest->p + from, rest->len - from, &is);
	for (to = from; to < rest->len && is; to += is ? n : 0)
		n = letter(rest->p + to, rest->len - to, &is);
	*word_out = bytes_sub(*rest, from, to - from);
	*rest = bytes_from(*rest, to);
	/* Cut before a letter, not within. */
	for (n = TEXT_WORD_MAX; word_out->len > n &&
	    (word_out->p[n] & 0xc0) == 0x80; n--)
		continue;
	*word_out = bytes_sub(*word_out, 0, n);
	return word_out->len > 0;
}

const char *
text_unicode(void)
{
	return utf8proc_unicode_version();
}

/* --- numbers and letters --- */

bool
text_caseeq(struct bytes a, struct bytes b)
{
	size_t	i;

	if (a.len != b.len)
		return false;
	for (i = 0; i < a.len; i++)
		if (text_lower(a.p[i]) != text_lower(b.p[i]))
			return false;
	return true;
}

bool
text_u64(struct bytes in, uint64_t max, uint64_t *v_out)
{
	uint64_t	v = 0;
	size_t		i;

	if (in.len == 0)
		return false;
	for (i = 0; i < in.len; i++) {
		if (in.p[i] < '0' || in.p[i] > '9' ||
		    __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(in.p[i] - '0'), &v))
			return false;
	}
	if (v > max)
		return false;
	*v_out = v;
	return true;
}

/* --- codings --- */

struct bytes
text_b64url(struct arena *a, struct bytes in)
{
	const int	kind = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
	size_t		room = sodium_base64_encoded_len(in.len, kind);
	char		*s = arena_alloc(a, room);

	(void)sodium_bin2base64(s, room, in.p, in.len, kind);
	return bytes_of(s, room - 1);	/* without the NUL */
}

enum err
text_unb64url(struct arena *a, struct bytes in, struct bytes *out)
{
	const int	kind = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
	size_t		room = in.len / 4 * 3 + 3, n = 0;
	uint8_t		*p;

	if (in.len == 0) {
		*out = bytes_of(NULL, 0);
		return OK;
	}
	/* libsodium 1.0.18 takes bytes beyond ASCII for letters. */
	for (size_t i = 0; i < in.len; i++)
		if (in.p[i] > 0x7f)
			return ERR_SYNTAX;
	/* No end pointer: libsodium then refuses whatever is left over. */
	p = arena_alloc(a, room);
	if (sodium_base642bin(p, room, (const char *)in.p, in.len, NULL, &n,
	    NULL, kind) != 0)
		return ERR_SYNTAX;
	*out = bytes_of(p, n);
	return OK;
}

struct bytes
text_join(struct arena *a, const struct bytes *word, size_t n)
{
	size_t i, len = 0, at = 0;
	uint8_t *p;

	for (i = 0; i < n; i++)
		len += word[i].len + (i > 0);
	p = arena_alloc(a, len);
	for (i = 0; i < n; i++) {
		if (i > 0)
			p[at++] = ' ';
		if (word[i].len > 0)
			memcpy(p + at, word[i].p, word[i].len);
		at += word[i].len;
	}
	return bytes_of(p, len);
}

struct bytes
text_hex(struct arena *a, struct bytes in)
{
	char	*s = arena_array(a, in.len + 1, 2);

	(void)sodium_bin2hex(s, in.len * 2 + 1, in.p, in.len);
	return bytes_of(s, in.len * 2);
}

int
text_hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

enum err
text_unpct(struct arena *a, struct bytes in, bool plus, struct bytes *out)
{
	uint8_t	*p = arena_alloc(a, in.len);
	size_t	 i, n = 0;

	for (i = 0; i < in.len; i++) {
		uint8_t	c = in.p[i];

		if (c == '%') {
			int	hi = -1, lo = -1;

			if (in.len - i > 2) {
				hi = text_hex_digit(in.p[i + 1]);
				lo = text_hex_digit(in.p[i + 2]);
			}
			if (hi < 0 || lo < 0)
				return ERR_SYNTAX;
			c = (uint8_t)(hi << 4 | lo);
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		if (c == '\0')
			return ERR_SYNTAX;
		p[n++] = c;
	}
	*out = bytes_of(p, n);
	return OK;
}
