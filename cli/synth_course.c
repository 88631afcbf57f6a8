/* SPDX-License-Identifier: Apache-2.0 */
/*
 * synth_course.c -- what happens to a person: conditions and visits.  (L5)
 *
 * Conditions that stay are drawn by age and sex; the visits of the last
 * SYNTH_YEARS follow from them, from age, and from what anybody may catch.
 * Everything else is told visit by visit.
 */
#include <stdlib.h>

#include "cli/synth.h"

#define NOTED	200	/* permille of visits with a document */

int32_t
synth_years(const struct synth_person *p, int32_t day)
{
	return (day - p->birth) * 100 / 36525;
}

int32_t
synth_months(const struct synth_person *p, int32_t day)
{
	return (day - p->birth) * 12 / 365;
}

bool
synth_ails(const struct synth_person *p, enum synth_ill_name ill, int32_t day)
{
	size_t i;

	for (i = 0; i < p->n_has; i++)
		if (p->has[i].ill == ill)
			return p->has[i].onset <= day;
	return false;
}

/* --- conditions that stay ----------------------------------------------- */

static void
falls_ill(struct synth_person *p, uint8_t ill, int32_t onset)
{
	if (p->n_has == SYNTH_ILLS)
		return;
	p->has[p->n_has++] = (struct synth_has){ .ill = ill, .onset = onset,
	    .id = synth_id(p) };
}

static int32_t
share(const struct synth_ill *row, int32_t years)
{
	int32_t far = years > 80 ? 80 : years;

	return row->first + (row->late - row->first) * (far - row->from) /
	    (80 - row->from);
}

static void
draw_ills(struct synth_person *p)
{
	int32_t years = synth_years(p, p->last), from, tall, heavy;
	uint8_t i;

	for (i = 0; i < ILL_N; i++) {
		const struct synth_ill *row = &synth_ills[i];

		if (i == ILL_OBESITY || years <= row->from ||
		    (row->sex != 0 && row->sex != p->sex) ||
		    !synth_chance(&p->rng, share(row, years)))
			continue;
		from = p->birth + row->from * 36525 / 100;
		falls_ill(p, i, synth_range(&p->rng, from, p->last));
	}
	if (years < synth_ills[ILL_OBESITY].from)
		return;
	tall = synth_height(p, p->last);
	heavy = synth_weight(p, p->last);
	/* The mass index is 30 or more. */
	if ((int64_t)heavy * 100000 >= (int64_t)30 * tall * tall)
		falls_ill(p, ILL_OBESITY, p->last - synth_upto(&p->rng,
		    (years - 17) * 365));
}

/* --- visits ------------------------------------------------------------- */

static void
visit(struct synth_person *p, int32_t day, enum synth_kind kind, size_t what)
{
	if (day < p->birth || day > p->last || p->n_visit == SYNTH_VISITS)
		return;
	p->visit[p->n_visit++] = (struct synth_visit){ .at = { day,
	    28800 + 900 * synth_upto(&p->rng, 36), p->clinic->zone },
	    .kind = (uint8_t)kind, .what = (uint8_t)what,
	    .id = synth_id(p) };
}

/* Children often, as they grow; others every year or two. */
static void
draw_checks(struct synth_person *p, int32_t from)
{
	static const uint8_t due[] = { 0, 1, 2, 4, 6, 9, 12, 15, 18, 24, 30,
	    36 };
	int32_t day, years;
	size_t i;

	for (i = 0; i < N_ELEM(due); i++) {
		day = p->birth + due[i] * 365 / 12 + synth_range(&p->rng, 2,
		    9);
		if (day >= from)
			visit(p, day, VISIT_CHECK, 0);
	}
	day = p->birth + 4 * 365 + synth_upto(&p->rng, 365);
	while (day <= p->last) {
		if (day >= from)
			visit(p, day, VISIT_CHECK, 0);
		years = synth_years(p, day);
		day += (years < 18 || years >= 45 ? 350 : 700) +
		    synth_upto(&p->rng, 60);
	}
}

static void
draw_follow_ups(struct synth_person *p, int32_t from)
{
	const struct synth_ill *row;
	int32_t day, step;
	size_t i;

	for (i = 0; i < p->n_has; i++) {
		row = &synth_ills[p->has[i].ill];
		if (row->months == 0)
			continue;
		step = row->months * 365 / 12;
		day = p->has[i].onset >= from ? p->has[i].onset : from +
		    synth_upto(&p->rng, step);
		for (; day <= p->last; day += step + synth_range(&p->rng,
		    -10, 20))
			visit(p, day, VISIT_ILL, i);
	}
}

