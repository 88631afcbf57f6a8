/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What _summary leaves of a resource, byte for byte (F04, R25; interop 30).
 */
#include "fhir/summary.h"

#include "tests/unit/unit.h"

#include "fhir/def.h"
#include "fhir/json.h"

#define TAG	"{\"system\":\"http://hl7.org/fhir/v3/ObservationValue\","    \
		"\"code\":\"SUBSETTED\"}"
#define META	"\"meta\":{\"versionId\":\"1\",\"tag\":[" TAG "]}"
#define STORED	"\"meta\":{\"versionId\":\"1\"}"

static void
check(const char *type, enum summary mode, const char *in, const char *want)
{
	struct arena	*a = arena_new(0);
	struct bytes	 got;

	got = summary_cut(a, def_type(bytes_str(type))->num, bytes_str(in),
	    mode);
	if (!bytes_eq(got, bytes_str(want)))
		fail_msg("got  %.*s\nwant %s", BYTES_FMT(got), want);
	arena_free(&a);
}

static const char	observation[] = "{\"resourceType\":\"Observation\","
    "\"id\":\"o1\"," STORED ",\"text\":{\"status\":\"generated\","
    "\"div\":\"<div>5.40</div>\"},\"contained\":[{\"resourceType\":"
    "\"Device\",\"id\":\"d\"}],\"extension\":[{\"url\":\"u\",\"valueCode\":"
    "\"x\"}],\"modifierExtension\":[{\"url\":\"m\",\"valueBoolean\":true}],"
    "\"status\":\"final\",\"_status\":{\"id\":\"s\"},\"code\":{\"extension\":"
    "[{\"url\":\"u\",\"valueCode\":\"y\"}],\"text\":\"we\\u0069ght}]\"},"
    "\"valueQuantity\":{\"value\":5.40,\"unit\":\"kg\"},\"comments\":"
    "\"none\"}";

static void
keeps_what_the_definition_marks(void **state)
{
	(void)state;
	check("Observation", SUMMARY_TRUE, observation,
	    "{\"resourceType\":\"Observation\",\"id\":\"o1\"," META ","
	    "\"modifierExtension\":[{\"url\":\"m\",\"valueBoolean\":true}],"
	    "\"status\":\"final\",\"_status\":{\"id\":\"s\"},\"code\":{"
	    "\"text\":\"we\\u0069ght}]\"},\"valueQuantity\":{\"value\":5.40,"
	    "\"unit\":\"kg\"}}");
}

static void
keeps_the_narrative_and_what_must_be(void **state)
{
	(void)state;
	check("Observation", SUMMARY_TEXT, observation,
	    "{\"resourceType\":\"Observation\",\"id\":\"o1\"," META ","
	    "\"text\":{\"status\":\"generated\",\"div\":\"<div>5.40</div>\"},"
	    "\"status\":\"final\",\"_status\":{\"id\":\"s\"},\"code\":{"
	    "\"extension\":[{\"url\":\"u\",\"valueCode\":\"y\"}],"
	    "\"text\":\"we\\u0069ght}]\"}}");
}

static void
leaves_out_the_narrative_alone(void **state)
{
	(void)state;
	check("Patient", SUMMARY_DATA, "{\"resourceType\":\"Patient\","
	    "\"id\":\"p\"," STORED ",\"text\":{\"status\":\"generated\","
	    "\"div\":\"<div>x</div>\"},\"maritalStatus\":{\"text\":\"M\"},"
	    "\"multipleBirthInteger\":2}",
	    "{\"resourceType\":\"Patient\",\"id\":\"p\"," META ","
	    "\"maritalStatus\":{\"text\":\"M\"},\"multipleBirthInteger\":2}");
}

static void
gives_all_of_it_for_false_and_count(void **state)
{
	(void)state;
	check("Observation", SUMMARY_FALSE, observation, observation);
	check("Observation", SUMMARY_COUNT, observation, observation);
}

/* Each level by its own flags; Patient.contact is in no summary. */
static void
cuts_inside_of_backbone_elements(void **state)
{
	(void)state;
	check("Patient", SUMMARY_TRUE, "{\"resourceType\":\"Patient\"," STORED
	    ",\"contact\":[{\"gender\":\"male\"}],\"animal\":{\"extension\":"
	    "[{\"url\":\"u\",\"valueCode\":\"x\"}],\"species\":{\"coding\":"
	    "[{\"code\":\"a\",\"extension\":[{\"url\":\"u\",\"valueCode\":"
	    "\"x\"}]},{\"display\":\"b\"}],\"id\":\"i\"}}}",
	    "{\"resourceType\":\"Patient\"," META ",\"animal\":{\"species\":{"
	    "\"coding\":[{\"code\":\"a\"},{\"display\":\"b\"}]}}}");
}

