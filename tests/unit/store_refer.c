/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_refer.c -- who refers to a resource, as its writer may know.
 *
 * Requirements R07, Z03; security WRT-02.
 */
#include "tests/unit/store_applied.h"

#define SELF(id)							      \
	"{\"resourceType\":\"Observation\",\"id\":\"" id "\","		      \
	"\"status\":\"final\",\"code\":{\"text\":\"x\"},"		      \
	"\"subject\":{\"reference\":\"Patient/p\"},\"related\":[{"	      \
	"\"target\":{\"reference\":\"Observation/" id "\"}}]}"

struct asked { const char *type, *id; bool out; };
static enum err
ask_referred(struct write *w, void *arg)
{
	struct asked *q = arg;

	return write_referred(w, kit_type(q->type), bytes_str(q->id),
	    &q->out);
}

static bool
referred(struct world *w, const struct view *v, const char *type,
    const char *id)
{
	struct asked q = { type, id, false };

	assert_int_equal(store_write(w->s, w->a, v, NOW, ask_referred, &q),
	    OK);
	return q.out;
}

static void
test_referred(void **state)
{
	struct world *w = *state;
	const struct view *p = writer(w->a, "p", 1),
	    *all = writer(w->a, NULL, 1);

	put(w, PATIENT("p"));
	put(w, PATIENT("q"));
	put(w, OBS("o", "p", "final"));
	put(w, OBS("hidden", "q", "final"));
	put(w, BINARY("b"));
	put(w, DOCREF("d", "p", "b"));
	put(w, PROV("v", "Observation/hidden"));
	assert_true(referred(w, NULL, "Patient", "p"));
	assert_true(referred(w, all, "Patient", "q"));
	assert_true(referred(w, p, "Patient", "p"));
	assert_false(referred(w, p, "Patient", "q"));
	assert_false(referred(w, all, "Observation", "o"));
	/* A Provenance tells of it, and holds nothing. */
	assert_false(referred(w, all, "Observation", "hidden"));
	assert_true(referred(w, all, "Binary", "b"));
	assert_true(referred(w, p, "Binary", "b"));
	assert_false(referred(w, p, "Observation", "hidden"));
	assert_false(referred(w, all, "DocumentReference", "d"));
	put(w, SELF("self"));
	assert_false(referred(w, all, "Observation", "self"));
	assert_false(referred(w, p, "Observation", "self"));
	(void)kit_apply(w->s, w->a, kit_delete("DocumentReference", "d"));
	assert_false(referred(w, all, "Binary", "b"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_referred) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
