/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi_accept.c -- the spellings of JSON in the wild.  (L4)
 *
 * Interop 18, requirements 2.2, attack cases HTTP-14, HTTP-15.
 */
#include "tests/unit/unit.h"

#include "base/attr.h"
#include "fcgi/accept.h"

static enum media
choose(const char *accept, const char *format)
{
	return accept_choose(bytes_str(accept), bytes_str(format));
}

static void
test_headers(void **state)
{
	static const struct { const char *accept; enum media m; } cases[] = {
		{ "", MEDIA_ANY },
		{ "  ", MEDIA_ANY },
		{ "*/*", MEDIA_ANY },
		{ "application/json+fhir", MEDIA_JSON_FHIR },
		{ "application/json", MEDIA_JSON },
		{ "Application/JSON", MEDIA_JSON },
		{ "application/fhir+json", MEDIA_FHIR_JSON },
		{ "text/json", MEDIA_TEXT_JSON },
		{ "application/json;charset=utf-8", MEDIA_JSON },
		{ "application/json, text/javascript, */*; q=0.01",
		    MEDIA_JSON },
		{ "application/fhir+json;q=1.0, application/json+fhir;q=0.9",
		    MEDIA_FHIR_JSON },
		{ "application/json+fhir;q=0.5,application/json;q=0.6",
		    MEDIA_JSON },
		{ "*/*, application/json", MEDIA_JSON },
		{ "application/xml+fhir, application/json;q=0.2",
		    MEDIA_JSON },
		{ "application/*", MEDIA_ANY },
		{ "text/html,application/xhtml+xml,application/xml;q=0.9,"
		    "image/avif,image/webp,*/*;q=0.8", MEDIA_BROWSER },
		{ "application/json;q=0", MEDIA_NONE },
		{ "application/json;q=0, */*", MEDIA_ANY },
		{ "application/json;q=x", MEDIA_NONE },
		{ "application/json;q=2", MEDIA_NONE },
		{ "application/json;q=0.001", MEDIA_JSON },
		{ "application/foobar", MEDIA_NONE },
		{ "text/html", MEDIA_NONE },
		{ "application/xml+fhir", MEDIA_NONE },
		{ "application/fhir+xml", MEDIA_NONE },
		{ "json", MEDIA_NONE },
		{ ",,;;q=,", MEDIA_NONE },
		{ "application/jsonx", MEDIA_NONE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(cases); i++) {
		if (choose(cases[i].accept, "") != cases[i].m)
			fail_msg("Accept: %s: not %d", cases[i].accept,
			    (int)cases[i].m);
	}
}

static void
test_formats(void **state)
{
	static const struct { const char *format; enum media m; } cases[] = {
		{ "json", MEDIA_JSON_FHIR },
		{ "application/json", MEDIA_JSON },
		{ "application/json+fhir", MEDIA_JSON_FHIR },
		{ "application/json fhir", MEDIA_JSON_FHIR },
		{ "application/fhir json", MEDIA_FHIR_JSON },
		{ "application/json;charset=UTF-8", MEDIA_JSON },
		{ "text/json", MEDIA_TEXT_JSON },
		{ "xml", MEDIA_NONE },
		{ "application/xml+fhir", MEDIA_NONE },
		{ "text/html", MEDIA_NONE },
		{ "application/foobar", MEDIA_NONE },
		{ "*/*", MEDIA_NONE },
		{ "application/json+fhir+and+much+more+than+that",
		    MEDIA_NONE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(cases); i++) {
		if (choose("", cases[i].format) != cases[i].m)
			fail_msg("_format=%s: not %d", cases[i].format,
			    (int)cases[i].m);
	}
}

static void
test_format_rules_over_accept(void **state)
{
	(void)state;
	assert_int_equal(choose("application/xml", "json"), MEDIA_JSON_FHIR);
	assert_int_equal(choose("application/json", "xml"), MEDIA_NONE);
}

static void
test_answers_state_their_charset(void **state)
{
	(void)state;
	assert_string_equal(accept_type(MEDIA_ANY),
	    "application/json+fhir; charset=UTF-8");
	assert_string_equal(accept_type(MEDIA_NONE),
	    "application/json+fhir; charset=UTF-8");
	/* Never text/html, whoever asks (HTTP-15). */
	assert_string_equal(accept_type(MEDIA_BROWSER),
	    "application/json; charset=UTF-8");
	assert_string_equal(accept_type(MEDIA_FHIR_JSON),
	    "application/fhir+json; charset=UTF-8");
}

static bool
holds(const char *accept, const char *type)
{
	return accept_holds(bytes_str(accept), bytes_str(type));
}

static void
test_holds(void **state)
{
	(void)state;
	assert_true(holds("application/pdf", "application/pdf"));
	assert_true(holds("image/*, text/plain", "image/png"));
	assert_true(holds("*/*", "x/y"));
	assert_true(holds("text/plain", "text/plain; charset=utf-8"));
	assert_false(holds("image/*", "imagex/png"));
	assert_false(holds("image/*;q=0", "image/png"));
	assert_false(holds("", "image/png"));
	assert_false(holds("text/plain", ""));
}

static bool
is(const char *type)
{
	return accept_is(bytes_str(type), "application/x-www-form-urlencoded");
}

static void
test_form_types(void **state)
{
	(void)state;
	/* HTTP-14 */
	assert_true(is("application/x-www-form-urlencoded"));
	assert_true(is("Application/X-WWW-Form-Urlencoded; charset=UTF-8"));
	assert_true(is("application/x-www-form-urlencoded;charset=\"utf-8\""));
	assert_false(is("application/x-www-form-urlencoded; charset=utf-16"));
	assert_false(is("application/x-www-form-urlencoded, text/plain"));
	assert_false(is("application/json"));
	assert_false(is(""));
}

static void
test_bodies(void **state)
{
	static const struct {
		const char	*type;
		enum body	 body;
	} cases[] = {
		{ "application/json+fhir", BODY_JSON },
		{ "Application/FHIR+JSON;charset=\"UTF-8\"", BODY_JSON },
		{ "application/json; charset = utf-8", BODY_JSON },
		{ "text/json;", BODY_JSON },
		{ "application/json; charset=utf-16", BODY_FHIR },
		{ "application/xml+fhir", BODY_FHIR },
		{ "application/fhir+xml; charset=utf-8", BODY_FHIR },
		{ "application/fhir+turtle", BODY_FHIR },
		{ "application/xml", BODY_CONTENT },
		{ "text/html; charset=utf-8", BODY_CONTENT },
		{ "multipart/mixed; boundary=\"a b\"", BODY_CONTENT },
		{ "multipart/form-data; boundary=x", BODY_FORM },
		{ "application/x-www-form-urlencoded", BODY_FORM },
		{ "", BODY_UNKNOWN }, { "pdf", BODY_UNKNOWN },
		{ "application/", BODY_UNKNOWN }, { "/x", BODY_UNKNOWN },
		{ "text/plain, text/plain", BODY_UNKNOWN },
		{ "text/plain; charset", BODY_UNKNOWN },
		{ "text/plain\r\nX: y", BODY_UNKNOWN },
		{ "text/plain; a=\"b\nc\"", BODY_UNKNOWN },
		{ "text/plain; a=\"b", BODY_UNKNOWN },
		{ "text/plain; a=\"b\\\"", BODY_UNKNOWN },
		{ "*/*", BODY_UNKNOWN }, { "image/*", BODY_UNKNOWN },
		{ "text/pl\xc3\xa4in", BODY_UNKNOWN }
	};

	(void)state;
	for (size_t i = 0; i < N_ELEM(cases); i++)
		if (accept_body(bytes_str(cases[i].type)) != cases[i].body)
			fail_msg("%s", cases[i].type);
}

static void
test_usual_form(void **state)
{
	static const char *const cases[][2] = {
		{ "application/pdf", "application/pdf" },
		{ "  Text/Plain ;;\tcharset=utf-8 ; ", "Text/Plain; "
		    "charset=utf-8" },
		{ "multipart/mixed;boundary=\"a \\\"b\"; x=1",
		    "multipart/mixed; boundary=\"a \\\"b\"; x=1" }
	};
	struct arena *a = arena_new(0);
	char longest[ACCEPT_TYPE_MAX + 2];
	struct bytes out;
	struct buf b;

	(void)state;
	for (size_t i = 0; i < N_ELEM(cases); i++) {
		b = buf_on(a, 300);
		assert_true(accept_parse(bytes_str(cases[i][0]), &b));
		assert_int_equal(buf_end(&b, &out), OK);
		assert_true(bytes_is(out, cases[i][1]));
	}
	memset(longest, 'a', sizeof(longest));
	longest[1] = '/';
	assert_true(accept_parse(bytes_of(longest, ACCEPT_TYPE_MAX), NULL));
	assert_false(accept_parse(bytes_of(longest, ACCEPT_TYPE_MAX + 1),
	    NULL));
	arena_free(&a);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_format_rules_over_accept),
		cmocka_unit_test(test_answers_state_their_charset),
		cmocka_unit_test(test_holds),
		cmocka_unit_test(test_form_types),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_usual_form),
	};

	return cmocka_run_group_tests_name("fcgi_accept", tests, NULL, NULL);
}
