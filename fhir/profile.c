/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile.c -- does a resource meet its profiles?  (L1)
 *
 * Rows are followed along what the profile names; what it does not name is
 * not looked at.  The base has been judged before, so what is not of its
 * form is passed over here.
 *
 * Recursion: as deep as the rows of profiles.tbl.
 */
#include "fhir/profile_part.h"

#include "fhir/def_tables.h"
#include "fhir/profile.h"
#include "fhir/rule_tables.h"
#include "fhir/term.h"

#define DAR	"http://hl7.org/fhir/StructureDefinition/data-absent-reason"

/* --- values --------------------------------------------------------------- */

static struct bytes
text(const json_t *obj, const char *name)
{
	const json_t	*v = json_object_get(obj, name);

	return json_is_string(v) && !json_is_num(v) ? json_text(v) :
	    bytes_of(NULL, 0);
}

/* Why there is no value, as the extension of p says; "" where it does not. */
static struct bytes
reason(const json_t *p)
{
	const json_t	*list = json_object_get(p, "extension");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t	*one = json_array_get(list, i);

		if (bytes_is(text(one, "url"), DAR))
			return text(one, "valueCode");
	}
	return bytes_of(NULL, 0);
}

/* What stands at one element of an object: a value, its partner, or both. */
struct value {
	const struct judge	*j;
	const struct profile_row *row;
	const struct def_elem	*e;
	const struct spot	*at;
	const json_t		*v;	/* or NULL */
	const json_t		*obj;	/* in which it stands */
};

/*
 * A primitive without value says why (A26): a required code by the one
 * reason the guide has for it, any other by any reason there is.
 */
static void
judge_absent(const struct value *x, const json_t *partner)
{
	struct bytes	why = reason(partner);

	if (x->row->bind == BIND_REQUIRED && x->e->dt == DT_CODE) {
		if (!bytes_is(why, "unsupported"))
			profile_say(x->j, x->row, "required", x->at,
			    "without a code of the set its place takes the "
			    "extension data-absent-reason, unsupported");
	} else if (x->row->min > 0 && term_code_of(term_system(bytes_str(
	    "http://hl7.org/fhir/data-absent-reason")), why) != TERM_IN) {
		profile_say(x->j, x->row, "required", x->at, "has no value: "
		    "the extension data-absent-reason says why not");
	}
}

/* --- fixed values, patterns, targets -------------------------------------- */

static const char *
word(uint16_t num)
{
	return &deft_text[deft_word[num]];
}

static bool
of_pattern(const struct profile_row *r, const json_t *coding)
{
	struct bytes	system = text(coding, "system");

	if (!bytes_is(text(coding, "code"), word(r->pattern)))
		return false;
	for (uint16_t i = 1; i < r->n_pattern; i++)
		if (bytes_is(system, word((uint16_t)(r->pattern + i))))
			return true;
	return false;
}

static void
judge_pattern(const struct value *x)
{
	const json_t	*list = json_object_get(x->v, "coding");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (of_pattern(x->row, json_array_get(list, i)))
			return;
	profile_say(x->j, x->row, "value", x->at, "one coding is %s of %s",
	    word(x->row->pattern), word((uint16_t)(x->row->pattern + 1)));
}

static void
judge_fixed(const struct value *x)
{
	if (json_is_string(x->v) &&
	    !bytes_is(json_text(x->v), word(x->row->fixed)))
		profile_say(x->j, x->row, "value", x->at, "is always %s",
		    word(x->row->fixed));
}

/* What the base refuses it has refused. */
static void
judge_target(const struct value *x)
{
	static const struct typeset	any;
	uint16_t			type = check_ref_type(x->j->w, x->v);

	if (type == 0 || typeset_has(x->row->targets, type) ||
	    (memcmp(&x->e->targets, &any, sizeof(any)) != 0 &&
	    !typeset_has(x->e->targets, type)))
		return;
	profile_say(x->j, x->row, "value", SPOT(x->at, "reference"),
	    "refers to a %s; here stands a reference to %s",
	    def_type_num(type)->name,
	    check_types(x->j->w->arena, x->row->targets));
}

/* --- units of vital signs ------------------------------------------------- */

/* The row of a code that the profile has units for, or NULL. */
static const struct profile_unit *
units_of(const struct profile *p, const json_t *code)
{
	const json_t	*list = json_object_get(code, "coding");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t			*one = json_array_get(list, i);
		const struct profile_unit	*u =
		    &deft_profile_unit[p->unit];

		if (!bytes_is(text(one, "system"), "http://loinc.org"))
			continue;
		for (uint16_t k = 0; k < p->n_unit; k++)
			if (bytes_is(text(one, "code"), word(u[k].word)))
				return &u[k];
	}
	return NULL;
}

