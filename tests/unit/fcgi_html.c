/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi_html.c -- a page holds what its template says and nothing else.
 *
 * Attack cases LOG-10, AUZ-29, LOG-12.
 */
#include "tests/unit/unit.h"

#include "base/attr.h"
#include "fcgi/html.h"

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new(0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

/* The page as text, or "ERR_..." */
static const char *
page(struct html *h)
{
	struct bytes out;
	enum err e = html_end(h, &out);

	return e == OK ? arena_str(a, out) : err_name(e);
}

static const char *
text_of(const char *value, size_t len)
{
	struct html h = html_on(a, 4096);

	HTML(&h, "<p>{t}</p>", bytes_of(value, len));
	return page(&h);
}

static const char *
url_of(const char *value)
{
	struct html h = html_on(a, 4096);

	HTML(&h, "<a href=\"{u}\">x</a>", bytes_str(value));
	return page(&h);
}

static void
test_text_is_escaped(void **state)
{
	(void)state;
	assert_string_equal(text_of("<script>'&\"</p>", 15),
	    "<p>&lt;script&gt;&#39;&amp;&quot;&lt;/p&gt;</p>");
}

static void
test_value_is_escaped(void **state)
{
	struct html h = html_on(a, 4096);

	(void)state;
	HTML(&h, "<input value=\"{a}\">", bytes_str("\" onfocus=\"x"));
	assert_string_equal(page(&h),
	    "<input value=\"&quot; onfocus=&quot;x\">");
}

/* AUZ-29: an override would let "gro.live" read as "evil.org". */
static void
test_direction_is_dropped(void **state)
{
	static const char mean[] = "a\xE2\x80\xAE" "b\xE2\x81\xA6" "c\x01"
	    "d\xE2\x80\x8B" "e\xEF\xBB\xBF" "f\x7F" "g\xC2\x85" "h";

	(void)state;
	assert_string_equal(text_of(mean, sizeof(mean) - 1),
	    "<p>abcdefgh</p>");
}

static void
test_other_scripts_stay(void **state)
{
	static const char name[] = "Zoë Ångström 山田 نیک\xE2\x80\x8Cنام 😀";

	(void)state;
	assert_string_equal(text_of(name, sizeof(name) - 1),
	    arena_printf(a, "<p>%s</p>", name));
}

static void
test_broken_utf8_is_replaced(void **state)
{
	static const char *const bad[] = { "\xC0\xBC", "\xED\xA0\x80",
	    "\xF8\x88\x80\x80", "\xE2\x82", "\x80" };
	const char *out;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(bad); i++) {
		out = text_of(bad[i], strlen(bad[i]));
		assert_memory_equal(out, "<p>\xEF\xBF\xBD", 6);
	}
	assert_string_equal(text_of("\0x", 2), "<p>x</p>");
}

static void
test_url_of_ours_and_the_web(void **state)
{
	(void)state;
	assert_string_equal(url_of("/auth/apps?x=1&y=2"),
	    "<a href=\"/auth/apps?x=1&amp;y=2\">x</a>");
	assert_string_equal(url_of("https://app.test/cb"),
	    "<a href=\"https://app.test/cb\">x</a>");
}

/* LOG-12: what a browser would follow elsewhere, or run. */
static void
test_other_urls_lead_nowhere(void **state)
{
	static const char *const bad[] = { "javascript:alert(1)",
	    "JaVaScRiPt:x", "data:text/html,x", "//evil.test", "/\\evil.test",
	    "https:evil", "relative", "", " /x", "/a b", "/a\nb",
	    "http:/\\x", "vbscript:x" };
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(bad); i++)
		assert_string_equal(url_of(bad[i]), "<a href=\"#\">x</a>");
}

static void
test_query_value_is_percent_encoded(void **state)
{
	struct html h = html_on(a, 4096);

	(void)state;
	HTML(&h, "<a href=\"{u}\"></a><a href=\"/x?id={q}\">",
	    bytes_str("/"), bytes_str("a&b=\"<é"));
	assert_string_equal(page(&h), "<a href=\"/\"></a>"
	    "<a href=\"/x?id=a%26b%3D%22%3C%C3%A9\">");
}

