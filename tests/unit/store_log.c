/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The history of a type and of all, by the journal: newest first, page by
 * page, and nothing of what the view does not hold whole.
 *
 * Requirements R04; security CMP-02, SRC-09, SRC-10.
 */
#include "tests/unit/store_world.h"

#define ROUNDS	10	/* each: one Observation, two Practitioners */

static void
put(struct world *w, const char *type, unsigned i, unsigned n)
{
	world_put(w, arena_printf(w->arena, strcmp(type, "Observation") == 0 ?
	    "{\"resourceType\":\"%s\",\"id\":\"x%u\",\"status\":\"final\","
	    "\"code\":{\"text\":\"%u\"}}" :
	    "{\"resourceType\":\"%s\",\"id\":\"x%u\","
	    "\"name\":{\"family\":[\"%u\"]}}", type, i, n));
	world_commit(w);
}

static void
fill(struct world *w, unsigned others)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		put(w, "Observation", i % 3, i);
		for (unsigned k = 0; k < others; k++)
			put(w, "Practitioner", k, i);
	}
	world_delete(w, "Observation", "x0");
	world_commit(w);
}

static int
setup(void **state)
{
	struct world *w = world_new();

	fill(w, 2);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	world_free(*state);
	return 0;
}

static struct history_ask
of_type(const char *type)
{
	return (struct history_ask){ .type = *type == '\0' ? 0 :
	    type_num(type), .since = { TIME_MIN } };
}

/* One snapshot at a time: each call has an arena of its own. */
static enum err
ask_page(struct world *w, struct arena *a, const char *types,
    const struct history_ask *what, const struct page_ask *ask,
    struct page *out)
{
	return store_history(world_begin(w, a), a, view_new(a, types, NULL),
	    what, ask, out);
}

static void
lists_a_type_newest_first(void **state)
{
	const struct history_ask what = of_type("Observation");
	struct arena *a = arena_new(0);
	struct page_ask ask = ask_new(100);
	struct page p;

	assert_int_equal(ask_page(*state, a, "Observation", &what, &ask, &p),
	    OK);
	assert_int_equal(p.total, ROUNDS + 1);
	assert_int_equal(p.n_entry, ROUNDS + 1);
	assert_true(p.entry[0].deleted);
	for (size_t i = 0; i < p.n_entry; i++) {
		assert_int_equal(p.entry[i].type, type_num("Observation"));
		assert_true(i == 0 || p.entry[i].updated.ms <
		    p.entry[i - 1].updated.ms);
	}
	arena_free(&a);
}

/* Forward to the end, back to the beginning; then from the end. */
static void
walk(struct world *w, struct history_ask what, uint64_t count,
    uint64_t total)
{
	struct arena *a = arena_new(0);
	struct snapshot *t = world_begin(w, a);
	struct view *v = view_new(a, "*", NULL);
	struct page_ask ask = ask_new(count);
	int64_t *time = arena_array(a, total, sizeof(*time));
	struct page p;
	uint64_t n = 0, pages = 0;

	for (;;) {
		assert_int_equal(store_history(t, a, v, &what, &ask, &p), OK);
		assert_int_equal(p.total, total);
		for (size_t i = 0; i < p.n_entry; i++) {
			assert_true(n < total);
			time[n] = p.entry[i].updated.ms;
			assert_true(n == 0 || time[n] < time[n - 1]);
			n++;
		}
		pages++;
		if (p.next.len == 0)
			break;
		ask.cursor = p.next;
	}
	assert_int_equal(n, total);
	assert_int_equal(pages, (total + count - 1) / count);
	n -= p.n_entry;
	while (p.previous.len > 0) {
		ask.cursor = p.previous;
		assert_int_equal(store_history(t, a, v, &what, &ask, &p), OK);
		for (size_t i = p.n_entry; i > 0; i--)
			assert_int_equal(p.entry[i - 1].updated.ms,
			    time[--n]);
	}
	assert_int_equal(n, 0);
	ask.cursor = p.last;
	assert_int_equal(store_history(t, a, v, &what, &ask, &p), OK);
	assert_int_equal(p.n_entry, count);
	assert_int_equal(p.entry[count - 1].updated.ms, time[total - 1]);
	arena_free(&a);
}

static void
pages_both_ways(void **state)
{
	struct history_ask what = of_type("Observation"), all = of_type("");

	for (uint64_t count = 1; count < 7; count++) {
		walk(*state, what, count, ROUNDS + 1);
		walk(*state, all, count, 3 * ROUNDS + 1);
	}
	/* A second a change: the last ten, the moment itself included. */
	what.since.ms = all.since.ms = ((struct world *)*state)->now - 10000;
	walk(*state, what, 2, 4);
	walk(*state, all, 3, 10);
}

