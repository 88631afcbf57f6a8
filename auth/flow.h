/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow.h -- a flow with all that is known about it.  (L3)
 *
 * Internal to auth/.
 */
#ifndef AUTH_FLOW_H
#define AUTH_FLOW_H

#include <jansson.h>

#include "auth/smart_in.h"

struct flow {
	uint8_t			hash[SAFE_HASH];
	struct safe_flow	f;
	struct safe_client	client;
	struct person		who;	/* from STEP_PICK on; pending before */
	enum smart_step		step;
	struct bytes		scope;	/* asked AND registered AND rights */
};

/*
 * Is there such a patient, and may who choose it at this moment, a care
 * relation included?  Needs call.t.
 * err	ERR_NOTFOUND, ERR_GONE
 */
enum err	patient_allowed(struct smart_call *c,
		    const struct person *who, struct bytes id) NODISCARD;

/* What the store holds of one that can be picked, freed with a; or NULL. */
const json_t	*picked_object(struct arena *a, const struct resource *r);

/* May this person have that patient in context? */
bool		flow_may_choose(const struct person *who,
		    struct bytes patient);
/* Is the person still to say which encounter it is about? */
bool		flow_wants_visit(const struct safe_flow *f);
/* In request memory. err as smart_flow */
enum err	flow_open(struct smart *s, struct smart_call *c,
		    struct bytes id, struct flow *out) NODISCARD;
/* Of a form, its CSRF value checked, at this step or beyond. */
enum err	flow_at(struct smart *s, struct smart_call *c,
		    const struct smart_form *form, enum smart_step step,
		    struct flow *out) NODISCARD;

/*
 * Change the record of an open flow and keep it, in one transaction.
 * in	edit	changes the record as it stands; an error of its is ours, and
 *		nothing is kept
 *	choice	handed to it
 * err	ERR_NOTFOUND  the flow is over
 */
typedef enum err flow_edit_fn(struct safe_flow *f, const struct flow *fl,
		    struct bytes choice);
enum err	flow_change(struct smart *s, struct smart_call *c,
		    const struct flow *fl, flow_edit_fn *edit,
		    struct bytes choice) NODISCARD;

/* smart_groups of an open flow; counts with call.t alone. */
enum err	flow_groups(struct smart *s, struct smart_call *c,
		    const struct flow *fl, struct smart_group **out,
		    size_t *n_out) NODISCARD;

#endif
