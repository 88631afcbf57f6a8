/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which way a search goes, and that each leads to the same.
 *
 * One world, in which lists are so long that every way is the cheapest one
 * for something.  What is found is compared to looking at everything; what
 * says that a way was gone, is the trace of "tiphys explain".
 *
 * Requirements 2.3, S08, S17; security SRC-04, SRC-05.
 */
#include "tests/unit/store_model.h"

#define PATIENTS	60
#define EACH		10	/* Observations of a patient */

/* p0 .. p59, of ten families; every third has a condition. */
static void
put_one(struct world *w, unsigned p)
{
	struct arena *a = w->arena;

	world_put(w, arena_printf(a, "{\"resourceType\":\"Patient\","
	    "\"id\":\"p%u\",\"gender\":\"%s\",\"name\":[{\"family\":["
	    "\"Fam%u\"]}]}", p, p % 2 ? "male" : "female", p % 10));
	if (p % 3 > 0)
		return;
	world_put(w, arena_printf(a, "{\"resourceType\":\"Condition\","
	    "\"id\":\"c%u\",\"code\":{\"coding\":[{\"system\":\"urn:c\","
	    "\"code\":\"c%u\"}]},\"verificationStatus\":\"confirmed\","
	    "\"clinicalStatus\":\"active\","
	    "\"patient\":{\"reference\":\"Patient/%s%u\"}}", p, p % 2,
	    p % 4 == 3 ? "none" : "p", p));
}

/* The first four in ten have the code "many", one in a hundred "few". */
static void
put_seen(struct world *w, unsigned p, unsigned i)
{
	struct arena *a = w->arena;
	const char *code = i < 4 ? "many" : p % 10 == 7 && i == 5 ? "few" :
	    "other";

	world_put(w, arena_printf(a, "{\"resourceType\":\"Observation\","
	    "\"id\":\"o%u-%u\",\"status\":\"%s\",\"code\":{\"coding\":[{"
	    "\"system\":\"urn:o\",\"code\":\"%s\"}]},\"subject\":{"
	    "\"reference\":\"Patient/p%u\"},\"performer\":[{\"reference\":"
	    "\"Patient/p%u\"}],\"effectiveDateTime\":\"20%02u-01-01\"}", p,
	    i, i % 2 ? "final" : "preliminary", code, p, (p + i) % PATIENTS,
	    10 + i));
}

static int
setup(void **state)
{
	struct world *w = world_new();
	unsigned p, i;

	/* In turn, so that nobody's stand together. */
	for (p = 0; p < PATIENTS; p++)
		put_one(w, p);
	for (i = 0; i < EACH; i++)
		for (p = 0; p < PATIENTS; p++)
			put_seen(w, p, i);
	world_delete(w, "Patient", "p6");
	world_delete(w, "Observation", "o17-5");
	world_commit(w);
	world_learn(w);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	world_free(*state);
	return 0;
}

/* --- ways ---------------------------------------------------------------- */

static const struct way {
	const char	*type, *text;
	const char	*step, *how;	/* must be in the trace */
	size_t		 most;		/* so many rows are read, at most */
} ways[] = {
#define EACH_ASKED	"one by one"
	/* _has: by who owns what was found, by rows, met, each asked. */
	{ "Patient", "_has:Condition:patient:code=c0", "has", "owners", 0 },
	{ "Patient", "_has:Condition:patient:clinicalstatus=active",
	    "has", "owners", 0 },
	{ "Patient", "_has:Observation:subject:code=few", "has",
	    "referred to", 5 },
	{ "Patient", "_has:Observation:subject:code=many", "has", "met", 0 },
	{ "Patient", "_has:Observation:performer:code=many&gender=male",
	    "has", "met", 0 },
	{ "Patient", "_id=p7,p8&_has:Observation:subject:status:not=final",
	    "has", EACH_ASKED, 30 },
	/* Chains: targets found and met, targets asked. */
	{ "Observation", "code=many&subject:Patient.gender=male", "meet",
	    "met", 0 },
	{ "Observation", "subject:Patient.gender=male", "chain",
	    "targets found", 0 },
	{ "Observation", "subject:Patient.gender:not=male&code=many",
	    "chain", "targets found", 60 },
	{ "Observation", "code=few&subject:Patient.gender=male", "chain",
	    EACH_ASKED, 10 },
	{ "Condition", "patient._has:Observation:subject:code=few", "has",
	    "referred to", 5 },
	{ "Observation", "code=many&subject:Patient._has:Condition:patient:"
	    "code=c1", "meet", "met", 0 },
	/* Sets of several criteria. */
	{ "Observation", "code=many&status=final", "meet", "met", 0 },
	{ "Observation", "code=few&status=final", "meet", "met", 0 },
	{ "Observation", "_filter=code eq few or code eq other", "begin",
	    "lists", 0 },
	{ "Observation", "code=many&date=ge2012&status=final", "meet",
	    "met", 130 },
	{ "Patient", "_has:Condition:patient:code=none", "has", "owners", 0 },
	{ "Patient", "_has:Observation:subject:code=none", "has", "", 0 },
};

