/* SPDX-License-Identifier: Apache-2.0 */
/*
 * synth_care.c -- what is done: drugs, procedures, devices, plans, teams,
 * notes.  (L5)
 */
#include <sodium.h>
#include <string.h>

#include "cli/synth.h"

#define NOTE_MAX	512	/* bytes of a note */

/* --- drugs -------------------------------------------------------------- */

/* By code or by reference: both are met. */
static void
put_drug(struct js *w, const struct synth_drug *d, bool by_code)
{
	const struct synth_code c = { SYS_RXNORM, d->code, d->text };
	char id[SYNTH_ID];

	snprintf(id, sizeof id, "rx-%s", d->code);
	if (by_code)
		synth_concept(w, "medicationCodeableConcept", &c);
	else
		synth_ref(w, "medicationReference", "Medication", id,
		    d->text);
}

static void
put_dosage(struct js *w, const struct synth_drug *d)
{
	js_list(w, "dosageInstruction");
	js_open(w, NULL);
	js_str(w, "text", d->use);
	js_open(w, "timing");
	js_open(w, "repeat");
	js_int(w, "frequency", d->daily);
	js_int(w, "period", 1);
	js_str(w, "periodUnits", "d");
	js_close(w);
	js_close(w);
	js_bool(w, "asNeededBoolean", false);
	js_close(w);
	js_unlist(w);
}

void
synth_order(struct synth *s, struct synth_person *p,
    const struct synth_drug *d, const struct synth_visit *v, uint64_t id,
    uint64_t reason, int32_t until)
{
	static const struct synth_test days = { .unit = "days",
	    .ucum = "d" };
	struct js *w = &s->w;

	synth_begin_n(s, "MedicationOrder", id, "argo-medicationorder");
	js_time(w, "dateWritten", &v->at);
	js_str(w, "status", until != 0 && until <= p->last ? "completed" :
	    "active");
	synth_patient_ref(w, "patient", p);
	synth_staff_ref(w, "prescriber", p->doctor);
	synth_ref_n(w, "encounter", "Encounter", v->id);
	synth_ref_n(w, "reasonReference", "Condition", reason);
	put_drug(w, d, synth_chance(&p->rng, 500));
	put_dosage(w, d);
	js_open(w, "dispenseRequest");
	if (until == 0)		/* never 0: it is a positiveInt */
		js_int(w, "numberOfRepeatsAllowed", 3);
	synth_quantity(w, "expectedSupplyDuration", &days, d->days);
	js_close(w);
	synth_end(s);
}

void
synth_taken(struct synth *s, struct synth_person *p,
    const struct synth_drug *d, int32_t from)
{
	struct js *w = &s->w;

	synth_begin_n(s, "MedicationStatement", synth_id(p),
	    "argo-medicationstatement");
	synth_patient_ref(w, "patient", p);
	synth_patient_ref(w, "informationSource", p);
	js_day(w, "dateAsserted", from);
	js_str(w, "status", p->dead ? "completed" : "active");
	js_bool(w, "wasNotTaken", false);
	js_open(w, "effectivePeriod");
	js_day(w, "start", from);
	if (p->dead)
		js_day(w, "end", p->last);
	js_close(w);
	put_drug(w, d, synth_chance(&p->rng, 500));
	synth_end(s);
}

/* --- procedures, devices ------------------------------------------------ */

void
synth_act(struct synth *s, struct synth_person *p, const struct synth_code *c,
    const struct synth_visit *v, uint64_t reason)
{
	struct when from = v->at, to = v->at;
	struct js *w = &s->w;

	from.second += 300;
	to.second += 900;
	synth_begin_n(s, "Procedure", synth_id(p), "argo-procedure");
	synth_patient_ref(w, "subject", p);
	js_str(w, "status", "completed");
	synth_concept(w, "code", c);
	if (reason != 0)
		synth_ref_n(w, "reasonReference", "Condition", reason);
	js_list(w, "performer");
	js_open(w, NULL);
	synth_staff_ref(w, "actor", p->doctor);
	js_close(w);
	js_unlist(w);
	if (synth_chance(&p->rng, 300))
		synth_period(w, "performedPeriod", &from, &to);
	else
		js_time(w, "performedDateTime", &from);
	synth_ref_n(w, "encounter", "Encounter", v->id);
	synth_end(s);
}

