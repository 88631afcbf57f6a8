/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searches against looking at everything: ids, order, totals, page by page.
 *
 *	t-store_search [QUERIES [SEED]]
 *
 * QUERIES (default 3000) is the number of random queries for each view; the
 * long form is t-store_search 100000.
 *
 * Requirements 2.3, Z02; security SRC-01, SRC-07 to SRC-10, SRC-13, SRC-23.
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
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	world_free(*state);
	return 0;
}

static struct page
search(struct snapshot *t, struct arena *a, const struct view *v,
    const struct query *q, const struct page_ask *ask)
{
	struct issues is = issues_on(a);
	struct page p = { .total = 0 };
	enum err e;

	e = store_search(t, a, v, q, ask, &is, &p);
	if (e != OK)
		fail_msg("%s: %.*s", err_name(e), BYTES_FMT(q->self));
	return p;
}

static struct query
query(struct arena *a, const char *type, const char *text)
{
	struct issues is;
	struct query q;

	if (world_query(a, type, text, &is, &q) != OK)
		fail_msg("%s?%s: %s", type, text, is.first->text);
	return q;
}

/* --- against the model --------------------------------------------------------- */

static void
compare_all(struct world *w, struct arena *a, const struct view *v,
    const char *type, const char *text)
{
	struct query q = query(a, type, text);
	const struct known **want;
	struct page_ask ask = ask_new(WORLD_MAX);
	struct page p;
	size_t i, n;

	want = expected(a, w, v, &q, &n);
	p = search(world_begin(w, a), a, v, &q, &ask);
	if (p.total != n || p.n_match != n || p.n_entry != n)
		fail_msg("%s?%s: %u of %u, not %u", type, text,
		    (unsigned)p.n_match, (unsigned)p.total, (unsigned)n);
	for (i = 0; i < n; i++)
		if (!bytes_eq(p.entry[i].id, want[i]->id))
			fail_msg("%s?%s: entry %u is %.*s, not %.*s", type,
			    text, (unsigned)i, BYTES_FMT(p.entry[i].id),
			    BYTES_FMT(want[i]->id));
	assert_int_equal(p.next.len + p.previous.len + p.first.len +
	    p.last.len, 0);
}

static void
compare_many(struct world *w, const char *names, const char *set)
{
	struct dice d = { seed + 1 };
	const char *text, *type;
	struct arena *a;
	struct view *v;
	unsigned i;

	for (i = 0; i < n_queries; i++) {
		a = arena_new(0);
		text = random_query(a, &d, &type);
		v = view_new(a, names, set);
		if (view_reach(v, type_num(type), VIEW_SEARCH) != REACH_NONE)
			compare_all(w, a, v, type, text);
		arena_free(&a);
	}
}

static void
finds_all_under_a_view_of_everything(void **state)
{
	compare_many(*state, "*", NULL);
}

static void
finds_what_one_patient_holds(void **state)
{
	compare_many(*state, "*", "pA");
}

static void
finds_what_two_patients_hold(void **state)
{
	compare_many(*state, "*", "pA pB");
}

