/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two worlds that differ only in what pA's view does not hold must give pA
 * the same answers, byte for byte, by the same work (SRC-01, design 11).
 *
 *	t-store_worlds [REQUESTS [SEED]]
 *
 * REQUESTS (default 3000) is the number of random searches; the long form is
 * t-store_worlds 100000.  The oracle is tried, too: views that do hold some
 * of the difference must see it.
 *
 * Requirements Z01, Z02; security SRC-01 to SRC-08, SRC-19, SRC-23.
 */
#include "tests/unit/store_two.h"

static unsigned	n_requests = 3000;

/* --- asking them --------------------------------------------------------- */

/* One request, decided once for both worlds. */
struct request {
	const char	*names, *set, *all;	/* the view */
	const char	*type, *text;
	struct page_ask	 ask;
	unsigned	 pages;			/* to follow */
	bool		 back;
};

/* All that pA can observe of a search and the pages after it, as text. */
static struct bytes
tell_search(struct world *w, struct arena *a, const struct request *r)
{
	struct query q = query(a, r->type, r->text);
	struct buf b = buf_on(a, 8 << 20);
	struct snapshot *t = world_begin(w, a);
	struct view *v = view_mixed(a, r->names, r->set, r->all);
	struct page_ask ask = r->ask;
	struct issues is = issues_on(a);
	struct page p = { .total = 0 };
	struct bytes out;
	unsigned i;
	enum err e;

	for (i = 0; i <= r->pages; i++) {
		e = store_search(t, a, v, &q, &ask, &is, &p);
		buf_printf(&b, "%s, work %llu\n", err_name(e),
		    (unsigned long long)store_work(t));
		if (is.first != NULL)
			buf_str(&b, is.first->text);
		if (e != OK)
			break;
		tell_page(&b, &p);
		ask.cursor = r->back ? (i == 0 ? p.last : p.previous) :
		    p.next;
		if (ask.cursor.len == 0)
			break;
	}
	assert_int_equal(buf_end(&b, &out), OK);
	return out;
}

static struct request
random_request(struct arena *a, struct dice *d, const char *names,
    const char *set, const char *all)
{
	static const uint64_t counts[] = { 0, 1, 3, 20, 1000 };
	static const char *const includes[] = { "", "", "",
	    "&_include=Observation:performer", "&_include=Observation:subject",
	    "&_include=Observation:performer:Patient", "&_include=*",
	    "&_include:recurse=*", "&_revinclude=*",
	    "&_revinclude:recurse=*&_include=*",
	    "&_revinclude=DiagnosticReport:result" };
	struct request r = { .names = names, .set = set, .all = all };
	const char *text = roll(d, 2) ? random_query(a, d, &r.type) :
	    random_tree(a, d, &r.type);

	r.ask = ask_new(counts[roll(d, N_ELEM(counts))]);
	r.ask.max_rows = roll(d, 4) ? 100000 : roll(d, 120);
	r.ask.max_bytes = roll(d, 4) ? 1 << 20 : 2000;
	r.ask.max_include = roll(d, 4) ? 1000 : 2;
	r.pages = (unsigned)roll(d, 4);
	r.back = roll(d, 2) != 0;
	r.text = text;
	if (strcmp(r.type, "Observation") == 0)
		r.text = arena_printf(a, "%s%s", text,
		    PICK(d, includes));
	return r;
}

/* How many of the random requests tell the worlds apart? */
static unsigned
differences(const struct worlds *both, const char *names, const char *set,
    const char *all, unsigned n, bool must_not)
{
	struct dice d = { seed + 3 };
	struct request r;
	struct arena *a[2];
	struct bytes told[2];
	unsigned i, j, found = 0;

	for (i = 0; i < n; i++) {
		for (j = 0; j < 2; j++) {
			struct dice same = { d.s };

			a[j] = arena_new(0);
			r = random_request(a[j], &same, names, set,
			    all);
			told[j] = tell_search(both->w[j], a[j], &r);
			if (j == 1)
				d = same;
		}
		if (!bytes_eq(told[0], told[1])) {
			found++;
			first_difference(told);
			if (must_not)
				fail_msg("%s?%s\n%.*s\n---\n%.*s", r.type,
				    r.text, BYTES_FMT(told[0]),
				    BYTES_FMT(told[1]));
		}
		arena_free(&a[0]);
		arena_free(&a[1]);
	}
	return found;
}

/* --- tests --------------------------------------------------------------- */

static void
tells_nothing_of_others_in_searches(void **state)
{
	assert_int_equal(differences(*state, "*", "pA", NULL, n_requests,
	    true), 0);
}

static void
tells_nothing_of_others_to_a_narrow_scope(void **state)
{
	assert_int_equal(differences(*state, "Observation Practitioner "
	    "Patient Medication Appointment MedicationOrder Immunization",
	    "pA", NULL, n_requests / 3, true), 0);
}

/* All of a type that is the same in both leads to nothing that is not. */
static void
tells_nothing_of_others_by_steps_from_all(void **state)
{
	assert_int_equal(differences(*state, "*", "pA", "Medication",
	    n_requests / 3, true), 0);
}

