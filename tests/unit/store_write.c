/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Write transactions: parts, reading in between, refusals that leave nothing
 * behind, running again; META; who may name a Binary.
 *
 * Requirements R05-R08, R12, R13, Z03, Z07; security WRT-01, WRT-02, BAT-05.
 */
#include "tests/unit/store_applied.h"

#include "store/apply.h"
#include "store/meta.h"

static enum err
as(struct world *w, const struct view *v, struct change c)
{
	struct change_result r;

	return store_apply(w->s, w->a, v, &c, 1, NOW, &r);
}

static bool
named(struct world *w, const char *type, const char *id)
{
	struct arena *a = arena_new(0);
	struct snapshot *t;
	struct id_val v;
	enum err e;

	assert_int_equal(store_begin(w->s, a, &t), OK);
	e = raw_id(t, kit_type(type), bytes_str(id), &v);
	arena_free(&a);
	return e == OK;
}

/* --- parts ---------------------------------------------------------------- */

struct parts {
	struct world	*w;
	const struct view *v;
	unsigned	 runs;
	uint64_t	 seen;		/* found by a search within */
};

static enum err
put_obs(struct write *w, struct parts *p, const char *text)
{
	struct change c = kit_put(p->w->a, text);
	struct change_result r;

	return write_change(w, &c, &r);
}

static enum err
good_part(struct write *w, void *arg)
{
	return put_obs(w, arg, OBS("good", "p", "final"));
}

static enum err
count_obs(struct write *w, struct parts *p)
{
	struct arena *a = p->w->a;
	struct issues is = issues_on(a);
	struct query q = { .type = kit_type("Observation"), .count = -1 };
	struct page_ask ask = { .count = 100, .max_rows = 1000,
	    .max_bytes = 1 << 20 };
	struct snapshot *t;
	struct page page;
	enum err e;

	e = write_snapshot(w, &t);
	if (e == OK)
		e = store_search(t, a, p->v, &q, &ask, &is, &page);
	assert_int_equal(page.n_match, page.total);
	p->seen = page.total;
	return e;
}

/* Writes, reads what it wrote, and fails. */
static enum err
bad_part(struct write *w, void *arg)
{
	struct parts *p = arg;

	assert_int_equal(put_obs(w, p, OBS("bad", "q", "final")), OK);
	assert_int_equal(count_obs(w, p), OK);
	assert_int_equal(p->seen, 3);
	assert_int_equal(write_part(w, good_part, p), OK);
	return ERR_USAGE;
}

static enum err
with_parts(struct write *w, void *arg)
{
	struct parts *p = arg;

	p->runs++;
	assert_int_equal(put_obs(w, p, OBS("first", "p", "final")), OK);
	assert_int_equal(put_obs(w, p, OBS("second", "p", "final")), OK);
	assert_int_equal(write_part(w, bad_part, p), ERR_USAGE);
	assert_int_equal(count_obs(w, p), OK);
	assert_int_equal(p->seen, 2);
	assert_int_equal(write_part(w, good_part, p), OK);
	assert_int_equal(put_obs(w, p, OBS("last", "p", "final")), OK);
	return OK;
}

static void
test_parts(void **state)
{
	struct world *w = *state;
	struct parts p = { .w = w, .v = writer(w->a, NULL, 1) };

	assert_int_equal(store_write(w->s, w->a, NULL, NOW, with_parts, &p),
	    OK);
	assert_int_equal(p.runs, 1);
	assert_false(named(w, "Observation", "bad") ||
	    named(w, "Patient", "q"));
	assert_int_equal(header_of(w, "Observation", "good").born, 3);
	assert_int_equal(header_of(w, "Observation", "last").born, 4);
}

/* --- running again -------------------------------------------------------- */

struct growing { struct world *w; const char *fill; unsigned runs, done; };
static enum err
big_part(struct write *w, void *arg)
{
	struct growing *g = arg;
	struct change c = kit_put(g->w->a, arena_printf(g->w->a,
	    "{\"resourceType\":\"Observation\",\"id\":\"o%u\",\"status\":"
	    "\"final\",\"code\":{\"text\":\"x\"},\"comments\":\"%s\"}",
	    g->done, g->fill));
	struct change_result r;

	return write_change(w, &c, &r);
}

