/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_test.c -- _filter: what a test asks.  (L1)
 *
 * Operators become modifiers and prefixes of criteria, so that query_match.c
 * stays the one definition; a path becomes a chain.  "a[f].b" is about one
 * and the same target of a where that is a reference, and about one and the
 * same value where it is a composite parameter.
 *
 *	             eq ne co sw ew  gt lt ge le ap sa eb  po  ss sb in  re
 *	string        x  x  x  x  x
 *	uri           x  x  x  x  x
 *	token         x  x  x  x  x                            x  x  x
 *	reference     x  x                                                x
 *	date          x  x            x  x  x  x  x  x  x   x
 *	number        x  x            x  x  x  x  x  x  x
 *	quantity      x  x            x  x  x  x  x  x  x
 *	composite     x
 *
 * pr goes with all but composites.  ne is true of a resource that has a value
 * other than the given one; "not (a eq b)" of one that has no such value.
 *
 * Spec: DSTU2 search_filter.html.
 */
#include "fhir/query_filter.h"

#define BIT(op)		(1u << (op))
#define EQUAL		(BIT(OP_EQ) | BIT(OP_NE))
#define TEXTS		(EQUAL | BIT(OP_CO) | BIT(OP_SW) | BIT(OP_EW))
#define ORDER		(EQUAL | BIT(OP_GT) | BIT(OP_LT) | BIT(OP_GE) | \
			 BIT(OP_LE) | BIT(OP_AP) | BIT(OP_SA) | BIT(OP_EB))

static const char	names[OP__MAX][3] = {
	"eq", "ne", "co", "sw", "ew", "gt", "lt", "ge", "le", "ap", "sa", "eb",
	"pr", "po", "ss", "sb", "in", "re"
};

bool
filter_op(struct bytes word, enum filter_op *out)
{
	size_t	i;

	for (i = 0; i < OP__MAX; i++)
		if (bytes_is(word, names[i])) {
			*out = (enum filter_op)i;
			return true;
		}
	return false;
}

/* The operators that mean something about a parameter. */
static unsigned
fits(const struct def_param *p)
{
	unsigned	pr = query_param_plain(p) ? BIT(OP_PR) : 0;

	if (p->num == PARAM_ID)
		return pr | EQUAL;
	if (p->num == PARAM_TEXT || p->num == PARAM_CONTENT)
		return BIT(OP_CO);
	if (p->num == PARAM_LIST)
		return BIT(OP_EQ) | BIT(OP_IN);
	if (p->num == PARAM_NEAR || p->num == PARAM_NEAR_DISTANCE)
		return pr;	/* no operator says how far */
	switch (p->kind) {
	case PK_STRING:
	case PK_URI:
		return pr | TEXTS;
	case PK_TOKEN:
		return pr | TEXTS | BIT(OP_SS) | BIT(OP_SB) | BIT(OP_IN);
	case PK_REFERENCE:
		return pr | EQUAL | BIT(OP_RE);
	case PK_DATE:
		return pr | ORDER | BIT(OP_PO);
	case PK_NUMBER:
	case PK_QUANTITY:
		return pr | ORDER;
	case PK_COMPOSITE:
		return BIT(OP_EQ);
	case PK__MAX:
		break;
	}
	return 0;
}

static enum modifier
modifier(const struct def_param *p, enum filter_op op)
{
	bool	range = p->kind == PK_DATE || p->kind == PK_NUMBER ||
		    p->kind == PK_QUANTITY;

	switch (op) {
	case OP_EQ:
		return p->kind == PK_STRING ? MOD_WHOLE : MOD_NONE;
	case OP_NE:
		return range ? MOD_NONE : MOD_OTHER;
	case OP_CO:
		return MOD_CONTAINS;
	case OP_SW:
		return MOD_STARTS;
	case OP_EW:
		return MOD_ENDS;
	case OP_PR:
		return MOD_MISSING;
	case OP_SS:
		return MOD_BELOW;
	case OP_SB:
		return MOD_ABOVE;
	case OP_IN:
		return MOD_IN;
	default:
		return MOD_NONE;
	}
}

static enum prefix
prefix(enum filter_op op)
{
	static const struct {
		enum filter_op	op;
		enum prefix	prefix;
	} rows[] = {
		{ OP_NE, PRE_NE }, { OP_GT, PRE_GT }, { OP_LT, PRE_LT },
		{ OP_GE, PRE_GE }, { OP_LE, PRE_LE }, { OP_AP, PRE_AP },
		{ OP_SA, PRE_SA }, { OP_EB, PRE_EB }
	};
	size_t	i;

	for (i = 0; i < N_ELEM(rows); i++)
		if (rows[i].op == op)
			return rows[i].prefix;
	return PRE_EQ;
}

