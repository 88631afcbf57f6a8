/* SPDX-License-Identifier: Apache-2.0 */
/*
 * synth.h -- what the files of tiphys synth share.  (L5)
 *
 * A population is a function of its seed: patient N is drawn from numbers
 * of its own, so that it has the same bytes in a population of ten and in
 * one of a million.  All arithmetic is of integers, and time ends on a fixed
 * day, so that every machine writes the same.
 *
 * synth.c is the command, synth_json.c writes JSON and draws numbers,
 * synth_type.c the data types, synth_codes.c holds the tables,
 * synth_people.c makes who there is, synth_body.c how they grow and what is
 * measured, synth_lab.c what the laboratory finds, synth_course.c what
 * happens to them, synth_care.c what is done about it, and synth_shots.c
 * allergies and vaccines.
 *
 * Two draws never stand in one expression or argument list: C leaves open
 * which would come first.
 */
#ifndef CLI_SYNTH_H
#define CLI_SYNTH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/attr.h"
#include "base/clock.h"

#define SYNTH_CLINIC	1000	/* patients of a clinic */
#define SYNTH_STAFF	8	/* 4 doctors, 2 nurses, pharmacist, social
				 * worker: in this order */
#define SYNTH_DOCTORS	4
#define SYNTH_NURSE	4
#define SYNTH_PHARMA	6
#define SYNTH_SOCIAL	7
#define SYNTH_UNTIL	20454	/* 2026-01-01: nothing is later */
#define SYNTH_YEARS	5	/* of visits that are told */
#define SYNTH_VISITS	96	/* of a patient, at most */
#define SYNTH_ILLS	6	/* chronic conditions of a patient, at most */
#define SYNTH_ID	48

/* --- codes: synth_codes.c ----------------------------------------------- */

enum synth_system {
	SYS_SNOMED, SYS_LOINC, SYS_RXNORM, SYS_CVX, SYS_NDC, SYS_UCUM,
	SYS_ARGONAUT, SYS_OBS_CATEGORY, SYS_RACE, SYS_ETHNICITY, SYS_NULL,
	SYS_ROLE, SYS_MARITAL, SYS_LANGUAGE, SYS_HL7_FLAG, SYS_SECTION,
	SYS_PARTICIPATION, SYS_PRACTITIONER, SYS_ORGANIZATION, SYS_IDENTIFIER,
	SYS_REASON, SYS_CONDITION_CATEGORY, SYS_FORMAT, SYS_CONTACT
};

struct synth_code {
	uint8_t		 system;	/* enum synth_system */
	const char	*code, *text;
};

/* What is measured: how a number is shown. */
struct synth_test {
	const char	*code, *text;		/* LOINC */
	const char	*unit, *ucum;
	uint8_t		 places;		/* digits behind the point */
	int32_t		 low, high;		/* usual, in units of the
						 * last digit */
};

struct synth_drug {
	const char	*code, *text;		/* RxNorm */
	const char	*use;			/* for people */
	uint8_t		 daily;			/* times a day */
	uint8_t		 days;			/* of a supply */
};

/* A condition that stays. */
struct synth_ill {
	struct synth_code code;
	uint8_t		 from;		/* age in years it may begin at */
	char		 sex;		/* 'F', 'M', or 0: both */
	uint16_t	 first, late;	/* permille who have it: at that age,
					 * at 80 */
	uint8_t		 months;	/* between visits for it; 0: none */
	int8_t		 drug, drug2;	/* of synth_drugs; -1: none */
	uint16_t	 panels;	/* bits of synth_panels */
	int8_t		 device;	/* of synth_devices; -1: none */
	const char	*goal;
	struct synth_code plan;		/* what is done about it */
};

enum synth_ill_name {
	ILL_PRESSURE, ILL_DIABETES, ILL_LIPIDS, ILL_ASTHMA, ILL_LUNG,
	ILL_HEART, ILL_OBESITY, ILL_THYROID, ILL_MOOD, ILL_JOINT, ILL_REFLUX,
	ILL_RHYTHM, ILL_BONE, ILL_SKIN, ILL_N
};

/* One that goes. */
struct synth_acute {
	struct synth_code code;
	uint8_t		 from, to;	/* years of age */
	uint8_t		 weight;	/* how often, among these */
	uint8_t		 days;		/* it takes */
	bool		 fever, urgent;
	int8_t		 drug;		/* -1: none */
	int8_t		 act;		/* of synth_acts; -1: none */
};

struct synth_vaccine {
	const char	*cvx, *text, *ndc;	/* ndc: NULL, or a product */
	const char	*target, *disease;	/* SNOMED CT */
	uint16_t	 month[5];		/* of age, ends with 0; the
						 * first may be 0 */
	char		 sex;
};