/* Careless about what a part says: a full map is none of its errors. */
static enum err
many_parts(struct write *w, void *arg)
{
	struct growing *g = arg;

	g->runs++;
	for (g->done = 0; g->done < 300; g->done++)
		(void)!write_part(w, big_part, g);
	return OK;
}

static void
test_grows_and_runs_again(void **state)
{
	struct world *w = *state;
	struct growing g = { .w = w };
	char *fill = arena_alloc(w->a, 40001);

	memset(fill, 'x', 40000);
	g.fill = fill;
	assert_int_equal(store_write(w->s, w->a, NULL, NOW, many_parts, &g),
	    OK);
	assert_true(g.runs > 1);
	assert_int_equal(header_of(w, "Observation", "o299").born, 300);
}

/* --- refusals and faults -------------------------------------------------- */

static enum err
go_on(struct write *w, void *arg)
{
	struct parts *p = arg;
	struct change c = kit_put(p->w->a, OBS("o", "stranger", "final"));
	struct change_result r;

	c.if_version = 7;
	assert_int_equal(write_change(w, &c, &r), ERR_VERSION);
	c = kit_delete("Observation", "never");
	assert_int_equal(write_change(w, &c, &r), ERR_NOTFOUND);
	return put_obs(w, p, OBS("fine", "p", "final"));
}

static void
test_refusal_leaves_nothing(void **state)
{
	struct world *w = *state;
	struct parts p = { .w = w };

	assert_int_equal(store_write(w->s, w->a, writer(w->a, NULL, 1), NOW,
	    go_on, &p), OK);
	assert_false(named(w, "Patient", "stranger"));
	assert_int_equal(rid_of(w, "Observation", "fine") & 0xffff, 1);
}

static enum err
careless(struct write *w, void *arg)
{
	struct parts *p = arg;
	struct change c = kit_put(p->w->a, OBS("o", "p", "final"));
	struct change_result r;

	c.id.len = 0;
	assert_int_equal(write_change(w, &c, &r), ERR_BUG);
	return OK;
}

static void
test_no_way_round_a_fault(void **state)
{
	struct world *w = *state;
	struct parts p = { .w = w };

	assert_int_equal(store_write(w->s, w->a, NULL, NOW, careless, &p),
	    ERR_BUG);
}

static void
test_nothing_changed_is_no_commit(void **state)
{
	struct world *w = *state;
	struct env_stat before, after;

	put(w, OBS("o", "p", "final"));
	assert_int_equal(env_stats(w->s->env, &before), OK);
	put(w, OBS("o", "p", "final"));
	assert_int_equal(env_stats(w->s->env, &after), OK);
	assert_int_equal(before.last_txn, after.last_txn);
}

/* Hidden and missing: one answer, by the same reads (WRT-02). */
struct probe { struct world *w; struct change c; uint64_t work; };
static enum err
probe(struct write *w, void *arg)
{
	struct probe *p = arg;
	struct change_result r;
	struct snapshot *t;
	enum err e;

	e = write_change(w, &p->c, &r);
	assert_int_equal(write_snapshot(w, &t), OK);
	p->work = store_work(t);
	return e;
}

static void
test_hidden_is_missing(void **state)
{
	static const enum change_kind kinds[] = { CHANGE_PUT, CHANGE_DELETE,
	    CHANGE_META };
	struct world *w = *state;
	const struct view *v = writer(w->a, "p", 1);
	struct probe hidden = { .w = w }, missing = { .w = w };

	put(w, PATIENT("p"));
	put(w, OBS("theirs", "q", "final"));
	put(w, OBS("theirs", "q", "amended"));
	for (size_t i = 0; i < N_ELEM(kinds); i++) {
		hidden.c = kit_put(w->a, OBS("theirs", "p", "final"));
		missing.c = kit_put(w->a, OBS("nobodys", "p", "final"));
		hidden.c.kind = missing.c.kind = kinds[i];
		hidden.c.of_version = missing.c.of_version = i / 2;
		assert_int_equal(store_write(w->s, w->a, v, NOW, probe,
		    &hidden), ERR_NOTFOUND);
		assert_int_equal(store_write(w->s, w->a, v, NOW, probe,
		    &missing), ERR_NOTFOUND);
		assert_int_equal(hidden.work, missing.work);
	}
}

