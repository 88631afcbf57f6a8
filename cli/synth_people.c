/* SPDX-License-Identifier: Apache-2.0 */
/*
 * synth_people.c -- who there is: clinics, staff, patients, families.  (L5)
 *
 * Nobody is called like this: family names are two words put together.
 * Numbers are 555-01xx, mail goes to example.org.
 */
#include <string.h>

#include "cli/synth.h"

#define DRAW(state, list)	(list)[synth_upto(state, N_ELEM(list))]

static const char *const heads[] = {
	"Amber", "Birch", "Cloud", "Dapple", "Elder", "Fennel", "Gorse",
	"Hazel", "Ivy", "Juniper", "Kestrel", "Linden", "Marble", "Nettle",
	"Otter", "Pebble", "Quill", "Raven", "Saffron", "Thistle", "Umber",
	"Velvet", "Willow", "Yarrow", "Zephyr", "Copper", "Harbour",
	"Lantern", "Meadow", "Winter"
};
static const char *const tails[] = {
	"brook", "feather", "wick", "mantle", "thorn", "barrow", "field",
	"glass", "hollow", "keep", "lock", "mere", "petal", "quist",
	"ridge", "shore", "tide", "vale", "water", "yard"
};
static const char *const women[] = {
	"Ada", "Bettany", "Calla", "Delphine", "Elowen", "Fiora", "Greta",
	"Hester", "Ines", "Juno", "Kaia", "Liora", "Maud", "Nell", "Odette",
	"Petra", "Quilla", "Rosalind", "Sunniva", "Tamsin", "Ursula",
	"Viola", "Wren", "Xanthe", "Yara", "Zoë", "Bérénice", "Åsa"
};
static const char *const men[] = {
	"Alaric", "Bram", "Cormac", "Dario", "Edmund", "Fenn", "Gideon",
	"Hugo", "Ivo", "Jasper", "Kilian", "Lorcan", "Magnus", "Nico",
	"Osric", "Piers", "Quentin", "Rufus", "Silas", "Tobias", "Ulric",
	"Viktor", "Walter", "Xaver", "Yorick", "Zeno", "Søren", "André"
};
static const char *const streets[] = {
	"Acorn Lane", "Bridge Street", "Cinder Path", "Dove Court",
	"Elm Street", "Ferry Road", "Gable Way", "High Street", "Inn Square",
	"Jetty Walk", "Kiln Road", "Lamp Street", "Mill Lane", "North Road"
};

struct town {
	const char	*name, *state, *post, *zone;
};

static const struct town towns[] = {
	{ "Pagasae", "MA", "01999", "-05:00" },
	{ "Lemnos", "IL", "60999", "-06:00" },
	{ "Cyzicus", "CO", "80999", "-07:00" },
	{ "Colchis", "OR", "97999", "-08:00" },
	{ "Iolcus", "ME", "04999", "-05:00" },
	{ "Tiphys Harbour", "TX", "75999", "-06:00" },
};

static void
name_one(uint64_t *state, char sex, struct synth_name *out)
{
	const char *head = DRAW(state, heads), *tail = DRAW(state, tails);

	out->given = sex == 'F' ? DRAW(state, women) : DRAW(state, men);
	out->middle = synth_chance(state, 400) ?
	    (sex == 'F' ? DRAW(state, women) : DRAW(state, men)) : NULL;
	snprintf(out->family, sizeof out->family, "%s%s", head, tail);
}

/* --- parts -------------------------------------------------------------- */

static void
put_name(struct js *w, const char *list, const struct synth_name *n,
    const char *suffix)
{
	if (list != NULL)
		js_list(w, list);
	js_open(w, list != NULL ? NULL : "name");
	js_str(w, "use", "official");
	js_list(w, "family");
	js_str(w, NULL, n->family);
	js_unlist(w);
	js_list(w, "given");
	js_str(w, NULL, n->given);
	if (n->middle != NULL)
		js_str(w, NULL, n->middle);
	js_unlist(w);
	if (suffix != NULL) {
		js_list(w, "suffix");
		js_str(w, NULL, suffix);
		js_unlist(w);
	}
	js_close(w);
	if (list != NULL)
		js_unlist(w);
}

