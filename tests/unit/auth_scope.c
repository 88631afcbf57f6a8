/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_scope.c -- the grammar of scopes, and the rights they give.  (L3)
 */
#include "tests/unit/unit.h"

#include <string.h>

#include "auth/auth.h"
#include "auth/scope.h"
#include "base/attr.h"

#define READ	(VIEW_READ | VIEW_SEARCH)
#define WRITE	(VIEW_CREATE | VIEW_UPDATE | VIEW_DELETE)

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

static enum err
parse(const char *scope, const char *patient, enum view_reach rights,
    struct view *v)
{
	struct issues is = issues_on(a);
	enum err e;

	e = auth_scope(a, bytes_str(scope), bytes_str(patient), rights, &is,
	    v);
	/* A refusal always says why. */
	assert_true((e == OK) == (is.n == 0));
	return e;
}

/* The ops with the given reach that a scope gives on a type. */
static unsigned
ops(const char *scope, const char *t, enum view_reach reach)
{
	static const enum view_op all[] = { VIEW_READ, VIEW_SEARCH,
	    VIEW_CREATE, VIEW_UPDATE, VIEW_DELETE };
	struct view v;
	unsigned got = 0;
	size_t i;

	assert_int_equal(parse(scope, "p1", REACH_ALL, &v), OK);
	for (i = 0; i < N_ELEM(all); i++)
		if (view_reach(&v, type(t), all[i]) == reach)
			got |= all[i];
	return got;
}

static void
v1_read_is_read_and_search(void **state)	/* M11 */
{
	(void)state;
	assert_int_equal(ops("patient/Observation.read", "Observation",
	    REACH_PATIENTS), READ);
	assert_int_equal(ops("patient/Observation.read", "Observation",
	    REACH_NONE), WRITE);
	assert_int_equal(ops("patient/Observation.read", "Condition",
	    REACH_NONE), READ | WRITE);
}

static void
v1_write_is_not_read(void **state)		/* M11 */
{
	(void)state;
	assert_int_equal(ops("patient/Observation.write", "Observation",
	    REACH_PATIENTS), WRITE);
	assert_int_equal(ops("patient/Observation.*", "Observation",
	    REACH_PATIENTS), READ | WRITE);
}

static void
v1_star_is_every_type(void **state)
{
	struct view v;
	uint16_t t;

	(void)state;
	assert_int_equal(parse("patient/*.read", "p1", REACH_ALL, &v), OK);
	for (t = 1; t <= DEF_TYPES; t++)
		assert_int_equal(view_reach(&v, t, VIEW_SEARCH),
		    REACH_PATIENTS);
	assert_int_equal(v.n_rule, 1);
	assert_int_equal(view_reach(&v, 0, VIEW_READ), REACH_NONE);
	assert_int_equal(view_reach(&v, DEF_TYPES + 1, VIEW_READ),
	    REACH_NONE);
}

static void
v2_letters_in_order(void **state)		/* X04 */
{
	static const struct { const char *text; unsigned ops; } row[] = {
		{ "user/Patient.c", VIEW_CREATE },
		{ "user/Patient.r", VIEW_READ },
		{ "user/Patient.u", VIEW_UPDATE },
		{ "user/Patient.d", VIEW_DELETE },
		{ "user/Patient.s", VIEW_SEARCH },
		{ "user/Patient.rs", READ },
		{ "user/Patient.cud", WRITE },
		{ "user/Patient.cruds", READ | WRITE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(row); i++)
		assert_int_equal(ops(row[i].text, "Patient", REACH_ALL),
		    row[i].ops);
}

static void
malformed_is_refused(void **state)		/* AUZ-15 */
{
	static const char *const row[] = {
		"patient%2F*.read", "patient/*.%72ead", "Patient/*.READ",
		"patient/*.read:x", "patient/*.READ", "PATIENT/*.read",
		"patient/*", "patient/.read", "patient/*.", "patient/",
		"patient", "user", "system", "patient*.read",
		"patient//*.read", "patient/*.sr", "patient/*.rr",
		"patient/*.crudsx", "patient/*.read.write",
		"patient/*.rs?", "patient/Observation.rs?category=x",
		"patient/observation.read", "patient/Observatio.read",
		"patient/Observation .read", "patients/*.read",
		" patient/*.read", "patient/*.read ",
		"patient/*.read  openid", "patient/*.read\topenid",
		"patient/*.read\nopenid", "openid\"", "open\\id",
		"openid \x7f", "patient/\xc3\x96.read",
		"launch%2Fpatient", " ", "patient/**.read",
		"system/*", "user/?.read", "patient/*?.read",
	};
	struct view v;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(row); i++)
		if (parse(row[i], "p1", REACH_ALL, &v) != ERR_VALUE)
			fail_msg("accepted: %s", row[i]);
}

