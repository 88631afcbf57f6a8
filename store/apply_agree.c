/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply_agree.c -- does all of a new content agree with its writer?  (L2)
 *
 * The owner decides who may see a resource; who may write it must answer for
 * every patient it names where it counts as theirs (the compartment's
 * parameters), and may not take off a label that keeps it from others.  Asked
 * of those alone who see less than all of the type.  What was named before
 * may be named on.
 *
 * Requirement Z07; attack cases CMP-16, WRT-06.
 */
#include "store/apply.h"

static bool
equal(const struct value *a, const struct value *b)
{
	return a->param == b->param && a->type == b->type &&
	    bytes_eq(a->text, b->text) && bytes_eq(a->more, b->more);
}

static bool
among(const struct values *list, const struct value *v)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (equal(&list->v[i], v))
			return true;
	return false;
}

static bool
labels_stay(const struct work *w)
{
	const struct values *old = &w->old.values;
	size_t i;

	for (i = 0; i < old->n; i++)
		if (old->v[i].param == PARAM_SECURITY &&
		    !among(&w->values, &old->v[i]))
			return false;
	return true;
}

/* Would the writer hold it, were it that patient's alone? */
static enum err
patient_held(struct apply *ap, const struct work *w, enum view_op op,
    const struct value *v)
{
	struct place p = { .kind = OWNER_ONE };
	struct id_val idv;
	enum err e;

	e = raw_id(&ap->t, v->type, v->text, &idv);
	if (e != OK)
		return e == ERR_NOTFOUND ? ERR_FORBIDDEN : e;
	p.owner = idv.rid;
	e = gate_holds_new(ap->gate, op, w->c->type, &p, &w->values, w->time);
	return e == ERR_NOTFOUND ? ERR_FORBIDDEN : e;
}

enum err
permit_agree(struct apply *ap, const struct work *w, enum view_op op)
{
	uint16_t patient = def_type(bytes_str("Patient"))->num;
	const struct def_param *param;
	const struct value *v;
	const char *const *code;
	enum err e = OK;
	size_t i, k, n;

	if (view_whole(ap->gate->view, w->c->type, op))
		return OK;
	if (!labels_stay(w))
		return ERR_FORBIDDEN;
	code = def_compartment(patient, w->c->type, &n);
	for (k = 0; k < n && e == OK; k++) {
		param = def_param(w->c->type, bytes_str(code[k]));
		for (i = 0; param != NULL && i < w->values.n && e == OK;
		    i++) {
			v = &w->values.v[i];
			if (v->param == param->num && v->type == patient &&
			    v->kind == PK_REFERENCE &&
			    !among(&w->old.values, v))
				e = patient_held(ap, w, op, v);
		}
	}
	return e;
}
