/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mktab_term.c -- codes.tbl: code systems, then value sets.
 */
#include "fhir/mktab_term.h"

#define DEPTH_MAX	16	/* of codes below codes */
#define URL_SYSTEM	"http://hl7.org/fhir/"
#define URL_SET		"http://hl7.org/fhir/ValueSet/"

static const char	*const rule_names[RULE__MAX] = TERM_RULE_NAMES;

/* Where codes of a line stand: the ancestors, one for each indent. */
struct level {
	int	indent, parent;
};

struct term_reader {
	struct reader	 r;
	struct terms	*tm;
	struct level	 level[DEPTH_MAX];
	int		 depth;
	bool		 in_set;
};

static int
system_find(const struct terms *tm, const char *name)
{
	for (int i = 1; i <= tm->n_system; i++)
		if (strcmp(tm->system[i].name, name) == 0)
			return i;
	return 0;
}

struct set *
set_find(const struct terms *tm, const char *name)
{
	for (int i = 0; i < tm->n_set; i++)
		if (strcmp(tm->set[i].name, name) == 0)
			return &tm->set[i];
	return NULL;
}

static int
code_find(const struct system *s, const char *text)
{
	for (int i = 0; i < s->n; i++)
		if (strcmp(s->code[i].text, text) == 0)
			return i;
	return -1;
}

static int
code_add(struct system *s, struct place at, const char *text, int parent)
{
	if (code_find(s, text) >= 0)
		die(at, "%s has the code '%s' twice", s->name, text);
	GROW(s->code, s->n);
	s->code[s->n] = (struct code){ text, parent, s->n, false };
	for (int up = parent; up >= 0; up = s->code[up].parent)
		s->code[up].last = s->n;
	return s->n++;
}

/* The next word, or what stands in quotes; NULL at the end of the line. */
static char *
next_code(struct reader *r)
{
	char	*text = reader_rest(r), *end;

	if (*text != '\'')
		return reader_word(r);
	end = strchr(++text, '\'');
	if (end == NULL || end == text)
		die(r->at, "a quoted code does not end, or is none");
	*end = '\0';
	r->next = end + 1;
	return text;
}

/* "(code)" only groups what stands below it: abstract, not to be chosen. */
static bool
ungroup(char **text)
{
	size_t	len = strlen(*text);

	if (len < 3 || (*text)[0] != '(' || (*text)[len - 1] != ')')
		return false;
	(*text)[len - 1] = '\0';
	++*text;
	return true;
}

/* "= URL" of a system or set, or the default. */
static const char *
read_url(struct reader *r, const char *prefix, const char *name)
{
	char	*rest = reader_rest(r), *url;

	if (*rest != '=')
		return print("%s%s", prefix, name);
	(void)reader_word(r);
	url = reader_word(r);
	if (url == NULL)
		die(r->at, "no url after '='");
	return url;
}

/* "system NAME [= URL] [nocase]", "outside NAME [= URL] [rule RULE]" */
static void
read_system(struct term_reader *t, bool whole)
{
	struct terms	*tm = t->tm;
	struct system	 s = { .at = t->r.at, .whole = whole };
	char		*name = reader_word(&t->r), *word;
	int		 rule;

	if (name == NULL || system_find(tm, name) != 0)
		die(t->r.at, "a system needs a name of its own");
	s.name = name;
	s.url = read_url(&t->r, URL_SYSTEM, name);
	while ((word = reader_word(&t->r)) != NULL) {
		if (strcmp(word, "nocase") == 0) {
			s.nocase = true;
			continue;
		}
		if (strcmp(word, "rule") != 0 || whole)
			die(t->r.at, "'%s' after a system", word);
		word = reader_word(&t->r);
		rule = word == NULL ? -1 :
		    find_name(rule_names, RULE__MAX, word);
		if (rule <= RULE_NONE)
			die(t->r.at, "no such rule");
		s.rule = (enum term_rule)rule;
	}
	if (tm->n_system == 0)
		GROW(tm->system, 0);
	GROW(tm->system, ++tm->n_system);
	tm->system[tm->n_system] = s;
	t->depth = 0;
	t->in_set = false;
}

static void
read_set(struct term_reader *t)
{
	struct terms	*tm = t->tm;
	struct set	 s = { .at = t->r.at };
	char		*name = reader_word(&t->r);

	if (name == NULL || set_find(tm, name) != NULL)
		die(t->r.at, "a set needs a name of its own");
	s.name = name;
	s.url = read_url(&t->r, URL_SET, name);
	if (*reader_rest(&t->r) != '\0')
		die(t->r.at, "want: set NAME [= URL]");
	GROW(tm->set, tm->n_set);
	tm->set[tm->n_set++] = s;
	t->in_set = true;
}

/* A line of codes: siblings, below the last code of the line less deep. */
static void
read_codes(struct term_reader *t)
{
	struct system	*s = &t->tm->system[t->tm->n_system];
	char		*text = NULL;
	int		 parent = -1, rank = -1;

	while (t->depth > 0 &&
	    t->level[t->depth - 1].indent >= t->r.indent)
		t->depth--;
	if (t->depth > 0)
		parent = t->level[t->depth - 1].parent;
	else if (t->r.indent > 2)
		die(t->r.at, "deeper than what stands above");
	while ((text = next_code(&t->r)) != NULL) {
		bool	group = ungroup(&text);

		rank = code_add(s, t->r.at, text, parent);
		s->code[rank].group = group;
	}
	if (t->depth == DEPTH_MAX)
		die(t->r.at, "codes below codes more than %d deep", DEPTH_MAX);
	t->level[t->depth++] = (struct level){ t->r.indent, rank };
}

