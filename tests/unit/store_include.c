/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a page brings along, and searches of all types, against looking at
 * everything: random includes of random searches.
 *
 *	t-store_include [QUERIES [SEED]]
 *
 * Requirements S10, S11, R17, S13, S15, S21; security SRC-02, SRC-03, SRC-04.
 */
#include "tests/unit/store_model.h"

static unsigned	n_queries = 1000;
static uint64_t	seed = 20260202;

static int
setup(void **state)
{
	struct world *w = world_new();
	struct dice d = { seed };

	fill(w, &d, 200);
	fill_forest(w, &d, 80);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	world_free(*state);
	return 0;
}

/* --- the model ------------------------------------------------------------ */

struct group {
	const struct known	*k[WORLD_MAX];
	size_t			 n;
};

static bool
in_group(const struct group *g, const struct known *k)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (g->k[i] == k)
			return true;
	return false;
}

/* May it be read by its id? */
static bool
readable(const struct view *v, const struct known *k)
{
	enum view_reach reach = view_reach(v, k->type, VIEW_READ);

	if (!k->live || reach == REACH_NONE)
		return false;
	return reach == REACH_ALL || owned(v, k) ||
	    k->owners.kind == OWNER_SHARED;
}

/* Does from refer to to as the include says? */
static bool
leads_to(const struct include *in, const struct known *from,
    const struct known *to)
{
	const struct value *v;

	if ((in->source != 0 && in->source != from->type) ||
	    (in->target != 0 && in->target != to->type))
		return false;
	for (v = from->values.v; v < from->values.v + from->values.n; v++)
		if (v->kind == PK_REFERENCE && v->type == to->type &&
		    bytes_eq(v->text, to->id) && (in->param == NULL ||
		    in->param->num == v->param))
			return true;
	return false;
}

/* Is it brought by the one, a match or not? */
static bool
brings(const struct world *w, const struct view *v, const struct query *q,
    const struct known *one, bool match, const struct known *k)
{
	size_t i;

	for (i = 0; i < q->n_include; i++)
		if ((match || q->include[i].recurse) && readable(v, k) &&
		    leads_to(&q->include[i], one, k))
			return true;
	for (i = 0; i < q->n_revinclude; i++)
		if ((match || q->revinclude[i].recurse) &&
		    leads_to(&q->revinclude[i], k, one) &&
		    searchable(w, v, k))
			return true;
	return false;
}

/* All that the matches bring, step by step. */
static void
bring_all(const struct world *w, const struct view *v,
    const struct query *q, const struct group *match, struct group *out)
{
	struct group now = *match, next;
	bool first = true;
	size_t i, j;

	for (out->n = 0; now.n > 0; now = next, first = false) {
		next.n = 0;
		for (i = 0; i < w->n; i++) {
			if (in_group(match, &w->known[i]) ||
			    in_group(out, &w->known[i]))
				continue;
			for (j = 0; j < now.n; j++)
				if (brings(w, v, q, now.k[j], first,
				    &w->known[i])) {
					next.k[next.n++] = &w->known[i];
					break;
				}
		}
		memcpy(out->k + out->n, next.k, next.n * sizeof(*next.k));
		out->n += next.n;
	}
}

/* --- includes ------------------------------------------------------------- */

static const char *const	includes[] = {
	"_include=*", "_include:recurse=*", "_include:iterate=Patient:*",
	"_include=Observation:performer", "_include=Observation:*:Patient",
	"_include=MedicationOrder:medication,MedicationOrder:prescriber",
	"_include:recurse=Patient:careprovider", "_revinclude=*",
	"_revinclude:recurse=*", "_revinclude=Observation:subject",
	"_revinclude=Observation:performer:Patient",
	"_revinclude:recurse=MedicationOrder:*",
	"_revinclude=List:item", "_revinclude:iterate=Observation:*:Patient"
};

/* A random search with one or two includes that make sense of its type. */
static struct query
random_include(struct arena *a, struct dice *d, const char **text_out)
{
	const char *type, *text = random_query(a, d, &type), *more;
	struct issues is;
	struct query q;

	if (roll(d, 3) == 0)
		text = "";
	do {
		more = arena_printf(a, "%s%s%s", text,
		    *text == '\0' ? "" : "&", PICK(d, includes));
		if (roll(d, 2))
			more = arena_printf(a, "%s&%s", more,
			    PICK(d, includes));
	} while (world_query(a, type, more, &is, &q) != OK);
	*text_out = arena_printf(a, "%s?%s", type, more);
	return q;
}

static struct known *
known_of(struct world *w, const struct resource *r)
{
	struct known *k = world_known(w, r->type, r->id);

	assert_non_null(k);
	return k;
}

