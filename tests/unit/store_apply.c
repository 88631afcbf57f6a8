/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_apply.c -- change-sets: versions, history, owners and who follows.
 *
 * Requirements Z01-Z04 as far as writing goes; design 5 and 6.
 */
#include "tests/unit/store_kit.h"

#include "store/record.h"

#define PATIENT(id)	"{\"resourceType\":\"Patient\",\"id\":\"" id "\"}"
#define OBS(id, of, status)						      \
	"{\"resourceType\":\"Observation\",\"id\":\"" id "\","		      \
	"\"status\":\"" status "\",\"code\":{\"text\":\"x\"},"		      \
	"\"subject\":{\"reference\":\"Patient/" of "\"}}"
#define DOCREF(id, of, binary)						      \
	"{\"resourceType\":\"DocumentReference\",\"id\":\"" id "\","	      \
	"\"subject\":{\"reference\":\"Patient/" of "\"},"		      \
	"\"content\":[{\"attachment\":{\"url\":\"Binary/" binary "\"}}]}"
#define BINARY(id)							      \
	"{\"resourceType\":\"Binary\",\"id\":\"" id "\","		      \
	"\"contentType\":\"text/plain\",\"content\":\"aGk=\"}"
#define PROV(id, target)						      \
	"{\"resourceType\":\"Provenance\",\"id\":\"" id "\","		      \
	"\"recorded\":\"2026-01-01T00:00:00Z\","			      \
	"\"target\":[{\"reference\":\"" target "\"}]}"

struct world {
	struct arena	*a;
	struct store	*s;
};

static int
set_up(void **state)
{
	struct world *w = malloc(sizeof(*w));

	w->a = arena_new(0);
	w->s = kit_store(w->a);
	*state = w;
	return 0;
}

/* Whatever a test did, the store must be whole. */
static void
report(void *arg UNUSED, const char *where, const char *what)
{
	fprintf(stderr, "%s: %s\n", where, what);
}

static int
tear_down(void **state)
{
	struct world *w = *state;
	struct extract x = kit_extract(w->a);
	uint64_t faults = 1;

	assert_int_equal(maint_check(w->s, w->a, &x, &kit_limits, report,
	    NULL, NULL, &faults), OK);
	assert_int_equal(faults, 0);
	arena_free(&w->a);
	free(w);
	return 0;
}

static void
put(struct world *w, const char *text)
{
	(void)kit_apply(w->s, w->a, kit_put(w->a, text));
}

/* The current header, in a; the place of the row is looked at, too. */
static struct header
header_of(struct world *w, const char *type, const char *id)
{
	struct arena *a = arena_new(0);
	struct snapshot *t;
	struct header h;
	struct id_val v;
	struct bytes body;
	struct row row;

	assert_int_equal(store_begin(w->s, a, &t), OK);
	assert_int_equal(raw_id(t, kit_type(type), bytes_str(id), &v), OK);
	assert_int_equal(raw_record(t, v.rid, &h, &body), OK);
	assert_int_equal(v.kind, h.kind);
	assert_int_equal(v.owner, h.owner);
	assert_int_equal(raw_row(t, h.owner, v.rid, &row),
	    h.deleted ? ERR_NOTFOUND : OK);
	h.member = arena_copy(w->a, h.member);
	h.id = arena_copy(w->a, h.id);
	arena_free(&a);
	return h;
}

static uint64_t
rid_of(struct world *w, const char *type, const char *id)
{
	struct arena *a = arena_new(0);
	struct snapshot *t;
	struct id_val v;

	assert_int_equal(store_begin(w->s, a, &t), OK);
	assert_int_equal(raw_id(t, kit_type(type), bytes_str(id), &v), OK);
	arena_free(&a);
	return v.rid;
}

static void
owned_by(struct world *w, const char *type, const char *id,
    const char *patient)
{
	struct header h = header_of(w, type, id);

	assert_int_equal(h.kind, OWNER_ONE);
	assert_int_equal(h.owner, rid_of(w, "Patient", patient));
}

static void
kind_is(struct world *w, const char *type, const char *id,
    enum owner_kind kind)
{
	assert_int_equal(header_of(w, type, id).kind, kind);
}

/* --- versions ------------------------------------------------------------------ */

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

/* --- owners --------------------------------------------------------------------- */

