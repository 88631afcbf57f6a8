/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owners: each rule of owner.tbl, and what makes a resource unowned.
 */
#include "base/buf.h"
#include "fhir/extract.h"
#include "fhir/json.h"
#include "tests/unit/unit.h"

static const struct json_limits limits = {
	.bytes = 1 << 20, .depth = 64, .tokens = 200000
};

static int
open_arena(void **state)
{
	*state = arena_new(0);
	return 0;
}

static int
close_arena(void **state)
{
	arena_free((struct arena **)state);
	return 0;
}

/* text with ' for " */
static struct owners
own(struct arena *a, const char *text)
{
	struct base_urls urls = { .base = bytes_str("https://h/fhir") };
	struct extract x = { .urls = &urls };
	char *copy = arena_str(a, bytes_str(text)), *p;
	struct issues is = issues_on(a);
	struct json_doc doc;
	struct owners o;

	for (p = copy; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	if (json_doc(a, bytes_str(copy), bytes_of(NULL, 0), &limits, &is,
	    &doc) != OK)
		fail_msg("refused: %s", text);
	assert_int_equal(extract_owners(a, &x, doc.type, doc.id, doc.tree,
	    &o), OK);
	return o;
}

/* Kind and members: "one a", "many a b", "shared", "unowned". */
static void
assert_owned(struct arena *a, const char *text, const char *expect)
{
	static const char *const kinds[] = {
		[OWNER_ONE] = "one", [OWNER_MANY] = "many",
		[OWNER_SHARED] = "shared", [OWNER_UNOWNED] = "unowned"
	};
	struct owners o = own(a, text);
	const char *got = kinds[o.kind];
	size_t i;

	for (i = 0; i < o.n; i++)
		got = arena_printf(a, "%s %.*s", got, BYTES_FMT(o.id[i]));
	if (strcmp(got, expect) != 0)
		fail_msg("%s: %s, not %s", text, got, expect);
}

static void
a_patient_owns_itself(void **state)
{
	assert_owned(*state, "{'resourceType':'Patient','id':'a',"
	    "'link':[{'other':{'reference':'Patient/b'}}]}", "one a");
}

/* CMP-17, CMP-26 */
static void
the_subject_decides(void **state)
{
#define OBS(rest)	"{'resourceType':'Observation'," rest "}"
#define SUBJECT(s)	"'subject':{'reference':'" s "'}"
#define PERFORMER(s)	"'performer':[{'reference':'" s "'}]"
	assert_owned(*state, OBS(SUBJECT("Patient/a")), "one a");
	assert_owned(*state, OBS(SUBJECT("Patient/b") ","
	    PERFORMER("Patient/a")), "one b");
	assert_owned(*state, OBS(SUBJECT("HTTPS://H:443/fhir/Patient/a")),
	    "one a");
	assert_owned(*state, OBS(SUBJECT("Patient/a/_history/3")), "one a");
}

static void
performers_count_where_no_subject_is(void **state)
{
	assert_owned(*state, OBS(PERFORMER("Patient/a")), "one a");
	assert_owned(*state, OBS("'performer':[{'reference':'Patient/b'},"
	    "{'reference':'Practitioner/p'},{'reference':'Patient/a'},"
	    "{'reference':'Patient/b'}]"), "many a b");
	assert_owned(*state, OBS(PERFORMER("Practitioner/p")), "unowned");
	assert_owned(*state, OBS("'status':'final'"), "unowned");
}

/* Never shared, never the performer's. */
static void
an_unclear_subject_is_unowned(void **state)
{
	static const char *const subjects[] = {
		"{'reference':'Group/g'}", "{'reference':'#p'}",
		"{'reference':'Device/d'}", "{'reference':'Location/l'}",
		"{'reference':'https://other/fhir/Patient/a'}",
		"{'reference':'urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7'}",
		"{'reference':'patient/a'}", "{'reference':'a b'}",
		"{'reference':7}", "{'reference':['Patient/a']}",
		"{'display':'Bob'}", "'Patient/a/b'", "7", "true",
		"[{'reference':'Patient/a'},{'reference':'Group/g'}]",
		"[{'reference':'Patient/a'},{'display':'Bob'}]"
	};
	size_t i;

	for (i = 0; i < N_ELEM(subjects); i++)
		assert_owned(*state, arena_printf(*state, "{'resourceType':"
		    "'Observation','subject':%s,"
		    "'performer':[{'reference':'Patient/a'}],'contained':[{"
		    "'resourceType':'Patient','id':'p'}]}", subjects[i]),
		    "unowned");
}

static void
an_unclear_performer_is_unowned(void **state)
{
	static const char *const performers[] = {
		"{'reference':'Group/g'}", "{'reference':'#p'}",
		"{'reference':'#gone'}",
		"{'reference':'https://other/fhir/Patient/b'}",
		"{'reference':'https://other/fhir/Patient/b/_history/1'}",
		"{'reference':'https://other/x'}", "{'reference':'x'}"
	};
	static const char *const harmless[] = {
		"{'reference':'Practitioner/g'}", "{'reference':'#d'}",
		"{'reference':'https://other/fhir/Practitioner/b'}",
		"{'reference':'https://other/fhir/Practitioner/b/_history/2'}",
		"{'display':'Dr X'}"
	};
	size_t i;

	for (i = 0; i < N_ELEM(performers); i++)
		assert_owned(*state, arena_printf(*state,
		    "{'resourceType':'Observation','performer':["
		    "{'reference':'Patient/a'},%s],'contained':["
		    "{'resourceType':'Patient','id':'p'}]}",
		    performers[i]), "unowned");
	for (i = 0; i < N_ELEM(harmless); i++)
		assert_owned(*state, arena_printf(*state,
		    "{'resourceType':'Observation','performer':["
		    "{'reference':'Patient/a'},%s],'contained':["
		    "{'resourceType':'Practitioner','id':'d'}]}",
		    harmless[i]), "one a");
}

/* CMP-18 */
static void
everybody_named_owns(void **state)
{
#define APP(actors)	"{'resourceType':'Appointment','participant':[" \
    actors "]}"
#define ACTOR(r)	"{'actor':{'reference':'" r "'}}"
	assert_owned(*state, APP(ACTOR("Patient/a") "," ACTOR(
	    "Practitioner/p")), "one a");
	assert_owned(*state, APP(ACTOR("Patient/b") "," ACTOR("Patient/a")),
	    "many a b");
	assert_owned(*state, APP(ACTOR("Patient/a") ","
	    ACTOR("https://other/fhir/Patient/b")), "unowned");
	assert_owned(*state, APP(ACTOR("Practitioner/p")), "unowned");
	assert_owned(*state, "{'resourceType':'List','subject':{'reference':"
	    "'Patient/a'},'entry':[{'item':{'reference':'Patient/b'}},"
	    "{'item':{'reference':'Condition/c'}}]}", "many a b");
}

static void
targets_are_passed_on(void **state)
{
	struct owners o = own(*state, "{'resourceType':'Provenance','target':"
	    "[{'reference':'Observation/2'},{'reference':'Observation/1'},"
	    "{'reference':'https://h/fhir/Observation/2/_history/1'}]}");

	assert_int_equal(o.kind, OWNER_UNOWNED);
	assert_int_equal(o.n, 0);
	assert_int_equal(o.n_target, 2);
	assert_string_equal(def_type_num(o.target[0].type)->name,
	    "Observation");
	assert_bytes(o.target[0].id, "1");
	assert_bytes(o.target[1].id, "2");
}

/* A target elsewhere may be anybody's. */
static void
foreign_targets_close(void **state)
{
	struct owners o = own(*state, "{'resourceType':'Provenance','target':"
	    "[{'reference':'Observation/1'},"
	    "{'reference':'https://other/fhir/Observation/2'}]}");

	assert_int_equal(o.n_target, 0);
	o = own(*state, "{'resourceType':'Provenance','target':"
	    "[{'reference':'Observation/1'},{'reference':'#x'}]}");
	assert_int_equal(o.n_target, 0);
	assert_int_equal(o.kind, OWNER_UNOWNED);
}

static void
shared_none_and_referrer(void **state)
{
	assert_owned(*state, "{'resourceType':'Practitioner'}", "shared");
	assert_owned(*state, "{'resourceType':'Parameters','parameter':[{"
	    "'name':'x','valueReference':{'reference':'Patient/a'}}]}",
	    "unowned");
	assert_owned(*state, "{'resourceType':'Binary',"
	    "'contentType':'text/plain','content':'aGk='}", "unowned");
}

/* Only url elements of this server name a Binary; deep ones, too. */
static void
binaries_are_found_by_url(void **state)
{
	static const char *const expect[] = { "1", "2", "3", "4", "5" };
	struct owners o = own(*state, "{'resourceType':'DocumentReference',"
	    "'subject':{'reference':'Patient/a'},"
	    "'text':{'status':'generated','div':'see Binary/90'},"
	    "'description':'Binary/91',"
	    "'identifier':[{'system':'Binary/5','value':'Binary/92'}],"
	    "'content':[{'attachment':{'url':'Binary/2','title':'Binary/93'}},"
	    "{'attachment':{'url':'https://H/fhir/Binary/1'}},"
	    "{'attachment':{'url':'https://other/fhir/Binary/94'}},"
	    "{'attachment':{'url':'Binary/2/_history/1'}},"
	    "{'attachment':{'url':'Binary/95?x=1'}}],"
	    "'extension':[{'url':'urn:x','extension':[{'url':'urn:y',"
	    "'valueUri':'Binary/3'}]}],"
	    "'_description':{'extension':[{'url':'urn:x',"
	    "'valueAttachment':{'url':'Binary/4'}}]}}");
	size_t i;

	assert_int_equal(o.kind, OWNER_ONE);
	assert_int_equal(o.n_binary, N_ELEM(expect));
	for (i = 0; i < N_ELEM(expect); i++)
		assert_bytes(o.binary[i].id, expect[i]);
}

static void
binaries_of_contained_resources_count(void **state)
{
	struct owners o = own(*state, "{'resourceType':'DiagnosticReport',"
	    "'contained':[{'resourceType':'Media','id':'m','content':{"
	    "'url':'Binary/1'}},{'id':'x','content':{'url':'Binary/9'}}],"
	    "'presentedForm':[{'url':'Binary/2'}],"
	    "'image':[{'link':{'reference':'#m'}}]}");

	assert_int_equal(o.n_binary, 2);
	assert_bytes(o.binary[0].id, "1");
	assert_bytes(o.binary[1].id, "2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f)	cmocka_unit_test_setup_teardown(f, open_arena, close_arena)
		T(a_patient_owns_itself),
		T(the_subject_decides),
		T(performers_count_where_no_subject_is),
		T(an_unclear_subject_is_unowned),
		T(an_unclear_performer_is_unowned),
		T(everybody_named_owns),
		T(targets_are_passed_on),
		T(foreign_targets_close),
		T(shared_none_and_referrer),
		T(binaries_are_found_by_url),
		T(binaries_of_contained_resources_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
