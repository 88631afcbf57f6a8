/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_forest.h -- random resources that refer, contain, list and tell, and
 * random queries that go from one to another.
 */
#ifndef TESTS_UNIT_STORE_FOREST_H
#define TESTS_UNIT_STORE_FOREST_H

#include "tests/unit/store_random.h"

/* --- resources ----------------------------------------------------------- */

static const char *const	tales[] = { "Severe headache &amp; fever",
	"<b>No</b> fever; caf&eacute; noir", "Migr&#228;ne, headaches",
	"blood pressure<br/>130/80" };
static const char *const	displays[] = { "Headache", "Fever of unknown",
	"Body weight", "Migräne" };
static const char *const	list_codes[] = { "allergies", "problems",
	"Allergies" };
static const char *const	list_states[] = { "current", "current",
	"retired" };
static const char *const	item_types[] = { "Observation", "Observation",
	"MedicationOrder", "Immunization" };

static const char *
told(struct arena *a, struct dice *d)
{
	return arena_printf(a, ",\"text\":{\"status\":\"generated\","
	    "\"div\":\"<div xmlns='http://www.w3.org/1999/xhtml'>%s</div>\"}",
	    PICK(d, tales));
}

/* A patient or a doctor inside, referred to by "#". */
UNUSED static void
put_inside(struct world *w, struct dice *d, const char *id,
    const char *patient)
{
	struct arena *a = w->arena;

	if (roll(d, 2))
		world_put(w, arena_printf(a, "{\"resourceType\":"
		    "\"Observation\",\"id\":\"%s\",\"contained\":[{"
		    "\"resourceType\":\"Practitioner\",\"id\":\"in\",\"name\":"
		    "{\"family\":[\"%s\"]}},{\"resourceType\":\"Patient\","
		    "\"id\":\"p\",\"gender\":\"female\",\"careProvider\":[{"
		    "\"reference\":\"%s\"}]}],\"status\":\"final\",\"code\":"
		    "{\"text\":\"%s\"},\"subject\":{\"reference\":"
		    "\"%s\"},\"performer\":[{\"reference\":\"#in\"}]%s}", id,
		    PICK(d, families), roll(d, 2) ? "#in" : arena_printf(a,
		    "Practitioner/%s", PICK(d, doctors)), PICK(d, displays),
		    roll(d, 4) ? arena_printf(a, "Patient/%s", patient) :
		    "#p", roll(d, 2) ? told(a, d) : ""));
	else
		world_put(w, arena_printf(a, "{\"resourceType\":"
		    "\"MedicationOrder\",\"id\":\"%s\",\"contained\":[{"
		    "\"resourceType\":\"Medication\",\"id\":\"m\",\"code\":%s"
		    "}],\"patient\":{\"reference\":\"Patient/%s\"},"
		    "\"medicationReference\":{\"reference\":\"#m\"}}", id,
		    coding(a, d), patient));
}

UNUSED static void
put_told(struct world *w, struct dice *d, const char *id,
    const char *patient)
{
	struct arena *a = w->arena;

	world_put(w, arena_printf(a, "{\"resourceType\":\"Observation\","
	    "\"id\":\"%s\"%s,\"status\":\"final\",\"code\":{\"coding\":[{"
	    "\"system\":\"http://loinc.org\",\"code\":\"8302-2\",\"display\":"
	    "\"%s\"}],\"text\":\"%s\"},\"subject\":{\"reference\":"
	    "\"Patient/%s\"},\"comments\":\"%s\"}", id, told(a, d),
	    PICK(d, displays), PICK(d, displays), patient,
	    PICK(d, displays)));
}

UNUSED static void
put_list(struct world *w, struct dice *d, const char *id,
    const char *patient)
{
	struct arena *a = w->arena;
	const char *items = "";
	unsigned i, n = 1 + (unsigned)roll(d, 12);

	for (i = 0; i < n; i++)
		items = arena_printf(a, "%s%s{%s\"item\":{\"reference\":"
		    "\"%s/r%u\"}}", items, i > 0 ? "," : "", roll(d, 4) ? "" :
		    "\"deleted\":true,", PICK(d, item_types),
		    (unsigned)roll(d, 60));
	world_put(w, arena_printf(a, "{\"resourceType\":\"List\",\"id\":"
	    "\"%s\",\"status\":\"%s\",\"mode\":\"working\",\"code\":{"
	    "\"coding\":[{\"system\":"
	    "\"http://hl7.org/fhir/list-example-use-codes\",\"code\":\"%s\""
	    "}]},\"subject\":{\"reference\":\"Patient/%s\"},\"entry\":[%s]}",
	    id, PICK(d, list_states), PICK(d, list_codes), patient, items));
}

UNUSED static void
put_tree(struct world *w, struct dice *d, const char *id,
    const char *patient)
{
	switch (roll(d, 4)) {
	case 0:
		put_list(w, d, id, patient);
		break;
	case 1:
		put_told(w, d, id, patient);
		break;
	default:
		put_inside(w, d, id, patient);
		break;
	}
}

