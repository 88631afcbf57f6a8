/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gate_in.h -- what the files of the gate share among themselves.  (L2)
 *
 * gate.c opens it and reads by id and list, gate_hold.c decides, gate_rows.c
 * walks rows, gate_care.c knows whom a practitioner cares for.  Nobody else
 * includes this.
 */
#ifndef STORE_GATE_IN_H
#define STORE_GATE_IN_H

#include "store/gate.h"

/*
 * Rows of one owner, of the given types, whether held or not.
 * cost	types next to each other are one scan
 */
enum err	gate_walk(const struct gate *g, uint64_t owner,
		    struct typeset types, gate_row_fn *fn, void *arg)
		    NODISCARD;

/* The filters of the rules, and the memory of care, where v has any. */
enum err	hold_open(struct gate *g, struct arena *a) NODISCARD;

/*
 * As gate_holds, of a row that was found under its owner.
 * in	op2	0, or another interaction that will do as well
 */
enum err	hold_row(const struct gate *g, enum view_op op,
		    enum view_op op2, uint64_t owner, uint64_t rid,
		    const struct row *row) NODISCARD;

/* --- care ---------------------------------------------------------------- */

struct care	*care_new(struct arena *a, const struct relation *who);

/* Does the practitioner care for this one?  ERR_NOTFOUND: no. */
enum err	care_holds(const struct gate *g, uint64_t patient) NODISCARD;

/*
 * Everyone they care for, sorted; in the memory of care.
 * cost	postings about the practitioner; each candidate is judged once
 */
enum err	care_list(const struct gate *g, const uint64_t **rid_out,
		    size_t *n_out) NODISCARD;

#endif
