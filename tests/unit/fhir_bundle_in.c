/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fhir_bundle_in.c -- Bundles that ask: the envelope, names, tags.  (L1)
 *
 * Requirements R13, R20, R24; attack cases BAT-04, -07, JSN-01, -14.
 */
#include "tests/unit/unit.h"

#include "base/attr.h"
#include "fhir/bundle.h"
#include "fhir/bundle_in.h"
#include "fhir/json_scan.h"
#include "fhir/tags.h"

#define BASE	"http://h/fhir"

static struct arena *a;
static const struct json_limits lim = { 1 << 20, 64, 10000 };

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

/* --- the envelope --------------------------------------------------------- */

static enum err
read_text(const char *text, struct bundle_in *out, struct issues *is)
{
	*is = issues_on(a);
	return bundle_read(a, bytes_str(text), &lim, 3, is, out);
}

static void
test_envelope(void **state)
{
	struct bundle_in b;
	struct issues is;

	(void)state;
	assert_int_equal(read_text("{ \"type\": \"batch\", \"resourceType\":"
	    "\"Bundle\",\"entry\":[{\"fullUrl\":\"urn:x\",\"resource\":"
	    "{\"resourceType\":\"Patient\", \"id\":\"p\"},\"request\":"
	    "{\"method\":\"P\\u0055T\",\"url\":\"Patient/p\",\"ifMatch\":"
	    "\"W/\\\"1\\\"\"}},{\"request\":{\"method\":\"GET\",\"url\":"
	    "\"a\"}}]}", &b, &is), OK);
	assert_int_equal(b.kind, BUNDLE_BATCH);
	assert_int_equal(b.n, 2);
	assert_true(bytes_is(b.entry[0].method, "PUT"));
	assert_true(bytes_is(b.entry[0].if_match, "W/\"1\""));
	assert_true(bytes_is(b.entry[0].type, "Patient"));
	assert_true(bytes_is(b.entry[0].id, "p"));
	assert_true(bytes_is(b.entry[0].resource,
	    "{\"resourceType\":\"Patient\",\"id\":\"p\"}"));
	assert_int_equal(b.entry[1].resource.len, 0);
}

static void
test_envelope_refused(void **state)
{
#define OPEN	"{\"resourceType\":\"Bundle\",\"type\":\"batch\""
#define GET	"{\"request\":{\"method\":\"GET\",\"url\":\"a\"}}"
	static const struct { const char *text; enum err e; } bad[] = {
		{ "[]", ERR_SYNTAX },
		{ "{\"resourceType\":\"Patient\",\"type\":\"batch\"}",
		    ERR_VALUE },
		{ "{\"resourceType\":\"Bundle\"}", ERR_VALUE },
		{ "{\"resourceType\":\"Bundle\",\"type\":\"document\"}",
		    ERR_VALUE },
		{ OPEN ",\"type\":\"batch\"}", ERR_SYNTAX },
		{ OPEN ",\"t\\u0079pe\":\"batch\"}", ERR_SYNTAX },
		{ OPEN ",\"entry\":{\"a\":1}}", ERR_SYNTAX },
		{ OPEN ",\"entry\":[7]}", ERR_SYNTAX },
		{ OPEN ",\"entries\":[" GET "]}", ERR_SYNTAX },
		{ OPEN ",\"entry\":[{\"fullUrl\":\"urn:x\"}]}", ERR_VALUE },
		{ OPEN ",\"entry\":[{\"request\":{\"method\":\"GET\"}}]}",
		    ERR_VALUE },
		{ OPEN ",\"entry\":[{\"request\":{\"method\":7,\"url\":"
		    "\"a\"}}]}", ERR_SYNTAX },
		{ OPEN ",\"entry\":[" GET "," GET "," GET "," GET "]}",
		    ERR_TOOBIG },
		{ OPEN, ERR_SYNTAX }, { "", ERR_SYNTAX }
	};
	struct bundle_in b;
	struct issues is;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(bad); i++) {
		assert_int_equal(read_text(bad[i].text, &b, &is), bad[i].e);
		assert_true(is.n > 0);
	}
}

/* R13: the place is the member's own, whose name may be printed. */
static void
test_unknown_member_named(void **state)
{
#define AT(text)	OPEN ",\"entry\":[" GET "," text "]}"
	static const struct { const char *text, *place, *says; } bad[] = {
		{ OPEN ",\"entri\":[1]}", "Bundle.entri",
		    "did you mean \"entry\"?" },
		{ AT("{\"resorce\":1}"), "Bundle.entry[1].resorce",
		    "Bundle.entry has no such element: did you mean "
		    "\"resource\"?" },
		{ AT("{\"request\":{\"methode\":\"GET\"}}"),
		    "Bundle.entry[1].request.methode", "\"method\"" },
		{ AT("{\"request\":{\"method\":1}}"),
		    "Bundle.entry[1].request.method", "a string" },
		{ AT("{\"request\":{\"xyzzyplugh\":1}}"),
		    "Bundle.entry[1].request.xyzzyplugh",
		    "Bundle.entry.request has no such element" },
		{ AT("{\"<b>\":1}"), "Bundle.entry[1]", "no such element" }
	};
	struct bundle_in b;
	struct issues is;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(bad); i++) {
		assert_int_equal(read_text(bad[i].text, &b, &is), ERR_SYNTAX);
		assert_string_equal(is.first->place, bad[i].place);
		assert_non_null(strstr(is.first->text, bad[i].says));
	}
}

