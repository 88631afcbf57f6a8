/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two worlds that differ only in resources of types, or with content, that a
 * view does not hold: whoever holds all of one type must get the same
 * answers by the same work, be there thousands of another that share its
 * tags, profiles, labels, words and times (SRC-01, design 11).
 *
 *	t-store_worlds_types [REQUESTS [SEED]]
 *
 * REQUESTS (default 2000) is the number of random requests of each view.
 *
 * Requirements Z01, Z02; security SRC-01 to SRC-08, SRC-19, SRC-23.
 */
#include "tests/unit/store_two.h"

static unsigned	n_requests = 2000;

#define OPEN	"Observation Patient Practitioner Medication"

/* --- making them --------------------------------------------------------- */

static const char *const	labels[] = { "R", "N", "V" };
static const char *const	stamps[] = { "t1", "t2", "T1", "t3" };
static const char *const	marks_of[] = { "http://p.example/vitals",
	"http://p.example/vitals/more", "http://q.example/", };

static const char *
meta(struct arena *a, struct dice *d, const char *more)
{
	return arena_printf(a, "\"meta\":{\"tag\":[{\"system\":\"urn:t\","
	    "\"code\":\"%s%s\"}],\"security\":[{\"code\":\"%s\"}],"
	    "\"profile\":[\"%s%s\"]}", PICK(d, stamps), more,
	    PICK(d, labels), PICK(d, marks_of), more);
}

/* What the views hold; its category says that it is a laboratory's. */
static void
put_result(struct world *w, struct dice *d, const char *id,
    const char *category, const char *more)
{
	struct arena *a = w->arena;

	world_put(w, arena_printf(a, "{\"resourceType\":\"Observation\","
	    "\"id\":\"%s\",%s%s%s,\"status\":\"final\",\"category\":{\"coding\""
	    ":[{\"code\":\"%s\"}]},\"code\":%s,\"subject\":{\"reference\":"
	    "\"Patient/%s\"},\"performer\":[{\"reference\":"
	    "\"Practitioner/%s\"}]%s%s}", id, meta(a, d, more), told(a, d),
	    roll(d, 4) ? "" : ",\"contained\":[{\"resourceType\":"
	    "\"Practitioner\",\"id\":\"in\",\"name\":{\"family\":[\"Shaw\"]}"
	    "}]", category, coding(a, d), roll(d, 2) ? "pA" : "pB",
	    PICK(d, doctors), effective(a, d), amount(a, d)));
}

/* Of a type that no view here holds, and like the others in all it shares. */
static void
put_secret(struct world *w, struct dice *d, const char *id)
{
	static const char *const more[] = { "", "", "-x", "-y" };
	struct arena *a = w->arena;
	const char *m = PICK(d, more);

	if (roll(d, 4) == 0)
		put_list(w, d, id, roll(d, 2) ? "pA" : "pB");
	else if (roll(d, 3) == 0)
		world_put(w, arena_printf(a, "{\"resourceType\":"
		    "\"DiagnosticReport\",\"id\":\"%s\",%s%s,\"subject\":{"
		    "\"reference\":\"Patient/%s\"},\"result\":[{"
		    "\"reference\":\"Observation/r%u\"}]}", id,
		    meta(a, d, m), told(a, d), roll(d, 2) ? "pA" : "pB",
		    (unsigned)roll(d, 60)));
	else
		world_put(w, arena_printf(a, "{\"resourceType\":\"Condition\""
		    ",\"id\":\"%s\",%s%s,\"contained\":[{\"resourceType\":"
		    "\"Practitioner\",\"id\":\"in\",\"name\":{\"family\":["
		    "\"%s\"]}}],\"patient\":{\"reference\":"
		    "\"Patient/%s\"},\"asserter\":{\"reference\":"
		    "\"%s\"},\"code\":%s,\"verificationStatus\":"
		    "\"confirmed\"}", id, meta(a, d, m), told(a, d),
		    PICK(d, families), roll(d, 2) ? "pA" : "pB",
		    roll(d, 2) ? "#in" : arena_printf(a, "Practitioner/%s",
		    PICK(d, doctors)),
		    coding(a, d)));
}

/* A hidden one of a type that is held: in what way, says narrow. */
static void
put_apart(struct world *w, struct dice *d, const char *id, bool narrow)
{
	if (narrow)
		put_result(w, d, id, "imaging", roll(d, 2) ? "" : "-z");
	else
		put_shot(w, d, id, "pA");
}

