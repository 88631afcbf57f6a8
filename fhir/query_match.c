/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_match.c -- the one definition of what a search finds.  (L1)
 *
 * Pure comparisons over values that were prepared on both sides; whatever
 * the store does to be quick gives the same answer as this.
 *
 * Spec: DSTU2 search.html#prefix:
 *
 *	eq	the search range contains the target's
 *	ne	it does not
 *	gt lt	the range above (below) the search's overlaps the target's
 *	ge le	that, or eq
 *	sa eb	the target starts after (ends before) the search's range
 *	ap	the two overlap
 */
#include "fhir/query.h"

#include "base/text.h"
#include "fhir/term.h"

/* --- time: lo <= t < hi on both sides ------------------------------------- */

static bool
time_match(enum prefix prefix, struct span s, struct span t)
{
	bool	within = s.lo <= t.lo && t.hi <= s.hi;

	switch (prefix) {
	case PRE_EQ:
		return within;
	case PRE_NE:
		return !within;
	case PRE_GT:
		return t.hi > s.hi;
	case PRE_LT:
		return t.lo < s.lo;
	case PRE_GE:
		return t.hi > s.hi || within;
	case PRE_LE:
		return t.lo < s.lo || within;
	case PRE_SA:
		return t.lo >= s.hi;
	case PRE_EB:
		return t.hi <= s.lo;
	case PRE_AP:
		return t.lo < s.hi && s.lo < t.hi;
	}
	return false;
}

/* --- numbers: lo <= x < hi, or the point lo == hi ------------------------- */

static bool
point(const struct value *v)
{
	return dec_cmp(&v->lo, &v->hi) == 0;
}

/* Is every x of t also one of s? */
static bool
dec_within(const struct value *s, const struct value *t)
{
	if (dec_cmp(&t->lo, &s->lo) < 0)
		return false;
	if (point(t) && !point(s))
		return dec_cmp(&t->lo, &s->hi) < 0;
	return dec_cmp(&t->hi, &s->hi) <= 0;
}

/*
 * Is some x of t greater than the point s?  "<= 5" stands in the index as
 * what lies before the next number after 5, which is not greater than 5.
 */
static bool
dec_above(const struct value *s, const struct value *t)
{
	struct dec	next;

	if (point(t))
		return dec_cmp(&t->lo, &s->hi) > 0;
	next = prim_dec_next(s->hi);
	return dec_cmp(&next, &t->hi) < 0;
}

/* Is some x of t less than the point s? */
static bool
dec_below(const struct value *s, const struct value *t)
{
	return dec_cmp(&t->lo, &s->lo) < 0;
}

/* Does a end before b begins?  Ends are open, points closed. */
static bool
dec_before(const struct value *a, const struct value *b)
{
	int	c = dec_cmp(&a->hi, &b->lo);

	return point(a) ? c < 0 : c <= 0;
}

static bool
dec_match(enum prefix prefix, const struct value *s, const struct value *t)
{
	switch (prefix) {
	case PRE_EQ:
		return dec_within(s, t);
	case PRE_NE:
		return !dec_within(s, t);
	case PRE_GT:
		return dec_above(s, t);
	case PRE_LT:
		return dec_below(s, t);
	case PRE_GE:
		return dec_above(s, t) || dec_within(s, t);
	case PRE_LE:
		return dec_below(s, t) || dec_within(s, t);
	case PRE_SA:
		return dec_before(s, t);
	case PRE_EB:
		return dec_before(t, s);
	case PRE_AP:
		return !dec_before(s, t) && !dec_before(t, s);
	}
	return false;
}

/* --- the other kinds ------------------------------------------------------ */

/* Do the bytes of needle stand in hay from at on?  fold: ASCII case aside. */
static bool
stands(struct bytes hay, struct bytes needle, size_t at, bool fold)
{
	size_t	i;

	if (at > hay.len || hay.len - at < needle.len)
		return false;
	for (i = 0; i < needle.len; i++)
		if (hay.p[at + i] != needle.p[i] && (!fold ||
		    text_lower(hay.p[at + i]) != text_lower(needle.p[i])))
			return false;
	return true;
}

/* What a modifier asks of a text, where it asks for a part of it. */
static bool
part_match(enum modifier mod, struct bytes hay, struct bytes needle,
    bool fold)
{
	size_t	i;

	if (hay.len < needle.len)
		return false;
	if (mod == MOD_STARTS)
		return stands(hay, needle, 0, fold);
	if (mod == MOD_ENDS)
		return stands(hay, needle, hay.len - needle.len, fold);
	for (i = 0; i + needle.len <= hay.len; i++)
		if (stands(hay, needle, i, fold))
			return true;
	return false;
}

