/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule_tables.h -- what mktab makes of rules.tbl and rule.c reads.  (L1)
 *
 * A condition is a tree of nodes that name each other by number.
 */
#ifndef FHIR_RULE_TABLES_H
#define FHIR_RULE_TABLES_H

#include "fhir/rule.h"

enum node_op {
	NODE_NONE,
	NODE_NOT,	/* node a */
	NODE_AND,	/* nodes a, b */
	NODE_OR,	/* nodes a, b */
	NODE_IMPLIES,	/* nodes a, b */
	NODE_THERE,	/* something stands at path a */
	NODE_IS,	/* a value at path a is one of b words from c */
	NODE_SAME,	/* a value at path a is one at path b */
	NODE_LE,	/* the value at path a is not above that at b... */
	NODE_LE_WORD,	/* ...or not above word b */
	NODE_GE_WORD,	/* ...or not below word b */
	NODE_STARTS,	/* a value at path a begins with word b */
	NODE_HAS,	/* a value at path a has word b in it */
	NODE_DIGITS,	/* a value at path a is of digits alone */
	NODE_ONE,	/* one value at all of b paths from a */
	NODE_LONE,	/* at most one */
	NODE_UNIQUE,	/* what stands at path a, and has node d if that is
			 * not 0, differs in the c paths from b */
	NODE_EACH,	/* all at path a have node b */
	NODE_ANY,	/* some at path a has node b */
	NODE_CHECK	/* function a of rule_call.c */
};

struct rule_node {
	enum node_op	op;
	uint16_t	a, b, c, d;
};

/* A step takes one member, one of a choice, or members at any depth. */
struct rule_step {
	uint16_t	elem_at, n_elem; /* deft_elem: names and types */
	bool		first;		/* of an array only the first */
	bool		deep;		/* at any depth, by this member... */
	bool		more;		/* ...or by that of the next step */
};

struct rule_path {
	uint16_t	step_at, n_step;
};

/* What no notation says well; in the order of RULE_CALLS. */
#define RULE_CALLS							      \
	{ "full-urls", "component-codes", "core-url", "element-paths",   \
	  "effective-day" }

extern const struct rule	deft_rule[];	/* sorted by shape */
extern const uint16_t		deft_n_rule;
extern const uint16_t		deft_rule_first[];	/* [shape], and one
							 * more */
extern const struct rule_node	deft_node[];	/* from 1 */
extern const struct rule_path	deft_rule_path[];
extern const struct rule_step	deft_rule_step[];
extern const uint32_t		deft_word[];	/* in deft_text */

#endif
