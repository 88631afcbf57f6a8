/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random writes by three writers against a ledger kept by hand: answers,
 * texts, versions, histories and searches, within the transaction and after.
 *
 *	t-store_writes [TRANSACTIONS [SEED]]
 *
 * TRANSACTIONS (default 4000) hold up to four changes each, alone or in parts
 * that may fail; the long form is t-store_writes 10000, for many seeds.
 *
 * Requirements R02-R08, Z03, Z07; security WRT-02, BAT-02, BAT-05.
 */
#include "tests/unit/store_ledger.h"

#include "store/maint.h"

static unsigned	n_transactions = 4000;
static uint64_t	seed = 20260103;

struct trial {
	struct world	*w;
	struct ledger	*l;
	struct dice	 d;
};

static int
setup(void **state)
{
	static struct trial t;
	unsigned i;

	t.w = world_new();
	t.l = calloc(1, sizeof(*t.l));
	t.d.s = seed;
	for (i = 0; i < THINGS; i++) {
		t.l->thing[i].doctor = i % 6 == 5;
		snprintf(t.l->thing[i].id, sizeof(t.l->thing[i].id), "t%u",
		    i);
	}
	world_put(t.w, "{\"resourceType\":\"Patient\",\"id\":\"pA\"}");
	world_commit(t.w);
	t.l->last = WORLD_NOW;
	t.w->now = WORLD_NOW;
	*state = &t;
	return 0;
}

static int
teardown(void **state)
{
	struct trial *t = *state;

	free(t->l);
	world_free(t->w);
	return 0;
}

static struct view *
view_of(struct arena *a, enum who who)
{
	struct view *v = view_new(a, "*", who == PATIENT_A ? "pA" : NULL);

	v->rule->ops |= VIEW_CREATE | VIEW_UPDATE | VIEW_DELETE;
	return v;
}

/* --- wishes --------------------------------------------------------------- */

static struct wish
draw(struct trial *t)
{
	struct wish w = { .thing = (unsigned)roll(&t->d, THINGS) };
	const struct thing *th = &t->l->thing[w.thing];
	const struct version *c = current(th);

	w.look = (unsigned)roll(&t->d, N_ELEM(looks));
	w.tag = (unsigned)roll(&t->d, N_ELEM(tag_codes));
	w.whose = th->doctor ? EVERYBODYS : (enum whose)roll(&t->d, 3);
	/* Mostly what may be: whose it was before. */
	if (c != NULL && roll(&t->d, 4) > 0)
		w.whose = c->whose;
	w.kind = (enum change_kind)roll(&t->d, 3);
	if (roll(&t->d, 2))
		w.kind = CHANGE_PUT;
	w.create = roll(&t->d, 4) == 0;
	if (roll(&t->d, 3) == 0)
		w.if_version = th->n + roll(&t->d, 2);
	if (w.kind == CHANGE_META && roll(&t->d, 2))
		w.of_version = roll(&t->d, th->n + 3);
	return w;
}

/* CHANGE_META differs in meta alone, as the contract has it. */
static void
settle(const struct ledger *l, struct wish *w)
{
	const struct thing *th = &l->thing[w->thing];
	size_t i = w->of_version == 0 || w->of_version > th->n ? th->n :
	    w->of_version;

	if (w->kind != CHANGE_META || th->n == 0)
		return;
	w->whose = th->v[i - 1].whose;
	w->look = th->v[i - 1].look;
}

static struct change
change_of(struct arena *a, const struct ledger *l, const struct wish *w)
{
	static const struct json_limits lim = { 1 << 20, 64, 10000 };
	const struct thing *th = &l->thing[w->thing];
	const struct version v = { .whose = w->whose, .look = w->look,
	    .tag = w->tag };
	struct extract x = { .urls = &world_urls };
	struct issues is = issues_on(a);
	struct change c = { .kind = w->kind, .type = ledger_type(th),
	    .id = bytes_str(th->id) };

	if (w->kind != CHANGE_DELETE && change_read(a, &(struct change_from){
	    .text = bytes_str(ledger_text(a, th, &v)), .lim = &lim, .x = &x },
	    &is, &c) != OK)
		fail_msg("%s", is.first->text);
	c.kind = w->kind;
	c.if_version = w->if_version;
	c.of_version = w->of_version;
	c.create = w->create;
	return c;
}

/* --- is the store as the ledger says? ------------------------------------- */

static struct bytes
stored_text(struct arena *a, const struct thing *th, size_t version)
{
	static const struct json_limits lim = { 1 << 20, 64, 10000 };
	const struct version *v = &th->v[version - 1];
	struct issues is = issues_on(a);
	struct json_doc doc;

	assert_int_equal(json_doc(a, bytes_str(ledger_text(a, th, v)),
	    bytes_of(NULL, 0), &lim, &is, &doc), OK);
	return json_final(a, doc.head, doc.tail, version,
	    (struct instant){ v->ms });
}