static bool
contains(struct bytes hay, struct bytes needle)
{
	return needle.len == 0 ||
	    (hay.len >= needle.len &&
	    memmem(hay.p, hay.len, needle.p, needle.len) != NULL);
}

/* ASCII that is no letter or digit ends a word; what is not ASCII does not. */
static bool
between_words(uint8_t c)
{
	return c < 0x80 && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9');
}

/* Does any word of the folded text begin so? */
static bool
word_match(struct bytes hay, struct bytes needle)
{
	size_t	i;

	for (i = 0; i + needle.len <= hay.len; i++)
		if ((i == 0 || between_words(hay.p[i - 1])) &&
		    stands(hay, needle, i, false))
			return true;
	return false;
}

static bool
string_match(const struct criterion *c, const struct value *s,
    const struct value *t)
{
	bool	words = c->param->num == PARAM_TEXT ||
		    c->param->num == PARAM_CONTENT;

	switch (c->mod) {
	case MOD_EXACT:
		return bytes_eq(t->text, s->text);
	case MOD_CONTAINS:
		return contains(t->more, s->more);
	case MOD_TEXT:
		return word_match(t->more, s->more);
	case MOD_WHOLE:
	case MOD_OTHER:
		return bytes_eq(t->more, s->more);
	case MOD_ENDS:
		return part_match(MOD_ENDS, t->more, s->more, false);
	case MOD_NONE:
		if (words)
			return bytes_eq(t->more, s->more);
		break;
	default:
		break;
	}
	return bytes_starts(t->more, s->more);
}

/*
 * Reading: DSTU2 search.html#token wants codes compared without regard to
 * case; systems are URIs and compared exactly, ids (resource.html#id) too.
 */
static bool
token_match(const struct criterion *c, const struct value *s,
    const struct value *t)
{
	if (c->param->num == PARAM_ID)
		return bytes_eq(t->text, s->text);
	if (s->no_system && t->more.len > 0)
		return false;
	if (!s->no_system && !s->any_system && !bytes_eq(t->more, s->more))
		return false;
	if (c->mod == MOD_CONTAINS || c->mod == MOD_STARTS ||
	    c->mod == MOD_ENDS)
		return part_match(c->mod, t->text, s->text, true);
	return s->any_code || text_caseeq(t->text, s->text);
}

/* Has the element no place for a system (a code, not a Coding)? */
static bool
bare_code(const struct def_param *p)
{
	const struct def_path	*path = def_paths(p);
	uint16_t		 i;

	for (i = 0; i < p->n_path; i++)
		if (path[i].dt == DT_CODE)
			return true;
	return false;
}

static bool
set_match(const struct criterion *c, const struct value *t)
{
	if (t->kind != PK_TOKEN || value_codeless(t))
		return false;
	return term_has(c->set, t->more,
	    t->more.len == 0 && bare_code(def_param_num(t->param)),
	    t->text) == TERM_IN;
}

/* Is a, up to the end of one of its steps, how b begins? */
static bool
path_above(struct bytes a, struct bytes b)
{
	if (!bytes_starts(b, a) || a.len == 0)
		return false;
	return a.len == b.len || a.p[a.len - 1] == '/' ||
	    strchr("/?#", b.p[a.len]) != NULL;
}

static bool
uri_match(enum modifier mod, struct bytes s, struct bytes t)
{
	switch (mod) {
	case MOD_BELOW:
		return path_above(s, t);
	case MOD_ABOVE:
		return path_above(t, s);
	case MOD_CONTAINS:
	case MOD_STARTS:
	case MOD_ENDS:
		return part_match(mod, t, s, true);
	default:
		return bytes_eq(s, t);
	}
}

/* "n||unit" is either spelling, "n|system|code" the code alone. */
static bool
unit_match(const struct value *s, const struct value *t)
{
	if (!s->any_system && !bytes_eq(t->more, s->more))
		return false;
	if (s->any_code || bytes_eq(t->text, s->text))
		return true;
	return s->any_system && bytes_eq(t->unit, s->text);
}

/*
 * A unit of UCUM finds what can be converted to it; the same unit is compared
 * as it was written, which needs no arithmetic.
 */
static bool
quantity_match(const struct match *m, const struct value *v)
{
	struct quantity	q;
	struct value	s, t;

	if (m->base == NULL || bytes_eq(v->text, m->v.text))
		return dec_match(m->prefix, &m->v, v) &&
		    unit_match(&m->v, v);
	if (!quantity_meet(m->base, v, &q))
		return false;
	s = (struct value){ .lo = m->base->asked.lo, .hi = m->base->asked.hi };
	t = (struct value){ .lo = q.lo, .hi = q.hi };
	return dec_match(m->prefix, &s, &t);
}

