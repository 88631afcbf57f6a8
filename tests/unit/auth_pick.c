/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_pick.c -- whose record: the picker, proxies, counts.  (L3)
 */
#include "tests/unit/auth_kit.h"

static void
load(struct kit *k, const char *text)
{
	kit_apply(k->store, k->a, kit_put(k->a, text));
}

static int
pick_setup(void **state)
{
	struct bytes wards[] = { bytes_str("p1"), bytes_str("p2") };
	struct kit *k;
	int i, r = kit_setup(state);

	k = *state;
	for (i = 1; i <= 3; i++)
		load(k, arena_printf(k->a, "{\"resourceType\":\"Patient\","
		    "\"id\":\"p%d\",\"name\":[{\"family\":[\"%s\"],"
		    "\"given\":[\"Ada\",\"M\"]}],\"birthDate\":"
		    "\"198%d-01-02\",\"gender\":\"female\",\"identifier\":"
		    "[{\"value\":\"MRN%d\"}]}", i, i == 3 ? "Smith" :
		    "Shaw", i, i));
	for (i = 0; i < 5; i++)
		load(k, arena_printf(k->a, "{\"resourceType\":\"Observation\","
		    "\"id\":\"o%d\",\"status\":\"final\",\"code\":{\"text\":"
		    "\"x\"},\"subject\":{\"reference\":\"Patient/p%d\"}}", i,
		    i < 3 ? 1 : 2));
	for (i = 1; i <= 24; i++)
		load(k, arena_printf(k->a, "{\"resourceType\":\"Encounter\","
		    "\"id\":\"e%d\",\"status\":\"finished\",\"class\":"
		    "\"outpatient\",\"type\":[{\"text\":\"Visit %d\"}],"
		    "\"patient\":{\"reference\":\"Patient/p%d\"},\"period\":"
		    "{\"start\":\"2025-03-%02d\"}}", i, i, i == 1 ? 2 : 1, i));
	add_user(k, "kim", USER_RELATED, "RelatedPerson/r1", wards, 2);
	add_user(k, "root", USER_ADMIN, "", NULL, 0);
	k->now.ms += 1000;
	return r;
}

/* A call with a snapshot of the store; ended by store_end. */
static struct smart_call
seeing(struct kit *k)
{
	struct smart_call c = call_of(k);

	assert_int_equal(store_begin(k->store, k->a, &c.t), OK);
	return c;
}

static size_t
found(struct kit *k, const char *name, const char *birth,
    struct smart_patient **list)
{
	struct smart_call c = seeing(k);
	bool more;
	size_t n = 99;

	assert_int_equal(done(k, &c, smart_patients(k->s, &c,
	    bytes_str(name), bytes_str(birth), bytes_str(""), list, &n,
	    &more)), OK);
	store_end(c.t);
	return n;
}

static enum err
choose(struct kit *k, struct bytes flow, const char *patient)
{
	struct smart_form form = form_of(k, flow);
	struct smart_call c = seeing(k);
	enum err e;

	e = done(k, &c, smart_pick(k->s, &c, &form, bytes_str(patient)));
	store_end(c.t);
	return e;
}

static enum smart_step
step_of(struct kit *k, struct bytes flow)
{
	struct smart_call c = call_of(k);
	struct smart_flow f;

	assert_int_equal(smart_flow(k->s, &c, flow, &f), OK);
	return f.step;
}

static void
practitioners_search(void **state)		/* M06, interop 14 */
{
	struct kit *k = *state;
	struct request r = GOOD;
	struct bytes flow, location;
	struct smart_patient *list;
	struct smart_tokens t;

	r.scope = "patient/Observation.read";	/* no launch/patient */
	flow = flow_of(k, &r);
	assert_int_equal(login_as(k, flow, "dr.lee", PASSWORD), OK);
	assert_int_equal(step_of(k, flow), STEP_PICK);
	assert_int_equal(found(k, "shaw", "", &list), 2);
	assert_bytes(list[0].name, "Ada M Shaw");
	assert_int_equal(found(k, "shaw", "1982-01-02", &list), 1);
	assert_bytes(list[0].id, "p2");
	assert_bytes(list[0].birth, "1982-01-02");
	assert_bytes(list[0].identifier, "MRN2");
	assert_int_equal(found(k, "", "", &list), 3);
	assert_int_equal(found(k, "nobody", "", &list), 0);
	assert_int_equal(choose(k, flow, "p9"), ERR_FORBIDDEN);
	assert_int_equal(choose(k, flow, "../p1"), ERR_FORBIDDEN);
	assert_int_equal(choose(k, flow, "p2"), OK);
	assert_int_equal(step_of(k, flow), STEP_CONSENT);
	assert_int_equal(approve_with(k, flow, (struct smart_choice){
	    .all = true }, &location), OK);
	assert_int_equal(redeem(k, in_url(k, location, "code"), &t), OK);
	assert_bytes(t.patient, "p2");
}