static struct world *
make_types(uint64_t hidden, bool narrow)
{
	struct world *w = world_new();
	struct dice same = { seed }, other = { hidden };
	unsigned i, j, n;

	for (i = 0; i < 3; i++)
		put_doctor(w, &same, doctors[i]);
	put_patient(w, &same, "pA");
	put_patient(w, &same, "pB");
	put_patient(w, &same, "pC");
	world_put(w, "{\"resourceType\":\"Medication\",\"id\":\"m1\"}");
	for (i = 0; i < 100; i++) {
		world_commit(w);
		n = (unsigned)roll(&other, (unsigned)hidden * 4);
		for (j = 0; j < n; j++)
			if (roll(&other, 3))
				put_secret(w, &other, arena_printf(w->arena,
				    "s%u-%u", i, j));
			else
				put_apart(w, &other, arena_printf(w->arena,
				    "a%u-%u", i, j), narrow);
		put_result(w, &same, arena_printf(w->arena, "r%u", i),
		    "laboratory", "");
	}
	world_commit(w);
	return w;
}

/* --- views --------------------------------------------------------------- */

struct asking {
	const char	*whole;		/* types of which it holds all */
	bool		 narrow;	/* Observations of laboratories alone */
	const char	*set;		/* ...of these patients; NULL: of all */
	const char	*doctor;	/* who has a care relation, or NULL */
	const char	*own;		/* whose Observations it holds all of */
};

static struct view *
view_of(struct arena *a, const struct asking *who)
{
	struct view *v = view_new(a, who->narrow ? "Observation" :
	    who->whole, who->set);
	struct issues is;
	struct query q;

	if (!who->narrow)
		return v;
	if (who->own != NULL) {
		v->rule[v->n_rule++] = (struct view_rule){
		    .types = types_of("Observation"), .reach = REACH_PATIENTS,
		    .ops = VIEW_READ | VIEW_SEARCH };
		v->patient[v->n_patient++] = bytes_str(who->own);
	}
	if (who->doctor != NULL) {
		v->rule[0].reach = REACH_RELATION;
		v->relation = (struct relation){ .practitioner =
		    bytes_str(who->doctor), .now = { WORLD_NOW },
		    .care_days = 90 };
	}
	assert_int_equal(world_query(a, "Observation",
	    "category=laboratory", &is, &q), OK);
	v->rule[0].where = q.must;
	v->rule[0].n_where = q.n_must;
	v->rule[v->n_rule++] = (struct view_rule){
	    .types = types_of(who->whole), .ops = VIEW_READ | VIEW_SEARCH,
	    .reach = REACH_ALL };
	return v;
}

/* --- asking -------------------------------------------------------------- */

static const char *const	shared_asks[] = {
	"_tag=t1", "_tag=urn:t|t2", "_tag=t1,t3", "_tag:not=t1",
	"_tag:missing=false", "_tag=urn:t|", "_tag:text=t",
	"_security=R", "_security=R,N", "_security=|V",
	"_profile=http://p.example/vitals",
	"_profile:below=http://p.example", "_profile:below=http://q",
	"_profile:above=http://p.example/vitals/more",
	"_lastUpdated=gt2026-01-01T00:00:30Z",
	"_lastUpdated=lt2026-01-01T00:00:30Z",
	"_lastUpdated=2026-01-01T00:00:31Z", "_lastUpdated=2026-01-01",
	"_lastUpdated=ge2026-01-01T00:00:10Z&"
	"_lastUpdated=le2026-01-01T00:00:20Z",
	"_lastUpdated=ne2026-01-01T00:00:31Z",
	"_lastUpdated=ap2026-01-01T00:00:31Z",
	"_text=headache", "_text=fev*", "_content=fever",
	"_content=head* OR weight", "_content=NOT fever",
	"_list=r1", "_filter=_tag eq t1 or _security eq R",
	"_filter=not (_profile eq http://p.example/vitals)",
	"_filter=_lastUpdated gt 2026-01-01T00:00:50Z and _tag eq t2",
};
static const char *const	shared_sorts[] = { "", "", "", "&_sort=_tag",
	"&_sort:desc=_tag", "&_sort=_lastUpdated", "&_sort=-_lastUpdated",
	"&_sort=-_profile,_id", "&_sort=_security,-_lastUpdated",
	"&_sort=-_security" };
static const char *const	beside[] = { "", "", "", "&_include=*",
	"&_revinclude=*", "&_include:recurse=*&_revinclude=*",
	"&_revinclude=DiagnosticReport:result", "&_revinclude=List:item",
	"&_contained=both", "&_contained=true" };