static void
test_owner_before_its_record(void **state)
{
	struct world *w = *state;
	uint64_t rid;

	put(w, OBS("o", "p", "final"));
	owned_by(w, "Observation", "o", "p");
	rid = rid_of(w, "Patient", "p");
	put(w, PATIENT("p"));
	assert_int_equal(rid_of(w, "Patient", "p"), rid);
	owned_by(w, "Patient", "p", "p");
}

static void
test_owner_moves(void **state)
{
	struct world *w = *state;

	put(w, OBS("o", "p", "final"));
	put(w, OBS("o", "q", "final"));
	owned_by(w, "Observation", "o", "q");
}

static void
test_owner_many(void **state)
{
	struct world *w = *state;
	struct header h;

	put(w, "{\"resourceType\":\"Group\",\"id\":\"g\",\"type\":\"person\","
	    "\"actual\":true,\"member\":["
	    "{\"entity\":{\"reference\":\"Patient/b\"}},"
	    "{\"entity\":{\"reference\":\"Patient/a\"}},"
	    "{\"entity\":{\"reference\":\"Patient/b\"}}]}");
	h = header_of(w, "Group", "g");
	assert_int_equal(h.kind, OWNER_MANY);
	assert_int_equal(h.owner, KEY_MANY);
	assert_int_equal(h.member.len, 16);
	assert_true(key_member(h.member, 0) < key_member(h.member, 1));
	put(w, "{\"resourceType\":\"Group\",\"id\":\"g\",\"type\":\"person\","
	    "\"actual\":true,\"member\":["
	    "{\"entity\":{\"reference\":\"Patient/a\"}}]}");
	owned_by(w, "Group", "g", "a");
}

static void
test_owner_kinds(void **state)
{
	struct world *w = *state;

	put(w, "{\"resourceType\":\"Practitioner\",\"id\":\"d\"}");
	kind_is(w, "Practitioner", "d", OWNER_SHARED);
	put(w, "{\"resourceType\":\"Observation\",\"id\":\"o\","
	    "\"status\":\"final\",\"code\":{\"text\":\"x\"}}");
	kind_is(w, "Observation", "o", OWNER_UNOWNED);
}

/* --- Binary follows what names it ------------------------------------------------- */

static void
test_binary_before_claim(void **state)
{
	struct world *w = *state;

	put(w, BINARY("b"));
	kind_is(w, "Binary", "b", OWNER_UNOWNED);
	put(w, DOCREF("d", "p", "b"));
	owned_by(w, "Binary", "b", "p");
	assert_int_equal(header_of(w, "Binary", "b").version, 1);
}

static void
test_binary_after_claim(void **state)
{
	struct world *w = *state;

	put(w, DOCREF("d", "p", "b"));
	put(w, BINARY("b"));
	owned_by(w, "Binary", "b", "p");
}

static void
test_binary_of_two(void **state)
{
	struct world *w = *state;

	put(w, BINARY("b"));
	put(w, DOCREF("d", "p", "b"));
	put(w, DOCREF("e", "q", "b"));
	kind_is(w, "Binary", "b", OWNER_MANY);
	put(w, DOCREF("e", "q", "other"));	/* no longer named */
	owned_by(w, "Binary", "b", "p");
	(void)kit_apply(w->s, w->a, kit_delete("DocumentReference", "d"));
	kind_is(w, "Binary", "b", OWNER_UNOWNED);
}

static void
test_binary_follows_move(void **state)
{
	struct world *w = *state;

	put(w, DOCREF("d", "p", "b"));
	put(w, BINARY("b"));
	put(w, DOCREF("d", "q", "b"));
	owned_by(w, "Binary", "b", "q");
}

/* One claimant nobody may see hides it from every patient. */
static void
test_binary_unowned_claim(void **state)
{
	struct world *w = *state;

	put(w, BINARY("b"));
	put(w, DOCREF("d", "p", "b"));
	put(w, "{\"resourceType\":\"DocumentReference\",\"id\":\"x\","
	    "\"content\":[{\"attachment\":{\"url\":\"Binary/b\"}}]}");
	kind_is(w, "Binary", "b", OWNER_UNOWNED);
}

/* --- Provenance follows what it points to ------------------------------------------ */

static void
test_target_both_orders(void **state)
{
	struct world *w = *state;

	put(w, PROV("early", "Observation/o"));
	kind_is(w, "Provenance", "early", OWNER_UNOWNED);
	put(w, OBS("o", "p", "final"));
	owned_by(w, "Provenance", "early", "p");
	put(w, PROV("late", "Observation/o"));
	owned_by(w, "Provenance", "late", "p");
	put(w, OBS("o", "q", "final"));
	owned_by(w, "Provenance", "early", "q");
	owned_by(w, "Provenance", "late", "q");
	(void)kit_apply(w->s, w->a, kit_delete("Observation", "o"));
	owned_by(w, "Provenance", "late", "q");
}

