/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of searches: what is understood, what is refused and how it is
 * explained.  Cases are data: type, query, and what must come out.
 */
#include "tests/unit/fhir_query.h"

/* --- pairs ---------------------------------------------------------------- */

static void
pairs_are_decoded(void **state)
{
	struct issues	is = issues_on(*state);
	struct pair	*p;
	size_t		 n;

	assert_int_equal(query_pairs(*state,
	    bytes_str("a+b=c+d&&x%3d=%C3%A4&empty=&bare&e==&"), 10, &is, &p,
	    &n), OK);
	assert_int_equal(n, 5);
	assert_bytes(p[0].name, "a b");
	assert_bytes(p[0].value, "c d");
	assert_bytes(p[1].name, "x=");
	assert_bytes(p[1].value, "\xc3\xa4");
	assert_bytes(p[2].value, "");
	assert_bytes(p[3].name, "bare");
	assert_bytes(p[3].value, "");
	assert_bytes(p[4].value, "=");
	assert_int_equal(query_pairs(*state, bytes_str(""), 10, &is, &p, &n),
	    OK);
	assert_int_equal(n, 0);
}

static void
broken_encoding_is_refused(void **state)
{
	const struct refusal	cases[] = {
		{ "Patient", "name=%", ERR_SYNTAX, "?", "%25" },
		{ "Patient", "name=%4", ERR_SYNTAX, "?", "parameter 1" },
		{ "Patient", "gender=male&name=%zz", ERR_SYNTAX, "?",
		    "parameter 2" },
		{ "Patient", "name=a%00b", ERR_SYNTAX, "?", "NUL" },
		{ "Patient", "na%00me=a", ERR_SYNTAX, "?", "NUL" },
		{ "Patient", "name=%ff", ERR_SYNTAX, "?", "UTF-8" },
		{ "Patient", "name=%C0%AF", ERR_SYNTAX, "?", "UTF-8" },
		{ "Patient", "name=\xed\xa0\x80", ERR_SYNTAX, "?", "UTF-8" },
		{ "Patient", "=x", ERR_SYNTAX, "?", "no name" }
	};

	refuses(*state, cases, N_ELEM(cases));
}

/* SRC-21: too much of anything is refused before any work. */
static void
limits_hold(void **state)
{
	const struct base_urls	 urls = { 0 };
	struct buf		 b = buf_on(*state, 100000);
	struct issues		 is = issues_on(*state);
	struct bytes		 text;
	struct query		 q;
	struct pair		*p, one = { .name = bytes_str("code") };
	size_t			 n, i;

	for (i = 0; i < 101; i++)
		buf_str(&b, "name=a&");
	assert_int_equal(buf_end(&b, &text), OK);
	assert_int_equal(query_pairs(*state, text, 100, &is, &p, &n),
	    ERR_USAGE);
	assert_int_equal(query_pairs(*state, text, 101, &is, &p, &n), OK);
	assert_int_equal(query_parse(*state, type_num("Patient"), p, n, &urls,
	    (struct instant){ 0 }, &limits, &is, &q), ERR_USAGE);

	b = buf_on(*state, 100000);
	buf_str(&b, "0");
	for (i = 1; i < 1000; i++)
		buf_printf(&b, ",%zu", i);
	assert_int_equal(buf_end(&b, &one.value), OK);
	assert_int_equal(query_parse(*state, type_num("Observation"), &one, 1,
	    &urls, (struct instant){ 0 }, &limits, &is, &q), ERR_TOOBIG);
	assert_string_equal(is.last->place, "?code");
	assert_non_null(strstr(is.last->text, "200"));
}

/* --- references ----------------------------------------------------------- */

