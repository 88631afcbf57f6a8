/* SPDX-License-Identifier: Apache-2.0 */
#include "fhir/bundle.h"

#include <jansson.h>

#include "fhir/def.h"

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

static uint16_t
type(const char *name)
{
	return def_type(bytes_str(name))->num;
}

static struct bytes
json(struct arena *a, const struct bundle *b)
{
	struct buf	out = buf_on(a, 100000);
	struct bytes	text;

	bundle_json(b, &out);
	assert_int_equal(buf_end(&out, &text), OK);
	return text;
}

static struct bundle
empty(enum bundle_kind kind)
{
	return (struct bundle){
		.kind = kind, .base = bytes_str("http://h/fhir"),
		.now = { 0 }, .id = bytes_str("b1")
	};
}

/* S13, S14, S15: total, links, full URLs and modes, in DSTU2's order. */
static void
searchset_to_the_byte(void **state)
{
	const struct bundle_link	link[] = {
		{ "self", bytes_str("http://h/fhir/Patient?name=a") },
		{ "next", bytes_str("http://h/fhir/Patient?_cursor=x") }
	};
	const struct bundle_entry	entry[] = {
		{ .type = type("Patient"), .id = bytes_str("p1"),
		  .mode = ENTRY_MATCH, .body = bytes_str("{\"a\":1.00}") },
		{ .type = type("Organization"), .id = bytes_str("o1"),
		  .mode = ENTRY_INCLUDE, .body = bytes_str("{\"b\":2}") },
		{ .type = type("OperationOutcome"), .id = bytes_str("x"),
		  .mode = ENTRY_OUTCOME, .body = bytes_str("{\"c\":3}") }
	};
	struct bundle			b = empty(BUNDLE_SEARCHSET);

	b.total = 12;
	b.link = link;
	b.n_link = N_ELEM(link);
	b.entry = entry;
	b.n_entry = N_ELEM(entry);
	assert_bytes(json(*state, &b),
	    "{\"resourceType\":\"Bundle\",\"id\":\"b1\","
	    "\"meta\":{\"lastUpdated\":\"1970-01-01T00:00:00.000Z\"},"
	    "\"type\":\"searchset\",\"total\":12,\"link\":["
	    "{\"relation\":\"self\","
	    "\"url\":\"http://h/fhir/Patient?name=a\"},"
	    "{\"relation\":\"next\","
	    "\"url\":\"http://h/fhir/Patient?_cursor=x\"}],\"entry\":["
	    "{\"fullUrl\":\"http://h/fhir/Patient/p1\","
	    "\"resource\":{\"a\":1.00},\"search\":{\"mode\":\"match\"}},"
	    "{\"fullUrl\":\"http://h/fhir/Organization/o1\","
	    "\"resource\":{\"b\":2},\"search\":{\"mode\":\"include\"}},"
	    "{\"fullUrl\":\"http://h/fhir/OperationOutcome/x\","
	    "\"resource\":{\"c\":3},\"search\":{\"mode\":\"outcome\"}}]}");
}

/* Interop 26: a member without content is not there at all. */
static void
nothing_found_has_no_empty_arrays(void **state)
{
	struct bundle	b = empty(BUNDLE_SEARCHSET);

	assert_bytes(json(*state, &b),
	    "{\"resourceType\":\"Bundle\",\"id\":\"b1\","
	    "\"meta\":{\"lastUpdated\":\"1970-01-01T00:00:00.000Z\"},"
	    "\"type\":\"searchset\",\"total\":0}");
}

/* R03, bdl-3, bdl-4, bdl-6: request always, response never, and a full URL
 * exactly where there is a resource. */
static void
history_tells_each_request(void **state)
{
	const struct bundle_entry	entry[] = {
		{ .type = type("Patient"), .id = bytes_str("p1"),
		  .version = 3, .deleted = true },
		{ .type = type("Patient"), .id = bytes_str("p1"),
		  .version = 2, .body = bytes_str("{\"a\":2}") },
		{ .type = type("Patient"), .id = bytes_str("p1"),
		  .version = 1, .body = bytes_str("{\"a\":1}") }
	};
	struct bundle			b = empty(BUNDLE_HISTORY);

	b.total = UINT64_MAX;
	b.entry = entry;
	b.n_entry = N_ELEM(entry);
	assert_bytes(json(*state, &b),
	    "{\"resourceType\":\"Bundle\",\"id\":\"b1\","
	    "\"meta\":{\"lastUpdated\":\"1970-01-01T00:00:00.000Z\"},"
	    "\"type\":\"history\",\"total\":18446744073709551615,\"entry\":["
	    "{\"request\":{\"method\":\"DELETE\",\"url\":\"Patient/p1\"}},"
	    "{\"fullUrl\":\"http://h/fhir/Patient/p1\","
	    "\"resource\":{\"a\":2},"
	    "\"request\":{\"method\":\"PUT\",\"url\":\"Patient/p1\"}},"
	    "{\"fullUrl\":\"http://h/fhir/Patient/p1\","
	    "\"resource\":{\"a\":1},"
	    "\"request\":{\"method\":\"POST\",\"url\":\"Patient\"}}]}");
}

/* The buffer may hold something before, and its ceiling holds. */
static void
appends_under_the_ceiling(void **state)
{
	struct bundle	b = empty(BUNDLE_SEARCHSET);
	struct buf	out = buf_on(*state, 1000);
	struct bytes	text;
	size_t		len = json(*state, &b).len;

	buf_str(&out, "head");
	bundle_json(&b, &out);
	assert_int_equal(buf_end(&out, &text), OK);
	assert_int_equal(text.len, len + 4);
	assert_bytes(bytes_sub(text, 0, 6), "head{\"");
	out = buf_on(*state, len - 1);
	bundle_json(&b, &out);
	assert_int_equal(buf_end(&out, &text), ERR_TOOBIG);
}

/* A page as large as they come is JSON that a strict reader takes. */
static void
large_page_is_json(void **state)
{
	struct bundle_entry	entry[100] = { { 0 } };
	struct bundle		b = empty(BUNDLE_SEARCHSET);
	struct bytes		text;
	json_t			*tree;
	size_t			 i;

	for (i = 0; i < N_ELEM(entry); i++) {
		entry[i].type = (uint16_t)(i % DEF_TYPES + 1);
		entry[i].id = bytes_str("some-id");
		entry[i].body = bytes_str("{\"resourceType\":\"Any\"}");
	}
	b.entry = entry;
	b.n_entry = b.total = N_ELEM(entry);
	text = json(*state, &b);
	tree = json_loadb((const char *)text.p, text.len,
	    JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(tree);
	assert_int_equal(json_array_size(json_object_get(tree, "entry")),
	    N_ELEM(entry));
	json_decref(tree);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(searchset_to_the_byte),
		cmocka_unit_test(nothing_found_has_no_empty_arrays),
		cmocka_unit_test(history_tells_each_request),
		cmocka_unit_test(appends_under_the_ceiling),
		cmocka_unit_test(large_page_is_json)
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
