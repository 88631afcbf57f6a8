/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages in an order: by the index or by all rows, the same entries.
 *
 *	t-store_order [QUERIES [SEED]]
 *
 * Values are few, so that most are ties; some resources have none, some many.
 *
 * Requirements 2.3, S16; security SRC-07.
 */
#include "tests/unit/store_model.h"

static unsigned	n_queries = 500;
static uint64_t	seed = 20260101;

/* --- a world of ties ------------------------------------------------------ */

#define LONG	"a text of which so many bytes decide where it stands, and "   \
		"what comes behind them no more, which makes it a tie with "   \
		"others "

static const char *const	texts[] = { "Amy", "amy sha", "Ören", "ab", "a",
	LONG "one", LONG "two", LONG "two which is longer than a key of the "
	"index, so that its end is cut off, all in all" };
static const char *const	makers[] = { "Practitioner/dr1",
	"Practitioner/dr2", "Patient/pB", "Organization/o1", "A://b",
	"http://far.example/Practitioner/1", "urn:uuid:1" };
static const char *const	homes[] = { "http://p.example/a",
	"http://p.example/b", "http://p.example/ab", "urn:x" };
static const char *const	kinds[] = { "c-1", "C-1", "c-2", "b" };

/* A member that is an array of one to three; or no member. */
static const char *
several(struct arena *a, struct dice *d, const char *const *list, size_t n,
    const char *name, const char *before, const char *after)
{
	uint64_t i, count = roll(d, 4);
	const char *text = "";

	for (i = 0; i < count; i++)
		text = arena_printf(a, "%s%s%s%s%s", text, i > 0 ? "," : "",
		    before, list[roll(d, n)], after);
	return count == 0 ? "" : arena_printf(a, ",\"%s\":[%s]", name, text);
}

static const char *
any_amount(struct arena *a, struct dice *d)
{
	switch (roll(d, 3)) {
	case 0:
		return arena_printf(a, ",\"valueString\":\"%s\"",
		    PICK(d, texts));
	case 1:
		return arena_printf(a, ",\"valueQuantity\":{\"value\":%s,"
		    "\"comparator\":\"%s\"}", PICK(d, numbers),
		    roll(d, 2) ? "<=" : ">");
	default:
		return amount(a, d);
	}
}

static void
put_many(struct world *w, struct dice *d, const char *id)
{
	struct arena *a = w->arena;
	const char *performer, *category, *profile;

	profile = several(a, d, homes, N_ELEM(homes), "profile", "\"", "\"");
	category = several(a, d, kinds, N_ELEM(kinds), "coding", roll(d, 2) ?
	    "{\"system\":\"urn:k\",\"code\":\"" : "{\"code\":\"", "\"}");
	performer = several(a, d, makers, N_ELEM(makers), "performer",
	    "{\"reference\":\"", "\"}");
	world_put(w, arena_printf(a, "{\"resourceType\":\"Observation\","
	    "\"id\":\"%s\",\"meta\":{\"tag\":[{\"system\":\"urn:t\","
	    "\"code\":\"%s\"}]%s},\"status\":\"final\",\"category\":{"
	    "\"text\":\"t\"%s},\"code\":%s%s%s%s}", id, roll(d, 2) ? "t1" :
	    "t2", profile, category, coding(a, d),
	    performer, effective(a, d), any_amount(a, d)));
}

static void
put_doses(struct world *w, struct dice *d, const char *id)
{
	static const char *const n[] = { "1", "2", "3", "40" };
	struct arena *a = w->arena;

	world_put(w, arena_printf(a, "{\"resourceType\":\"Immunization\","
	    "\"id\":\"%s\",\"status\":\"completed\",\"patient\":{"
	    "\"reference\":\"Patient/pA\"},\"vaccineCode\":%s,"
	    "\"wasNotGiven\":false,\"reported\":false%s}", id, coding(a, d),
	    several(a, d, n, N_ELEM(n), "vaccinationProtocol",
	    "{\"doseSequence\":", "}")));
}

