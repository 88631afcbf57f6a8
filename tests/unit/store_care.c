/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_care.c -- views narrowed by a care relation, and by criteria.  (L2)
 *
 * Z06, X04: what such a view does not hold is absent from reads, searches,
 * totals, versions and from the work done.
 */
#include "tests/unit/store_world.h"

#include "store/gate.h"

/* --- resources ------------------------------------------------------------ */

static void
put(struct world *w, const char *fmt, ...) PRINTF(2, 3);

static void
put(struct world *w, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	world_put(w, arena_printf(w->arena, "%s", text));
}

static void
observation(struct world *w, const char *id, const char *patient,
    const char *category)
{
	put(w, "{\"resourceType\":\"Observation\",\"id\":\"%s\","
	    "\"status\":\"final\",\"category\":{\"coding\":[{\"system\":"
	    "\"http://hl7.org/fhir/observation-category\",\"code\":\"%s\"}]},"
	    "\"code\":{\"text\":\"x\"},\"performer\":[{\"reference\":"
	    "\"Practitioner/p-%s\"}],"
	    "\"subject\":{\"reference\":\"Patient/%s\"}}", id, category,
	    category, patient);
}

static void
visit(struct world *w, const char *id, const char *patient,
    const char *status, const char *period)
{
	put(w, "{\"resourceType\":\"Encounter\",\"id\":\"%s\",\"status\":"
	    "\"%s\",%s\"patient\":{\"reference\":\"Patient/%s\"},"
	    "\"participant\":[{\"individual\":{\"reference\":"
	    "\"Practitioner/dr\"}}]}", id, status, period, patient);
}

static void
plan(struct world *w, const char *id, const char *patient,
    const char *category, const char *status)
{
	put(w, "{\"resourceType\":\"CarePlan\",\"id\":\"%s\",\"status\":"
	    "\"%s\",\"category\":[{\"coding\":[{\"code\":\"%s\"}]}],"
	    "\"subject\":{\"reference\":\"Patient/%s\"},\"participant\":["
	    "{\"member\":{\"reference\":\"Practitioner/dr\"}}]}", id, status,
	    category, patient);
}

/* Patients of every relation, and of every one that is none. */
static int
setup(void **state)
{
	static const char *const ids[] = { "provider", "team", "visit",
	    "soon", "none", "oldteam", "otherplan", "past", "cancelled",
	    "undated" };
	struct world *w = world_new();
	size_t i;

	put(w, "{\"resourceType\":\"Practitioner\",\"id\":\"dr\"}");
	put(w, "{\"resourceType\":\"Organization\",\"id\":\"org\","
	    "\"name\":\"o\"}");
	for (i = 0; i < N_ELEM(ids); i++) {
		put(w, "{\"resourceType\":\"Patient\",\"id\":\"%s\",%s"
		    "\"gender\":\"female\"}", ids[i], i == 0 ?
		    "\"careProvider\":[{\"reference\":\"Practitioner/dr\"}],"
		    : "");
		observation(w, arena_printf(w->arena, "o-%s", ids[i]),
		    ids[i], i % 2 == 0 ? "laboratory" : "vital-signs");
	}
	plan(w, "c1", "team", "careteam", "active");
	plan(w, "c2", "oldteam", "careteam", "completed");
	plan(w, "c3", "otherplan", "assess-plan", "active");
	visit(w, "e1", "visit", "finished", "\"period\":{\"start\":"
	    "\"2025-11-01T10:00:00Z\",\"end\":\"2025-11-01T11:00:00Z\"},");
	visit(w, "e2", "soon", "planned", "\"period\":{\"start\":"
	    "\"2026-02-01T10:00:00Z\",\"end\":\"2026-02-01T11:00:00Z\"},");
	visit(w, "e3", "past", "finished", "\"period\":{\"start\":"
	    "\"2025-01-01T10:00:00Z\",\"end\":\"2025-01-01T11:00:00Z\"},");
	visit(w, "e4", "cancelled", "cancelled", "\"period\":{\"start\":"
	    "\"2026-01-01T10:00:00Z\",\"end\":\"2026-01-01T11:00:00Z\"},");
	visit(w, "e5", "undated", "arrived", "");
	world_commit(w);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	world_free(*state);
	return 0;
}