struct synth_panel {
	const char	*code, *text;		/* LOINC */
	uint8_t		 first, n;		/* rows of synth_tests */
};

enum synth_panel_name {
	PANEL_METABOLIC, PANEL_LIPIDS, PANEL_BLOOD, PANEL_A1C, PANEL_THYROID,
	PANEL_KIDNEY, PANEL_N
};

extern const char *const		synth_systems[];
extern const struct synth_ill		synth_ills[ILL_N];
extern const struct synth_acute		synth_acutes[];
extern const size_t			synth_n_acute;
extern const struct synth_drug		synth_drugs[];
extern const size_t			synth_n_drug;
extern const struct synth_vaccine	synth_vaccines[];
extern const size_t			synth_n_vaccine;
extern const struct synth_panel		synth_panels[PANEL_N];
extern const struct synth_test		synth_tests[];
extern const struct synth_code		synth_acts[];	/* procedures */
extern const struct synth_code		synth_devices[];
extern const struct synth_code		synth_allergens[];
extern const size_t			synth_n_allergen;

#define SYNTH_ACT_LIST		0	/* rows of synth_acts that are used */
#define SYNTH_ACT_COLON		1	/* by themselves */

/* --- numbers and JSON: synth_json.c ------------------------------------- */

struct js {
	FILE		*f;
	char		*p;
	size_t		 len, cap;
};

/* A moment: local time of the clinic, which is zone off UTC. */
struct when {
	int32_t		 day;		/* since 1970-01-01 */
	int32_t		 second;	/* of the day */
	const char	*zone;		/* "-05:00" */
};

/* Bits well mixed, one to one. */
uint64_t	synth_mix(uint64_t x);
uint64_t	synth_draw(uint64_t *state);

/* 0 <= v < n; n of at most 32 bits */
int32_t		synth_upto(uint64_t *state, int32_t n);
int32_t		synth_range(uint64_t *state, int32_t low, int32_t high);
bool		synth_chance(uint64_t *state, int32_t permille);

/* About a bell, 0 in the middle; never beyond 3.5 sd. */
int32_t		synth_bell(uint64_t *state, int32_t sd);

/* Members of an object; name NULL: items of a list.  Commas come alone. */
void		js_open(struct js *w, const char *name);
void		js_close(struct js *w);
void		js_list(struct js *w, const char *name);
void		js_unlist(struct js *w);
void		js_str(struct js *w, const char *name, const char *s);
void		js_bool(struct js *w, const char *name, bool v);
void		js_int(struct js *w, const char *name, int64_t v);

/* v / 10^places, written with all its places: 725, 1 is 72.5 */
void		js_dec(struct js *w, const char *name, int64_t v,
		    unsigned places);
void		js_day(struct js *w, const char *name, int32_t day);
void		js_time(struct js *w, const char *name,
		    const struct when *t);

/* Text without quotes or escapes: between js_begin and js_end of a string. */
void		js_begin(struct js *w, const char *name);
void		js_add(struct js *w, const char *s);
void		js_add_day(struct js *w, int32_t day);
void		js_end(struct js *w);

/* Ends the line; out: false  the file takes no more */
bool		js_line(struct js *w);
bool		js_flush(struct js *w);

/* --- people: synth_people.c --------------------------------------------- */

struct synth_name {
	const char	*given, *middle;
	char		 family[24];
};

struct synth_staff {
	char			id[SYNTH_ID];
	char			shown[64];
	struct synth_name	name;
};

struct synth_clinic {
	uint64_t		 number;
	char			 org[SYNTH_ID], place[SYNTH_ID];
	char			 shown[64];
	const char		*zone, *city, *state, *post;
	struct synth_staff	 staff[SYNTH_STAFF];
};

enum synth_smoking { SMOKE_NEVER, SMOKE_FORMER, SMOKE_DAILY, SMOKE_SOME };

struct synth_has {
	uint8_t		 ill;		/* enum synth_ill_name */
	int32_t		 onset;		/* day */
	uint64_t	 id, order, order2;	/* Condition, orders */
};

enum synth_kind { VISIT_CHECK, VISIT_ILL, VISIT_ACUTE };

struct synth_visit {
	struct when	 at;
	uint8_t		 kind;		/* enum synth_kind */
	uint8_t		 what;		/* ILL: index into has; ACUTE: row */
	uint16_t	 panels;	/* bits: drawn at this visit */
	uint64_t	 id;		/* of the Encounter */
};