/* --- names ---------------------------------------------------------------- */

static enum err
found(void *arg, struct bytes ref, struct bytes *to_out)
{
	(void)arg;
	if (!bytes_is(ref, "Patient?identifier=1"))
		return ERR_VERSION;
	*to_out = bytes_str("Patient/7");
	return OK;
}

/* What becomes of text; both are checked to be scanned text. */
static void
renamed(const char *text, const char *want, bool open, rename_fn *find)
{
	struct rename name[] = {
		{ bytes_str("urn:uuid:2"), bytes_str("Patient/22") },
		{ bytes_str("urn:uuid:1"), bytes_str("Patient/11") },
		{ bytes_str("http://o/Patient/a"), bytes_str("Patient/33") },
		{ bytes_str("urn:uuid:3"), bytes_of(NULL, 0) }
	};
	struct renames names = { .name = name, .n = N_ELEM(name),
	    .base = bytes_str(BASE), .root = bytes_str("http://o/"),
	    .find = find };
	struct bytes out;
	bool is_open = !open;

	rename_sort(name, N_ELEM(name));
	assert_int_equal(rename_text(a, bytes_str(text), &names, &out,
	    &is_open), OK);
	if (!bytes_is(out, want))
		fail_msg("%.*s, not %s", BYTES_FMT(out), want);
	assert_int_equal(is_open, open);
}

#define OBS(more)	"{\"resourceType\":\"Observation\"," more "}"

static void
test_names(void **state)
{
	(void)state;
	renamed(OBS("\"subject\":{\"reference\":\"urn:uuid:1\"},\"valueQua"
	    "ntity\":{\"value\":1.00}"), OBS("\"subject\":{\"reference\":"
	    "\"Patient/11\"},\"valueQuantity\":{\"value\":1.00}"), false,
	    NULL);
	/* in lists, in extensions beside primitives, in what is contained */
	renamed(OBS("\"performer\":[{\"reference\":\"urn:uuid:1\"},"
	    "{\"reference\":\"urn:uuid:2\"}]"), OBS("\"performer\":"
	    "[{\"reference\":\"Patient/11\"},{\"reference\":\"Patient/22"
	    "\"}]"), false, NULL);
	renamed(OBS("\"_status\":{\"extension\":[{\"url\":\"u\",\"value"
	    "Reference\":{\"reference\":\"urn:uuid:1\"}}]}"), OBS("\"_sta"
	    "tus\":{\"extension\":[{\"url\":\"u\",\"valueReference\":"
	    "{\"reference\":\"Patient/11\"}}]}"), false, NULL);
	renamed(OBS("\"contained\":[{\"resourceType\":\"Patient\",\"link\":"
	    "[{\"other\":{\"reference\":\"urn:uuid:1\"}}]}]"),
	    OBS("\"contained\":[{\"resourceType\":\"Patient\",\"link\":"
	    "[{\"other\":{\"reference\":\"Patient/11\"}}]}]"), false, NULL);
	/* relative to the entry; with a version it is a thing that was */
	renamed(OBS("\"subject\":{\"reference\":\"Patient/a\"}"),
	    OBS("\"subject\":{\"reference\":\"Patient/33\"}"), false, NULL);
	renamed(OBS("\"subject\":{\"reference\":\"Patient/a/_history/1\"}"),
	    OBS("\"subject\":{\"reference\":\"Patient/a/_history/1\"}"),
	    false, NULL);
	/* uris and links are whole */
	renamed("{\"resourceType\":\"Media\",\"content\":{\"url\":"
	    "\"urn:uuid:1\"}}", "{\"resourceType\":\"Media\",\"content\":"
	    "{\"url\":\"" BASE "/Patient/11\"}}", false, NULL);
	renamed(OBS("\"text\":{\"div\":\"<a href=\\\"urn:uuid:1\\\">a</a>"
	    "<img src='urn:uuid:2'/>href=urn:uuid:1\"}"),
	    OBS("\"text\":{\"div\":\"<a href=\\\"" BASE "/Patient/11\\\">a"
	    "</a><img src='" BASE "/Patient/22'/>href=urn:uuid:1\"}"), false,
	    NULL);
}

