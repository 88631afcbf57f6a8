/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resource text: what survives, and what is stored (JSN-08, JSN-10, R24).
 */
#include "base/buf.h"
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

/* JSN-08, R24: digits survive in text and tree. */
static void
digits_survive(void **state)
{
	static const char *const numbers[] = {
		"1.00", "0.1234567890123456789", "-0", "-0.0", "0.10", "120",
		"0", "999999999999999999", "0.000000000000000000000000001"
	};
	struct json_doc d;
	struct issues is;
	const json_t *v;
	size_t i;

	for (i = 0; i < N_ELEM(numbers); i++) {
		assert_int_equal(doc(*state, bytes_str(arena_printf(*state,
		    "{\"resourceType\":\"Basic\",\"x\":%s}", numbers[i])), &is,
		    &d), OK);
		v = json_object_get(d.tree, "x");
		assert_true(json_is_num(v));
		assert_bytes(json_text(v), numbers[i]);
		assert_bytes(d.tail, arena_printf(*state, "},\"x\":%s}",
		    numbers[i]));
	}
}

static void
strings_survive(void **state)
{
	static const char text[] = "{\"resourceType\":\"Basic\",\"x\":"
	    "\"a \\u00e9\\/\\n\\\"\\\\ \xc3\xa9 \\ud83d\\ude00 1.0 { [\"}";
	struct json_doc d;
	struct issues is;

	assert_int_equal(doc(*state, bytes_str(text), &is, &d), OK);
	assert_bytes(d.text, text);
	assert_false(json_is_num(json_object_get(d.tree, "x")));
	assert_bytes(json_text(json_object_get(d.tree, "x")),
	    "a \xc3\xa9/\n\"\\ \xc3\xa9 \xf0\x9f\x98\x80 1.0 { [");
}

static void
space_is_dropped_outside_strings(void **state)
{
	struct json_doc d;
	struct issues is;

	assert_int_equal(doc(*state, bytes_str(" \n{ \"resourceType\" :\t"
	    "\"Basic\" ,\r\n \"x\" : [ 1.50 , \" a  b \" , true ] }\n"),
	    &is, &d), OK);
	assert_bytes(d.text, "{\"resourceType\":\"Basic\","
	    "\"x\":[1.50,\" a  b \",true]}");
}

/* JSN-10: resourceType may stand anywhere; ours go to the front. */
static void
frame_goes_to_the_front(void **state)
{
	struct json_doc d;
	struct issues is;

	assert_int_equal(doc(*state, bytes_str("{\"active\":true,"
	    "\"meta\":{\"versionId\":\"9\",\"profile\":[\"http://p\"],"
	    "\"_versionId\":{\"id\":\"q\"},\"lastUpdated\":\"x\","
	    "\"tag\":[{\"code\":\"t\"}]},\"_id\":{\"id\":\"z\"},"
	    "\"id\":\"p-1.A\",\"gender\":\"male\","
	    "\"resourceType\":\"Patient\"}"), &is, &d), OK);
	assert_bytes(d.id, "p-1.A");
	assert_bytes(d.head,
	    "{\"resourceType\":\"Patient\",\"id\":\"p-1.A\",\"meta\":{");
	assert_bytes(d.tail, ",\"profile\":[\"http://p\"],"
	    "\"tag\":[{\"code\":\"t\"}]},\"active\":true,"
	    "\"_id\":{\"id\":\"z\"},\"gender\":\"male\"}");
	assert_bytes(json_final(*state, d.head, d.tail, 3,
	    (struct instant){ 0 }), "{\"resourceType\":\"Patient\","
	    "\"id\":\"p-1.A\",\"meta\":{\"versionId\":\"3\","
	    "\"lastUpdated\":\"1970-01-01T00:00:00.000Z\","
	    "\"profile\":[\"http://p\"],\"tag\":[{\"code\":\"t\"}]},"
	    "\"active\":true,\"_id\":{\"id\":\"z\"},"
	    "\"gender\":\"male\"}");
}

/* A name in escapes is the same name: no second id gets into the store. */
static void
escaped_names_are_known(void **state)
{
	struct json_doc d;
	struct issues is;

	assert_int_equal(doc(*state, bytes_str("{\"resourceType\":\"Basic\","
	    "\"\\u0069d\":\"a\",\"m\\u0065ta\":{\"v\\u0065rsionId\":\"7\","
	    "\"source\":\"s\"},\"i\\u0064x\":1}"), &is, &d), OK);
	assert_bytes(d.id, "a");
	assert_bytes(d.head,
	    "{\"resourceType\":\"Basic\",\"id\":\"a\",\"meta\":{");
	assert_bytes(d.tail, ",\"source\":\"s\"},\"i\\u0064x\":1}");
}

