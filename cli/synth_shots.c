/* SPDX-License-Identifier: Apache-2.0 */
/*
 * synth_shots.c -- what people cannot bear, and what protects them:
 * allergies and vaccines.  (L5)
 */
#include "cli/synth.h"

#define SHOT_SINCE	5844	/* 1986-01-01: births from then on have the
				 * vaccines of children on record */

/* --- allergies ---------------------------------------------------------- */

static void
put_allergy(struct synth *s, struct synth_person *p, size_t which)
{
	static const struct synth_code rash = { SYS_SNOMED, "271807003",
	    "Eruption of skin" }, breath = { SYS_SNOMED, "267036007",
	    "Dyspnea" };
	bool drug = synth_allergens[which].system == SYS_RXNORM;
	int32_t years = synth_years(p, p->last);
	struct js *w = &s->w;

	synth_begin_n(s, "AllergyIntolerance", synth_id(p),
	    "argo-allergyintolerance");
	js_day(w, "recordedDate", p->birth + synth_upto(&p->rng, p->last -
	    p->birth + 1));
	synth_staff_ref(w, "recorder", p->doctor);
	synth_patient_ref(w, "patient", p);
	synth_concept(w, "substance", &synth_allergens[which]);
	js_str(w, "status", which == 0 || years % 2 == 0 ? "confirmed" :
	    "active");
	if (which == 0) {
		synth_end(s);
		return;
	}
	js_str(w, "criticality", synth_chance(&p->rng, 200) ? "CRITH" :
	    "CRITL");
	js_str(w, "type", "allergy");
	js_str(w, "category", drug ? "medication" : which < 9 ? "food" :
	    "environment");
	js_list(w, "reaction");
	js_open(w, NULL);
	js_list(w, "manifestation");
	synth_concept(w, NULL, synth_chance(&p->rng, 700) ? &rash : &breath);
	js_unlist(w);
	js_str(w, "severity", synth_chance(&p->rng, 700) ? "mild" :
	    "moderate");
	js_close(w);
	js_unlist(w);
	synth_end(s);
}

void
synth_allergies(struct synth *s, struct synth_person *p)
{
	size_t n = (size_t)synth_upto(&p->rng, 8), i, which = 0;

	if (n > 2) {		/* most have none */
		put_allergy(s, p, 0);
		return;
	}
	for (i = 0; i <= n; i++) {
		which += 1 + (size_t)synth_upto(&p->rng, 4);
		if (which < synth_n_allergen)
			put_allergy(s, p, which);
	}
}

/* --- vaccines ----------------------------------------------------------- */

static void
put_shot(struct synth *s, struct synth_person *p,
    const struct synth_vaccine *v, int32_t day, int32_t dose)
{
	static const struct synth_code refused = { SYS_REASON, "PATOBJ",
	    "patient objection" }, counts = { SYS_SNOMED, "281657000",
	    "Counts towards immunity" };
	struct synth_code cvx = { SYS_CVX, v->cvx, v->text }, ndc = {
	    SYS_NDC, v->ndc, v->text }, against = { SYS_SNOMED, v->target,
	    v->disease };
	bool not = synth_chance(&p->rng, 20);
	struct when at = { day, 28800 + 900 * synth_upto(&p->rng, 36),
	    p->clinic->zone };
	struct js *w = &s->w;
	char lot[8];

	snprintf(lot, sizeof lot, "V%05d", synth_upto(&p->rng, 100000));
	synth_begin_n(s, "Immunization", synth_id(p), "argo-immunization");
	js_str(w, "status", "completed");
	js_time(w, "date", &at);
	js_open(w, "vaccineCode");
	js_list(w, "coding");
	synth_coding(w, NULL, &cvx);
	synth_coding(w, NULL, &ndc);
	js_unlist(w);
	js_str(w, "text", v->text);
	js_close(w);
	synth_patient_ref(w, "patient", p);
	js_bool(w, "wasNotGiven", not);
	js_bool(w, "reported", false);
	synth_staff_ref(w, "performer", p->nurse);
	synth_ref(w, "location", "Location", p->clinic->place, NULL);
	if (not) {
		js_open(w, "explanation");
		js_list(w, "reasonNotGiven");
		synth_concept(w, NULL, &refused);
		js_unlist(w);
		js_close(w);
	} else {
		js_str(w, "lotNumber", lot);
		js_list(w, "vaccinationProtocol");
		js_open(w, NULL);
		js_int(w, "doseSequence", dose);
		js_list(w, "targetDisease");
		synth_concept(w, NULL, &against);
		js_unlist(w);
		synth_concept(w, "doseStatus", &counts);
		js_close(w);
		js_unlist(w);
	}
	synth_end(s);
}

/* Against influenza each autumn, where somebody comes. */
static void
flu_shots(struct synth *s, struct synth_person *p)
{
	static const struct synth_vaccine flu = { "140", "Influenza, "
	    "seasonal, injectable, preservative free", "33332-0015-02",
	    "6142004", "Influenza", { 0 }, 0 };
	int32_t year, day;

	for (year = 2026 - SYNTH_YEARS; year < 2026; year++) {
		day = (int32_t)clock_days((int)year, 10, 1) +
		    synth_upto(&p->rng, 60);
		if (day > p->birth + 190 && day <= p->last &&
		    synth_chance(&p->rng, synth_years(p, day) < 50 ? 350 :
		    600))
			put_shot(s, p, &flu, day, 1);
	}
}

void
synth_shots(struct synth *s, struct synth_person *p)
{
	const struct synth_vaccine *v;
	int32_t day;
	size_t i, k;

	for (i = 0; i < synth_n_vaccine; i++) {
		v = &synth_vaccines[i];
		for (k = 0; k < N_ELEM(v->month) && (k == 0 ||
		    v->month[k] != 0); k++) {
			day = p->birth + v->month[k] * 365 / 12 +
			    synth_range(&p->rng, 1, 40);
			if (day > p->last || (v->month[k] < 240 &&
			    p->birth < SHOT_SINCE) ||
			    day < SHOT_SINCE ||
			    !synth_chance(&p->rng, 930))
				continue;
			put_shot(s, p, v, day, (int32_t)k + 1);
		}
	}
	flu_shots(s, p);
}
