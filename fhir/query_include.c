/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_include.c -- _include and _revinclude.  (L1)
 *
 *	*                 by every reference
 *	Type:*            by every reference of Type
 *	Type:param        by this one
 *	Type:param:Target where it leads to a Target
 *
 * With :recurse (DSTU2) or :iterate (later FHIR) it is asked of what was
 * included, too; so a Type that is searched by none can be its source.  One
 * that nothing leads to is refused: it would do nothing, which is not what
 * was meant.
 *
 * Spec: DSTU2 search.html#include.
 */
#include "fhir/query_part.h"

static enum err
wrong(const struct query_parse *p, const char *what)
{
	bool	rev = p->x.whole.len > 1 && p->x.whole.p[1] == 'r';

	return issue_add(p->x.is, ERR_VALUE, "search-include",
	    query_place(p->x.arena, p->x.whole), "%s; write %s=Type:param, "
	    "Type:param:Target, Type:* or *, with a reference parameter of "
	    "the type that refers%s", what, rev ? "_revinclude" : "_include",
	    rev ? "" : ", and :recurse to go on from there");
}

static bool
follows(const struct def_param *param)
{
	return param->kind == PK_REFERENCE && query_param_ok(param);
}

static enum err
read_target(struct query_parse *p, struct bytes name, struct include *in)
{
	const struct def_type	*t = def_type(name);

	if (t == NULL)
		return wrong(p, "there is no such target type");
	if (in->param != NULL && !query_targets(in->param, t->num))
		return wrong(p, "the parameter does not refer to this target "
		    "type");
	in->target = t->num;
	return OK;
}

static enum err
read_include(struct query_parse *p, struct bytes text, struct include *in)
{
	const struct def_type	*t;
	struct bytes		 source, code, target;
	bool			 has_code, has_target;

	if (bytes_is(text, "*"))
		return OK;
	has_code = bytes_cut(text, ':', &source, &code);
	has_target = bytes_cut(code, ':', &code, &target);
	t = def_type(source);
	if (t == NULL)
		return wrong(p, "there is no such resource type");
	in->source = t->num;
	if (!has_code)
		return wrong(p, "the parameter is missing");
	if (!bytes_is(code, "*")) {
		in->param = def_param(t->num, code);
		if (in->param == NULL || !follows(in->param))
			return wrong(p, arena_printf(p->x.arena, "not a "
			    "reference parameter of this type%s",
			    query_hint_or_all(p->x.arena, code, query_codes(
			    p->x.arena, t->num, follows))));
	}
	return has_target ? read_target(p, target, in) : OK;
}

static bool
same(const struct include *a, const struct include *b)
{
	return a->source == b->source && a->param == b->param &&
	    a->target == b->target && a->recurse == b->recurse;
}

/* Unless it stands there already. */
static void
add(struct arena *a, struct include **list, size_t *n,
    const struct include *in)
{
	struct include	*more;
	size_t		 i;

	for (i = 0; i < *n; i++)
		if (same(&(*list)[i], in))
			return;
	more = arena_array(a, *n + 1, sizeof(*more));
	if (*n > 0)
		memcpy(more, *list, *n * sizeof(*more));
	more[(*n)++] = *in;
	*list = more;
}

enum err
query_include_take(struct query_parse *p, const struct pair *pair)
{
	struct query_name	n = query_name_cut(pair->name);
	struct include		in = { .source = 0 };
	struct query		*q = p->q;
	struct bytes		 piece, rest = pair->value;
	bool			 more = true;
	enum err		 e = OK;

	in.recurse = bytes_is(n.mod, "recurse") || bytes_is(n.mod, "iterate");
	if (n.has_chain || (n.has_mod && !in.recurse))
		return issue_add(p->x.is, ERR_USAGE, "search-modifier",
		    query_place(p->x.arena, p->x.whole),
		    "takes :recurse, in later FHIR called :iterate");
	if (pair->value.len == 0)
		return wrong(p, "an empty value");
	while (e == OK && more) {
		struct include	one = in;

		more = bytes_cut(rest, ',', &piece, &rest);
		e = read_include(p, piece, &one);
		if (e == OK && bytes_is(n.code, "_include"))
			add(p->x.arena, &q->include, &q->n_include, &one);
		else if (e == OK)
			add(p->x.arena, &q->revinclude, &q->n_revinclude,
			    &one);
	}
	return e;
}

/* --- is every source there? ----------------------------------------------- */

static struct typeset
both(struct typeset a, struct typeset b)
{
	a.bits[0] |= b.bits[0];
	a.bits[1] |= b.bits[1];
	return a;
}

static struct typeset
every_type(void)
{
	struct typeset	all = { { 0, 0 } };
	uint16_t	type;

	for (type = 1; type <= DEF_TYPES; type++)
		typeset_add(&all, type);
	return all;
}

/* What an _include leads to. */
static struct typeset
leads_to(const struct include *in)
{
	struct typeset	to = { { 0, 0 } };

	if (in->target != 0)
		typeset_add(&to, in->target);
	else if (in->param == NULL || !query_typed(in->param->targets))
		to = every_type();
	else
		to = in->param->targets;
	return to;
}

/* Does a reference of this _revinclude lead to one of the types? */
static bool
points_at(const struct include *in, struct typeset types)
{
	uint16_t	type;

	if (in->target != 0)
		return typeset_has(types, in->target);
	for (type = 1; type <= DEF_TYPES; type++)
		if (typeset_has(types, type) &&
		    (in->param == NULL || query_targets(in->param, type)))
			return true;
	return false;
}

/* Types that one step more may bring; 0 of "*" is any. */
static struct typeset
one_step(const struct query *q, struct typeset from, bool again)
{
	struct typeset	to = from;
	size_t		i;

	for (i = 0; i < q->n_include; i++) {
		const struct include	*in = &q->include[i];

		if ((!again || in->recurse) &&
		    (in->source == 0 || typeset_has(from, in->source)))
			to = both(to, leads_to(in));
	}
	for (i = 0; i < q->n_revinclude; i++) {
		const struct include	*in = &q->revinclude[i];

		if ((again && !in->recurse) || !points_at(in, from))
			continue;
		if (in->source == 0)
			to = every_type();
		else
			typeset_add(&to, in->source);
	}
	return to;
}

enum err
query_include_check(struct query_parse *p)
{
	const struct query	*q = p->q;
	struct typeset		 first = { { 0, 0 } }, all, next;
	size_t			 i;

	if (q->type == 0)
		first = every_type();
	else
		typeset_add(&first, q->type);
	next = one_step(q, first, false);
	do {
		all = next;
		next = one_step(q, all, true);
	} while (memcmp(&next, &all, sizeof(all)) != 0);
	p->x.whole = bytes_str("_include");
	for (i = 0; i < q->n_include; i++)
		if (q->include[i].source != 0 &&
		    !typeset_has(q->include[i].recurse ? all : first,
		    q->include[i].source))
			return wrong(p, typeset_has(all,
			    q->include[i].source) ? "the source is included, "
			    "not searched: _include:recurse goes on from "
			    "there" : "the source is neither searched nor "
			    "included");
	p->x.whole = bytes_str("_revinclude");
	for (i = 0; i < q->n_revinclude; i++)
		if (!points_at(&q->revinclude[i], q->revinclude[i].recurse ?
		    all : first))
			return wrong(p, points_at(&q->revinclude[i], all) ?
			    "it refers to what is included, not searched: "
			    "_revinclude:recurse goes on from there" :
			    "it refers to nothing that is searched or "
			    "included");
	return OK;
}