static void
put_phone(struct js *w, uint64_t *state, const char *use)
{
	int32_t area = synth_range(state, 201, 989);
	char text[16];

	snprintf(text, sizeof text, "%03d-555-01%02d", area,
	    synth_upto(state, 100));
	js_open(w, NULL);
	js_str(w, "system", "phone");
	js_str(w, "value", text);
	js_str(w, "use", use);
	js_close(w);
}

static void
put_mail(struct js *w, const struct synth_name *n, uint64_t number)
{
	char text[64];

	snprintf(text, sizeof text, "%s.%llu@example.org", n->family,
	    (unsigned long long)number);
	js_open(w, NULL);
	js_str(w, "system", "email");
	js_str(w, "value", text);
	js_close(w);
}

static void
put_address(struct js *w, const char *name, uint64_t *state,
    const struct synth_clinic *c, const char *use)
{
	int32_t house = synth_range(state, 1, 240);
	char line[48];

	snprintf(line, sizeof line, "%d %s", house, DRAW(state, streets));
	js_open(w, name);
	js_str(w, "use", use);
	js_list(w, "line");
	js_str(w, NULL, line);
	js_unlist(w);
	js_str(w, "city", c->city);
	js_str(w, "state", c->state);
	js_str(w, "postalCode", c->post);
	js_str(w, "country", "US");
	js_close(w);
}

static void
put_identifier(struct js *w, const char *system, const char *type,
    const char *text, const char *value)
{
	const struct synth_code c = { SYS_IDENTIFIER, type, text };

	js_list(w, "identifier");
	js_open(w, NULL);
	js_str(w, "use", "usual");
	if (type != NULL)
		synth_concept(w, "type", &c);
	js_str(w, "system", system);
	js_str(w, "value", value);
	js_close(w);
	js_unlist(w);
}

/* --- clinics ------------------------------------------------------------ */

static void
put_staff(struct synth *s, struct synth_clinic *c, size_t i, uint64_t *state)
{
	static const struct synth_code doctor = { SYS_PRACTITIONER, "doctor",
	    "Doctor" }, nurse = { SYS_PRACTITIONER, "nurse", "Nurse" },
	    pharma = { SYS_PRACTITIONER, "pharmacist", "Pharmacist" },
	    social = { SYS_SNOMED, "106328005", "Social worker" };
	static const char *const suffix[] = { "MD", "MD", "MD", "MD", "RN",
	    "RN", "PharmD", "LCSW" };
	struct synth_staff *p = &c->staff[i];
	char sex = synth_chance(state, 550) ? 'F' : 'M', npi[24];
	struct js *w = &s->w;

	name_one(state, sex, &p->name);
	snprintf(p->id, sizeof p->id, "c%llu-%llu-staff%zu", s->population,
	    (unsigned long long)c->number, i);
	snprintf(p->shown, sizeof p->shown, "%s %s %s", p->name.given,
	    p->name.family, suffix[i]);
	snprintf(npi, sizeof npi, "%llu",
	    (unsigned long long)(9900000000 + c->number * SYNTH_STAFF + i));
	synth_begin(s, "Practitioner", p->id, NULL);
	put_identifier(w, "http://hl7.org/fhir/sid/us-npi", NULL, NULL, npi);
	js_bool(w, "active", true);
	put_name(w, NULL, &p->name, suffix[i]);
	js_list(w, "telecom");
	put_phone(w, state, "work");
	js_unlist(w);
	js_str(w, "gender", sex == 'F' ? "female" : "male");
	js_list(w, "practitionerRole");
	js_open(w, NULL);
	synth_ref(w, "managingOrganization", "Organization", c->org, NULL);
	synth_concept(w, "role", i < SYNTH_NURSE ? &doctor :
	    i < SYNTH_PHARMA ? &nurse : i == SYNTH_PHARMA ? &pharma :
	    &social);
	js_list(w, "location");
	synth_ref(w, NULL, "Location", c->place, NULL);
	js_unlist(w);
	js_close(w);
	js_unlist(w);
	synth_end(s);
}

