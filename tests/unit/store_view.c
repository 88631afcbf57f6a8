/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate's decision, as a truth table: kind of owner x reach x members x
 * interaction; and what reading by id makes of it (Z01, CMP-01 ff).
 */
#include "store/gate.h"

#include "tests/unit/store_world.h"

#define N(...)	(const uint64_t []){ __VA_ARGS__, 0 }
#define READS	(VIEW_READ | VIEW_SEARCH)
#define WRITES	(VIEW_CREATE | VIEW_UPDATE | VIEW_DELETE)
#define EVERY	(READS | WRITES)

static const struct {
	const char	*what;
	const uint64_t	*set;		/* the view's patients, 0 ends */
	enum view_reach	 reach;
	unsigned	 ops;		/* granted */
	enum owner_kind	 kind;
	uint64_t	 owner;
	const uint64_t	*member;
	unsigned	 held;		/* interactions that hold it */
} table[] = {
	{ "own", N(7), REACH_PATIENTS, EVERY, OWNER_ONE, 7, N(0), EVERY },
	{ "another's", N(7), REACH_PATIENTS, EVERY, OWNER_ONE, 8, N(0), 0 },
	{ "one of two patients", N(7, 8), REACH_PATIENTS, EVERY, OWNER_ONE,
	    8, N(0), EVERY },
	{ "an empty set", N(0), REACH_PATIENTS, EVERY, OWNER_ONE, 7, N(0),
	    0 },
	{ "many, all in the set (CMP-18)", N(7, 8), REACH_PATIENTS, EVERY,
	    OWNER_MANY, KEY_MANY, N(7, 8), EVERY },
	{ "many, one outside (CMP-18)", N(7), REACH_PATIENTS, EVERY,
	    OWNER_MANY, KEY_MANY, N(7, 8), 0 },
	{ "many, the last outside", N(7, 8), REACH_PATIENTS, EVERY,
	    OWNER_MANY, KEY_MANY, N(7, 8, 9), 0 },
	{ "many, none in the set", N(7), REACH_PATIENTS, EVERY, OWNER_MANY,
	    KEY_MANY, N(8, 9), 0 },
	{ "many without members", N(7), REACH_PATIENTS, EVERY, OWNER_MANY,
	    KEY_MANY, N(0), 0 },
	{ "shared: seen, not changed", N(7), REACH_PATIENTS, EVERY,
	    OWNER_SHARED, KEY_SHARED, N(0), READS },
	{ "unowned (CMP-22)", N(7), REACH_PATIENTS, EVERY, OWNER_UNOWNED,
	    KEY_UNOWNED, N(0), 0 },
	{ "an unknown kind", N(7), REACH_PATIENTS, EVERY,
	    (enum owner_kind)9, 7, N(7), 0 },
	{ "read alone is granted (CMP-11)", N(7), REACH_PATIENTS, VIEW_READ,
	    OWNER_ONE, 7, N(0), VIEW_READ },
	{ "all: another's", N(0), REACH_ALL, EVERY, OWNER_ONE, 8, N(0),
	    EVERY },
	{ "all: many", N(0), REACH_ALL, EVERY, OWNER_MANY, KEY_MANY,
	    N(7, 8), EVERY },
	{ "all: shared", N(0), REACH_ALL, EVERY, OWNER_SHARED, KEY_SHARED,
	    N(0), EVERY },
	{ "all: unowned", N(0), REACH_ALL, EVERY, OWNER_UNOWNED,
	    KEY_UNOWNED, N(0), EVERY },
	{ "all, search alone", N(0), REACH_ALL, VIEW_SEARCH, OWNER_ONE, 8,
	    N(0), VIEW_SEARCH },
	{ "none", N(7), REACH_NONE, EVERY, OWNER_ONE, 7, N(0), 0 },
	{ "a reach that is none of ours", N(7), (enum view_reach)7, EVERY,
	    OWNER_ONE, 7, N(7), 0 },
	{ "no interaction granted", N(7), REACH_ALL, 0, OWNER_ONE, 7, N(0),
	    0 },
};

static size_t
length(const uint64_t *n)
{
	size_t i;

	for (i = 0; n[i] != 0; i++)
		continue;
	return i;
}

