/* SPDX-License-Identifier: Apache-2.0 */
/*
 * synth_body.c -- how people grow, and what is measured of them.  (L5)
 *
 * Height, weight and head follow medians by age and sex (WHO to two years,
 * CDC from there), each person at a share of them that stays.  The mass
 * index is worked out from what the same visit wrote down.
 */
#include "cli/synth.h"

#define HEAD_MONTHS	36	/* the head is measured until then */
#define LYING_MONTHS	24	/* the length, lying */
#define ADULT_MONTHS	240

/* Medians: months; then mm, 100 g, mm of the head, each boys and girls. */
struct growth {
	uint8_t		month;
	int16_t		tall[2], heavy[2], head[2];
};

static const struct growth growth[] = {
	{ 0, { 499, 491 }, { 33, 32 }, { 345, 339 } },
	{ 3, { 614, 598 }, { 64, 58 }, { 405, 395 } },
	{ 6, { 676, 657 }, { 79, 73 }, { 433, 422 } },
	{ 9, { 720, 701 }, { 89, 82 }, { 450, 438 } },
	{ 12, { 757, 740 }, { 96, 89 }, { 461, 449 } },
	{ 18, { 823, 807 }, { 109, 102 }, { 474, 462 } },
	{ 24, { 871, 857 }, { 122, 115 }, { 483, 472 } },
	{ 36, { 961, 951 }, { 143, 139 }, { 495, 485 } },
	{ 48, { 1033, 1027 }, { 163, 161 }, { 0, 0 } },
	{ 60, { 1100, 1094 }, { 183, 182 }, { 0, 0 } },
	{ 72, { 1160, 1151 }, { 205, 202 }, { 0, 0 } },
	{ 84, { 1217, 1208 }, { 229, 224 }, { 0, 0 } },
	{ 96, { 1273, 1266 }, { 254, 250 }, { 0, 0 } },
	{ 108, { 1326, 1325 }, { 281, 282 }, { 0, 0 } },
	{ 120, { 1378, 1386 }, { 312, 319 }, { 0, 0 } },
	{ 132, { 1431, 1450 }, { 356, 369 }, { 0, 0 } },
	{ 144, { 1491, 1512 }, { 399, 415 }, { 0, 0 } },
	{ 156, { 1560, 1564 }, { 453, 458 }, { 0, 0 } },
	{ 168, { 1632, 1598 }, { 508, 490 }, { 0, 0 } },
	{ 180, { 1690, 1617 }, { 560, 517 }, { 0, 0 } },
	{ 192, { 1729, 1625 }, { 608, 535 }, { 0, 0 } },
	{ 204, { 1752, 1629 }, { 644, 551 }, { 0, 0 } },
	{ 216, { 1761, 1631 }, { 670, 565 }, { 0, 0 } },
	{ ADULT_MONTHS, { 1765, 1632 }, { 705, 580 }, { 0, 0 } },
};

enum measure { TALL, HEAVY, HEAD };

static int32_t
row_value(const struct growth *g, enum measure m, int girl)
{
	return m == TALL ? g->tall[girl] : m == HEAVY ? g->heavy[girl] :
	    g->head[girl];
}

/* Between two rows in proportion, to a tenth of the row's unit. */
static int32_t
median(const struct synth_person *p, int32_t day, enum measure m)
{
	int32_t at = (day - p->birth) * 12, a, b, from, to;
	int girl = p->sex == 'F';
	size_t i = 0;

	if (at >= ADULT_MONTHS * 365)
		return 10 * row_value(&growth[N_ELEM(growth) - 1], m, girl);
	while (i + 2 < N_ELEM(growth) && at >= growth[i + 1].month * 365)
		i++;
	from = growth[i].month * 365;
	to = growth[i + 1].month * 365;
	a = 10 * row_value(&growth[i], m, girl);
	b = 10 * row_value(&growth[i + 1], m, girl);
	return a + (b - a) * ((at - from) / 12) / ((to - from) / 12);
}

int32_t
synth_height(const struct synth_person *p, int32_t day)
{
	int32_t years = synth_years(p, day);
	int32_t shrunk = years > 60 ? (years - 60) * 8 / 10 : 0;

	return (int32_t)((int64_t)median(p, day, TALL) * p->tall / 10000) -
	    shrunk;
}

/* Tall people are heavier; until sixty a little is put on each year. */
int32_t
synth_weight(const struct synth_person *p, int32_t day)
{
	int32_t years = synth_years(p, day);
	int32_t more = years < 20 ? 0 : years < 60 ? years - 20 : 40;
	int64_t v = (int64_t)median(p, day, HEAVY) * p->heavy / 1000 *
	    (1000 + 3 * more) / 1000 * (2 * p->tall - 1000) / 1000;

	return (int32_t)(v / 10);
}