static enum err
wrong_op(const struct filter_text *f, const struct filter_test *t,
    const struct def_param *p)
{
	const char	*list = "";
	unsigned	 bits = fits(p);
	size_t		 i;

	if (p->num == PARAM_NEAR || p->num == PARAM_NEAR_DISTANCE)
		return filter_wrong(f, t->op_at, ERR_USAGE, "places are asked "
		    "for beside the _filter, as near=LAT,LONG and "
		    "near-distance=10||km; here near has \"pr\" alone");
	for (i = 0; i < OP__MAX; i++)
		if (bits & BIT(i))
			list = arena_printf(f->x->arena, "%s %s", list,
			    names[i]);
	return filter_wrong(f, t->op_at, ERR_USAGE,
	    arena_printf(f->x->arena, "this operator means nothing about the "
	    "%s parameter \"%s\", which has:%s", def_kind_name(p->kind),
	    p->code, list));
}

/* What an inner function complained about, at its place in the filter. */
static enum err
say(const struct filter_text *f, size_t at, const struct issues *is,
    enum err e)
{
	return filter_wrong(f, at, e, is->first == NULL ? "not understood" :
	    is->first->text);
}

/* The test as a criterion of one parameter. */
static enum err
make(const struct filter_text *f, const struct query_ctx *x,
    const struct filter_test *t, const struct def_param *p,
    struct criterion *c)
{
	const enum prefix	pre = prefix(t->op);
	struct issues		quiet = issues_on(x->arena);
	struct query_ctx	in = *x;
	struct bytes		value = t->value;
	enum err		e;

	if (!query_param_ok(p) || (fits(p) & BIT(t->op)) == 0)
		return wrong_op(f, t, p);
	in.is = &quiet;
	in.prefix = &pre;
	*c = (struct criterion){ .param = p, .mod = modifier(p, t->op),
	    .name = x->whole };
	if (t->op == OP_PR) {
		if (!bytes_is(value, "true") && !bytes_is(value, "false"))
			return filter_wrong(f, t->value_at, ERR_VALUE,
			    "behind pr stands true or false");
		value = bytes_str(bytes_is(value, "true") ? "false" : "true");
	}
	e = query_value_parse(&in, value, c);
	if (e != OK)
		return say(f, t->value_at, &quiet, e);
	/* The period itself: not ten per cent about it. */
	if (t->op == OP_PO)
		c->any->prefix = PRE_AP;
	return OK;
}

static enum err
leaf(const struct filter_text *f, const struct query_ctx *x,
    const struct filter_test *t, const struct def_param *p, struct node *out)
{
	struct issues		quiet = issues_on(x->arena);
	struct query_ctx	in = *x;
	enum err		e = OK;

	in.is = &quiet;
	if ((fits(p) & BIT(t->op)) == 0)
		return wrong_op(f, t, p);
	if (p->num == PARAM_TEXT || p->num == PARAM_CONTENT)
		e = query_words_parse(&in, p, t->value, out);
	else if (p->num == PARAM_LIST)
		e = query_list_parse(&in, t->value, out);
	else {
		*out = (struct node){ .op = NODE_LEAF, .name = x->whole };
		e = make(f, x, t, p, &out->leaf);
		return e == OK ? query_spend(x) : e;
	}
	return e == OK ? OK : say(f, t->value_at, &quiet, e);
}

/* --- composites ----------------------------------------------------------- */

/* "type" and "related-type" name the part "related-type" of "related". */
static size_t
part_of(const struct def_param *p, struct bytes name)
{
	size_t	i, n = strlen(p->code);

	for (i = 0; i < p->n_part; i++) {
		struct bytes	code;

		code = bytes_str(def_param_num(def_parts(p)[i])->code);
		if (bytes_eq(code, name) || (code.len > n + 1 &&
		    memcmp(code.p, p->code, n) == 0 && code.p[n] == '-' &&
		    bytes_eq(bytes_from(code, n + 1), name)))
			break;
	}
	return i;
}