static int
setup(void **state)
{
	struct world *w = world_new();
	struct dice d = { seed };
	const char *id;
	unsigned i;

	fill(w, &d, 150);
	for (i = 0; i < 250; i++) {
		id = arena_printf(w->arena, "o%u", i);
		put_many(w, &d, id);
		put_doses(w, &d, id);
		if (roll(&d, 8) == 0)
			world_delete(w, "Observation", id);
	}
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

/* --- against the model ---------------------------------------------------- */

static const char *const	orders[] = { "date", "value-string",
	"value-quantity", "code", "category", "performer", "subject",
	"_profile", "_tag", "status", "_lastUpdated" };
static const char *const	further[] = { "", "", "", ",patient",
	",-identifier", ",-_id", ",-patient,component-code" };
static const char *const	among[] = { "", "", "_tag=t1&", "_tag=t2&",
	"code=http://loinc.org|8302-2&", "code=8302-2,x-1&",
	"category=c-1&_tag=urn:t|t1&", "date=ge2015&", "status=final&",
	"category:missing=true&", "patient=pA&", "performer.family=Shaw&" };
static const char *const	shots[] = { "_sort=dose-sequence",
	"_sort=-dose-sequence", "_sort=-dose-sequence,vaccine-code",
	"patient=pA&_sort=dose-sequence" };

static const char *
random_order(struct arena *a, struct dice *d, const char **type_out)
{
	*type_out = "Immunization";
	if (roll(d, 8) == 0)
		return PICK(d, shots);
	*type_out = "Observation";
	return arena_printf(a, "%s_sort=%s%s%s", PICK(d, among),
	    roll(d, 2) ? "-" : "", PICK(d, orders), PICK(d, further));
}

/* Was this page put in order by the index? */
static bool
by_index(const struct search_trace *trace)
{
	size_t i;

	for (i = 0; i < trace->n; i++)
		if (strcmp(trace->step[i].step, "order") == 0 &&
		    strstr(trace->step[i].how, "given up") == NULL)
			return true;
	return false;
}

struct leaf {
	struct world		*w;
	struct arena		*a;
	struct view		*v;
	struct snapshot		*t;
	struct query		*q;
	struct page_ask		 ask;
	const struct known	**want;
	size_t			 n;
	const char		*what;
	unsigned		*walked, *read;
};

/* The page that begins with entry at, and what its links say. */
static struct page
turn(struct leaf *l, struct bytes cursor, size_t at, size_t n)
{
	struct search_trace trace = { .arena = l->a };
	struct page p;
	size_t i;

	l->ask.cursor = cursor;
	l->ask.trace = &trace;
	p = search(l->t, l->a, l->v, l->q, &l->ask);
	if (p.total != l->n || p.n_match != n)
		fail_msg("%s at %u: %u of %u, not %u of %u", l->what,
		    (unsigned)at, (unsigned)p.n_match, (unsigned)p.total,
		    (unsigned)n, (unsigned)l->n);
	for (i = 0; i < n; i++)
		if (!bytes_eq(p.entry[i].id, l->want[at + i]->id))
			fail_msg("%s at %u: %.*s, not %.*s", l->what,
			    (unsigned)(at + i), BYTES_FMT(p.entry[i].id),
			    BYTES_FMT(l->want[at + i]->id));
	if ((p.previous.len > 0) != (at > 0) ||
	    (p.next.len > 0) != (at + n < l->n))
		fail_msg("%s at %u: wrong links", l->what, (unsigned)at);
	(*(by_index(&trace) ? l->walked : l->read))++;
	return p;
}

/* Forth from the beginning, some way; back again; and from the end. */
static void
leaf_through(struct leaf *l, struct dice *d)
{
	size_t count = l->ask.count, at = 0, last = 0, n;
	struct page p;

	n = l->n < count ? l->n : count;
	p = turn(l, bytes_of(NULL, 0), 0, n);
	while (p.next.len > 0 && roll(d, 12) > 0) {
		at += count;
		n = l->n - at < count ? l->n - at : count;
		p = turn(l, p.next, at, n);
	}
	last = l->n < count ? 0 : l->n - count;
	if (roll(d, 2) && p.last.len > 0) {
		at = last;
		p = turn(l, p.last, at, count);
	}
	while (p.previous.len > 0 && roll(d, 12) > 0) {
		n = at < count ? at : count;
		at -= n;
		p = turn(l, p.previous, at, n);
	}
}

static void
orders_by_the_index_as_by_all_rows(void **state)
{
	unsigned walked = 0, read = 0, i;
	struct dice d = { seed + 3 };
	const char *type, *text;
	struct leaf l;
	struct query q;

	for (i = 0; i < n_queries; i++) {
		l = (struct leaf){ .w = *state, .a = arena_new(0), .q = &q,
		    .walked = &walked, .read = &read };
		text = random_order(l.a, &d, &type);
		l.what = arena_printf(l.a, "%s?%s", type, text);
		q = query(l.a, type, text);
		l.v = view_new(l.a, "*", NULL);
		l.t = world_begin(l.w, l.a);
		l.ask = ask_new(1 + roll(&d, 20));
		l.want = expected(l.a, l.w, l.v, &q, &l.n);
		leaf_through(&l, &d);
		arena_free(&l.a);
	}
	/* Neither way is left out. */
	assert_true(walked > n_queries / 2);
	assert_true(read > n_queries / 2);
}

/* What a link says is true, even where the entry it came from is gone. */
static void
knows_what_lies_before_an_entry_that_is_gone(void **state)
{
	static const char *const first[] = { "_sort=date", "_sort=-date",
	    "_sort=code", "_sort=-performer" };
	struct world *w = *state;
	struct bytes cursor;
	struct arena *a;
	struct page_ask ask;
	struct query q;
	struct page p;
	size_t i, j;

	for (i = 0; i < N_ELEM(first); i++) {
		cursor = bytes_of(NULL, 0);
		for (j = 0; j < 4; j++) {
			a = arena_new(0);
			q = query(a, "Observation", first[i]);
			ask = ask_new(1);
			ask.cursor = cursor;
			p = search(world_begin(w, a), a, view_new(a, "*",
			    NULL), &q, &ask);
			/* Of four the second stays. */
			assert_int_equal(p.previous.len > 0, j > 1);
			cursor = arena_copy(w->arena, p.next);
			if (j != 1)
				world_delete(w, "Observation",
				    arena_printf(w->arena, "%.*s",
				    BYTES_FMT(p.entry[0].id)));
			arena_free(&a);
			world_commit(w);
		}
	}
}

int
main(int argc, char **argv)
{
#define T(f)	cmocka_unit_test(f)
	const struct CMUnitTest tests[] = {
		T(orders_by_the_index_as_by_all_rows),
		/* This one changes the world. */
		T(knows_what_lies_before_an_entry_that_is_gone),
	};
#undef T

	if (argc > 1)
		n_queries = (unsigned)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 10);
	return cmocka_run_group_tests_name("store_order", tests, setup,
	    teardown);
}