static void
put_house(struct synth *s, struct synth_clinic *c, uint64_t *state)
{
	static const struct synth_code prov = { SYS_ORGANIZATION, "prov",
	    "Healthcare Provider" }, place = { SYS_ROLE, "OF",
	    "Outpatient facility" };
	struct js *w = &s->w;

	synth_begin(s, "Organization", c->org, NULL);
	put_identifier(w, "http://example.org/synth/clinic", NULL, NULL,
	    c->org);
	js_bool(w, "active", true);
	synth_concept(w, "type", &prov);
	js_str(w, "name", c->shown);
	js_list(w, "telecom");
	put_phone(w, state, "work");
	js_unlist(w);
	js_list(w, "address");
	put_address(w, NULL, state, c, "work");
	js_unlist(w);
	synth_end(s);
	synth_begin(s, "Location", c->place, NULL);
	js_str(w, "status", "active");
	js_str(w, "name", c->shown);
	js_str(w, "mode", "instance");
	synth_concept(w, "type", &place);
	put_address(w, "address", state, c, "work");
	synth_ref(w, "managingOrganization", "Organization", c->org, NULL);
	synth_end(s);
}

void
synth_open_clinic(struct synth *s, uint64_t number)
{
	struct synth_clinic *c = &s->clinic;
	uint64_t state = synth_mix(s->seed ^ synth_mix(~number));
	const struct town *t = &DRAW(&state, towns);
	size_t i;

	*c = (struct synth_clinic){ .number = number, .zone = t->zone,
	    .city = t->name, .state = t->state, .post = t->post };
	snprintf(c->org, sizeof c->org, "c%llu-%llu-org", s->population,
	    (unsigned long long)number);
	snprintf(c->place, sizeof c->place, "c%llu-%llu-place",
	    s->population, (unsigned long long)number);
	snprintf(c->shown, sizeof c->shown, "%s %s Clinic",
	    DRAW(&state, heads), t->name);
	put_house(s, c, &state);
	for (i = 0; i < SYNTH_STAFF; i++)
		put_staff(s, c, i, &state);
}

void
synth_formulary(struct synth *s)
{
	struct synth_code c = { .system = SYS_RXNORM };
	char id[SYNTH_ID];
	size_t i;

	for (i = 0; i < synth_n_drug; i++) {
		c.code = synth_drugs[i].code;
		c.text = synth_drugs[i].text;
		snprintf(id, sizeof id, "rx-%s", c.code);
		synth_begin(s, "Medication", id, "argo-medication");
		synth_concept(&s->w, "code", &c);
		js_bool(&s->w, "isBrand", false);
		synth_end(s);
	}
}

/* --- a patient ---------------------------------------------------------- */

/* Permille of ages in steps of ten years; the last is for 90 to 99. */
static const uint16_t ages[] = { 125, 125, 130, 135, 125, 130, 115, 75, 32,
	8 };

static int32_t
age_days(uint64_t *state)
{
	int32_t at = synth_upto(state, 1000), decade = 0;

	while (at >= ages[decade] && decade < 9)
		at -= ages[decade++];
	return decade * 3653 + synth_upto(state, 3652) + 1;
}

/* Children are near the median; grown-ups of our time are above it. */
static void
draw_body(struct synth_person *p, int32_t age)
{
	p->tall = 1000 + synth_bell(&p->rng, 40);
	p->heavy = (age > 6570 ? 1190 : 1040) + synth_bell(&p->rng,
	    age > 6570 ? 170 : 90);
	if (p->heavy < 780)
		p->heavy = 780;
}