static void
same_resource(struct arena *a, const struct thing *th, size_t version,
    const struct resource *r)
{
	const struct version *v = &th->v[version - 1];
	struct bytes want;

	assert_int_equal(r->version, version);
	assert_int_equal(r->updated.ms, v->ms);
	assert_int_equal(r->deleted, v->deleted);
	if (v->deleted)
		return;
	want = stored_text(a, th, version);
	if (!bytes_eq(want, r->body))
		fail_msg("%.*s\n---\n%.*s", BYTES_FMT(want),
		    BYTES_FMT(r->body));
}

static void
check_thing(const struct trial *t, struct snapshot *s, struct arena *a,
    enum who who, unsigned i)
{
	const struct thing *th = &t->l->thing[i];
	const struct version *c = current(th);
	const struct view *v = view_of(a, who);
	struct page_ask ask = ask_new(VERSIONS_MAX);
	const struct history_ask what = { .type = ledger_type(th),
	    .id = bytes_str(th->id), .since = { TIME_MIN } };
	bool held = c != NULL && ledger_holds(who, c->whose, false);
	struct resource r;
	struct page p;
	size_t n = 0;

	assert_int_equal(store_read(s, v, what.type, what.id, &r), !held ?
	    ERR_NOTFOUND : c->deleted ? ERR_GONE : OK);
	if (held && !c->deleted)
		same_resource(a, th, th->n, &r);
	assert_int_equal(store_history(s, a, v, &what, &ask, &p), held ? OK :
	    ERR_NOTFOUND);
	for (size_t k = th->n; held && k > 0; k--)
		if (ledger_holds(who, th->v[k - 1].whose, false)) {
			assert_true(n < p.n_entry);
			same_resource(a, th, k, &p.entry[n++]);
		}
	if (held)
		assert_int_equal(p.total, n);
}

/* Observations of one look, or one tag: what the index says. */
static void
check_search(const struct trial *t, struct snapshot *s, struct arena *a,
    enum who who, bool by_tag, unsigned which)
{
	struct query q = query(a, "Observation", by_tag ?
	    arena_printf(a, "_tag=urn:t|%s", tag_codes[which]) :
	    arena_printf(a, "status=%s", looks[which]));
	struct page_ask ask = ask_new(THINGS);
	struct page p = search(s, a, view_of(a, who), &q, &ask);
	const struct version *c;
	size_t n = 0;

	for (unsigned i = 0; i < THINGS; i++) {
		c = current(&t->l->thing[i]);
		if (c == NULL || c->deleted || t->l->thing[i].doctor ||
		    !ledger_holds(who, c->whose, false) ||
		    (by_tag ? c->tag : c->look) != which)
			continue;
		n++;
		for (size_t k = 0; k <= p.n_entry; k++) {
			assert_true(k < p.n_entry);
			if (bytes_is(p.entry[k].id, t->l->thing[i].id))
				break;
		}
	}
	assert_int_equal(p.total, n);
	assert_int_equal(p.n_match, n);
}

/* One page of the journal, from a random moment on. */
static void
check_journal(struct trial *t, struct snapshot *s, struct arena *a)
{
	bool all = roll(&t->d, 2) != 0;
	struct history_ask what = { .type = all ? 0 :
	    type_num("Observation"), .since = { TIME_MIN } };
	struct page_ask ask = ask_new(1 + roll(&t->d, 9));
	const struct entry *e;
	struct page p;
	uint64_t total = 0;
	size_t n = 0;

	if (roll(&t->d, 2))
		what.since.ms = t->l->last - (int64_t)roll(&t->d, 100000);
	assert_int_equal(store_history(s, a, view_new(a,
	    "Observation Practitioner", NULL), &what, &ask, &p), OK);
	for (size_t i = t->l->n_journal; i > 0; i--) {
		e = &t->l->journal[i - 1];
		if ((!all && t->l->thing[e->thing].doctor) ||
		    t->l->thing[e->thing].v[e->version - 1].ms <
		    what.since.ms)
			continue;
		total++;
		if (n == p.n_entry)
			continue;
		assert_bytes(p.entry[n].id, t->l->thing[e->thing].id);
		same_resource(a, &t->l->thing[e->thing], e->version,
		    &p.entry[n++]);
	}
	assert_int_equal(p.total, total);
	assert_int_equal(n, total < ask.count ? total : ask.count);
}

static void
check_some(struct trial *t, struct snapshot *s, struct arena *a, enum who who,
    unsigned thing)
{
	bool by_tag = roll(&t->d, 2) != 0;

	check_thing(t, s, a, who == LOADER ? STAFF : who, thing);
	check_search(t, s, a, who == LOADER ? STAFF : who, by_tag,
	    (unsigned)roll(&t->d, by_tag ? N_ELEM(tag_codes) :
	    N_ELEM(looks)));
}

