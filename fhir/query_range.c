/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_range.c -- values with a prefix: dates, numbers, quantities.  (L1)
 *
 * Spec: DSTU2 search.html#prefix, #date, #number, #quantity.
 */
#include "fhir/query_part.h"

static const struct {
	char		name[3];
	enum prefix	prefix;
} prefixes[] = {
	{ "eq", PRE_EQ }, { "ne", PRE_NE }, { "gt", PRE_GT },
	{ "lt", PRE_LT }, { "ge", PRE_GE }, { "le", PRE_LE },
	{ "sa", PRE_SA }, { "eb", PRE_EB }, { "ap", PRE_AP }
};

static bool
lower(uint8_t c)
{
	return c >= 'a' && c <= 'z';
}

static bool
begins_number(uint8_t c)
{
	return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

/*
 * Take the prefix off *raw.  Letters with no number or date after them are
 * no prefix, and the caller says what the value should be.
 */
enum err
query_prefix(const struct query_ctx *x, struct bytes *raw, enum prefix *out)
{
	size_t	i;

	*out = x->prefix != NULL ? *x->prefix : PRE_EQ;
	if (x->prefix != NULL || raw->len < 3 || !lower(raw->p[0]) ||
	    !lower(raw->p[1]) || !begins_number(raw->p[2]))
		return OK;
	for (i = 0; i < N_ELEM(prefixes); i++)
		if (memcmp(raw->p, prefixes[i].name, 2) == 0) {
			*out = prefixes[i].prefix;
			*raw = bytes_from(*raw, 2);
			return OK;
		}
	return query_value_wrong(x, ERR_VALUE, "unknown prefix; the prefixes "
	    "are eq ne gt lt ge le sa eb ap");
}

static enum err
read_date(const struct query_ctx *x, struct bytes raw, struct match *m)
{
	struct bytes	 copy = arena_copy(x->arena, raw);
	uint8_t		*blank;

	/*
	 * Reading: "...T10:00:00+01:00" whose "+" the client forgot to encode
	 * has a space there, which no date has: it can only mean "+".
	 */
	blank = copy.len == 0 ? NULL :
	    memchr((uint8_t *)(uintptr_t)copy.p, ' ', copy.len);
	if (blank != NULL)
		*blank = '+';
	if (prim_date(copy, x->lim->zone, &m->v.time) != OK)
		return query_value_wrong(x, ERR_VALUE, "not a date: write "
		    "YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm[:ss] with "
		    "a zone \"Z\" or \"+hh:mm\" (\"+\" encoded as %2B), after "
		    "one of eq ne gt lt ge le sa eb ap or nothing");
	if (m->prefix == PRE_AP)
		m->v.time = prim_date_about(m->v.time, x->now);
	return OK;
}

/*
 * The span of a number by its prefix.  Equality works with the precision
 * as written, order with the exact point (DSTU2 search.html#number).
 */
static enum err
read_span(struct bytes text, enum prefix prefix, struct value *v)
{
	enum err	e;

	switch (prefix) {
	case PRE_EQ:
	case PRE_NE:
		return prim_dec_span(text, &v->lo, &v->hi);
	case PRE_AP:
		return prim_dec_about(text, &v->lo, &v->hi);
	case PRE_GT:
	case PRE_LT:
	case PRE_GE:
	case PRE_LE:
	case PRE_SA:
	case PRE_EB:
		break;
	}
	e = prim_dec(text, &v->lo);
	v->hi = v->lo;
	return e;
}

static enum err
read_quantity(const struct query_ctx *x, struct bytes raw, struct match *m)
{
	struct bytes	part[3];
	size_t		n = query_split_bars(x->arena, raw, part);

	if ((n != 1 && n != 3) ||
	    (n == 3 && part[1].len == 0 && part[2].len == 0) ||
	    read_span(part[0], m->prefix, &m->v) != OK)
		return query_value_wrong(x, ERR_VALUE, "not a quantity: write "
		    "number, number|system|code or number||unit, after one of "
		    "eq ne gt lt ge le sa eb ap or nothing");
	m->v.any_system = n == 1 || part[1].len == 0;
	m->v.any_code = n == 1 || part[2].len == 0;
	if (n == 3) {
		m->v.more = part[1];
		m->v.text = part[2];
	}
	m->base = quantity_ask(x->arena, &m->v);
	return OK;
}

enum err
query_range_one(const struct query_ctx *x, const struct criterion *c,
    struct bytes raw, struct match *m)
{
	enum err	e = query_prefix(x, &raw, &m->prefix);

	if (e != OK)
		return e;
	if (c->param->kind == PK_DATE)
		return read_date(x, raw, m);
	if (c->param->kind == PK_QUANTITY)
		return read_quantity(x, raw, m);
	if (read_span(raw, m->prefix, &m->v) != OK)
		return query_value_wrong(x, ERR_VALUE, "not a number: write "
		    "100, 5.40 or 5.4e-3, after one of eq ne gt lt ge le sa "
		    "eb ap or nothing");
	return OK;
}
