/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The history of one resource: newest first, deletions included, each
 * version by its own owner, page by page.
 *
 * Requirements Z01; security CMP-02, SRC-09, SRC-10.
 */
#include "tests/unit/store_world.h"

#define VERSIONS	11	/* of "o"; the 5th is a deletion */

static void
put(struct world *w, const char *id, const char *patient, unsigned n)
{
	world_put(w, arena_printf(w->arena, "{\"resourceType\":"
	    "\"Observation\",\"id\":\"%s\",\"status\":\"final\","
	    "\"code\":{\"text\":\"%u\"},\"subject\":{\"reference\":"
	    "\"Patient/%s\"}}", id, n, patient));
	world_commit(w);
}

static int
setup(void **state)
{
	struct world *w = world_new();
	unsigned n;

	world_put(w, "{\"resourceType\":\"Patient\",\"id\":\"pA\"}");
	world_put(w, "{\"resourceType\":\"Patient\",\"id\":\"pB\"}");
	for (n = 1; n <= VERSIONS; n++) {
		if (n != 5) {
			put(w, "o", "pA", n);
			continue;
		}
		world_delete(w, "Observation", "o");
		world_commit(w);
	}
	put(w, "gone", "pA", 1);
	world_delete(w, "Observation", "gone");
	world_commit(w);
	put(w, "moved", "pA", 1);
	put(w, "moved", "pB", 2);
	put(w, "moved", "pA", 3);
	put(w, "b", "pB", 1);
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
list_of(struct snapshot *t, struct arena *a, const struct view *v,
    const char *id, const struct page_ask *ask, struct page *out)
{
	return store_history(t, a, v, &(struct history_ask){
	    .type = type_num("Observation"), .id = bytes_str(id),
	    .since = { TIME_MIN } }, ask, out);
}

static enum err
list(struct world *w, struct arena *a, const char *set, const char *id,
    const struct page_ask *ask, struct page *out)
{
	return list_of(world_begin(w, a), a, view_new(a, "*", set), id, ask,
	    out);
}

/* One snapshot at a time: each call has its own arena, answers are small. */
static enum err
list_alone(struct world *w, const char *set, const char *id)
{
	struct arena *a = arena_new(0);
	struct page_ask ask = ask_new(10);
	struct page p;
	enum err e = list(w, a, set, id, &ask, &p);

	arena_free(&a);
	return e;
}

static void
lists_newest_first_with_deletions(void **state)
{
	struct arena *a = arena_new(0);
	struct page_ask ask = ask_new(100);
	struct page p;
	size_t i;

	assert_int_equal(list(*state, a, "pA", "o", &ask, &p), OK);
	assert_int_equal(p.total, VERSIONS);
	assert_int_equal(p.n_entry, VERSIONS);
	for (i = 0; i < p.n_entry; i++) {
		assert_int_equal(p.entry[i].version, VERSIONS - i);
		assert_int_equal(p.entry[i].deleted,
		    p.entry[i].version == 5);
		assert_int_equal(p.entry[i].body.len == 0,
		    p.entry[i].deleted);
		assert_bytes(p.entry[i].id, "o");
		if (i > 0)
			assert_true(p.entry[i].updated.ms <
			    p.entry[i - 1].updated.ms);
	}
	arena_free(&a);
}

static void
keeps_the_history_of_what_was_deleted(void **state)
{
	struct arena *a = arena_new(0);
	struct page_ask ask = ask_new(100);
	struct page p;

	assert_int_equal(list(*state, a, "pA", "gone", &ask, &p), OK);
	assert_int_equal(p.total, 2);
	assert_true(p.entry[0].deleted);
	assert_false(p.entry[1].deleted);
	arena_free(&a);
}

static void
judges_each_version_by_its_owner(void **state)
{
	struct arena *a = arena_new(0);
	struct page_ask ask = ask_new(100);
	struct page p;

	assert_int_equal(list(*state, a, "pA", "moved", &ask, &p), OK);
	assert_int_equal(p.total, 2);
	assert_int_equal(p.entry[0].version, 3);
	assert_int_equal(p.entry[1].version, 1);
	arena_free(&a);
	a = arena_new(0);
	assert_int_equal(list(*state, a, NULL, "moved", &ask, &p), OK);
	assert_int_equal(p.total, 3);
	arena_free(&a);
}

static void
hides_what_the_view_does_not_hold(void **state)
{
	assert_int_equal(list_alone(*state, "pB", "moved"), ERR_NOTFOUND);
	assert_int_equal(list_alone(*state, "pA", "b"), ERR_NOTFOUND);
	assert_int_equal(list_alone(*state, "pB", "gone"), ERR_NOTFOUND);
	assert_int_equal(list_alone(*state, "pA", "never"), ERR_NOTFOUND);
	assert_int_equal(list_alone(*state, NULL, "b"), OK);
}

static void
pages_both_ways(void **state)
{
	struct arena *a = arena_new(0);
	struct snapshot *t = world_begin(*state, a);
	struct view *v = view_new(a, "*", "pA");
	struct page_ask ask = ask_new(4);
	struct page p;
	size_t i;
	uint64_t version = VERSIONS;

	for (;;) {
		assert_int_equal(list_of(t, a, v, "o", &ask, &p), OK);
		assert_int_equal(p.total, VERSIONS);
		for (i = 0; i < p.n_entry; i++)
			assert_int_equal(p.entry[i].version, version--);
		if (p.next.len == 0)
			break;
		ask.cursor = p.next;
	}
	assert_int_equal(version, 0);
	version = p.n_entry;
	while (p.previous.len > 0) {
		ask.cursor = p.previous;
		assert_int_equal(list_of(t, a, v, "o", &ask, &p), OK);
		for (i = p.n_entry; i > 0; i--)
			assert_int_equal(p.entry[i - 1].version, ++version);
	}
	assert_int_equal(version, VERSIONS);
	ask.cursor = p.last;
	assert_int_equal(list_of(t, a, v, "o", &ask, &p), OK);
	assert_int_equal(p.n_entry, 4);
	assert_int_equal(p.entry[3].version, 1);
	arena_free(&a);
}

static void
leaves_out_versions_that_came_after_the_first_page(void **state)
{
	struct world *w = *state;
	struct arena *a = arena_new(0), *keep = arena_new(0);
	struct page_ask ask = ask_new(6);
	struct page p;

	assert_int_equal(list(w, a, "pA", "o", &ask, &p), OK);
	ask.cursor = arena_copy(keep, p.next);
	arena_free(&a);
	put(w, "o", "pA", 99);
	a = arena_new(0);
	assert_int_equal(list(w, a, "pA", "o", &ask, &p), OK);
	assert_int_equal(p.n_entry, VERSIONS - 6);
	assert_int_equal(p.entry[0].version, VERSIONS - 6);
	ask.cursor = arena_copy(keep, p.previous);
	arena_free(&a);
	a = arena_new(0);
	assert_int_equal(list(w, a, "pA", "o", &ask, &p), OK);
	assert_int_equal(p.n_entry, 6);
	assert_int_equal(p.entry[0].version, VERSIONS);
	assert_int_equal(p.previous.len, 0);
	arena_free(&a);
	arena_free(&keep);
}

static void
refuses_a_cursor_of_another_history(void **state)
{
	struct world *w = *state;
	struct arena *a = arena_new(0), *keep = arena_new(0);
	struct page_ask ask = ask_new(1);
	struct page p;

	assert_int_equal(list(w, a, "pA", "o", &ask, &p), OK);
	ask.cursor = arena_copy(keep, p.next);
	arena_free(&a);
	a = arena_new(0);
	assert_int_equal(list(w, a, "pA", "gone", &ask, &p), ERR_VALUE);
	arena_free(&a);
	a = arena_new(0);
	/* Outside the view there is nothing to compare it with. */
	assert_int_equal(list(w, a, "pB", "o", &ask, &p), ERR_NOTFOUND);
	arena_free(&a);
	arena_free(&keep);
}

static void
cuts_by_bytes_and_counts_without_entries(void **state)
{
	struct arena *a = arena_new(0);
	struct snapshot *t = world_begin(*state, a);
	struct view *v = view_new(a, "*", "pA");
	struct page_ask ask = ask_new(100);
	struct page p;

	ask.max_bytes = 1;
	assert_int_equal(list_of(t, a, v, "o", &ask, &p), OK);
	assert_int_equal(p.n_entry, 1);
	assert_true(p.next.len > 0);
	ask.count = 0;
	assert_int_equal(list_of(t, a, v, "o", &ask, &p), OK);
	assert_int_equal(p.n_entry, 0);
	assert_true(p.total >= VERSIONS);
	ask.max_rows = 3;
	assert_int_equal(list_of(t, a, v, "o", &ask, &p),
	    ERR_COSTLY);
	arena_free(&a);
}

/* From a moment on, itself included; the total too. */
static void
tells_what_happened_since(void **state)
{
	struct arena *a = arena_new(0);
	struct snapshot *t = world_begin(*state, a);
	struct view *v = view_new(a, "*", "pA");
	struct history_ask what = { .type = type_num("Observation"),
	    .id = bytes_str("o"), .since = { TIME_MIN } };
	struct page_ask ask = ask_new(100);
	struct page all, some;
	size_t i;

	assert_int_equal(store_history(t, a, v, &what, &ask, &all), OK);
	for (i = 0; i < all.n_entry; i++) {
		what.since = all.entry[i].updated;
		assert_int_equal(store_history(t, a, v, &what, &ask, &some),
		    OK);
		assert_int_equal(some.total, i + 1);
		assert_int_equal(some.n_entry, i + 1);
		assert_int_equal(some.entry[i].version,
		    all.entry[i].version);
	}
	what.since.ms = all.entry[0].updated.ms + 1;
	assert_int_equal(store_history(t, a, v, &what, &ask, &some), OK);
	assert_int_equal(some.total, 0);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_newest_first_with_deletions),
		cmocka_unit_test(keeps_the_history_of_what_was_deleted),
		cmocka_unit_test(judges_each_version_by_its_owner),
		cmocka_unit_test(hides_what_the_view_does_not_hold),
		cmocka_unit_test(pages_both_ways),
		cmocka_unit_test(refuses_a_cursor_of_another_history),
		cmocka_unit_test(
		    leaves_out_versions_that_came_after_the_first_page),
		cmocka_unit_test(cuts_by_bytes_and_counts_without_entries),
		cmocka_unit_test(tells_what_happened_since),
	};

	return cmocka_run_group_tests_name("store_history", tests, setup,
	    teardown);
}
