/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two worlds that differ only in what pA's view does not hold must answer
 * pA's writes alike, by the same work: conditional ones, by id, of what names
 * other resources, and in parts.  Half of them stay, half are taken back.
 *
 *	t-store_worlds_write [WRITES [SEED]]
 *
 * WRITES (default 2000); the long form is t-store_worlds_write 100000.
 *
 * Requirements Z03, Z07; security WRT-01, WRT-02, BAT-01, BAT-06.
 */
#include "tests/unit/store_two.h"

static unsigned	n_writes = 2000;

/* One write, decided once for both worlds. */
struct deed {
	enum { BY_ID, CONDITIONAL, NAMING, IN_PART } how;
	enum change_kind kind;
	struct query	 q;		/* CONDITIONAL */
	struct change	 c;
	bool		 stays;
	struct instant	 now;
	struct view	*view;
	struct arena	*a;
	struct buf	*b;		/* what pA sees of it */
};

/* --- what is asked -------------------------------------------------------- */

/* An id of either world, or of none. */
static struct bytes
some_id(struct arena *a, const struct worlds *both, struct dice *d,
    uint16_t *type)
{
	const struct world *w = both->w[roll(d, 2)];
	const struct known *k = &w->known[roll(d, w->n)];

	*type = k->type;
	return roll(d, 5) ? k->id : bytes_str(arena_printf(a, "none-%u",
	    (unsigned)roll(d, 100)));
}

static const char *
body_of(struct arena *a, struct dice *d, uint16_t type, struct bytes id)
{
	static const char *const patients_of[] = { "pA", "pA", "pB", "pC" };
	const char *p = PICK(d, patients_of);

	if (type == type_num("MedicationOrder"))
		return arena_printf(a, "{\"resourceType\":\"MedicationOrder\","
		    "\"id\":\"%.*s\",\"patient\":{\"reference\":\"Patient/%s\""
		    "}}", BYTES_FMT(id), p);
	return arena_printf(a, "{\"resourceType\":\"Observation\",\"id\":"
	    "\"%.*s\",\"status\":\"final\",\"code\":%s,\"subject\":"
	    "{\"reference\":\"Patient/%s\"}}", BYTES_FMT(id), coding(a, d), p);
}

/* What speaks of another resource: whose is it then? */
static const char *
naming(struct arena *a, struct dice *d, unsigned n, uint16_t type,
    struct bytes id)
{
	return roll(d, 2) ? arena_printf(a, "{\"resourceType\":\"Provenance\","
	    "\"id\":\"v%u\",\"recorded\":\"2026-01-01T00:00:00Z\","
	    "\"target\":[{\"reference\":\"%s/%.*s\"}]}", n,
	    def_type_num(type)->name, BYTES_FMT(id)) :
	    arena_printf(a, "{\"resourceType\":\"DocumentReference\",\"id\":"
	    "\"d%u\",\"subject\":{\"reference\":\"Patient/pA\"},\"content\":"
	    "[{\"attachment\":{\"url\":\"Binary/b%u\"}}]}", n,
	    (unsigned)roll(d, 6));
}

static struct change
change_of(struct arena *a, const char *text)
{
	static const struct json_limits lim = { 1 << 20, 64, 10000 };
	const struct extract x = { .urls = &world_urls };
	struct issues is = issues_on(a);
	struct change c;

	if (change_read(a, &(struct change_from){ .text = bytes_str(text),
	    .lim = &lim, .x = &x }, &is, &c) != OK)
		fail_msg("%s: %s", text, is.first->text);
	return c;
}

static struct deed
draw(const struct worlds *both, struct arena *a, struct dice *d, unsigned n)
{
	static const enum change_kind kinds[] = { CHANGE_PUT, CHANGE_PUT,
	    CHANGE_DELETE, CHANGE_META };
	struct deed x = { .how = roll(d, 4), .kind = PICK(d, kinds),
	    .stays = roll(d, 2) != 0, .a = a };
	uint16_t type;
	struct bytes id = some_id(a, both, d, &type);
	const char *text, *name;

	if (x.how == CONDITIONAL) {
		text = random_query(a, d, &name);
		if (strcmp(name, "Observation") != 0)
			text = arena_printf(a, "code=%s&", PICK(d, codes));
		x.q = query(a, "Observation", text);
		id = bytes_str(arena_printf(a, "n%u", n));
		type = type_num("Observation");
	}
	if (x.how == NAMING) {
		x.kind = CHANGE_PUT;
		x.c = change_of(a, naming(a, d, n, type, id));
		x.c.create = true;
	} else if (x.kind == CHANGE_DELETE)
		x.c = (struct change){ .type = type, .id = id };
	else
		x.c = change_of(a, body_of(a, d, type, id));
	x.c.kind = x.kind;
	x.c.if_version = roll(d, 4) ? 0 : 1 + roll(d, 2);
	x.c.of_version = x.kind == CHANGE_META ? roll(d, 3) : 0;
	return x;
}

/* --- doing it ------------------------------------------------------------- */

static enum err
change(struct write *w, struct deed *x, const struct change *c)
{
	struct change_result r = { .version = 0 };
	enum err e;

	e = write_change(w, c, &r);
	buf_printf(x->b, "%s %llu %lld %d %d\n", err_name(e),
	    (unsigned long long)r.version, (long long)r.updated.ms,
	    r.created, r.same);
	return e;
}