/* The ids of either world, read, read by version, and listed. */
static struct bytes
tell_id(struct world *w, struct arena *a, uint16_t type, struct bytes id)
{
	struct view *v = view_new(a, "*", "pA");
	struct snapshot *t = world_begin(w, a);
	struct buf b = buf_on(a, 1 << 20);
	struct page_ask ask = ask_new(10);
	struct page p = { .total = 0 };
	struct resource r = { .version = 0 };
	struct bytes out;
	enum err e[3];

	e[0] = store_read(t, v, type, id, &r);
	buf_add(&b, r.body);
	e[1] = store_vread(t, v, type, id, 1, &r);
	buf_add(&b, r.body);
	e[2] = store_history(t, a, v, &(struct history_ask){ .type = type,
	    .id = id, .since = { TIME_MIN } }, &ask, &p);
	buf_printf(&b, "%d %d %d, work %llu\n", e[0], e[1], e[2],
	    (unsigned long long)store_work(t));
	tell_page(&b, &p);
	assert_int_equal(buf_end(&b, &out), OK);
	return out;
}

static void
compare_id(const struct worlds *both, const struct known *k)
{
	struct arena *a[2];
	struct bytes told[2];
	size_t j;

	for (j = 0; j < 2; j++) {
		a[j] = arena_new(0);
		told[j] = tell_id(both->w[j], a[j], k->type, k->id);
	}
	if (!bytes_eq(told[0], told[1])) {
		first_difference(told);
		fail_msg("%s/%.*s: %.*s --- %.*s",
		    def_type_num(k->type)->name, BYTES_FMT(k->id),
		    BYTES_FMT(told[0]), BYTES_FMT(told[1]));
	}
	arena_free(&a[0]);
	arena_free(&a[1]);
}

static void
tells_nothing_of_others_by_id(void **state)
{
	const struct worlds *both = *state;
	size_t i, m;

	for (m = 0; m < 2; m++)
		for (i = 0; i < both->w[m]->n; i++)
			/* What is shared is everybody's: no secret. */
			if (both->w[m]->known[i].owners.kind != OWNER_SHARED)
				compare_id(both, &both->w[m]->known[i]);
}

static enum err
note_tags(void *arg, struct bytes body)
{
	buf_add(arg, body);
	buf_u8(arg, '\n');
	return OK;
}

/* What tells of profiles, labels and tags, and by which work. */
static struct bytes
tell_tags(struct world *w, struct arena *a, const char *set, const char *all,
    uint16_t type)
{
	struct view *v = view_mixed(a, "*", set, all);
	struct snapshot *t = world_begin(w, a);
	struct page_ask ask = ask_new(0);
	struct buf b = buf_on(a, 8 << 20);
	struct bytes out;
	enum err e;

	e = store_tags(t, a, v, type, &ask, note_tags, &b);
	buf_printf(&b, "%s, work %llu\n", err_name(e),
	    (unsigned long long)store_work(t));
	store_end(t);
	assert_int_equal(buf_end(&b, &out), OK);
	return out;
}

/* Of all types, and of each: does any of it differ? */
static unsigned
tags_differ(const struct worlds *both, const char *set, const char *all)
{
	struct arena *a = arena_new(0);
	struct bytes told[2];
	unsigned found = 0;
	uint16_t type;

	for (type = 0; type <= DEF_TYPES; type++) {
		told[0] = tell_tags(both->w[0], a, set, all, type);
		told[1] = tell_tags(both->w[1], a, set, all, type);
		found += !bytes_eq(told[0], told[1]);
		if (type == 0)
			assert_non_null(strstr(arena_str(a, told[0]),
			    "\"urn:t\""));
	}
	arena_free(&a);
	return found;
}

static void
tells_nothing_of_others_in_tags(void **state)
{
	assert_int_equal(tags_differ(*state, "pA", NULL), 0);
	assert_int_equal(tags_differ(*state, "pA", "Medication"), 0);
	assert_true(tags_differ(*state, NULL, NULL) > 0);
	assert_true(tags_differ(*state, "pA", "Observation") > 0);
}

/* The oracle sees a leak where there is one, be it small. */
static void
would_notice_a_leak(void **state)
{
	assert_true(differences(*state, "*", NULL, NULL, 100, false) > 20);
	assert_true(differences(*state, "Practitioner", NULL, NULL, 500,
	    false) > 0);
	assert_true(differences(*state, "*", "pA pB", NULL, 100, false) >
	    20);
	/* By steps alone: pA's own, and who others are. */
	assert_true(differences(*state, "Observation", "pA", "Patient", 300,
	    false) > 0);
	assert_true(differences(*state, "Patient", "pA", "Observation", 300,
	    false) > 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_nothing_of_others_in_searches),
		cmocka_unit_test(tells_nothing_of_others_to_a_narrow_scope),
		cmocka_unit_test(tells_nothing_of_others_by_steps_from_all),
		cmocka_unit_test(tells_nothing_of_others_by_id),
		cmocka_unit_test(tells_nothing_of_others_in_tags),
		cmocka_unit_test(would_notice_a_leak),
	};

	if (argc > 1)
		n_requests = (unsigned)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 10);
	return cmocka_run_group_tests_name("store_worlds", tests, setup,
	    teardown);
}
