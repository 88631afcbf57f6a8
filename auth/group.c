/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group.c -- resource types as people think of them.  (L3)
 *
 * Every type is in exactly one group; what no row names is in the last.
 * Counts are the store's own totals, under the view the app would get.
 * Their words are versioned (SMART_TEXT_VERSION): a grant says which were
 * shown.
 */
#include "auth/flow.h"

#define OPS_READ	(VIEW_READ | VIEW_SEARCH)
#define COUNT_ROWS	1000000

static const struct group_row {
	const char	*key, *title, *text;
	const char	*types;		/* one space between; "": the rest */
} rows[] = {
	{ "person", "Who the person is",
	    "Name, birth date, address, telephone, and related persons.",
	    "Patient RelatedPerson Person" },
	{ "problems", "Health problems",
	    "Diagnoses, health concerns, risks, family history.",
	    "Condition ClinicalImpression DetectedIssue RiskAssessment "
	    "FamilyMemberHistory Flag" },
	{ "allergies", "Allergies",
	    "What the person does not tolerate.", "AllergyIntolerance" },
	{ "medications", "Medicines",
	    "What was prescribed, given, or is being taken.",
	    "Medication MedicationOrder MedicationStatement "
	    "MedicationAdministration MedicationDispense Substance" },
	{ "immunizations", "Vaccinations",
	    "Vaccinations given, refused or recommended.",
	    "Immunization ImmunizationRecommendation" },
	{ "results", "Measurements and results",
	    "Laboratory results, vital signs, smoking status, images.",
	    "Observation DiagnosticReport DiagnosticOrder Specimen "
	    "ImagingStudy ImagingObjectSelection BodySite Media" },
	{ "procedures", "Procedures and devices",
	    "Operations, other procedures, implants.",
	    "Procedure ProcedureRequest Device DeviceUseRequest "
	    "DeviceUseStatement DeviceComponent DeviceMetric" },
	{ "plans", "Care plans and goals",
	    "What is planned, who helps, and what is to be reached.",
	    "CarePlan Goal NutritionOrder ReferralRequest "
	    "CommunicationRequest Communication VisionPrescription Order "
	    "OrderResponse" },
	{ "visits", "Visits and appointments",
	    "Stays, visits, and appointments.",
	    "Encounter EpisodeOfCare Appointment AppointmentResponse "
	    "Schedule Slot" },
	{ "documents", "Letters and documents",
	    "Discharge letters, summaries, questionnaires.",
	    "DocumentReference DocumentManifest Binary Composition Bundle "
	    "List Questionnaire QuestionnaireResponse" },
	{ "providers", "Doctors, places and organizations",
	    "Who treated the person, and where.",
	    "Practitioner Organization Location HealthcareService Group" },
	{ "money", "Insurance and bills",
	    "Coverage, claims and payments.",
	    "Coverage Claim ClaimResponse ExplanationOfBenefit Account "
	    "Contract EligibilityRequest EligibilityResponse "
	    "EnrollmentRequest EnrollmentResponse PaymentNotice "
	    "PaymentReconciliation ProcessRequest ProcessResponse" },
	{ "other", "Other technical data",
	    "Traces of who changed what, and definitions.", "" },
};

/* The group of a type: the last, where no row names it. */
static size_t
row_of(const char *type)
{
	size_t i;

	for (i = 0; i + 1 < N_ELEM(rows); i++)
		if (words_have(bytes_str(rows[i].types), type))
			return i;
	return N_ELEM(rows) - 1;
}

/* --- counting --------------------------------------------------------- */

static enum err
count_type(struct smart *s, struct smart_call *c, const struct view *view,
    uint16_t type, uint64_t *n_out)
{
	const struct base_urls urls = { .base = s->base };
	const struct query_limits lim = { .params = 1, .values = 1 };
	const struct page_ask ask = { .count = 0, .max_rows = COUNT_ROWS,
	    .max_bytes = 1, .now = c->now, .lifetime_ms = 1000 };
	struct issues is = issues_on(c->a);
	struct query q;
	struct page page;
	enum err e;

	*n_out = 0;
	if (view_reach(view, type, VIEW_SEARCH) == REACH_NONE)
		return OK;
	e = query_parse(c->a, type, NULL, 0, &urls, c->now, &lim, &is, &q);
	if (e == OK)
		e = store_search(c->t, c->a, view, &q, &ask, &is, &page);
	/* Too many to count is no reason not to ask. */
	if (e == ERR_COSTLY || e == ERR_USAGE)
		return OK;
	if (e == OK)
		*n_out = page.total;
	return e;
}

