/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mktab.c -- compiles the FHIR tables: mktab DIR > tables.c
 *
 * DIR holds types.tbl, elements.tbl, params.tbl, owner.tbl, compartment.tbl,
 * codes.tbl, units.tbl, rules.tbl and profiles.tbl; tables.txt beside them
 * explains the notation.  Exit status 0, or 1 with "file:line: what" on
 * standard error; nothing is written to standard output before everything
 * has been checked.
 */
#include <stdlib.h>

#include "fhir/mktab.h"

int
main(int argc, char **argv)
{
	struct tables	tb = { 0 };

	if (argc != 2) {
		fputs("usage: mktab DIR > tables.c\n", stderr);
		return 64;
	}
	types_read(&tb, argv[1]);
	elements_read(&tb, argv[1]);
	params_read(&tb, argv[1]);
	owners_read(&tb, argv[1]);
	compartments_read(&tb, argv[1]);
	terms_read(&tb, argv[1]);
	units_read(&tb, argv[1]);
	rules_read(&tb, argv[1]);
	profiles_read(&tb, argv[1]);
	tables_write(&tb);
	terms_write(&tb);
	units_write(&tb);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fputs("mktab: cannot write\n", stderr);
		return 1;
	}
	return 0;
}
