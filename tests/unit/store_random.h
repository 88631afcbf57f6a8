/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_random.h -- seeded random resources and searches.
 *
 * Values of both come from small common lists, so that most searches find
 * something and few find all.
 */
#ifndef TESTS_UNIT_STORE_RANDOM_H
#define TESTS_UNIT_STORE_RANDOM_H

#include "tests/unit/store_world.h"

struct dice { uint64_t s; };

UNUSED static uint64_t
roll(struct dice *d, uint64_t n)
{
	/* splitmix64: the same on every machine */
	uint64_t z = d->s += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

#define PICK(d, list)	((list)[roll((d), N_ELEM(list))])

/* --- resources ----------------------------------------------------------- */

static const char *const	codes[] = { "8302-2", "8310-5", "X-1", "x-1",
	"A code that is longer than a key of the index keeps of it, so that "
	"it is cut and its hash stands for what was lost: 0123456789 "
	"0123456789 0123456789 0123456789 0123456789 one" };
static const char *const	systems[] = { "", "http://loinc.org",
	"http://snomed.info/sct" };
static const char *const	dates[] = { "2015", "2015-01", "2015-01-14",
	"2015-01-14T10:00:00Z", "2015-01-14T10:00:00.250Z",
	"2014-12-31T23:59:59Z", "2016-02-29", "2015-02",
	"2015-01-14T10:00:00+05:00" };
static const char *const	numbers[] = { "5", "5.4", "5.40", "100",
	"100.00", "-3", "0", "99.6" };
static const char *const	units[] = { "", "mg", "kg", "ug",
	"no unit" };
static const char *const	families[] = { "Shaw", "sha", "Ören", "Smith",
	"O'Neil", "van der Berg" };
static const char *const	givens[] = { "Amy", "AMY V.", "José", "Bo" };
static const char *const	doctors[] = { "dr1", "dr2", "dr3" };

static const char *
coding(struct arena *a, struct dice *d)
{
	const char *system = PICK(d, systems), *code = PICK(d, codes);

	return system[0] == '\0' ?
	    arena_printf(a, "{\"coding\":[{\"code\":\"%s\"}]}", code) :
	    arena_printf(a, "{\"coding\":[{\"system\":\"%s\",\"code\":\"%s\"}]"
	    ",\"text\":\"t\"}", system, code);
}

UNUSED static void
put_patient(struct world *w, struct dice *d, const char *id)
{
	struct arena *a = w->arena;

	world_put(w, arena_printf(a, "{\"resourceType\":\"Patient\","
	    "\"id\":\"%s\",\"identifier\":[{\"system\":\"urn:mrn\","
	    "\"value\":\"m%u\"}],\"name\":[{\"family\":[\"%s\"],"
	    "\"given\":[\"%s\"]}],\"gender\":\"%s\"%s%s"
	    "\"careProvider\":[{\"reference\":\"Practitioner/%s\"}]}", id,
	    (unsigned)roll(d, 4), PICK(d, families), PICK(d, givens),
	    roll(d, 2) ? "male" : "female", roll(d, 3) ?
	    ",\"birthDate\":\"2007-03-20\"" : "", ",", PICK(d, doctors)));
}

UNUSED static void
put_doctor(struct world *w, struct dice *d, const char *id)
{
	world_put(w, arena_printf(w->arena, "{\"resourceType\":"
	    "\"Practitioner\",\"id\":\"%s\",\"name\":{\"family\":[\"%s\"]}}",
	    id, PICK(d, families)));
}

static const char *
effective(struct arena *a, struct dice *d)
{
	switch (roll(d, 4)) {
	case 0:
		return "";
	case 1:
		return arena_printf(a, ",\"effectivePeriod\":{\"start\":"
		    "\"2014-0%u-01\",\"end\":\"2015-01-%u\"}",
		    (unsigned)roll(d, 9) + 1, (unsigned)roll(d, 20) + 10);
	case 2:
		return ",\"effectivePeriod\":{\"start\":\"2015-01-13\"}";
	default:
		return arena_printf(a, ",\"effectiveDateTime\":\"%s\"",
		    PICK(d, dates));
	}
}

static const char *
amount(struct arena *a, struct dice *d)
{
	const char *unit = PICK(d, units);

	switch (roll(d, 4)) {
	case 0:
		return ",\"valueString\":\"Amy sha was here\"";
	case 1:
		return "";
	default:
		return unit[0] == '\0' ?
		    arena_printf(a, ",\"valueQuantity\":{\"value\":%s}",
		    PICK(d, numbers)) :
		    arena_printf(a, ",\"valueQuantity\":{\"value\":%s,"
		    "\"unit\":\"%s\",\"system\":\"http://unitsofmeasure.org\""
		    ",\"code\":\"%s\"}", PICK(d, numbers), unit, unit);
	}
}

/* patient NULL: nobody's */
UNUSED static void
put_observation(struct world *w, struct dice *d, const char *id,
    const char *patient)
{
	struct arena *a = w->arena;
	const char *subject = patient == NULL ? "" : arena_printf(a,
	    ",\"subject\":{\"reference\":\"%sPatient/%s\"}",
	    roll(d, 4) ? "" : "https://h/fhir/", patient);
	const char *performer = roll(d, 2) ? "" : arena_printf(a,
	    ",\"performer\":[{\"reference\":\"%s\"}]", roll(d, 3) ?
	    arena_printf(a, "Practitioner/%s", PICK(d, doctors)) :
	    roll(d, 2) ? "Patient/pB" : "http://far.example/Practitioner/1");

	world_put(w, arena_printf(a, "{\"resourceType\":\"Observation\","
	    "\"id\":\"%s\"%s,\"status\":\"final\",\"category\":%s,"
	    "\"code\":%s%s%s%s%s}", id, roll(d, 2) ? "" :
	    ",\"meta\":{\"tag\":[{\"system\":\"urn:t\",\"code\":\"t1\"}],"
	    "\"profile\":[\"http://p.example/vitals\"]}", coding(a, d),
	    coding(a, d), subject, performer, effective(a, d),
	    amount(a, d)));
}

UNUSED static void
put_order(struct world *w, struct dice *d, const char *id,
    const char *patient)
{
	struct arena *a = w->arena;

	world_put(w, arena_printf(a, "{\"resourceType\":\"MedicationOrder\","
	    "\"id\":\"%s\",\"patient\":{\"reference\":\"Patient/%s\"},"
	    "\"prescriber\":{\"reference\":\"Practitioner/%s\"},"
	    "\"medicationReference\":{\"reference\":\"Medication/m%u\"}%s}",
	    id, patient, PICK(d, doctors), (unsigned)roll(d, 4),
	    roll(d, 2) ? "" : ",\"dateWritten\":\"2015-01-14\""));
}

UNUSED static void
put_shot(struct world *w, struct dice *d, const char *id,
    const char *patient)
{
	world_put(w, arena_printf(w->arena, "{\"resourceType\":"
	    "\"Immunization\",\"id\":\"%s\",\"status\":\"completed\","
	    "\"patient\":{\"reference\":\"Patient/%s\"},\"vaccineCode\":%s,"
	    "\"wasNotGiven\":false,\"reported\":false,"
	    "\"vaccinationProtocol\":[{\"doseSequence\":%u,"
	    "\"targetDisease\":[%s],\"doseStatus\":%s}]}", id, patient,
	    coding(w->arena, d), (unsigned)roll(d, 3) + 1,
	    coding(w->arena, d), coding(w->arena, d)));
}

/* One to three patients, of whom the second may be hidden. */
UNUSED static void
put_appointment(struct world *w, struct dice *d, const char *id)
{
	struct arena *a = w->arena;
	const char *more = roll(d, 3) ? ",{\"status\":\"accepted\",\"actor\":"
	    "{\"reference\":\"Patient/pB\"}}" : "";
	const char *third = roll(d, 4) ? "" : ",{\"status\":\"accepted\","
	    "\"actor\":{\"reference\":\"Patient/pC\"}}";

	world_put(w, arena_printf(a, "{\"resourceType\":\"Appointment\","
	    "\"id\":\"%s\",\"status\":\"booked\",\"participant\":[{\"status\":"
	    "\"accepted\",\"actor\":{\"reference\":\"Patient/pA\"}}%s%s]}",
	    id, more, third));
}

UNUSED static void
put_any(struct world *w, struct dice *d, unsigned i, const char *patient)
{
	const char *id = arena_printf(w->arena, "r%u", i);

	switch (roll(d, 8)) {
	case 0:
		put_order(w, d, id, patient == NULL ? "pA" : patient);
		break;
	case 1:
		put_shot(w, d, id, patient == NULL ? "pA" : patient);
		break;
	case 2:
		put_appointment(w, d, id);
		break;
	default:
		put_observation(w, d, id, patient);
		break;
	}
}

static const char *const	patients[] = { "pA", "pB", "pC", NULL };

UNUSED static void
fill(struct world *w, struct dice *d, unsigned n)
{
	unsigned i;

	for (i = 0; i < 3; i++)
		put_doctor(w, d, doctors[i]);
	put_doctor(w, d, "dr-of-nobody");
	for (i = 0; i < 3; i++)
		world_put(w, arena_printf(w->arena, "{\"resourceType\":"
		    "\"Medication\",\"id\":\"m%u\",\"code\":%s}", i,
		    coding(w->arena, d)));
	/* Half of the resources come before their patients. */
	for (i = 0; i < n; i++) {
		if (i == n / 2) {
			put_patient(w, d, "pA");
			put_patient(w, d, "pB");
			put_patient(w, d, "pC");
		}
		put_any(w, d, i, PICK(d, patients));
		if (roll(d, 10) == 0)
			world_commit(w);
	}
	world_commit(w);
	for (i = 0; i < n / 4; i++) {	/* updates */
		put_observation(w, d, arena_printf(w->arena, "u%u", i),
		    "pA");
		world_commit(w);
		put_observation(w, d, arena_printf(w->arena, "u%u", i),
		    "pA");
		if (roll(d, 3) == 0)
			world_delete(w, "Observation",
			    arena_printf(w->arena, "u%u", i));
	}
	world_commit(w);
	world_learn(w);
}

/* --- queries ------------------------------------------------------------- */

static const char *const	date_asks[] = { "2015", "2015-01",
	"2015-01-14", "2015-01-14T10:00:00Z", "2014", "2016-02-29",
	"2015-01-14T10:00Z", "1999" };
static const char *const	prefixes[] = { "", "eq", "ne", "gt", "lt",
	"ge", "le", "sa", "eb", "ap" };
static const char *const	token_asks[] = { "8302-2",
	"http://loinc.org|8302-2", "|8310-5", "http://snomed.info/sct|",
	"x-1", "http://loinc.org|X-1", "none",
	"A code that is longer than a key of the index keeps of it, so that "
	"it is cut and its hash stands for what was lost: 0123456789 "
	"0123456789 0123456789 0123456789 0123456789 one" };
static const char *const	quantity_asks[] = { "5", "5.4", "100",
	"100|http://unitsofmeasure.org|mg", "5||kg", "1e2", "-3",
	"0.0054|http://unitsofmeasure.org|g",
	"5400|http://unitsofmeasure.org|ng",
	"100000|http://unitsofmeasure.org|{x}ug",
	"5|http://unitsofmeasure.org|no unit" };
static const char *const	string_asks[] = { "sha", "Shaw", "oren", "amy",
	"SMITH", "der", "van", "Amy sha was here" };
static const char *const	doctor_asks[] = { "dr1", "Practitioner/dr2",
	"https://h/fhir/Practitioner/dr3",
	"http://far.example/Practitioner/1", "pB", "none" };
static const char *const	performer_asks[] = { "dr1", "Patient/pB",
	"Practitioner/dr2", "http://far.example/Practitioner/1", "pB" };
static const char *const	patient_asks[] = { "pA", "Patient/pA", "pB",
	"https://h/fhir/Patient/pC", "none" };
static const char *const	id_asks[] = { "r1", "r2", "r3", "u1", "pA",
	"pB", "dr1", "m1", "none" };
static const char *const	seconds[] = { "2026-01-01T00:00:00Z",
	"2026-01-01T00:00:03Z", "2026-01", "2026-01-01T00:00:10Z" };
static const char *const	tags[] = { "t1", "urn:t|t1", "urn:u|t1" };
static const char *const	profiles[] = { "http://p.example/vitals",
	"http://p.example/" };
static const char *const	genders[] = { "male", "female", "MALE" };
static const char *const	births[] = { "2007-03-20", "2007", "2008" };
static const char *const	marks[] = { "urn:mrn|m1", "m2", "urn:x|m1" };
static const char *const	doses[] = { "1", "2", "3", "2.0" };
static const char *const	drugs[] = { "m1", "Medication/m2", "m3" };

/* What can be asked of a type. */
static const struct ask_row {
	const char		*type, *name;
	const char *const	*value;
	size_t			 n;
	bool			 prefix;	/* dates and numbers */
	const char		*mods;		/* ":exact :not", or "" */
} ask_rows[] = {
#define A(type, name, list, prefix, mods) \
	{ type, name, list, N_ELEM(list), prefix, mods }
	A("Observation", "code", token_asks, false, ":not"),
	A("Observation", "category", token_asks, false, ":not"),
	A("Observation", "date", date_asks, true, ""),
	A("Observation", "value-quantity", quantity_asks, true, ""),
	A("Observation", "value-string", string_asks, false,
	    ":exact :contains"),
	A("Observation", "patient", patient_asks, false, ""),
	A("Observation", "subject", patient_asks, false, ":Patient"),
	A("Observation", "performer", performer_asks, false, ""),
	A("Observation", "_id", id_asks, false, ""),
	A("Observation", "_lastUpdated", seconds, true, ""),
	A("Observation", "_tag", tags, false, ":not"),
	A("Observation", "_profile", profiles, false, ""),
	A("Patient", "name", string_asks, false, ":exact :contains"),
	A("Patient", "given", string_asks, false, ":exact"),
	A("Patient", "gender", genders, false, ":not"),
	A("Patient", "birthdate", births, true, ""),
	A("Patient", "identifier", marks, false, ""),
	A("Patient", "careprovider", doctor_asks, false, ""),
	A("Patient", "_id", id_asks, false, ""),
	A("Practitioner", "name", string_asks, false, ":contains"),
	A("Practitioner", "_id", id_asks, false, ""),
	A("Medication", "code", token_asks, false, ""),
	A("MedicationOrder", "patient", patient_asks, false, ""),
	A("MedicationOrder", "prescriber", doctor_asks, false, ""),
	A("MedicationOrder", "medication", drugs, false, ""),
	A("MedicationOrder", "datewritten", date_asks, true, ""),
	A("Immunization", "dose-sequence", doses, true, ""),
	A("Immunization", "patient", patient_asks, false, ""),
	A("Immunization", "vaccine-code", token_asks, false, ":not"),
	A("Appointment", "patient", patient_asks, false, ""),
	A("Appointment", "actor", patient_asks, false, ""),
#undef A
};

static const char *const	types[] = { "Observation", "Observation",
	"Observation", "Patient", "Practitioner", "Medication",
	"MedicationOrder", "Immunization", "Appointment" };
static const char *const	sorts[] = { "", "", "", "_sort=_lastUpdated&",
	"_sort:desc=_lastUpdated&", "_sort=-_lastUpdated&", "_sort=_id&",
	"_sort:desc=_tag&" };
static const char *const	observation_sorts[] = { "", "_sort=date&",
	"_sort:desc=date&", "_sort=-date,_lastUpdated&", "_sort:asc=date&",
	"_sort=code&", "_sort=-code,date&", "_sort=value-quantity&",
	"_sort:desc=value-quantity&", "_sort=subject,-status&",
	"_sort:desc=value-string&_sort:asc=_id&" };
static const char *const	patient_sorts[] = { "_sort:asc=family&",
	"_sort:desc=given&", "_sort=name,-birthdate&", "_sort=-gender&",
	"_sort=-identifier&", "_sort=-_id&" };

UNUSED static const char *
one_ask(struct arena *a, struct dice *d, const struct ask_row *r)
{
	struct bytes rest = bytes_str(r->mods), mod = rest;
	const char *value = "";
	size_t i, n = 1 + roll(d, 3);

	if (roll(d, 8) == 0 && r->name[0] != '_')
		return arena_printf(a, "%s:missing=%s&", r->name,
		    roll(d, 2) ? "true" : "false");
	do
		(void)bytes_cut(rest, ' ', &mod, &rest);
	while (rest.len > 0 && roll(d, 2));
	if (roll(d, 2))
		mod = bytes_of(NULL, 0);
	for (i = 0; i < n; i++)
		value = arena_printf(a, "%s%s%s%s", value, i > 0 ? "," : "",
		    r->prefix ? PICK(d, prefixes) : "",
		    r->value[roll(d, r->n)]);
	return arena_printf(a, "%s%.*s=%s&", r->name, BYTES_FMT(mod), value);
}

/* "code=8302-2&date=ge2015&_sort=date"; *type_out its type. */
UNUSED static const char *
random_query(struct arena *a, struct dice *d, const char **type_out)
{
	const char *type = PICK(d, types), *text = "";
	const struct ask_row *r;
	size_t n = roll(d, 4);

	while (n > 0) {
		r = &ask_rows[roll(d, N_ELEM(ask_rows))];
		if (strcmp(r->type, type) != 0)
			continue;
		text = arena_printf(a, "%s%s", text, one_ask(a, d, r));
		n--;
	}
	*type_out = type;
	return arena_printf(a, "%s%s", text,
	    strcmp(type, "Observation") == 0 && roll(d, 2) ?
	    PICK(d, observation_sorts) : strcmp(type, "Patient") == 0 &&
	    roll(d, 2) ? PICK(d, patient_sorts) : PICK(d, sorts));
}

#endif
