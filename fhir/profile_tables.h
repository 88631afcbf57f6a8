/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile_tables.h -- what mktab makes of profiles.tbl and profile.c reads;
 * for nobody else.  (L1)
 *
 * A row says what stands at one element, and is followed by the rows of what
 * stands in it.  Row 0 of a profile is the resource, or extension, itself.
 */
#ifndef FHIR_PROFILE_TABLES_H
#define FHIR_PROFILE_TABLES_H

#include "fhir/rule.h"

enum profile_bind {
	BIND_NONE,
	BIND_PREFERRED,		/* refuses nothing */
	BIND_EXTENSIBLE,	/* another code, or text, where none fits */
	BIND_MAX,		/* text, where none fits */
	BIND_REQUIRED
};

#define PROFILE_BIND_NAMES {						\
	[BIND_NONE] = "", [BIND_PREFERRED] = "preferred",		\
	[BIND_EXTENSIBLE] = "extensible", [BIND_MAX] = "max",		\
	[BIND_REQUIRED] = "required"					\
}

#define PROFILE_MANY	UINT16_MAX	/* max: any number */
#define PROFILES_MAX	64		/* a walk notes them in one word */

struct profile_row {
	uint32_t	path_at, url_at; /* url_at: of an extension, or 0 */
	uint16_t	elem_at, n_elem; /* in deft_elem: rows of a choice */
	uint16_t	below;		/* rows of what stands in it */
	uint16_t	min, max;
	uint16_t	set;		/* termt_set */
	uint16_t	fixed;		/* word, if any_fixed */
	uint16_t	pattern, n_pattern; /* words: code, its systems */
	uint16_t	rule, n_rule;	/* deft_profile_rule */
	uint8_t		bind;		/* enum profile_bind */
	bool		any_fixed, must_support, units;
	struct typeset	targets;	/* empty: what the element allows */
};

struct profile_unit {
	uint16_t	word, n;	/* LOINC code, then n units */
};

struct profile {
	uint32_t	url_at, name_at;
	uint16_t	type;		/* 0: of an extension */
	uint16_t	row, n_row;
	uint16_t	unit, n_unit;
};

extern const uint16_t			deft_n_profile;
extern const struct profile		deft_profile[];	/* by url */
extern const struct profile_row		deft_profile_row[];
extern const struct profile_unit	deft_profile_unit[];
extern const struct rule		deft_profile_rule[];

#endif