/* A unique device identifier by GS1: (01) item (17) expiry (21) serial. */
void
synth_device(struct synth *s, struct synth_person *p,
    const struct synth_has *h)
{
	int32_t made = h->onset - synth_range(&p->rng, 30, 300);
	int32_t serial = synth_upto(&p->rng, 1000000000);
	char lot[16], udi[64];
	struct js *w = &s->w;

	snprintf(lot, sizeof lot, "L%05d", synth_upto(&p->rng, 100000));
	snprintf(udi, sizeof udi, "(01)00999999%06d(10)%s(21)%09d",
	    synth_upto(&p->rng, 1000000), lot, serial);
	synth_begin_n(s, "Device", synth_id(p), "argo-device");
	synth_concept(w, "type", &synth_devices[synth_ills[h->ill].device]);
	js_str(w, "status", "available");
	js_str(w, "manufacturer", "Argo Shipyard Devices");
	js_str(w, "model", "Oak of Dodona");
	js_day(w, "manufactureDate", made);
	js_day(w, "expiry", made + 3653);
	js_str(w, "udi", udi);
	js_str(w, "lotNumber", lot);
	synth_patient_ref(w, "patient", p);
	synth_end(s);
}

/* --- plans and teams ---------------------------------------------------- */

static void
put_category(struct js *w, const char *code, const char *text)
{
	const struct synth_code c = { SYS_ARGONAUT, code, text };

	js_list(w, "category");
	synth_concept(w, NULL, &c);
	js_unlist(w);
}

static void
put_goal(struct synth *s, struct synth_person *p, const struct synth_has *h,
    uint64_t id, int32_t from)
{
	static const char *const states[] = { "in-progress", "achieved",
	    "in-progress", "on-hold" };
	struct js *w = &s->w;

	synth_begin_n(s, "Goal", id, "argo-goal");
	synth_patient_ref(w, "subject", p);
	js_day(w, "startDate", from);
	js_day(w, "targetDate", from + 365);
	js_str(w, "description", synth_ills[h->ill].goal);
	js_str(w, "status", states[synth_upto(&p->rng, N_ELEM(states))]);
	js_day(w, "statusDate", from);
	synth_staff_ref(w, "author", p->doctor);
	js_list(w, "addresses");
	synth_ref_n(w, NULL, "Condition", h->id);
	js_unlist(w);
	synth_end(s);
}

static void
put_narrative(struct js *w, const struct synth_person *p)
{
	size_t i;

	js_open(w, "text");
	js_str(w, "status", "generated");
	js_begin(w, "div");
	js_add(w, "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Assessment "
	    "and plan for ");
	js_add(w, p->name.given);
	js_add(w, " ");
	js_add(w, p->name.family);
	js_add(w, "</p><ul>");
	for (i = 0; i < p->n_has; i++) {
		js_add(w, "<li>");
		js_add(w, synth_ills[p->has[i].ill].code.text);
		js_add(w, ": ");
		js_add(w, synth_ills[p->has[i].ill].goal);
		js_add(w, "</li>");
	}
	js_add(w, "</ul></div>");
	js_end(w);
	js_close(w);
}

static void
put_activity(struct js *w, const struct synth_code *c)
{
	js_open(w, NULL);
	js_open(w, "detail");
	synth_concept(w, "code", c);
	js_str(w, "status", "in-progress");
	js_bool(w, "prohibited", false);
	js_close(w);
	js_close(w);
}

void
synth_plan(struct synth *s, struct synth_person *p)
{
	int32_t from = p->visit[p->n_visit - 1].at.day;
	uint64_t goal[SYNTH_ILLS];
	struct js *w = &s->w;
	size_t i;

	for (i = 0; i < p->n_has; i++) {
		goal[i] = synth_id(p);
		put_goal(s, p, &p->has[i], goal[i], from);
	}
	synth_begin_n(s, "CarePlan", synth_id(p), "argo-careplan");
	put_narrative(w, p);
	synth_patient_ref(w, "subject", p);
	js_str(w, "status", p->dead ? "completed" : "active");
	js_open(w, "period");
	js_day(w, "start", from);
	js_close(w);
	js_list(w, "author");
	synth_staff_ref(w, NULL, p->doctor);
	js_unlist(w);
	put_category(w, "assess-plan", "Assessment and Plan of Treatment");
	js_list(w, "addresses");
	for (i = 0; i < p->n_has; i++)
		synth_ref_n(w, NULL, "Condition", p->has[i].id);
	js_unlist(w);
	js_list(w, "goal");
	for (i = 0; i < p->n_has; i++)
		synth_ref_n(w, NULL, "Goal", goal[i]);
	js_unlist(w);
	js_list(w, "activity");
	for (i = 0; i < p->n_has; i++)
		put_activity(w, &synth_ills[p->has[i].ill].plan);
	js_unlist(w);
	synth_end(s);
}