static void
test_target_of_binary(void **state)
{
	struct world *w = *state;

	put(w, PROV("v", "Binary/b"));
	put(w, BINARY("b"));
	kind_is(w, "Provenance", "v", OWNER_UNOWNED);
	put(w, DOCREF("d", "p", "b"));
	owned_by(w, "Provenance", "v", "p");
}

static void
test_target_foreign_or_ring(void **state)
{
	struct world *w = *state;

	put(w, PROV("f", "http://elsewhere/Observation/1"));
	kind_is(w, "Provenance", "f", OWNER_UNOWNED);
	put(w, PROV("r", "Provenance/r"));
	kind_is(w, "Provenance", "r", OWNER_UNOWNED);
	put(w, "{\"resourceType\":\"Practitioner\",\"id\":\"d\"}");
	put(w, PROV("s", "Practitioner/d"));
	kind_is(w, "Provenance", "s", OWNER_UNOWNED);
}

/* --- the gate on writing -------------------------------------------------------------- */

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
	assert_int_equal(as(w, "p", kit_put(w->a,
	    OBS("o", "p", "final"))), OK);
	assert_int_equal(as(w, "p", kit_put(w->a,
	    OBS("o2", "q", "final"))), ERR_FORBIDDEN);
	/* No owner changes, in neither direction. */
	assert_int_equal(as(w, "p", kit_put(w->a,
	    OBS("o", "q", "final"))), ERR_FORBIDDEN);
	assert_int_equal(as(w, "p", kit_put(w->a,
	    OBS("q1", "p", "final"))), ERR_NOTFOUND);
	/* Hidden and missing are the same. */
	assert_int_equal(as(w, "p", kit_delete("Observation", "q1")),
	    ERR_NOTFOUND);
	assert_int_equal(as(w, "p", kit_delete("Observation", "none")),
	    ERR_NOTFOUND);
	assert_int_equal(as(w, "p", kit_delete("Observation", "o")), OK);
	assert_int_equal(as(w, "p", kit_put(w->a,
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
	assert_int_equal(as(w, "p", kit_put(w->a,
	    DOCREF("mine", "p", "b"))), ERR_FORBIDDEN);
	assert_int_equal(as(w, "p", kit_put(w->a,
	    DOCREF("mine", "p", "none"))), ERR_FORBIDDEN);
	put(w, BINARY("c"));
	put(w, DOCREF("e", "p", "c"));
	assert_int_equal(as(w, "p", kit_put(w->a,
	    DOCREF("mine", "p", "c"))), OK);
}

static void
test_view_empty_holds_nothing(void **state)
{
	struct world *w = *state;
	static const struct view none;
	struct change c = kit_put(w->a, OBS("o", "p", "final"));
	struct change_result r;

	assert_int_equal(store_apply(w->s, w->a, &none, &c, 1,
	    (struct instant){ 1 }, &r), ERR_FORBIDDEN);
}

/* --- size ------------------------------------------------------------------------------- */

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

static void
test_reindex_changes_nothing(void **state)
{
	struct world *w = *state;
	struct extract x = kit_extract(w->a);

	put(w, DOCREF("d", "p", "b"));
	put(w, BINARY("b"));
	put(w, PROV("v", "Binary/b"));
	put(w, OBS("o", "p", "final"));
	(void)kit_apply(w->s, w->a, kit_delete("Observation", "o"));
	assert_int_equal(maint_reindex(w->s, &x, &kit_limits, NULL, NULL),
	    OK);
	owned_by(w, "Provenance", "v", "p");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
		TEST(test_owner_before_its_record),
		TEST(test_owner_moves),
		TEST(test_owner_many),
		TEST(test_owner_kinds),
		TEST(test_binary_before_claim),
		TEST(test_binary_after_claim),
		TEST(test_binary_of_two),
		TEST(test_binary_follows_move),
		TEST(test_binary_unowned_claim),
		TEST(test_target_both_orders),
		TEST(test_target_of_binary),
		TEST(test_target_foreign_or_ring),
		TEST(test_view_writes),
		TEST(test_view_claims_no_binary),
		TEST(test_view_empty_holds_nothing),
		TEST(test_grows_and_runs_again),
		TEST(test_reindex_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