static const char *const	steps[] = {
	"Patient?_has:Observation:patient:_tag=t1",
	"Patient?_has:Observation:subject:_security=R&_tag:missing=true",
	"Patient?_has:Observation:patient:_text=headache",
	"Practitioner?_has:Observation:performer:_profile="
	    "http://p.example/vitals",
	"Practitioner?_has:Observation:performer:_lastUpdated=gt2026-01-01"
	    "T00:00:30Z",
	"Practitioner?_has:Patient:careprovider:_lastUpdated=gt2025",
	"Observation?patient._lastUpdated=gt2025",
	"Observation?patient:Patient._tag:missing=true&_tag=t1",
	"Observation?performer:Practitioner.name=sha&_content=fever",
	"Observation?performer:Practitioner._has:Observation:performer:"
	    "_tag=t2",
	"Patient?_has:Condition:patient:_tag=t1",
	"Patient?gender=male&_revinclude=Observation:subject",
	"Patient?_revinclude=*",
	"Practitioner?_revinclude=Observation:performer&_sort=family",
	"Medication?_revinclude:recurse=*",
	"Practitioner?_contained=true&name=sha",
	"Practitioner?_contained=both&_containedType=contained",
	"Patient?_has:List:patient:code=allergies",
};

/* A question of one type the view holds, or of all it may search (""). */
static const char *
random_ask(struct arena *a, struct dice *d, const char **type_out)
{
	const char *text, *mark;

	switch (roll(d, 6)) {
	case 0:
		*type_out = "";
		return arena_printf(a, "%s%s", PICK(d, shared_asks),
		    PICK(d, shared_sorts));
	case 1:
		text = PICK(d, steps);
		mark = strchr(text, '?');
		*type_out = arena_printf(a, "%.*s", (int)(mark - text), text);
		return mark + 1;
	case 2:
		return random_tree(a, d, type_out);
	case 3:
		text = random_query(a, d, type_out);
		return strcmp(*type_out, "Observation") != 0 ? text :
		    arena_printf(a, "%s%s", text, PICK(d, beside));
	default:
		*type_out = "Observation";
		return arena_printf(a, "%s&%s%s%s", PICK(d, shared_asks),
		    roll(d, 3) ? "status=final" : PICK(d, shared_asks),
		    PICK(d, shared_sorts), PICK(d, beside));
	}
}

static struct query
query_of(struct arena *a, const char *type, const char *text)
{
	static const struct query_limits limits = { .params = 100,
	    .values = 200, .depth = 4 };
	struct issues is = issues_on(a);
	struct pair *pairs;
	struct query q;
	size_t n;

	if (type[0] != '\0')
		return query(a, type, text);
	assert_int_equal(query_pairs(a, bytes_str(text), limits.params, &is,
	    &pairs, &n), OK);
	if (query_parse(a, 0, pairs, n, &world_urls,
	    (struct instant){ WORLD_NOW }, &limits, &is, &q) != OK)
		fail_msg("?%s: %s", text, is.first->text);
	return q;
}

static void
tell_search(struct snapshot *t, struct arena *a, struct buf *b,
    const struct view *v, struct dice *d)
{
	static const uint64_t counts[] = { 0, 1, 3, 20, 1000 };
	struct page_ask ask = ask_new(counts[roll(d, N_ELEM(counts))]);
	struct issues is = issues_on(a);
	struct page p = { .total = 0 };
	const char *type, *text = random_ask(a, d, &type);
	struct query q = query_of(a, type, text);
	uint64_t back = roll(d, 2), pages = roll(d, 4), i;
	enum err e;

	ask.max_rows = roll(d, 3) ? 100000 : roll(d, 200);
	ask.max_include = roll(d, 2) ? 1000 : 1 + roll(d, 120);
	ask.max_memory = roll(d, 3) ? 0 : UINT64_C(1) << (10 + roll(d, 10));
	buf_printf(b, "%s?%s\n", type, text);
	for (i = 0; i <= pages; i++) {
		e = store_search(t, a, v, &q, &ask, &is, &p);
		buf_printf(b, "%s, work %llu, %s\n", err_name(e),
		    (unsigned long long)store_work(t),
		    is.first == NULL ? "" : is.first->text);
		if (e != OK)
			return;
		tell_page(b, &p);
		ask.cursor = !back ? p.next : i == 0 ? p.last : p.previous;
		if (ask.cursor.len == 0)
			return;
	}
}

static void
tell_history(struct snapshot *t, struct arena *a, struct buf *b,
    const struct view *v, struct dice *d)
{
	static const char *const of[] = { "Observation", "Patient",
	    "Practitioner", "Condition" };
	struct history_ask what = { .since = { roll(d, 2) ? TIME_MIN :
	    WORLD_NOW + (int64_t)roll(d, 120) * 1000 } };
	struct page_ask ask = ask_new(1 + roll(d, 30));
	struct page p = { .total = 0 };
	unsigned i;
	enum err e;

	if (roll(d, 3))
		what.type = type_num(PICK(d, of));
	ask.max_rows = roll(d, 2) ? 100000 : roll(d, 100);
	for (i = 0; i < 4; i++) {
		e = store_history(t, a, v, &what, &ask, &p);
		buf_printf(b, "%u: %s, work %llu\n", what.type, err_name(e),
		    (unsigned long long)store_work(t));
		if (e != OK)
			return;
		tell_page(b, &p);
		ask.cursor = p.next;
		if (ask.cursor.len == 0)
			return;
	}
}