static void
draw_smoking(struct synth_person *p, int32_t age)
{
	int32_t at = synth_upto(&p->rng, 1000);

	p->smoking = age < 15 * 365 || at < 620 ? SMOKE_NEVER :
	    at < 830 ? SMOKE_FORMER : at < 950 ? SMOKE_DAILY : SMOKE_SOME;
	p->quit = SYNTH_UNTIL - synth_upto(&p->rng, 12 * 365);
}

void
synth_person(struct synth *s, struct synth_person *p, uint64_t number)
{
	int32_t age;

	*p = (struct synth_person){ .number = number, .seed = s->seed,
	    .rng = synth_mix(s->seed ^ synth_mix(number)),
	    .clinic = &s->clinic, .last = SYNTH_UNTIL - 1 };
	snprintf(p->id, sizeof p->id, "p%llu-%llu", s->population,
	    (unsigned long long)number);
	p->doctor = &s->clinic.staff[synth_upto(&p->rng, SYNTH_DOCTORS)];
	p->nurse = &s->clinic.staff[SYNTH_NURSE + synth_upto(&p->rng,
	    SYNTH_PHARMA - SYNTH_NURSE)];
	p->sex = synth_chance(&p->rng, 510) ? 'F' : 'M';
	name_one(&p->rng, p->sex, &p->name);
	age = age_days(&p->rng);
	p->birth = SYNTH_UNTIL - age;
	p->dead = synth_chance(&p->rng, age < 50 * 365 ? 2 : age / 800);
	if (p->dead)
		p->last -= synth_upto(&p->rng, age < 1400 ? age / 2 : 700);
	draw_body(p, age);
	draw_smoking(p, age);
}

/* --- as a resource ------------------------------------------------------ */

static const struct synth_code races[] = {
	{ SYS_RACE, "2106-3", "White" },
	{ SYS_RACE, "2054-5", "Black or African American" },
	{ SYS_RACE, "2028-9", "Asian" },
	{ SYS_RACE, "1002-5", "American Indian or Alaska Native" },
	{ SYS_RACE, "2076-8", "Native Hawaiian or Other Pacific Islander" },
	{ SYS_NULL, "UNK", "Unknown" },
};
static const uint16_t race_share[] = { 640, 140, 100, 20, 10, 90 };
static const struct synth_code hispanic[] = {
	{ SYS_ETHNICITY, "2186-5", "Not Hispanic or Latino" },
	{ SYS_ETHNICITY, "2135-2", "Hispanic or Latino" },
};

static void
put_group(struct js *w, const char *url, const struct synth_code *c)
{
	js_open(w, NULL);
	js_begin(w, "url");
	js_add(w, "http://fhir.org/guides/argonaut/StructureDefinition/argo-");
	js_add(w, url);
	js_end(w);
	js_list(w, "extension");
	js_open(w, NULL);
	js_str(w, "url", "ombCategory");
	synth_coding(w, "valueCoding", c);
	js_close(w);
	js_open(w, NULL);
	js_str(w, "url", "text");
	js_str(w, "valueString", c->text);
	js_close(w);
	js_unlist(w);
	js_close(w);
}

/* Race, ethnicity, birth sex; out: is it a Spanish speaker? */
static bool
put_extensions(struct js *w, struct synth_person *p)
{
	int32_t at = synth_upto(&p->rng, 1000), race = 0;
	bool latin = synth_chance(&p->rng, 180);

	while (at >= race_share[race] && race < 5)
		at -= race_share[race++];
	js_list(w, "extension");
	put_group(w, "race", &races[race]);
	put_group(w, "ethnicity", &hispanic[latin]);
	js_open(w, NULL);
	js_str(w, "url", "http://fhir.org/guides/argonaut/"
	    "StructureDefinition/argo-birthsex");
	js_str(w, "valueCode", p->sex == 'F' ? "F" : "M");
	js_close(w);
	js_unlist(w);
	return latin && synth_chance(&p->rng, 550);
}