/* Nothing moves to another patient, not even by way of a deletion (Z07). */
static void
test_no_owner_changes(void **state)
{
	struct world *w = *state;
	const struct view *v = writer(w->a, NULL, 1);

	put(w, OBS("o", "p", "final"));
	assert_int_equal(as(w, v, kit_put(w->a, OBS("o", "q", "final"))),
	    ERR_OWNER);
	assert_int_equal(as(w, v, kit_delete("Observation", "o")), OK);
	assert_int_equal(as(w, v, kit_put(w->a, OBS("o", "q", "final"))),
	    ERR_OWNER);
	assert_int_equal(as(w, v, kit_create(w->a, OBS("o", "p", "final"))),
	    ERR_CONFLICT);
	assert_int_equal(as(w, v, kit_put(w->a, OBS("o", "p", "final"))),
	    OK);
	assert_int_equal(header_of(w, "Observation", "o").version, 3);
}

/* --- meta ----------------------------------------------------------------- */

#define TAGGED(id, of, status, tag)					      \
	"{\"resourceType\":\"Observation\",\"id\":\"" id "\",\"meta\":"	      \
	"{\"tag\":[{\"code\":\"" tag "\"}]},\"status\":\"" status "\","	      \
	"\"code\":{\"text\":\"x\"},"					      \
	"\"subject\":{\"reference\":\"Patient/" of "\"}}"

static enum err
meta(struct world *w, const struct view *v, const char *text,
    uint64_t of_version)
{
	struct change c = kit_put(w->a, text);

	c.kind = CHANGE_META;
	c.of_version = of_version;
	return as(w, v, c);
}

static void
test_meta(void **state)
{
	struct world *w = *state;
	const struct view *v = writer(w->a, "p", 1);
	struct header before, after, h;
	struct snapshot *t;
	struct bytes body;

	put(w, PATIENT("p"));
	put(w, OBS("o", "p", "final"));
	put(w, OBS("o", "p", "amended"));
	before = header_of(w, "Observation", "o");
	assert_int_equal(meta(w, v, TAGGED("o", "p", "amended", "new"), 0),
	    OK);
	assert_int_equal(meta(w, v, TAGGED("o", "p", "final", "old"), 1),
	    OK);
	after = header_of(w, "Observation", "o");
	assert_int_equal(after.version, before.version);
	assert_int_equal(after.updated.ms, before.updated.ms);
	assert_int_equal(store_begin(w->s, w->a, &t), OK);
	assert_int_equal(raw_version(t, rid_make(kit_type("Observation"), 2),
	    1, &h, &body), OK);
	assert_non_null(memmem(body.p, body.len, "\"old\"", 5));
	assert_non_null(memmem(body.p, body.len, "\"final\"", 7));
	store_end(t);
	assert_int_equal(meta(w, v, TAGGED("o", "q", "final", "x"), 0),
	    ERR_OWNER);
	assert_int_equal(meta(w, v, TAGGED("o", "p", "final", "x"), 3),
	    ERR_NOTFOUND);
	assert_int_equal(as(w, v, kit_delete("Observation", "o")), OK);
	assert_int_equal(meta(w, v, TAGGED("o", "p", "final", "x"), 0),
	    ERR_GONE);
	assert_int_equal(meta(w, v, TAGGED("o", "p", "final", "x"), 2), OK);
}

/* --- Binaries ------------------------------------------------------------- */

static bool
made(struct world *w, const char *id)
{
	struct arena *a = arena_new(0);
	struct snapshot *t;
	struct bytes val;
	struct key k = { .len = 0 };
	enum err e;

	key_add(&k, bytes_str(META_MADE));
	key_add_be16(&k, kit_type("Binary"));
	key_add(&k, bytes_str(id));
	assert_int_equal(store_begin(w->s, a, &t), OK);
	e = db_get(t->txn, DB_META, key_bytes(&k), &val);
	arena_free(&a);
	return e == OK;
}

