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
parse(const char *scope, const char *patient, enum view_reach reach,
    struct view *v)
{
	const struct rights rights = { .reach = reach,
	    .care.practitioner = bytes_str("dr") };
	struct issues is = issues_on(a);
	enum err e;

	e = auth_scope(a, bytes_str(scope), bytes_str(patient), &rights,
	    &is, v);
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
		"patient/*.rs?", "patient/*.rs?category=x",
		"patient/Observation.rs?", "patient/Observation.rs?category",
		"patient/Observation.rs?category=",
		"patient/Observation.rs?nothing=x",
		"patient/Observation.rs?_id=x",
		"patient/Observation.rs?_sort=date",
		"patient/Observation.rs?date=ap2026",
		"patient/Observation.rs?subject:Patient.name=x",
		"patient/Observation.read?category=x",
		"patient/Observation.*?category=x",
		"patient/Observation?category=x.rs",
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
granular_restricts_one_type(void **state)		/* X04 */
{
	struct view v;

	(void)state;
	assert_int_equal(parse("patient/Observation.rs?category=http://hl7."
	    "org/fhir/observation-category|laboratory&status=final "
	    "patient/Patient.r", "p", REACH_ALL, &v), OK);
	assert_int_equal(v.n_rule, 2);
	assert_int_equal(v.rule[0].n_where, 0);
	assert_int_equal(v.rule[1].n_where, 2);
	assert_int_equal(v.rule[1].reach, REACH_PATIENTS);
	assert_true(view_narrowed(&v, type("Observation"), VIEW_READ));
	assert_false(view_narrowed(&v, type("Observation"), VIEW_CREATE));
	assert_false(view_narrowed(&v, type("Patient"), VIEW_READ));
	/* What is given whole needs no restriction. */
	assert_int_equal(parse("patient/Observation.rs?category=x "
	    "patient/Observation.rs", "p", REACH_ALL, &v), OK);
	assert_int_equal(v.n_rule, 1);
	assert_false(view_narrowed(&v, type("Observation"), VIEW_READ));
	/* Z05, Z06 hold for parts as for types. */
	assert_int_equal(parse("patient/Observation.rs?category=x", "",
	    REACH_ALL, &v), ERR_FORBIDDEN);
	assert_int_equal(parse("user/Observation.rs?category=x", "",
	    REACH_NONE, &v), OK);
	assert_int_equal(v.n_rule, 0);
}

static void
a_relation_binds_all_but_what_is_nobodys(void **state)	/* Z06 */
{
	struct view v;

	(void)state;
	assert_int_equal(parse("user/*.rs user/Condition.c?category=x "
	    "patient/Goal.u", "p", REACH_RELATION, &v), OK);
	assert_int_equal(view_reach(&v, type("Patient"), VIEW_READ),
	    REACH_RELATION);
	assert_int_equal(view_reach(&v, type("Condition"), VIEW_CREATE),
	    REACH_RELATION);
	assert_int_equal(view_reach(&v, type("Organization"), VIEW_SEARCH),
	    REACH_ALL);
	assert_int_equal(view_reach(&v, type("Goal"), VIEW_UPDATE),
	    REACH_PATIENTS);
	assert_true(v.relation.bound);
	assert_true(bytes_is(v.relation.practitioner, "dr"));
}

static void
unknown_type_names_the_near_one(void **state)
{
	const struct rights all = { .reach = REACH_ALL };
	struct issues is = issues_on(a);
	struct view v;

	(void)state;
	assert_int_equal(auth_scope(a, bytes_str("user/Observatoin.read"),
	    bytes_str(""), &all, &is, &v), ERR_VALUE);
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
	scope_meet(a, out, &s);
}

static void
parts_are(const char *one, const char *other, const char *wanted)
{
	struct buf b = buf_on(a, 4096);
	struct bytes got = { .len = 0 };
	struct scope_set s;
	size_t i;

	meet(one, other, &s);
	for (i = 0; i < s.n_part; i++) {
		buf_str(&b, arena_printf(a, "%s%s:%x:%.*s", i > 0 ? " " : "",
		    s.part[i].context == SCOPE_PATIENT ? "p" : "u",
		    s.part[i].ops, BYTES_FMT(s.part[i].where)));
	}
	assert_int_equal(buf_end(&b, &got), OK);
	if (!bytes_is(got, wanted))
		fail_msg("%s AND %s: %.*s", one, other, BYTES_FMT(got));
}

static void
parts_meet_to_the_narrower(void **state)		/* X04 */
{
	(void)state;
	parts_are("patient/Goal.rs?status=x", "patient/*.r", "p:1:status=x");
	parts_are("user/Goal.rs?status=x", "patient/Goal.s", "p:2:status=x");
	parts_are("user/*.cruds", "user/Goal.rs?status=x", "u:3:status=x");
	parts_are("patient/Goal.rs?status=x", "user/Goal.r?status=x",
	    "p:1:status=x");
	parts_are("user/Goal.rs?status=x", "user/Goal.rs?category=y",
	    "u:3:status=x&category=y");
	parts_are("user/Goal.rs?status=x", "user/Patient.rs?active=true", "");
	parts_are("user/Goal.rs?status=x", "user/Goal.u", "");
	parts_are("user/Goal.rs?status=x user/Goal.rs?status=y",
	    "user/Goal.rs?status=y user/Goal.rs?status=x",
	    "u:3:status=x u:3:status=y");
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
		cmocka_unit_test(granular_restricts_one_type),
		cmocka_unit_test(a_relation_binds_all_but_what_is_nobodys),
		cmocka_unit_test(parts_meet_to_the_narrower),
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
