/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_scope_where.c -- what the search of a granular scope is read by.  (L3)
 *
 * The zone and the names of the site, as in any search.  X04, CMP-26.
 */
#include "tests/unit/unit.h"

#include <string.h>

#include "auth/auth.h"
#include "base/attr.h"

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

static uint16_t
type(const char *name)
{
	return def_type(bytes_str(name))->num;
}

/* As in a search: 00:00 at +01:00 is an hour before 00:00Z. */
static void
criteria_are_read_in_the_zone_of_the_site(void **state)	/* X04 */
{
	static const struct { int zone; int64_t ms; } row[] = {
		{ 0, 1767225600000 },		/* 2026-01-01T00:00:00Z */
		{ 60, 1767225600000 - 3600000 },
		{ -300, 1767225600000 + 18000000 },
	};
	static const char *const scope[] = {
		"user/Observation.rs?date=ge2026-01-01T00:00",
		"user/Observation.rs?date=ge2026-01-01",
	};
	struct rights rights = { .reach = REACH_ALL };
	struct issues is = issues_on(a);
	const struct criterion *where;
	struct view v;
	size_t i, j;

	(void)state;
	for (i = 0; i < N_ELEM(row); i++)
		for (j = 0; j < N_ELEM(scope); j++) {
			rights.zone = row[i].zone;
			assert_int_equal(auth_scope(a, bytes_str(scope[j]),
			    bytes_str(""), &rights, &is, &v), OK);
			where = v.rule[0].where;
			assert_int_equal(where->any[0].v.time.lo,
			    row[i].ms);
		}
	/* Which zone it is itself says, none else decides. */
	assert_int_equal(auth_scope(a, bytes_str("user/Observation.rs?date="
	    "ge2026-01-01T00:00:00Z"), bytes_str(""), &rights, &is, &v), OK);
	where = v.rule[0].where;
	assert_int_equal(where->any[0].v.time.lo, row[0].ms);
}

/* As in a search: what is below our base is ours, whatever it is called. */
static void
criteria_know_the_urls_of_the_site(void **state)	/* X04, CMP-26 */
{
	const struct bytes alias = bytes_str("https://old.test/fhir");
	const struct rights rights = { .reach = REACH_ALL,
	    .urls = { bytes_str("https://x.test/fhir"), &alias, 1 } };
	static const struct { const char *scope, *text; bool ours; } row[] = {
		{ "user/Observation.rs?subject=https://x.test/fhir/Patient/p",
		    "p", true },
		{ "user/Observation.rs?subject="
		    "https://X.test:443/fhir/Patient/p", "p", true },
		{ "user/Observation.rs?subject=https://old.test/fhir/Patient/p",
		    "p", true },
		{ "user/Observation.rs?subject=Patient/p", "p", true },
		{ "user/Observation.rs?subject=https://y.test/fhir/Patient/p",
		    "https://y.test/fhir/Patient/p", false }
	};
	struct issues is = issues_on(a);
	const struct match *m;
	struct view v;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(row); i++) {
		assert_int_equal(auth_scope(a, bytes_str(row[i].scope),
		    bytes_str(""), &rights, &is, &v), OK);
		m = &v.rule[0].where->any[0];
		assert_int_equal(m->v.type, row[i].ours ? type("Patient") : 0);
		assert_true(bytes_is(m->v.text, row[i].text));
	}
	assert_int_equal(auth_scope(a, bytes_str("user/Observation.rs?subject="
	    "https://x.test/fhir/nothing/here"), bytes_str(""), &rights, &is,
	    &v), ERR_VALUE);
	assert_non_null(strstr(is.first->text, "Type/id"));
}

int
main(void)
{
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(criteria_are_read_in_the_zone_of_the_site),
		T(criteria_know_the_urls_of_the_site)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
