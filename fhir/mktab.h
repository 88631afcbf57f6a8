/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mktab.h -- the compiler of the FHIR tables: what its parts share.
 *
 * A build-time program: reads the *.tbl files once, checks everything it can,
 * writes tables.c, ends.  It therefore never frees, and stops at the first
 * error with "file:line: what".  It links nothing of ours; fhir/def.h gives
 * it the enums.
 */
#ifndef FHIR_MKTAB_H
#define FHIR_MKTAB_H

#include <stddef.h>
#include <stdio.h>

#include "base/attr.h"
#include "fhir/def_tables.h"
#include "fhir/profile_tables.h"
#include "fhir/rule_tables.h"

/* --- mktab_text.c: lines, words, errors ---------------------------------- */

struct place {
	const char	*file;
	int		 line;
};

struct reader {
	FILE		*in;
	struct place	 at;
	char		*text;		/* the line, trimmed, comment cut */
	char		*note;		/* its comment, trimmed, or NULL */
	int		 indent;	/* blanks before the text */
	char		*next;		/* what reader_word has not taken */
};

NORETURN void	die(struct place at, const char *fmt, ...) PRINTF(2, 3);
void		*grow(void *list, int n, size_t size);
/* Room for one more after n, zeroed. */
#define GROW(list, n)	((list) = grow(list, n, sizeof(*(list))))
char		*print(const char *fmt, ...) PRINTF(1, 2);

void	 reader_open(struct reader *r, const char *dir, const char *name);
bool	 reader_line(struct reader *r);	/* the next that is not empty */
char	*reader_word(struct reader *r);	/* NULL at the end of the line */
char	*reader_rest(struct reader *r);	/* "" at the end of the line */
int	 reader_number(struct reader *r, const char *word, int max);

/* Cut text at the first sep outside of <>, trim both; NULL: no sep. */
char	*cut(char *text, const char *sep);

/* Number of word in a table of n names, or -1. */
int	 find_name(const char *const *names, int n, const char *word);

/* --- the tables as read -------------------------------------------------- */

struct type {
	const char	*name;
	struct place	 at;
	int		 shape;
};

struct elem {
	const char	*name;		/* in JSON */
	const char	*choice;	/* "value", or NULL */
	const char	*reuse;		/* "@path", or NULL */
	const char	*profile;	/* "Age": a Quantity of this shape */
	struct place	 at;
	enum def_dt	 dt;
	int		 shape, min, max, n_choice, binding;
	bool		 summary, modifier;
	struct typeset	 targets;
};

struct shape {
	const char	*path;
	struct elem	*elem;
	int		 n;
};

struct step {
	const char	*name, *url;	/* url or NULL */
	bool		 first;		/* "[0]": of a list */
};

struct path {
	struct step	*step;
	int		 n;
	enum def_dt	 dt;
	const char	*system;	/* def_system, or NULL */
	struct typeset	 targets;
};

struct paths {
	struct path	*p;
	int		 n;
};

struct param {
	const char	*code, *url;
	struct place	 at;
	int		 num, type;
	enum param_kind	 kind;
	struct paths	 paths;
	bool		 first_only, argonaut;
	struct typeset	 targets;
	char		*part_text;	/* "a & b" until all rows are read */
	int		 part[4], n_part;
};

struct owner {
	struct place	 at;
	enum owner_rule	 rule;
	struct paths	 subject, other;
	bool		 given;
};

struct member {
	struct place	 at;
	int		 compartment, type;
	struct param	**param;
	int		 n;
	struct param	*link, *to;	/* of a chain; to: where n is 0 */
	char		*chain;
	int		 n_chain;
};

/* A rule of rules.tbl. */
struct row {
	struct place	 at;
	char		*key, *cond, *text;
	int		 shape, node;
	struct elem	*elem;		/* judged on its values, or NULL */
	bool		 warning, ours;
};

/* A row of profiles.tbl; row 0 of each profile is the resource itself. */
struct prow {
	struct place	 at;
	const char	*path;		/* "identifier.system", for keys */
	const char	*url;		/* of an extension, or NULL */
	int		 shape, elem, n_elem;	/* as struct rstep */
	int		 inner;		/* shape of what stands there, or 0 */
	int		 min, max;	/* max -1: any number */
	int		 below;		/* rows of what stands in it */
	bool		 must_support, units;
	enum profile_bind bind;
	int		 set;		/* of terms, by number */
	int		 fixed, pattern, n_pattern;	/* words */
	struct typeset	 targets;
	int		 rule, n_rule;	/* in prules */
};