/*
 * A birth date is a day of the clinic's zone, in the store and in the
 * picker: read in two zones, no day would hold the other.
 */
static void
births_are_days_of_the_site(void **state)		/* M06 */
{
	struct kit *k = *state;
	struct change c = kit_put(k->a, "{\"resourceType\":\"Patient\","
	    "\"id\":\"p7\",\"birthDate\":\"1984-06-30\"}");
	struct extract x = kit_extract(k->a);
	struct issues is = issues_on(k->a);
	struct smart_patient *list;
	struct request r = GOOD;
	struct values values;

	x.zone = (int)k->conf->num[CONF_ZONE];
	assert_int_equal(x.zone, 120);
	assert_int_equal(extract_values(k->a, &x, c.type, c.doc->tree, &is,
	    &values), OK);
	c.values = &values;
	kit_apply(k->store, k->a, c);
	assert_int_equal(login_as(k, flow_of(k, &r), "dr.lee", PASSWORD),
	    OK);
	assert_int_equal(found(k, "", "1984-06-30", &list), 1);
	assert_bytes(list[0].id, "p7");
	assert_int_equal(found(k, "", "1984-06-29", &list), 0);
}

static int
zone_setup(void **state)
{
	return kit_setup_with(state, "zone = +02:00\n");
}

static size_t
visits(struct kit *k, struct bytes flow, struct smart_visit **list,
    bool *more)
{
	struct smart_call c = seeing(k);
	size_t n = 99;

	assert_int_equal(done(k, &c, smart_visits(k->s, &c, flow, list, &n,
	    more)), OK);
	store_end(c.t);
	return n;
}

static enum err
choose_visit(struct kit *k, struct bytes flow, const char *visit)
{
	struct smart_form form = form_of(k, flow);
	struct smart_call c = seeing(k);
	enum err e;

	e = done(k, &c, smart_visit_pick(k->s, &c, &form,
	    bytes_str(visit)));
	store_end(c.t);
	return e;
}

static enum err
choose_again(struct kit *k, struct bytes flow)
{
	struct smart_form form = form_of(k, flow);
	struct smart_call c = call_of(k);

	return done(k, &c, smart_unpick(k->s, &c, &form));
}

/* A standalone launch by dr.lee that asks for an encounter, at the picker. */
static struct bytes
visit_flow(struct kit *k)
{
	struct request r = GOOD;
	struct bytes flow;

	add_client(k, "visitor", CLIENT_PUBLIC, APP_FLAGS,
	    "launch launch/encounter patient/*.read");
	r.client = "visitor";
	r.scope = "launch/encounter patient/Observation.read";
	flow = flow_of(k, &r);
	assert_int_equal(login_as(k, flow, "dr.lee", PASSWORD), OK);
	assert_int_equal(step_of(k, flow), STEP_PICK);
	return flow;
}