/* "also URL": another spelling of the system's. */
static void
read_also(struct term_reader *t)
{
	struct system	*s = &t->tm->system[t->tm->n_system];
	char		*url;

	(void)reader_word(&t->r);
	url = reader_word(&t->r);
	if (url == NULL || *reader_rest(&t->r) != '\0')
		die(t->r.at, "want: also URL");
	GROW(s->also, s->n_also);
	s->also[s->n_also++] = url;
}

/* Codes of a clause; an outside system learns them here. */
static void
clause_codes(struct term_reader *t, struct clause *c)
{
	struct system	*s = &t->tm->system[c->system];
	char		*text;

	while ((text = next_code(&t->r)) != NULL) {
		int	rank = code_find(s, text);

		if (rank < 0 && (s->whole || c->what == CL_BELOW))
			die(t->r.at, "%s has no code '%s'", s->name, text);
		if (rank < 0)
			rank = code_add(s, t->r.at, text, -1);
		GROW(c->code, c->n);
		c->code[c->n++] = rank;
	}
}

/*
 * "all S", "some S", "codes S CODE ...", "below S CODE ...", "set NAME",
 * each also after "but"; a deeper line goes on with the codes.
 */
static void
read_clause(struct term_reader *t)
{
	static const char *const words[] = {
	    [CL_ALL] = "all", [CL_SOME] = "some", [CL_CODES] = "codes",
	    [CL_BELOW] = "below", [CL_SET] = "set" };
	struct set	*s = &t->tm->set[t->tm->n_set - 1];
	struct clause	 c = { .at = t->r.at };
	char		*word;
	int		 what;

	if (t->r.indent > 2) {
		if (s->n == 0 || s->clause[s->n - 1].n == 0)
			die(t->r.at, "codes of nothing");
		clause_codes(t, &s->clause[s->n - 1]);
		return;
	}
	word = reader_word(&t->r);
	if (strcmp(word, "but") == 0) {
		c.but = true;
		word = reader_word(&t->r);
	}
	what = word == NULL ? -1 : find_name(words, (int)N_ELEM(words), word);
	word = reader_word(&t->r);
	if (what < 0 || word == NULL || (c.but && what == CL_SOME))
		die(t->r.at, "want: [but] all, some, codes, below or set");
	c.what = what;
	if (what == CL_SET) {
		c.set = word;
	} else {
		c.system = system_find(t->tm, word);
		if (c.system == 0)
			die(t->r.at, "no system is called '%s'", word);
	}
	if (what == CL_CODES || what == CL_BELOW) {
		clause_codes(t, &c);
		if (c.n == 0)
			die(t->r.at, "no codes");
	} else if (*reader_rest(&t->r) != '\0') {
		die(t->r.at, "more than one name");
	}
	GROW(s->clause, s->n);
	s->clause[s->n++] = c;
}

static void
read_line(struct term_reader *t)
{
	if (t->r.indent == 0) {
		char	*word = reader_word(&t->r);

		if (strcmp(word, "system") == 0)
			read_system(t, true);
		else if (strcmp(word, "outside") == 0)
			read_system(t, false);
		else if (strcmp(word, "set") == 0)
			read_set(t);
		else
			die(t->r.at, "want: system, outside or set");
	} else if (t->in_set) {
		read_clause(t);
	} else if (t->tm->n_system == 0) {
		die(t->r.at, "codes of no system");
	} else if (strncmp(t->r.next, "also ", 5) == 0) {
		read_also(t);
	} else if (!t->tm->system[t->tm->n_system].whole) {
		die(t->r.at, "an outside system has no codes here");
	} else {
		read_codes(t);
	}
}

static void
check_system(const struct terms *tm, const struct system *s)
{
	if (s->whole && s->n == 0)
		die(s->at, "a system without codes");
	for (const struct system *t = &tm->system[1]; t <= s; t++) {
		for (int i = 0; i < s->n_also; i++)
			if (strcmp(t->url, s->also[i]) == 0)
				die(s->at, "url %s stands twice", t->url);
		if (t != s && strcmp(t->url, s->url) == 0)
			die(s->at, "url %s stands twice", t->url);
	}
}

void
terms_read(struct tables *tb, const char *dir)
{
	struct terms		*tm = NULL;
	struct term_reader	 t = { .in_set = false };

	GROW(tm, 0);
	t.tm = tb->terms = tm;
	for (reader_open(&t.r, dir, "codes.tbl"); reader_line(&t.r);)
		read_line(&t);
	for (int i = 1; i <= tm->n_system; i++)
		check_system(tm, &tm->system[i]);
	sets_resolve(tm);
	for (int i = 1; i <= tb->n_bindings; i++)
		if (set_find(tm, tb->bindings[i]) == NULL)
			die(t.r.at, "no set is called '%s', which "
			    "elements.tbl binds", tb->bindings[i]);
}