/* FHIR knows no empty object. */
static void
leaves_no_object_empty(void **state)
{
	(void)state;
	check("Patient", SUMMARY_TRUE, "{\"resourceType\":\"Patient\"," STORED
	    ",\"name\":[{\"extension\":[{\"url\":\"u\",\"valueCode\":\"x\"}]},"
	    "{\"family\":[\"A\",\"B\"],\"_family\":[null,{\"id\":\"f\"}]}]}",
	    "{\"resourceType\":\"Patient\"," META ",\"name\":[{\"extension\":["
	    "{\"url\":\"u\",\"valueCode\":\"x\"}]},{\"family\":[\"A\",\"B\"],"
	    "\"_family\":[null,{\"id\":\"f\"}]}]}");
}

static void
adds_the_tag_to_those_there_are(void **state)
{
	(void)state;
	check("Patient", SUMMARY_TRUE, "{\"resourceType\":\"Patient\",\"meta\":"
	    "{\"tag\":[{\"code\":\"x\"}],\"versionId\":\"2\"},\"active\":true}",
	    "{\"resourceType\":\"Patient\",\"meta\":{\"tag\":[{\"code\":\"x\"},"
	    TAG "],\"versionId\":\"2\"},\"active\":true}");
	check("Patient", SUMMARY_TRUE, "{\"resourceType\":\"Patient\"," META
	    ",\"active\":true}", "{\"resourceType\":\"Patient\"," META
	    ",\"active\":true}");
}

static void
reads_names_that_are_written_with_escapes(void **state)
{
	(void)state;
	check("Patient", SUMMARY_TRUE, "{\"resourceType\":\"Patient\"," STORED
	    ",\"g\\u0065nder\":\"male\",\"photo\\u0000\":[{\"title\":\"x\"}],"
	    "\"t\\u0065xt\":{\"status\":\"empty\"}}",
	    "{\"resourceType\":\"Patient\"," META
	    ",\"g\\u0065nder\":\"male\"}");
}

/* Elements of the wrong form and of no definition break nothing. */
static void
stands_what_fits_no_definition(void **state)
{
	(void)state;
	check("Patient", SUMMARY_TRUE, "{\"resourceType\":\"Patient\"," STORED
	    ",\"name\":\"Ella\",\"identifier\":[\"a\",{\"value\":\"b\"}],"
	    "\"telecom\":[[{\"value\":\"c\"}]],\"birthDate\":{\"x\":1},"
	    "\"odd\":[{}],\"_\":1}",
	    "{\"resourceType\":\"Patient\"," META ",\"name\":\"Ella\","
	    "\"identifier\":[\"a\",{\"value\":\"b\"}],\"telecom\":[[{"
	    "\"value\":\"c\"}]],\"birthDate\":{\"x\":1}}");
	check("Patient", SUMMARY_TRUE,
	    "{\"resourceType\":\"Patient\",\"meta\":{\"tag\":\"x\"}}",
	    "{\"resourceType\":\"Patient\",\"meta\":{\"tag\":\"x\"}}");
}

/* Beyond the bound a value stands whole; nothing overflows. */
static void
bounds_its_depth(void **state)
{
	struct arena	*a = arena_new(0);
	struct buf	 b = buf_on(a, 1 << 20);
	struct bytes	 text, got;
	size_t		 i, n = 400;

	(void)state;
	buf_str(&b, "{\"resourceType\":\"Questionnaire\"," STORED
	    ",\"status\":\"draft\",\"group\":");
	for (i = 0; i < n; i++)
		buf_str(&b, "{\"title\":\"t\",\"group\":[");
	buf_str(&b, "{\"title\":\"t\"}");
	for (i = 0; i < n; i++)
		buf_str(&b, "]}");
	buf_str(&b, "}");
	assert_int_equal(buf_end(&b, &text), OK);
	got = summary_cut(a, def_type(bytes_str("Questionnaire"))->num, text,
	    SUMMARY_TRUE);
	assert_true(got.len <= text.len + 100);
	assert_int_equal(got.p[got.len - 1], '}');
	arena_free(&a);
}

static void
knows_five_words(void **state)
{
	static const char *const bad[] = { "", "True", "tru", "truee", "1" };
	enum summary	s;
	size_t		i;

	(void)state;
	assert_int_equal(summary_parse(bytes_str("data"), &s), OK);
	assert_int_equal(s, SUMMARY_DATA);
	for (i = 0; i < N_ELEM(bad); i++)
		assert_int_equal(summary_parse(bytes_str(bad[i]), &s),
		    ERR_VALUE);
}

int
main(void)
{
#define T(f)	cmocka_unit_test(f)
	const struct CMUnitTest tests[] = {
		T(keeps_what_the_definition_marks),
		T(keeps_the_narrative_and_what_must_be),
		T(leaves_out_the_narrative_alone),
		T(gives_all_of_it_for_false_and_count),
		T(cuts_inside_of_backbone_elements),
		T(leaves_no_object_empty),
		T(adds_the_tag_to_those_there_are),
		T(reads_names_that_are_written_with_escapes),
		T(stands_what_fits_no_definition),
		T(bounds_its_depth),
		T(knows_five_words),
	};
#undef T

	return cmocka_run_group_tests_name("fhir_summary", tests, NULL, NULL);
}