static void
visits_of_the_chosen_patient(void **state)	/* M06, launch/encounter */
{
	struct kit *k = *state;
	struct bytes flow = visit_flow(k), location, code;
	struct smart_visit *list;
	struct smart_tokens t;
	bool more;

	/* Not before a patient is chosen. */
	assert_int_equal(choose_visit(k, flow, "e1"), ERR_LOGIN);
	assert_int_equal(choose(k, flow, "p1"), OK);
	assert_int_equal(step_of(k, flow), STEP_VISIT);
	assert_int_equal(approve_with(k, flow, (struct smart_choice){
	    .all = true }, &location), ERR_LOGIN);
	assert_int_equal(visits(k, flow, &list, &more), 20);
	assert_true(more);
	assert_bytes(list[0].id, "e24");		/* newest first */
	assert_bytes(list[0].kind, "Visit 24");
	assert_bytes(list[0].start, "2025-03-24");
	assert_bytes(list[19].id, "e5");
	assert_int_equal(choose_visit(k, flow, "e1"), ERR_FORBIDDEN);
	assert_int_equal(choose_visit(k, flow, "none"), ERR_FORBIDDEN);
	assert_int_equal(choose_visit(k, flow, "../e1"), ERR_FORBIDDEN);
	assert_int_equal(step_of(k, flow), STEP_VISIT);
	assert_int_equal(choose_visit(k, flow, "e7"), OK);
	assert_int_equal(step_of(k, flow), STEP_CONSENT);
	assert_int_equal(approve_with(k, flow, (struct smart_choice){
	    .all = true }, &location), OK);
	code = arena_copy(k->a, in_url(k, location, "code"));
	assert_int_equal(POST(k, &t, "grant_type", "authorization_code",
	    "code", text_of(k, code), "redirect_uri", CB, "client_id",
	    "visitor", "code_verifier", VERIFIER), OK);
	assert_bytes(t.patient, "p1");
	assert_bytes(t.encounter, "e7");
}

/* Stored to the depth json-depth lets in, far beyond a token's. */
static void
deep_records_are_picked(void **state)			/* M06 */
{
	static const char deep[] = "\"extension\":[{\"url\":\"http://x/y\","
	    "\"extension\":[{\"url\":\"a\",\"extension\":[{\"url\":\"b\","
	    "\"extension\":[{\"url\":\"c\",\"extension\":[{\"url\":\"d\","
	    "\"valueString\":\"e\"}]}]}]}]}]";
	struct kit *k = *state;
	struct bytes flow = visit_flow(k);
	struct smart_patient *patient;
	struct smart_visit *list;
	bool more;

	load(k, arena_printf(k->a, "{\"resourceType\":\"Patient\",%s,"
	    "\"id\":\"p8\",\"name\":[{\"family\":[\"Deep\"]}]}", deep));
	load(k, arena_printf(k->a, "{\"resourceType\":\"Encounter\",%s,"
	    "\"id\":\"deep\",\"status\":\"finished\",\"patient\":"
	    "{\"reference\":\"Patient/p8\"}}", deep));
	assert_int_equal(found(k, "deep", "", &patient), 1);
	assert_bytes(patient[0].name, "Deep");
	assert_int_equal(choose(k, flow, "p8"), OK);
	assert_int_equal(visits(k, flow, &list, &more), 1);
	assert_bytes(list[0].id, "deep");
}

static void
another_patient_another_visit(void **state)	/* M06 */
{
	struct kit *k = *state;
	struct bytes flow = visit_flow(k), location;
	struct smart_visit *list;
	bool more;

	assert_int_equal(choose(k, flow, "p1"), OK);
	assert_int_equal(choose_visit(k, flow, "e7"), OK);
	assert_int_equal(choose_again(k, flow), OK);
	assert_int_equal(step_of(k, flow), STEP_PICK);
	assert_int_equal(choose(k, flow, "p2"), OK);
	assert_int_equal(step_of(k, flow), STEP_VISIT);
	assert_int_equal(visits(k, flow, &list, &more), 1);
	assert_false(more);
	assert_int_equal(step_of(k, flow), STEP_VISIT);	/* not by us */
	assert_int_equal(choose_visit(k, flow, "e7"), ERR_FORBIDDEN);
	assert_int_equal(choose(k, flow, "p3"), OK);
	assert_int_equal(visits(k, flow, &list, &more), 0);
	assert_int_equal(choose_visit(k, flow, ""), OK);	/* for none */
	assert_int_equal(step_of(k, flow), STEP_CONSENT);
	assert_int_equal(approve_with(k, flow, (struct smart_choice){
	    .all = true }, &location), OK);
}

static void
an_ehr_says_which_visit(void **state)		/* M05 */
{
	struct kit *k = *state;
	struct smart_launch l = { .client = bytes_str("visitor"),
	    .patient = bytes_str("p1"), .encounter = bytes_str("e9") };
	struct request r = GOOD;
	struct bytes flow, handle, location;
	struct smart_call c;

	(void)visit_flow(k);
	c = seeing(k);
	assert_int_equal(done(k, &c, smart_launch(k->s, &c, NULL,
	    bytes_str("dr.lee"), &l, &handle, &location)), OK);
	store_end(c.t);
	r.client = "visitor";
	r.scope = "launch launch/encounter patient/Observation.read";
	r.launch = text_of(k, handle);
	flow = flow_of(k, &r);
	assert_int_equal(step_of(k, flow), STEP_CONSENT);
	assert_int_equal(choose_visit(k, flow, "e7"), ERR_FORBIDDEN);
	assert_int_equal(choose_again(k, flow), ERR_FORBIDDEN);
	assert_int_equal(step_of(k, flow), STEP_CONSENT);
}

