/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searches against looking at everything: ids, order, totals; includes and
 * refusals.
 *
 *	t-store_search [QUERIES [SEED]]
 *
 * QUERIES (default 3000) is the number of random queries for each view; the
 * long form is t-store_search 100000.
 *
 * Requirements 2.3, Z02; security SRC-02, SRC-04, SRC-07, SRC-08, SRC-13,
 * SRC-23, CMP-23.
 */
#include "tests/unit/store_model.h"

static unsigned	n_queries = 3000;
static uint64_t	seed = 20260101;

static int
setup(void **state)
{
	struct world *w = world_new();
	struct dice d = { seed };

	fill(w, &d, 200);
	fill_forest(w, &d, 80);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	world_free(*state);
	return 0;
}

/* --- against the model --------------------------------------------------- */

static void
compare_query(struct world *w, struct arena *a, const struct view *v,
    const struct query *q, const char *what)
{
	const struct known **want;
	struct page_ask ask = ask_new(WORLD_MAX);
	struct page p;
	size_t i, n;

	want = expected(a, w, v, q, &n);
	p = search(world_begin(w, a), a, v, q, &ask);
	if (p.total != n || p.n_match != n || p.n_entry != n)
		fail_msg("%s: %u of %u, not %u", what, (unsigned)p.n_match,
		    (unsigned)p.total, (unsigned)n);
	for (i = 0; i < n; i++)
		if (!bytes_eq(p.entry[i].id, want[i]->id))
			fail_msg("%s: entry %u is %.*s, not %.*s", what,
			    (unsigned)i, BYTES_FMT(p.entry[i].id),
			    BYTES_FMT(want[i]->id));
	assert_int_equal(p.next.len + p.previous.len + p.first.len +
	    p.last.len, 0);
}

typedef const char *	ask_fn(struct arena *a, struct dice *d,
			    const char **type_out);

static void
compare_many(struct world *w, const char *names, const char *set,
    const char *all, ask_fn *ask)
{
	struct dice d = { seed + 1 };
	const char *text, *type;
	struct arena *a;
	struct query q;
	struct view *v;
	unsigned i;

	for (i = 0; i < n_queries; i++) {
		a = arena_new(0);
		text = ask(a, &d, &type);
		v = view_mixed(a, names, set, all);
		q = query(a, type, text);
		if (view_reach(v, q.type, VIEW_SEARCH) != REACH_NONE)
			compare_query(w, a, v, &q, arena_printf(a, "%s?%s",
			    type, text));
		arena_free(&a);
	}
}

static void
finds_all_under_a_view_of_everything(void **state)
{
	compare_many(*state, "*", NULL, NULL, random_query);
}

static void
finds_what_one_patient_holds(void **state)
{
	compare_many(*state, "*", "pA", NULL, random_query);
}

static void
finds_what_two_patients_hold(void **state)
{
	compare_many(*state, "*", "pA pB", NULL,
	    random_query);
}

/* Rows of types outside the view refer to nothing (CMP-23). */
static void
finds_what_a_narrow_scope_holds(void **state)
{
	compare_many(*state, "MedicationOrder Practitioner Medication", "pA",
	    NULL, random_query);
}

/* SRC-05, SRC-06: nothing outside of the view is felt through a step. */
static void
finds_by_steps_to_others(void **state)
{
	compare_many(*state, "*", NULL, NULL, random_tree);
	compare_many(*state, "*", "pA", NULL, random_tree);
	compare_many(*state, "*", "pA pB", NULL, random_tree);
	compare_many(*state, "Observation MedicationOrder Practitioner", "pA",
	    NULL, random_tree);
	compare_many(*state, "Observation Patient", NULL, NULL, random_tree);
}

/* Each step asks the view about its own type. */
static void
finds_by_steps_under_rules_that_differ(void **state)
{
	compare_many(*state, "*", "pA", "Practitioner Medication",
	    random_tree);
	compare_many(*state, "*", "pA", "Patient List", random_tree);
	compare_many(*state, "Patient Practitioner MedicationOrder", "pB",
	    "Observation", random_tree);
}

