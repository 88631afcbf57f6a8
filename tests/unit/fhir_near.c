/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Location?near=LAT,LONG&near-distance=...: what it finds and what it refuses.
 *
 * Distances were worked out apart from this code, on the same sphere.
 *
 * DSTU2 location.html#search.
 */
#include "tests/unit/fhir_extract.h"
#include "tests/unit/fhir_query.h"

/* A Location at these coordinates: is it found? */
static bool
finds(struct world *w, const char *search, const char *lat, const char *lon)
{
	struct query q = good(w->arena, "Location", search);

	take(w, arena_printf(w->arena, "{'resourceType':'Location','position':"
	    "{'latitude':%s,'longitude':%s}}", lat, lon));
	assert_null(w->is.first);
	assert_int_equal(q.n_must, 1);		/* two parameters, one rule */
	assert_int_equal(q.n_node, 0);
	return found(&q, &w->values);
}

struct place {
	const char *near, *lat, *lon;
	unsigned metres;	/* so far they are apart, cut */
};

static const struct place places[] = {
	{ "0,0", "0", "0", 0 },
	{ "0,0", "0", "1", 111195 },
	{ "0,0", "-1", "0", 111195 },
	{ "48.8566,2.3522", "51.5074", "-0.1278", 343556 },
	{ "42.2565,-83.6945", "42.2563148", "-83.6945691", 21 },
	/* the line of 180 degrees, and the same line by its other name */
	{ "-17,179.9", "-17", "-179.9", 21267 },
	{ "10,180", "10.0", "-180", 0 },
	/* poles: every longitude is one place */
	{ "90,0", "90", "123.4", 0 },
	{ "89.99,0", "89.99", "180", 2223 },
	{ "-90,17", "-89.5", "-100", 55597 },
	/* half round, and nearly so */
	{ "0,0", "0", "180", 20015114 },
	{ "45,10", "-45", "-170", 20015114 },
	{ "45,10", "-44.9", "-170", 20003994 },
	{ "1.5e1,2E1", "15", "21", 107406 },
	{ "-0.0000001,0", "0.0000001", "0", 0 },
};

static void
tells_how_far_places_are(void **state)
{
	struct world *w = *state;
	size_t i;

	for (i = 0; i < N_ELEM(places); i++) {
		const struct place *p = &places[i];
		const char *in = arena_printf(w->arena,
		    "near=%s&near-distance=%u||m", p->near, p->metres + 1);
		const char *out = arena_printf(w->arena,
		    "near=%s&near-distance=lt%u||m", p->near, p->metres);

		if (!finds(w, in, p->lat, p->lon))
			fail_msg("%s: %s,%s not found", in, p->lat, p->lon);
		if (finds(w, out, p->lat, p->lon))
			fail_msg("%s: %s,%s found", out, p->lat, p->lon);
	}
}

static void
takes_units_and_prefixes(void **state)
{
	/* 0,1 lies 111.195 km from 0,0, which are 69.0934 miles */
	static const struct {
		const char *distance;
		bool found;
	} row[] = {
		{ "112", true }, { "111", false }, { "112||km", true },
		{ "111195.9||m", true }, { "111195||m", false },
		{ "112|http://unitsofmeasure.org|km", true },
		{ "69.1||[mi_i]", true }, { "69||[mi_i]", false },
		{ "1.12e5||m", true }, { "112000000||mm", true },
		{ "eq112", true }, { "le112", true }, { "lt112", true },
		{ "eb112", true }, { "gt112", false }, { "ge112", false },
		{ "sa112", false }, { "ne112", false }, { "gt111", true },
		{ "ge111", true }, { "sa111", true }, { "ne111", true },
		{ "ap102", true }, { "ap101", false }, { "0", false },
		{ "20016", true }, { "1e9000||km", true },
		{ "gt1e9000", false }, { "1e-9000", false },
	};
	struct world *w = *state;
	size_t i;

	for (i = 0; i < N_ELEM(row); i++)
		if (finds(w, arena_printf(w->arena, "near=0,0&"
		    "near-distance=%s", row[i].distance), "0", "1") !=
		    row[i].found)
			fail_msg("%s", row[i].distance);
	/* The place itself lies within every circle, but for "less than 0". */
	assert_true(finds(w, "near=0,0&near-distance=0", "0", "0"));
	assert_true(finds(w, "near=0,0&near-distance=ge0", "0", "0"));
	assert_false(finds(w, "near=0,0&near-distance=lt0", "0", "0"));
	/* Without a distance 5 km; a comma escaped; a colon; either order. */
	assert_true(finds(w, "near=0,0", "0", "0.0449"));
	assert_false(finds(w, "near=0,0", "0", "0.0450"));
	assert_true(finds(w, "near=0:0", "0", "0.0449"));
	assert_true(finds(w, "near=0%5C,0", "0", "0.0449"));
	assert_true(finds(w, "near-distance=112&near=0,0", "0", "1"));
}

