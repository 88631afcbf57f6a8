/* SPDX-License-Identifier: Apache-2.0 */
/*
 * term_part.h -- what the files of term*.c share.  (L1)
 */
#ifndef FHIR_TERM_PART_H
#define FHIR_TERM_PART_H

#include "fhir/term_tables.h"

const char	*term_text(uint32_t at);

/* memcmp order of key against a NUL-ended text; without regard to case. */
int		 term_cmp(struct bytes key, const char *text);
int		 term_casecmp(struct bytes key, const char *text);

/* The rank of a code, or -1; and back. */
int		 term_rank(const struct term_system *sys, struct bytes code);
const char	*term_code_text(const struct term_system *sys, uint16_t rank);

const struct term_system *term_part_system(const struct termt_part *part);

/* Is it a media type, a language tag by its form? */
bool		 term_form(enum term_rule rule, struct bytes code);

#endif
