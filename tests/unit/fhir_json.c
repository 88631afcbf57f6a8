/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resource text: what is refused, and where (JSN-01 to JSN-13).
 */
#include <stdio.h>
#include <stdlib.h>

#include "fhir/json.h"
#include "tests/unit/unit.h"

static const struct json_limits limits = {
	.bytes = 4 << 20, .depth = 64, .tokens = 200000
};

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

static enum err
doc(struct arena *a, struct bytes text, struct issues *is,
    struct json_doc *out)
{
	*is = issues_on(a);
	return json_doc(a, text, bytes_of(NULL, 0), &limits, is, out);
}

/* {"resourceType":"Basic","x":VALUE} */
static struct bytes
with(struct arena *a, const char *value)
{
	return bytes_str(arena_printf(a,
	    "{\"resourceType\":\"Basic\",\"x\":%s}", value));
}

struct refusal {
	const char	*id;
	const char	*text;		/* whole text, or value of x */
	const char	*rule;
	const char	*place;		/* NULL: not looked at */
};

/* Whole texts. */
static const struct refusal texts[] = {
	{ "JSN-01", "{\"resourceType\":\"Basic\",\"a\":true,\n \"a\":false}",
	    "json-duplicate", "line 2, column 5" },
	{ "JSN-01", "{\"resourceType\":\"Basic\",\"a\":1,\"\\u0061\":2}",
	    "json-duplicate", "line 1, column 39" },
	{ "JSN-01", "{\"resourceType\":\"Basic\",\"x\":{\"b\":1,\"b\":1}}",
	    "json-duplicate", NULL },
	{ "JSN-09", "\xef\xbb\xbf{\"resourceType\":\"Basic\"}", "json-bom",
	    "line 1, column 1" },
	{ "JSN-09", "{\"resourceType\":\"Basic\"} x", "json-syntax",
	    "line 1, column 26" },
	{ "JSN-09", "{\"resourceType\":\"Basic\"}{}", "json-syntax", NULL },
	{ "JSN-09", "[{\"resourceType\":\"Basic\"}]", "json-syntax",
	    "line 1, column 1" },
	{ "JSN-09", "1", "json-syntax", NULL },
	{ "JSN-09", "\"Basic\"", "json-syntax", NULL },
	{ "JSN-09", "null", "json-syntax", NULL },
	{ "JSN-09", "/* a */{\"resourceType\":\"Basic\"}", "json-syntax",
	    NULL },
	{ "JSN-09", "{// a\n\"resourceType\":\"Basic\"}", "json-syntax",
	    NULL },
	{ "", "", "json-syntax", "line 1, column 1" },
	{ "", " \n ", "json-syntax", "line 2, column 2" },
	{ "", "{", "json-syntax", NULL },
	{ "", "{}", "json-empty", "line 1, column 2" },
	{ "", "{\"resourceType\":\"Basic\"", "json-syntax", NULL },
	{ "", "{\"resourceType\":\"Basic\",}", "json-syntax", NULL },
	{ "", "{\"resourceType\" \"Basic\"}", "json-syntax", NULL },
	{ "", "{'resourceType':'Basic'}", "json-syntax", NULL },
	{ "", "{resourceType:\"Basic\"}", "json-syntax", NULL },
	{ "", "{\"resourceType\":\"Basic\"]", "json-syntax", NULL },
	{ "", "{\"resourceType\":\"Basic", "json-syntax", NULL },
	{ "JSN-12", "{\"resourceType\":\"Basic\",\"\":true}", "json-empty",
	    NULL },
	{ "JSN-10", "{\"id\":\"1\"}", "resource-type", "resourceType" },
	{ "JSN-10", "{\"resourceType\":7}", "resource-type",
	    "resourceType" },
	{ "JSN-10", "{\"resourceType\":\"patient\"}", "resource-type",
	    "resourceType" },
	{ "JSN-10", "{\"resourcetype\":\"Patient\"}", "resource-type",
	    "resourceType" },
	{ "JSN-10", "{\"resourceType\":[\"Patient\"]}", "resource-type",
	    "resourceType" },
	{ "", "{\"resourceType\":\"Basic\",\"id\":\"a/b\"}", "resource-id",
	    "Basic.id" },
	{ "", "{\"resourceType\":\"Basic\",\"id\":7}", "resource-id",
	    "Basic.id" },
	{ "", "{\"resourceType\":\"Basic\",\"id\":{\"a\":1}}",
	    "resource-id", "Basic.id" },
	{ "", "{\"resourceType\":\"Basic\",\"meta\":[\"a\"]}",
	    "resource-meta", "Basic.meta" },
};