/* Rows of types outside the view refer to nothing (CMP-23). */
static void
finds_what_a_narrow_scope_holds(void **state)
{
	compare_many(*state, "MedicationOrder Practitioner Medication", "pA");
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

/* --- paging ---------------------------------------------------------------------- */

static void
same_entry(const struct page *p, size_t i, const struct known *k,
    const char *what)
{
	if (!bytes_eq(p->entry[i].id, k->id))
		fail_msg("%s: %.*s, not %.*s", what,
		    BYTES_FMT(p->entry[i].id), BYTES_FMT(k->id));
}

static const char *const	paged[][2] = {
	{ "Observation", "" },
	{ "Observation", "_sort=date" },
	{ "Observation", "_sort=-date" },
	{ "Observation", "patient=pA&date=ge2014" },
	{ "Observation", "code=8302-2" },
	{ "Observation", "code=http://loinc.org|8302-2" },
	{ "Observation", "_tag=t1&_sort=-_lastUpdated" },
	{ "Patient", "" },
	{ "Practitioner", "" },
};

/* Forward to the end and back again: every entry once, in order. */
static void
page_both_ways(struct world *w, const char *set, size_t row, uint64_t count)
{
	struct arena *a = arena_new(0);
	struct query q = query(a, paged[row][0], paged[row][1]);
	struct view *v = view_new(a, "*", set);
	struct snapshot *t = world_begin(w, a);
	struct page_ask ask = ask_new(count);
	const struct known **want;
	struct page p;
	size_t i, n, at = 0;

	want = expected(a, w, v, &q, &n);
	for (;;) {
		p = search(t, a, v, &q, &ask);
		assert_int_equal(p.total, n);
		assert_int_equal(p.n_match, n - at < count ? n - at : count);
		for (i = 0; i < p.n_match; i++)
			same_entry(&p, i, want[at + i], "forward");
		at += p.n_match;
		assert_int_equal(p.next.len > 0, at < n);
		assert_int_equal(p.previous.len > 0, at > p.n_match);
		if (p.next.len == 0)
			break;
		ask.cursor = p.next;
	}
	while (p.previous.len > 0) {
		at -= p.n_match;
		ask.cursor = p.previous;
		p = search(t, a, v, &q, &ask);
		assert_int_equal(p.n_match, at < count ? at : count);
		for (i = 0; i < p.n_match; i++)
			same_entry(&p, i, want[at - p.n_match + i], "back");
		assert_true(p.next.len > 0);
	}
	assert_int_equal(at, p.n_match);	/* the very beginning */
	arena_free(&a);
}

static void
pages_forward_and_back(void **state)
{
	size_t row;

	for (row = 0; row < N_ELEM(paged); row++) {
		page_both_ways(*state, NULL, row, 7);
		page_both_ways(*state, "pA", row, 3);
		page_both_ways(*state, "pA pB", row, 1);
	}
}

static void
leads_to_the_first_and_the_last_page(void **state)
{
	struct world *w = *state;
	struct arena *a = arena_new(0);
	struct query q = query(a, "Observation", "");
	struct snapshot *t = world_begin(w, a);
	struct page_ask ask = ask_new(5);
	struct view *v[2] = { view_new(a, "*", NULL),
	    view_new(a, "*", "pA") };
	const struct known **want;
	struct page p;
	size_t i, j, n;

	for (j = 0; j < 2; j++) {
		want = expected(a, w, v[j], &q, &n);
		ask.cursor = bytes_of(NULL, 0);
		p = search(t, a, v[j], &q, &ask);
		ask.cursor = p.last;
		p = search(t, a, v[j], &q, &ask);
		assert_int_equal(p.n_match, 5);
		assert_int_equal(p.next.len, 0);
		for (i = 0; i < 5; i++)
			same_entry(&p, i, want[n - 5 + i], "last");
		ask.cursor = p.first;
		p = search(t, a, v[j], &q, &ask);
		assert_int_equal(p.previous.len, 0);
		for (i = 0; i < 5; i++)
			same_entry(&p, i, want[i], "first");
	}
	arena_free(&a);
}

static void
counts_without_entries_for_a_count_of_0(void **state)
{
	struct world *w = *state;
	struct arena *a = arena_new(0);
	struct query q = query(a, "Observation", "date=ge2015");
	struct view *v = view_new(a, "*", "pA");
	struct page_ask ask = ask_new(0);
	struct page p;
	size_t n;

	(void)expected(a, w, v, &q, &n);
	p = search(world_begin(w, a), a, v, &q, &ask);
	assert_int_equal(p.total, n);
	assert_int_equal(p.n_entry, 0);
	assert_int_equal(p.next.len + p.first.len, 0);
	arena_free(&a);
}

static void
cuts_a_page_by_bytes_but_never_to_nothing(void **state)
{
	struct arena *a = arena_new(0);
	struct query q = query(a, "Observation", "");
	struct view *v = view_new(a, "*", "pA");
	struct snapshot *t = world_begin(*state, a);
	struct page_ask ask = ask_new(20);
	uint64_t bytes, seen = 0, total;
	struct page p;
	size_t i;

	total = search(t, a, v, &q, &ask).total;
	ask.max_bytes = 1500;
	do {
		p = search(t, a, v, &q, &ask);
		for (i = 0, bytes = 0; i < p.n_match; i++)
			bytes += p.entry[i].body.len;
		assert_true(p.n_match == 1 || bytes <= 1500);
		assert_true(p.n_match >= 1);
		seen += p.n_match;
		ask.cursor = p.next;
	} while (p.next.len > 0);
	assert_int_equal(seen, total);
	ask.max_bytes = 1;
	ask.cursor = p.previous;
	assert_int_equal(search(t, a, v, &q, &ask).n_match, 1);
	arena_free(&a);
}

/* What did not change appears once; what came later is left out. */
static void
stays_stable_while_others_write(void **state)
{
	static const char *const sets[] = { NULL, "pA" };
	static const char *const texts[] = { "", "_sort=date", "code=x-1" };
	struct world *w = *state;
	struct dice d = { seed + 2 };
	struct bytes cursor;
	struct arena *a, *keep = arena_new(0);
	struct page_ask ask;
	const struct known **want;
	struct query q;
	struct view *v;
	struct page p;
	size_t i, j, n, at;
	unsigned fresh = 0;

	for (j = 0; j < 6; j++) {
		v = view_new(keep, "*", sets[j % 2]);
		q = query(keep, "Observation", texts[j / 2]);
		want = expected(keep, w, v, &q, &n);
		cursor = bytes_of(NULL, 0);
		at = 0;
		do {
			a = arena_new(0);
			ask = ask_new(4);
			ask.cursor = cursor;
			p = search(world_begin(w, a), a, v, &q, &ask);
			for (i = 0; i < p.n_match; i++)
				same_entry(&p, i, want[at + i], texts[j / 2]);
			at += p.n_match;
			cursor = arena_copy(keep, p.next);
			arena_free(&a);
			put_observation(w, &d, arena_printf(w->arena,
			    "new%u", fresh++), "pA");
			world_commit(w);
		} while (cursor.len > 0);
		assert_int_equal(at, n);
		world_learn(w);
	}
	arena_free(&keep);
}

/* --- cursors (SRC-09, SRC-10) ------------------------------------------------------- */

struct sealed {
	struct arena		*a;
	struct snapshot		*t;
	struct view		*v;
	struct query		 q;
	struct page_ask		 ask;
};

static enum err
follow(const struct sealed *s, struct bytes cursor)
{
	struct page_ask ask = s->ask;
	struct issues is = issues_on(s->a);
	struct page p;

	ask.cursor = cursor;
	return store_search(s->t, s->a, s->v, &s->q, &ask, &is, &p);
}

static struct sealed
sealed_new(struct world *w, struct bytes *next_out)
{
	struct sealed s = { .a = arena_new(0) };

	s.t = world_begin(w, s.a);
	s.v = view_new(s.a, "*", "pA");
	s.q = query(s.a, "Observation", "date=ge2014");
	s.ask = ask_new(3);
	*next_out = search(s.t, s.a, s.v, &s.q, &s.ask).next;
	assert_int_equal(follow(&s, *next_out), OK);
	return s;
}

static void
refuses_a_cursor_with_any_byte_changed(void **state)
{
	struct bytes good;
	struct sealed s = sealed_new(*state, &good);
	uint8_t bad[512];
	size_t i;

	assert_true(good.len < sizeof(bad));
	memcpy(bad, good.p, good.len);
	for (i = 0; i < good.len; i++) {
		bad[i] = good.p[i] == 'A' ? 'B' : 'A';
		assert_int_equal(follow(&s, bytes_of(bad, good.len)),
		    ERR_VALUE);
		bad[i] = '!';
		assert_int_equal(follow(&s, bytes_of(bad, good.len)),
		    ERR_VALUE);
		bad[i] = good.p[i];
		if (i > 0)
			assert_int_equal(follow(&s, bytes_of(bad, i)),
			    ERR_VALUE);
	}
	bad[good.len] = 'A';
	assert_int_equal(follow(&s, bytes_of(bad, good.len + 1)), ERR_VALUE);
	assert_int_equal(follow(&s, bytes_of(bad, good.len)), OK);
	arena_free(&s.a);
}

static void
refuses_a_cursor_of_another_query_view_or_time(void **state)
{
	struct bytes good;
	struct sealed s = sealed_new(*state, &good), other;

	other = s;
	other.q = query(s.a, "Observation", "date=ge2015");
	assert_int_equal(follow(&other, good), ERR_VALUE);
	other.q = query(s.a, "Immunization", "");
	assert_int_equal(follow(&other, good), ERR_VALUE);
	other = s;
	other.v = view_new(s.a, "*", "pB");
	assert_int_equal(follow(&other, good), ERR_VALUE);
	other = s;
	other.ask.now.ms += (int64_t)s.ask.lifetime_ms;
	assert_int_equal(follow(&other, good), OK);
	other.ask.now.ms++;
	assert_int_equal(follow(&other, good), ERR_VALUE);
	arena_free(&s.a);
}

static void
opens_cursors_of_the_previous_key_and_no_older(void **state)
{
	struct world *w = *state;
	struct bytes good;
	struct sealed s = sealed_new(w, &good);

	memcpy(w->store->page_old, w->store->page_key, 32);
	w->store->page_key[0] ^= 1;
	assert_int_equal(follow(&s, good), ERR_VALUE);
	w->store->has_old = true;
	assert_int_equal(follow(&s, good), OK);
	w->store->page_old[0] ^= 2;
	assert_int_equal(follow(&s, good), ERR_VALUE);
	arena_free(&s.a);
}

static void
seals_cursors_of_one_length(void **state)
{
	static const char *const texts[] = { "", "_sort=date",
	    "_sort=-date,_lastUpdated", "code=x-1&_sort:desc=_lastUpdated" };
	struct arena *a = arena_new(0);
	struct snapshot *t = world_begin(*state, a);
	struct view *v = view_new(a, "*", NULL);
	struct page_ask ask = ask_new(2);
	struct query q;
	struct page p;
	size_t i, len = 0;

	for (i = 0; i < N_ELEM(texts); i++) {
		q = query(a, "Observation", texts[i]);
		p = search(t, a, v, &q, &ask);
		if (i == 0)
			len = p.next.len;
		assert_int_equal(p.next.len, len);
		assert_int_equal(p.last.len, len);
	}
	arena_free(&a);
}

/* --- includes --------------------------------------------------------------------------- */

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

/* --- refusals ------------------------------------------------------------------------------ */

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
	    "patient=pA&_sort=date", &ask, NULL, &place), ERR_COSTLY);
	assert_string_equal(place, "?subject");
	assert_int_equal(refused(*state, "Observation", "", &ask, "pA",
	    &place), ERR_COSTLY);
	/* Only rows in the view count: nobody has none. */
	assert_int_equal(refused(*state, "Observation", "", &ask, "nobody",
	    &place), OK);
	ask = ask_new(10);
	ask.spent = at_once;
	assert_int_equal(refused(*state, "Observation", "date=ge2000", &ask,
	    NULL, &place), OK);		/* asked every 1,024 rows */
	ask = ask_new(100);
	ask.max_include = 1;
	assert_int_equal(refused(*state, "Observation",
	    "_include=Observation:performer", &ask, "pA", &place),
	    ERR_COSTLY);
	assert_string_equal(place, "?_include");
}