/*
 * A type of 0 in the search is "[id]" of any target type, or a foreign URL;
 * the two cannot be confused, since no id has a colon.
 */
static bool
reference_match(const struct value *s, const struct value *t)
{
	return (s->type == 0 || s->type == t->type) &&
	    bytes_eq(s->text, t->text);
}

/* Components pair within one value: each has to satisfy its own. */
static bool
composite_match(const struct match *m, const struct value *v)
{
	uint8_t	i;

	for (i = 0; i < v->n_part; i++)
		if (m->part[i].param != NULL &&
		    !query_any_match(&m->part[i], &v->part[i]))
			return false;
	return v->n_part > 0;
}

static bool
plain_match(const struct criterion *c, const struct match *m,
    const struct value *v)
{
	switch ((enum param_kind)v->kind) {
	case PK_STRING:
		return string_match(c, &m->v, v);
	case PK_TOKEN:
		return m->near != NULL ? near_match(m->near, v->text) :
		    token_match(c, &m->v, v);
	case PK_REFERENCE:
		return reference_match(&m->v, v);
	case PK_URI:
		return uri_match(c->mod, m->v.text, v->text);
	case PK_DATE:
		return time_match(m->prefix, m->v.time, v->time);
	case PK_NUMBER:
		return dec_match(m->prefix, &m->v, v);
	case PK_QUANTITY:
		return quantity_match(m, v);
	case PK_COMPOSITE:
		return composite_match(m, v);
	case PK__MAX:
		break;
	}
	return false;
}

bool
query_value_match(const struct criterion *c, const struct match *m,
    const struct value *v)
{
	if (v->kind != m->v.kind)
		return false;
	/* Without a code it answers for its system, and for nothing else. */
	if (value_codeless(v) && (!m->v.any_code || v->more.len == 0))
		return false;
	return plain_match(c, m, v) != (c->mod == MOD_OTHER);
}

bool
query_span_match(const struct criterion *c, struct span v)
{
	size_t	i;

	for (i = 0; i < c->n_any; i++)
		if (c->any[i].v.kind == PK_DATE &&
		    time_match(c->any[i].prefix, c->any[i].v.time, v) !=
		    (c->mod == MOD_OTHER))
			return true;
	return false;
}

/* --- a whole resource ----------------------------------------------------- */

/* The first value of param or of a greater one: values are sorted. */
static size_t
first_of(const struct values *values, uint16_t param)
{
	size_t	lo = 0, hi = values->n;

	while (lo < hi) {
		size_t	mid = lo + (hi - lo) / 2;

		if (values->v[mid].param < param)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool
query_leaf_extra(const struct criterion *c)
{
	return c->param->num == PARAM_TEXT ||
	    c->param->num == PARAM_CONTENT ||
	    (c->param->kind == PK_TOKEN && c->mod == MOD_TEXT);
}

bool
query_any_match(const struct criterion *c, const struct value *v)
{
	size_t	i;

	if (c->set != NULL)
		return set_match(c, v);
	for (i = 0; i < c->n_any; i++)
		if (query_value_match(c, &c->any[i], v))
			return true;
	return false;
}

/* One parameter's values: is there any (*some_out), does any match? */
static bool
param_match(const struct criterion *c, const struct values *values,
    uint16_t param, bool *some_out)
{
	size_t	i;

	for (i = first_of(values, param);
	    i < values->n && values->v[i].param == param; i++) {
		*some_out = true;
		if (query_any_match(c, &values->v[i]))
			return true;
	}
	return false;
}

bool
query_match(const struct criterion *c, const struct values *values,
    struct bytes id, struct instant updated)
{
	bool	some = false, hit;
	size_t	i;

	if (c->param->num == PARAM_ID || c->param->num == PARAM_LASTUPDATED) {
		const struct value	v = {
			.kind = (uint8_t)c->param->kind, .text = id,
			.time = { updated.ms, updated.ms + 1 }
		};

		some = true;
		hit = query_any_match(c, &v);
	} else {
		hit = param_match(c, values, c->param->num, &some);
		for (i = 0; !hit && i < c->n_also; i++)
			hit = param_match(c, values, c->also[i]->num, &some);
	}
	if (c->mod == MOD_MISSING)
		return c->missing != some;
	return c->mod == MOD_NOT || c->mod == MOD_NOT_IN ? !hit : hit;
}