UNUSED static void
fill_forest(struct world *w, struct dice *d, unsigned n)
{
	static const char *const whose[] = { "pA", "pA", "pB", "pC" };
	unsigned i;

	for (i = 0; i < n; i++)
		put_tree(w, d, arena_printf(w->arena, "t%u", i),
		    PICK(d, whose));
	for (i = 0; i < 4; i++)
		put_list(w, d, arena_printf(w->arena, "l%u", i),
		    i % 2 ? "pB" : "pA");
	world_commit(w);
	world_learn(w);
}

/* --- queries ------------------------------------------------------------- */

/* Each: a type, and what may be asked of it from one to another. */
static const struct { const char *type, *text; } paths[] = {
#define P(type, text) { type, text }
	P("Observation", "patient:Patient.name=%s"),
	P("Observation", "patient:Patient.gender=female"),
	P("Observation", "subject:Patient.careprovider:Practitioner.name=%s"),
	P("Observation", "subject.name=%s"),
	P("Observation", "performer:Practitioner.name=%s"),
	P("Observation", "performer.name:contains=%s"),
	P("Observation", "performer:Practitioner.name:missing=false"),
	P("Observation", "patient._has:MedicationOrder:patient:"
	    "medication=m1"),
	P("Observation", "_text=headache"),
	P("Observation", "_text=cafe OR migrane"),
	P("Observation", "_content=fever"),
	P("Observation", "_content=NOT head*"),
	P("Observation", "_content=8302 weight"),
	P("Observation", "code:text=head"),
	P("Observation", "code:text=fever of"),
	P("Observation", "_list=l0"),
	P("Observation", "_list=l1,$current-problems"),
	P("Observation", "_list=$current-allergies"),
	P("Observation", "status:in=observation-status"),
	P("Observation", "status:not-in=observation-status"),
	P("Observation", "code-value-quantity=8302-2$gt5"),
	P("Observation", "code-value-quantity=http://loinc.org|8302-2$5,"
	    "X-1$lt100"),
	P("Observation", "_filter=patient.name co \"%s\" or code eq 8310-5"),
	P("Observation", "_filter=not (subject.gender eq female)"),
	P("Observation", "_filter=date gt 2015-01 or value-quantity gt 5"),
	P("Observation", "_filter=(value-string sw \"amy\" or _content co "
	    "fever) or patient eq Patient/pB"),
	P("Observation", "_filter=status eq final and not (code eq X-1)"),
	P("Observation", "_profile:below=http://p.example"),
	P("Observation", "_profile:above=http://p.example/vitals/more"),
	P("Patient", "_has:Observation:patient:code=8302-2"),
	P("Patient", "_has:Observation:subject:_text=headache"),
	P("Patient", "_has:Observation:patient:performer:Practitioner.name="
	    "%s"),
	P("Patient", "_has:List:patient:code=allergies"),
	P("Patient", "careprovider:Practitioner.name=%s"),
	P("Practitioner", "_has:Observation:performer:code=8302-2"),
	P("Practitioner", "_has:Patient:careprovider:name=%s"),
	P("Practitioner", "_has:MedicationOrder:prescriber:patient:Patient."
	    "gender=female"),
	P("Medication", "_has:MedicationOrder:medication:patient=pA"),
	P("MedicationOrder", "medication:Medication.code=8302-2"),
	P("MedicationOrder", "medication.code=%s"),
	P("MedicationOrder", "prescriber.name=%s"),
	P("MedicationOrder", "_list=l2"),
	P("Immunization", "patient.name=%s"),
	P("Immunization", "_list=$current-problems"),
	P("Practitioner", "name=%s"),
	P("Practitioner", "family:missing=false"),
	P("Patient", "careprovider.name=%s"),
	P("Medication", "code=8302-2,X-1"),
	P("List", "item:Observation.code=8302-2"),
	P("List", "item:Observation.patient:Patient.name=%s"),
	P("Appointment", "actor:Patient.name=%s"),
	P("Appointment", "patient.name=%s"),
#undef P
};

static const char *const	containeds[] = { "", "", "", "", "",
	"&_contained=true", "&_contained=both" };

/* A plain query or none, and one to three steps beside it. */
UNUSED static const char *
random_tree(struct arena *a, struct dice *d, const char **type_out)
{
	const char *plain = random_query(a, d, type_out), *text = "";
	size_t i, n = 1 + roll(d, 2);

	if (roll(d, 2)) {
		plain = "";
		*type_out = paths[roll(d, N_ELEM(paths))].type;
	}
	while (n > 0) {
		i = roll(d, N_ELEM(paths));
		if (strcmp(paths[i].type, *type_out) != 0)
			continue;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		text = arena_printf(a, "%s&%s", text, arena_printf(a,
		    paths[i].text, PICK(d, string_asks)));
#pragma GCC diagnostic pop
		n--;
	}
	return arena_printf(a, "%s%s%s", plain, text + (plain[0] == '\0'),
	    PICK(d, containeds));
}

#endif