/* --- transactions --------------------------------------------------------- */

struct attempt {
	struct trial	*t;
	struct arena	*a;
	enum who	 who;
	struct wish	 wish[4];
	bool		 part[4], fail[4];	/* in a part; made to fail */
	bool		 look[4];		/* read in between */
	bool		 give_up;		/* at the end */
	size_t		 n, i;
	int64_t		 now;
	unsigned	 runs;
};

static enum err
do_one(struct write *w, void *arg)
{
	struct attempt *at = arg;
	struct wish *wish = &at->wish[at->i];
	struct change_result r, want;
	struct change c;
	struct snapshot *s;
	enum err e, expect;

	settle(at->t->l, wish);
	c = change_of(at->a, at->t->l, wish);
	expect = ledger_wish(at->t->l, at->who, wish, at->now, &want);
	e = write_change(w, &c, &r);
	if (e != expect || r.err != e)
		fail_msg("%s, not %s", err_name(e), err_name(expect));
	if (e == OK) {
		assert_int_equal(r.version, want.version);
		assert_int_equal(r.updated.ms, want.updated.ms);
		assert_int_equal(r.same, want.same);
		assert_int_equal(r.created, want.created);
		assert_true(write_time(w).ms == (at->now > at->t->l->last ?
		    at->now : at->t->l->last));
	}
	if (at->look[at->i]) {
		assert_int_equal(write_snapshot(w, &s), OK);
		check_some(at->t, s, at->a, at->who, wish->thing);
	}
	return at->fail[at->i] ? ERR_USAGE : e;
}

static enum err
do_all(struct write *w, void *arg)
{
	struct attempt *at = arg;
	size_t mark;
	enum err e = OK;

	ledger_undo_to(at->t->l, 0);	/* run again: from the start */
	at->runs++;
	for (at->i = 0; at->i < at->n; at->i++) {
		mark = at->t->l->n_undo;
		if (!at->part[at->i]) {
			e = do_one(w, at);
			if (e == ERR_USAGE)
				return e;
			continue;	/* a refusal has written nothing */
		}
		e = write_part(w, do_one, at);
		if (e != OK)
			ledger_undo_to(at->t->l, mark);
	}
	return at->give_up ? ERR_RULE : OK;
}

static struct attempt
attempt(struct trial *t, struct arena *a)
{
	struct attempt at = { .t = t, .a = a,
	    .who = (enum who)roll(&t->d, 3), .n = 1 + roll(&t->d, 4) };

	t->w->now += (int64_t)roll(&t->d, 4000) - 1000;
	at.now = t->w->now;
	for (size_t i = 0; i < at.n; i++) {
		at.wish[i] = draw(t);
		at.part[i] = roll(&t->d, 2) != 0;
		at.fail[i] = roll(&t->d, 8) == 0;
		at.look[i] = roll(&t->d, 4) == 0;
	}
	at.give_up = roll(&t->d, 8) == 0;
	return at;
}

static void
one_transaction(struct trial *t, unsigned *done)
{
	struct arena *a = arena_new(0), *b = arena_new(0);
	struct attempt at = attempt(t, a);
	struct snapshot *s;
	enum err e;

	t->l->n_undo = 0;
	e = store_write(t->w->store, a, at.who == LOADER ? NULL :
	    view_of(a, at.who), (struct instant){ at.now }, do_all, &at);
	assert_true(e == OK || e == ERR_USAGE || e == ERR_RULE);
	if (e != OK)
		ledger_undo_to(t->l, 0);
	*done += e == OK;
	s = world_begin(t->w, b);
	for (size_t i = 0; i < at.n; i++)
		check_some(t, s, b, (enum who)(1 + roll(&t->d, 2)),
		    at.wish[i].thing);
	check_journal(t, s, b);
	arena_free(&b);
	arena_free(&a);
}

static void
report(void *arg UNUSED, const char *where, const char *what)
{
	fprintf(stderr, "%s: %s\n", where, what);
}

static void
writes_what_the_ledger_says(void **state)
{
	struct trial *t = *state;
	struct arena *a = arena_new(0);
	struct extract x = { .urls = &world_urls };
	unsigned done = 0;
	uint64_t faults = 1;

	for (unsigned i = 0; i < n_transactions; i++)
		one_transaction(t, &done);
	/* It did not pass by refusing all. */
	assert_true(done > n_transactions / 3 &&
	    t->l->n_journal > n_transactions / 3);
	assert_int_equal(maint_check(t->w->store, a, &x,
	    &(struct json_limits){ 1 << 20, 64, 10000 }, report, NULL, NULL,
	    &faults), OK);
	assert_int_equal(faults, 0);
	arena_free(&a);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_what_the_ledger_says),
	};

	if (argc > 1)
		n_transactions = (unsigned)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 10);
	return cmocka_run_group_tests_name("store_writes", tests, setup,
	    teardown);
}