static enum err
set_part(const struct filter_text *f, const struct query_ctx *x,
    const struct def_param *p, const struct filter_test *t,
    const struct filter_step *s, struct criterion *part)
{
	size_t	i = part_of(p, s->name);

	if (i == p->n_part || s->has_inner)
		return filter_wrong(f, s->at, ERR_USAGE,
		    arena_printf(x->arena, "not one of the parts of \"%s\", "
		    "which are named like %s", p->code,
		    def_param_num(def_parts(p)[0])->code));
	if (part[i].param != NULL)
		return filter_wrong(f, s->at, ERR_USAGE,
		    "this part is asked about twice");
	/* It is there wherever the others are. */
	if (t->op == OP_PR && bytes_is(t->value, "true"))
		return OK;
	if (t->op == OP_PR)
		return filter_wrong(f, t->op_at, ERR_USAGE,
		    "a part is never missing: write pr true");
	return make(f, x, t, def_param_num(def_parts(p)[i]), &part[i]);
}

/* "related[type eq has-component].target re Observation/4" */
static enum err
composite(const struct filter_text *f, const struct query_ctx *x,
    const struct filter_test *t, size_t i, const struct def_param *p,
    struct node *out)
{
	const struct filter_step *s = &t->step[i];
	struct filter_text	 in = { .x = x, .at = s->inner_at,
				     .all = bytes_sub(f->all, 0,
				     s->inner_end) };
	struct criterion	*part, *c = &out->leaf;
	struct filter_test	*inner;
	bool			 more = s->has_inner;
	enum err		 e = OK;

	part = arena_array(x->arena, p->n_part, sizeof(*part));
	inner = arena_alloc(x->arena, sizeof(*inner));
	while (e == OK && more) {
		e = filter_inner_test(&in, inner, &more);
		if (e == OK && inner->n_step != 1)
			return filter_wrong(f, inner->step[1].at, ERR_USAGE,
			    "parts of a composite parameter have no path");
		if (e == OK)
			e = set_part(f, x, p, inner, inner->step, part);
	}
	if (e == OK && i + 2 != t->n_step)
		return filter_wrong(f, t->step[i + 2].at, ERR_USAGE,
		    "parts of a composite parameter have no path");
	if (e == OK)
		e = set_part(f, x, p, t, &t->step[i + 1], part);
	if (e != OK)
		return e;
	*out = (struct node){ .op = NODE_LEAF, .name = x->whole };
	*c = (struct criterion){ .param = p, .name = x->whole,
	    .text = t->value, .n_any = 1 };
	c->any = arena_array(x->arena, 1, sizeof(*c->any));
	c->any->v = (struct value){ .param = p->num, .kind = PK_COMPOSITE };
	c->any->part = part;
	return query_spend(x);
}

/* --- paths ---------------------------------------------------------------- */

struct onward {
	const struct filter_text	*f;
	const struct filter_test	*t;
	size_t				 i;	/* the step that leads there */
};

/* At a target: what its bracket asks, and what the rest of the path does. */
static enum err
arrive(void *arg, const struct query_ctx *x, struct node *out)
{
	const struct onward	 *o = arg;
	const struct filter_step *s = &o->t->step[o->i];
	struct filter_text	  f = *o->f;
	struct node		 *kid;
	enum err		  e;

	f.x = x;	/* what is wrong here is said to who tries types */
	if (!s->has_inner)
		return filter_test_node(&f, x, o->t, o->i + 1, out);
	kid = arena_array(x->arena, 2, sizeof(*kid));
	*out = (struct node){ .op = NODE_AND, .kid = kid, .n_kid = 2,
	    .name = x->whole };
	e = query_spend(x);
	if (e == OK)
		e = filter_inner(&f, x, s, o->t->depth - 1, &kid[0]);
	if (e == OK)
		e = filter_test_node(&f, x, o->t, o->i + 1, &kid[1]);
	return e;
}

enum err
filter_test_node(const struct filter_text *f, const struct query_ctx *x,
    const struct filter_test *t, size_t i, struct node *out)
{
	const struct filter_step *s = &t->step[i];
	const struct def_param	 *p = def_param(x->type, s->name);
	struct onward		  o = { f, t, i };
	const struct def_type	 *type = def_type_num(x->type);

	if (p == NULL || !query_param_ok(p))
		return filter_wrong(f, s->at, ERR_USAGE,
		    arena_printf(x->arena, "%s has no search parameter of this "
		    "name%s", type == NULL ? "not every type" : type->name,
		    query_hint(x->arena, s->name,
		    def_param_codes(x->type))));
	if (i + 1 == t->n_step)
		return leaf(f, x, t, p, out);
	if (p->kind == PK_COMPOSITE)
		return composite(f, x, t, i, p, out);
	if (p->kind != PK_REFERENCE)
		return filter_wrong(f, s->at, ERR_USAGE, "a path goes on "
		    "behind references and composite parameters alone");
	return query_chain(x, p, 0, t->step[i + 1].name, arrive, &o, out);
}
