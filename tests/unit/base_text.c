/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <stdlib.h>

#include <utf8proc.h>

#include "tests/unit/unit.h"

static int
open_arena(void **state)
{
	*state = arena_new(0);
	return 0;
}

static int
close_arena(void **state)
{
	arena_free((struct arena **)state);
	return 0;
}

static void
utf8_accepts(void **state)
{
	(void)state;
	assert_true(text_utf8(bytes_str("")));
	assert_true(text_utf8(bytes_str("plain ascii, longer than a word")));
	assert_true(text_utf8(bytes_str("\xc2\x80\xdf\xbf\xe0\xa0\x80"
	    "\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80"
	    "\xf4\x8f\xbf\xbf")));
	assert_true(text_utf8(bytes_of("\0", 1)));
}

/* JSN, HTTP: every class of RFC 3629 section 3 and 10. */
static void
utf8_refuses(void **state)
{
	static const char *const	bad[] = {
		"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf",
		"\xf0\x8f\xbf\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3",
		"\xe2\x82", "\xf0\x9f\x98", "\xc3(", "\xe2(\xa1",
		"\xe2\x82(", "\xf0\x9f\x98(", "longer ascii before \xe9"
	};
	size_t				i;

	(void)state;
	for (i = 0; i < N_ELEM(bad); i++)
		if (text_utf8(bytes_str(bad[i])))
			fail_msg("case %zu", i);
}

static void
folds(struct arena *a, const char *in, const char *want)
{
	struct bytes	out;

	assert_int_equal(text_fold(a, bytes_str(in), &out), OK);
	assert_bytes(out, want);
}

/* S01 */
static void
fold_case_and_accents(void **state)
{
	folds(*state, "\xc3\x85ngstr\xc3\xb6m Stra\xc3\x9f" "e",
	    "angstrom strasse");
	folds(*state, "A\xcc\x8angstro\xcc\x88m", "angstrom");
	folds(*state, "NO\xc3\x8bL", "noel");
	folds(*state,
	    "\xce\xa3\xce\xaf\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x82",
	    "\xcf\x83\xce\xb9\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x83");
	folds(*state, "\xef\xac\x81nd \xef\xbc\xa1", "find a");
}

static void
fold_letters_without_decomposition(void **state)
{
	folds(*state, "\xc5\x81\xc3\xb3" "d\xc5\xba", "lodz");
	folds(*state, "S\xc3\xb8ren \xc3\x86r\xc3\xb8", "soren aero");
	folds(*state, "\xc3\x9e\xc3\xb3r\xc3\xb0ur \xc5\x92uvre",
	    "thordur oeuvre");
	folds(*state, "\xc4\xb0zm\xc4\xb1r", "izmir");
}

static void
fold_white_space(void **state)
{
	folds(*state, " \t a \n\r b\xc2\xa0\xe3\x80\x80" "c  ", "a b c");
	folds(*state, "   ", "");
	folds(*state, "", "");
}

/* A soft hyphen or a zero-width joiner must not hide a name. */
static void
fold_drops_the_invisible(void **state)
{
	folds(*state, "Schmi\xc2\xad" "dt\xe2\x80\x8d", "schmidt");
}

static void
fold_refuses_bad_utf8(void **state)
{
	struct bytes	out = bytes_str("untouched");

	assert_int_equal(text_fold(*state, bytes_str("a\xff"), &out),
	    ERR_SYNTAX);
	assert_bytes(out, "untouched");
}

/*
 * Every code point: folding twice is folding once, and the canonically
 * decomposed spelling folds to the same.
 */
static void
fold_is_stable(void **state)
{
	struct arena		*a = *state;
	utf8proc_int32_t	 code;

	for (code = 1; code <= 0x10ffff; code++) {
		uint8_t		 in[4], *nfd;
		struct bytes	 once, twice, other;
		utf8proc_ssize_t n;

		if (code >= 0xd800 && code <= 0xdfff)
			continue;
		n = utf8proc_encode_char(code, in);
		assert_int_equal(text_fold(a, bytes_of(in, (size_t)n), &once),
		    OK);
		assert_int_equal(text_fold(a, once, &twice), OK);
		if (!bytes_eq(once, twice))
			fail_msg("U+%04X folded twice differs", (int)code);
		n = utf8proc_map(in, n, &nfd, UTF8PROC_DECOMPOSE |
		    UTF8PROC_STABLE);
		assert_true(n >= 0);
		assert_int_equal(text_fold(a, bytes_of(nfd, (size_t)n),
		    &other), OK);
		free(nfd);
		if (!bytes_eq(once, other))
			fail_msg("U+%04X decomposed differs", (int)code);
		arena_reset(a);
	}
}

static void
unicode_version(void **state)
{
	(void)state;
	assert_non_null(strchr(text_unicode(), '.'));
}

static void
case_is_ascii_only(void **state)
{
	(void)state;
	assert_true(text_caseeq(bytes_str("Bearer"), bytes_str("bEARER")));
	assert_false(text_caseeq(bytes_str("[a"), bytes_str("{a")));
	assert_false(text_caseeq(bytes_str("a"), bytes_str("ab")));
	assert_false(text_caseeq(bytes_str("\xc3\x89"), bytes_str("\xc3\xa9")));
}

