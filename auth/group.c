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
	const struct page_ask ask = { .count = 0, .max_rows = COUNT_ROWS,
	    .max_bytes = 1, .now = c->now, .lifetime_ms = 1000 };
	struct issues is = issues_on(c->a);
	struct query q;
	struct page page;
	enum err e;

	*n_out = 0;
	if (view_reach(view, type, VIEW_SEARCH) == REACH_NONE)
		return OK;
	e = smart_query(s, c, type, NULL, 0, &q);
	if (e == OK)
		e = store_search(c->t, c->a, view, &q, &ask, &is, &page);
	/* Too many to count is no reason not to ask. */
	if (e == ERR_COSTLY || e == ERR_USAGE)
		return OK;
	if (e == OK)
		*n_out = page.total;
	return e;
}

/* Through the eyes of the app: read alone. */
static enum err
counting_view(struct smart_call *c, const struct flow *fl,
    struct bytes scope, struct view *out)
{
	struct issues is = issues_on(c->a);
	enum err e;

	e = auth_scope(c->a, scope, fl->f.ctx.patient, &fl->who.rights, &is,
	    out);
	if (e == OK)
		scope_seal(out, fl->who.name, fl->f.client);
	return e;
}

/* --- granular scopes --------------------------------------------------- */

/* "category=http://x|laboratory&status=final": "category: laboratory, ..." */
static void
add_only(struct buf *b, struct bytes where)
{
	struct bytes one, name, value, system;
	bool more = true;

	while (more) {
		more = bytes_cut(where, '&', &one, &where);
		bytes_cut(one, '=', &name, &value);
		if (memchr(value.p, '|', value.len) != NULL)
			bytes_cut(value, '|', &system, &value);
		if (b->len > 0)
			buf_str(b, ", ");
		buf_add(b, name);
		buf_str(b, ": ");
		buf_add(b, value);
	}
}

/*
 * What of a type is asked for, where the whole is not: the ops, words for
 * people, and the scope to count by.
 */
struct parts {
	unsigned	ops;
	struct bytes	only, scope;
};

static enum err
parts_of(struct arena *a, const struct scope_set *set, uint16_t type,
    bool everyone, struct parts *out)
{
	struct buf only = buf_on(a, SCOPE_BYTES_MAX);
	struct buf scope = buf_on(a, 2 * SCOPE_BYTES_MAX);
	const struct scope_part *p;
	enum err e;

	*out = (struct parts){ .ops = 0 };
	for (p = set->part; p < set->part + set->n_part; p++) {
		if (p->type != type ||
		    (p->context == SCOPE_PATIENT) == everyone)
			continue;
		out->ops |= p->ops;
		add_only(&only, p->where);
		buf_str(&scope, arena_printf(a, "%s%s/%s.rs?%.*s",
		    scope.len > 0 ? " " : "", everyone ? "user" : "patient",
		    def_type_num(type)->name, BYTES_FMT(p->where)));
	}
	e = buf_end(&only, &out->only);
	return e == OK ? buf_end(&scope, &out->scope) : e;
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

/* One type as it is asked for; name NULL where it is not. */
static enum err
type_of(struct smart *s, struct smart_call *c, const struct flow *fl,
    const struct scope_set *set, uint16_t t, bool everyone,
    const struct view *whole, struct smart_type *out)
{
	const uint8_t *ops = everyone ? set->user : set->patient;
	const struct view *view = whole;
	struct view some;
	struct parts parts;
	unsigned all;
	enum err e;

	*out = (struct smart_type){ .name = NULL };
	e = parts_of(c->a, set, t, everyone, &parts);
	if (e != OK)
		return e;
	all = ops[t] | parts.ops;
	if (all == 0 || (!everyone && def_owner(t)->rule == OWN_NONE))
		return OK;
	*out = (struct smart_type){ .name = def_type_num(t)->name,
	    .type = t, .read = (all & OPS_READ) != 0,
	    .write = (all & ~(unsigned)OPS_READ) != 0 };
	if ((ops[t] & OPS_READ) == 0 && parts.scope.len > 0) {
		out->only = parts.only;
		e = counting_view(c, fl, parts.scope, &some);
		view = &some;
	}
	return e != OK || c->t == NULL ? e :
	    count_type(s, c, view, t, &out->count);
}

/* Of one context: the patient's record, or everyone's. */
static enum err
add_groups(struct smart *s, struct smart_call *c, const struct flow *fl,
    const struct scope_set *set, bool everyone, struct smart_group *list,
    size_t *n)
{
	struct smart_group *g, all[N_ELEM(rows)] = { { .key = NULL } };
	struct view view;
	struct smart_type ty;
	uint16_t t;
	size_t i;
	enum err e;

	e = counting_view(c, fl, bytes_str(everyone ? "user/*.rs" :
	    "patient/*.rs"), &view);
	for (t = 1; e == OK && t <= DEF_TYPES; t++) {
		e = type_of(s, c, fl, set, t, everyone, &view, &ty);
		if (ty.name == NULL)
			continue;
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
		e = add_groups(s, c, fl, &set, false, list, &n);
	if (e == OK && (set.contexts & SCOPE_USER) != 0)
		e = add_groups(s, c, fl, &set, true, list, &n);
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