/* Values of a member. */
static const struct refusal values[] = {
	{ "JSN-05", "\"\xff\"", "json-utf8", "line 1, column 30" },
	{ "JSN-05", "\"\xc0\xaf\"", "json-utf8", NULL },
	{ "JSN-05", "\"\xe0\x80\xaf\"", "json-utf8", NULL },
	{ "JSN-05", "\"\xf0\x80\x80\xaf\"", "json-utf8", NULL },
	{ "JSN-05", "\"\xed\xa0\x80\"", "json-utf8", NULL },
	{ "JSN-05", "\"\xf4\x90\x80\x80\"", "json-utf8", NULL },
	{ "JSN-05", "\"\xe2\x82\"", "json-utf8", NULL },
	{ "JSN-05", "\"\\ud800\"", "json-surrogate", "line 1, column 30" },
	{ "JSN-05", "\"\\udc00\"", "json-surrogate", NULL },
	{ "JSN-05", "\"\\udc00\\ud800\"", "json-surrogate", NULL },
	{ "JSN-05", "\"\\ud800\\u0041\"", "json-surrogate", NULL },
	{ "JSN-06", "\"a\\u0000b\"", "json-control", NULL },
	{ "JSN-06", "\"a\x01z\"", "json-control", NULL },
	{ "JSN-06", "\"a\nz\"", "json-control", NULL },
	{ "JSN-06", "\"a\\u001fz\"", "json-control", NULL },
	{ "JSN-06", "\"\\u0001\"", "json-control", NULL },
	{ "JSN-06", "\"a\\bz\"", "json-control", NULL },
	{ "", "\"\\x41\"", "json-escape", NULL },
	{ "", "\"\\u00g1\"", "json-escape", NULL },
	{ "", "\"\\", "json-escape", NULL },
	{ "JSN-07", "1e999", "json-number", "line 1, column 30" },
	{ "JSN-07", "1E2", "json-number", NULL },
	{ "JSN-07", "9223372036854775808", "json-number", NULL },
	{ "JSN-07", "NaN", "json-syntax", "line 1, column 29" },
	{ "JSN-07", "Infinity", "json-syntax", NULL },
	{ "JSN-07", "01", "json-number", NULL },
	{ "JSN-07", "-01.5", "json-number", NULL },
	{ "JSN-07", "+1", "json-syntax", NULL },
	{ "JSN-07", ".5", "json-syntax", NULL },
	{ "JSN-07", "5.", "json-number", NULL },
	{ "JSN-07", "-", "json-number", NULL },
	{ "JSN-07", "1.2.3", "json-syntax", NULL },
	{ "JSN-07", "0x10", "json-syntax", NULL },
	{ "", "truth", "json-syntax", NULL },
	{ "", "True", "json-syntax", NULL },
	{ "", "\"\"", "json-empty", NULL },
	{ "", "[]", "json-empty", NULL },
	{ "", "{}", "json-empty", NULL },
	{ "", "[{}]", "json-empty", NULL },
	{ "", "null", "json-null", "line 1, column 29" },
	{ "", "[1,]", "json-syntax", NULL },
	{ "", "[1 2]", "json-syntax", NULL },
	{ "", "[1}", "json-syntax", NULL },
	{ "", "{\"a\":1]", "json-syntax", NULL },
	{ "", "{\"a\"}", "json-syntax", NULL },
	{ "", "{1:1}", "json-syntax", NULL },
};

static void
refuse(struct arena *a, const struct refusal *r, struct bytes text)
{
	struct json_doc d = { .type = 77 };
	struct issues is;
	enum err e = doc(a, text, &is, &d);

	if (e == OK || is.n != 1 || strcmp(is.first->rule, r->rule) != 0 ||
	    (r->place != NULL && strcmp(is.first->place, r->place) != 0))
		fail_msg("%s %s: %s %s at %s", r->id, r->text, err_name(e),
		    is.n > 0 ? is.first->rule : "-",
		    is.n > 0 && is.first->place ? is.first->place : "-");
	assert_int_equal(e, strncmp(r->rule, "resource", 8) == 0 ?
	    ERR_VALUE : ERR_SYNTAX);
	assert_int_equal(d.head.len + d.tail.len, 0);
	assert_true((d.tree != NULL) == (strcmp(r->rule, "resource-id") == 0 ||
	    strcmp(r->rule, "resource-meta") == 0));
}