static size_t
draw_acute(struct synth_person *p, int32_t years)
{
	int32_t sum = 0, at;
	size_t i;

	for (i = 0; i < synth_n_acute; i++)
		if (years >= synth_acutes[i].from &&
		    years <= synth_acutes[i].to)
			sum += synth_acutes[i].weight;
	at = synth_upto(&p->rng, sum > 0 ? sum : 1);
	for (i = 0; i + 1 < synth_n_acute; i++) {
		if (years < synth_acutes[i].from ||
		    years > synth_acutes[i].to)
			continue;
		if (at < synth_acutes[i].weight)
			break;
		at -= synth_acutes[i].weight;
	}
	return i;
}

static void
draw_acutes(struct synth_person *p, int32_t from)
{
	int32_t day = from, years;

	for (;;) {
		years = synth_years(p, day);
		day += synth_range(&p->rng, 60, years < 10 ? 360 : 900);
		if (day > p->last)
			return;
		visit(p, day, VISIT_ACUTE, draw_acute(p, synth_years(p,
		    day)));
	}
}

static int
by_time(const void *a, const void *b)
{
	const struct synth_visit *x = a, *y = b;

	if (x->at.day != y->at.day)
		return x->at.day < y->at.day ? -1 : 1;
	if (x->at.second != y->at.second)
		return x->at.second < y->at.second ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* Blood is drawn for a condition, and of grown-ups now and then. */
static void
draw_panels(struct synth_person *p)
{
	struct synth_visit *v;
	size_t i;

	for (i = 0; i < p->n_visit; i++) {
		v = &p->visit[i];
		if (v->kind == VISIT_ILL && synth_chance(&p->rng, 600))
			v->panels =
			    synth_ills[p->has[v->what].ill].panels;
		if (v->kind == VISIT_CHECK && synth_years(p, v->at.day) >=
		    40 && synth_chance(&p->rng, 500))
			v->panels = 1u << PANEL_LIPIDS | 1u << PANEL_BLOOD;
	}
}

static void
draw_visits(struct synth_person *p)
{
	int32_t from = p->last - SYNTH_YEARS * 365;

	if (from < p->birth)
		from = p->birth;
	draw_checks(p, from);
	draw_follow_ups(p, from);
	draw_acutes(p, from);
	/* No two are the same to by_time: the order is one everywhere. */
	qsort(p->visit, p->n_visit, sizeof p->visit[0], by_time);
	draw_panels(p);
}

/* --- told --------------------------------------------------------------- */

static void
put_encounter(struct synth *s, struct synth_person *p,
    const struct synth_visit *v, uint64_t reason)
{
	static const struct synth_code check = { SYS_SNOMED, "185349003",
	    "Encounter for check up" }, symptom = { SYS_SNOMED, "185345009",
	    "Encounter for symptom" }, follow = { SYS_SNOMED, "390906007",
	    "Follow-up encounter" }, urgent = { SYS_SNOMED, "50849002",
	    "Emergency room admission" }, lead = { SYS_PARTICIPATION, "PPRF",
	    "primary performer" };
	bool rush = v->kind == VISIT_ACUTE && synth_acutes[v->what].urgent;
	struct when end = v->at;
	struct js *w = &s->w;

	end.second += rush ? 10800 : 1200;
	synth_begin_n(s, "Encounter", v->id, NULL);
	js_str(w, "status", "finished");
	js_str(w, "class", rush ? "emergency" : "ambulatory");
	js_list(w, "type");
	synth_concept(w, NULL, v->kind == VISIT_CHECK ? &check : rush ?
	    &urgent : v->kind == VISIT_ILL ? &follow : &symptom);
	js_unlist(w);
	synth_patient_ref(w, "patient", p);
	js_list(w, "participant");
	js_open(w, NULL);
	js_list(w, "type");
	synth_concept(w, NULL, &lead);
	js_unlist(w);
	synth_staff_ref(w, "individual", p->doctor);
	js_close(w);
	js_unlist(w);
	synth_period(w, "period", &v->at, &end);
	if (reason != 0) {
		js_list(w, "indication");
		synth_ref_n(w, NULL, "Condition", reason);
		js_unlist(w);
	}
	js_list(w, "location");
	js_open(w, NULL);
	synth_ref(w, "location", "Location", p->clinic->place,
	    p->clinic->shown);
	js_str(w, "status", "completed");
	js_close(w);
	js_unlist(w);
	synth_ref(w, "serviceProvider", "Organization", p->clinic->org,
	    p->clinic->shown);
	synth_end(s);
}

struct told {
	uint64_t		 id, visit;	/* visit 0: not of a visit */
	const struct synth_code	*code;
	int32_t			 onset, end;	/* end 0: it stays */
	bool			 lasting;
};

static void
put_condition(struct synth *s, struct synth_person *p, const struct told *c)
{
	static const struct synth_code problem = { SYS_ARGONAUT, "problem",
	    "Problem" }, diagnosis = { SYS_CONDITION_CATEGORY, "diagnosis",
	    "Diagnosis" };
	struct js *w = &s->w;

	synth_begin_n(s, "Condition", c->id, "argo-condition");
	synth_patient_ref(w, "patient", p);
	if (c->visit != 0)
		synth_ref_n(w, "encounter", "Encounter", c->visit);
	synth_staff_ref(w, "asserter", p->doctor);
	js_day(w, "dateRecorded", c->onset);
	synth_concept(w, "code", c->code);
	synth_concept(w, "category", c->lasting ? &problem : &diagnosis);
	js_str(w, "clinicalStatus", c->end == 0 ? "active" : "resolved");
	js_str(w, "verificationStatus", "confirmed");
	js_day(w, "onsetDateTime", c->onset);
	if (c->end != 0)
		js_day(w, "abatementDateTime", c->end);
	synth_end(s);
}

/* A new condition is treated at the first visit from then on. */
static void
begin_care(struct synth *s, struct synth_person *p, struct synth_has *h,
    const struct synth_visit *v)
{
	const struct synth_ill *row = &synth_ills[h->ill];
	const struct told c = { h->id, v->at.day == h->onset ? v->id : 0,
	    &row->code, h->onset, 0, true };

	put_condition(s, p, &c);
	if (row->drug >= 0) {
		h->order = synth_id(p);
		synth_order(s, p, &synth_drugs[row->drug], v, h->order,
		    h->id, 0);
		synth_taken(s, p, &synth_drugs[row->drug], v->at.day);
	}
	if (row->drug2 >= 0 && synth_chance(&p->rng, 500)) {
		h->order2 = synth_id(p);
		synth_order(s, p, &synth_drugs[row->drug2], v, h->order2,
		    h->id, 0);
	}
	if (row->device >= 0 && synth_chance(&p->rng, 300))
		synth_device(s, p, h);
}

static void
tell_acute(struct synth *s, struct synth_person *p,
    const struct synth_visit *v, uint64_t id)
{
	const struct synth_acute *row = &synth_acutes[v->what];
	int32_t end = v->at.day + row->days;
	const struct told c = { id, v->id, &row->code, v->at.day,
	    end <= p->last ? end : 0, false };

	put_condition(s, p, &c);
	if (row->drug >= 0)
		synth_order(s, p, &synth_drugs[row->drug], v, synth_id(p), id,
		    v->at.day + synth_drugs[row->drug].days);
	if (row->act >= 0)
		synth_act(s, p, &synth_acts[row->act], v, id);
}

static void
tell_check(struct synth *s, struct synth_person *p,
    const struct synth_visit *v)
{
	int32_t years = synth_years(p, v->at.day);

	if (years >= 15 && synth_chance(&p->rng, 700))
		synth_smoked(s, p, v);
	if (p->n_has > 0 && synth_chance(&p->rng, 500))
		synth_act(s, p, &synth_acts[SYNTH_ACT_LIST], v, 0);
	if (years >= 50 && years <= 75 && synth_chance(&p->rng, 100))
		synth_act(s, p, &synth_acts[SYNTH_ACT_COLON], v, 0);
}

static void
tell_visit(struct synth *s, struct synth_person *p,
    const struct synth_visit *v)
{
	uint64_t reason = v->kind == VISIT_ILL ? p->has[v->what].id :
	    v->kind == VISIT_ACUTE ? synth_id(p) : 0;
	bool rush = v->kind == VISIT_ACUTE && synth_acutes[v->what].urgent;

	put_encounter(s, p, v, reason);
	synth_vitals(s, p, v);
	synth_labs(s, p, v);
	if (v->kind == VISIT_ACUTE)
		tell_acute(s, p, v, reason);
	if (v->kind == VISIT_CHECK)
		tell_check(s, p, v);
	if (rush || synth_chance(&p->rng, NOTED))
		synth_note(s, p, v);
}

void
synth_course(struct synth *s, struct synth_person *p)
{
	bool begun[SYNTH_ILLS] = { false };
	const struct synth_visit *v;
	size_t i, k;

	draw_ills(p);
	draw_visits(p);
	for (i = 0; i < p->n_visit; i++) {
		v = &p->visit[i];
		for (k = 0; k < p->n_has; k++) {
			if (begun[k] || p->has[k].onset > v->at.day)
				continue;
			begun[k] = true;
			begin_care(s, p, &p->has[k], v);
		}
		tell_visit(s, p, v);
	}
	/* What nobody has seen yet is not known, and not planned for. */
	for (i = k = 0; i < p->n_has; i++)
		if (begun[i])
			p->has[k++] = p->has[i];
	p->n_has = k;
	synth_allergies(s, p);
	synth_shots(s, p);
	if (p->n_has > 0)
		synth_plan(s, p);
	if (p->n_has > 0 || synth_years(p, p->last) >= 65)
		synth_team(s, p);
}
