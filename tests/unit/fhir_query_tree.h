/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fhir_query_tree.h -- write the tree of a search out, for the tests:
 *
 *	(& a b) (| a b) (! a)	and, or, not
 *	(subject>Patient a)	a chain
 *	(<Observation.patient a)	_has
 *	[42] [$allergies]	_list
 *	code:mod=value		a leaf; mod by number, where there is one
 *	code{a;*}		a composite's parts
 */
#ifndef TESTS_UNIT_FHIR_QUERY_TREE_H
#define TESTS_UNIT_FHIR_QUERY_TREE_H

#include "tests/unit/fhir_query.h"

static const char *const	mods[] = {
	[MOD_NONE] = "", [MOD_MISSING] = ":missing", [MOD_EXACT] = ":exact",
	[MOD_CONTAINS] = ":contains", [MOD_NOT] = ":not",
	[MOD_TYPE] = ":type", [MOD_ID] = ":id", [MOD_TEXT] = ":text",
	[MOD_IN] = ":in", [MOD_NOT_IN] = ":not-in", [MOD_ABOVE] = ":above",
	[MOD_BELOW] = ":below", [MOD_WHOLE] = ":whole",
	[MOD_STARTS] = ":starts", [MOD_ENDS] = ":ends",
	[MOD_OTHER] = ":other"
};
static const char *const	prefixes[] = {
	[PRE_EQ] = "", [PRE_NE] = "ne", [PRE_GT] = "gt", [PRE_LT] = "lt",
	[PRE_GE] = "ge", [PRE_LE] = "le", [PRE_SA] = "sa", [PRE_EB] = "eb",
	[PRE_AP] = "ap"
};

static void	show(struct buf *b, const struct node *n);

static void
show_leaf(struct buf *b, const struct criterion *c)
{
	size_t	i, j;

	if (c->param == NULL) {
		buf_str(b, "*");
		return;
	}
	buf_printf(b, "%s%s", c->param->code, mods[c->mod]);
	if (c->mod == MOD_MISSING)
		buf_str(b, c->missing ? "=true" : "=false");
	for (i = 0; i < c->n_any; i++) {
		const struct match	*m = &c->any[i];

		if (m->part == NULL)
			buf_str(b, i == 0 ? "=" : ",");
		buf_str(b, prefixes[m->prefix]);
		if (m->v.type != 0)
			buf_printf(b, "%s/", def_type_num(m->v.type)->name);
		if (m->v.kind == PK_STRING)
			buf_add(b, m->v.more);
		else
			buf_add(b, m->v.text);
		for (j = 0; m->part != NULL && j < c->param->n_part; j++) {
			buf_str(b, j == 0 ? "{" : ";");
			show_leaf(b, &m->part[j]);
		}
		if (m->part != NULL)
			buf_str(b, "}");
	}
}

static void
show_kids(struct buf *b, const struct node *n)
{
	size_t	i;

	for (i = 0; i < n->n_kid; i++) {
		buf_str(b, " ");
		show(b, &n->kid[i]);
	}
	buf_str(b, ")");
}

static void
show(struct buf *b, const struct node *n)
{
	switch (n->op) {
	case NODE_LEAF:
		show_leaf(b, &n->leaf);
		return;
	case NODE_LIST:
		buf_str(b, n->current ? "[$" : "[");
		buf_add(b, n->list);
		buf_str(b, "]");
		return;
	case NODE_AND:
		buf_str(b, "(&");
		break;
	case NODE_OR:
		buf_str(b, "(|");
		break;
	case NODE_NOT:
		buf_str(b, "(!");
		break;
	case NODE_CHAIN:
		buf_printf(b, "(%s>%s", n->link->code,
		    def_type_num(n->type)->name);
		break;
	case NODE_HAS:
		buf_printf(b, "(<%s.%s", def_type_num(n->type)->name,
		    n->link->code);
		break;
	}
	show_kids(b, n);
}

struct tree {
	const char	*type, *text, *want;
};

/* The query has one condition, and it is this. */
UNUSED static void
check_trees(struct arena *a, const struct tree *t, size_t n)
{
	struct bytes	out;
	size_t		i;

	for (i = 0; i < n; i++) {
		struct query	q = good(a, t[i].type, t[i].text);
		struct buf	b = buf_on(a, 100000);

		assert_int_equal(q.n_must + q.n_node, 1);
		if (q.n_must == 1)
			show_leaf(&b, q.must);
		else
			show(&b, q.node);
		assert_int_equal(buf_end(&b, &out), OK);
		if (!bytes_is(out, t[i].want))
			fail_msg("%s?%s: %.*s", t[i].type, t[i].text,
			    BYTES_FMT(out));
	}
}

#endif
