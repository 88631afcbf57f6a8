/* SPDX-License-Identifier: Apache-2.0 */
/*
 * termtool.c -- prints codes.tbl as compiled, through term.h, for the tests.
 *
 * One fact a line, tab separated, the first field says which:
 *
 *	system	url whole nocase
 *	code	system-url code parent
 *	set	url name
 *	part	set-url system-url all some
 *	has	set-url system-url code
 */
#include <stdio.h>

#include "fhir/term_part.h"

static void
put_system(const struct term_system *s)
{
	const char	*url = term_system_url(s);

	printf("system\t%s\t%d\t%d\n", url, term_complete(s), !term_case(s));
	for (uint16_t i = 0; s->whole && i < s->n; i++) {
		struct bytes	code = bytes_str(term_code_text(s, i));
		struct bytes	up = { NULL, 0 };
		uint32_t	at = 0;

		(void)term_above(bytes_str(url), code, &at, &up);
		if (!term_above(bytes_str(url), code, &at, &up))
			up = bytes_of(NULL, 0);
		printf("code\t%s\t%.*s\t%.*s\n", url, BYTES_FMT(code),
		    BYTES_FMT(up));
	}
}

static void
put_set(const struct term_set *s)
{
	const char		*url = term_set_url(s);
	struct term_code	 c;

	printf("set\t%s\t%s\n", url, term_set_name(s));
	for (uint16_t i = 0; i < s->n_part; i++) {
		const struct termt_part	*p = &termt_part[s->part + i];

		printf("part\t%s\t%s\t%d\t%d\n", url,
		    term_system_url(term_part_system(p)), p->all, p->some);
	}
	for (uint32_t at = 0; term_each(s, &at, &c);)
		printf("has\t%s\t%.*s\t%.*s\n", url, BYTES_FMT(c.system),
		    BYTES_FMT(c.code));
}

int
main(void)
{
	for (uint16_t i = 1; i <= termt_n_system; i++)
		put_system(&termt_system[i]);
	for (uint16_t i = 0; i < termt_n_set; i++)
		put_set(&termt_set[i]);
	return 0;
}