/* The unit, but for annotations: {beats}/min is /min. */
static bool
is_unit(struct bytes unit, const char *want)
{
	bool	note = false;

	for (size_t i = 0; i < unit.len; i++) {
		if (unit.p[i] == '{' || unit.p[i] == '}')
			note = unit.p[i] == '{';
		else if (!note && (*want == '\0' ||
		    unit.p[i] != (uint8_t)*want++))
			return false;
	}
	return *want == '\0' && !note;
}

/* true: this vital sign has a list of units, and was judged by it. */
static bool
judge_units(const struct value *x)
{
	const struct profile_unit	*u;
	struct bytes			 unit = text(x->v, "code");
	const char			*list = NULL;

	u = units_of(x->j->profile, json_object_get(x->obj, "code"));
	if (u == NULL || unit.len == 0)
		return u != NULL;
	for (uint16_t i = 1; i <= u->n; i++)
		if (is_unit(unit, word((uint16_t)(u->word + i))))
			return true;
	for (uint16_t i = 1; i <= u->n; i++)
		list = list == NULL ? word((uint16_t)(u->word + i)) :
		    arena_printf(x->j->w->arena, "%s or %s", list,
		    word((uint16_t)(u->word + i)));
	profile_say_key(x->j, "unit", "code-invalid", SPOT(x->at, "code"),
	    "LOINC %s is measured in %s", word(u->word), list);
	return true;
}

/* --- one value, and what stands in it ------------------------------------- */

static void
judge_rules(const struct judge *j, const struct profile_row *row,
    const struct spot *at, const json_t *v)
{
	const struct rule	*r = &deft_profile_rule[row->rule];

	for (uint16_t i = 0; i < row->n_rule; i++)
		if (!rule_holds(j->w->arena, &r[i], v))
			profile_broken(j, &r[i], at);
}

static void
judge_value(const struct value *x)
{
	const struct profile_row	*r = x->row;

	if (r->any_fixed)
		judge_fixed(x);
	if (r->n_pattern > 0)
		judge_pattern(x);
	if (x->e->dt == DT_REFERENCE && !typeset_empty(r->targets))
		judge_target(x);
	if (r->bind > BIND_PREFERRED && !(r->units && judge_units(x)))
		profile_bind(x->j, r, x->e, x->at, x->v);
	if (json_is_object(x->v)) {
		judge_rules(x->j, r, x->at, x->v);
		profile_rows(x->j, r, x->at, x->v);
	}
}

/* --- how often ------------------------------------------------------------ */

/* A value, or one that says why it is not there. */
static void
judge_one(const struct value *x, const json_t *partner)
{
	if (x->v != NULL && !json_is_null(x->v))
		judge_value(x);
	else if (json_is_object(partner))
		judge_absent(x, partner);
}

static const json_t *
partner_of(const json_t *obj, const struct def_elem *e)
{
	char	under[DEF_NAME_LEN + 1] = "_";

	if (e->dt >= DT_ADDRESS)
		return NULL;
	memcpy(under + 1, e->name, strlen(e->name) + 1);
	return json_object_get(obj, under);
}

/* Items of an array; of extensions those with the url of the row. */
static size_t
judge_items(const struct value *x, const struct spot *up,
    const json_t *partner)
{
	const char	*url = x->row->url_at == 0 ? NULL :
			    &deft_text[x->row->url_at];
	size_t		 n = json_array_size(x->v), found = 0;

	if (n < json_array_size(partner))
		n = json_array_size(partner);
	for (size_t i = 0; i < n; i++) {
		struct value	one = *x;

		one.v = json_array_get(x->v, i);
		one.at = SPOT_ITEM(up, x->e->name, i);
		if (url != NULL && !bytes_is(text(one.v, "url"), url))
			continue;
		found++;
		judge_one(&one, json_array_get(partner, i));
	}
	return found;
}

/* n values, the last of them (if any) at e, which may be one of a choice. */
static void
judge_count(const struct judge *j, const struct profile_row *r,
    const struct spot *up, const struct def_elem *e, size_t n)
{
	bool	slice = r->url_at != 0;

	if (n < r->min && (slice || e->min == 0))
		profile_say(j, r, "required", SPOT(up, e->name),
		    slice ? "the extension %s must stand here" :
		    "%s must stand here", slice ? &deft_text[r->url_at] :
		    def_dt_name(e->dt));
	if (n > r->max && (e->max == 0 || e->max > r->max))
		profile_say(j, r, "structure", SPOT(up, e->name),
		    r->max == 0 ? "does not stand here" :
		    "stands %zu times, may stand %u", n, r->max);
}