static void
test_who_made_a_binary_may_name_it(void **state)
{
	struct world *w = *state;
	const struct view *mine = writer(w->a, "p", 1),
	    *theirs = writer(w->a, "q", 2), *again = writer(w->a, "p", 3);

	put(w, PATIENT("p"));
	put(w, PATIENT("q"));
	assert_int_equal(as(w, mine, kit_create(w->a, BINARY("b"))), OK);
	kind_is(w, "Binary", "b", OWNER_UNOWNED);
	assert_true(made(w, "b"));
	/* Neither another patient's, nor another client. */
	assert_int_equal(as(w, theirs, kit_create(w->a,
	    DOCREF("x", "q", "b"))), ERR_FORBIDDEN);
	assert_int_equal(as(w, again, kit_create(w->a,
	    DOCREF("x", "p", "b"))), ERR_FORBIDDEN);
	assert_int_equal(as(w, mine, kit_create(w->a,
	    DOCREF("d", "p", "b"))), OK);
	owned_by(w, "Binary", "b", "p");
	assert_false(made(w, "b"));
	/* From now on it is the patient's. */
	assert_int_equal(as(w, again, kit_create(w->a,
	    DOCREF("e", "p", "b"))), OK);
}

static void
test_claimed_first_by_another(void **state)
{
	struct world *w = *state;
	const struct view *mine = writer(w->a, "p", 1);

	put(w, PATIENT("p"));
	assert_int_equal(as(w, mine, kit_create(w->a, BINARY("b"))), OK);
	put(w, DOCREF("d", "q", "b"));
	assert_int_equal(as(w, mine, kit_create(w->a,
	    DOCREF("x", "p", "b"))), ERR_FORBIDDEN);
	owned_by(w, "Binary", "b", "q");
	/* What names one before may go on, whosever it has become. */
	put(w, DOCREF("old", "p", "b"));
	assert_int_equal(as(w, mine, kit_put(w->a, "{\"resourceType\":"
	    "\"DocumentReference\",\"id\":\"old\",\"description\":\"new\","
	    "\"subject\":{\"reference\":\"Patient/p\"},\"content\":[{"
	    "\"attachment\":{\"url\":\"Binary/b\"}}]}")), OK);
}

/* --- what was read stays -------------------------------------------------- */

static enum err
read_then_write(struct write *w, void *arg)
{
	struct parts *p = arg;
	struct resource r;
	struct bytes copy;
	struct snapshot *t;

	assert_int_equal(put_obs(w, p, OBS("o", "p", "final")), OK);
	assert_int_equal(write_snapshot(w, &t), OK);
	assert_int_equal(store_read(t, p->v, kit_type("Observation"),
	    bytes_str("o"), &r), OK);
	copy = arena_copy(p->w->a, r.body);
	/* Its page is written to, again and again. */
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(put_obs(w, p, arena_printf(p->w->a,
		    "{\"resourceType\":\"Observation\",\"id\":\"o\","
		    "\"status\":\"%u\",\"code\":{\"text\":\"y\"},"
		    "\"subject\":{\"reference\":\"Patient/p\"}}", i)), OK);
	assert_true(bytes_eq(copy, r.body));
	return OK;
}

static void
test_what_was_read_stays(void **state)
{
	struct world *w = *state;
	struct parts p = { .w = w, .v = writer(w->a, NULL, 1) };

	assert_int_equal(store_write(w->s, w->a, NULL, NOW, read_then_write,
	    &p), OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_parts), TEST(test_grows_and_runs_again),
		TEST(test_refusal_leaves_nothing),
		TEST(test_no_way_round_a_fault),
		TEST(test_nothing_changed_is_no_commit),
		TEST(test_hidden_is_missing), TEST(test_no_owner_changes),
		TEST(test_meta), TEST(test_who_made_a_binary_may_name_it),
		TEST(test_claimed_first_by_another),
		TEST(test_what_was_read_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