static void
test_names_left(void **state)
{
	static const char *const same[] = {
		OBS("\"comments\":\"urn:uuid:1\""),
		OBS("\"subject\":{\"display\":\"urn:uuid:1\"}"),
		OBS("\"subject\":{\"reference\":\"urn:uuid:11\"}"),
		OBS("\"subject\":{\"reference\":\"Patient/b\"}"),
		OBS("\"subject\":{\"reference\":7}"),
		OBS("\"nosuch\":{\"reference\":\"urn:uuid:1\"}"),
		"{\"resourceType\":\"Nothing\",\"x\":\"urn:uuid:1\"}",
		"{\"id\":\"x\"}"
	};
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(same); i++)
		renamed(same[i], same[i], false, NULL);
	/* not known yet */
	renamed(OBS("\"subject\":{\"reference\":\"urn:uuid:3\"}"),
	    OBS("\"subject\":{\"reference\":\"urn:uuid:3\"}"), true, NULL);
	renamed(OBS("\"subject\":{\"reference\":\"Patient?identifier=1\"}"),
	    OBS("\"subject\":{\"reference\":\"Patient?identifier=1\"}"),
	    true, NULL);
	renamed(OBS("\"subject\":{\"reference\":\"Patient?identifier=1\"}"),
	    OBS("\"subject\":{\"reference\":\"Patient/7\"}"), false, found);
}

static void
test_root(void **state)
{
	(void)state;
	assert_true(bytes_is(rename_root(bytes_str("http://x/f/Patient/1")),
	    "http://x/f/"));
	assert_int_equal(rename_root(bytes_str("urn:uuid:1")).len, 0);
	assert_int_equal(rename_root(bytes_str("http://x/f/Nobody/1")).len,
	    0);
	assert_int_equal(rename_root(bytes_str("Patient/1")).len, 0);
	assert_int_equal(rename_root(bytes_of(NULL, 0)).len, 0);
}

/* --- tags ----------------------------------------------------------------- */

static void
test_tags(void **state)
{
	const char *text = "{\"resourceType\":\"Patient\",\"meta\":"
	    "{\"versionId\":\"1\",\"tag\":[{\"system\":\"s\",\"code\":\"a\"}]"
	    "},\"x\":1.00}";
	struct tag_items items = { .n = 0 };
	struct bytes out;

	(void)state;
	tags_collect(a, bytes_str("{\"tag\":[{\"code\":\"a\",\"system\":"
	    "\"s\"},{\"code\":\"b\"}],\"profile\":[\"u\"]}"), &items);
	assert_int_equal(items.n, 3);
	assert_false(tags_has(&items, TAGS_SECURITY));
	assert_int_equal(tags_change(a, bytes_str(text), &items, false, &out),
	    OK);
	assert_true(bytes_is(out, "{\"resourceType\":\"Patient\",\"meta\":"
	    "{\"versionId\":\"1\",\"profile\":[\"u\"],\"tag\":[{\"system\":"
	    "\"s\",\"code\":\"a\"},{\"code\":\"b\"}]},\"x\":1.00}"));
	assert_int_equal(tags_change(a, bytes_str(text), &items, true, &out),
	    OK);
	assert_true(bytes_is(out, "{\"resourceType\":\"Patient\",\"meta\":"
	    "{\"versionId\":\"1\"},\"x\":1.00}"));
}

/* --- answers -------------------------------------------------------------- */

static void
test_answers(void **state)
{
	const struct bundle_answer answer[] = {
		{ .status = "201 Created", .location = bytes_str("P/1"),
		    .etag = bytes_str("W/\"1\"") },
		{ .status = "200 OK", .full_url = bytes_str("urn:u"),
		    .body = bytes_str("{}") }
	};
	struct buf b = buf_on(a, 4096);
	struct bytes out;

	(void)state;
	bundle_answers("batch-response", bytes_str("i"), answer, 2, &b);
	assert_int_equal(buf_end(&b, &out), OK);
	assert_true(bytes_is(out, "{\"resourceType\":\"Bundle\",\"id\":\"i\""
	    ",\"type\":\"batch-response\",\"entry\":[{\"response\":{\"status"
	    "\":\"201 Created\",\"location\":\"P/1\",\"etag\":\"W/\\\"1\\\""
	    "\"}},{\"fullUrl\":\"urn:u\",\"resource\":{},\"response\":"
	    "{\"status\":\"200 OK\"}}]}"));
	b = buf_on(a, 4096);
	bundle_answers("batch-response", bytes_str("i"), answer, 0, &b);
	assert_int_equal(buf_end(&b, &out), OK);
	assert_true(bytes_is(out, "{\"resourceType\":\"Bundle\",\"id\":\"i\""
	    ",\"type\":\"batch-response\"}"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_envelope, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_envelope_refused, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_unknown_member_named,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names_left, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_root, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tags, setup, teardown),
		cmocka_unit_test_setup_teardown(test_answers, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