static void
granular_says_so(void **state)			/* X04: later */
{
	struct issues is = issues_on(a);
	struct view v;

	(void)state;
	assert_int_equal(auth_scope(a, bytes_str(
	    "patient/Observation.rs?category=laboratory"), bytes_str("p"),
	    REACH_ALL, &is, &v), ERR_VALUE);
	assert_string_equal(is.first->rule, "scope-granular");
}

static void
unknown_type_names_the_near_one(void **state)
{
	struct issues is = issues_on(a);
	struct view v;

	(void)state;
	assert_int_equal(auth_scope(a, bytes_str("user/Observatoin.read"),
	    bytes_str(""), REACH_ALL, &is, &v), ERR_VALUE);
	assert_non_null(strstr(is.first->text, "Observation"));
}

static void
other_words_pass_and_give_nothing(void **state)
{
	struct view v;

	(void)state;
	assert_int_equal(parse("openid profile fhirUser launch "
	    "launch/patient launch/encounter offline_access online_access",
	    "p1", REACH_ALL, &v), OK);
	assert_int_equal(v.n_rule, 0);
	assert_int_equal(parse("", "", REACH_ALL, &v), OK);
	assert_int_equal(v.n_rule, 0);
	assert_int_equal(v.n_patient, 0);
}

static void
patient_scope_needs_a_patient(void **state)	/* Z05, TOK-24 */
{
	struct view v;

	(void)state;
	assert_int_equal(parse("patient/*.read", "", REACH_ALL, &v),
	    ERR_FORBIDDEN);
	assert_int_equal(parse("user/*.read patient/Patient.read", "",
	    REACH_ALL, &v), ERR_FORBIDDEN);
	assert_int_equal(parse("user/*.read", "", REACH_ALL, &v), OK);
}

static void
system_never_mixes(void **state)		/* TOK-25 */
{
	struct view v;

	(void)state;
	assert_int_equal(parse("system/*.read patient/*.read", "p1",
	    REACH_ALL, &v), ERR_USAGE);
	assert_int_equal(parse("user/*.read openid system/*.read", "p1",
	    REACH_ALL, &v), ERR_USAGE);
	assert_int_equal(parse("system/*.read openid", "", REACH_ALL, &v),
	    OK);
}

static void
user_scope_is_within_the_users_rights(void **state)	/* Z06 */
{
	struct view v;

	(void)state;
	assert_int_equal(parse("user/*.read", "p1", REACH_NONE, &v), OK);
	assert_int_equal(v.n_rule, 0);
	assert_int_equal(parse("system/*.read", "", REACH_PATIENTS, &v), OK);
	assert_int_equal(v.n_rule, 0);
	assert_int_equal(parse("user/*.read patient/*.read", "p1",
	    REACH_NONE, &v), OK);
	assert_int_equal(view_reach(&v, type("Observation"), VIEW_READ),
	    REACH_PATIENTS);
}