/* Q04: every spelling Argonaut names means the one patient. */
static void
patient_in_every_spelling(void **state)
{
	static const char *const	spellings[] = {
		"patient=p1", "patient=Patient/p1",
		"patient=https://h/fhir/Patient/p1",
		"patient=HTTPS://H:443/fhir/Patient/p1",
		"patient:Patient=p1", "patient._id=p1",
		"subject=Patient/p1", "subject:Patient=p1",
		"subject:Patient=Patient/p1",
		"subject:Patient=https%3A%2F%2Fh%2Ffhir%2FPatient%2Fp1",
		"subject:Patient._id=p1"
	};
	size_t	i;

	for (i = 0; i < N_ELEM(spellings); i++) {
		struct query	q = good(*state, "Observation", spellings[i]);

		assert_int_equal(q.n_must, 1);
		assert_int_equal(q.must->n_any, 1);
		assert_int_equal(q.must->any->v.kind, PK_REFERENCE);
		assert_int_equal(q.must->any->v.type, type_num("Patient"));
		assert_bytes(q.must->any->v.text, "p1");
	}
}

/* subject=[id] names no type: any that a subject may have. */
static void
bare_id_with_several_targets_is_open(void **state)
{
	struct query	q = good(*state, "Observation", "subject=p1");

	assert_int_equal(q.must->any->v.type, 0);
	assert_bytes(q.must->any->v.text, "p1");
	q = good(*state, "Observation", "subject._id=p1,p2");
	assert_int_equal(q.must->mod, MOD_ID);
	assert_int_equal(q.must->n_any, 2);
	assert_int_equal(q.must->any[1].v.type, 0);
}

/* "patient" means Patients, wherever a type has it. */
static void
patient_parameters_name_patients_alone(void **state)
{
	uint16_t	num;
	size_t		n = 0;

	(void)state;
	for (num = 1; num <= DEF_TYPES; num++) {
		const struct def_param	*p;
		struct typeset		 only = { { 0, 0 } };

		p = def_param(num, bytes_str("patient"));
		if (p == NULL)
			continue;
		typeset_add(&only, type_num("Patient"));
		if (memcmp(&p->targets, &only, sizeof(only)) != 0)
			fail_msg("%s", def_type_num(num)->name);
		n++;
	}
	assert_true(n > 30);
}

static void
foreign_reference_stays_a_url(void **state)
{
	struct query	q = good(*state, "Observation",
	    "subject=https://other/fhir/Patient/p1");

	assert_int_equal(q.must->any->v.type, 0);
	assert_bytes(q.must->any->v.text, "https://other/fhir/Patient/p1");
}

static void
wrong_references_are_refused(void **state)
{
	const struct refusal	cases[] = {
		{ "Observation", "patient=Device/1", ERR_VALUE, "?patient",
		    "one of: Patient" },
		{ "Observation", "subject:Patient=Group/1", ERR_VALUE,
		    "?subject:Patient", "one of: Patient" },
		{ "Observation", "subject:Encounter=1", ERR_USAGE,
		    "?subject:Encounter", "Patient" },
		{ "Observation", "subject:Pateint=1", ERR_USAGE, NULL,
		    ":[Type] (" },
		{ "Observation", "subject=Patient/1/_history/2", ERR_VALUE,
		    NULL, "Type/id" },
		{ "Observation", "subject=#p1", ERR_VALUE, NULL, "Type/id" },
		{ "Observation", "subject=a b", ERR_VALUE, NULL, "Type/id" },
		{ "Observation", "subject=Nothing/1", ERR_VALUE, NULL,
		    "Type/id" },
		{ "Observation", "subject._id=Patient/1", ERR_VALUE, NULL,
		    "without a type" },
		{ "Observation", "subject._id._id=1", ERR_USAGE, NULL,
		    "chained" },
		{ "Observation", "code._id=1", ERR_USAGE, NULL, "chained" },
		{ "Observation", "subject:missing._id=true", ERR_USAGE, NULL,
		    "chained" }
	};

	refuses(*state, cases, N_ELEM(cases));
}

/* --- empty, unknown, unsupported ------------------------------------------ */