void
synth_team(struct synth *s, struct synth_person *p)
{
	static const struct synth_code doctor = { SYS_SNOMED, "446050000",
	    "Primary care provider" }, nurse = { SYS_SNOMED, "224535009",
	    "Registered nurse" }, pharma = { SYS_SNOMED, "46255001",
	    "Pharmacist" }, social = { SYS_SNOMED, "106328005",
	    "Social worker" };
	const struct synth_staff *staff = p->clinic->staff;
	const struct { const struct synth_code *role;
	    const struct synth_staff *who; } all[] = {
		{ &doctor, p->doctor }, { &nurse, p->nurse },
		{ &pharma, &staff[SYNTH_PHARMA] },
		{ &social, &staff[SYNTH_SOCIAL] } };
	size_t i, n = p->n_has > 3 ? 4 : p->n_has > 1 ? 3 : 2;
	struct js *w = &s->w;

	synth_begin_n(s, "CarePlan", synth_id(p), "argo-careteam");
	synth_patient_ref(w, "subject", p);
	js_str(w, "status", p->dead ? "completed" : "active");
	js_open(w, "period");
	js_day(w, "start", p->n_visit > 0 ? p->visit[0].at.day : p->last);
	js_close(w);
	put_category(w, "careteam", "Care Team");
	js_list(w, "participant");
	for (i = 0; i < n; i++) {
		js_open(w, NULL);
		synth_concept(w, "role", all[i].role);
		synth_staff_ref(w, "member", all[i].who);
		js_close(w);
	}
	js_unlist(w);
	synth_end(s);
}

/* --- notes -------------------------------------------------------------- */

static size_t
write_note(char *text, const struct synth_person *p,
    const struct synth_visit *v)
{
	static const char *const opening[] = {
		[VISIT_CHECK] = "Seen for a check-up.",
		[VISIT_ILL] = "Seen for follow-up.",
		[VISIT_ACUTE] = "Seen for a new complaint."
	};
	const char *what = v->kind == VISIT_CHECK ? "No complaints." :
	    v->kind == VISIT_ILL ?
	    synth_ills[p->has[v->what].ill].code.text :
	    synth_acutes[v->what].code.text;
	int n;

	n = snprintf(text, NOTE_MAX, "Progress note\nPatient: %s %s\n"
	    "Author: %s\n\n%s\n%s\nAll of this is made up.\n", p->name.given,
	    p->name.family, p->doctor->shown, opening[v->kind], what);
	return n > 0 ? (size_t)n : 0;
}

static void
put_document(struct synth *s, struct synth_person *p,
    const struct synth_visit *v, uint64_t binary, size_t len)
{
	static const struct synth_code format = { SYS_FORMAT,
	    "urn:ihe:iti:xds-sd:text:2008", "Scanned document, text" };
	char id[SYNTH_ID];
	struct js *w = &s->w;

	synth_hex(binary, id);
	synth_begin_n(s, "DocumentReference", synth_id(p),
	    "argo-documentreference");
	synth_patient_ref(w, "subject", p);
	synth_loinc(w, "type", "11506-3", "Progress note");
	js_list(w, "author");
	synth_staff_ref(w, NULL, p->doctor);
	js_unlist(w);
	js_time(w, "created", &v->at);
	js_time(w, "indexed", &v->at);
	js_str(w, "status", "current");
	js_str(w, "description", "Progress note");
	js_list(w, "content");
	js_open(w, NULL);
	js_open(w, "attachment");
	js_str(w, "contentType", "text/plain");
	js_begin(w, "url");
	js_add(w, "Binary/");
	js_add(w, id);
	js_end(w);
	js_int(w, "size", (int64_t)len);
	js_str(w, "title", "Progress note");
	js_close(w);
	js_list(w, "format");
	synth_coding(w, NULL, &format);
	js_unlist(w);
	js_close(w);
	js_unlist(w);
	js_open(w, "context");
	synth_ref_n(w, "encounter", "Encounter", v->id);
	synth_period(w, "period", &v->at, NULL);
	js_close(w);
	synth_end(s);
}

void
synth_note(struct synth *s, struct synth_person *p,
    const struct synth_visit *v)
{
	char text[NOTE_MAX], base64[sodium_base64_ENCODED_LEN(NOTE_MAX,
	    sodium_base64_VARIANT_ORIGINAL)];
	size_t len = write_note(text, p, v);
	uint64_t id = synth_id(p);

	put_document(s, p, v, id, len);
	synth_begin_n(s, "Binary", id, NULL);
	js_str(&s->w, "contentType", "text/plain");
	js_str(&s->w, "content", sodium_bin2base64(base64, sizeof base64,
	    (const unsigned char *)text, len,
	    sodium_base64_VARIANT_ORIGINAL));
	synth_end(s);
}
