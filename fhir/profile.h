/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile.h -- the profiles of Argonaut Data Query, from profiles.tbl.  (L1)
 *
 * check_resource judges a resource by every profile that its meta.profile
 * claims and that stands here, by the one its caller asks for, and each
 * extension by its definition.  Faults are issues as those of the base, with
 * keys such as "argo-patient/identifier.system" (an element) and
 * "argo-condition/arg-1" (a rule).  What the base says as well it alone says.
 *
 * Spec: Argonaut Data Query 1.0.0; decisions in tiphys-validation(7).
 */
#ifndef FHIR_PROFILE_H
#define FHIR_PROFILE_H

#include "base/bytes.h"
#include "fhir/def.h"

struct profile;

/* By canonical url; NULL: not carried. */
const struct profile	*profile_find(struct bytes url);

/*
 * Is it the definition of a type itself, ".../StructureDefinition/Patient"?
 * out	*type_out  0: of every type (Resource, DomainResource)
 */
bool			 profile_base(struct bytes url, uint16_t *type_out);

/* All of them, by url; NULL beyond the last. */
const struct profile	*profile_num(size_t num);

const char		*profile_url(const struct profile *p);
const char		*profile_name(const struct profile *p);	/* "argo-..." */

/* What it is a profile of; 0: it defines an extension. */
uint16_t		 profile_type(const struct profile *p);

/* A row of it as the tables have it: for lists, tests and the manual. */
struct profile_fact {
	const char	*path;		/* "identifier.system"; slices by
					 * their names: "argo-race" */
	bool		 asks;		/* more than the base does */
	uint16_t	 min, max;	/* max UINT16_MAX: any number */
	bool		 must_support;
	const char	*strength;	/* "required", "max" ... or "" */
	const char	*set;		/* name of the value set, or NULL */
	const char	*fixed;		/* or the code of a pattern, or NULL */
	const char	*systems[4];	/* of a pattern; NULL at the end */
	struct typeset	 targets;	/* of a Reference; empty: the base's */
};

/* Its rows and rules, in order; false beyond the last. */
bool			 profile_fact(const struct profile *p, size_t num,
			    struct profile_fact *out);

struct profile_rule {
	const char	*key, *path, *text; /* path "": of the resource */
	bool		 warning, ours;
};

bool			 profile_rule(const struct profile *p, size_t num,
			    struct profile_rule *out);

/* The units of a LOINC code, one text each; false beyond the last. */
bool			 profile_unit(const struct profile *p, size_t num,
			    const char **code_out, const char *unit_out[4]);

#endif
