/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view.h -- what one caller may see: the only key to the store.  (L2)
 *
 * Built once per request by auth/, from token and grant and rights of this
 * moment, constant afterwards.  Every read of the store takes a view; what
 * the view does not hold does not exist.  A zeroed view holds nothing.
 *
 * Requirements Z01-Z06; security P1, P2, CMP, SRC.
 */
#ifndef STORE_VIEW_H
#define STORE_VIEW_H

#include "base/bytes.h"
#include "base/clock.h"
#include "fhir/def.h"
#include "fhir/query.h"

enum view_op {
	VIEW_READ = 1,		/* read, vread, instance history */
	VIEW_SEARCH = 2,
	VIEW_CREATE = 4,
	VIEW_UPDATE = 8,
	VIEW_DELETE = 16
};

/* From the narrowest to the widest. */
enum view_reach {
	REACH_NONE,		/* the type or interaction is not permitted */
	REACH_PATIENTS,		/* resources of view->patient, and shared ones
				 * they refer to */
	REACH_RELATION,		/* likewise of every patient whom the view's
				 * practitioner cares for (Z06) */
	REACH_ALL		/* every resource of the type */
};

struct view_rule {
	struct typeset	 types;
	unsigned	 ops;		/* enum view_op */
	enum view_reach	 reach;		/* PATIENTS, RELATION or ALL */
	/*
	 * A granular scope ("?category=laboratory"): what does not satisfy
	 * all of these is not held by this rule.  None: no restriction.
	 */
	const struct criterion	*where;
	size_t			 n_where;
};

/* Whose patients REACH_RELATION speaks of, judged for each (design 7). */
struct relation {
	struct bytes	practitioner;	/* id; "" where the view has none */
	struct instant	now;
	uint32_t	care_days;	/* an Encounter counts for so long */
	bool		bound;		/* the patients the view names, too, are
					 * held only while cared for */
};

struct view {
	struct view_rule	*rule;
	size_t			 n_rule;
	struct bytes		*patient;	/* ids; all rules of reach
						 * PATIENTS speak of these */
	size_t			 n_patient;
	struct relation		 relation;
	uint8_t			 principal[16];	/* digest of who (user, client):
						 * survives a refresh */
	uint8_t			 digest[16];	/* of principal and all above:
						 * seals paging cursors */
};

/* The widest reach any rule gives; no data is looked at. */
enum view_reach	view_reach(const struct view *v, uint16_t type,
		    enum view_op op);

/*
 * Does a rule of the type restrict what it gives by content?  Then neither
 * reach nor owner decide alone.
 */
bool		view_narrowed(const struct view *v, uint16_t type,
		    enum view_op op);

/* Does the view hold every resource of the type, whatever it says? */
bool		view_whole(const struct view *v, uint16_t type,
		    enum view_op op);

/* Types with at least this op, whatever the reach. */
struct typeset	view_types(const struct view *v, enum view_op op);

#endif
