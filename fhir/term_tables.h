/* SPDX-License-Identifier: Apache-2.0 */
/*
 * term_tables.h -- what mktab writes of codes.tbl and term*.c read; for
 * nobody else.  (L1)
 *
 * No pointers: rows name texts by where they begin in termt_text and each
 * other by number.  A code is known by its rank, its place in the order in
 * which its system lists it (parents before what is below them), so a code
 * and all below it are the ranks rank..last.
 */
#ifndef FHIR_TERM_TABLES_H
#define FHIR_TERM_TABLES_H

#include "fhir/term.h"

/* Codes that are known by their form. */
enum term_rule { RULE_NONE, RULE_MEDIA, RULE_LANGUAGE, RULE__MAX };

#define TERM_RULE_NAMES {						\
	[RULE_NONE] = "none", [RULE_MEDIA] = "media",			\
	[RULE_LANGUAGE] = "language"					\
}

struct term_system {
	uint32_t	url_at;
	uint32_t	first;		/* of its codes in termt_code */
	uint16_t	n;
	bool		whole;		/* these are all its codes */
	bool		nocase;
	uint8_t		rule;		/* enum term_rule */
};

struct termt_code {
	uint32_t	text_at;
	uint16_t	parent;		/* rank + 1, or 0 */
	uint16_t	last;		/* rank */
};

/* What a set holds of one system. */
struct termt_part {
	uint16_t	system;
	bool		all;		/* all codes, n is 0 */
	bool		some;		/* and codes we cannot tell */
	uint16_t	n;		/* ranks in termt_rank, ascending */
	uint32_t	first;
};

struct term_set {
	uint32_t	url_at, name_at;
	uint16_t	part, n_part;	/* termt_part */
};

struct termt_url {
	uint32_t	url_at;
	uint16_t	system;
};

extern const char		 termt_text[];
extern const uint16_t		 termt_n_system;
extern const struct term_system	 termt_system[];	/* [1..n] */
extern const struct termt_code	 termt_code[];
/* The ranks of each system's codes sorted by text; nocase: lowered text. */
extern const uint16_t		 termt_sorted[];
extern const uint16_t		 termt_n_url;
extern const struct termt_url	 termt_url[];		/* by url */
extern const uint16_t		 termt_n_set;
extern const struct term_set	 termt_set[];		/* by url */
extern const uint16_t		 termt_set_name[];	/* by name */
extern const struct termt_part	 termt_part[];
extern const uint16_t		 termt_rank[];
extern const uint16_t		 termt_n_binding;
extern const uint16_t		 termt_binding[];	/* [binding]: set */

#endif