/* One row, of what stands in obj. */
static void
judge_row(const struct judge *j, const struct profile_row *r,
    const struct spot *up, const json_t *obj)
{
	const struct def_elem	*e = &deft_elem[r->elem_at], *last = e;
	size_t			 n = 0;

	for (uint16_t i = 0; i < r->n_elem; i++, e++) {
		struct value	 x = { j, r, e, SPOT(up, e->name),
				    json_object_get(obj, e->name), obj };
		const json_t	*partner = partner_of(obj, e);

		if (x.v == NULL && partner == NULL)
			continue;
		last = e;
		if (json_is_array(x.v) || json_is_array(partner)) {
			n += judge_items(&x, up, partner);
		} else {
			n++;
			judge_one(&x, partner);
		}
	}
	judge_count(j, r, up, last, n);
}

void
profile_rows(const struct judge *j, const struct profile_row *up,
    const struct spot *at, const json_t *obj)
{
	const struct profile_row	*r = up + 1, *end = r + up->below;

	for (; r < end && j->w->room > 0; r += r->below + 1)
		judge_row(j, r, at, obj);
}

/* --- whole resources ------------------------------------------------------ */

static void
judge(struct check_walk *w, const struct profile *p, const struct spot *at,
    const json_t *v)
{
	const struct judge		 j = { w, p };
	const struct profile_row	*row = &deft_profile_row[p->row];

	judge_rules(&j, row, at, v);
	profile_rows(&j, row, at, v);
}

/* By a profile that is of another type nothing can be judged. */
static void
judge_as(struct check_walk *w, const struct profile *p, uint16_t type,
    const struct spot *at, const json_t *v)
{
	if (p->type == type)
		judge(w, p, at, v);
	else
		check_fault(w, F_PROFILE, at, "%s is a profile of %s",
		    profile_name(p), p->type == 0 ? "an extension" :
		    def_type_num(p->type)->name);
}

/* The one the caller asks for; of a Bundle its entries are asked. */
static const struct profile *
asked_of(const struct check_walk *w, uint16_t type, const struct spot *at)
{
	const struct profile	*p = w->how->profile;
	const struct spot	*top = at;

	if (p == NULL)
		return NULL;
	while (top->up != NULL)
		top = top->up;
	if (strcmp(top->name, "Bundle") != 0)
		return top == at ? p : NULL;
	return p->type == type && strcmp(at->name, "contained") != 0 ? p :
	    NULL;
}

/* meta.profile names one that is not carried, or the base itself. */
static void
judge_other(struct check_walk *w, struct bytes url, uint16_t type,
    const struct spot *at)
{
	uint16_t	base;

	if (!profile_base(url, &base))
		profile_unknown(w, at);
	else if (base != 0 && base != type)
		check_fault(w, F_PROFILE, at, "this is no %s",
		    def_type_num(base)->name);
}

/* Each but once, however often it is claimed. */
void
check_profiles(struct check_walk *w, uint16_t type, const struct spot *at,
    const json_t *resource)
{
	const json_t		*meta = json_object_get(resource, "meta");
	const json_t		*list = json_object_get(meta, "profile"), *url;
	const struct profile	*asked = asked_of(w, type, at), *p;
	uint64_t		 judged = 0;	/* bit: in deft_profile */

	if (asked != NULL) {
		judge_as(w, asked, type, at, resource);
		judged |= (uint64_t)1 << (asked - deft_profile);
	}
	for (size_t i = 0; i < json_array_size(list) && w->room > 0; i++) {
		url = json_array_get(list, i);
		if (!json_is_string(url) || json_is_num(url))
			continue;
		p = profile_find(json_text(url));
		if (p == NULL) {
			judge_other(w, json_text(url), type,
			    SPOT_ITEM(SPOT(at, "meta"), "profile", i));
		} else if ((judged >> (p - deft_profile) & 1) == 0) {
			judged |= (uint64_t)1 << (p - deft_profile);
			judge_as(w, p, type, at, resource);
		}
	}
}

void
check_extension(struct check_walk *w, const struct spot *at, const json_t *v)
{
	const struct profile	*p = profile_find(text(v, "url"));

	if (p != NULL && p->type == 0)
		judge(w, p, at, v);
}