static void
wrong_texts_are_refused(void **state)
{
	size_t i;

	for (i = 0; i < N_ELEM(texts); i++)
		refuse(*state, &texts[i], bytes_str(texts[i].text));
}

static void
wrong_values_are_refused(void **state)
{
	size_t i;

	for (i = 0; i < N_ELEM(values); i++)
		refuse(*state, &values[i], with(*state, values[i].text));
}

/* No length of a good text but the whole is good. */
static void
every_cut_is_refused(void **state)
{
	static const char text[] = "{\"resourceType\":\"Basic\",\"x\":[1.50,"
	    "null,\"\\ud83d\\ude00\",{\"a\":true}]}";
	struct json_doc d;
	struct issues is;
	size_t i;
	char *cut;

	for (i = 0; i < sizeof(text) - 1; i++) {
		/* own memory of this size: a read beyond is seen by ASan */
		cut = malloc(i + 1);
		assert_non_null(cut);
		memcpy(cut, text, i);
		assert_int_equal(doc(*state, bytes_of(cut, i), &is, &d),
		    ERR_SYNTAX);
		free(cut);
	}
	assert_int_equal(doc(*state, bytes_of(text, i), &is, &d), OK);
}

/* JSN-09 */
static void
utf16_is_named(void **state)
{
	struct json_doc d;
	struct issues is;

	assert_int_equal(doc(*state, bytes_of("\xff\xfe{\0", 4), &is, &d),
	    ERR_SYNTAX);
	assert_string_equal(is.first->rule, "json-utf8");
	assert_int_equal(doc(*state, bytes_of("\0{\0\"", 4), &is, &d),
	    ERR_SYNTAX);
	assert_string_equal(is.first->rule, "json-utf8");
}

/* The text of a Basic up to its own members; its length. */
static size_t
start(char *p, size_t room, const char *members)
{
	return (size_t)snprintf(p, room, "{\"resourceType\":\"Basic\",%s",
	    members);
}

static struct bytes
nested(struct arena *a, size_t depth)
{
	char *p = arena_alloc(a, 2 * depth + 64);
	size_t i, n = start(p, 64, "\"x\":");

	for (i = 1; i < depth; i++)
		p[n++] = '[';
	p[n++] = '1';
	for (i = 1; i < depth; i++)
		p[n++] = ']';
	p[n++] = '}';
	return bytes_of(p, n);
}

/* JSN-02 */
static void
depth_has_a_limit(void **state)
{
	struct json_doc d;
	struct issues is;

	assert_int_equal(doc(*state, nested(*state, 64), &is, &d), OK);
	assert_int_equal(doc(*state, nested(*state, 65), &is, &d),
	    ERR_SYNTAX);
	assert_string_equal(is.first->rule, "json-depth");
	assert_int_equal(doc(*state, nested(*state, 100000), &is, &d),
	    ERR_SYNTAX);
}

static struct bytes
repeated(struct arena *a, const char *unit, size_t n)
{
	size_t len = strlen(unit), i, at;
	char *p = arena_alloc(a, n * len + 64);

	at = start(p, 64, "\"x\":[");
	for (i = 0; i < n; i++, at += len)
		memcpy(p + at, unit, len);
	memcpy(p + at, "0]}", 3);
	return bytes_of(p, at + 3);
}

/* What is JSON and none of FHIR's is told at once, but not without end. */
static void
odd_values_are_told_at_once(void **state)
{
	static const char *const want[][2] = {
		{ "json-empty", "line 1, column 34" },
		{ "json-null", "line 2, column 5" },
		{ "json-empty", "line 2, column 16" },
		{ "json-empty", "line 3, column 7" },
		{ "json-syntax", "line 3, column 11" }
	};
	struct json_doc d;
	struct issues is;
	const struct issue *i;
	size_t n = 0;

	assert_int_equal(doc(*state, bytes_str("{\"resourceType\":\"Basic\","
	    "\"a\":[\"\xc3\xa9\",\"\"],\n\"b\":null,\"c\":[{}],\n"
	    "\"d\":[[],1,]}"), &is, &d), ERR_SYNTAX);
	for (i = is.first; i != NULL; i = i->next, n++) {
		assert_true(n < N_ELEM(want));
		assert_string_equal(i->rule, want[n][0]);
		assert_string_equal(i->place, want[n][1]);
	}
	assert_int_equal(n, N_ELEM(want));
	assert_int_equal(doc(*state, repeated(*state, "\"\",", 1900), &is, &d),
	    ERR_SYNTAX);
	assert_int_equal(is.n, 101);
}