struct prof {
	struct place	 at;
	const char	*name, *url;
	int		 type, shape;	/* type 0: an extension */
	struct prow	*row;
	int		 n;
	struct row	*rule;		/* sorted by the row they stand in */
	int		*of_row;
	int		 n_rule;
	int		*unit;		/* words: code, units of each */
	int		*n_unit;
	int		 n_units;
};

/* As struct rule_step, its elements by their place in a shape. */
struct rstep {
	int		 shape, elem, n;
	bool		 first, deep, more;
};

struct tables {
	struct type	*types;		/* [1..n_types] */
	int		 n_types;
	struct shape	*shapes;	/* [1..n_shapes] */
	int		 n_shapes;
	int		 dt_shape[DT__MAX];
	const char	**bindings;	/* [1..n_bindings] */
	int		 n_bindings;
	char		*any_types;	/* what "any" stands for */
	int		 n_choices;
	struct step	*prefixes;	/* "url NAME = PREFIX" */
	int		 n_prefixes;
	struct param	*params;	/* sorted by type and code */
	int		 n_params;
	struct owner	*owners;	/* [1..n_types] */
	struct member	*members;	/* sorted by compartment and type */
	int		 n_members;
	struct terms	*terms;		/* mktab_term.h */
	struct units	*units;		/* mktab_unit.c */
	struct row	*rows;		/* rules, sorted by shape */
	int		 n_rows;
	struct rule_node *nodes;	/* [1..n_nodes - 1] */
	int		 n_nodes;
	struct rule_path *rpaths;
	int		 n_rpaths;
	struct rstep	*rsteps;
	int		 n_rsteps;
	const char	**words;
	int		 n_words;
	struct prof	*profs;		/* by url */
	int		 n_profs;
};

/* --- mktab_elem.c: types.tbl and elements.tbl ---------------------------- */

void		 types_read(struct tables *tb, const char *dir);
void		 elements_read(struct tables *tb, const char *dir);
int		 type_find(const struct tables *tb, const char *name);
int		 type_need(const struct tables *tb, struct place at,
		    const char *name);	/* type_find gives 0, this dies */
struct typeset	 type_list(const struct tables *tb, struct place at,
		    char *names);	/* "A|B" */
int		 shape_find(const struct tables *tb, const char *path);
struct elem	*elem_find(const struct tables *tb, int shape,
		    const char *name);

/* --- mktab_path.c: where values stand ------------------------------------ */

/*
 * Resolve one path of the text against shape and add it; a choice written
 * "x[x]" adds one path per type that fits (a bit per enum def_dt).
 */
void		 path_add(const struct tables *tb, struct paths *out,
		    struct place at, int shape, char *text, uint64_t fits);
/* "NAME = PREFIX", for extension<NAME:rest>. */
void		 path_prefix(struct tables *tb, struct place at, char *text);

/* --- mktab_param.c: params.tbl ------------------------------------------- */

void		 params_read(struct tables *tb, const char *dir);
struct param	*param_find(const struct tables *tb, int type,
		    const char *code);

/* --- mktab_own.c: owner.tbl and compartment.tbl -------------------------- */

void		 owners_read(struct tables *tb, const char *dir);
void		 compartments_read(struct tables *tb, const char *dir);

/* --- mktab_term.c, mktab_set.c, mktab_term_out.c: codes.tbl ------------- */

/* Not in the digest: no code system is on disk. */
void		 terms_read(struct tables *tb, const char *dir);
void		 terms_write(const struct tables *tb);

/* --- mktab_unit.c: units.tbl ---------------------------------------------- */

void		 units_read(struct tables *tb, const char *dir);
void		 units_write(const struct tables *tb);
/* In the digest: index keys of quantities are in base units. */
void		 units_digest(const struct tables *tb,
		    void (*add)(uint64_t *h, uint64_t n),
		    void (*text)(uint64_t *h, const char *s), uint64_t *h);

/* --- mktab_rule.c, mktab_cond.c: rules.tbl ------------------------------- */

void		 rules_read(struct tables *tb, const char *dir);
/* What follows the key of a rule: marks, and its condition. */
void		 rule_rest(struct reader *r, struct row *row);
/* The lines of one rule below the first: more condition, or its text. */
void		 rule_more(struct reader *r, struct row *row);
/* Compile row->cond; the number of its node. */
int		 cond_read(struct tables *tb, const struct row *row);

/* --- mktab_profile.c: profiles.tbl --------------------------------------- */

/* Not in the digest: no profile is on disk. */
void		 profiles_read(struct tables *tb, const char *dir);

/* --- mktab_out.c, mktab_digest.c ----------------------------------------- */

void		 tables_write(const struct tables *tb);
uint64_t	 tables_digest(const struct tables *tb);

#endif
