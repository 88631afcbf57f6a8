/* SPDX-License-Identifier: Apache-2.0 */
/*
 * synth_type.c -- the data types, as a synthetic population needs them.
 * (L5)
 */
#include <string.h>

#include "cli/synth.h"

#define PROFILE		"http://fhir.org/guides/argonaut/StructureDefinition/"

/*
 * Patient and serial, mixed one to one: within a seed no two are the same,
 * and they come in no order, as the ids of a server do.
 */
uint64_t
synth_id(struct synth_person *p)
{
	return synth_mix(p->seed ^ synth_mix(p->number << 20 | p->serial++));
}

void
synth_hex(uint64_t id, char out[static SYNTH_ID])
{
	static const char digit[] = "0123456789abcdef";
	int i;

	for (i = 15; i >= 0; i--, id >>= 4)
		out[i] = digit[id & 15];
	out[16] = '\0';
}

/* --- a resource --------------------------------------------------------- */

void
synth_begin(struct synth *s, const char *type, const char *id,
    const char *profile)
{
	static const struct synth_code test = { SYS_REASON, "HTEST",
	    "test health data" };
	struct js *w = &s->w;

	s->count++;
	js_open(w, NULL);
	js_str(w, "resourceType", type);
	js_str(w, "id", id);
	js_open(w, "meta");
	if (profile != NULL) {
		js_list(w, "profile");
		js_begin(w, NULL);
		js_add(w, PROFILE);
		js_add(w, profile);
		js_end(w);
		js_unlist(w);
	}
	js_list(w, "tag");
	synth_coding(w, NULL, &test);
	js_unlist(w);
	js_close(w);
}

void
synth_begin_n(struct synth *s, const char *type, uint64_t id,
    const char *profile)
{
	char text[SYNTH_ID];

	synth_hex(id, text);
	synth_begin(s, type, text, profile);
}

/* A full disk is met again by js_flush, which stays false. */
void
synth_end(struct synth *s)
{
	js_close(&s->w);
	(void)js_line(&s->w);
}

/* --- codes -------------------------------------------------------------- */

void
synth_coding(struct js *w, const char *name, const struct synth_code *c)
{
	js_open(w, name);
	js_str(w, "system", synth_systems[c->system]);
	js_str(w, "code", c->code);
	js_str(w, "display", c->text);
	js_close(w);
}

void
synth_concept(struct js *w, const char *name, const struct synth_code *c)
{
	js_open(w, name);
	js_list(w, "coding");
	synth_coding(w, NULL, c);
	js_unlist(w);
	js_str(w, "text", c->text);
	js_close(w);
}

void
synth_loinc(struct js *w, const char *name, const char *code,
    const char *text)
{
	const struct synth_code c = { SYS_LOINC, code, text };

	synth_concept(w, name, &c);
}

/* --- references --------------------------------------------------------- */

void
synth_ref(struct js *w, const char *name, const char *type, const char *id,
    const char *shown)
{
	js_open(w, name);
	js_begin(w, "reference");
	js_add(w, type);
	js_add(w, "/");
	js_add(w, id);
	js_end(w);
	if (shown != NULL)
		js_str(w, "display", shown);
	js_close(w);
}

void
synth_ref_n(struct js *w, const char *name, const char *type, uint64_t id)
{
	char text[SYNTH_ID];

	synth_hex(id, text);
	synth_ref(w, name, type, text, NULL);
}

void
synth_patient_ref(struct js *w, const char *name,
    const struct synth_person *p)
{
	synth_ref(w, name, "Patient", p->id, NULL);
}

void
synth_staff_ref(struct js *w, const char *name,
    const struct synth_staff *staff)
{
	synth_ref(w, name, "Practitioner", staff->id, staff->shown);
}

/* --- values ------------------------------------------------------------- */

void
synth_quantity(struct js *w, const char *name, const struct synth_test *t,
    int32_t v)
{
	js_open(w, name);
	js_dec(w, "value", v, t->places);
	js_str(w, "unit", t->unit);
	js_str(w, "system", synth_systems[SYS_UCUM]);
	js_str(w, "code", t->ucum);
	js_close(w);
}

void
synth_period(struct js *w, const char *name, const struct when *from,
    const struct when *to)
{
	js_open(w, name);
	js_time(w, "start", from);
	if (to != NULL)
		js_time(w, "end", to);
	js_close(w);
}
