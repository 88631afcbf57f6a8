/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a criterion says of a whole resource: none, several, or no values.
 */
#include "tests/unit/fhir_query.h"

static struct value
reference(const char *type, const char *id)
{
	return (struct value){ .kind = PK_REFERENCE, .type = type_num(type),
	    .text = bytes_str(id) };
}

struct row {
	const char	*search;
	bool		 found;
};

/* Observation p1 of time 1000 without any value. */
static void
check_bare(struct arena *a, const struct row *r, size_t n)
{
	const struct values	none = { 0 };
	size_t			i;

	for (i = 0; i < n; i++) {
		struct query	q = good(a, "Observation", r[i].search);

		if (found(&q, &none) != r[i].found)
			fail_msg("%s", r[i].search);
	}
}

/* S07 */
static void
missing_and_not_on_nothing(void **state)
{
	static const struct row	rows[] = {
		{ "code:missing=true", true }, { "code:missing=false", false },
		{ "code:not=a", true }, { "code=a", false },
		{ "date=ne2013", false }, { "subject:missing=true", true },
		{ "_id:missing=true", false }, { "_id:missing=false", true },
		{ "_id:not=p1", false }, { "_id:not=p2", true }
	};

	check_bare(*state, rows, N_ELEM(rows));
}

/* S16: _id is case-sensitive, _lastUpdated a millisecond (1000 here). */
static void
id_and_time_of_the_record(void **state)
{
	static const struct row	rows[] = {
		{ "_id=p1", true }, { "_id=P1", false }, { "_id=p2", false },
		{ "_id=p2,p1", true }, { "_id=p1&_id=p2", false },
		{ "_lastUpdated=1970-01-01T00:00:01Z", true },
		{ "_lastUpdated=1970-01-01", true },
		{ "_lastUpdated=gt1970-01-01T00:00:01Z", false },
		{ "_lastUpdated=ge1970-01-01T00:00:01Z", true },
		{ "_lastUpdated=lt1970-01-01T00:00:01Z", false },
		{ "_lastUpdated=gt1970-01-01T00:00:00Z", true }
	};

	check_bare(*state, rows, N_ELEM(rows));
}

/* Only the parameter's own values count, wherever they lie in the list. */
static void
other_parameters_do_not_count(void **state)
{
	struct query	q = good(*state, "Observation", "code=a");
	struct value	v[8];
	struct values	values = { v, N_ELEM(v) };
	size_t		hit, i;

	for (hit = 0; hit < N_ELEM(v); hit++) {
		uint16_t	num = q.must->param->num;

		for (i = 0; i < N_ELEM(v); i++)
			v[i] = (struct value){ .kind = PK_TOKEN,
			    .text = bytes_str("a"),
			    .param = (uint16_t)(num - hit + i) };
		assert_true(found(&q, &values));
		v[hit].text = bytes_str("b");
		assert_false(found(&q, &values));
	}
}

/* SRC-16: the same parameter twice must hold twice. */
static void
repetition_is_and(void **state)
{
	struct query	q = good(*state, "Observation",
	    "patient=pA&patient=pB");
	struct value	v[2] = {
		reference("Patient", "pA"), reference("Patient", "pB")
	};
	struct values	values = { v, 1 };

	v[0].param = v[1].param = q.must->param->num;
	assert_false(found(&q, &values));
	values.n = 2;
	assert_true(found(&q, &values));
}

/* R17: any parameter of the compartment may name the patient. */
static void
compartment_is_a_union(void **state)
{
	struct query	q = good(*state, "Observation", "");
	struct issues	is = issues_on(*state);
	struct value	v = reference("Patient", "p1");
	struct values	values = { &v, 1 };

	assert_int_equal(query_compartment(*state, &q, type_num("Patient"),
	    bytes_str("p1"), &is), OK);
	v.param = q.must->param->num;
	assert_true(found(&q, &values));
	v.param = q.must->also[0]->num;
	assert_true(found(&q, &values));
	v.param = def_param(q.type, bytes_str("encounter"))->num;
	assert_false(found(&q, &values));
	v = reference("Practitioner", "p1");
	v.param = q.must->also[0]->num;
	assert_false(found(&q, &values));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(missing_and_not_on_nothing), T(id_and_time_of_the_record),
		T(other_parameters_do_not_count), T(repetition_is_and),
		T(compartment_is_a_union)
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