static void
a_location_has_a_place_or_none(void **state)
{
	static const char *const none[] = {
		"{'resourceType':'Location','name':'x'}",
		"{'resourceType':'Location','position':{'latitude':91,"
		    "'longitude':0}}",
		"{'resourceType':'Location','position':{'latitude':0,"
		    "'longitude':-180.1}}",
		"{'resourceType':'Location','position':{'latitude':1}}",
		"{'resourceType':'Location','position':{'latitude':'1',"
		    "'longitude':2}}",
	};
	struct world *w = *state;
	struct query near = good(w->arena, "Location",
	    "near=0,0&near-distance=30000");
	struct query far = good(w->arena, "Location",
	    "near=0,0&near-distance=gt0");
	struct query missing = good(w->arena, "Location", "near:missing=true");
	size_t i;

	for (i = 0; i < N_ELEM(none); i++) {
		take(w, none[i]);
		assert_int_equal(w->is.n, i > 0);	/* and it is said */
		assert_false(found(&near, &w->values));
		assert_false(found(&far, &w->values));
		assert_true(found(&missing, &w->values));
	}
	assert_false(finds(w, "near:missing=true", "1", "2"));
	assert_true(finds(w, "near:missing=false", "1", "2"));
}

static void
goes_along_chains(void **state)
{
	struct arena *a = ((struct world *)*state)->arena;
	struct query q;

	q = good(a, "Encounter", "location.near=1,2&"
	    "location.near-distance=3&status=finished");
	assert_int_equal(q.n_must, 1);
	assert_int_equal(q.n_node, 1);
	assert_true(q.node->op == NODE_CHAIN);
	assert_non_null(q.node->kid->leaf.any->near);
	q = good(a, "Location", "_has:Encounter:location:"
	    "location.near=1,2&_has:Encounter:location:"
	    "location.near-distance=3");
	assert_int_equal(q.n_node, 1);
}

