/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mktab_out.h -- what the writers of tables.c share.
 */
#ifndef FHIR_MKTAB_OUT_H
#define FHIR_MKTAB_OUT_H

#include "fhir/mktab.h"

/* What has been written so far. */
struct writer {
	const struct tables	*tb;
	struct path		*runs;		/* step sequences, each once */
	int			*run_at;	/* where each is in deft_step */
	int			 n_runs, n_steps;
	int			 n_paths, n_parts;
	const char		**texts;	/* each once */
	int			*text_at;	/* where each is in deft_text */
	int			 n_texts, text_end;
};

/* Where a text will stand in deft_text; 0 for none. */
int	text_at(struct writer *w, const char *s);
/* Where the elements of a shape begin in deft_elem. */
int	elem_at(const struct tables *tb, int shape);
void	put_set(struct typeset s);
void	put_rule(struct writer *w, const struct row *r);

/* mktab_profile_out.c */
void	profiles_write(struct writer *w);

#endif