static void
decides_by_the_table(void **state)
{
	const uint16_t type = type_num("Observation"),
	    other = type_num("Condition");
	struct view_rule rule;
	struct view view = { .rule = &rule, .n_rule = 1 };
	struct gate g = { .view = &view };
	struct place p;
	uint8_t member[4 * 8];
	uint64_t set[4];
	size_t i, j, n;
	unsigned op;

	(void)state;
	for (i = 0; i < N_ELEM(table); i++) {
		rule = (struct view_rule){ .ops = table[i].ops,
		    .reach = table[i].reach };
		typeset_add(&rule.types, type);
		g.n_patient = length(table[i].set);
		memcpy(set, table[i].set, g.n_patient * sizeof(set[0]));
		g.patient = set;
		n = length(table[i].member);
		for (j = 0; j < n; j++)
			key_put_be64(member + 8 * j, table[i].member[j]);
		for (op = VIEW_READ; op <= VIEW_DELETE; op <<= 1) {
			p = (struct place){ table[i].kind, table[i].owner,
			    bytes_of(member, 8 * n) };
			if ((gate_holds(&g, (enum view_op)op, type, &p,
			    NULL) == OK) != ((table[i].held & op) != 0))
				fail_msg("%s: op %u", table[i].what, op);
			/* A type no rule names is not there (CMP-08). */
			assert_int_equal(gate_holds(&g, (enum view_op)op,
			    other, &p, NULL), ERR_NOTFOUND);
		}
	}
}

static void
gives_the_widest_reach_of_its_rules(void **state)
{
	struct view_rule rule[2] = {
		{ .types = types_of("Observation Patient"),
		    .ops = VIEW_READ | VIEW_SEARCH, .reach = REACH_PATIENTS },
		{ .types = types_of("Observation"), .ops = VIEW_SEARCH,
		    .reach = REACH_ALL },
	};
	const struct view v = { .rule = rule, .n_rule = 2 };
	const struct view zero = { .n_rule = 0 };
	uint16_t obs = type_num("Observation"), pat = type_num("Patient");

	(void)state;
	assert_int_equal(view_reach(&v, obs, VIEW_SEARCH), REACH_ALL);
	assert_int_equal(view_reach(&v, obs, VIEW_READ), REACH_PATIENTS);
	assert_int_equal(view_reach(&v, pat, VIEW_SEARCH), REACH_PATIENTS);
	assert_int_equal(view_reach(&v, pat, VIEW_UPDATE), REACH_NONE);
	assert_int_equal(view_reach(&zero, pat, VIEW_READ), REACH_NONE);
	assert_true(typeset_has(view_types(&v, VIEW_READ), pat));
	assert_false(typeset_has(view_types(&v, VIEW_UPDATE), pat));
}

/* --- by id --------------------------------------------------------------- */