static void
says_what_is_wrong(void **state)
{
	static const struct refusal rows[] = {
		{ "Location", "near-distance=5", ERR_USAGE, "?near-distance",
		    "give near=LAT,LONG beside it" },
		{ "Encounter", "location.near-distance=5&near=1,2", ERR_USAGE,
		    "?location.near-distance", "give near=LAT,LONG" },
		{ "Location", "near-distance=5&near:missing=true", ERR_USAGE,
		    "?near-distance", "give near=LAT,LONG" },
		{ "Location", "near=1,2&near-distance=3&near-distance=4",
		    ERR_USAGE, "?near-distance", "given twice" },
		{ "Location", "near=1", ERR_VALUE, "?near", "LAT,LONG" },
		{ "Location", "near=1,2,3", ERR_VALUE, "?near", "LAT,LONG" },
		{ "Location", "near=1,2,3,4", ERR_VALUE, "?near", "one" },
		{ "Location", "near=", ERR_VALUE, "?near", "LAT,LONG" },
		{ "Location", "near=north,2", ERR_VALUE, "?near", "LAT,LONG" },
		{ "Location", "near=90.1,2", ERR_VALUE, "?near", "-90 to 90" },
		{ "Location", "near=-90.0000001,2", ERR_VALUE, "?near",
		    "-90 to 90" },
		{ "Location", "near=1,180.1", ERR_VALUE, "?near",
		    "-180 to 180" },
		{ "Location", "near=1e9000,2", ERR_VALUE, "?near",
		    "-90 to 90" },
		{ "Location", "near=1,2&near-distance=far", ERR_VALUE,
		    "?near-distance", "not a distance" },
		{ "Location", "near=1,2&near-distance=5|km", ERR_VALUE,
		    "?near-distance", "number|http://unitsofmeasure.org|" },
		{ "Location", "near=1,2&near-distance=5||", ERR_VALUE,
		    "?near-distance", "not a distance" },
		{ "Location", "near=1,2&near-distance=-5", ERR_VALUE,
		    "?near-distance", "not below 0" },
		{ "Location", "near=1,2&near-distance=xx5", ERR_VALUE,
		    "?near-distance", "unknown prefix" },
		{ "Location", "near=1,2&near-distance=5||kg", ERR_VALUE,
		    "?near-distance", "km, m, [mi_i]" },
		{ "Location", "near=1,2&near-distance=5|urn:x|km", ERR_VALUE,
		    "?near-distance", "UCUM" },
		{ "Location", "near=1,2&near-distance:missing=true", ERR_USAGE,
		    "?near-distance:missing", "none" },
		{ "Location", "near:not=1,2", ERR_USAGE, "?near:not",
		    ":missing" },
		{ "Location", "_sort=near", ERR_VALUE, "?_sort", "order" },
		{ "Location", "_filter=near eq \"1,2\"", ERR_USAGE,
		    "?_filter", "beside the _filter" },
		{ "Location", "_filter=near-distance pr true", ERR_USAGE,
		    "?_filter", "beside the _filter" },
		{ "Patient", "near=1,2", ERR_USAGE, "?near", "no search" },
	};

	refuses(((struct world *)*state)->arena, rows, N_ELEM(rows));
}

/* Of what is not known neither half is left in the links. */
static void
lenient_leaves_both_out(void **state)
{
	struct arena *a = ((struct world *)*state)->arena;
	struct query_limits lim = limits;
	struct issues is;
	struct query q;

	lim.lenient = true;
	assert_int_equal(parse_type(a, type_num("Patient"),
	    "near=1,2&near-distance=3&gender=male", &lim, &is, &q), OK);
	assert_int_equal(is.n, 2);
	assert_true(bytes_is(q.self, "gender=male"));
	assert_int_equal(parse_type(a, type_num("Location"),
	    "near=1,2&near-distance=x", &lim, &is, &q), ERR_VALUE);
}

static void
system_and_missing_see_the_element(void **state)
{
	static const struct {
		const char *search;
		bool found;
	} row[] = {
		{ "identifier=urn:s%7C", true },
		{ "identifier=urn:t%7C", false },
		{ "identifier:missing=false", true },
		{ "identifier=%7Cx", false }, { "identifier=x", false },
		{ "identifier:not=x", true },
		{ "identifier:not=urn:s%7C", false },
		{ "_filter=identifier ne x", false },
		{ "_filter=identifier ne \"urn:s|x\"", false },
		{ "_filter=identifier co x", false },
		{ "_filter=identifier pr true", true },
		{ "type:missing=false", true }, { "type:missing=true", false },
		{ "type:in=http://hl7.org/fhir/ValueSet/"
		    "v3-ServiceDeliveryLocationRoleType", false },
		{ "_filter=type ne x", false }, { "type:not=x", true },
		{ "status:missing=true", true },
	};
	struct world *w = *state;
	size_t i;

	take(w, "{'resourceType':'Location','identifier':[{'system':'urn:s'}],"
	    "'type':{'text':'a ward'}}");
	for (i = 0; i < N_ELEM(row); i++) {
		struct query q = good(w->arena, "Location", row[i].search);

		assert_int_equal(q.n_must + q.n_node, 1);
		if (found(&q, &w->values) != row[i].found)
			fail_msg("%s", row[i].search);
	}
}

#define W(fn)	cmocka_unit_test_setup_teardown(fn, open_world, close_world)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		W(tells_how_far_places_are),
		W(takes_units_and_prefixes),
		W(a_location_has_a_place_or_none),
		W(goes_along_chains),
		W(says_what_is_wrong),
		W(lenient_leaves_both_out),
		W(system_and_missing_see_the_element),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
