/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one client may add in a day: counted once, refused without a trace.
 *
 * Attack DOS-08.
 */
#include "tests/unit/store_applied.h"

#include "store/meta.h"

#define DAY	INT64_C(86400000)
#define ROOM	5000		/* bytes: four small versions, not five */

/* A list of changes of one client; some may be in a part that fails. */
struct day {
	struct world	*w;
	const char	*client;
	const struct change *c;
	size_t		 n;
	size_t		 refused;	/* at first; n: none */
	bool		 undo;		/* in a part that is undone */
};

static enum err
put_all(struct write *w, void *arg)
{
	struct day *d = arg;
	struct change_result r;
	enum err e = OK;
	size_t i;

	for (i = 0; i < d->n; i++) {
		e = write_change(w, &d->c[i], &r);
		if (e == ERR_THROTTLED && d->refused == d->n)
			d->refused = i;
		else if (e != ERR_THROTTLED)
			assert_int_equal(e, OK);
	}
	return d->undo ? ERR_USAGE : OK;
}

static enum err
run(struct write *w, void *arg)
{
	struct day *d = arg;
	struct snapshot *t;
	enum err e;

	d->refused = d->n;
	e = write_quota(w, bytes_str(d->client), ROOM);
	if (e == OK)
		e = write_part(w, put_all, d);
	/* What a snapshot within sees has been flushed. */
	if (e == OK || (d->undo && e == ERR_USAGE))
		e = write_snapshot(w, &t);
	return e;
}

/* The place of the first that is refused; n: none was. */
static size_t
written(struct world *w, const char *client, int64_t ms, bool undo,
    const struct change *c, size_t n)
{
	struct day d = { .w = w, .client = client, .c = c, .n = n,
	    .undo = undo };

	assert_int_equal(store_write(w->s, w->a, NULL,
	    (struct instant){ NOW.ms + ms }, run, &d), OK);
	return d.refused;
}

static struct change *
observations(struct world *w, const char *prefix, size_t n)
{
	struct change *c = arena_array(w->a, n, sizeof(*c));
	size_t i;

	for (i = 0; i < n; i++)
		c[i] = kit_put(w->a, arena_printf(w->a,
		    "{\"resourceType\":\"Observation\",\"id\":\"%s-%u\","
		    "\"status\":\"final\",\"code\":{\"text\":\"x\"}}",
		    prefix, (unsigned)i));
	return c;
}

static bool
is_there(struct world *w, const char *id)
{
	struct arena *a = arena_new(0);
	struct snapshot *t;
	struct id_val v;
	enum err e;

	assert_int_equal(store_begin(w->s, a, &t), OK);
	e = raw_id(t, kit_type("Observation"), bytes_str(id), &v);
	arena_free(&a);
	return e == OK;
}

static void
test_refuses_what_is_beyond(void **state)
{
	struct world *w = *state;
	struct change *c = observations(w, "a", 6);

	assert_int_equal(written(w, "app", 0, false, c, 6), 4);
	assert_true(is_there(w, "a-3"));
	assert_false(is_there(w, "a-4"));
	/* Nothing new is nothing more; another client has its own. */
	assert_int_equal(written(w, "app", 1, false, c, 4), 4);
	assert_int_equal(written(w, "app", 2, false, c + 4, 1), 0);
	assert_int_equal(written(w, "other", 3, false, c + 4, 1), 1);
}

static void
test_begins_anew_each_day(void **state)
{
	struct world *w = *state;
	struct change *c = observations(w, "a", 9);

	assert_int_equal(written(w, "app", 0, false, c, 4), 4);
	assert_int_equal(written(w, "app", DAY, false, c + 4, 5), 4);
	/* Not by a clock that goes back. */
	assert_int_equal(written(w, "app", 0, false, c + 8, 1), 0);
}

static void
test_forgets_what_was_undone(void **state)
{
	struct world *w = *state;
	struct change *c = observations(w, "a", 8);

	assert_int_equal(written(w, "app", 0, true, c, 4), 4);
	assert_false(is_there(w, "a-0"));
	assert_int_equal(written(w, "app", 0, false, c + 4, 4), 4);
	assert_int_equal(written(w, "app", 0, true, c, 1), 0);
}

static void
test_deletions_go_on(void **state)
{
	struct world *w = *state;
	struct change *c = observations(w, "a", 5);
	struct change gone = { .kind = CHANGE_DELETE,
	    .type = kit_type("Observation"), .id = bytes_str("a-0") };
	struct change own = c[4];

	assert_int_equal(written(w, "app", 0, false, c, 5), 4);
	assert_int_equal(written(w, "app", 1, false, &gone, 1), 1);
	assert_int_equal(written(w, "app", 2, false, c + 4, 1), 0);
	/* What the server says of a writing is no client's to be refused. */
	own.own = true;
	assert_int_equal(written(w, "app", 3, false, &own, 1), 1);
}

static void
test_the_loader_has_none(void **state)
{
	struct world *w = *state;
	struct change_result r[40];

	assert_int_equal(store_apply(w->s, w->a, NULL,
	    observations(w, "a", 40), 40, NOW, r), OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_refuses_what_is_beyond),
		TEST(test_begins_anew_each_day),
		TEST(test_forgets_what_was_undone),
		TEST(test_deletions_go_on), TEST(test_the_loader_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
