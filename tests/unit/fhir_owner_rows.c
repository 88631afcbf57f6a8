/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every row of owner.tbl, argued: a resource that tells the row from a wrong
 * one, whose it must be, and what would leak if it were otherwise.
 *
 * In the texts 'x' stands for "x", and @p for a reference: @a and @b are
 * Patients, @d a Practitioner, @v a Device, @g a Group, @o an Observation,
 * @q an Order.  Owners: "a", "a b", "-" unowned, "*" shared, "> ..." decided
 * by the owners of these.
 */
#include <stdio.h>

#include "base/attr.h"
#include "fhir/extract.h"
#include "tests/unit/unit.h"

static const struct row {
	const char	*type, *text, *owners, *why;
} rows[] = {
	{ "Account", "{'subject':@a,'owner':@d}", "a",
	    "an account is of whom it bills" },
	{ "Account", "{'subject':@d}", "-",
	    "a practitioner's own account is no patient's" },
	{ "AllergyIntolerance", "{'patient':@b,'recorder':@a,'reporter':@a}",
	    "b", "a mother who reports does not read her grown child's" },
	{ "AllergyIntolerance", "{'recorder':@a}", "-",
	    "patient must be there: a recorder is no stand-in" },
	{ "Appointment", "{'participant':[{'actor':@a},{'actor':@d}]}", "a",
	    "doctors are no owners" },
	{ "Appointment", "{'participant':[{'actor':@a},{'actor':@b}]}",
	    "a b", "a couple's appointment shows to who may see both" },
	{ "AppointmentResponse", "{'actor':@a}", "a",
	    "the patient's own answer" },
	{ "AppointmentResponse", "{'actor':@d}", "-",
	    "a doctor's answer may be about anybody" },
	{ "AuditEvent", "{'object':[{'reference':@o}],"
	    "'participant':[{'reference':@a}]}", "> Observation/o",
	    "who looked at b's record is b's affair, not the looker's" },
	{ "Basic", "{'subject':@b,'author':@a}", "b",
	    "the subject goes before the author" },
	{ "Basic", "{'author':@a}", "a", "a note without subject" },
	{ "Binary", "{'contentType':'text/plain'}", "-",
	    "bytes say nothing: the store asks who names them" },
	{ "BodySite", "{'patient':@a}", "a", "a place on one body" },
	{ "Bundle", "{'entry':[{'resource':{'resourceType':'Patient',"
	    "'id':'a'}}]}", "-", "a bag may hold others as well" },
	{ "CarePlan", "{'subject':@b,'participant':[{'member':@a}]}", "b",
	    "a helper of b is not let into b's plan" },
	{ "CarePlan", "{'subject':@g,'participant':[{'member':@a}]}", "-",
	    "a plan for a group is of people we do not know" },
	{ "Claim", "{'patient':@b,'payee':{'person':@a}}", "b",
	    "who is paid does not see what was treated" },
	{ "ClaimResponse", "{'request':@o}", "-", "in no compartment" },
	{ "ClinicalImpression", "{'patient':@b,'assessor':@d}", "b",
	    "of whom it judges" },
	{ "Communication", "{'subject':@b,'sender':@a}", "a b",
	    "a letter about b, from a, shows to who may see both" },
	{ "Communication", "{'sender':@a,'recipient':[@d]}", "a",
	    "a patient's letter to the doctor" },
	{ "Communication", "{'subject':@a,'recipient':[@g]}", "-",
	    "a group may hold anybody" },
	{ "CommunicationRequest", "{'requester':@a,'subject':@b}", "a b",
	    "as Communication" },
	{ "Composition", "{'subject':@b,'author':[@a],"
	    "'attester':[{'party':@a}]}", "b",
	    "who wrote or signed it is no owner" },
	{ "ConceptMap", "{'name':'x'}", "*", "terminology" },
	{ "Condition", "{'patient':@b,'asserter':@a}", "b",
	    "an asserter only tells of it" },
	{ "Conformance", "{'name':'x'}", "*", "describes a server" },
	{ "Contract", "{'subject':[@a]}", "-",
	    "parties stand at any depth of its terms" },
	{ "Coverage", "{'subscriber':@a}", "-",
	    "who pays is not always who is covered" },
	{ "DataElement", "{'name':'x'}", "*", "definition" },
	{ "DetectedIssue", "{'patient':@a,'implicated':[@o]}", "a",
	    "of the patient at risk" },
	{ "Device", "{'patient':@a}", "a", "an implant" },
	{ "Device", "{'udi':'x'}", "-",
	    "stock is no patient's, and never shared" },
	{ "DeviceComponent", "{'source':@v}", "> Device/v",
	    "a part is of whom the device is" },
	{ "DeviceMetric", "{'source':@v}", "> Device/v",
	    "a measure is of whom the device is" },
	{ "DeviceUseRequest", "{'subject':@a,'device':@v}", "a",
	    "the patient, not the device" },
	{ "DeviceUseStatement", "{'subject':@a,'device':@v}", "a",
	    "the patient, not the device" },
	{ "DiagnosticOrder", "{'subject':@a,'orderer':@d}", "a",
	    "of whom is examined" },
	{ "DiagnosticOrder", "{'subject':@v}", "-",
	    "a test of a device is no patient's" },
	{ "DiagnosticReport", "{'subject':@b,'performer':@d}", "b",
	    "of whom was examined" },
	{ "DocumentManifest", "{'subject':@b,'recipient':[@a]}", "b",
	    "who gets b's papers does not own them" },
	{ "DocumentManifest", "{'author':[@a],'recipient':[@d]}", "a",
	    "without subject the compartment's other paths" },
	{ "DocumentReference", "{'subject':@b,'author':[@a]}", "b",
	    "a writes about b: it is b's" },
	{ "DocumentReference", "{'author':[@a,@d]}", "a",
	    "a's own paper" },
	{ "EligibilityRequest", "{'provider':@d}", "-", "no patient in it" },
	{ "EligibilityResponse", "{'request':@o}", "-", "no patient in it" },
	{ "Encounter", "{'patient':@b,'participant':[{'individual':@d}]}",
	    "b", "participants are no owners" },
	{ "Encounter", "{'status':'planned'}", "-",
	    "a visit of nobody is hidden" },
	{ "EnrollmentRequest", "{'subject':@a}", "a", "who is enrolled" },
	{ "EnrollmentResponse", "{'request':@o}", "-", "no patient in it" },
	{ "EpisodeOfCare", "{'patient':@a,'careManager':@d}", "a",
	    "who is cared for" },
	{ "ExplanationOfBenefit", "{'request':@o}", "-",
	    "no patient in it" },
	{ "FamilyMemberHistory", "{'patient':@a,'name':'Mother'}", "a",
	    "the patient's story, even where it is the mother's" },
	{ "Flag", "{'subject':@b,'author':@a}", "b",
	    "who warns is not who is warned of" },
	{ "Flag", "{'subject':@d}", "-", "a flag on a practitioner" },
	{ "Goal", "{'subject':@b,'author':@a}", "b",
	    "who wishes is not whose goal it is" },
	{ "Goal", "{'author':@a}", "-",
	    "author is not in the compartment" },
	{ "Group", "{'member':[{'entity':@a},{'entity':@b}]}", "a b",
	    "a member does not see the other members" },
	{ "Group", "{'member':[{'entity':@v}]}", "-",
	    "a group of devices is no patient's" },
	{ "HealthcareService", "{'location':@d}", "*", "directory" },
	{ "ImagingObjectSelection", "{'patient':@b,'author':@a}", "b",
	    "of whom is in the picture" },
	{ "ImagingStudy", "{'patient':@a}", "a",
	    "of whom is in the picture" },
	{ "Immunization", "{'patient':@a,'performer':@d}", "a",
	    "of whom was vaccinated" },
	{ "ImmunizationRecommendation", "{'patient':@a}", "a",
	    "of whom it is meant for" },
	{ "ImplementationGuide", "{'name':'x'}", "*", "definition" },
	{ "List", "{'subject':@a,'entry':[{'item':@b}]}", "a b",
	    "a list of patients shows to who may see all" },
	{ "List", "{'subject':@a,'source':@d,'entry':[{'item':@o}]}", "a",
	    "a patient's own list" },
	{ "Location", "{'name':'x'}", "*", "directory" },
	{ "Media", "{'subject':@a,'operator':@d}", "a",
	    "of whom is in the picture" },
	{ "Media", "{'subject':@v}", "-", "a picture of a device" },
	{ "Medication", "{'manufacturer':@d}", "*", "formulary" },
	{ "MedicationAdministration", "{'patient':@b,'practitioner':@a}",
	    "b", "who gives it is not who takes it" },
	{ "MedicationDispense", "{'patient':@b,'receiver':[@a]}", "b",
	    "who fetches it is not who takes it" },
	{ "MedicationDispense", "{'receiver':[@a]}", "-",
	    "receiver is not in the compartment" },
	{ "MedicationOrder", "{'patient':@a,'prescriber':@d}", "a",
	    "who takes it" },
	{ "MedicationStatement", "{'patient':@b,'informationSource':@a}",
	    "b", "who tells of it is not who takes it" },
	{ "MessageHeader", "{'data':[@a]}", "-", "traffic" },
	{ "NamingSystem", "{'name':'x'}", "*", "definition" },
	{ "NutritionOrder", "{'patient':@a}", "a", "who is fed" },
	{ "Observation", "{'subject':@b,'performer':[@a]}", "b",
	    "CMP-17: the subject decides" },
	{ "Observation", "{'performer':[@a]}", "a",
	    "self-measured, without subject" },
	{ "Observation", "{'subject':@g,'performer':[@a]}", "-",
	    "a group is somebody, though we do not know whom" },
	{ "OperationDefinition", "{'name':'x'}", "*", "definition" },
	{ "OperationOutcome", "{'issue':[]}", "-",
	    "may speak of anybody's request" },
	{ "Order", "{'subject':@a,'source':@d}", "a", "who it is for" },
	{ "OrderResponse", "{'request':@q,'who':@d}", "> Order/q",
	    "of whom the order is" },
	{ "Organization", "{'name':'x'}", "*", "directory" },
	{ "Parameters", "{'parameter':[{'valueReference':@a}]}", "-",
	    "a bag may hold others as well" },
	{ "Patient", "{'link':[{'other':@b}]}", "self",
	    "Patient.link widens no view" },
	{ "PaymentNotice", "{'request':@o}", "-", "no patient in it" },
	{ "PaymentReconciliation", "{'detail':[{'submitter':@d}]}", "-",
	    "sums up many patients' claims" },
	{ "Person", "{'link':[{'target':@a},{'target':@d}]}", "a",
	    "one human, once as a patient" },
	{ "Person", "{'link':[{'target':@a},{'target':@b}]}", "a b",
	    "who may see one of the records learns nothing of the other" },
	{ "Practitioner", "{'name':{}}", "*", "directory" },
	{ "Procedure", "{'subject':@b,'performer':[{'actor':@a}]}", "b",
	    "who does it is not to whom it is done" },
	{ "ProcedureRequest", "{'subject':@b,'orderer':@a}", "b",
	    "who asks is not to whom it is done" },
	{ "ProcessRequest", "{'provider':@d}", "-", "no patient in it" },
	{ "ProcessResponse", "{'request':@o}", "-", "no patient in it" },
	{ "Provenance", "{'target':[@o,@a],'agent':[{'actor':@b}]}",
	    "> Observation/o Patient/a",
	    "the story of what it points to, not of who told it" },
	{ "Questionnaire", "{'status':'draft'}", "*", "a blank form" },
	{ "QuestionnaireResponse", "{'subject':@b,'author':@a}", "b",
	    "who fills in is not who is asked about" },
	{ "QuestionnaireResponse", "{'author':@a}", "a",
	    "a's own answers" },
	{ "ReferralRequest", "{'patient':@b,'requester':@a}", "b",
	    "who asks is not who is sent" },
	{ "ReferralRequest", "{'requester':@a}", "a",
	    "without patient the compartment's other path" },
	{ "RelatedPerson", "{'patient':@a,'name':{}}", "a",
	    "known only through the patient" },
	{ "RiskAssessment", "{'subject':@a}", "a", "who is at risk" },
	{ "RiskAssessment", "{'subject':@g}", "-", "a risk of a group" },
	{ "Schedule", "{'actor':@a}", "a", "a patient's own calendar" },
	{ "Schedule", "{'actor':@d}", "-",
	    "a doctor's calendar speaks of other patients" },
	{ "SearchParameter", "{'name':'x'}", "*", "definition" },
	{ "Slot", "{'schedule':@o}", "-",
	    "free and busy tell when others come" },
	{ "Specimen", "{'subject':@a}", "a", "whom it was taken from" },
	{ "Specimen", "{'subject':@v}", "-", "a swab of a device" },
	{ "StructureDefinition", "{'name':'x'}", "*", "definition" },
	{ "Subscription", "{'criteria':'Observation?patient=a'}", "-",
	    "its criteria may name anybody" },
	{ "Substance", "{'code':{}}", "*", "formulary" },
	{ "SupplyDelivery", "{'patient':@a,'receiver':[@d]}", "a",
	    "who is supplied" },
	{ "SupplyRequest", "{'patient':@b,'source':@a}", "b",
	    "who asks is not who is supplied" },
	{ "TestScript", "{'fixture':[{'resource':@a}]}", "-",
	    "fixtures may hold anybody's" },
	{ "ValueSet", "{'name':'x'}", "*", "terminology" },
	{ "VisionPrescription", "{'patient':@a,'prescriber':@d}", "a",
	    "who shall see" },
};