/* SRC-15: an empty value never stands for everything. */
static void
empty_values_are_refused(void **state)
{
	const struct refusal	cases[] = {
		{ "Observation", "patient=", ERR_USAGE, "?patient", "empty" },
		{ "Observation", "patient", ERR_USAGE, "?patient", "empty" },
		{ "Observation", "subject=Patient/", ERR_VALUE, "?subject",
		    "Type/id" },
		{ "Observation", "subject=/", ERR_VALUE, NULL, "Type/id" },
		{ "Observation", "_id=", ERR_USAGE, "?_id", "empty" },
		{ "Observation", "code=a,,b", ERR_USAGE, "?code", "empty" },
		{ "Observation", "code=a,", ERR_USAGE, "?code", "empty" },
		{ "Observation", "code=,", ERR_USAGE, "?code", "empty" },
		{ "Observation", "code=%7C", ERR_VALUE, "?code", "system|" },
		{ "Patient", "name=+", ERR_VALUE, "?name", "spaces" },
		{ "Patient", "name:contains=%CC%81", ERR_VALUE, NULL,
		    "marks" },
		{ "Patient", "_count=", ERR_USAGE, "?_count", "empty" },
		{ "Patient", "_sort=", ERR_USAGE, "?_sort", "empty" },
		{ "Patient", "_format=", ERR_USAGE, "?_format", "empty" },
		{ "Patient", "_cursor=", ERR_USAGE, "?_cursor", "empty" },
		{ "Patient", "name:missing=", ERR_VALUE, NULL, "true or" }
	};

	refuses(*state, cases, N_ELEM(cases));
}

/* SRC-14: a misspelt parameter is an error, never a wider answer. */
static void
unknown_parameters_are_refused(void **state)
{
	const struct refusal	cases[] = {
		{ "Observation", "patinet=p1", ERR_USAGE, "?patinet",
		    "\"patient\"" },
		{ "Observation", "foo=1", ERR_USAGE, "?foo", "Observation" },
		{ "Observation", "_cuont=1", ERR_USAGE, NULL, "\"_count\"" },
		{ "Observation", "Patient=p1", ERR_USAGE, NULL,
		    "\"patient\"" },
		{ "Patient", "-private=p1", ERR_USAGE, NULL, "Patient" },
		/* nothing unclean is reflected */
		{ "Patient", "%3Cb%3E=1", ERR_USAGE, "?", "Patient" },
		/* TOK-10, TOK-11 */
		{ "Patient", "access_token=s3cret", ERR_USAGE, NULL,
		    "Authorization header" }
	};

	refuses(*state, cases, N_ELEM(cases));
}

/* Nothing of a value or an unknown name ever comes back. */
static void
values_are_never_repeated(void **state)
{
	static const char *const	texts[] = {
		"access_token=CANARY", "foo=CANARY", "birthdate=CANARY",
		"gender:CANARY,=x", "_count=CANARY", "_sort=CANARY",
		"_include=CANARY", "_id=CANARY_", "_pretty=CANARY",
		"careprovider=CANARY/1", "name=%C2%A0CANARY%", "CANARY%20=1",
		"organization:CANARY%0a=1", "name:missing=CANARY"
	};
	struct issues	is;
	struct query	q;
	size_t		i;

	for (i = 0; i < N_ELEM(texts); i++) {
		assert_int_not_equal(parse(*state, "Patient", texts[i], &is,
		    &q), OK);
		assert_null(strstr(is.first->text, "CANARY"));
		assert_null(strstr(is.first->place, "CANARY"));
	}
}

/* S19: every modifier where it means something, and nowhere else. */
/* S19: who misspells is told what there is, of what can be searched by. */
static void
names_there_are_are_told(void **state)
{
	const struct refusal	cases[] = {
		{ "Group", "xyzzy=1", ERR_USAGE, "?xyzzy",
		    "; there are _content, _id, " },
		{ "Group", "characteristc=1", ERR_USAGE, NULL,
		    "did you mean \"characteristic\"?" },
		{ "Observation", "code-value-x=1", ERR_USAGE, NULL,
		    "did you mean \"code-value-date\"?" },
		{ "Goal", "_sort=xyzzy", ERR_VALUE, "?_sort",
		    "; there are _id, _lastUpdated, " },
		{ "Goal", "_include=Goal:xyzzy", ERR_VALUE, "?_include",
		    "; there are patient, subject; write" }
	};

	refuses(*state, cases, N_ELEM(cases));
}