static void
proxies_choose_among_their_own(void **state)	/* people: RelatedPerson */
{
	struct kit *k = *state;
	const struct request r = GOOD;
	struct bytes flow = flow_of(k, &r);
	struct smart_patient *list;

	assert_int_equal(login_as(k, flow, "kim", PASSWORD), OK);
	assert_int_equal(step_of(k, flow), STEP_PICK);
	assert_int_equal(found(k, "smith", "", &list), 2);
	assert_bytes(list[1].id, "p2");
	assert_int_equal(choose(k, flow, "p3"), ERR_FORBIDDEN);
	assert_int_equal(choose(k, flow, "p1"), OK);
	assert_int_equal(step_of(k, flow), STEP_CONSENT);
}

static void
administrators_see_nobody(void **state)		/* Z06 */
{
	struct kit *k = *state;
	const struct request r = GOOD;
	struct bytes flow = flow_of(k, &r);
	struct smart_patient *list;

	assert_int_equal(login_as(k, flow, "root", PASSWORD), OK);
	assert_int_equal(step_of(k, flow), STEP_PICK);
	assert_int_equal(found(k, "shaw", "", &list), 0);
	assert_int_equal(choose(k, flow, "p1"), ERR_FORBIDDEN);
}

static void
groups_count_this_record(void **state)		/* M07 */
{
	struct kit *k = *state;
	const struct request r = GOOD;
	struct bytes flow = flow_of(k, &r);
	struct smart_group *g;
	struct smart_call c;
	size_t i, n, types = 0, results = 0;

	assert_int_equal(login_as(k, flow, "ann", PASSWORD), OK);
	c = seeing(k);
	assert_int_equal(done(k, &c, smart_groups(k->s, &c, flow, &g, &n)),
	    OK);
	store_end(c.t);
	for (i = 0; i < n; i++) {
		types += g[i].n_type;
		assert_true(g[i].read && !g[i].write && !g[i].everyone);
		if (strcmp(g[i].key, "results") == 0)
			results = g[i].count;
	}
	assert_int_equal(results, 3);
	assert_true(types > 40 && types < DEF_TYPES);
}

static void
launches_need_the_patient_there(void **state)	/* M05 */
{
	struct kit *k = *state;
	struct smart_launch l = { .client = bytes_str("app"),
	    .patient = bytes_str("p9") };
	struct smart_call c = seeing(k);
	struct bytes handle, location;

	assert_int_equal(done(k, &c, smart_launch(k->s, &c, NULL,
	    bytes_str("dr.lee"), &l, &handle, &location)), ERR_NOTFOUND);
	l.patient = bytes_str("p1");
	c.error = (struct smart_error){ .fault = FAULT_NONE };
	assert_int_equal(done(k, &c, smart_launch(k->s, &c, NULL,
	    bytes_str("dr.lee"), &l, &handle, &location)), OK);
	l.patient = bytes_str("p3");		/* not kim's to choose */
	assert_int_equal(done(k, &c, smart_launch(k->s, &c, NULL,
	    bytes_str("kim"), &l, &handle, &location)), ERR_NOTFOUND);
	store_end(c.t);
}

#define PICK_TEST(f)							      \
	cmocka_unit_test_setup_teardown(f, pick_setup, kit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PICK_TEST(practitioners_search),
		cmocka_unit_test_setup_teardown(births_are_days_of_the_site,
		    zone_setup, kit_teardown),
		PICK_TEST(visits_of_the_chosen_patient),
		PICK_TEST(deep_records_are_picked),
		PICK_TEST(another_patient_another_visit),
		PICK_TEST(an_ehr_says_which_visit),
		PICK_TEST(proxies_choose_among_their_own),
		PICK_TEST(administrators_see_nobody),
		PICK_TEST(groups_count_this_record),
		PICK_TEST(launches_need_the_patient_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