static void
numbers(void **state)
{
	uint64_t	v = 7;

	(void)state;
	assert_true(text_u64(bytes_str("0"), 0, &v));
	assert_int_equal(v, 0);
	assert_true(text_u64(bytes_str("18446744073709551615"), UINT64_MAX,
	    &v));
	assert_true(v == UINT64_MAX);
	assert_true(text_u64(bytes_str("007"), 9, &v));
	assert_int_equal(v, 7);
	assert_false(text_u64(bytes_str("18446744073709551616"), UINT64_MAX,
	    &v));
	assert_false(text_u64(bytes_str("10"), 9, &v));
	assert_false(text_u64(bytes_str(""), 9, &v));
	assert_false(text_u64(bytes_str("+1"), 9, &v));
	assert_false(text_u64(bytes_str("-1"), 9, &v));
	assert_false(text_u64(bytes_str(" 1"), 9, &v));
	assert_false(text_u64(bytes_str("1x"), 9, &v));
	assert_false(text_u64(bytes_str("\xd9\xa1"), 9, &v));
	assert_int_equal(v, 7);		/* untouched */
}

static void
b64url_round_trip(void **state)
{
	uint8_t		data[67];
	struct bytes	back;
	size_t		n;

	for (n = 0; n < sizeof(data); n++)
		data[n] = (uint8_t)(n * 89 + 3);
	for (n = 0; n <= sizeof(data); n++) {
		struct bytes	text = text_b64url(*state, bytes_of(data, n));

		assert_int_equal(text_unb64url(*state, text, &back), OK);
		assert_true(bytes_eq(back, bytes_of(data, n)));
	}
	assert_bytes(text_b64url(*state, bytes_str("\xfb\xff")), "-_8");
}

/* TOK-28: one token has one spelling. */
static void
b64url_is_strict(void **state)
{
	static const char *const	bad[] = {
		"-_8=", "+/8", "-_9", "-", "-_8 ", " -_8", "-_\n8", "-_8==",
		"AA=A", "AAAAA", "AB", "-_8."
	};
	struct bytes			out = bytes_str("untouched");
	size_t				i;

	for (i = 0; i < N_ELEM(bad); i++)
		if (text_unb64url(*state, bytes_str(bad[i]), &out) !=
		    ERR_SYNTAX)
			fail_msg("%s", bad[i]);
	assert_bytes(out, "untouched");
}

static void
hex(void **state)
{
	assert_bytes(text_hex(*state, bytes_of("\0\x7f\xff\xa5", 4)),
	    "007fffa5");
	assert_bytes(text_hex(*state, bytes_str("")), "");
}

static void
words_are_joined(void **state)
{
	const struct bytes word[] = { bytes_str("one"), { NULL, 0 },
	    bytes_str("three") };

	assert_bytes(text_join(*state, word, 0), "");
	assert_bytes(text_join(*state, NULL, 0), "");
	assert_bytes(text_join(*state, word, 1), "one");
	assert_bytes(text_join(*state, word, 3), "one  three");
}

static void
percent_decodes(void **state)
{
	struct bytes	out;

	assert_int_equal(text_unpct(*state, bytes_str("a%20b+c%2B%c3%A9"),
	    false, &out), OK);
	assert_bytes(out, "a b+c+\xc3\xa9");
	assert_int_equal(text_unpct(*state, bytes_str("a+b%2B"), true, &out),
	    OK);
	assert_bytes(out, "a b+");
}

static void
percent_refuses(void **state)
{
	static const char *const	bad[] = {
		"%", "%2", "%2g", "%g2", "%%20", "a%00b", "%u0041", "% 20"
	};
	struct bytes			out = bytes_str("untouched");
	size_t				i;

	for (i = 0; i < N_ELEM(bad); i++)
		if (text_unpct(*state, bytes_str(bad[i]), false, &out) !=
		    ERR_SYNTAX)
			fail_msg("%s", bad[i]);
	assert_int_equal(text_unpct(*state, bytes_of("a\0b", 3), false, &out),
	    ERR_SYNTAX);
	assert_bytes(out, "untouched");
}

static void
near_finds_slips(void **state)
{
	static const char *const	names[] = {
		"base-url", "base-alias", "data-dir", "user", NULL
	};

	(void)state;
	assert_string_equal(text_near(bytes_str("base-ulr"), names),
	    "base-url");
	assert_string_equal(text_near(bytes_str("Base_Url"), names),
	    "base-url");
	assert_string_equal(text_near(bytes_str("datadir"), names),
	    "data-dir");
	assert_string_equal(text_near(bytes_str("users"), names), "user");
	assert_null(text_near(bytes_str("password"), names));
	assert_null(text_near(bytes_str("xy"), names));
	assert_null(text_near(bytes_str(""), names));
}

static void
near_takes_any_length(void **state)
{
	static const char *const	names[] = { "base-url", NULL };
	char				word[5000];

	(void)state;
	memset(word, 'b', sizeof(word));
	assert_null(text_near(bytes_of(word, sizeof(word)), names));
	assert_null(text_near(bytes_of(word, 64), names));
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(utf8_accepts),
		cmocka_unit_test(utf8_refuses),
		cmocka_unit_test(fold_case_and_accents),
		cmocka_unit_test(fold_letters_without_decomposition),
		cmocka_unit_test(fold_white_space),
		cmocka_unit_test(fold_drops_the_invisible),
		cmocka_unit_test(fold_refuses_bad_utf8),
		cmocka_unit_test(fold_is_stable),
		cmocka_unit_test(unicode_version),
		cmocka_unit_test(case_is_ascii_only),
		cmocka_unit_test(numbers),
		cmocka_unit_test(b64url_round_trip),
		cmocka_unit_test(b64url_is_strict),
		cmocka_unit_test(hex),
		cmocka_unit_test(percent_decodes),
		cmocka_unit_test(words_are_joined),
		cmocka_unit_test(percent_refuses),
		cmocka_unit_test(near_finds_slips),
		cmocka_unit_test(near_takes_any_length),
	};

	return cmocka_run_group_tests_name("base_text", tests, open_arena,
	    close_arena);
}
