/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi_route.c -- paths to rows, 405 from the rows, needs against views.  (L4)
 *
 * Attack cases HTTP-09, CMP-05, CMP-08, OPS-09; requirement A24.
 */
#include "tests/unit/unit.h"

#include "base/attr.h"
#include "fcgi/route.h"

static struct arena *a;

static enum err
act(struct call *c)
{
	(void)c;
	return OK;
}

static const struct route rows[] = {
	{ METHOD_GET, "/metadata", NEED_PUBLIC, 0, act, "meta", "", "" },
	{ METHOD_OPTIONS, "/*", NEED_PUBLIC, 0, act, "options", "", "" },
	{ METHOD_GET, "/T/I", NEED_READ, 0, act, "read", "read", "" },
	{ METHOD_GET, "/T/I/_history/V", NEED_READ, 0, act, "vread", "", "" },
	{ METHOD_GET, "/T", NEED_SEARCH, 0, act, "search", "", "" },
	{ METHOD_POST, "/T/_search", NEED_SEARCH, 0, act, "post", "", "" },
	{ METHOD_GET, "/C/I/T", NEED_SEARCH, 0, act, "comp", "", "" },
};
static const struct route_table table = { rows, N_ELEM(rows) };

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
find(enum method m, const char *path, struct place *at, const char **allow,
    struct issues *is)
{
	struct target t;

	*allow = NULL;
	*is = issues_on(a);
	assert_int_equal(target_parse(a, bytes_str(path), bytes_of(NULL, 0),
	    8192, &t), OK);
	return route_find(&table, a, m, &t, is, at, allow);
}

static void
test_finds(void **state)
{
	static const struct {
		enum method	 m;
		const char	*path, *name;
	} cases[] = {
		{ METHOD_GET, "/metadata", "meta" },
		{ METHOD_GET, "/Patient/1", "read" },
		{ METHOD_HEAD, "/Patient/1", "read" },
		{ METHOD_GET, "/Patient/a.b-C/_history/12", "vread" },
		{ METHOD_GET, "/Patient", "search" },
		{ METHOD_GET, "/Patient/", "search" },
		{ METHOD_POST, "/Patient/_search", "post" },
		{ METHOD_GET, "/Patient/1/Observation", "comp" },
		{ METHOD_OPTIONS, "/whatever/it/is", "options" },
		{ METHOD_OPTIONS, "/", "options" },
	};
	struct issues is;
	struct place at;
	const char *allow;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(cases); i++) {
		if (find(cases[i].m, cases[i].path, &at, &allow, &is) != OK)
			fail_msg("%s: not found", cases[i].path);
		assert_string_equal(at.route->name, cases[i].name);
	}
}

static void
test_names_what_the_path_named(void **state)
{
	struct issues is;
	struct place at;
	const char *allow;

	(void)state;
	assert_int_equal(find(METHOD_GET, "/Patient/p1/_history/7", &at,
	    &allow, &is), OK);
	assert_int_equal(at.type, def_type(bytes_str("Patient"))->num);
	assert_bytes(at.id, "p1");
	assert_int_equal(at.version, 7);
	assert_int_equal(find(METHOD_GET, "/Patient/p1/Observation", &at,
	    &allow, &is), OK);
	assert_int_equal(at.type, def_type(bytes_str("Observation"))->num);
	assert_int_equal(at.compartment,
	    def_type(bytes_str("Patient"))->num);
}

static void
test_not_found(void **state)
{
	static const char *const paths[] = { "/", "/nothing", "/patient/1",
	    "/Patient/_history", "/Patient/a_b", "/metadata/",
	    "/Patient/1/_history/0",
	    "/Patient/1/_history/01", "/Patient/1/_history/x",
	    "/Patient/1/_history/99999999999999999999",
	    "/Patient/1/observation",
	    "/Patient/1/_history/1/x", "/Patient/$match", "/metadata/x",
	    "/a/b/c/d/e/f/g",
	    "/Patient/123456789012345678901234567890123456789012345678901234"
	    "56789012345" };
	struct issues is;
	struct place at;
	const char *allow;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(paths); i++) {
		if (find(METHOD_GET, paths[i], &at, &allow, &is) !=
		    ERR_NOTFOUND)
			fail_msg("%s: found", paths[i]);
	}
}

static void
test_unknown_type_says_which_is_near(void **state)
{
	struct issues is;
	struct place at;
	const char *allow;

	(void)state;
	assert_int_equal(find(METHOD_GET, "/Observatoin/1", &at, &allow, &is),
	    ERR_NOTFOUND);
	assert_int_equal(is.n, 1);
	assert_non_null(strstr(is.first->text, "Observation"));
	/* OPS-09: what was sent is not reflected */
	assert_null(strstr(is.first->text, "Observatoin"));
}

static void
test_allow_comes_from_the_rows(void **state)
{
	struct issues is;
	struct place at;
	const char *allow;

	(void)state;
	assert_int_equal(find(METHOD_DELETE, "/Patient/1", &at, &allow, &is),
	    ERR_METHOD);
	assert_string_equal(allow, "GET, HEAD, OPTIONS");
	assert_int_equal(find(METHOD_PUT, "/Patient/_search", &at, &allow,
	    &is), ERR_METHOD);
	assert_string_equal(allow, "POST, OPTIONS");
}

static void
test_permit(void **state)
{
	struct view_rule rule = { .ops = VIEW_READ, .reach = REACH_PATIENTS };
	struct view v = { .rule = &rule, .n_rule = 1 };
	struct place read = { .route = &rows[2] };
	struct place search = { .route = &rows[4] };
	static const struct route unset = { .act = act };
	struct place none = { .route = &unset };

	(void)state;
	read.type = search.type = def_type(bytes_str("Patient"))->num;
	assert_int_equal(route_permit(&read, NULL), ERR_LOGIN);
	assert_int_equal(route_permit(&read, &v), ERR_FORBIDDEN);
	typeset_add(&rule.types, read.type);
	assert_int_equal(route_permit(&read, &v), OK);
	assert_int_equal(route_permit(&search, &v), ERR_FORBIDDEN);
	/* a row that says no need is never run (CMP-05) */
	assert_int_equal(route_permit(&none, &v), ERR_BUG);
}

int
main(void)
{
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		T(test_finds),
		T(test_names_what_the_path_named),
		T(test_not_found),
		T(test_unknown_type_says_which_is_near),
		T(test_allow_comes_from_the_rows),
		T(test_permit),
	};

	return cmocka_run_group_tests_name("fcgi_route", tests, NULL, NULL);
}
