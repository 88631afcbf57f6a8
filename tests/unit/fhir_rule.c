/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The invariants of rules.tbl, each on what breaks it and what does not
 * (A20, R22).  tests/suites/validate compares the keys with the corpus.
 */
#include "base/attr.h"
#include "fhir/json_scan.h"
#include "fhir/rule.h"
#include "tests/unit/fhir_rule.h"
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

/* "Patient.contact", or "Patient.contact.name" of a rule on a member. */
static bool
is_place(const struct rule *r, const char *place)
{
	const struct def_elem	*e = rule_elem(r);
	const char		*shape = def_shape_num(r->shape)->path;
	size_t			 n = strlen(shape);

	if (strncmp(place, shape, n) != 0)
		return false;
	if (e == NULL)
		return place[n] == '\0';
	return place[n] == '.' && strcmp(place + n + 1, e->name) == 0;
}

static const struct rule *
find(const char *place, const char *key)
{
	size_t			 n;
	const struct rule	*r = rules_all(&n);

	for (; n > 0; n--, r++)
		if (strcmp(rule_key(r), key) == 0 && is_place(r, place))
			return r;
	return NULL;
}

/* The tree of JSON that was written with ' for ". */
static json_t *
tree(struct arena *a, const char *text)
{
	char	*copy = arena_str(a, bytes_str(text));
	size_t	 at;
	json_t	*out = NULL;

	for (char *p = copy; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	assert_int_equal(json_tree(a, bytes_str(copy), &out, &at), OK);
	return out;
}

static void
judge(struct arena *a, const struct rule *r, const char *text, bool want)
{
	json_t	*v;

	if (text == NULL)
		return;
	v = tree(a, text);
	if (rule_holds(a, r, v) != want)
		fail_msg("%s on %s is not %d", rule_key(r), text, want);
	json_decref(v);
}

static void
breaks_and_holds(void **state)
{
	for (size_t i = 0; i < N_ELEM(samples); i++) {
		const struct sample	*s = &samples[i];
		const struct rule	*r = find(s->place, s->key);

		if (r == NULL)
			fail_msg("no rule %s on %s", s->key, s->place);
		for (size_t j = 0; j < N_ELEM(s->text); j++)
			judge(*state, r, s->text[j], j % 2 == 1);
	}
}

/* A rule without a sample is a rule that nobody has seen break. */
static void
each_has_a_sample(void **state)
{
	size_t			 n, i;
	const struct rule	*r = rules_all(&n);

	(void)state;
	for (; n > 0; n--, r++) {
		if (r->node == 0)
			continue;	/* fhir_check.c has those */
		for (i = 0; i < N_ELEM(samples); i++)
			if (find(samples[i].place, samples[i].key) == r)
				break;
		if (i == N_ELEM(samples))
			fail_msg("%s has no sample", rule_key(r));
	}
}

/*
 * What is of another type than the elements have is another fault: no rule
 * reads it wrongly (JSN-11).
 */
static void
odd_types_are_borne(void **state)
{
	static const char *const odd[] = {
		"{'id':1}", "[[1]]", "'text'", "true", "-1", "[null,{'a':[]}]",
		"{'entry':{'a':1},'code':[1],'element':'x','start':[],"
		"'end':{'x':1},'group':[null,7],'concept':'x'}"
	};
	size_t			 n;
	const struct rule	*r = rules_all(&n);
	json_t			*v;

	for (; n > 0; n--, r++)
		for (size_t i = 0; r->node != 0 && i < N_ELEM(odd); i++) {
			v = tree(*state, odd[i]);
			(void)rule_holds(*state, r, v);
			json_decref(v);
		}
}

static void
texts_are_for_people(void **state)
{
	size_t			 n;
	const struct rule	*r = rules_all(&n);

	(void)state;
	for (; n > 0; n--, r++) {
		assert_true(strlen(rule_key(r)) >= 5);
		assert_true(strlen(rule_text(r)) >= 10);
		assert_int_equal(r->warning,
		    strcmp(rule_key(r), "nor-1") == 0);
		assert_int_equal(r->ours, strcmp(rule_key(r), "ext-1") == 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(breaks_and_holds),
		cmocka_unit_test(each_has_a_sample),
		cmocka_unit_test(odd_types_are_borne),
		cmocka_unit_test(texts_are_for_people)
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
