/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_applied.h -- a store for one test, checked whole when it ends.
 */
#ifndef TESTS_STORE_APPLIED_H
#define TESTS_STORE_APPLIED_H

#include "store/record.h"
#include "tests/unit/store_kit.h"

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

static inline int
set_up(void **state)
{
	struct world *w = malloc(sizeof(*w));

	w->a = arena_new(0);
	w->s = kit_store(w->a);
	*state = w;
	return 0;
}

/* Whatever a test did, the store must be whole. */
static inline void
report(void *arg UNUSED, const char *where, const char *what)
{
	fprintf(stderr, "%s: %s\n", where, what);
}

static inline int
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

static inline void
put(struct world *w, const char *text)
{
	(void)kit_apply(w->s, w->a, kit_put(w->a, text));
}

/* The current header, in a; the place of the row is looked at, too. */
static inline struct header
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

static inline uint64_t
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

static inline void
owned_by(struct world *w, const char *type, const char *id,
    const char *patient)
{
	struct header h = header_of(w, type, id);

	assert_int_equal(h.kind, OWNER_ONE);
	assert_int_equal(h.owner, rid_of(w, "Patient", patient));
}

static inline void
kind_is(struct world *w, const char *type, const char *id,
    enum owner_kind kind)
{
	assert_int_equal(header_of(w, type, id).kind, kind);
}

/* --- writers -------------------------------------------------------------- */

#define NOW	((struct instant){ 5000 })

/* patient NULL: who may all */
static inline struct view *
writer(struct arena *a, const char *patient, uint8_t who)
{
	struct view *v = arena_alloc(a, sizeof(*v));

	v->rule = arena_alloc(a, sizeof(*v->rule));
	v->rule->ops = VIEW_READ | VIEW_SEARCH | VIEW_CREATE | VIEW_UPDATE |
	    VIEW_DELETE;
	v->rule->reach = patient == NULL ? REACH_ALL : REACH_PATIENTS;
	for (uint16_t i = 1; i <= DEF_TYPES; i++)
		typeset_add(&v->rule->types, i);
	v->n_rule = 1;
	v->principal[0] = who;
	if (patient == NULL)
		return v;
	v->patient = arena_alloc(a, sizeof(*v->patient));
	*v->patient = bytes_str(patient);
	v->n_patient = 1;
	return v;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
