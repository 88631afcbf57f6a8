/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_apply.c -- change-sets: versions, history, preconditions, the gate.
 *
 * Requirements Z01-Z04 as far as writing goes; design 6.
 */
#include "tests/unit/store_applied.h"

/* --- versions ----------------------------------------------------------- */

static void
test_create_update_history(void **state)
{
	static const char stamp[] = "\"versionId\":\"2\","
	    "\"lastUpdated\":\"1970-01-01T00:00:06.000Z\"";
	struct world *w = *state;
	struct change_result r;
	struct snapshot *t;
	struct header h;
	struct bytes body;
	uint64_t rid;

	r = kit_apply_at(w->s, w->a, kit_put(w->a, OBS("o", "p", "final")),
	    5000);
	assert_true(r.err == OK && r.created && !r.same);
	assert_int_equal(r.version, 1);
	r = kit_apply_at(w->s, w->a, kit_put(w->a,
	    OBS("o", "p", "amended")), 6000);
	assert_true(r.err == OK && !r.created && !r.same);
	assert_int_equal(r.version, 2);
	rid = rid_of(w, "Observation", "o");
	assert_int_equal(store_begin(w->s, w->a, &t), OK);
	assert_int_equal(raw_version(t, rid, 1, &h, &body), OK);
	assert_int_equal(h.updated.ms, 5000);
	assert_non_null(memmem(body.p, body.len, "final", 5));
	assert_int_equal(raw_version(t, rid, 2, &h, &body), ERR_NOTFOUND);
	assert_int_equal(raw_record(t, rid, &h, &body), OK);
	assert_int_equal(h.version, 2);
	assert_int_equal(h.updated.ms, 6000);
	assert_int_equal(h.born, 1);
	assert_non_null(memmem(body.p, body.len, stamp, strlen(stamp)));
	store_end(t);
}

static void
test_identical_put_writes_nothing(void **state)
{
	struct world *w = *state;
	struct change_result r;

	put(w, OBS("o", "p", "final"));
	r = kit_apply_at(w->s, w->a, kit_put(w->a, OBS("o", "p", "final")),
	    9000);
	assert_true(r.err == OK && r.same && !r.created);
	assert_int_equal(r.version, 1);
	assert_int_equal(header_of(w, "Observation", "o").updated.ms, 1000);
}

/* Times never go back, and a resource's own always go on. */
static void
test_clock_step_back(void **state)
{
	struct world *w = *state;

	(void)kit_apply_at(w->s, w->a, kit_put(w->a,
	    OBS("o", "p", "final")), 5000);
	(void)kit_apply_at(w->s, w->a, kit_put(w->a,
	    OBS("o", "p", "amended")), 3000);
	assert_int_equal(header_of(w, "Observation", "o").updated.ms, 5001);
	(void)kit_apply_at(w->s, w->a, kit_put(w->a, PATIENT("p")), 10);
	assert_int_equal(header_of(w, "Patient", "p").updated.ms, 5001);
}

static void
test_if_version(void **state)
{
	struct world *w = *state;
	struct change c = kit_put(w->a, OBS("o", "p", "final"));

	c.if_version = 1;
	assert_int_equal(kit_apply_at(w->s, w->a, c, 1).err, ERR_VERSION);
	c.if_version = 0;
	(void)kit_apply(w->s, w->a, c);
	c = kit_put(w->a, OBS("o", "p", "amended"));
	c.if_version = 2;
	assert_int_equal(kit_apply_at(w->s, w->a, c, 1).err, ERR_VERSION);
	c.if_version = 1;
	assert_int_equal(kit_apply_at(w->s, w->a, c, 1).err, OK);
}

static void
test_all_or_nothing(void **state)
{
	struct world *w = *state;
	struct change c[2] = { kit_put(w->a, OBS("o", "p", "final")),
	    kit_delete("Observation", "never") };
	struct change_result r[2];
	struct snapshot *t;
	struct id_val v;

	assert_int_equal(store_apply(w->s, w->a, NULL, c, 2,
	    (struct instant){ 1 }, r), ERR_NOTFOUND);
	assert_int_equal(r[1].err, ERR_NOTFOUND);
	assert_int_equal(store_begin(w->s, w->a, &t), OK);
	assert_int_equal(raw_id(t, kit_type("Observation"), bytes_str("o"),
	    &v), ERR_NOTFOUND);
	assert_int_equal(raw_id(t, kit_type("Patient"), bytes_str("p"), &v),
	    ERR_NOTFOUND);
	store_end(t);
}

static void
test_delete_and_revive(void **state)
{
	struct world *w = *state;
	struct change_result r;
	struct header h;

	put(w, OBS("o", "p", "final"));
	r = kit_apply(w->s, w->a, kit_delete("Observation", "o"));
	assert_int_equal(r.version, 2);
	h = header_of(w, "Observation", "o");
	assert_true(h.deleted);
	assert_int_equal(h.kind, OWNER_ONE);	/* 410 is judged by it */
	r = kit_apply(w->s, w->a, kit_delete("Observation", "o"));
	assert_true(r.same);
	assert_int_equal(r.version, 2);
	r = kit_apply(w->s, w->a, kit_put(w->a, OBS("o", "p", "final")));
	assert_true(r.created);
	assert_int_equal(r.version, 3);
	h = header_of(w, "Observation", "o");
	assert_int_equal(h.born, 3);
	assert_false(h.deleted);
}

