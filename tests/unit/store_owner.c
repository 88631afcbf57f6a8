/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_owner.c -- whose a resource is, and who follows when that changes.
 *
 * Design 5; requirements Z01-Z03.
 */
#include "tests/unit/store_applied.h"

/* --- owners ------------------------------------------------------------- */

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

/* --- Binary follows what names it --------------------------------------- */

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

/* --- Provenance follows what it points to ------------------------------- */

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
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
		TEST(test_reindex_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