/* 'x' to "x", @p to a reference. */
static json_t *
tree_of(const char *text)
{
	static const char *const names[] = { "Patient/a", "Patient/b",
	    "Practitioner/d", "Device/v", "Group/g", "Observation/o",
	    "Order/q" };
	char	json[512];
	size_t	n = 0;
	json_t	*tree;

	for (; *text != '\0'; text++) {
		const char	*p = *text == '\'' ? "\"" : NULL;
		char		 ref[64];

		for (size_t i = 0; *text == '@' && i < N_ELEM(names); i++)
			if (names[i][strlen(names[i]) - 1] == text[1]) {
				snprintf(ref, sizeof(ref),
				    "{\"reference\":\"%s\"}", names[i]);
				p = ref;
			}
		text += *text == '@';
		if (p == NULL)
			json[n++] = *text;
		else
			n += (size_t)snprintf(json + n, sizeof(json) - n,
			    "%s", p);
		assert_true(n < sizeof(json) - 64);
	}
	tree = json_loadb(json, n, 0, NULL);
	assert_non_null(tree);
	return tree;
}

/* The owners, in the words of the rows. */
static void
spell(const struct owners *o, char *out, size_t size)
{
	size_t	n = 0;

	out[0] = '\0';
	if (o->n_target > 0)
		n += (size_t)snprintf(out, size, ">");
	else if (o->kind == OWNER_SHARED)
		snprintf(out, size, "*");
	else if (o->kind == OWNER_UNOWNED)
		snprintf(out, size, "-");
	for (size_t i = 0; i < o->n_target; i++)
		n += (size_t)snprintf(out + n, size - n, " %s/%.*s",
		    def_type_num(o->target[i].type)->name,
		    BYTES_FMT(o->target[i].id));
	if (o->kind != OWNER_ONE && o->kind != OWNER_MANY)
		return;
	for (size_t i = 0; i < o->n; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%.*s",
		    i == 0 ? "" : " ", BYTES_FMT(o->id[i]));
}

