/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mktab_term.h -- codes.tbl as read: between mktab_term.c, which reads it,
 * mktab_set.c, which works out what each set holds, and mktab_term_out.c.
 */
#ifndef FHIR_MKTAB_TERM_H
#define FHIR_MKTAB_TERM_H

#include "fhir/mktab.h"
#include "fhir/term_tables.h"

struct code {
	const char	*text;
	int		 parent;	/* rank, or -1 */
	int		 last;		/* rank of the last one below it */
	bool		 group;		/* no set holds it by "all", "below" */
};

struct system {
	const char	*name, *url;
	const char	**also;		/* other spellings of the url */
	int		 n_also;
	struct place	 at;
	bool		 whole, nocase;
	enum term_rule	 rule;
	struct code	*code;		/* by rank: in the order of the text */
	int		 n;
};

/* One line of a set. */
struct clause {
	struct place	 at;
	enum { CL_ALL, CL_SOME, CL_CODES, CL_BELOW, CL_SET } what;
	bool		 but;
	int		 system;
	const char	*set;
	int		*code;		/* ranks */
	int		 n;
};

/* What a set holds of one system. */
struct hold {
	int		 system;
	bool		 all;		/* of an outside system */
	bool		 some;
	char		*has;		/* by rank */
	int		 n;		/* how many has */
};

struct set {
	const char	*name, *url;
	struct place	 at;
	struct clause	*clause;
	int		 n;
	struct hold	*hold;
	int		 n_hold;
	enum { SET_READ, SET_BUSY, SET_DONE } state;
};

struct terms {
	struct system	*system;	/* [1..n_system] */
	int		 n_system;
	struct set	*set;		/* by url */
	int		 n_set;
};

struct set	*set_find(const struct terms *tm, const char *name);
void		 sets_resolve(struct terms *tm);

#endif