/* --- tests -------------------------------------------------------------- */

enum {
	VITAL_BREATH, VITAL_PULSE, VITAL_OXYGEN, VITAL_HEAT, VITAL_HEIGHT,
	VITAL_LENGTH, VITAL_HEAD, VITAL_WEIGHT, VITAL_MASS, VITAL_HIGH,
	VITAL_LOW, VITAL_N
};

static const struct synth_test vitals[] = {
	[VITAL_BREATH] = { "9279-1", "Respiratory rate", "breaths/minute",
	    "/min", 0, 0, 0 },
	[VITAL_PULSE] = { "8867-4", "Heart rate", "beats/minute", "/min", 0,
	    0, 0 },
	[VITAL_OXYGEN] = { "59408-5", "Oxygen saturation in arterial blood "
	    "by pulse oximetry", "%", "%", 0, 0, 0 },
	[VITAL_HEAT] = { "8310-5", "Body temperature", "degrees C", "Cel", 1,
	    0, 0 },
	[VITAL_HEIGHT] = { "8302-2", "Body height", "cm", "cm", 1, 0, 0 },
	[VITAL_LENGTH] = { "8306-3", "Body height (lying)", "cm", "cm", 1, 0,
	    0 },
	[VITAL_HEAD] = { "8287-5", "Head occipital-frontal circumference",
	    "cm", "cm", 1, 0, 0 },
	[VITAL_WEIGHT] = { "29463-7", "Body weight", "kg", "kg", 1, 0, 0 },
	[VITAL_MASS] = { "39156-5", "Body mass index", "kg/m2", "kg/m2", 1,
	    0, 0 },
	[VITAL_HIGH] = { "8480-6", "Systolic blood pressure", "mmHg",
	    "mm[Hg]", 0, 0, 0 },
	[VITAL_LOW] = { "8462-4", "Diastolic blood pressure", "mmHg",
	    "mm[Hg]", 0, 0, 0 },
};

/* One visit's measuring. */
struct round {
	struct synth		*s;
	struct synth_person	*p;
	const struct synth_visit *v;
	uint64_t		 member[VITAL_N + 1];
	size_t			 n;
};

static void
begin(struct round *r, uint64_t id, const char *code, const char *text)
{
	static const struct synth_code vital = { SYS_OBS_CATEGORY,
	    "vital-signs", "Vital Signs" };
	struct js *w = &r->s->w;

	synth_begin_n(r->s, "Observation", id, "argo-vitalsigns");
	js_str(w, "status", "final");
	synth_concept(w, "category", &vital);
	synth_loinc(w, "code", code, text);
	synth_patient_ref(w, "subject", r->p);
	synth_ref_n(w, "encounter", "Encounter", r->v->id);
	js_time(w, "effectiveDateTime", &r->v->at);
	js_time(w, "issued", &r->v->at);
	js_list(w, "performer");
	synth_staff_ref(w, NULL, r->p->nurse);
	js_unlist(w);
}

static void
put(struct round *r, int vital, int32_t value)
{
	const struct synth_test *t = &vitals[vital];
	uint64_t id = r->member[r->n++] = synth_id(r->p);

	begin(r, id, t->code, t->text);
	synth_quantity(&r->s->w, "valueQuantity", t, value);
	synth_end(r->s);
}

static void
component(struct js *w, const struct synth_test *t, int32_t value)
{
	js_open(w, NULL);
	synth_loinc(w, "code", t->code, t->text);
	synth_quantity(w, "valueQuantity", t, value);
	js_close(w);
}

static void
put_pressure(struct round *r)
{
	struct synth_person *p = r->p;
	int32_t years = synth_years(p, r->v->at.day), high, low;
	uint64_t id = r->member[r->n++] = synth_id(p);
	struct js *w = &r->s->w;

	high = years < 18 ? 86 + 2 * years : 112 + years / 5;
	if (synth_ails(p, ILL_PRESSURE, r->v->at.day))
		high += 16;
	high += synth_bell(&p->rng, 8);
	low = high * 64 / 100 + synth_bell(&p->rng, 4);
	begin(r, id, "55284-4", "Blood pressure systolic and diastolic");
	js_list(w, "component");
	component(w, &vitals[VITAL_HIGH], high);
	component(w, &vitals[VITAL_LOW], low);
	js_unlist(w);
	synth_end(r->s);
}

/* --- a round ------------------------------------------------------------ */

