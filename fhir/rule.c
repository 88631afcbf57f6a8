/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule.c -- evaluates the conditions of rules.tbl.  (L1)
 *
 * Values are visited where they stand; only lists that must be unique are
 * gathered.  A comparison of what is not there, or cannot be read, holds:
 * that a member is missing or malformed is said elsewhere.
 *
 * Recursion: nodes as deep as mktab allows (NEST_MAX), members as deep as
 * the tree of json_doc.
 */
#include <stdlib.h>

#include "fhir/rule_part.h"

#include "base/text.h"
#include "fhir/def_tables.h"
#include "fhir/prim.h"

struct list {
	struct key	*key;
	size_t		 n, cap;
};

static const char *
word_of(uint16_t word)
{
	return &deft_text[deft_word[word]];
}

/* --- values -------------------------------------------------------------- */

struct bytes
rule_value(const json_t *v)
{
	if (json_is_string(v))
		return json_text(v);
	if (json_is_boolean(v))
		return bytes_str(json_is_true(v) ? "true" : "false");
	return bytes_of(NULL, 0);
}

struct ask {
	const struct rule_node	*node;
	const struct scope	*scope;
	struct bytes		 value;
};

static bool
has_word(struct bytes text, struct bytes word)
{
	for (size_t i = 0; i + word.len <= text.len; i++)
		if (memcmp(text.p + i, word.p, word.len) == 0)
			return true;
	return false;
}

static bool
digits(struct bytes text)
{
	uint64_t	n;

	return text_u64(text, UINT64_MAX, &n);
}

/* The tests of one value; a value that is not there passes none. */
static bool
passes(void *arg, const json_t *v, const struct def_elem *e)
{
	const struct rule_node	*n = ((struct ask *)arg)->node;
	struct bytes		 text = rule_value(v);

	(void)e;
	if (text.len == 0)
		return false;
	switch (n->op) {
	case NODE_IS:
		for (uint16_t i = 0; i < n->b; i++)
			if (bytes_is(text, word_of((uint16_t)(n->c + i))))
				return true;
		return false;
	case NODE_STARTS:
		return bytes_starts(text, bytes_str(word_of(n->b)));
	case NODE_HAS:
		return has_word(text, bytes_str(word_of(n->b)));
	default:
		return digits(text);
	}
}

static bool
equals(void *arg, const json_t *v, const struct def_elem *e)
{
	(void)e;
	return bytes_eq(((struct ask *)arg)->value, rule_value(v)) &&
	    v != NULL;
}

static bool
meets(void *arg, const json_t *v, const struct def_elem *e)
{
	struct ask	*ask = arg;

	(void)e;
	ask->value = rule_value(v);
	return rule_visit(ask->scope, ask->node->b, equals, ask);
}

/* --- order --------------------------------------------------------------- */

static bool
is_date(const struct def_elem *e)
{
	return e != NULL && (e->dt == DT_DATE || e->dt == DT_DATETIME ||
	    e->dt == DT_INSTANT);
}

/* Is a certainly later, or greater, than b?  What cannot be read is not. */
static bool
above(struct bytes a, struct bytes b, bool dates)
{
	struct span	s, t;
	struct dec	x, y;

	if (dates)
		return prim_date(a, 0, &s) == OK &&
		    prim_date(b, 0, &t) == OK && s.lo >= t.hi;
	return prim_dec(a, &x) == OK && prim_dec(b, &y) == OK &&
	    dec_cmp(&x, &y) > 0;
}

static bool
above_value(void *arg, const json_t *v, const struct def_elem *e)
{
	return above(((struct ask *)arg)->value, rule_value(v), is_date(e));
}

/* Is this value above any at the other path, or the word? */
static bool
too_high(void *arg, const json_t *v, const struct def_elem *e)
{
	struct ask		*ask = arg;
	const struct rule_node	*n = ask->node;

	(void)e;
	ask->value = rule_value(v);
	if (n->op == NODE_LE)
		return rule_visit(ask->scope, n->b, above_value, ask);
	if (n->op == NODE_LE_WORD)
		return above(ask->value, bytes_str(word_of(n->b)), false);
	return above(bytes_str(word_of(n->b)), ask->value, false);
}

/* --- lists --------------------------------------------------------------- */

struct gather {
	const struct scope	*scope;
	const struct rule_node	*node;
	struct list		 list;
	struct key		 key;	/* of the item we are in */
	size_t			 part;
};

static void
add_key(struct gather *g)
{
	struct list	*l = &g->list;
	struct key	*grown;

	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 16 : l->cap * 2;
		grown = arena_array(g->scope->arena, l->cap, sizeof(*grown));
		if (l->n > 0)
			memcpy(grown, l->key, l->n * sizeof(*grown));
		l->key = grown;
	}
	l->key[l->n++] = g->key;
}

/* One part of a key; an item that lacks one has no key. */
static bool
take_part(void *arg, const json_t *v, const struct def_elem *e)
{
	struct gather		*g = arg;
	const struct scope	*whole = g->scope;
	struct scope		 item;

	(void)e;
	g->key.part[g->part++] = rule_value(v);
	if (v == NULL) {
		g->part--;
		return false;
	}
	if (g->part == g->node->c) {
		add_key(g);
	} else {
		item = (struct scope){ whole->arena, g->key.item, NULL };
		(void)rule_visit(&item, (uint16_t)(g->node->b + g->part),
		    take_part, g);
	}
	g->part--;
	return false;
}