static enum err
note_tags(void *arg, struct bytes body)
{
	buf_add(arg, body);
	return OK;
}

static void
tell_tags(struct snapshot *t, struct arena *a, struct buf *b,
    const struct view *v, struct dice *d)
{
	struct page_ask ask = ask_new(0);
	enum err e;

	ask.max_rows = roll(d, 2) ? 100000 : roll(d, 200);
	e = store_tags(t, a, v, roll(d, 2) ? 0 : type_num("Observation"),
	    &ask, note_tags, b);
	buf_printf(b, "%s, work %llu\n", err_name(e),
	    (unsigned long long)store_work(t));
}

static struct bytes
tell(struct world *w, struct arena *a, const struct asking *who,
    struct dice d)
{
	struct view *v = view_of(a, who);
	struct buf b = buf_on(a, 8 << 20);
	struct snapshot *t = world_begin(w, a);
	struct bytes out;

	switch (roll(&d, 10)) {
	case 0:
		tell_history(t, a, &b, v, &d);
		break;
	case 1:
		tell_tags(t, a, &b, v, &d);
		break;
	default:
		tell_search(t, a, &b, v, &d);
		break;
	}
	store_end(t);
	assert_int_equal(buf_end(&b, &out), OK);
	return out;
}

/* --- comparing ----------------------------------------------------------- */

/* How many of n requests tell the worlds apart? */
static unsigned
differences(const struct worlds *both, const struct asking *who, unsigned n,
    bool must_not)
{
	struct arena *a[2];
	struct bytes told[2], all[2], what, rest;
	unsigned i, j, found = 0;

	for (i = 0; i < n; i++) {
		for (j = 0; j < 2; j++) {
			a[j] = arena_new(0);
			all[j] = told[j] = tell(both->w[j], a[j], who,
			    (struct dice){ seed + 7919 * i });
		}
		if (!bytes_eq(told[0], told[1])) {
			found++;
			(void)bytes_cut(all[0], '\n', &what, &rest);
			first_difference(told);
			if (must_not)
				fail_msg("%u: %.*s\n%.*s\n---\n%.*s", i,
				    BYTES_FMT(bytes_sub(what, 0, 300)),
				    BYTES_FMT(told[0]), BYTES_FMT(told[1]));
		}
		arena_free(&a[0]);
		arena_free(&a[1]);
	}
	return found;
}

static int
setup_types(void **state)
{
	static struct worlds both;

	both.w[0] = make_types(1, false);
	both.w[1] = make_types(3, false);
	*state = &both;
	return 0;
}

static int
setup_narrow(void **state)
{
	static struct worlds both;

	both.w[0] = make_types(1, true);
	both.w[1] = make_types(3, true);
	*state = &both;
	return 0;
}

static void
tells_nothing_of_other_types(void **state)
{
	const struct asking open = { .whole = OPEN };
	const struct asking more = { .whole = OPEN
	    " MedicationStatement Goal" };

	differences(*state, &open, n_requests, true);
	differences(*state, &more, n_requests / 4, true);
}

/* user/Observation.rs?category=laboratory, and all of others beside it. */
static void
tells_nothing_of_other_content(void **state)
{
	struct asking scope = { .whole = "Patient Practitioner Medication",
	    .narrow = true };

	differences(*state, &scope, n_requests, true);
	scope.set = "pA";
	differences(*state, &scope, n_requests / 4, true);
	scope.set = "pA pB";
	differences(*state, &scope, n_requests / 4, true);
	scope.set = NULL;
	scope.doctor = "dr1";
	differences(*state, &scope, n_requests / 4, true);
	/* There is nothing of this one: the rule adds a way, and no more. */
	scope.doctor = NULL;
	scope.own = "pC";
	differences(*state, &scope, n_requests / 4, true);
}

/* The oracle sees what views hold more of. */
static void
would_notice_a_leak(void **state)
{
	const struct asking condition = { .whole = OPEN " Condition" };
	const struct asking all = { .whole = "*" };
	const struct asking list = { .whole = OPEN
	    " List DiagnosticReport" };

	assert_true(differences(*state, &all, 400, false) > 60);
	assert_true(differences(*state, &condition, 400, false) > 40);
	assert_true(differences(*state, &list, 1000, false) > 100);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tells_nothing_of_other_types,
		    setup_types, teardown),
		cmocka_unit_test_setup_teardown(
		    tells_nothing_of_other_content, setup_narrow, teardown),
		cmocka_unit_test_setup_teardown(would_notice_a_leak,
		    setup_types, teardown),
	};

	if (argc > 1)
		n_requests = (unsigned)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 10);
	return cmocka_run_group_tests_name("store_worlds_types", tests, NULL,
	    NULL);
}