/* --- views ---------------------------------------------------------------- */

static struct view *
relation_view(struct arena *a, const char *practitioner)
{
	struct view *v = view_new(a, "Patient Observation Encounter "
	    "CarePlan", NULL);

	v->rule[0].reach = REACH_RELATION;
	v->rule[1] = (struct view_rule){ .types = types_of("Organization "
	    "Practitioner"), .ops = VIEW_READ | VIEW_SEARCH,
	    .reach = REACH_ALL };
	v->n_rule = 2;
	v->relation = (struct relation){ .practitioner =
	    bytes_str(practitioner), .now = { WORLD_NOW }, .care_days = 90,
	    .bound = true };
	return v;
}

/* Laboratory results, and nothing else, of patients or of all. */
static struct view *
laboratory_view(struct arena *a, const char *patients)
{
	struct view *v = view_new(a, "Observation", patients);
	struct issues is;
	struct query q;

	assert_int_equal(world_query(a, "Observation",
	    "category=laboratory", &is, &q), OK);
	v->rule[0].where = q.must;
	v->rule[0].n_where = q.n_must;
	return v;
}

/* --- asking --------------------------------------------------------------- */

static bool
reads(struct world *w, struct view *(*make)(struct arena *, const char *),
    const char *who, const char *type, const char *id)
{
	struct arena *a = arena_new(0);
	struct resource r;
	enum err e;

	e = store_read(world_begin(w, a), make(a, who), type_num(type),
	    bytes_str(id), &r);
	arena_free(&a);
	assert_true(e == OK || e == ERR_NOTFOUND);
	return e == OK;
}

/* The ids a search finds, sorted by creation, and its work. */
static const char *
finds_work(struct world *w, struct view *(*make)(struct arena *,
    const char *), const char *who, const char *type, const char *text,
    uint64_t *work_out)
{
	static char out[1024];
	struct arena *a = arena_new(0);
	struct snapshot *t = world_begin(w, a);
	struct page_ask ask = ask_new(1000);
	struct issues is;
	struct query q;
	struct page p;
	size_t i, n = 0;

	assert_int_equal(world_query(a, type, text, &is, &q), OK);
	assert_int_equal(store_search(t, a, make(a, who), &q, &ask, &is, &p),
	    OK);
	assert_int_equal(p.total, p.n_match);
	out[0] = '\0';
	for (i = 0; i < p.n_entry; i++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%.*s",
		    i > 0 ? " " : "", BYTES_FMT(p.entry[i].id));
	*work_out = store_work(t);
	arena_free(&a);
	return out;
}

static const char *
finds(struct world *w, struct view *(*make)(struct arena *, const char *),
    const char *who, const char *type, const char *text)
{
	uint64_t work;

	return finds_work(w, make, who, type, text, &work);
}

/* --- care ----------------------------------------------------------------- */

static void
a_relation_is_one_of_three(void **state)
{
	static const struct {
		const char	*patient;
		bool		 cares;
	} row[] = {
		{ "provider", true }, { "team", true }, { "visit", true },
		{ "soon", true }, { "none", false }, { "oldteam", false },
		{ "otherplan", false }, { "past", false },
		{ "cancelled", false }, { "undated", false },
	};
	size_t i;

	for (i = 0; i < N_ELEM(row); i++) {
		char id[64];

		snprintf(id, sizeof(id), "o-%s", row[i].patient);
		if (reads(*state, relation_view, "dr", "Patient",
		    row[i].patient) != row[i].cares ||
		    reads(*state, relation_view, "dr", "Observation", id) !=
		    row[i].cares)
			fail_msg("%s", row[i].patient);
		assert_false(reads(*state, relation_view, "other", "Patient",
		    row[i].patient));
		assert_false(reads(*state, relation_view, "", "Patient",
		    row[i].patient));
	}
}

