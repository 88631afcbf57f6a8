/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile_table.c -- finds profiles, and tells what they ask.  (L1)
 */
#include "fhir/profile.h"

#include "fhir/def_tables.h"
#include "fhir/profile_tables.h"
#include "fhir/rule_tables.h"
#include "fhir/term.h"

static const char *
text(uint32_t at)
{
	return &deft_text[at];
}

static const char *
word(uint32_t num)
{
	return text(deft_word[num]);
}

const struct profile *
profile_find(struct bytes url)
{
	size_t	lo = 0, hi = deft_n_profile, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		int	c = bytes_cmp(url, bytes_str(
			    text(deft_profile[mid].url_at)));

		if (c == 0)
			return &deft_profile[mid];
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

bool
profile_base(struct bytes url, uint16_t *type_out)
{
	static const char	 core[] =
	    "http://hl7.org/fhir/StructureDefinition/";
	struct bytes		 name = bytes_from(url, sizeof(core) - 1);
	const struct def_type	*type;

	if (!bytes_starts(url, bytes_str(core)))
		return false;
	type = def_type(name);
	*type_out = type == NULL ? 0 : type->num;
	return type != NULL || bytes_is(name, "Resource") ||
	    bytes_is(name, "DomainResource");
}

const struct profile *
profile_num(size_t num)
{
	return num < deft_n_profile ? &deft_profile[num] : NULL;
}

const char *
profile_url(const struct profile *p)
{
	return text(p->url_at);
}

const char *
profile_name(const struct profile *p)
{
	return text(p->name_at);
}

uint16_t
profile_type(const struct profile *p)
{
	return p->type;
}

static bool
narrows(struct typeset ours, struct typeset base)
{
	if (typeset_empty(ours))
		return false;
	return typeset_empty(base) || (base.bits[0] & ~ours.bits[0]) != 0 ||
	    (base.bits[1] & ~ours.bits[1]) != 0;
}

/* May anything break this row that the base does not refuse? */
static bool
asks(const struct profile_row *r)
{
	const struct def_elem	*e = &deft_elem[r->elem_at];

	if (r->n_elem == 0)
		return false;
	if (r->min > 0 && (r->url_at != 0 || e->min == 0))
		return true;
	if (r->max != PROFILE_MANY && (r->url_at != 0 || e->max == 0 ||
	    e->max > r->max))
		return true;
	if (r->any_fixed || r->n_pattern > 0 || narrows(r->targets,
	    e->targets))
		return true;
	return r->bind > BIND_PREFERRED && !(r->bind == BIND_REQUIRED &&
	    e->binding != 0 && term_binding(e->binding) ==
	    term_set_num(r->set));
}

bool
profile_fact(const struct profile *p, size_t num, struct profile_fact *out)
{
	static const char *const	 names[] = PROFILE_BIND_NAMES;
	const struct profile_row	*r = &deft_profile_row[p->row + num];

	if (num >= p->n_row)
		return false;
	*out = (struct profile_fact){ .path = text(r->path_at),
	    .min = r->min, .max = r->max, .must_support = r->must_support,
	    .asks = asks(r), .strength = names[r->bind], .targets = r->targets,
	    .set = r->bind == BIND_NONE ? NULL :
	    term_set_name(term_set_num(r->set)) };
	if (r->any_fixed)
		out->fixed = word(r->fixed);
	else if (r->n_pattern > 0)
		out->fixed = word(r->pattern);
	for (uint16_t i = 1; i < r->n_pattern && i < 4; i++)
		out->systems[i - 1] = word((uint32_t)r->pattern + i);
	return true;
}

bool
profile_rule(const struct profile *p, size_t num, struct profile_rule *out)
{
	for (uint16_t i = 0; i < p->n_row; i++) {
		const struct profile_row	*r =
		    &deft_profile_row[p->row + i];
		const struct rule		*rule;

		if (num >= r->n_rule) {
			num -= r->n_rule;
			continue;
		}
		rule = &deft_profile_rule[r->rule + num];
		*out = (struct profile_rule){ rule_key(rule),
		    text(r->path_at), rule_text(rule), rule->warning,
		    rule->ours };
		return true;
	}
	return false;
}

bool
profile_unit(const struct profile *p, size_t num, const char **code_out,
    const char *unit_out[4])
{
	const struct profile_unit	*u = &deft_profile_unit[p->unit + num];

	if (num >= p->n_unit)
		return false;
	*code_out = word(u->word);
	for (uint16_t i = 0; i < 4; i++)
		unit_out[i] = i < u->n ? word((uint32_t)u->word + i + 1) :
		    NULL;
	return true;
}
