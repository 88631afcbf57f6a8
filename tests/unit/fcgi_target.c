/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi_target.c -- request targets: one spelling each, no alias.  (L4)
 *
 * Attack cases HTTP-02, -05 to -08, -19, CGI-11.
 */
#include "tests/unit/unit.h"

#include "base/attr.h"
#include "fcgi/target.h"

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

static enum err
target(const char *uri, struct target *t)
{
	return target_parse(a, bytes_str(uri), bytes_str("/fhir"), 8192, t);
}

static void
test_target_splits(void **state)
{
	struct target t;

	(void)state;
	assert_int_equal(target("/fhir/Patient/1/_history/2?_count=1&a=?b",
	    &t), OK);
	assert_int_equal(t.n_seg, 4);
	assert_bytes(t.seg[0], "Patient");
	assert_bytes(t.seg[3], "2");
	assert_bytes(t.query, "_count=1&a=?b");
	assert_false(t.slash);
	assert_int_equal(target("/fhir/Patient/?name=x", &t), OK);
	assert_int_equal(t.n_seg, 1);
	assert_true(t.slash);
}

static void
test_target_mount_itself(void **state)
{
	struct target t;

	(void)state;
	assert_int_equal(target("/fhir", &t), OK);
	assert_int_equal(t.n_seg, 0);
	assert_int_equal(target("/fhir/", &t), OK);
	assert_int_equal(t.n_seg, 0);
	assert_int_equal(target("/fhir?a=b", &t), OK);
	assert_bytes(t.query, "a=b");
}

static void
test_target_dollar_has_two_spellings(void **state)
{
	struct target t;

	(void)state;
	assert_int_equal(target("/fhir/Patient/%24match", &t), OK);
	assert_bytes(t.seg[1], "$match");
	assert_int_equal(target("/fhir/Patient/$match", &t), OK);
	assert_bytes(t.seg[1], "$match");
}

static void
test_target_refuses(void **state)
{
	static const struct { const char *uri; enum err e; } cases[] = {
		/* HTTP-05: escapes in the path */
		{ "/fhir/Patient%2FpA", ERR_SYNTAX },
		{ "/fhir/Patient%2fpA", ERR_SYNTAX },
		{ "/fhir/Patient%5CpA", ERR_SYNTAX },
		{ "/fhir/Patient/%00", ERR_SYNTAX },
		{ "/fhir/Patient/a%0d%0aX:y", ERR_SYNTAX },
		{ "/fhir/%zz", ERR_SYNTAX },
		{ "/fhir/%c0%af", ERR_SYNTAX },
		{ "/fhir/%", ERR_SYNTAX },
		{ "/fhir/%2", ERR_SYNTAX },
		{ "/fhir/%50atient/1", ERR_SYNTAX },
		{ "/fhir/a\\b", ERR_SYNTAX },
		{ "/fhir/a b", ERR_SYNTAX },
		{ "/fhir/a\tb", ERR_SYNTAX },
		{ "/fhir/\xc3\xa4", ERR_SYNTAX },
		/* HTTP-06: dots and empty segments */
		{ "/fhir/x/../Patient/pB", ERR_SYNTAX },
		{ "/fhir/..", ERR_SYNTAX },
		{ "/fhir/%2e%2e/Patient", ERR_SYNTAX },
		{ "/fhir//Patient", ERR_SYNTAX },
		{ "/fhir/Patient//", ERR_SYNTAX },
		{ "/fhir/Patient/1/", ERR_SYNTAX },
		{ "/fhir//", ERR_SYNTAX },
		{ "//fhir/Patient", ERR_SYNTAX },
		{ "/fhir/./Patient", ERR_SYNTAX },
		/* HTTP-07: path parameters */
		{ "/fhir/Patient;x=1/pA", ERR_SYNTAX },
		{ "/fhir;x/Patient", ERR_SYNTAX },
		/* HTTP-08 */
		{ "/fhir/Patient/1#x", ERR_SYNTAX },
		{ "/fhir/Patient?a=b#x", ERR_SYNTAX },
		/* HTTP-02: absolute-form, and other forms */
		{ "http://evil/fhir/Patient/1", ERR_SYNTAX },
		{ "*", ERR_SYNTAX },
		{ "", ERR_SYNTAX },
		{ "?x", ERR_SYNTAX },
		/* queries */
		{ "/fhir/Patient?a=%zz", ERR_SYNTAX },
		{ "/fhir/Patient?a=%4", ERR_SYNTAX },
		{ "/fhir/Patient?a=\x01", ERR_SYNTAX },
		{ "/fhir/Patient?a=\xff", ERR_SYNTAX },
	};
	struct target t;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(cases); i++) {
		if (target(cases[i].uri, &t) != cases[i].e)
			fail_msg("%s: not %s", cases[i].uri,
			    err_name(cases[i].e));
	}
}

/* Well formed and nobody's: refused after the token is asked for (A24). */
static void
test_target_strays(void **state)
{
	static const char *const strays[] = { "/fhirx/Patient",
	    "/Fhir/Patient", "/", "/fhir/a/b/c/d/e/f/g", "/Patient/fhir" };
	struct target t;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(strays); i++) {
		assert_int_equal(target(strays[i], &t), OK);
		assert_true(t.stray);
	}
	assert_int_equal(target("/fhir/a/b/c/d/e/f", &t), OK);
	assert_false(t.stray);
}

static void
test_target_takes_raw_query_bytes(void **state)
{
	struct target t;

	(void)state;
	/* interop 24: clients send "|", ":" and "/" as they are */
	assert_int_equal(target(
	    "/fhir/Observation?code=http://loinc.org|8480-6,a;b", &t), OK);
}

static void
test_target_too_long(void **state)
{
	char uri[9000];
	struct target t;

	(void)state;
	memset(uri, 'a', sizeof(uri));
	memcpy(uri, "/fhir/", 6);
	assert_int_equal(target_parse(a, bytes_of(uri, 8193),
	    bytes_str("/fhir"), 8192, &t), ERR_URILONG);
	assert_int_equal(target_parse(a, bytes_of(uri, 8192),
	    bytes_str("/fhir"), 8192, &t), OK);
}

static void
test_mount_of_base(void **state)
{
	(void)state;
	assert_bytes(target_mount(bytes_str("https://x.org/a/b")), "/a/b");
	assert_bytes(target_mount(bytes_str("https://x.org")), "");
}

int
main(void)
{
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		T(test_target_splits),
		T(test_target_mount_itself),
		T(test_target_dollar_has_two_spellings),
		T(test_target_refuses),
		T(test_target_strays),
		T(test_target_takes_raw_query_bytes),
		T(test_target_too_long),
		T(test_mount_of_base),
	};

	return cmocka_run_group_tests_name("fcgi_target", tests, NULL, NULL);
}
