/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ucum_tables.h -- what mktab writes of units.tbl and ucum.c reads; for
 * nobody else.  (L1)
 */
#ifndef FHIR_UCUM_TABLES_H
#define FHIR_UCUM_TABLES_H

#include "fhir/ucum.h"

#define UCUM_CODE_LEN	16	/* longest code and its NUL */
#define UCUM_ATOM_DIMS	6

struct ucumt_prefix {
	char		code[3];
	int8_t		exp;
};

/* An atom; a base unit is once itself. */
struct ucumt_atom {
	char		code[UCUM_CODE_LEN];
	uint64_t	num, den;
	int64_t		off;		/* off * 10^off_exp is added first */
	int16_t		exp, off_exp;
	bool		metric;
	uint8_t		n_dim;
	struct {
		uint8_t	base;		/* ucumt_base */
		int8_t	exp;
	} dim[UCUM_ATOM_DIMS];
};

struct ucumt_means {
	char		wrong[UCUM_CODE_LEN], right[UCUM_CODE_LEN + 8];
};

extern const uint16_t			ucumt_n_prefix;
extern const struct ucumt_prefix	ucumt_prefix[];	/* longest first */
extern const uint16_t			ucumt_n_atom;
extern const struct ucumt_atom		ucumt_atom[];	/* by code */
extern const uint16_t			ucumt_n_base;
extern const uint16_t			ucumt_base[];	/* its atom */
extern const uint16_t			ucumt_n_means;
extern const struct ucumt_means		ucumt_means[];

#endif
