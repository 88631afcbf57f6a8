/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.h -- is this a valid DSTU2 resource, and if not, why?  (L1)
 *
 * Walks a whole tree beside the tables and names every fault at once: each
 * an issue with severity, DSTU2 issue-type code, place, the key of the rule
 * and what would be right.  A resource is judged by the profiles it claims,
 * too, as far as profile.h has them.  Whether what a reference names exists
 * is not asked here.
 *
 * Keys: those of the specification's constraints ("pat-1", rules.tbl), and
 * ours for what stands in its tables ("element", "binding", "dateTime"...);
 * tiphys-validation(7) has them all.
 *
 * Spec: DSTU2 validation.html, json.html, datatypes.html, references.html.
 */
#ifndef FHIR_CHECK_H
#define FHIR_CHECK_H

#include <jansson.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "fhir/issue.h"
#include "fhir/prim.h"

#define CHECK_ISSUES	100	/* what a person still reads */

struct profile;		/* profile.h */

/* What the resource is meant for. */
enum check_mode {
	CHECK_CREATE,		/* also an update by criteria; SUBSETTED is
				 * no base of either */
	CHECK_UPDATE,		/* must have an id, too */
	CHECK_DELETE,		/* its content decides nothing */
	CHECK_STORED		/* as it stands: load, tiphys validate */
};

struct check {
	enum check_mode			 mode;
	const struct base_urls		*urls;	/* which absolute references
						 * are ours; NULL: none */
	const struct profile		*profile; /* by this one as well,
						 * claimed or not (of a Bundle:
						 * its entries); or NULL */
	size_t				 max;	/* issues, then one that says
						 * so; 0: CHECK_ISSUES */
};

/*
 * in	type	what the tree must be, as json_doc found it
 *	tree	of json_doc: members once, nothing empty, numbers as text
 * out	is	an issue a fault, in the order of the tree; warnings too.  A
 *		place whose fault json_doc has put there is told once
 * err	ERR_SYNTAX (400)  what stands there is not of DSTU2's form: unknown
 *		members, an object for a string, null without its partner
 *	ERR_RULE (422)	it can be read and breaks a rule
 *	both: ERR_SYNTAX.  Warnings alone: OK
 * own	a is for lists that must be unique, and small; faults go to is
 * cost	a pass over the tree; no text is built where there is no fault
 */
enum err	check_resource(struct arena *a, const struct check *how,
		    uint16_t type, const json_t *tree, struct issues *is)
		    NODISCARD;

#endif
