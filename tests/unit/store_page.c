/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of a search: both ways, stable while others write; sealed cursors.
 *
 * Requirements 2.3; security SRC-07, SRC-09 to SRC-11.
 */
#include "tests/unit/store_model.h"

static const uint64_t	seed = 20260101;

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

/* --- paging -------------------------------------------------------------- */

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
	{ "Observation", "_sort=-code,date,-_id" },
	{ "Observation", "_sort=value-quantity&_sort:desc=subject" },
	{ "Patient", "_sort:asc=family&_sort:desc=given" },
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
	static const char *const texts[] = { "_sort=-code", "_sort=date",
	    "code=x-1" };
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

/* --- cursors (SRC-09, SRC-10) -------------------------------------------- */

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

/* What lies in the store does not show: only what is sorted by does. */
static void
seals_cursors_of_one_length(void **state)
{
	static const char *const texts[] = { "_sort=code",
	    "_sort:desc=value-string", "code=x-1&_sort=subject",
	    "_sort=-_id&date=ge2001" };
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

int
main(void)
{
#define T(f)	cmocka_unit_test(f)
	const struct CMUnitTest tests[] = {
		T(pages_forward_and_back),
		T(leads_to_the_first_and_the_last_page),
		T(counts_without_entries_for_a_count_of_0),
		T(cuts_a_page_by_bytes_but_never_to_nothing),
		T(refuses_a_cursor_with_any_byte_changed),
		T(refuses_a_cursor_of_another_query_view_or_time),
		T(seals_cursors_of_one_length),
		/* These two change the world. */
		T(stays_stable_while_others_write),
		T(opens_cursors_of_the_previous_key_and_no_older),
	};
#undef T

	return cmocka_run_group_tests_name("store_page", tests, setup,
	    teardown);
}