static void
searches_hold_whom_they_care_for(void **state)
{
	struct world *w = *state;

	assert_string_equal(finds(w, relation_view, "dr", "Patient", ""),
	    "provider team visit soon");
	assert_string_equal(finds(w, relation_view, "dr", "Observation",
	    "category=laboratory"), "o-provider o-visit");
	assert_string_equal(finds(w, relation_view, "dr", "Encounter", ""),
	    "e1 e2");
	assert_string_equal(finds(w, relation_view, "other", "Patient", ""),
	    "");
	assert_string_equal(finds(w, relation_view, "", "Patient", ""), "");
	/* What is nobody's is reached whole. */
	assert_string_equal(finds(w, relation_view, "", "Organization", ""),
	    "org");
}

/* A search that names the patient looks at no other: same answer, less. */
static void
a_named_patient_pins_the_search(void **state)
{
	struct world *w = *state;
	uint64_t pinned, whole;

	assert_string_equal(finds_work(w, relation_view, "dr", "Observation",
	    "patient=visit", &pinned), "o-visit");
	assert_string_equal(finds_work(w, relation_view, "dr", "Observation",
	    "", &whole), "o-provider o-team o-visit o-soon");
	assert_true(pinned < whole);
	assert_string_equal(finds(w, relation_view, "dr", "Observation",
	    "subject=Patient/none"), "");
	assert_string_equal(finds(w, relation_view, "dr", "Observation",
	    "subject=Patient/none,Patient/team"), "o-team");
	assert_string_equal(finds(w, relation_view, "dr", "Patient",
	    "_id=soon,none"), "soon");
	assert_string_equal(finds(w, relation_view, "dr", "Observation",
	    "patient:missing=true"), "");
}

/* A launch's patient is held only while there is care for them, too. */
static struct view *
bound_view(struct arena *a, const char *patient)
{
	struct view *v = view_new(a, "Observation", patient);

	v->relation = (struct relation){ .practitioner = bytes_str("dr"),
	    .now = { WORLD_NOW }, .care_days = 90, .bound = true };
	return v;
}

static void
a_launch_binds_to_care(void **state)
{
	struct world *w = *state;

	assert_true(reads(w, bound_view, "team", "Observation", "o-team"));
	assert_false(reads(w, bound_view, "none", "Observation", "o-none"));
	assert_false(reads(w, bound_view, "team", "Observation", "o-soon"));
	assert_string_equal(finds(w, bound_view, "team", "Observation", ""),
	    "o-team");
	assert_string_equal(finds(w, bound_view, "none", "Observation", ""),
	    "");
}

/* --- criteria ------------------------------------------------------------- */

static void
criteria_hide_what_does_not_satisfy_them(void **state)
{
	struct world *w = *state;

	assert_true(reads(w, laboratory_view, "provider", "Observation",
	    "o-provider"));
	assert_false(reads(w, laboratory_view, "team", "Observation",
	    "o-team"));
	assert_false(reads(w, laboratory_view, "provider", "Observation",
	    "o-visit"));
	assert_string_equal(finds(w, laboratory_view, "provider",
	    "Observation", ""), "o-provider");
	assert_string_equal(finds(w, laboratory_view, "team", "Observation",
	    ""), "");
	assert_string_equal(finds(w, laboratory_view, "team", "Observation",
	    "category=vital-signs"), "");
	/* Over everybody, where postings could tell. */
	assert_string_equal(finds(w, laboratory_view, NULL, "Observation",
	    ""), "o-provider o-visit o-none o-otherplan o-cancelled");
	assert_string_equal(finds(w, laboratory_view, NULL, "Observation",
	    "category=vital-signs"), "");
	assert_string_equal(finds(w, laboratory_view, NULL, "Observation",
	    "patient=visit"), "o-visit");
	assert_string_equal(finds(w, laboratory_view, NULL, "Observation",
	    "patient=team"), "");
}