struct synth_person {
	uint64_t		 number, seed, rng;
	uint32_t		 serial;	/* of the ids */
	char			 id[SYNTH_ID];
	const struct synth_clinic *clinic;
	const struct synth_staff *doctor, *nurse;
	struct synth_name	 name;
	char			 sex;		/* 'F' or 'M' */
	int32_t			 birth, last;	/* days; last: alive */
	bool			 dead;
	int32_t			 tall, heavy;	/* permille of the median */
	enum synth_smoking	 smoking;
	int32_t			 quit;		/* day, of a former smoker */
	struct synth_has	 has[SYNTH_ILLS];
	size_t			 n_has;
	struct synth_visit	 visit[SYNTH_VISITS];
	size_t			 n_visit;
};

struct synth {
	struct js		 w;
	unsigned long long	 population;	/* the seed as it was given */
	uint64_t		 seed;		/* and mixed */
	uint64_t		 count;		/* resources so far */
	struct synth_clinic	 clinic;
};

/* The Medications everyone orders by reference. */
void		synth_formulary(struct synth *s);

/* The clinic with this number, its house, place and staff. */
void		synth_open_clinic(struct synth *s, uint64_t number);

/* Who it is; p->clinic is the clinic that is open. */
void		synth_person(struct synth *s, struct synth_person *p,
		    uint64_t number);
void		synth_put_person(struct synth *s, struct synth_person *p);

/* --- types: synth_type.c ------------------------------------------------ */

uint64_t	synth_id(struct synth_person *p);
void		synth_hex(uint64_t id, char out[static SYNTH_ID]);

/* A resource up to its meta, and its end; profile: "argo-patient", NULL. */
void		synth_begin(struct synth *s, const char *type, const char *id,
		    const char *profile);
void		synth_begin_n(struct synth *s, const char *type, uint64_t id,
		    const char *profile);
void		synth_end(struct synth *s);

void		synth_concept(struct js *w, const char *name,
		    const struct synth_code *c);
void		synth_coding(struct js *w, const char *name,
		    const struct synth_code *c);
void		synth_loinc(struct js *w, const char *name, const char *code,
		    const char *text);
void		synth_ref(struct js *w, const char *name, const char *type,
		    const char *id, const char *shown);
void		synth_ref_n(struct js *w, const char *name, const char *type,
		    uint64_t id);
void		synth_patient_ref(struct js *w, const char *name,
		    const struct synth_person *p);
void		synth_staff_ref(struct js *w, const char *name,
		    const struct synth_staff *staff);
void		synth_quantity(struct js *w, const char *name,
		    const struct synth_test *t, int32_t v);
void		synth_period(struct js *w, const char *name,
		    const struct when *from, const struct when *to);

/* --- what happens ------------------------------------------------------- */

/* Whole years of age on a day; months likewise. */
int32_t		synth_years(const struct synth_person *p, int32_t day);
int32_t		synth_months(const struct synth_person *p, int32_t day);

/* Has this condition begun on that day? */
bool		synth_ails(const struct synth_person *p,
		    enum synth_ill_name ill, int32_t day);

/* synth_body.c */
int32_t		synth_height(const struct synth_person *p, int32_t day);
				/* mm */
int32_t		synth_weight(const struct synth_person *p, int32_t day);
				/* 100 g */
void		synth_vitals(struct synth *s, struct synth_person *p,
		    const struct synth_visit *v);
void		synth_smoked(struct synth *s, struct synth_person *p,
		    const struct synth_visit *v);

/* synth_lab.c */
void		synth_labs(struct synth *s, struct synth_person *p,
		    const struct synth_visit *v);

/* synth_course.c */
void		synth_course(struct synth *s, struct synth_person *p);

/* synth_care.c */
void		synth_order(struct synth *s, struct synth_person *p,
		    const struct synth_drug *d, const struct synth_visit *v,
		    uint64_t id, uint64_t reason, int32_t until);
void		synth_taken(struct synth *s, struct synth_person *p,
		    const struct synth_drug *d, int32_t from);
void		synth_act(struct synth *s, struct synth_person *p,
		    const struct synth_code *c, const struct synth_visit *v,
		    uint64_t reason);
void		synth_plan(struct synth *s, struct synth_person *p);
void		synth_team(struct synth *s, struct synth_person *p);
void		synth_device(struct synth *s, struct synth_person *p,
		    const struct synth_has *h);
void		synth_note(struct synth *s, struct synth_person *p,
		    const struct synth_visit *v);

/* synth_shots.c */
void		synth_allergies(struct synth *s, struct synth_person *p);
void		synth_shots(struct synth *s, struct synth_person *p);

#endif