static void
wrong_modifiers_are_refused(void **state)
{
	const struct refusal	cases[] = {
		{ "Observation", "_query=x", ERR_USAGE, "?_query",
		    "no named query" },
		{ "Observation", "_summary=yes", ERR_VALUE, "?_summary",
		    "count" },
		{ "Observation", "_summary=", ERR_USAGE, NULL, "empty" },
		{ "Observation", "_summary:not=true", ERR_USAGE, NULL,
		    "modifier" },
		{ "Observation", "code:exact=x", ERR_USAGE, "?code:exact",
		    ":missing, :text, :not, :above, :below, :in, :not-in" },
		{ "Observation", "code:=x", ERR_USAGE, NULL, ":not" },
		{ "Observation", "_id:below=x", ERR_USAGE, NULL,
		    ": :missing, :not" },
		{ "Observation", "date:exact=2013", ERR_USAGE, NULL,
		    "\"date\": :missing" },
		{ "Observation", "code-value-quantity:missing=true",
		    ERR_USAGE, NULL, "none" },
		{ "Observation", "_text:exact=a", ERR_USAGE, NULL, "none" },
		{ "Patient", "name:not=x", ERR_USAGE, NULL,
		    ":exact, :contains, :text" },
		{ "Patient", "name:Patient=x", ERR_USAGE, NULL, ":contains" },
		{ "ValueSet", "url:exact=x", ERR_USAGE, NULL,
		    ":below, :above" },
		{ "ValueSet", "url:below=urn:oid:1.2", ERR_VALUE,
		    "?url:below", "URL" },
		{ "Patient", "_count:exact=1", ERR_USAGE, NULL, "modifier" },
		{ "Observation", "code-value-[x]=1", ERR_USAGE, NULL,
		    "no values" }
	};

	refuses(*state, cases, N_ELEM(cases));
}

/* S03 */
static void
value_sets_and_hierarchies(void **state)
{
	const struct refusal	cases[] = {
		{ "Observation", "status:in=http://h/nothing", ERR_VALUE,
		    "?status:in", "not carried" },
		{ "Observation", "status:in=", ERR_USAGE, NULL, "empty" },
		{ "Observation", "code:below=a", ERR_VALUE, NULL,
		    "system|code" },
		{ "Observation", "code:above=http://loinc.org|", ERR_VALUE,
		    NULL, "system|code" },
		{ "AllergyIntolerance", "status:below=nothing", ERR_VALUE,
		    NULL, "system|code" },
		{ "Observation", "code:below=http://h/nothing|a", ERR_VALUE,
		    NULL, "not known here" }
	};
	struct query	q;
	size_t		i;

	refuses(*state, cases, N_ELEM(cases));
	q = good(*state, "Observation", "status:in=observation-status");
	assert_non_null(q.must->set);
	assert_int_equal(q.must->mod, MOD_IN);
	q = good(*state, "Observation", "status:not-in="
	    "http://hl7.org/fhir/ValueSet/observation-status");
	assert_int_equal(q.must->mod, MOD_NOT_IN);
	/* what stands below stands in the list of codes */
	q = good(*state, "Observation",
	    "status:below=http://hl7.org/fhir/observation-status|final,"
	    "http://hl7.org/fhir/observation-status|cancelled");
	assert_int_equal(q.must->mod, MOD_NONE);
	assert_true(q.must->n_any >= 2);
	assert_bytes(q.must->any->v.text, "final");
	/* a plain code has no system in the rows, and needs none here */
	q = good(*state, "AllergyIntolerance", "status:below=active");
	assert_int_equal(q.must->n_any, 3);
	for (i = 0; i < q.must->n_any; i++)
		assert_true(q.must->any[i].v.no_system);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(pairs_are_decoded), T(broken_encoding_is_refused),
		T(limits_hold), T(patient_in_every_spelling),
		T(bare_id_with_several_targets_is_open),
		T(patient_parameters_name_patients_alone),
		T(foreign_reference_stays_a_url),
		T(wrong_references_are_refused), T(empty_values_are_refused),
		T(unknown_parameters_are_refused),
		T(values_are_never_repeated), T(names_there_are_are_told),
		T(wrong_modifiers_are_refused),
		T(value_sets_and_hierarchies)
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
