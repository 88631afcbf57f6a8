/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule.h -- the invariants of the specification, from rules.tbl.  (L1)
 *
 * mktab checks every path of the table against the elements and compiles the
 * conditions to nodes; rule.c evaluates them on a tree.
 */
#ifndef FHIR_RULE_H
#define FHIR_RULE_H

#include "base/arena.h"
#include "fhir/def.h"

struct json_t;	/* Jansson's; the compiler of the tables does without */

/* A row: fields ending in _at are for rule.c. */
struct rule {
	uint32_t	key_at, text_at;
	uint16_t	shape;		/* on whose objects it is judged... */
	uint16_t	elem_at;	/* ...or, unless 0, on each value of
					 * this member: rule_elem */
	uint16_t	node;		/* 0: judged by code (check*.c) */
	bool		warning;
	bool		ours;		/* no constraint of DSTU2 */
};

/* The member on whose values it is judged, or NULL. */
const struct def_elem	*rule_elem(const struct rule *rule);

const char	*rule_key(const struct rule *rule);	/* "pat-1" */
const char	*rule_text(const struct rule *rule);	/* for people */

/* Those of one shape that have a condition; *n_out of them. */
const struct rule	*rules_of(uint16_t shape, size_t *n_out);

/* All of them, in the order of the shapes: for tests and lists. */
const struct rule	*rules_all(size_t *n_out);

/*
 * Does it hold?
 * in	v  what it is judged on: an object of its shape, or a value of its
 *	   member
 *	a  for lists that must be unique
 * err	what is not of the type the elements have makes no rule fail: that
 *	is another fault
 */
bool		 rule_holds(struct arena *a, const struct rule *rule,
		    const struct json_t *v);

#endif