static int
setup(void **state)
{
	struct world *w = world_new();

	world_put(w, "{\"resourceType\":\"Patient\",\"id\":\"pA\","
	    "\"link\":[{\"other\":{\"reference\":\"Patient/pB\"},"
	    "\"type\":\"refer\"}]}");
	world_put(w, "{\"resourceType\":\"Patient\",\"id\":\"pB\"}");
	world_put(w, "{\"resourceType\":\"Practitioner\",\"id\":\"dr\"}");
	world_put(w, "{\"resourceType\":\"Observation\",\"id\":\"oA\","
	    "\"status\":\"final\",\"code\":{\"text\":\"x\"},"
	    "\"subject\":{\"reference\":\"Patient/pA\"}}");
	world_put(w, "{\"resourceType\":\"Observation\",\"id\":\"oB\","
	    "\"status\":\"final\",\"code\":{\"text\":\"x\"},"
	    "\"subject\":{\"reference\":\"Patient/pB\"},"
	    "\"performer\":[{\"reference\":\"Patient/pA\"}]}");
	world_put(w, "{\"resourceType\":\"Observation\",\"id\":\"o0\","
	    "\"status\":\"final\",\"code\":{\"text\":\"x\"}}");
	world_put(w, "{\"resourceType\":\"Observation\",\"id\":\"dA\","
	    "\"status\":\"final\",\"code\":{\"text\":\"x\"},"
	    "\"subject\":{\"reference\":\"Patient/pA\"}}");
	world_put(w, "{\"resourceType\":\"Observation\",\"id\":\"dB\","
	    "\"status\":\"final\",\"code\":{\"text\":\"x\"},"
	    "\"subject\":{\"reference\":\"Patient/pB\"}}");
	world_put(w, "{\"resourceType\":\"Appointment\",\"id\":\"apAB\","
	    "\"status\":\"booked\",\"participant\":[{\"status\":"
	    "\"accepted\",\"actor\":{\"reference\":\"Patient/pA\"}},"
	    "{\"status\":\"accepted\",\"actor\":{\"reference\":"
	    "\"Patient/pB\"}}]}");
	world_commit(w);
	world_put(w, "{\"resourceType\":\"Observation\",\"id\":\"oA\","
	    "\"status\":\"amended\",\"code\":{\"text\":\"x\"},"
	    "\"subject\":{\"reference\":\"Patient/pA\"}}");
	/* A load moved it from pB to pA. */
	world_put(w, "{\"resourceType\":\"Observation\",\"id\":\"mv\","
	    "\"status\":\"final\",\"code\":{\"text\":\"x\"},"
	    "\"subject\":{\"reference\":\"Patient/pB\"}}");
	world_delete(w, "Observation", "dA");
	world_delete(w, "Observation", "dB");
	world_commit(w);
	world_put(w, "{\"resourceType\":\"Observation\",\"id\":\"mv\","
	    "\"status\":\"final\",\"code\":{\"text\":\"x\"},"
	    "\"subject\":{\"reference\":\"Patient/pA\"}}");
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

static const struct {
	const char	*types, *patients;	/* the view */
	const char	*type, *id;
	enum err	 err;
} reads[] = {
	{ "*", "pA", "Patient", "pA", OK },
	{ "*", "pA", "Patient", "pB", ERR_NOTFOUND },	/* CMP-01, CMP-19 */
	{ "*", "pA", "Observation", "oA", OK },
	{ "*", "pA", "Observation", "oB", ERR_NOTFOUND }, /* CMP-02, -17 */
	{ "*", "pA", "Observation", "o0", ERR_NOTFOUND },
	{ "*", "pA", "Observation", "never", ERR_NOTFOUND },
	{ "*", "pA", "Observation", "dA", ERR_GONE },
	{ "*", "pA", "Observation", "dB", ERR_NOTFOUND },
	{ "*", "pA", "Practitioner", "dr", OK },
	{ "*", "pA", "Appointment", "apAB", ERR_NOTFOUND },	/* CMP-18 */
	{ "*", "pA pB", "Appointment", "apAB", OK },
	{ "*", "pA pB", "Observation", "oB", OK },
	{ "*", "nobody", "Observation", "oA", ERR_NOTFOUND },
	{ "Patient", "pA", "Observation", "oA", ERR_NOTFOUND },
	{ "*", NULL, "Observation", "oB", OK },
	{ "*", NULL, "Observation", "o0", OK },
	{ "*", NULL, "Observation", "dB", ERR_GONE },
	{ "*", NULL, "Observation", "never", ERR_NOTFOUND },
	{ "Patient", NULL, "Observation", "oA", ERR_NOTFOUND },
};

static void
reads_what_the_view_holds(void **state)
{
	struct world *w = *state;
	struct arena *a;
	struct resource r;
	struct view *v;
	size_t i;
	enum err e;

	for (i = 0; i < N_ELEM(reads); i++) {
		a = arena_new(0);
		v = view_new(a, reads[i].types, reads[i].patients);
		e = store_read(world_begin(w, a), v,
		    type_num(reads[i].type), bytes_str(reads[i].id), &r);
		if (e != reads[i].err)
			fail_msg("%s/%s to %s: %s", reads[i].type,
			    reads[i].id, reads[i].patients == NULL ? "all" :
			    reads[i].patients, err_name(e));
		if (e == OK)
			assert_bytes(r.id, reads[i].id);
		arena_free(&a);
	}
}

/* Hidden and missing: the same work (design 11), with one patient or two. */
static void
works_the_same_for_hidden_and_missing(void **state)
{
	static const char *const hidden[] = { "Patient/pB", "Observation/oB",
	    "Observation/o0", "Observation/dB", "Appointment/apAB",
	    "Observation/never", "Appointment/never" };
	static const char *const sets[] = { "pA", "pA nobody" };
	struct world *w = *state;
	struct bytes type, id;
	struct snapshot *t;
	struct resource r;
	struct arena *a;
	uint64_t work, first;
	size_t i, j;

	for (j = 0; j < N_ELEM(sets); j++) {
		first = 0;
		for (i = 0; i < N_ELEM(hidden); i++) {
			a = arena_new(0);
			bytes_cut(bytes_str(hidden[i]), '/', &type, &id);
			t = world_begin(w, a);
			assert_int_equal(store_read(t,
			    view_new(a, "*", sets[j]), def_type(type)->num,
			    id, &r), ERR_NOTFOUND);
			work = store_work(t);
			if (i == 0)
				first = work;
			assert_int_equal(work, first);
			arena_free(&a);
		}
	}
}

static const struct {
	const char	*patients, *id;
	uint64_t	 version;
	enum err	 err;
} vreads[] = {
	{ "pA", "oA", 1, OK },
	{ "pA", "oA", 2, OK },
	{ "pA", "oA", 3, ERR_NOTFOUND },
	{ "pA", "oA", 0, ERR_NOTFOUND },
	{ "pA", "oA", UINT64_MAX, ERR_NOTFOUND },
	{ "pA", "oB", 1, ERR_NOTFOUND },
	{ "pA", "dA", 1, OK },
	{ "pA", "dA", 2, ERR_GONE },
	{ "pA", "dB", 1, ERR_NOTFOUND },
	{ "pA", "dB", 2, ERR_NOTFOUND },
	{ "pA", "mv", 2, OK },
	{ "pA", "mv", 1, ERR_NOTFOUND },	/* was pB's */
	{ "pB", "mv", 1, ERR_NOTFOUND },	/* is pA's */
	{ "pA pB", "mv", 1, OK },
	{ NULL, "mv", 1, OK },
	{ NULL, "dB", 2, ERR_GONE },
};

static void
asks_the_owner_of_now_and_of_the_version(void **state)
{
	struct world *w = *state;
	struct resource r;
	struct arena *a;
	size_t i;
	enum err e;

	for (i = 0; i < N_ELEM(vreads); i++) {
		a = arena_new(0);
		e = store_vread(world_begin(w, a),
		    view_new(a, "*", vreads[i].patients),
		    type_num("Observation"), bytes_str(vreads[i].id),
		    vreads[i].version, &r);
		if (e != vreads[i].err)
			fail_msg("%s version %u: %s", vreads[i].id,
			    (unsigned)vreads[i].version, err_name(e));
		if (e == OK)
			assert_int_equal(r.version, vreads[i].version);
		arena_free(&a);
	}
}

static enum err
no_key(void *arg, struct bytes key, uint64_t n)
{
	(void)arg;
	(void)key;
	(void)n;
	fail();
	return OK;
}

/* Their very lengths speak of others: not even to be counted (SRC-07). */
static void
gives_posting_lists_to_views_of_everything_alone(void **state)
{
	const uint16_t type = type_num("Observation");
	const struct key k = key_reserved(KEY_P_TYPE, type);
	const struct bytes end = bytes_of(NULL, 0);
	struct arena *a = arena_new(0);
	struct snapshot *t = world_begin(*state, a);
	struct gate_list list;
	struct gate g;
	uint64_t n;

	assert_int_equal(gate_open(t, a, view_new(a, "*", "pA"), &g), OK);
	assert_int_equal(gate_list(&g, type, key_bytes(&k), &list, &n),
	    ERR_FORBIDDEN);
	assert_int_equal(gate_count(&g, type, key_bytes(&k), &n),
	    ERR_FORBIDDEN);
	assert_int_equal(gate_keys(&g, type, key_bytes(&k), end, no_key,
	    NULL), ERR_FORBIDDEN);
	assert_int_equal(gate_range(&g, type, key_bytes(&k), end, no_key,
	    NULL), ERR_FORBIDDEN);
	assert_int_equal(gate_open(t, a, view_new(a, "Observation", NULL),
	    &g), OK);
	assert_int_equal(gate_list(&g, type, key_bytes(&k), &list, &n), OK);
	assert_int_equal(n, 4);		/* oA oB o0 mv */
	assert_int_equal(gate_count(&g, type_num("Patient"), key_bytes(&k),
	    &n), ERR_FORBIDDEN);
	arena_free(&a);
}

/* A page asks each record once more: the index is only a hint. */
static void
judges_records_whatever_the_index_says(void **state)
{
	struct arena *a = arena_new(0);
	struct snapshot *t = world_begin(*state, a);
	struct resource r;
	struct id_val id;
	struct gate g;

	assert_int_equal(raw_id(t, type_num("Observation"),
	    bytes_str("oB"), &id), OK);
	assert_int_equal(gate_open(t, a, view_new(a, "*", "pA"), &g), OK);
	assert_int_equal(gate_record(&g, VIEW_SEARCH, id.rid, &r, NULL,
	    NULL), ERR_NOTFOUND);
	assert_int_equal(gate_open(t, a, view_new(a, "*", "pB"), &g), OK);
	assert_int_equal(gate_record(&g, VIEW_SEARCH, id.rid, &r, NULL,
	    NULL), OK);
	arena_free(&a);
}

static void
knows_the_patients_one_can_mint_for(void **state)
{
	struct world *w = *state;
	struct arena *a = arena_new(0);
	struct snapshot *t = world_begin(w, a);

	assert_int_equal(store_patient(t, bytes_str("pA")), OK);
	assert_int_equal(store_patient(t, bytes_str("oA")), ERR_NOTFOUND);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides_by_the_table),
		cmocka_unit_test(gives_the_widest_reach_of_its_rules),
		cmocka_unit_test_setup_teardown(reads_what_the_view_holds,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    works_the_same_for_hidden_and_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    asks_the_owner_of_now_and_of_the_version, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    gives_posting_lists_to_views_of_everything_alone, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    judges_records_whatever_the_index_says, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    knows_the_patients_one_can_mint_for, setup, teardown),
	};

	return cmocka_run_group_tests_name("store_view", tests, NULL, NULL);
}