static void
refuses_a_sort_it_cannot_do(void **state)
{
	struct page_ask ask = ask_new(10);
	const char *place;

	assert_int_equal(refused(*state, "Observation", "_sort=code", &ask,
	    "pA", &place), ERR_USAGE);
	assert_string_equal(place, "?_sort");
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
		T(refuses_a_type_outside_the_view),
		T(pages_forward_and_back),
		T(leads_to_the_first_and_the_last_page),
		T(counts_without_entries_for_a_count_of_0),
		T(cuts_a_page_by_bytes_but_never_to_nothing),
		T(refuses_a_cursor_with_any_byte_changed),
		T(refuses_a_cursor_of_another_query_view_or_time),
		T(seals_cursors_of_one_length),
		T(includes_what_may_be_read_and_counts_it_not),
		T(includes_nothing_the_scope_does_not_name),
		T(keeps_includes_to_the_target_type),
		T(makes_room_for_includes_within_the_bytes),
		T(refuses_whole_what_costs_too_much),
		T(refuses_a_sort_it_cannot_do),
		/* These two change the world. */
		T(stays_stable_while_others_write),
		T(opens_cursors_of_the_previous_key_and_no_older),
	};
#undef T

	if (argc > 1)
		n_queries = (unsigned)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 10);
	return cmocka_run_group_tests_name("store_search", tests, setup,
	    teardown);
}