/* None: create.  One: that is changed.  More: nothing. */
static enum err
conditional(struct write *w, struct deed *x)
{
	struct page_ask ask = ask_new(2);
	struct issues is = issues_on(x->a);
	struct change c = x->c;
	struct snapshot *t;
	struct page p = { .total = 0 };
	enum err e;

	e = write_snapshot(w, &t);
	if (e == OK)
		e = store_search(t, x->a, x->view, &x->q, &ask, &is, &p);
	if (e != OK)
		return e;
	tell_page(x->b, &p);
	c.create = p.n_match == 0 && c.kind == CHANGE_PUT;
	if (p.n_match == 1 && c.kind != CHANGE_DELETE)
		return store_read(t, x->view, p.entry[0].type, p.entry[0].id,
		    &p.entry[0]);
	if (p.n_match == 1)
		c.id = p.entry[0].id;
	return p.n_match > 1 ? ERR_VERSION : change(w, x, &c);
}

static enum err
in_part(struct write *w, void *arg)
{
	struct deed *x = arg;
	enum err e = change(w, x, &x->c);

	return e == OK && !x->stays ? ERR_USAGE : e;
}

static enum err
run(struct write *w, void *arg)
{
	struct deed *x = arg;
	struct snapshot *t;
	bool referred = false;
	enum err e, e2;

	if (x->how == CONDITIONAL)
		e = conditional(w, x);
	else if (x->how == IN_PART)
		e = write_part(w, in_part, x);
	else
		e = change(w, x, &x->c);
	e2 = write_referred(w, x->c.type, x->c.id, &referred);
	assert_int_equal(write_snapshot(w, &t), OK);
	buf_printf(x->b, "%s, %s %d, work %llu, %lld\n", err_name(e),
	    err_name(e2), referred, (unsigned long long)store_work(t),
	    (long long)write_time(w).ms);
	return x->stays ? e : ERR_RULE;
}

static struct bytes
tell_write(const struct worlds *both, unsigned i, struct arena *a,
    struct dice *d, const char *set, unsigned n)
{
	struct buf b = buf_on(a, 8 << 20);
	struct deed x = draw(both, a, d, n);
	struct bytes out;

	x.b = &b;
	x.view = view_new(a, "*", set);
	x.view->rule->ops |= VIEW_CREATE | VIEW_UPDATE | VIEW_DELETE;
	x.now.ms = WORLD_NOW + 1000000 + (int64_t)n;
	buf_printf(&b, "%d %d %s/%.*s ", x.how, x.kind,
	    def_type_num(x.c.type)->name, BYTES_FMT(x.c.id));
	(void)!store_write(both->w[i]->store, a, x.view, x.now, run, &x);
	assert_int_equal(buf_end(&b, &out), OK);
	return out;
}

static unsigned
differences(const struct worlds *both, const char *set, unsigned first,
    unsigned n, bool must_not)
{
	struct dice d = { seed + first };
	struct arena *a[2];
	struct bytes told[2];
	unsigned i, j, found = 0;

	for (i = first; i < first + n; i++) {
		for (j = 0; j < 2; j++) {
			struct dice same = d;

			a[j] = arena_new(0);
			told[j] = tell_write(both, j, a[j], &same, set, i);
			if (j == 1)
				d = same;
		}
		if (!bytes_eq(told[0], told[1])) {
			found++;
			first_difference(told);
			if (must_not)
				fail_msg("%u: %.*s\n---\n%.*s", i,
				    BYTES_FMT(told[0]), BYTES_FMT(told[1]));
		}
		arena_free(&a[0]);
		arena_free(&a[1]);
	}
	return found;
}

/* Documents that pA may name, and others': not the same ones. */
static void
put_binaries(struct worlds *both)
{
	static const char *const whose[2][4] = { { "pA", "pB", NULL, "pB" },
	    { "pA", NULL, "pC", "pD" } };
	struct world *w;
	unsigned i, j;

	for (i = 0; i < 2; i++) {
		w = both->w[i];
		for (j = 0; j < 4; j++) {
			if (whose[i][j] == NULL)
				continue;
			world_put(w, arena_printf(w->arena,
			    "{\"resourceType\":\"Binary\",\"id\":\"b%u\","
			    "\"contentType\":\"a/b\",\"content\":\"aGk=\"}",
			    j));
			world_put(w, arena_printf(w->arena,
			    "{\"resourceType\":\"DocumentReference\","
			    "\"id\":\"doc%u\",\"subject\":{\"reference\":"
			    "\"Patient/%s\"},\"content\":[{\"attachment\":"
			    "{\"url\":\"Binary/b%u\"}}]}", j, whose[i][j],
			    j));
		}
		world_commit(w);
	}
}

static void
tells_nothing_of_others_in_writes(void **state)
{
	put_binaries(*state);
	assert_int_equal(differences(*state, "pA", 0, n_writes, true), 0);
}

/* Last, for it changes the worlds as it likes. */
static void
would_notice_a_leak(void **state)
{
	assert_true(differences(*state, NULL, n_writes, 200, false) > 40);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_nothing_of_others_in_writes),
		cmocka_unit_test(would_notice_a_leak),
	};

	if (argc > 1)
		n_writes = (unsigned)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 10);
	return cmocka_run_group_tests_name("store_worlds_write", tests,
	    setup, teardown);
}