/* Rows that were read, of all goals; *found_out: the step was taken. */
static uint64_t
rows_read(const struct search_trace *trace, const struct way *way,
    bool *found_out)
{
	const struct trace_step *s;
	uint64_t rows = 0;

	*found_out = false;
	for (s = trace->step; s < trace->step + trace->n; s++) {
		if (strcmp(s->step, way->step) == 0 &&
		    strstr(s->how, way->how) != NULL)
			*found_out = true;
		if (strcmp(s->step, "rows") == 0)
			rows += s->n;
	}
	return rows;
}

static void
compare_way(struct world *w, const struct way *way, uint64_t max_rows)
{
	struct arena *a = arena_new(0);
	struct search_trace trace = { .arena = a };
	struct view *v = view_new(a, "*", NULL);
	struct query q = query(a, way->type, way->text);
	struct page_ask ask = ask_new(WORLD_MAX);
	const struct known **want;
	struct page p;
	uint64_t rows;
	size_t i, n;
	bool found;

	ask.trace = &trace;
	ask.max_rows = max_rows;
	want = expected(a, w, v, &q, &n);
	p = search(world_begin(w, a), a, v, &q, &ask);
	if (p.total != n || p.n_match != n)
		fail_msg("%s: %u, not %u", way->text, (unsigned)p.total,
		    (unsigned)n);
	for (i = 0; i < n; i++)
		if (!bytes_eq(p.entry[i].id, want[i]->id))
			fail_msg("%s: entry %u is %.*s", way->text,
			    (unsigned)i, BYTES_FMT(p.entry[i].id));
	rows = rows_read(&trace, way, &found);
	if (!found || rows > way->most)
		fail_msg("%s: %u rows, %s not gone", way->text,
		    (unsigned)rows, found ? "no way" : way->how);
	arena_free(&a);
}

static void
finds_the_same_by_every_way(void **state)
{
	size_t i;

	for (i = 0; i < N_ELEM(ways); i++)
		compare_way(*state, &ways[i], 100000);
}

/*
 * DOS-04: what finds few is answered by a small budget, whatever else is
 * asked: another way is gone, or what comes after has few to ask.
 */
static void
goes_a_way_that_the_budget_allows(void **state)
{
	static const struct way small[] = {
		{ "Observation", "code=few&subject:Patient.gender=male",
		    "chain", EACH_ASKED, 10 },
		{ "Observation", "code=few&subject:Patient.gender:not=male",
		    "chain", EACH_ASKED, 10 },
		{ "Observation", "_id=o1-1,o2-2&subject:Patient._has:"
		    "Observation:performer:status:not=final", "chain",
		    EACH_ASKED, 30 },
		{ "Condition", "patient.family=Fam3&patient.gender:not=male",
		    "chain", EACH_ASKED, 10 },
	};
	size_t i;

	for (i = 0; i < N_ELEM(small); i++)
		compare_way(*state, &small[i], 40);
}

/* --- sets ---------------------------------------------------------------- */

/* As qsort does, and each once. */
static size_t
sort_plainly(uint64_t *v, size_t n)
{
	size_t i, left = 0;

	qsort(v, n, sizeof(*v), rid_cmp);
	for (i = 0; i < n; i++)
		if (left == 0 || v[left - 1] != v[i])
			v[left++] = v[i];
	return left;
}

static void
sorts_rids_and_leaves_each_once(void **state UNUSED)
{
	enum { MOST = 3000 };
	static uint64_t v[MOST], want[MOST];
	struct dice d = { 7 };
	size_t round, n, left, i;

	for (round = 0; round < 300; round++) {
		n = roll(&d, round % 2 ? 40 : MOST);
		for (i = 0; i < n; i++)
			v[i] = want[i] = rid_make((uint16_t)(round % 3 ? 5 :
			    roll(&d, 94)), roll(&d, round % 5 ? 70000 :
			    UINT64_C(1) << 47));
		left = sort_plainly(want, n);
		assert_int_equal(rid_sort(v, n), left);
		assert_memory_equal(v, want, left * sizeof(*v));
		assert_int_equal(rid_sort(v, left), left);
		assert_memory_equal(v, want, left * sizeof(*v));
	}
	assert_int_equal(rid_sort(v, 0), 0);
}

int
main(void)
{
#define T(f)	cmocka_unit_test(f)
	const struct CMUnitTest tests[] = {
		T(finds_the_same_by_every_way),
		T(goes_a_way_that_the_budget_allows),
		T(sorts_rids_and_leaves_each_once),
	};
#undef T

	return cmocka_run_group_tests_name("store_plan", tests, setup,
	    teardown);
}
