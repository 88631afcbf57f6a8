/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule_part.h -- what rule.c and rule_call.c share.  (L1)
 */
#ifndef FHIR_RULE_PART_H
#define FHIR_RULE_PART_H

#include "base/bytes.h"
#include "fhir/json.h"
#include "fhir/rule_tables.h"

/* What a condition is judged on. */
struct scope {
	struct arena		*arena;
	const json_t		*v;
	const struct def_elem	*e;	/* whose value v is, or NULL */
};

/* What must not stand twice: a key and the item it was taken from. */
struct key {
	const json_t	*item;
	struct bytes	 part[2];
};

/*
 * fn for everything at path, until it says true; true if it did.  v is NULL
 * where a primitive has extensions and no value; e is the element.
 */
typedef bool	rule_visit_fn(void *arg, const json_t *v,
		    const struct def_elem *e);
bool		rule_visit(const struct scope *s, uint16_t path,
		    rule_visit_fn *fn, void *arg);

bool		rule_node_holds(const struct scope *s, uint16_t node);

/* The text of a primitive: a string, digits, true or false; else "". */
struct bytes	rule_value(const json_t *v);

/* For qsort and bsearch: by the parts. */
int		rule_key_compare(const void *a, const void *b);

/* No two items have one key?  Sorts keys. */
bool		rule_keys_differ(struct key *keys, size_t n);

/* rule_call.c: function call of RULE_CALLS. */
bool		rule_call(const struct scope *s, uint16_t call);

#endif