static void
every_row_gives_the_owner_it_should(void **state)
{
	static const struct base_urls	urls = { .base = { NULL, 0 } };
	const struct extract		x = { .urls = &urls };
	struct arena			*a = arena_new(0);
	size_t				 wrong = 0;

	(void)state;
	for (size_t i = 0; i < N_ELEM(rows); i++) {
		const struct def_type	*t = def_type(bytes_str(rows[i].type));
		json_t			*tree = tree_of(rows[i].text);
		struct owners		 o;
		char			 got[256];

		assert_non_null(t);
		assert_int_equal(extract_owners(a, &x, t->num,
		    bytes_str("self"), tree, &o), OK);
		spell(&o, got, sizeof(got));
		if (strcmp(got, rows[i].owners) != 0) {
			print_error("%s %s: %s, not %s: %s\n", rows[i].type,
			    rows[i].text, got, rows[i].owners, rows[i].why);
			wrong++;
		}
		json_decref(tree);
	}
	arena_free(&a);
	assert_int_equal(wrong, 0);
}

static void
every_type_is_argued(void **state)
{
	(void)state;
	for (uint16_t t = 1; def_type_num(t) != NULL; t++) {
		size_t	n = 0;

		for (size_t i = 0; i < N_ELEM(rows); i++)
			n += strcmp(rows[i].type, def_type_num(t)->name) == 0;
		if (n == 0)
			print_error("%s\n", def_type_num(t)->name);
		assert_true(n > 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_gives_the_owner_it_should),
		cmocka_unit_test(every_type_is_argued),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
