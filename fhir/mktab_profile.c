/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mktab_profile.c -- profiles.tbl: what profiles ask beyond the base.
 *
 * Every element, value set and type a profile names must exist, or the build
 * fails.
 */
#include <stdlib.h>

#include "fhir/mktab_term.h"

#define LEVELS		6	/* of elements in elements */
#define SHORT		"argo-"	/* an extension of the base url */

static const char	*const bind_names[] = PROFILE_BIND_NAMES;

struct profile_reader {
	struct reader	 r;
	struct tables	*tb;
	struct prof	*p;		/* the one we are in, or NULL */
	int		 open[LEVELS];	/* rows by level */
	int		 level;		/* of the last line */
	bool		 in_rule;	/* its text is still to come */
	const char	*base;
};

static int
add_word(struct tables *tb, const char *text)
{
	GROW(tb->words, tb->n_words);
	tb->words[tb->n_words] = text;
	return tb->n_words++;
}

static int
add_row(struct prof *p, struct prow row)
{
	GROW(p->row, p->n);
	p->row[p->n] = row;
	return p->n++;
}

/* --- lines ---------------------------------------------------------------- */

/* "argo-patient : Patient" */
static void
read_head(struct profile_reader *t)
{
	struct tables	*tb = t->tb;
	char		*name = reader_rest(&t->r), *type = cut(name, ":");
	struct prof	 p = { .at = t->r.at, .name = name };

	if (type == NULL || t->base == NULL)
		die(t->r.at, "want 'base = URL', then 'NAME : TYPE'");
	p.url = print("%s%s", t->base, name);
	p.shape = shape_find(tb, type);
	if (p.shape == 0)
		die(t->r.at, "no shape is called '%s'", type);
	if (strcmp(type, "Extension") != 0)
		p.type = type_need(tb, t->r.at, type);
	(void)add_row(&p, (struct prow){ .at = t->r.at, .path = "",
	    .inner = p.shape, .max = -1, .fixed = -1 });
	GROW(tb->profs, tb->n_profs);
	tb->profs[tb->n_profs] = p;
	t->p = &tb->profs[tb->n_profs++];
	t->open[0] = 0;
}

/* "status", "effective[x]", "extension(argo-race)" */
static void
find_elems(struct profile_reader *t, int shape, char *name, struct prow *row)
{
	struct shape	*s = &t->tb->shapes[shape];
	char		*url = strchr(name, '('), *choice;
	const char	*is;

	if (url != NULL) {
		*url++ = '\0';
		url[strcspn(url, ")")] = '\0';
		row->url = strncmp(url, SHORT, strlen(SHORT)) == 0 ?
		    print("%s%s", t->base, url) : url;
		row->path = url;
	}
	choice = strstr(name, "[x]");
	if (choice != NULL)
		*choice = '\0';
	for (int i = 0; i < s->n; i++) {
		is = choice != NULL ? s->elem[i].choice : s->elem[i].name;
		if (is == NULL || strcmp(is, name) != 0)
			continue;
		if (row->n_elem++ == 0)
			row->elem = i;
	}
	if (row->n_elem == 0)
		die(t->r.at, "%s has no element '%s'", s->path, name);
	row->shape = shape;
	row->inner = choice != NULL ? 0 : s->elem[row->elem].shape;
	if (choice != NULL)
		*choice = '[';
}

static void
set_card(struct profile_reader *t, struct prow *row, char *card)
{
	char	*max = card == NULL ? NULL : cut(card, "..");

	if (max == NULL)
		die(t->r.at, "want a cardinality, 0..1 or 1..*");
	row->min = reader_number(&t->r, card, 1);
	row->max = strcmp(max, "*") == 0 ? -1 :
	    reader_number(&t->r, max, PROFILE_MANY - 1);
}

static char *
need_word(struct profile_reader *t, const char *what)
{
	char	*word = reader_word(&t->r);

	if (word == NULL)
		die(t->r.at, "%s is missing", what);
	return word;
}

static void
set_binding(struct profile_reader *t, struct prow *row, int bind)
{
	const char		*name = need_word(t, "a value set");
	const struct set	*set = set_find(t->tb->terms, name);

	if (set == NULL)
		die(t->r.at, "no set is called '%s'", name);
	row->bind = (enum profile_bind)bind;
	row->set = (int)(set - t->tb->terms->set);
}

/* What follows the cardinality. */
static void
read_word(struct profile_reader *t, struct prow *row, const char *word)
{
	int	bind = find_name(bind_names, (int)N_ELEM(bind_names), word);
	char	*next;

	if (bind > BIND_NONE) {
		set_binding(t, row, bind);
	} else if (strcmp(word, "MS") == 0) {
		row->must_support = true;
	} else if (strcmp(word, "units") == 0) {
		row->units = true;
	} else if (strcmp(word, "=") == 0) {
		row->fixed = add_word(t->tb, need_word(t, "a value"));
	} else if (strcmp(word, "->") == 0) {
		row->targets = type_list(t->tb, t->r.at,
		    need_word(t, "a type"));
	} else if (strcmp(word, "pattern") == 0) {
		row->pattern = add_word(t->tb, need_word(t, "a code"));
		for (next = need_word(t, "a system"); next != NULL;
		    next = reader_word(&t->r))
			(void)add_word(t->tb, next);
		row->n_pattern = t->tb->n_words - row->pattern;
	} else {
		die(t->r.at, "'%s' is no word of a profile", word);
	}
}