static void
shows_the_types_held_whole_alone(void **state)
{
	struct history_ask all = of_type(""), obs = of_type("Observation");
	struct arena *a = arena_new(0);
	struct snapshot *t = world_begin(*state, a);
	struct page_ask ask = ask_new(100);
	struct view *v = view_new(a, "Practitioner", NULL);
	struct page p;

	assert_int_equal(store_history(t, a, v, &all, &ask, &p), OK);
	assert_int_equal(p.total, 2 * ROUNDS);
	for (size_t i = 0; i < p.n_entry; i++)
		assert_int_equal(p.entry[i].type, type_num("Practitioner"));
	assert_int_equal(store_history(t, a, v, &obs, &ask, &p),
	    ERR_FORBIDDEN);
	/* Of one patient; to search alone; of some content alone. */
	assert_int_equal(store_history(t, a, view_new(a, "*", "pA"), &all,
	    &ask, &p), ERR_FORBIDDEN);
	v->rule->ops = VIEW_SEARCH;
	assert_int_equal(store_history(t, a, v, &all, &ask, &p),
	    ERR_FORBIDDEN);
	v->rule->ops = VIEW_READ;
	v->rule->where = query(a, "Practitioner", "name=x").must;
	v->rule->n_where = 1;
	assert_int_equal(store_history(t, a, v, &all, &ask, &p),
	    ERR_FORBIDDEN);
	arena_free(&a);
}

/* What happens to other types is no work, either (design 11). */
static uint64_t
work_of(unsigned others, int64_t since)
{
	struct world *w = world_new();
	struct history_ask all = of_type("");
	struct page_ask ask = ask_new(4);
	struct arena *a;
	struct snapshot *t;
	struct page p;
	uint64_t work;

	fill(w, others);
	all.since.ms = since;
	a = arena_new(0);
	t = world_begin(w, a);
	assert_int_equal(store_history(t, a, view_new(a, "Observation",
	    NULL), &all, &ask, &p), OK);
	assert_int_equal(p.total, ROUNDS + 1);
	work = store_work(t);
	arena_free(&a);
	world_free(w);
	return work;
}

static void
works_the_same_whatever_else_happened(void **state UNUSED)
{
	assert_int_equal(work_of(1, TIME_MIN), work_of(30, TIME_MIN));
	assert_int_equal(work_of(1, 0), work_of(30, 0));
}

static void
leaves_out_what_came_after_the_first_page(void **state)
{
	struct history_ask all = of_type("");
	struct world *w = *state;
	struct arena *a = arena_new(0), *keep = arena_new(0);
	struct page_ask ask = ask_new(3 * ROUNDS);
	struct page p;

	assert_int_equal(ask_page(w, a, "*", &all, &ask, &p), OK);
	ask.cursor = arena_copy(keep, p.next);
	arena_free(&a);
	put(w, "Observation", 7, 99);
	a = arena_new(0);
	assert_int_equal(ask_page(w, a, "*", &all, &ask, &p), OK);
	assert_int_equal(p.n_entry, 1);
	assert_int_equal(p.total, 3 * ROUNDS + 2);
	assert_bytes(p.entry[0].id, "x0");
	ask.cursor = arena_copy(keep, p.first);
	arena_free(&a);
	a = arena_new(0);
	assert_int_equal(ask_page(w, a, "*", &all, &ask, &p), OK);
	assert_true(p.entry[0].deleted);
	arena_free(&a);
	arena_free(&keep);
}

/* A cursor is for one type, one "since": nothing else opens it. */
static void
refuses_a_cursor_of_another_history(void **state)
{
	struct history_ask all = of_type(""), obs = of_type("Observation"),
	    later = of_type("");
	struct arena *a = arena_new(0);
	struct snapshot *t = world_begin(*state, a);
	struct view *v = view_new(a, "*", NULL);
	struct page_ask ask = ask_new(2);
	struct page p;

	later.since.ms = 0;
	assert_int_equal(store_history(t, a, v, &all, &ask, &p), OK);
	ask.cursor = p.next;
	assert_int_equal(store_history(t, a, v, &obs, &ask, &p), ERR_VALUE);
	assert_int_equal(store_history(t, a, v, &later, &ask, &p),
	    ERR_VALUE);
	obs.id = bytes_str("x0");
	assert_int_equal(store_history(t, a, v, &obs, &ask, &p), ERR_VALUE);
	assert_int_equal(store_history(t, a, v, &all, &ask, &p), OK);
	arena_free(&a);
}

static void
counts_without_entries_and_has_a_budget(void **state)
{
	struct history_ask all = of_type("");
	struct arena *a = arena_new(0);
	struct snapshot *t = world_begin(*state, a);
	struct view *v = view_new(a, "*", NULL);
	struct page_ask ask = ask_new(0);
	struct page p;

	assert_int_equal(store_history(t, a, v, &all, &ask, &p), OK);
	assert_int_equal(p.n_entry, 0);
	assert_true(p.total > 3 * ROUNDS);
	ask.count = 5;
	ask.max_bytes = 1;
	assert_int_equal(store_history(t, a, v, &all, &ask, &p), OK);
	assert_int_equal(p.n_entry, 1);
	assert_true(p.next.len > 0);
	ask.max_rows = 3;
	all.since.ms = 0;
	assert_int_equal(store_history(t, a, v, &all, &ask, &p),
	    ERR_COSTLY);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_a_type_newest_first),
		cmocka_unit_test(pages_both_ways),
		cmocka_unit_test(shows_the_types_held_whole_alone),
		cmocka_unit_test(works_the_same_whatever_else_happened),
		cmocka_unit_test(refuses_a_cursor_of_another_history),
		cmocka_unit_test(leaves_out_what_came_after_the_first_page),
		cmocka_unit_test(counts_without_entries_and_has_a_budget),
	};

	return cmocka_run_group_tests_name("store_log", tests, setup,
	    teardown);
}