static void
test_twice_in_one_set(void **state)
{
	struct world *w = *state;
	struct change c[3] = { kit_put(w->a, OBS("o", "p", "final")),
	    kit_put(w->a, OBS("o", "q", "amended")),
	    kit_put(w->a, OBS("o", "p", "final")) };
	struct change_result r[3];

	assert_int_equal(store_apply(w->s, w->a, NULL, c, 3,
	    (struct instant){ 1 }, r), OK);
	assert_int_equal(r[2].version, 3);
	owned_by(w, "Observation", "o", "p");
}

/* --- the gate on writing ------------------------------------------------ */

static const struct view *
view_of(struct arena *a, const char *patient)
{
	struct view *v = arena_alloc(a, sizeof(*v));

	v->rule = arena_alloc(a, sizeof(*v->rule));
	v->rule->ops = VIEW_READ | VIEW_CREATE | VIEW_UPDATE | VIEW_DELETE;
	v->rule->reach = REACH_PATIENTS;
	for (uint16_t i = 1; i <= DEF_TYPES; i++)
		typeset_add(&v->rule->types, i);
	v->n_rule = 1;
	v->patient = arena_alloc(a, sizeof(*v->patient));
	*v->patient = bytes_str(patient);
	v->n_patient = 1;
	return v;
}

static enum err
as(struct world *w, const char *patient, struct change c)
{
	struct change_result r;

	return store_apply(w->s, w->a, view_of(w->a, patient), &c, 1,
	    (struct instant){ 1 }, &r);
}

static void
test_view_writes(void **state)
{
	struct world *w = *state;

	put(w, PATIENT("p"));
	put(w, PATIENT("q"));
	put(w, OBS("q1", "q", "final"));
	assert_int_equal(as(w, "p", kit_create(w->a,
	    OBS("o", "p", "final"))), OK);
	assert_int_equal(as(w, "p", kit_create(w->a,
	    OBS("o2", "q", "final"))), ERR_FORBIDDEN);
	/* No owner changes, in neither direction. */
	assert_int_equal(as(w, "p", kit_put(w->a,
	    OBS("o", "q", "final"))), ERR_OWNER);
	assert_int_equal(as(w, "p", kit_put(w->a,
	    OBS("q1", "p", "final"))), ERR_NOTFOUND);
	/* Hidden and missing are the same. */
	assert_int_equal(as(w, "p", kit_put(w->a,
	    OBS("none", "p", "final"))), ERR_NOTFOUND);
	assert_int_equal(as(w, "p", kit_delete("Observation", "q1")),
	    ERR_NOTFOUND);
	assert_int_equal(as(w, "p", kit_delete("Observation", "none")),
	    ERR_NOTFOUND);
	assert_int_equal(as(w, "p", kit_delete("Observation", "o")), OK);
	assert_int_equal(as(w, "p", kit_create(w->a,
	    "{\"resourceType\":\"Practitioner\",\"id\":\"d\"}")),
	    ERR_FORBIDDEN);
}

static void
test_view_claims_no_binary(void **state)
{
	struct world *w = *state;

	put(w, PATIENT("p"));
	put(w, BINARY("b"));
	put(w, DOCREF("d", "q", "b"));
	assert_int_equal(as(w, "p", kit_create(w->a,
	    DOCREF("mine", "p", "b"))), ERR_FORBIDDEN);
	assert_int_equal(as(w, "p", kit_create(w->a,
	    DOCREF("mine", "p", "none"))), ERR_FORBIDDEN);
	put(w, BINARY("c"));
	put(w, DOCREF("e", "p", "c"));
	assert_int_equal(as(w, "p", kit_create(w->a,
	    DOCREF("mine", "p", "c"))), OK);
}

static void
test_view_empty_holds_nothing(void **state)
{
	struct world *w = *state;
	static const struct view none;
	struct change c = kit_create(w->a, OBS("o", "p", "final"));
	struct change_result r;

	assert_int_equal(store_apply(w->s, w->a, &none, &c, 1,
	    (struct instant){ 1 }, &r), ERR_FORBIDDEN);
}

/* --- size --------------------------------------------------------------- */

/* A set that outgrows the map is run again, and counts once. */
static void
test_grows_and_runs_again(void **state)
{
	struct world *w = *state;
	enum { N = 300 };
	struct change c[N];
	struct change_result r[N];
	char *text, *fill;

	fill = arena_alloc(w->a, 40001);
	memset(fill, 'x', 40000);
	for (int i = 0; i < N; i++) {
		text = arena_printf(w->a, "{\"resourceType\":\"Observation\","
		    "\"id\":\"o%d\",\"status\":\"final\",\"code\":"
		    "{\"text\":\"x\"},\"comments\":\"%s\"}", i, fill);
		c[i] = kit_put(w->a, text);
	}
	assert_int_equal(store_apply(w->s, w->a, NULL, c, N,
	    (struct instant){ 1 }, r), OK);
	assert_int_equal(r[N - 1].version, 1);
	assert_int_equal(header_of(w, "Observation", "o299").born, N);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_create_update_history),
		TEST(test_identical_put_writes_nothing),
		TEST(test_clock_step_back),
		TEST(test_if_version),
		TEST(test_all_or_nothing),
		TEST(test_delete_and_revive),
		TEST(test_twice_in_one_set),
		TEST(test_view_writes),
		TEST(test_view_claims_no_binary),
		TEST(test_view_empty_holds_nothing),
		TEST(test_grows_and_runs_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