/* Every type, through the eyes of the app: read alone. */
static enum err
counting_view(struct smart_call *c, const struct flow *fl, bool everyone,
    struct view *out)
{
	struct issues is = issues_on(c->a);
	enum err e;

	e = auth_scope(c->a, bytes_str(everyone ? "user/*.rs" :
	    "patient/*.rs"), fl->f.ctx.patient, &fl->who.rights, &is, out);
	if (e == OK)
		scope_seal(out, fl->who.name, fl->f.client);
	return e;
}

/* --- groups ----------------------------------------------------------- */

static void
add_type(struct smart_group *g, const struct smart_type *ty)
{
	g->type[g->n_type++] = *ty;
	g->count += ty->count;
	g->read = g->read || ty->read;
	g->write = g->write || ty->write;
}

/* Of one context: the patient's record, or everyone's. */
static enum err
add_groups(struct smart *s, struct smart_call *c, const struct flow *fl,
    const uint8_t *ops, bool everyone, struct smart_group *list,
    size_t *n)
{
	struct smart_group *g, all[N_ELEM(rows)] = { { .key = NULL } };
	struct view view;
	struct smart_type ty;
	uint16_t t;
	size_t i;
	enum err e;

	e = counting_view(c, fl, everyone, &view);
	for (t = 1; e == OK && t <= DEF_TYPES; t++) {
		if (ops[t] == 0)
			continue;
		ty = (struct smart_type){ .name = def_type_num(t)->name,
		    .type = t, .read = (ops[t] & OPS_READ) != 0,
		    .write = (ops[t] & ~(unsigned)OPS_READ) != 0 };
		if (!everyone && def_owner(t)->rule == OWN_NONE)
			continue;
		if (c->t != NULL)
			e = count_type(s, c, &view, t, &ty.count);
		g = &all[row_of(ty.name)];
		if (g->type == NULL)
			g->type = arena_array(c->a, DEF_TYPES,
			    sizeof *g->type);
		add_type(g, &ty);
	}
	for (i = 0; e == OK && i < N_ELEM(rows); i++) {
		if (all[i].n_type == 0)
			continue;
		all[i].key = rows[i].key;
		all[i].title = rows[i].title;
		all[i].text = rows[i].text;
		all[i].everyone = everyone;
		list[(*n)++] = all[i];
	}
	return e;
}

enum err
flow_groups(struct smart *s, struct smart_call *c, const struct flow *fl,
    struct smart_group **out, size_t *n_out)
{
	struct smart_group *list = arena_array(c->a, 2 * N_ELEM(rows),
	    sizeof *list);
	struct issues is = issues_on(c->a);
	struct scope_set set;
	size_t n = 0;
	enum err e;

	e = scope_parse(fl->scope, &is, &set);
	if (e == OK && (set.contexts & SCOPE_PATIENT) != 0)
		e = add_groups(s, c, fl, set.patient, false, list, &n);
	if (e == OK && (set.contexts & SCOPE_USER) != 0)
		e = add_groups(s, c, fl, set.user, true, list, &n);
	*out = list;
	*n_out = n;
	return smart_end(c, e);
}

enum err
smart_groups(struct smart *s, struct smart_call *c, struct bytes id,
    struct smart_group **out, size_t *n_out)
{
	struct flow fl;
	enum err e;

	e = flow_open(s, c, id, &fl);
	if (e == OK && fl.step != STEP_CONSENT)
		e = smart_fail(c, ERR_LOGIN, FAULT_LOGIN, NULL,
		    "a step before this one is missing");
	return e == OK ? flow_groups(s, c, &fl, out, n_out) : e;
}