/* The one inside, by itself; its container where that is asked. */
static void
shows_what_is_contained(void **state)
{
	struct arena *a = arena_new(0);
	struct query q = query(a, "Practitioner", "_contained=true&"
	    "_containedType=contained&family:missing=false&_sort=family");
	struct view *v = view_new(a, "*", "pA");
	struct page_ask ask = ask_new(2);
	struct snapshot *t = world_begin(*state, a);
	struct page p = search(t, a, v, &q, &ask);
	uint64_t total = p.total, seen = 0;
	struct query all;

	all = query(a, "Practitioner", "_contained=true&family:missing=false");
	assert_int_equal(search(t, a, v, &all, &ask).total, total);
	for (;; p = search(t, a, v, &q, &ask)) {
		assert_int_equal(p.total, total);
		for (size_t i = 0; i < p.n_entry; i++) {
			assert_int_equal(p.entry[i].type,
			    type_num("Observation"));
			assert_int_equal(p.entry[i].inner,
			    type_num("Practitioner"));
			assert_memory_equal(p.entry[i].id.p +
			    p.entry[i].id.len - 3, "#in", 3);
			assert_true(bytes_starts(p.entry[i].body, bytes_str(
			    "{\"resourceType\":\"Practitioner\",\"id\":"
			    "\"in\"")));
		}
		seen += p.n_match;
		ask.cursor = p.next;
		if (p.next.len == 0)
			break;
	}
	assert_true(total > 3);
	assert_int_equal(seen, total);
	arena_free(&a);
}

static void
refuses_a_type_outside_the_view(void **state)
{
	struct arena *a = arena_new(0);
	struct query q = query(a, "Patient", "");
	struct page_ask ask = ask_new(10);
	struct issues is = issues_on(a);
	struct page p;

	assert_int_equal(store_search(world_begin(*state, a), a,
	    view_new(a, "Observation", "pA"), &q, &ask, &is, &p),
	    ERR_FORBIDDEN);
	arena_free(&a);
}

/* Any parameter of the compartment may name the patient (CMP-07). */
static void
finds_what_is_in_a_compartment(void **state)
{
	static const char *const sets[] = { NULL, "pA", "pB" };
	static const char *const ids[] = { "pA", "pB", "none" };
	static const char *const names[] = { "Observation", "Appointment",
	    "MedicationOrder", "Immunization" };
	struct arena *a;
	struct issues is;
	struct query q;
	size_t i;

	for (i = 0; i < 3 * 3 * 4; i++) {
		a = arena_new(0);
		is = issues_on(a);
		q = query(a, names[i / 9], i % 2 ? "" : "_tag:not=t1");
		assert_int_equal(query_compartment(a, &q,
		    type_num("Patient"), bytes_str(ids[i % 3]), &is), OK);
		compare_query(*state, a, view_new(a, "*", sets[i / 3 % 3]),
		    &q, names[i / 9]);
		arena_free(&a);
	}
}

/* Practitioners are those that rows within the scope refer to (CMP-23). */
static void
finds_no_more_shared_ones_than_the_rows_name(void **state)
{
	struct arena *a = arena_new(0);
	struct query q = query(a, "Practitioner", "");
	struct snapshot *t = world_begin(*state, a);
	struct page_ask ask = ask_new(10);

	assert_int_equal(search(t, a, view_new(a, "*", NULL), &q,
	    &ask).total, 4);
	assert_int_equal(search(t, a, view_new(a, "*", "pA"), &q,
	    &ask).total, 3);
	assert_int_equal(search(t, a, view_new(a, "Patient Practitioner",
	    "pA"), &q, &ask).total, 1);
	assert_int_equal(search(t, a, view_new(a, "Immunization "
	    "Practitioner", "pA"), &q, &ask).total, 0);
	arena_free(&a);
}