static bool
take_item(void *arg, const json_t *v, const struct def_elem *e)
{
	struct gather	*g = arg;
	struct scope	 item = { g->scope->arena, v, e };

	if (g->node->d != 0 && !rule_node_holds(&item, g->node->d))
		return false;
	g->key = (struct key){ .item = v };
	g->part = 0;
	(void)rule_visit(&item, g->node->b, take_part, g);
	return false;
}

int
rule_key_compare(const void *a, const void *b)
{
	const struct key	*k = a, *l = b;
	int			 c = bytes_cmp(k->part[0], l->part[0]);

	return c != 0 ? c : bytes_cmp(k->part[1], l->part[1]);
}

bool
rule_keys_differ(struct key *keys, size_t n)
{
	if (n > 1)
		qsort(keys, n, sizeof(*keys), rule_key_compare);
	for (size_t i = 1; i < n; i++)
		if (rule_key_compare(&keys[i - 1], &keys[i]) == 0 &&
		    keys[i - 1].item != keys[i].item)
			return false;
	return true;
}

static bool
unique(const struct scope *s, const struct rule_node *n)
{
	struct gather	g = { .scope = s, .node = n };

	(void)rule_visit(s, n->a, take_item, &g);
	return rule_keys_differ(g.list.key, g.list.n);
}

static bool
count(void *arg, const json_t *v, const struct def_elem *e)
{
	(void)v, (void)e;
	(*(size_t *)arg)++;
	return false;
}

static size_t
counted(const struct scope *s, const struct rule_node *n)
{
	size_t	sum = 0;

	for (uint16_t i = 0; i < n->b; i++)
		(void)rule_visit(s, (uint16_t)(n->a + i), count, &sum);
	return sum;
}

/* Does the node hold (any) or not hold (each) for this item? */
static bool
decides(void *arg, const json_t *v, const struct def_elem *e)
{
	struct ask	*ask = arg;
	struct scope	 item = { ask->scope->arena, v, e };

	return rule_node_holds(&item, ask->node->b) ==
	    (ask->node->op == NODE_ANY);
}

/* --- nodes --------------------------------------------------------------- */

static bool
there(void *arg, const json_t *v, const struct def_elem *e)
{
	(void)arg, (void)v, (void)e;
	return true;
}

bool
rule_node_holds(const struct scope *s, uint16_t at)
{
	const struct rule_node	*n = &deft_node[at];
	struct ask		 ask = { .node = n, .scope = s };

	switch (n->op) {
	case NODE_NONE:
		return true;
	case NODE_NOT:
		return !rule_node_holds(s, n->a);
	case NODE_AND:
		return rule_node_holds(s, n->a) && rule_node_holds(s, n->b);
	case NODE_OR:
		return rule_node_holds(s, n->a) || rule_node_holds(s, n->b);
	case NODE_IMPLIES:
		return !rule_node_holds(s, n->a) || rule_node_holds(s, n->b);
	case NODE_THERE:
		return rule_visit(s, n->a, there, NULL);
	case NODE_IS:
	case NODE_STARTS:
	case NODE_HAS:
	case NODE_DIGITS:
		return rule_visit(s, n->a, passes, &ask);
	case NODE_SAME:
		return rule_visit(s, n->a, meets, &ask);
	case NODE_LE:
	case NODE_LE_WORD:
	case NODE_GE_WORD:
		return !rule_visit(s, n->a, too_high, &ask);
	case NODE_ONE:
		return counted(s, n) == 1;
	case NODE_LONE:
		return counted(s, n) <= 1;
	case NODE_UNIQUE:
		return unique(s, n);
	case NODE_EACH:
		return !rule_visit(s, n->a, decides, &ask);
	case NODE_ANY:
		return rule_visit(s, n->a, decides, &ask);
	case NODE_CHECK:
		return rule_call(s, n->a);
	}
	return true;
}

/* --- rows ---------------------------------------------------------------- */

const char *
rule_key(const struct rule *rule)
{
	return &deft_text[rule->key_at];
}

const char *
rule_text(const struct rule *rule)
{
	return &deft_text[rule->text_at];
}

const struct def_elem *
rule_elem(const struct rule *rule)
{
	return rule->elem_at == 0 ? NULL : &deft_elem[rule->elem_at];
}

const struct rule *
rules_of(uint16_t shape, size_t *n_out)
{
	*n_out = (size_t)(deft_rule_first[shape + 1] -
	    deft_rule_first[shape]);
	return &deft_rule[deft_rule_first[shape]];
}

const struct rule *
rules_all(size_t *n_out)
{
	*n_out = deft_n_rule;
	return deft_rule;
}

bool
rule_holds(struct arena *a, const struct rule *rule, const json_t *v)
{
	struct scope	s = { a, v, rule_elem(rule) };

	return rule_node_holds(&s, rule->node);
}