/* JSN-03, JSN-04: refused before a tree is built */
static void
tokens_have_a_limit(void **state)
{
	struct json_doc d;
	struct issues is;
	size_t before;

	assert_int_equal(doc(*state, repeated(*state, "0,", 1900000), &is,
	    &d), ERR_TOOBIG);
	assert_string_equal(is.first->rule, "json-tokens");
	assert_int_equal(doc(*state, repeated(*state, "{},", 1200000), &is,
	    &d), ERR_SYNTAX);
	assert_string_equal(is.first->rule, "json-empty");
	before = arena_used(*state);
	assert_int_equal(doc(*state, repeated(*state, "{\"a\":1},", 400000),
	    &is, &d), ERR_TOOBIG);
	assert_true(arena_used(*state) - before < (64u << 20));
	/* resourceType, its value, x, the array, 199996 values: the limit */
	assert_int_equal(doc(*state, repeated(*state, "0,", 199994), &is,
	    &d), OK);
	assert_int_equal(doc(*state, repeated(*state, "0,", 199995), &is,
	    &d), ERR_TOOBIG);
}

static void
bytes_have_a_limit(void **state)
{
	struct json_limits small = { .bytes = 24, .depth = 64, .tokens = 9 };
	struct issues is = issues_on(*state);
	struct json_doc d;

	assert_int_equal(json_doc(*state,
	    bytes_str("{\"resourceType\":\"Basic\"}"), bytes_of(NULL, 0),
	    &small, &is, &d), OK);
	assert_int_equal(json_doc(*state,
	    bytes_str("{\"resourceType\":\"Basic\"} "), bytes_of(NULL, 0),
	    &small, &is, &d), ERR_TOOBIG);
	assert_string_equal(is.first->rule, "resource-bytes");
}

/* JSN-12, JSN-13 */
static void
long_names_and_numbers_are_refused(void **state)
{
	char *p = arena_alloc(*state, (1 << 20) + 64);
	struct json_doc d;
	struct issues is;
	size_t n;

	n = start(p, 64, "\"x\":0.");
	memset(p + n, '7', 1 << 20);
	p[n + (1 << 20)] = '}';
	assert_int_equal(doc(*state, bytes_of(p, n + (1 << 20) + 1), &is,
	    &d), ERR_SYNTAX);
	assert_string_equal(is.first->rule, "json-number");
	n = start(p, 64, "\"");
	memset(p + n, 'a', 1 << 20);
	memcpy(p + n + (1 << 20), "\":1}", 4);
	assert_int_equal(doc(*state, bytes_of(p, n + (1 << 20) + 4), &is,
	    &d), ERR_SYNTAX);
	assert_string_equal(is.first->rule, "json-name");
}

/* JSN-12: inert names, and 60,000 of them */
static void
odd_names_are_inert(void **state)
{
	char *p = arena_alloc(*state, 4 << 20);
	struct json_doc d;
	struct issues is;
	size_t i, n;

	assert_int_equal(doc(*state, bytes_str("{\"resourceType\":\"Basic\","
	    "\"__proto__\":{\"a\":1},\"constructor\":true}"), &is, &d), OK);
	n = start(p, 64, "\"k\":1");
	for (i = 1; i < 60000; i++)
		n += (size_t)snprintf(p + n, 32, ",\"k%zu\":1", i);
	p[n++] = '}';
	assert_int_equal(doc(*state, bytes_of(p, n), &is, &d), OK);
	assert_int_equal(json_object_size(d.tree), 60001);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f)	cmocka_unit_test_setup_teardown(f, open_arena, close_arena)
		T(wrong_texts_are_refused),
		T(wrong_values_are_refused),
		T(every_cut_is_refused),
		T(utf16_is_named),
		T(depth_has_a_limit),
		T(odd_values_are_told_at_once),
		T(tokens_have_a_limit),
		T(bytes_have_a_limit),
		T(long_names_and_numbers_are_refused),
		T(odd_names_are_inert),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
