/* SPDX-License-Identifier: Apache-2.0 */
/*
 * term.c -- code systems and value sets, found by binary search.  (L1)
 *
 * The arrays come from mktab (tables.c); term_tables.h draws them.
 *
 * Not here: what codes mean, and what is nearly right (term_near.c).
 */
#include "fhir/term.h"

#include <stdlib.h>

#include "base/text.h"
#include "fhir/term_part.h"

const char *
term_text(uint32_t at)
{
	return &termt_text[at];
}

/* --- names --------------------------------------------------------------- */

static int
cmp_system(const void *url, const void *row)
{
	const struct bytes *want = url;
	const struct termt_url *have = row;

	return term_cmp(*want, term_text(have->url_at));
}

const struct term_system *
term_system(struct bytes url)
{
	const struct termt_url *row = bsearch(&url, termt_url, termt_n_url,
	    sizeof(*row), cmp_system);

	return row == NULL ? NULL : &termt_system[row->system];
}

static int
cmp_set(const void *url, const void *row)
{
	const struct bytes *want = url;
	const struct term_set *have = row;

	return term_cmp(*want, term_text(have->url_at));
}

static const struct term_set *
set_by_url(struct bytes url)
{
	return bsearch(&url, termt_set, termt_n_set, sizeof(termt_set[0]),
	    cmp_set);
}

static int
cmp_set_name(const void *name, const void *row)
{
	const struct bytes *want = name;
	const uint16_t *at = row;

	return term_cmp(*want, term_text(termt_set[*at].name_at));
}

static const struct term_set *
set_by_name(struct bytes name)
{
	const uint16_t *at = bsearch(&name, termt_set_name, termt_n_set,
	    sizeof(*at), cmp_set_name);

	return at == NULL ? NULL : &termt_set[*at];
}

const struct term_set *
term_set(struct bytes url_or_name)
{
	struct bytes		 url = url_or_name;
	const uint8_t		*bar = url.len == 0 ? NULL :
	    memchr(url.p, '|', url.len);
	const struct term_set	*set;

	if (bar != NULL)
		url.len = (size_t)(bar - url.p);
	set = set_by_url(url);
	return set != NULL ? set : set_by_name(url);
}

const struct term_set *
term_binding(uint16_t binding)
{
	if (binding == 0 || binding > termt_n_binding)
		return NULL;
	return &termt_set[termt_binding[binding]];
}

const struct term_set *
term_set_num(uint16_t num)
{
	return num < termt_n_set ? &termt_set[num] : NULL;
}

const char *
term_set_url(const struct term_set *set)
{
	return term_text(set->url_at);
}

const char *
term_set_name(const struct term_set *set)
{
	return term_text(set->name_at);
}

const char *
term_system_url(const struct term_system *sys)
{
	return term_text(sys->url_at);
}

bool
term_complete(const struct term_system *sys)
{
	return sys->whole;
}

bool
term_case(const struct term_system *sys)
{
	return !sys->nocase;
}

/* --- codes --------------------------------------------------------------- */

const char *
term_code_text(const struct term_system *sys, uint16_t rank)
{
	return term_text(termt_code[sys->first + rank].text_at);
}

struct coded {
	const struct term_system	*sys;
	struct bytes			 code;
};

static int
cmp_code(const void *coded, const void *rank)
{
	const struct coded *want = coded;
	const uint16_t *at = rank;
	const char *text = term_code_text(want->sys, *at);

	return want->sys->nocase ? term_casecmp(want->code, text) :
	    term_cmp(want->code, text);
}

int
term_rank(const struct term_system *sys, struct bytes code)
{
	const struct coded want = { sys, code };
	const uint16_t *at = bsearch(&want, &termt_sorted[sys->first],
	    sys->n, sizeof(*at), cmp_code);

	return at == NULL ? -1 : *at;
}

enum term_answer
term_code_of(const struct term_system *sys, struct bytes code)
{
	if (code.len == 0)
		return TERM_OUT;
	if (sys->rule != RULE_NONE)
		return term_form((enum term_rule)sys->rule, code) ? TERM_IN :
		    TERM_OUT;
	if (term_rank(sys, code) >= 0)
		return TERM_IN;
	return sys->whole ? TERM_OUT : TERM_UNKNOWN;
}

/* --- sets ---------------------------------------------------------------- */

const struct term_system *
term_part_system(const struct termt_part *part)
{
	return &termt_system[part->system];
}