static void
read_row(struct profile_reader *t, char *name)
{
	struct prow	*up = &t->p->row[t->open[t->level - 1]];
	struct prow	 row = { .at = t->r.at, .path = name, .fixed = -1 };
	const char	*word;

	if (up->inner == 0)
		die(t->r.at, "nothing can stand in the element above");
	find_elems(t, up->inner, name, &row);
	if (*up->path != '\0')
		row.path = print("%s.%s", up->path, row.path);
	set_card(t, &row, reader_word(&t->r));
	while ((word = reader_word(&t->r)) != NULL)
		read_word(t, &row, word);
	for (int i = 0; i < t->level; i++)
		t->p->row[t->open[i]].below++;
	t->open[t->level] = add_row(t->p, row);
}

/* --- rules and units ---------------------------------------------------- */

/* "rule KEY [!warning] [!ours] COND" about the element it stands in. */
static void
read_rule(struct profile_reader *t)
{
	struct prof	*p = t->p;
	int		 of = t->open[t->level - 1];
	struct row	 rule = { .at = t->r.at, .shape = p->row[of].inner };

	if (rule.shape == 0)
		die(t->r.at, "a rule about what has no members");
	rule.key = need_word(t, "a key");
	rule_rest(&t->r, &rule);
	GROW(p->rule, p->n_rule);
	GROW(p->of_row, p->n_rule);
	p->rule[p->n_rule] = rule;
	p->of_row[p->n_rule++] = of;
	t->in_rule = true;
}

/* "vital CODE UNIT..." */
static void
read_unit(struct profile_reader *t)
{
	struct prof	*p = t->p;
	const char	*word;
	int		 n = 0;

	GROW(p->unit, p->n_units);
	GROW(p->n_unit, p->n_units);
	p->unit[p->n_units] = add_word(t->tb, need_word(t, "a code"));
	while ((word = reader_word(&t->r)) != NULL) {
		(void)add_word(t->tb, word);
		n++;
	}
	if (n == 0)
		die(t->r.at, "no unit");
	p->n_unit[p->n_units++] = n;
}

static void
read_line(struct profile_reader *t)
{
	char	*word;

	if (t->in_rule) {
		struct row	*rule = &t->p->rule[t->p->n_rule - 1];

		if (t->r.indent <= t->level * 2)
			die(rule->at, "%s has no text for people",
			    rule->key);
		rule_more(&t->r, rule);
		t->in_rule = rule->text == NULL;
		return;
	}
	t->level = t->r.indent / 2;
	if (t->r.indent % 2 != 0 || t->level >= LEVELS)
		die(t->r.at, "indented by %d under nothing", t->r.indent);
	if (t->level == 0) {
		read_head(t);
		return;
	}
	word = t->p == NULL ? NULL : reader_word(&t->r);
	if (word == NULL)
		die(t->r.at, "a row of no profile");
	if (strcmp(word, "rule") == 0)
		read_rule(t);
	else if (strcmp(word, "vital") == 0)
		read_unit(t);
	else
		read_row(t, word);
}

/* --- all ------------------------------------------------------------------ */

/* Rules in the order of their rows, as they are asked for. */
static void
compile(struct tables *tb, struct prof *p)
{
	struct row	*sorted = NULL;
	int		 n = 0;

	for (int i = 0; i < p->n; i++) {
		p->row[i].rule = n;
		for (int j = 0; j < p->n_rule; j++) {
			if (p->of_row[j] != i)
				continue;
			GROW(sorted, n);
			sorted[n] = p->rule[j];
			sorted[n].node = cond_read(tb, &sorted[n]);
			n++;
		}
		p->row[i].n_rule = n - p->row[i].rule;
	}
	p->rule = sorted;
}

static int
by_url(const void *a, const void *b)
{
	const struct prof	*p = a, *q = b;

	return strcmp(p->url, q->url);
}

void
profiles_read(struct tables *tb, const char *dir)
{
	struct profile_reader	t = { .tb = tb };

	for (reader_open(&t.r, dir, "profiles.tbl"); reader_line(&t.r);) {
		if (strncmp(t.r.next, "base =", 6) == 0)
			t.base = t.r.next + 6 + strspn(t.r.next + 6, " ");
		else
			read_line(&t);
	}
	if (t.in_rule)
		die(t.r.at, "a rule without its text");
	for (int i = 0; i < tb->n_profs; i++)
		compile(tb, &tb->profs[i]);
	if (tb->n_profs > 0)
		qsort(tb->profs, (size_t)tb->n_profs, sizeof(*tb->profs),
		    by_url);
}