static void
compare_page(struct world *w, const struct view *v, const struct query *q,
    const struct page *p, const char *text)
{
	struct group *match = calloc(1, sizeof(*match));
	struct group *want = calloc(1, sizeof(*want));
	struct group *got = calloc(1, sizeof(*got));
	const struct known *k;
	size_t i;

	for (i = 0; i < p->n_match; i++)
		match->k[match->n++] = known_of(w, &p->entry[i]);
	bring_all(w, v, q, match, want);
	for (; i < p->n_entry; i++) {
		k = known_of(w, &p->entry[i]);
		if (in_group(match, k) || in_group(got, k))
			fail_msg("%s: %.*s twice", text, BYTES_FMT(k->id));
		if (!in_group(want, k))
			fail_msg("%s: %.*s is too much", text,
			    BYTES_FMT(k->id));
		got->k[got->n++] = k;
	}
	if (got->n != want->n)
		fail_msg("%s: %zu included, not %zu", text, got->n, want->n);
	free(match);
	free(want);
	free(got);
}

/* Every page brings its own, and nothing but. */
static size_t
compare_many(struct world *w, const char *names, const char *set)
{
	static const uint64_t counts[] = { 1, 5, WORLD_MAX };
	struct dice d = { seed + 1 };
	size_t brought = 0;
	const char *text;
	struct arena *a;
	struct query q;
	struct view *v;
	unsigned i;

	for (i = 0; i < n_queries; i++) {
		struct page_ask ask = ask_new(counts[roll(&d, 3)]);
		struct page p;

		a = arena_new(0);
		v = view_new(a, names, set);
		q = random_include(a, &d, &text);
		ask.max_include = WORLD_MAX;
		ask.max_bytes = roll(&d, 3) ? 1 << 24 : 4000;
		if (view_reach(v, q.type, VIEW_SEARCH) != REACH_NONE) {
			p = search(world_begin(w, a), a, v, &q, &ask);
			compare_page(w, v, &q, &p, text);
			brought += p.n_entry - p.n_match;
		}
		arena_free(&a);
	}
	return brought;
}

static void
brings_what_everybody_may_see(void **state)
{
	assert_true(compare_many(*state, "*", NULL) > n_queries);
}

static void
brings_what_one_patient_may_see(void **state)
{
	assert_true(compare_many(*state, "*", "pA") > n_queries / 4);
}

static void
brings_what_two_patients_may_see(void **state)
{
	assert_true(compare_many(*state, "*", "pA pB") > n_queries / 4);
}

static void
brings_what_a_scope_names(void **state)
{
	assert_true(compare_many(*state, "Observation Practitioner", "pA") >
	    0);
	assert_true(compare_many(*state, "Observation Patient", NULL) > 0);
}

/* S21: too much is refused whole, and says by what. */
static void
too_much_is_refused(void **state)
{
	static const struct {
		const char	*text;
		uint64_t	 rows, include;
		const char	*place;
	} rows[] = {
		{ "_include=*&_revinclude=*", 100000, 3, "?_include" },
		{ "_revinclude=*", 3, 1000, NULL }
	};
	struct page p = { .total = 77 };
	size_t i;

	for (i = 0; i < N_ELEM(rows); i++) {
		struct arena *a = arena_new(0);
		struct query q = query(a, "Patient", rows[i].text);
		struct page_ask ask = ask_new(100);
		struct issues is = issues_on(a);

		ask.max_include = rows[i].include;
		ask.max_rows = rows[i].rows;
		assert_int_equal(store_search(world_begin(*state, a), a,
		    view_new(a, "*", "pA"), &q, &ask, &is, &p), ERR_COSTLY);
		assert_int_equal(is.n, 1);
		if (rows[i].place != NULL)
			assert_string_equal(is.first->place, rows[i].place);
		assert_int_equal(p.total, 77);
		arena_free(&a);
	}
}

/* --- all types ------------------------------------------------------------ */

/* What each type's own search finds, one behind the other. */
static const struct known **
expected_of_all(struct arena *a, const struct world *w,
    const struct view *v, const struct query *q, size_t *n_out)
{
	const struct known **all = arena_array(a, WORLD_MAX, sizeof(*all));
	const struct known **list;
	struct query one;
	uint16_t type;
	size_t n;

	*n_out = 0;
	for (type = 1; type <= DEF_TYPES; type++) {
		if (view_reach(v, type, VIEW_SEARCH) == REACH_NONE ||
		    query_of_type(a, q, type, &one) != OK)
			continue;
		list = expected(a, w, v, &one, &n);
		memcpy(all + *n_out, list, n * sizeof(*list));
		*n_out += n;
	}
	return all;
}