static void
limits_hold(void **state)
{
	struct view v;
	struct buf b = buf_on(a, 8192);
	struct bytes text;
	int i;

	(void)state;
	for (i = 0; i < SCOPE_WORDS_MAX; i++)
		buf_str(&b, i == 0 ? "openid" : " openid");
	assert_int_equal(buf_end(&b, &text), OK);
	assert_int_equal(parse(arena_str(a, text), "", REACH_ALL, &v), OK);
	buf_str(&b, " openid");
	assert_int_equal(buf_end(&b, &text), OK);
	assert_int_equal(parse(arena_str(a, text), "", REACH_ALL, &v),
	    ERR_VALUE);
	b = buf_on(a, 8192);
	for (i = 0; i <= SCOPE_WORD_MAX; i++)
		buf_str(&b, "x");
	assert_int_equal(buf_end(&b, &text), OK);
	assert_int_equal(parse(arena_str(a, text), "", REACH_ALL, &v),
	    ERR_VALUE);
	b = buf_on(a, 8192);
	for (i = 0; i < 20; i++)
		buf_str(&b, i == 0 ? "x" : " xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	assert_int_equal(buf_end(&b, &text), OK);
	assert_true(text.len > SCOPE_BYTES_MAX);
	assert_int_equal(parse(arena_str(a, text), "", REACH_ALL, &v),
	    ERR_VALUE);
}

static struct view
sealed(const char *scope, const char *user)
{
	struct view v;

	assert_int_equal(parse(scope, "p1", REACH_ALL, &v), OK);
	scope_seal(&v, bytes_str(user), bytes_str("c"));
	return v;
}

static void
equal_rights_have_equal_digests(void **state)
{
	struct view x = sealed("patient/*.read openid", "u");
	struct view y = sealed("patient/*.s patient/Patient.rs "
	    "patient/*.r", "u");

	(void)state;
	assert_memory_equal(x.digest, y.digest, sizeof x.digest);
	y = sealed("patient/*.rs", "v");
	assert_memory_not_equal(x.principal, y.principal,
	    sizeof x.principal);
	assert_memory_not_equal(x.digest, y.digest, sizeof x.digest);
	y = sealed("patient/*.r", "u");
	assert_memory_equal(x.principal, y.principal, sizeof x.principal);
	assert_memory_not_equal(x.digest, y.digest, sizeof x.digest);
	y = sealed("user/*.rs", "u");
	assert_memory_not_equal(x.digest, y.digest, sizeof x.digest);
}

static void
meet(const char *one, const char *other, struct scope_set *out)
{
	struct issues is = issues_on(a);
	struct scope_set s;

	assert_int_equal(scope_parse(bytes_str(one), &is, out), OK);
	assert_int_equal(scope_parse(bytes_str(other), &is, &s), OK);
	scope_meet(out, &s);
}

static void
the_lesser_of_two_sets(void **state)
{
	struct scope_set s;
	uint16_t obs = type("Observation"), pat = type("Patient");

	(void)state;
	meet("patient/*.read", "patient/Observation.*", &s);
	assert_int_equal(s.patient[obs], READ);
	assert_int_equal(s.patient[pat], 0);
	meet("user/*.*", "patient/*.read", &s);
	assert_int_equal(s.user[obs], 0);
	assert_int_equal(s.patient[obs], READ);
	meet("patient/*.read", "user/*.*", &s);
	assert_int_equal(s.user[obs], 0);
	assert_int_equal(s.patient[obs], READ);
	meet("user/*.read user/Patient.write", "user/Patient.*", &s);
	assert_int_equal(s.user[pat], READ | WRITE);
	assert_int_equal(s.user[obs], 0);
	meet("user/*.read patient/*.*", "user/*.read patient/*.write", &s);
	assert_int_equal(s.user[pat], READ);
	assert_int_equal(s.patient[pat], WRITE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v1_read_is_read_and_search),
		cmocka_unit_test(v1_write_is_not_read),
		cmocka_unit_test(v1_star_is_every_type),
		cmocka_unit_test(v2_letters_in_order),
		cmocka_unit_test(malformed_is_refused),
		cmocka_unit_test(granular_says_so),
		cmocka_unit_test(unknown_type_names_the_near_one),
		cmocka_unit_test(other_words_pass_and_give_nothing),
		cmocka_unit_test(patient_scope_needs_a_patient),
		cmocka_unit_test(system_never_mixes),
		cmocka_unit_test(user_scope_is_within_the_users_rights),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(equal_rights_have_equal_digests),
		cmocka_unit_test(the_lesser_of_two_sets),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
