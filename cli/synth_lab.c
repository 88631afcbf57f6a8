/* SPDX-License-Identifier: Apache-2.0 */
/*
 * synth_lab.c -- what the laboratory finds: results and their report.  (L5)
 *
 * Values lie within the usual, but where a condition moves them.  What is
 * worked out of others is: LDL by Friedewald, hematocrit from hemoglobin.
 */
#include <string.h>

#include "cli/synth.h"

#define RESULTS_MAX	8	/* of a panel */

/* In the order of synth_tests. */
enum test {
	TEST_GLUCOSE, TEST_UREA, TEST_CREATININE, TEST_CALCIUM, TEST_SODIUM,
	TEST_POTASSIUM, TEST_CHLORIDE, TEST_CO2, TEST_CHOLESTEROL,
	TEST_TRIGLYCERIDE, TEST_HDL, TEST_LDL, TEST_WHITE, TEST_RED,
	TEST_HEMOGLOBIN, TEST_HEMATOCRIT, TEST_PLATELETS, TEST_A1C, TEST_TSH,
	TEST_ALBUMIN
};

/* About the middle of the usual; one in twenty is outside. */
static int32_t
usual(struct synth_person *p, enum test t)
{
	const struct synth_test *row = &synth_tests[t];

	return (row->low + row->high) / 2 + synth_bell(&p->rng,
	    (row->high - row->low) / 4);
}

static int32_t
value_of(struct synth_person *p, enum test t, int32_t day,
    const int32_t *before)
{
	bool sugar = synth_ails(p, ILL_DIABETES, day);
	bool fat = synth_ails(p, ILL_LIPIDS, day);
	bool slow = synth_ails(p, ILL_THYROID, day);
	int32_t v;

	switch (t) {
	case TEST_GLUCOSE:
		v = sugar ? 148 + synth_bell(&p->rng, 28) : usual(p, t);
		return v < 55 ? 55 : v;
	case TEST_A1C:
		v = sugar ? 74 + synth_bell(&p->rng, 9) : usual(p, t);
		return v < 40 ? 40 : v;
	case TEST_CHOLESTEROL:
		v = (fat ? 228 : 176) + synth_bell(&p->rng, 24);
		return v < 110 ? 110 : v;
	case TEST_TRIGLYCERIDE:
		v = (fat || sugar ? 170 : 105) + synth_bell(&p->rng, 32);
		return v < 40 ? 40 : v;
	case TEST_HDL:
		v = (p->sex == 'F' ? 58 : 49) + synth_bell(&p->rng, 9);
		return v < 22 ? 22 : v;
	case TEST_LDL:		/* the three before it, in this order */
		v = before[0] - before[2] - before[1] / 5;
		return v < 10 ? 10 : v;
	case TEST_HEMOGLOBIN:
		return usual(p, t) + (p->sex == 'F' ? -6 : 6);
	case TEST_HEMATOCRIT:
		return 3 * before[2] - 6;
	case TEST_TSH:
		v = slow ? 420 + synth_bell(&p->rng, 170) : usual(p, t);
		return v < 5 ? 5 : v;
	case TEST_ALBUMIN:
		v = (sugar ? 240 : 90) + synth_bell(&p->rng, 80);
		return v < 20 ? 20 : v;
	default:
		return usual(p, t);
	}
}

static void
put_range(struct js *w, const struct synth_test *t)
{
	js_list(w, "referenceRange");
	js_open(w, NULL);
	if (t->low > 0)
		synth_quantity(w, "low", t, t->low);
	synth_quantity(w, "high", t, t->high);
	js_close(w);
	js_unlist(w);
}

static void
put_result(struct synth *s, struct synth_person *p,
    const struct synth_visit *v, const struct when *issued,
    const struct synth_test *t, int32_t value, uint64_t id)
{
	static const struct synth_code lab = { SYS_OBS_CATEGORY,
	    "laboratory", "Laboratory" }, flags[] = {
		{ SYS_HL7_FLAG, "N", "Normal" },
		{ SYS_HL7_FLAG, "L", "Below low normal" },
		{ SYS_HL7_FLAG, "H", "Above high normal" },
	};
	struct js *w = &s->w;

	synth_begin_n(s, "Observation", id, "argo-observationresults");
	js_str(w, "status", "final");
	synth_concept(w, "category", &lab);
	synth_loinc(w, "code", t->code, t->text);
	synth_patient_ref(w, "subject", p);
	synth_ref_n(w, "encounter", "Encounter", v->id);
	js_time(w, "effectiveDateTime", &v->at);
	js_time(w, "issued", issued);
	js_list(w, "performer");
	synth_ref(w, NULL, "Organization", p->clinic->org, p->clinic->shown);
	js_unlist(w);
	synth_quantity(w, "valueQuantity", t, value);
	synth_concept(w, "interpretation", &flags[value < t->low ? 1 :
	    value > t->high ? 2 : 0]);
	put_range(w, t);
	synth_end(s);
}

static void
put_report(struct synth *s, struct synth_person *p,
    const struct synth_visit *v, const struct when *issued,
    const struct synth_panel *panel, const uint64_t *id)
{
	static const struct synth_code lab = { SYS_SECTION, "LAB",
	    "Laboratory" };
	struct js *w = &s->w;
	size_t i;

	synth_begin_n(s, "DiagnosticReport", synth_id(p),
	    "argo-diagnosticreport");
	js_str(w, "status", "final");
	synth_concept(w, "category", &lab);
	synth_loinc(w, "code", panel->code, panel->text);
	synth_patient_ref(w, "subject", p);
	synth_ref_n(w, "encounter", "Encounter", v->id);
	js_time(w, "effectiveDateTime", &v->at);
	js_time(w, "issued", issued);
	synth_ref(w, "performer", "Organization", p->clinic->org,
	    p->clinic->shown);
	js_list(w, "result");
	for (i = 0; i < panel->n; i++)
		synth_ref_n(w, NULL, "Observation", id[i]);
	js_unlist(w);
	synth_end(s);
}

static void
put_panel(struct synth *s, struct synth_person *p,
    const struct synth_visit *v, const struct synth_panel *panel)
{
	int32_t value[RESULTS_MAX];
	uint64_t id[RESULTS_MAX];
	struct when issued = v->at;
	size_t i, t;

	issued.second += synth_range(&p->rng, 60, 240) * 60;
	for (i = 0; i < panel->n; i++) {
		t = panel->first + i;
		value[i] = value_of(p, (enum test)t, v->at.day, value);
		id[i] = synth_id(p);
		put_result(s, p, v, &issued, &synth_tests[t], value[i],
		    id[i]);
	}
	put_report(s, p, v, &issued, panel, id);
}

void
synth_labs(struct synth *s, struct synth_person *p,
    const struct synth_visit *v)
{
	size_t i;

	for (i = 0; i < PANEL_N; i++)
		if ((v->panels >> i & 1) != 0)
			put_panel(s, p, v, &synth_panels[i]);
}