static void
given_id_wins_in_the_stored_text(void **state)
{
	struct issues is = issues_on(*state);
	struct json_doc d;

	assert_int_equal(json_doc(*state, bytes_str("{\"resourceType\":"
	    "\"Basic\",\"id\":\"theirs\"}"), bytes_str("ours"), &limits,
	    &is, &d), OK);
	assert_bytes(d.id, "theirs");
	assert_bytes(d.head,
	    "{\"resourceType\":\"Basic\",\"id\":\"ours\",\"meta\":{");
	assert_int_equal(json_doc(*state, bytes_str("{\"resourceType\":"
	    "\"Basic\"}"), bytes_str("a b"), &limits, &is, &d), ERR_VALUE);
}

static void
text_without_id_or_meta_is_fine(void **state)
{
	struct json_doc d;
	struct issues is;

	assert_int_equal(doc(*state, bytes_str("{\"resourceType\":\"Basic\"}"),
	    &is, &d), OK);
	assert_int_equal(d.id.len, 0);
	assert_bytes(d.head, "{\"resourceType\":\"Basic\",\"meta\":{");
	assert_bytes(d.tail, "}}");
}

static void
comments_and_padding_stay(void **state)
{
	static const char text[] = "{\"resourceType\":\"Patient\","
	    "\"fhir_comments\":[\" a \"],\"name\":[{\"given\":[\"A\",null],"
	    "\"_given\":[null,{\"id\":\"x\"}]}]}";
	struct json_doc d;
	struct issues is;

	assert_int_equal(doc(*state, bytes_str(text), &is, &d), OK);
	assert_bytes(d.text, text);
}

static void
misspelt_type_gets_a_hint(void **state)
{
	struct json_doc d;
	struct issues is;

	assert_int_equal(doc(*state, bytes_str(
	    "{\"resourceType\":\"Obsrvation\"}"), &is, &d), ERR_VALUE);
	assert_non_null(strstr(is.first->text, "did you mean Observation"));
}

static void
ids_are_checked(void **state)
{
	char longest[66];

	(void)state;
	memset(longest, 'a', sizeof(longest));
	assert_true(json_id_ok(bytes_str("a-Z.9")));
	assert_true(json_id_ok(bytes_of(longest, 64)));
	assert_false(json_id_ok(bytes_of(longest, 65)));
	assert_false(json_id_ok(bytes_str("")));
	assert_false(json_id_ok(bytes_str("a_b")));
	assert_false(json_id_ok(bytes_str("a/b")));
	assert_false(json_id_ok(bytes_str("a@b")));
	assert_false(json_id_ok(bytes_str("a[b")));
	assert_false(json_id_ok(bytes_str("\xc3\xa9")));
	assert_false(json_id_ok(bytes_of("a\0", 2)));
}

static void
pretty_keeps_digits_and_strings(void **state)
{
	struct bytes once;

	once = json_pretty(*state, bytes_str("{\"a\":[1.00,\"x, {y}: \\\"\"],"
	    "\"b\":{},\"c\":{\"d\":true}}"), SIZE_MAX);
	assert_bytes(once, "{\n  \"a\": [\n    1.00,\n    \"x, {y}: \\\"\"\n"
	    "  ],\n  \"b\": {},\n  \"c\": {\n    \"d\": true\n  }\n}");
	/* white space does not add up */
	assert_true(bytes_eq(json_pretty(*state, once, SIZE_MAX), once));
}

/* A list 64 deep, of short members: its lines are mostly white space. */
static void
pretty_keeps_text_that_would_grow_too_long(void **state)
{
	struct buf b = buf_on(*state, SIZE_MAX / 4);
	struct bytes text, out;
	int i;

	for (i = 0; i < 64; i++)
		buf_str(&b, "[");
	for (i = 0; i < 1000; i++)
		buf_str(&b, "1,");
	buf_str(&b, "1");
	for (i = 0; i < 64; i++)
		buf_str(&b, "]");
	assert_int_equal(buf_end(&b, &text), OK);
	assert_true(json_pretty(*state, text, SIZE_MAX).len > 50 * text.len);
	out = json_pretty(*state, text, 50 * text.len);
	assert_ptr_equal(out.p, text.p);
	assert_int_equal(out.len, text.len);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f)	cmocka_unit_test_setup_teardown(f, open_arena, close_arena)
		T(digits_survive),
		T(strings_survive),
		T(space_is_dropped_outside_strings),
		T(frame_goes_to_the_front),
		T(escaped_names_are_known),
		T(given_id_wins_in_the_stored_text),
		T(text_without_id_or_meta_is_fine),
		T(comments_and_padding_stay),
		T(misspelt_type_gets_a_hint),
		T(ids_are_checked),
		T(pretty_keeps_digits_and_strings),
		T(pretty_keeps_text_that_would_grow_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