static void
measure_size(struct round *r, bool all)
{
	struct synth_person *p = r->p;
	int32_t day = r->v->at.day, months = synth_months(p, day);
	int64_t tall = synth_height(p, day), heavy = synth_weight(p, day);

	heavy += heavy * synth_bell(&p->rng, 10) / 1000;
	if (all || months < 12 * 18)
		put(r, months < LYING_MONTHS ? VITAL_LENGTH : VITAL_HEIGHT,
		    (int32_t)tall);
	put(r, VITAL_WEIGHT, (int32_t)heavy);
	if (months >= LYING_MONTHS && (all || months < 12 * 18))
		put(r, VITAL_MASS, (int32_t)((heavy * 1000000 + tall * tall /
		    2) / (tall * tall)));
	if (months <= HEAD_MONTHS)
		put(r, VITAL_HEAD, median(p, day, HEAD) * (1000 + (p->tall -
		    1000) / 2) / 10000);
}

static void
measure_life(struct round *r, bool fever)
{
	struct synth_person *p = r->p;
	int32_t years = synth_years(p, r->v->at.day);
	bool lung = synth_ails(p, ILL_LUNG, r->v->at.day);

	put(r, VITAL_PULSE, (years < 1 ? 130 : years < 12 ? 105 - 2 * years :
	    72) + synth_bell(&p->rng, 8) + (fever ? 18 : 0));
	put(r, VITAL_BREATH, (years < 1 ? 36 : years < 12 ? 26 - years :
	    14) + synth_bell(&p->rng, 1) + (fever ? 4 : 0));
	put(r, VITAL_HEAT, fever ? synth_range(&p->rng, 379, 395) :
	    368 + synth_bell(&p->rng, 2));
	if (lung || fever || years < 1)
		put(r, VITAL_OXYGEN, synth_range(&p->rng, lung ? 88 : 95,
		    lung ? 94 : 99));
}

/* What was measured at one visit, held together. */
static void
put_panel(struct round *r)
{
	uint64_t id = synth_id(r->p);
	struct js *w = &r->s->w;
	size_t i;

	begin(r, id, "8716-3", "Vital signs");
	js_list(w, "related");
	for (i = 0; i < r->n; i++) {
		js_open(w, NULL);
		js_str(w, "type", "has-member");
		synth_ref_n(w, "target", "Observation", r->member[i]);
		js_close(w);
	}
	js_unlist(w);
	synth_end(r->s);
}

void
synth_vitals(struct synth *s, struct synth_person *p,
    const struct synth_visit *v)
{
	struct round r = { .s = s, .p = p, .v = v };
	bool check = v->kind == VISIT_CHECK;
	int32_t years = synth_years(p, v->at.day);

	if (check || v->kind == VISIT_ACUTE)
		measure_life(&r, v->kind == VISIT_ACUTE &&
		    synth_acutes[v->what].fever);
	if (check || v->kind == VISIT_ILL || years < 3)
		measure_size(&r, check);
	if (years >= 3 && (check || v->kind == VISIT_ILL))
		put_pressure(&r);
	if (check)
		put_panel(&r);
}

void
synth_smoked(struct synth *s, struct synth_person *p,
    const struct synth_visit *v)
{
	static const struct synth_code social = { SYS_OBS_CATEGORY,
	    "social-history", "Social History" }, answers[] = {
		[SMOKE_NEVER] = { SYS_SNOMED, "266919005", "Never smoker" },
		[SMOKE_FORMER] = { SYS_SNOMED, "8517006", "Former smoker" },
		[SMOKE_DAILY] = { SYS_SNOMED, "449868002",
		    "Current every day smoker" },
		[SMOKE_SOME] = { SYS_SNOMED, "428041000124106",
		    "Current some day smoker" },
	};
	bool still = p->smoking == SMOKE_FORMER && v->at.day < p->quit;
	struct js *w = &s->w;

	synth_begin_n(s, "Observation", synth_id(p), "argo-smokingstatus");
	js_str(w, "status", "final");
	synth_concept(w, "category", &social);
	synth_loinc(w, "code", "72166-2", "Tobacco smoking status NHIS");
	synth_patient_ref(w, "subject", p);
	synth_ref_n(w, "encounter", "Encounter", v->id);
	js_time(w, "effectiveDateTime", &v->at);
	js_time(w, "issued", &v->at);
	js_list(w, "performer");
	synth_staff_ref(w, NULL, p->nurse);
	js_unlist(w);
	synth_concept(w, "valueCodeableConcept", &answers[still ? SMOKE_DAILY :
	    p->smoking]);
	synth_end(s);
}