static enum err
version(struct world *w, const char *patients, const char *id, uint64_t n)
{
	struct arena *a = arena_new(0);
	struct resource r;
	enum err e;

	e = store_vread(world_begin(w, a), laboratory_view(a, patients),
	    type_num("Observation"), bytes_str(id), n, &r);
	arena_free(&a);
	return e;
}

/* Each version is asked by itself, and the present one decides besides. */
static void
versions_are_judged_by_what_they_said(void **state)
{
	struct world *w = *state;

	observation(w, "turn", "team", "vital-signs");
	world_commit(w);
	assert_int_equal(version(w, "team", "turn", 1), ERR_NOTFOUND);
	observation(w, "turn", "team", "laboratory");
	world_commit(w);
	assert_int_equal(version(w, "team", "turn", 1), ERR_NOTFOUND);
	assert_int_equal(version(w, "team", "turn", 2), OK);
	assert_int_equal(version(w, NULL, "turn", 2), OK);
	observation(w, "turn", "team", "vital-signs");
	world_commit(w);
	assert_int_equal(version(w, "team", "turn", 2), ERR_NOTFOUND);
	assert_int_equal(version(w, "team", "turn", 3), ERR_NOTFOUND);
}

/* What is hidden by content is not felt, either (design 11). */
static void
hidden_content_costs_nothing(void **state)
{
	struct world *w = *state;
	uint64_t before, after;
	char id[16];
	int i;

	(void)finds_work(w, laboratory_view, "provider", "Observation",
	    "status=final", &before);
	for (i = 0; i < 9; i++) {
		snprintf(id, sizeof(id), "h%d", i);
		observation(w, id, "provider", "vital-signs");
	}
	world_commit(w);
	assert_string_equal(finds_work(w, laboratory_view, "provider",
	    "Observation", "status=final", &after), "o-provider");
	assert_int_equal(before, after);
	/* Nor in a search of everybody, where lists are long. */
	(void)finds_work(w, laboratory_view, NULL, "Observation",
	    "status=final&_sort=date", &before);
	for (i = 0; i < 9; i++) {
		snprintf(id, sizeof(id), "i%d", i);
		observation(w, id, "none", "vital-signs");
	}
	world_commit(w);
	assert_string_equal(finds_work(w, laboratory_view, NULL,
	    "Observation", "status=final&_sort=date", &after),
	    "o-provider o-visit o-none o-otherplan o-cancelled");
	assert_int_equal(before, after);
}

/* Rules add up: whole for one patient, laboratory for everybody. */
static struct view *
mixed_view(struct arena *a, const char *patient)
{
	struct view *v = laboratory_view(a, NULL);

	v->rule[1] = (struct view_rule){ .types = v->rule[0].types,
	    .ops = VIEW_READ | VIEW_SEARCH, .reach = REACH_PATIENTS };
	v->n_rule = 2;
	v->patient[v->n_patient++] = bytes_str(patient);
	return v;
}

static void
rules_add_up(void **state)
{
	struct world *w = *state;

	assert_string_equal(finds(w, mixed_view, "team", "Observation", ""),
	    "o-provider o-team o-visit o-none o-otherplan o-cancelled");
	assert_true(reads(w, mixed_view, "team", "Observation", "o-team"));
	assert_true(reads(w, mixed_view, "team", "Observation", "o-visit"));
	assert_false(reads(w, mixed_view, "team", "Observation", "o-soon"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(a_relation_is_one_of_three),
		T(searches_hold_whom_they_care_for),
		T(a_named_patient_pins_the_search),
		T(a_launch_binds_to_care),
		T(criteria_hide_what_does_not_satisfy_them),
		T(versions_are_judged_by_what_they_said),
		T(hidden_content_costs_nothing),
		T(rules_add_up),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
