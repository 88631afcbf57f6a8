/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow.h -- the pages of a launch, for whoever has to show one.  (L5)
 *
 * One address, /flow?id=..., shows the page of the step the flow is at; a
 * form that comes back wrong shows its page again, with what is wrong.
 */
#ifndef SMART_FLOW_H
#define SMART_FLOW_H

#include "fcgi/smart/page.h"

/* flow NULL: outside of a launch, and back to the page `to` behind it. */
enum err	login_page(struct call *c, const struct smart_flow *flow,
		    const char *to, struct bytes name,
		    const struct problem *pr) NODISCARD;
enum err	second_page(struct call *c, const struct smart_flow *flow,
		    const char *to, const struct problem *pr) NODISCARD;
enum err	pick_page(struct call *c, const struct smart_flow *flow)
		    NODISCARD;
enum err	visit_page(struct call *c, const struct smart_flow *flow)
		    NODISCARD;
/* A form that answers a step: hand its field to fn, go on to the next. */
typedef enum err flow_choice(struct smart *s, struct smart_call *c,
		    const struct smart_form *form, struct bytes choice);
enum err	flow_choose(struct call *c, flow_choice *fn,
		    const char *field) NODISCARD;
/* A visit in a few words: when, and of what kind. */
struct bytes	visit_words(const struct call *c,
		    const struct smart_visit *v);
/* The form whose button leads back to the picker. */
void		again_form(struct call *c, struct html *h,
		    struct bytes flow);
enum err	consent_page(struct call *c, const struct smart_flow *flow,
		    const struct problem *pr) NODISCARD;

/* --- patients: of the picker and of the launch page ----------------------- */

/* What a search form asks for, and what was found. */
struct finding {
	struct bytes		 name, birth, identifier;
	struct smart_patient	*patient;
	size_t			 n;
	bool			 more;
	bool			 asked;		/* a search was sent */
	struct problem		 pr;
};

/* Search by the form's fields, where one came. */
enum err	find_patients(struct call *c, bool asked,
		    struct finding *out) NODISCARD;
/* The three fields and their button, inside a form of the caller's. */
void		find_fields(struct html *h, const struct finding *f);
/*
 * The table: one form for each row, whose button says `act` and posts to
 * path; extra is one more hidden field, or NULL.
 */
void		find_table(struct call *c, struct html *h,
		    const struct finding *f, const char *path,
		    struct bytes flow, const char *extra, struct bytes value,
		    const char *act);

/* --- consent -------------------------------------------------------------- */

/* What was asked and what was ticked, as kept with the grant. */
struct bytes	consent_text(struct call *c, const struct smart_flow *flow,
		    const struct smart_group *group, size_t n,
		    const struct smart_choice *choice) NODISCARD;

#endif
