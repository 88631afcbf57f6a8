/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_filter.h -- between syntax and meaning of _filter.  (L1)
 *
 * Internal to query_filter.c, which takes a test apart, and query_test.c,
 * which says what it asks.
 */
#ifndef FHIR_QUERY_FILTER_H
#define FHIR_QUERY_FILTER_H

#include "fhir/query_part.h"

#define FILTER_STEPS	16	/* names of one path */

enum filter_op {
	OP_EQ, OP_NE, OP_CO, OP_SW, OP_EW, OP_GT, OP_LT, OP_GE, OP_LE, OP_AP,
	OP_SA, OP_EB, OP_PR, OP_PO, OP_SS, OP_SB, OP_IN, OP_RE, OP__MAX
};

/* Text being read; x of the resource it is about. */
struct filter_text {
	const struct query_ctx	*x;
	struct bytes		 all;
	size_t			 at;
};

struct filter_step {
	struct bytes	name;
	size_t		at;		/* where it stands */
	bool		has_inner;
	size_t		inner_at, inner_end; /* what the bracket holds */
};

struct filter_test {
	struct filter_step	step[FILTER_STEPS];
	size_t			n_step;
	enum filter_op		op;
	size_t			op_at, value_at;
	struct bytes		value;
	size_t			depth;	/* of brackets that may follow */
};

/* false: no operator */
bool		filter_op(struct bytes word, enum filter_op *out);

/* An issue at the byte at. */
enum err	filter_wrong(const struct filter_text *f, size_t at,
		    enum err e, const char *what);

/* What t asks from its step i on, of a resource of x->type. */
enum err	filter_test_node(const struct filter_text *f,
		    const struct query_ctx *x, const struct filter_test *t,
		    size_t i, struct node *out) NODISCARD;

/* A step's bracket as a filter of the resource that the step leads to. */
enum err	filter_inner(const struct filter_text *f,
		    const struct query_ctx *x, const struct filter_step *s,
		    size_t depth, struct node *out) NODISCARD;

/* Of a composite's bracket, tests joined by "and", the next one. */
enum err	filter_inner_test(struct filter_text *f,
		    struct filter_test *t, bool *more) NODISCARD;

#endif