static int
cmp_rank(const void *a, const void *b)
{
	const uint16_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool
lists(const struct termt_part *part, uint16_t rank)
{
	return bsearch(&rank, &termt_rank[part->first], part->n,
	    sizeof(rank), cmp_rank) != NULL;
}

/* "All" of an outside system takes any code of it on trust. */
static enum term_answer
part_has(const struct termt_part *part, struct bytes code)
{
	const struct term_system	*sys = term_part_system(part);
	int				 rank;

	if (part->all) {
		enum term_answer	a = term_code_of(sys, code);

		return a == TERM_UNKNOWN ? TERM_IN : a;
	}
	rank = term_rank(sys, code);
	if (rank >= 0 && lists(part, (uint16_t)rank))
		return TERM_IN;
	return part->some && code.len > 0 ? TERM_UNKNOWN : TERM_OUT;
}

/*
 * A bare code may be any outside system's only if none that is here has it:
 * "all of LOINC" does not make every word a code.
 */
static enum term_answer
bare_has(const struct termt_part *part, struct bytes code)
{
	const struct term_system	*sys = term_part_system(part);
	enum term_answer		 a = part_has(part, code);

	if (a == TERM_IN && part->all && !sys->whole &&
	    sys->rule == RULE_NONE && term_rank(sys, code) < 0)
		return TERM_UNKNOWN;
	return a;
}

enum term_answer
term_has(const struct term_set *set, struct bytes system, bool any_system,
    struct bytes code)
{
	const struct termt_part		*part = &termt_part[set->part];
	const struct term_system	*sys = NULL;
	enum term_answer		 best = TERM_OUT, a;

	if (!any_system) {
		sys = term_system(system);
		if (sys == NULL && system.len > 0)
			return TERM_OUT;
	}
	for (uint16_t i = 0; i < set->n_part; i++, part++) {
		const struct term_system *s = term_part_system(part);

		if (any_system)
			a = bare_has(part, code);
		else if (sys == s || (sys == NULL && s->rule != RULE_NONE))
			a = part_has(part, code);
		else
			continue;
		if (a == TERM_IN)
			return TERM_IN;
		if (a == TERM_UNKNOWN)
			best = TERM_UNKNOWN;
	}
	return best;
}

bool
term_set_system(const struct term_set *set, struct bytes system)
{
	const struct termt_part		*part = &termt_part[set->part];
	const struct term_system	*sys = term_system(system);

	for (uint16_t i = 0; sys != NULL && i < set->n_part; i++)
		if (term_part_system(&part[i]) == sys)
			return true;
	return false;
}

bool
term_closed(const struct term_set *set)
{
	const struct termt_part	*part = &termt_part[set->part];

	for (uint16_t i = 0; i < set->n_part; i++)
		if (part[i].some ||
		    (part[i].all && !term_part_system(&part[i])->whole))
			return false;
	return true;
}

bool
term_decided(const struct term_set *set)
{
	const struct termt_part	*part = &termt_part[set->part];

	for (uint16_t i = 0; i < set->n_part; i++)
		if (part[i].some)
			return false;
	return true;
}

static uint16_t
part_count(const struct termt_part *part)
{
	return part->all ? term_part_system(part)->n : part->n;
}

/* *at counts over all parts; sets have few, so finding ours is quick. */
bool
term_each(const struct term_set *set, uint32_t *at, struct term_code *out)
{
	const struct termt_part	*part = &termt_part[set->part];
	uint32_t		 n = *at;

	for (uint16_t i = 0; i < set->n_part; i++, part++) {
		const struct term_system *sys = term_part_system(part);
		uint16_t	rank;

		if (n >= part_count(part)) {
			n -= part_count(part);
			continue;
		}
		rank = part->all ? (uint16_t)n : termt_rank[part->first + n];
		out->system = bytes_str(term_system_url(sys));
		out->code = bytes_str(term_code_text(sys, rank));
		(*at)++;
		return true;
	}
	return false;
}

/* --- above and below ------------------------------------------------------ */

enum term_answer
term_subsumes(struct bytes system, struct bytes ancestor, struct bytes code)
{
	const struct term_system	*sys = term_system(system);
	int				 a, c;

	if (bytes_eq(ancestor, code))
		return TERM_IN;
	if (sys == NULL || !sys->whole)
		return TERM_UNKNOWN;
	a = term_rank(sys, ancestor);
	c = term_rank(sys, code);
	if (a < 0 || c < a || c > termt_code[sys->first + (uint32_t)a].last)
		return TERM_OUT;
	return TERM_IN;
}

/* The first step of either walk: the code itself. */
static bool
first_step(struct bytes code, uint32_t *at, struct bytes *out)
{
	if (*at != 0)
		return false;
	*at = 1;
	*out = code;
	return true;
}

bool
term_below(struct bytes system, struct bytes code, uint32_t *at,
    struct bytes *out)
{
	const struct term_system	*sys;
	int				 rank;

	if (first_step(code, at, out))
		return true;
	sys = term_system(system);
	rank = sys == NULL ? -1 : term_rank(sys, code);
	if (rank < 0 || (uint32_t)rank + *at >
	    termt_code[sys->first + (uint32_t)rank].last)
		return false;
	*out = bytes_str(term_code_text(sys, (uint16_t)((uint32_t)rank +
	    (*at)++)));
	return true;
}

/* *at counts the steps upwards: trees are a few levels deep. */
bool
term_above(struct bytes system, struct bytes code, uint32_t *at,
    struct bytes *out)
{
	const struct term_system	*sys;
	int				 rank;

	if (first_step(code, at, out))
		return true;
	sys = term_system(system);
	rank = sys == NULL ? -1 : term_rank(sys, code);
	for (uint32_t i = 0; i < *at && rank >= 0; i++)
		rank = termt_code[sys->first + (uint32_t)rank].parent - 1;
	if (rank < 0)
		return false;
	(*at)++;
	*out = bytes_str(term_code_text(sys, (uint16_t)rank));
	return true;
}
