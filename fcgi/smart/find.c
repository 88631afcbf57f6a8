/* SPDX-License-Identifier: Apache-2.0 */
/*
 * find.c -- looking for a patient, on the picker and the launch page.  (L5)
 *
 * Searches are POSTs: names and birth dates do not belong into URLs, which
 * web servers log.  Which patients one may find is auth/'s to say.
 */
#include "fcgi/smart/flow.h"

/* What smart_patients could not search by, beside its field. */
static const char *
field_of(const char *place)
{
	static const char *const ids[] = { "name", "birthdate",
	    "identifier" };
	size_t i;

	for (i = 0; place != NULL && i < N_ELEM(ids); i++) {
		if (strncmp(place, ids[i], 5) == 0)
			return ids[i];
	}
	return "birthdate";
}

enum err
find_patients(struct call *c, bool asked, struct finding *out)
{
	struct smart_call *s = &ask_of(c)->smart;
	struct finding f = { .asked = asked };
	enum err e = ask_store(c);

	if (e != OK)
		return e;
	if (asked) {
		f.name = ask_field(c, "name");
		f.birth = ask_field(c, "birthdate");
		f.identifier = ask_field(c, "identifier");
	}
	e = smart_patients(smart_of(c), s, f.name, f.birth, f.identifier,
	    &f.patient, &f.n, &f.more);
	if (e == ERR_USAGE) {
		f.pr = (struct problem){ .field = field_of(s->error.place),
		    .text = page_sentence(c, s->error.text) };
		f.n = 0;
		ask_of(c)->status = 400;
		e = OK;
	}
	if (e == OK)
		*out = f;
	return e;
}

void
find_fields(struct html *h, const struct finding *f)
{
	const struct field fields[] = {
		{ .id = "name", .label = "Name", .hint = "Family name, given "
		    "name, or the beginning of one.", .type = "text",
		    .complete = "off", .value = f->name },
		{ .id = "birthdate", .label = "Date of birth",
		    .hint = "Year, month and day, for example 2008-02-17.",
		    .type = "text", .complete = "off", .value = f->birth },
		{ .id = "identifier", .label = "Record number",
		    .type = "text", .complete = "off",
		    .value = f->identifier }
	};
	size_t i;

	HTML_LIT(h, "<fieldset><legend>Find a patient</legend>\n");
	for (i = 0; i < N_ELEM(fields); i++)
		page_field(h, &fields[i], &f->pr);
	HTML_LIT(h, "<p class=\"acts\"><button class=\"sec\">Search</button>"
	    "</p>\n</fieldset>\n");
}

static void
row(struct call *c, struct html *h, const struct smart_patient *p,
    const char *path, struct bytes flow, const char *extra,
    struct bytes value, const char *act)
{
	struct bytes name = page_name(c, p->name);

	HTML(h,
	    "<tr><th scope=\"row\"><bdi>{t}</bdi></th>\n"
	    "<td data-label=\"Born\">{t}</td>\n"
	    "<td data-label=\"Sex\">{t}</td>\n"
	    "<td data-label=\"Record number\"><bdi>{t}</bdi></td>\n"
	    "<td>",
	    name, page_birth(c, p->birth), p->gender,
	    page_name(c, p->identifier));
	page_form(c, h, path, flow);
	page_hidden(h, "patient", p->id);
	if (extra != NULL)
		page_hidden(h, extra, value);
	HTML(h, "<button class=\"sec\">{t}<span class=\"sr\"> {t}</span>"
	    "</button></form></td></tr>\n", bytes_str(act), name);
}

void
find_table(struct call *c, struct html *h, const struct finding *f,
    const char *path, struct bytes flow, const char *extra,
    struct bytes value, const char *act)
{
	size_t i;

	if (f->n == 0) {
		HTML(h, "<p role=\"status\">{t}</p>\n", bytes_str(f->asked ?
		    "No patient was found. Check the spelling, or search by "
		    "less." : "There is no patient you may choose."));
		return;
	}
	HTML(h,
	    "<table><caption>{t}</caption>\n"
	    "<thead><tr><th scope=\"col\">Name</th>"
	    "<th scope=\"col\">Born</th><th scope=\"col\">Sex</th>"
	    "<th scope=\"col\">Record number</th>"
	    "<th scope=\"col\">Choose</th></tr></thead>\n<tbody>\n",
	    bytes_str(f->asked ? "Patients found" : "Patients"));
	for (i = 0; i < f->n; i++)
		row(c, h, &f->patient[i], path, flow, extra, value, act);
	HTML_LIT(h, "</tbody></table>\n");
	if (f->more)
		HTML_LIT(h, "<p role=\"status\">There are more than are "
		    "shown here. Search by more to see fewer.</p>\n");
}
