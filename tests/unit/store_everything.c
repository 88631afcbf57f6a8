/* SPDX-License-Identifier: Apache-2.0 */
/*
 * $everything against looking at everything: whose, which types, which shared
 * ones, in what time, page by page.
 *
 * Requirements R18, Z03; security OPS-01, OPS-02.
 */
#include "tests/unit/store_model.h"

static const struct span	any = { TIME_MIN, TIME_MAX };

static int
setup(void **state)
{
	struct world *w = world_new();
	struct dice d = { 77 };

	fill(w, &d, 200);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	world_free(*state);
	return 0;
}

static enum err
everything(struct snapshot *t, struct arena *a, const struct view *v,
    const char *id, struct span care, const struct page_ask *ask,
    struct page *out)
{
	struct issues is = issues_on(a);

	return store_everything(t, a, v, bytes_str(id), care,
	    ask, &is, out);
}

static bool
owns(const char *patient, const struct known *k)
{
	size_t i;

	for (i = 0; i < k->owners.n; i++)
		if (bytes_is(k->owners.id[i], patient))
			return true;
	return false;
}

/* The rules of the operation, in words of ids. */
static bool
wanted(const struct view *v, const char *patient, const struct known *k)
{
	enum view_reach reach = view_reach(v, k->type, VIEW_READ);

	return k->live && owns(patient, k) && (reach == REACH_ALL ||
	    (reach == REACH_PATIENTS && owned(v, k)));
}

static bool
brought(const struct world *w, const struct view *v, const char *patient,
    const struct known *k)
{
	size_t i;

	if (!k->live || k->owners.kind != OWNER_SHARED ||
	    view_reach(v, k->type, VIEW_READ) == REACH_NONE)
		return false;
	for (i = 0; i < w->n; i++)
		if (wanted(v, patient, &w->known[i]) &&
		    refers(&w->known[i], k))
			return true;
	return false;
}

static bool
holds(const struct page *p, size_t from, size_t to, const struct known *k)
{
	for (; from < to; from++)
		if (p->entry[from].type == k->type &&
		    bytes_eq(p->entry[from].id, k->id))
			return true;
	return false;
}

static const char *const	views[][2] = {
	{ "*", NULL }, { "*", "pA" }, { "*", "pA pB" },
	{ "Patient Observation", "pA" },
	{ "Patient Observation MedicationOrder Medication", "pA pC" },
	{ "Patient MedicationOrder", NULL },
};

static void
gives_what_the_view_holds_of_a_patient(void **state)
{
	struct page_ask ask = ask_new(WORLD_MAX);
	struct world *w = *state;
	const struct known *k;
	struct arena *a;
	struct view *v;
	struct page p;
	size_t i, n, m, seen = 0;

	for (i = 0; i < N_ELEM(views); i++) {
		a = arena_new(0);
		v = view_new(a, views[i][0], views[i][1]);
		assert_int_equal(everything(world_begin(w, a), a, v, "pA",
		    any, &ask, &p), OK);
		n = m = 0;
		for (k = w->known; k < w->known + w->n; k++) {
			n += wanted(v, "pA", k);
			m += brought(w, v, "pA", k);
			assert_int_equal(holds(&p, 0, p.n_match, k),
			    wanted(v, "pA", k));
			assert_int_equal(holds(&p, p.n_match, p.n_entry, k),
			    brought(w, v, "pA", k));
		}
		assert_int_equal(p.n_match, n);
		assert_int_equal(p.total, n);
		assert_int_equal(p.n_entry, n + m);
		seen += n > 1 && m > 0;
		arena_free(&a);
	}
	assert_true(seen >= 4);
}

/* OPS-01: the same as for a patient that never was. */
static void
hides_another_patient(void **state)
{
	static const char *const ids[] = { "pB", "pC", "never-was" };
	struct page_ask ask = ask_new(10);
	struct arena *a;
	struct snapshot *t;
	struct issues is;
	struct view *v;
	struct page p;
	uint64_t work = 0;
	size_t i;

	for (i = 0; i < N_ELEM(ids); i++) {
		a = arena_new(0);
		is = issues_on(a);
		v = view_new(a, "*", "pA");
		t = world_begin(*state, a);
		assert_int_equal(store_everything(t, a, v, bytes_str(ids[i]),
		    any, &ask, &is, &p), ERR_NOTFOUND);
		if (i > 0)
			assert_int_equal(store_work(t), work);
		work = store_work(t);
		arena_free(&a);
	}
}

/* Not even the own patient, where the scope has no Patient. */
static void
needs_the_patient_to_be_readable(void **state)
{
	struct page_ask ask = ask_new(10);
	struct arena *a = arena_new(0);
	struct page p;

	assert_int_equal(everything(world_begin(*state, a), a,
	    view_new(a, "Observation", "pA"), "pA", any, &ask, &p),
	    ERR_NOTFOUND);
	arena_free(&a);
}