static void
test_keyword_is_a_word(void **state)
{
	struct html h = html_on(a, 4096), bad = html_on(a, 4096);

	(void)state;
	HTML(&h, "<input {k}><input {k}>", bytes_str("checked"),
	    bytes_str(""));
	assert_string_equal(page(&h), "<input checked><input >");
	HTML(&bad, "<input {k}>", bytes_str("onclick=x"));
	assert_string_equal(page(&bad), "ERR_BUG");
}

/* Each template names a context it is not in. */
static void
test_wrong_context_is_no_page(void **state)
{
	struct bytes x = bytes_str("/x");
	struct html h[8];
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(h); i++)
		h[i] = html_on(a, 4096);
	HTML(&h[0], "<p {t}>", x);
	HTML(&h[1], "<p a=\"{t}\">", x);
	HTML(&h[2], "<p>{a}</p>", x);
	HTML(&h[3], "<p a={a}>", x);
	HTML(&h[4], "<a href={u}>", x);
	HTML(&h[5], "<a href=\"x{u}\">", x);
	HTML(&h[6], "{k}", x);
	HTML(&h[7], "<p a=\"{k}\">", x);
	for (i = 0; i < N_ELEM(h); i++)
		assert_string_equal(page(&h[i]), "ERR_BUG");
}

/* The context goes on over calls: a tag may be opened in one of them. */
static void
test_context_lasts(void **state)
{
	struct html h = html_on(a, 4096);

	(void)state;
	HTML_LIT(&h, "<a title=\"");
	HTML(&h, "{a}", bytes_str("<"));
	HTML_LIT(&h, "\">");
	HTML(&h, "{t}</a>", bytes_str(">"));
	assert_string_equal(page(&h), "<a title=\"&lt;\">&gt;</a>");
}

static void
test_arguments_are_counted(void **state)
{
	struct html few = html_on(a, 4096), many = html_on(a, 4096);
	struct html odd = html_on(a, 4096);

	(void)state;
	HTML(&few, "<p>{t}{t}</p>", bytes_str("x"));
	assert_string_equal(page(&few), "ERR_BUG");
	HTML(&many, "<p>{t}</p>", bytes_str("x"), bytes_str("y"));
	assert_string_equal(page(&many), "ERR_BUG");
	HTML(&odd, "<p>{z}</p>", bytes_str("x"));
	assert_string_equal(page(&odd), "ERR_BUG");
}

static void
test_open_tag_is_no_page(void **state)
{
	struct html h = html_on(a, 4096);

	(void)state;
	HTML_LIT(&h, "<p class=\"x\"");
	assert_string_equal(page(&h), "ERR_BUG");
}

static void
test_page_has_a_limit(void **state)
{
	struct html h = html_on(a, 16);

	(void)state;
	HTML(&h, "<p>{t}</p>", bytes_str("0123456789abcdef"));
	assert_string_equal(page(&h), "ERR_TOOBIG");
}

/* AUZ-29: a name of 4 KiB. */
static void
test_long_text_is_cut(void **state)
{
	(void)state;
	assert_string_equal(arena_str(a, html_cut(a, bytes_str("Ångström"),
	    8)), "Ångström");
	assert_string_equal(arena_str(a, html_cut(a, bytes_str("Ångström"),
	    2)), "Ån…");
	assert_string_equal(arena_str(a, html_cut(a, bytes_str(""), 2)), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_is_escaped),
		cmocka_unit_test(test_value_is_escaped),
		cmocka_unit_test(test_direction_is_dropped),
		cmocka_unit_test(test_other_scripts_stay),
		cmocka_unit_test(test_broken_utf8_is_replaced),
		cmocka_unit_test(test_url_of_ours_and_the_web),
		cmocka_unit_test(test_other_urls_lead_nowhere),
		cmocka_unit_test(test_query_value_is_percent_encoded),
		cmocka_unit_test(test_keyword_is_a_word),
		cmocka_unit_test(test_wrong_context_is_no_page),
		cmocka_unit_test(test_context_lasts),
		cmocka_unit_test(test_arguments_are_counted),
		cmocka_unit_test(test_open_tag_is_no_page),
		cmocka_unit_test(test_page_has_a_limit),
		cmocka_unit_test(test_long_text_is_cut),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