/* --- includes ------------------------------------------------------------ */

static void
includes_what_may_be_read_and_counts_it_not(void **state)
{
	struct world *w = *state;
	struct arena *a = arena_new(0);
	struct query q = query(a, "Observation",
	    "_include=Observation:performer&_include=Observation:subject");
	struct snapshot *t = world_begin(w, a);
	struct view *v = view_new(a, "*", "pA");
	struct page_ask ask = ask_new(100);
	struct page p = search(t, a, v, &q, &ask);
	size_t i, j, doctors_seen = 0, self = 0;

	assert_int_equal(p.total, p.n_match);
	assert_true(p.n_entry > p.n_match);
	for (i = p.n_match; i < p.n_entry; i++) {
		/* SRC-02: performer pB stays out */
		assert_false(bytes_is(p.entry[i].id, "pB"));
		if (p.entry[i].type == type_num("Practitioner"))
			doctors_seen++;
		if (bytes_is(p.entry[i].id, "pA"))
			self++;
		for (j = 0; j < i; j++)		/* each once */
			assert_false(p.entry[i].type == p.entry[j].type &&
			    bytes_eq(p.entry[i].id, p.entry[j].id));
	}
	assert_int_equal(self, 1);
	assert_in_range(doctors_seen, 1, 3);
	/* A view of everything does bring pB along. */
	p = search(t, a, view_new(a, "*", NULL), &q, &ask);
	for (i = p.n_match, j = 0; i < p.n_entry; i++)
		j += bytes_is(p.entry[i].id, "pB");
	assert_int_equal(j, 1);
	arena_free(&a);
}

static void
includes_nothing_the_scope_does_not_name(void **state)
{
	struct arena *a = arena_new(0);
	struct query q = query(a, "Observation",
	    "_include=Observation:performer");
	struct page_ask ask = ask_new(100);
	struct page p;

	p = search(world_begin(*state, a), a, view_new(a, "Observation",
	    "pA"), &q, &ask);
	assert_int_equal(p.n_entry, p.n_match);
	arena_free(&a);
}

static void
keeps_includes_to_the_target_type(void **state)
{
	struct arena *a = arena_new(0);
	struct query q = query(a, "Observation",
	    "_include=Observation:performer:Patient");
	struct page_ask ask = ask_new(100);
	struct page p;
	size_t i;

	p = search(world_begin(*state, a), a, view_new(a, "*", NULL), &q,
	    &ask);
	assert_true(p.n_entry > p.n_match);
	for (i = p.n_match; i < p.n_entry; i++)
		assert_int_equal(p.entry[i].type, type_num("Patient"));
	arena_free(&a);
}

static void
makes_room_for_includes_within_the_bytes(void **state)
{
	struct arena *a = arena_new(0);
	struct query q = query(a, "Observation",
	    "_include=Observation:performer&_include=Observation:subject");
	struct snapshot *t = world_begin(*state, a);
	struct view *v = view_new(a, "*", "pA");
	struct page_ask ask = ask_new(50);
	uint64_t bytes, seen = 0, total;
	struct page p;
	size_t i;

	total = search(t, a, v, &q, &ask).total;
	ask.max_bytes = 3000;
	do {
		p = search(t, a, v, &q, &ask);
		for (i = 0, bytes = 0; i < p.n_entry; i++)
			bytes += p.entry[i].body.len;
		assert_true(p.n_match == 1 || bytes <= 3000);
		seen += p.n_match;
		ask.cursor = p.next;
	} while (p.next.len > 0);
	assert_int_equal(seen, total);
	arena_free(&a);
}

/* --- refusals ------------------------------------------------------------ */