static void
turns_pages_there_and_back(void **state)
{
	struct page_ask ask = ask_new(WORLD_MAX);
	struct arena *a = arena_new(0);
	struct snapshot *t = world_begin(*state, a);
	struct view *v = view_new(a, "*", "pA");
	struct page whole, p = { .total = 0 };
	size_t i, at = 0;

	assert_int_equal(everything(t, a, v, "pA", any, &ask, &whole),
	    OK);
	assert_true(whole.n_match > 8);
	ask = ask_new(3);
	do {
		ask.cursor = p.next;
		assert_int_equal(everything(t, a, v, "pA", any, &ask,
		    &p), OK);
		assert_int_equal(p.total, whole.total);
		for (i = 0; i < p.n_match; i++, at++)
			assert_true(bytes_eq(p.entry[i].id,
			    whole.entry[at].id));
	} while (p.next.len > 0);
	assert_int_equal(at, whole.n_match);
	at -= p.n_match;
	while (p.previous.len > 0) {
		ask.cursor = p.previous;
		assert_int_equal(everything(t, a, v, "pA", any, &ask,
		    &p), OK);
		for (at -= p.n_match, i = 0; i < p.n_match; i++)
			assert_true(bytes_eq(p.entry[i].id,
			    whole.entry[at + i].id));
	}
	assert_int_equal(at, 0);
	arena_free(&a);
}

/* Nor of another time, nor of a search. */
static void
takes_no_cursor_of_another_patient(void **state)
{
	struct page_ask ask = ask_new(3);
	struct arena *a = arena_new(0);
	struct snapshot *t = world_begin(*state, a);
	struct view *v = view_new(a, "*", NULL);
	const struct span past = { TIME_MIN, 0 };
	struct page p, q;

	assert_int_equal(everything(t, a, v, "pA", any, &ask, &p), OK);
	assert_true(p.next.len > 0);
	ask.cursor = p.next;
	assert_int_equal(everything(t, a, v, "pB", any, &ask, &q),
	    ERR_VALUE);
	assert_int_equal(everything(t, a, v, "pA", past, &ask, &q),
	    ERR_VALUE);
	assert_int_equal(everything(t, a, view_new(a, "*", "pA"), "pA",
	    any, &ask, &q), ERR_VALUE);
	assert_int_equal(everything(t, a, v, "pA", any, &ask, &q), OK);
	arena_free(&a);
}

static bool
touches(const struct known *k, struct span care)
{
	const struct def_param *p;
	const struct value *v;
	bool dated = false;

	if (bytes_is(bytes_str(def_type_num(k->type)->name), "Patient"))
		return true;
	for (v = k->values.v; v < k->values.v + k->values.n; v++) {
		p = def_param_num(v->param);
		if (p->kind != PK_DATE)
			continue;
		dated = true;
		if (v->time.hi > care.lo && v->time.lo < care.hi)
			return true;
	}
	return !dated;
}

static void
keeps_to_the_time_of_care(void **state)
{
	/* From 2015-01-14 on; all of 2014; nothing but undated ones. */
	static const struct span care[] = {
		{ INT64_C(1421193600000), TIME_MAX },
		{ INT64_C(1388534400000), INT64_C(1420070400000) },
		{ TIME_MIN, INT64_C(-3000000000000) }
	};
	struct page_ask ask = ask_new(WORLD_MAX);
	struct world *w = *state;
	struct arena *a = arena_new(0);
	struct snapshot *t = world_begin(w, a);
	struct view *v = view_new(a, "*", "pA");
	const struct known *k;
	struct page p;
	size_t i, n, out = 0;

	for (i = 0; i < N_ELEM(care); i++) {
		assert_int_equal(everything(t, a, v, "pA", care[i],
		    &ask, &p), OK);
		n = 0;
		for (k = w->known; k < w->known + w->n; k++) {
			out += wanted(v, "pA", k) && !touches(k, care[i]);
			n += wanted(v, "pA", k) && touches(k, care[i]);
			assert_int_equal(holds(&p, 0, p.n_match, k),
			    wanted(v, "pA", k) && touches(k, care[i]));
		}
		assert_int_equal(p.total, n);
	}
	assert_true(out > 0);
	arena_free(&a);
}

static void
refuses_whole_what_costs_too_much(void **state)
{
	struct page_ask ask = ask_new(10);
	struct arena *a = arena_new(0);
	struct page p;

	ask.max_rows = 3;
	assert_int_equal(everything(world_begin(*state, a), a,
	    view_new(a, "*", "pA"), "pA", any, &ask, &p), ERR_COSTLY);
	arena_free(&a);
}

static void
counts_without_entries_for_a_count_of_0(void **state)
{
	struct page_ask ask = ask_new(0);
	struct arena *a = arena_new(0);
	struct page p;

	assert_int_equal(everything(world_begin(*state, a), a,
	    view_new(a, "*", "pA"), "pA", any, &ask, &p), OK);
	assert_true(p.total > 1);
	assert_int_equal(p.n_entry, 0);
	arena_free(&a);
}

int
main(void)
{
#define T(f)	cmocka_unit_test(f)
	const struct CMUnitTest tests[] = {
		T(gives_what_the_view_holds_of_a_patient),
		T(hides_another_patient),
		T(needs_the_patient_to_be_readable),
		T(turns_pages_there_and_back),
		T(takes_no_cursor_of_another_patient),
		T(keeps_to_the_time_of_care),
		T(refuses_whole_what_costs_too_much),
		T(counts_without_entries_for_a_count_of_0),
	};
#undef T

	return cmocka_run_group_tests_name("store_everything", tests, setup,
	    teardown);
}