/* Single less and less until fifty; then married, divorced, widowed. */
static void
put_marriage(struct js *w, struct synth_person *p, int32_t years)
{
	static const struct synth_code states[] = {
		{ SYS_MARITAL, "S", "Never Married" },
		{ SYS_MARITAL, "M", "Married" },
		{ SYS_MARITAL, "D", "Divorced" },
		{ SYS_MARITAL, "W", "Widowed" },
	};
	int32_t at = synth_upto(&p->rng, 1000);

	if (years < 18)
		return;
	synth_concept(w, "maritalStatus", &states[at < 1000 - 20 * years &&
	    years < 50 ? 0 : at < 700 ? 1 : years > 70 ? 3 : 2]);
}

static void
put_language(struct js *w, bool spanish)
{
	static const struct synth_code en = { SYS_LANGUAGE, "en", "English" },
	    es = { SYS_LANGUAGE, "es", "Spanish" };

	js_list(w, "communication");
	js_open(w, NULL);
	synth_concept(w, "language", spanish ? &es : &en);
	js_bool(w, "preferred", true);
	js_close(w);
	js_unlist(w);
}

/* Children have a mother, some of the others somebody at home. */
static void
put_relative(struct synth *s, struct synth_person *p, int32_t years)
{
	static const struct synth_code mother = { SYS_ROLE, "MTH", "mother" },
	    spouse = { SYS_ROLE, "SPS", "spouse" };
	char sex = years < 18 || p->sex == 'M' ? 'F' : 'M';
	struct synth_name n;
	struct js *w = &s->w;

	if (years >= 18 && !synth_chance(&p->rng, 300))
		return;
	name_one(&p->rng, sex, &n);
	memcpy(n.family, p->name.family, sizeof n.family);
	synth_begin_n(s, "RelatedPerson", synth_id(p), NULL);
	synth_patient_ref(w, "patient", p);
	synth_concept(w, "relationship", years < 18 ? &mother : &spouse);
	put_name(w, NULL, &n, NULL);
	js_list(w, "telecom");
	put_phone(w, &p->rng, "home");
	js_unlist(w);
	js_str(w, "gender", sex == 'F' ? "female" : "male");
	synth_end(s);
}

void
synth_put_person(struct synth *s, struct synth_person *p)
{
	int32_t years = synth_years(p, p->last);
	struct when end = { p->last, 43200, p->clinic->zone };
	char number[48];
	struct js *w = &s->w;
	bool spanish;

	snprintf(number, sizeof number, "S%llu-%08llu", s->population,
	    (unsigned long long)p->number);
	synth_begin(s, "Patient", p->id, "argo-patient");
	spanish = put_extensions(w, p);
	put_identifier(w, "http://example.org/synth/mrn", "MR",
	    "Medical record number", number);
	js_bool(w, "active", !p->dead);
	put_name(w, "name", &p->name, NULL);
	js_list(w, "telecom");
	put_phone(w, &p->rng, years < 18 ? "home" : "mobile");
	if (years >= 14 && synth_chance(&p->rng, 600))
		put_mail(w, &p->name, p->number);
	js_unlist(w);
	js_str(w, "gender", p->sex == 'F' ? "female" : "male");
	js_day(w, "birthDate", p->birth);
	if (p->dead)
		js_time(w, "deceasedDateTime", &end);
	js_list(w, "address");
	put_address(w, NULL, &p->rng, p->clinic, "home");
	js_unlist(w);
	put_marriage(w, p, years);
	put_language(w, spanish);
	js_list(w, "careProvider");
	synth_staff_ref(w, NULL, p->doctor);
	js_unlist(w);
	synth_ref(w, "managingOrganization", "Organization", p->clinic->org,
	    p->clinic->shown);
	synth_end(s);
	put_relative(s, p, years);
}