static enum err
refused(struct world *w, const char *type, const char *text,
    const struct page_ask *ask, const char *set, const char **place_out)
{
	struct arena *a = arena_new(0);
	struct query q = query(a, type, text);
	struct issues is = issues_on(a);
	static char place[64];
	struct page p;
	enum err e;

	e = store_search(world_begin(w, a), a, view_new(a, "*", set), &q,
	    ask, &is, &p);
	place[0] = '\0';
	if (is.first != NULL && is.first->place != NULL)
		snprintf(place, sizeof(place), "%s", is.first->place);
	*place_out = place;
	arena_free(&a);
	return e;
}

static bool
at_once(void *arg)
{
	(void)arg;
	return true;
}

static void
refuses_whole_what_costs_too_much(void **state)
{
	struct page_ask ask = ask_new(10);
	const char *place;

	ask.max_rows = 20;
	/* A list that is the answer is no row looked at. */
	assert_int_equal(refused(*state, "Observation", "", &ask, NULL,
	    &place), OK);
	assert_int_equal(refused(*state, "Observation", "date=ge2000", &ask,
	    NULL, &place), ERR_COSTLY);
	assert_string_equal(place, "?patient");
	assert_int_equal(refused(*state, "Observation",
	    "patient=pA&_sort=_lastUpdated", &ask, NULL, &place), ERR_COSTLY);
	assert_string_equal(place, "?subject");
	assert_int_equal(refused(*state, "Observation", "", &ask, "pA",
	    &place), ERR_COSTLY);
	/* Only rows in the view count: nobody has none. */
	assert_int_equal(refused(*state, "Observation", "", &ask, "nobody",
	    &place), OK);
	ask = ask_new(100);
	ask.max_include = 1;
	assert_int_equal(refused(*state, "Observation",
	    "_include=Observation:performer", &ask, "pA", &place),
	    ERR_COSTLY);
	assert_string_equal(place, "?_include");
}

static void
refuses_whole_what_takes_too_long(void **state)
{
	struct page_ask ask = ask_new(10);
	const char *place;
	struct world *w = world_new();
	unsigned i;

	(void)state;
	for (i = 0; i < 1100; i++)
		world_put(w, arena_printf(w->arena, "{\"resourceType\":"
		    "\"Flag\",\"id\":\"f%u\",\"period\":{\"start\":"
		    "\"2015\"},\"subject\":{\"reference\":"
		    "\"Patient/pA\"}}", i));
	world_commit(w);
	ask.spent = at_once;
	assert_int_equal(refused(w, "Flag", "", &ask, "pA", &place),
	    ERR_COSTLY);
	assert_int_equal(refused(w, "Flag", "date=ge2000", &ask, NULL,
	    &place), ERR_COSTLY);
	assert_int_equal(refused(w, "Flag", "date=ge2000", &ask, "pB",
	    &place), OK);
	assert_int_equal(refused(w, "Flag", "", &ask, NULL, &place), OK);
	world_free(w);
}

int
main(int argc, char **argv)
{
#define T(f)	cmocka_unit_test(f)
	const struct CMUnitTest tests[] = {
		T(finds_all_under_a_view_of_everything),
		T(finds_what_one_patient_holds),
		T(finds_what_two_patients_hold),
		T(finds_what_a_narrow_scope_holds),
		T(finds_by_steps_to_others),
		T(finds_by_steps_under_rules_that_differ),
		T(shows_what_is_contained),
		T(finds_what_is_in_a_compartment),
		T(finds_no_more_shared_ones_than_the_rows_name),
		T(refuses_a_type_outside_the_view),
		T(includes_what_may_be_read_and_counts_it_not),
		T(includes_nothing_the_scope_does_not_name),
		T(keeps_includes_to_the_target_type),
		T(makes_room_for_includes_within_the_bytes),
		T(refuses_whole_what_costs_too_much),
		T(refuses_whole_what_takes_too_long),
	};
#undef T

	if (argc > 1)
		n_queries = (unsigned)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 10);
	return cmocka_run_group_tests_name("store_search", tests, setup,
	    teardown);
}