static struct query
query_all(struct arena *a, const char *text, const char *patient)
{
	static const struct query_limits limits = { .params = 100,
	    .values = 200, .depth = 4 };
	struct issues is = issues_on(a);
	struct pair *pairs;
	struct query q;
	size_t n;

	assert_int_equal(query_pairs(a, bytes_str(text), 100, &is, &pairs,
	    &n), OK);
	assert_int_equal(query_parse(a, 0, pairs, n, &world_urls,
	    (struct instant){ WORLD_NOW }, &limits, &is, &q), OK);
	if (patient != NULL)
		assert_int_equal(query_compartment(a, &q,
		    type_num("Patient"), bytes_str(patient), &is), OK);
	return q;
}

/* All pages of so many, forward or backward; every total is the same. */
static void
compare_pages(struct world *w, struct arena *a, const struct view *v,
    const struct query *q, uint64_t count, bool back)
{
	const struct known **want;
	struct snapshot *t = world_begin(w, a);
	struct page_ask ask = ask_new(count);
	struct page p;
	size_t n, i, at;

	want = expected_of_all(a, w, v, q, &n);
	p = search(t, a, v, q, &ask);
	at = 0;
	if (back && n > count) {
		ask.cursor = p.last;
		at = n;
	}
	for (;;) {
		if (ask.cursor.len > 0)
			p = search(t, a, v, q, &ask);
		assert_int_equal(p.total, n);
		assert_int_equal(p.n_match, p.n_entry);
		if (back && n > count)
			at -= p.n_match;
		for (i = 0; i < p.n_match; i++)
			if (p.entry[i].type != want[at + i]->type ||
			    !bytes_eq(p.entry[i].id, want[at + i]->id))
				fail_msg("%.*s: entry %zu", BYTES_FMT(q->self),
				    at + i);
		if (!back || n <= count)
			at += p.n_match;
		ask.cursor = back && n > count ? p.previous : p.next;
		if (ask.cursor.len == 0)
			break;
	}
	assert_int_equal(at, back && n > count ? 0 : n);
}

static void
finds_all_types_in_pages(void **state)
{
	static const char *const texts[] = {
		"", "_id=pA,pB,d1", "_lastUpdated=ge2026", "_id:not=pA",
		"_lastUpdated=lt2020", "_content=headache", "_list=l1",
		"_filter=_id eq pA or _id eq pB", "_tag:missing=true"
	};
	static const struct {
		const char	*names, *set;
	} views[] = {
		{ "*", NULL }, { "*", "pA" }, { "*", "pA pB" },
		{ "Observation Practitioner", "pA" },
		{ "Observation Patient", NULL }
	};
	static const char *const whose[] = { NULL, NULL, "pA", "pB",
	    "nobody" };
	struct dice d = { seed + 2 };
	struct arena *a;
	size_t i, j, k;

	for (i = 0; i < N_ELEM(texts); i++)
		for (j = 0; j < N_ELEM(views); j++)
			for (k = 0; k < 4; k++) {
				struct query q;

				a = arena_new(0);
				q = query_all(a, texts[i], PICK(&d,
				    whose));
				compare_pages(*state, a, view_new(a,
				    views[j].names, views[j].set), &q,
				    k < 2 ? 7 : 100, k % 2 != 0);
				arena_free(&a);
			}
}

/* What the view may not search is not there; without anything it is no. */
static void
a_view_of_nothing_searches_nothing(void **state)
{
	struct arena *a = arena_new(0);
	struct query q = query_all(a, "", NULL);
	struct page_ask ask = ask_new(10);
	struct issues is = issues_on(a);
	struct view none = { .n_rule = 0 };
	struct page p;

	assert_int_equal(store_search(world_begin(*state, a), a, &none, &q,
	    &ask, &is, &p), ERR_FORBIDDEN);
	arena_free(&a);
}

/* The budget is one for all types together. */
static void
the_budget_is_of_all_types(void **state)
{
	struct arena *a = arena_new(0);
	struct query q = query_all(a, "_lastUpdated=ge2000", NULL);
	struct snapshot *t = world_begin(*state, a);
	struct page_ask ask = ask_new(10);
	struct issues is = issues_on(a);
	struct page p;

	ask.max_rows = 100000;
	assert_int_equal(store_search(t, a,
	    view_new(a, "*", "pA"), &q, &ask, &is, &p), OK);
	is = issues_on(a);
	ask.max_rows = p.total - 1;	/* each type has fewer */
	assert_int_equal(store_search(t, a,
	    view_new(a, "*", "pA"), &q, &ask, &is, &p), ERR_COSTLY);
	arena_free(&a);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(brings_what_everybody_may_see),
		cmocka_unit_test(brings_what_one_patient_may_see),
		cmocka_unit_test(brings_what_two_patients_may_see),
		cmocka_unit_test(brings_what_a_scope_names),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(finds_all_types_in_pages),
		cmocka_unit_test(a_view_of_nothing_searches_nothing),
		cmocka_unit_test(the_budget_is_of_all_types)
	};

	if (argc > 1)
		n_queries = (unsigned)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 10);
	return cmocka_run_group_tests(tests, setup, teardown);
}
