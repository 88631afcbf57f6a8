/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mktab_param.c -- params.tbl: the search parameters.
 */
#include <stdlib.h>

#include "fhir/mktab.h"

#define NUM_MAX	9999	/* of a parameter; 16 bits on disk */

static const char *const	kind_names[PK__MAX] = DEF_KIND_NAMES;

#define DT(x)	((uint64_t)1 << DT_##x)

/* What a value of each kind can be made of; def.h says how. */
static const uint64_t	fits[PK__MAX] = {
	[PK_NUMBER] = DT(INTEGER) | DT(UNSIGNEDINT) | DT(POSITIVEINT) |
	    DT(DECIMAL) | DT(QUANTITY),
	[PK_DATE] = DT(DATE) | DT(DATETIME) | DT(INSTANT) | DT(PERIOD) |
	    DT(TIMING),
	[PK_STRING] = DT(STRING) | DT(MARKDOWN) | DT(HUMANNAME) |
	    DT(ADDRESS),
	[PK_TOKEN] = DT(CODE) | DT(CODING) | DT(CODEABLECONCEPT) |
	    DT(IDENTIFIER) | DT(CONTACTPOINT) | DT(BOOLEAN) | DT(ID) |
	    DT(STRING) | DT(INTEGER) | DT(UNSIGNEDINT) | DT(POSITIVEINT) |
	    DT(DATETIME) | DT(BACKBONE),
	[PK_REFERENCE] = DT(REFERENCE) | DT(URI) | DT(BACKBONE),
	[PK_QUANTITY] = DT(QUANTITY),
	[PK_URI] = DT(URI) | DT(OID),
};

struct param *
param_find(const struct tables *tb, int type, const char *code)
{
	for (int i = 0; i < tb->n_params; i++)
		if (tb->params[i].type == type &&
		    strcmp(tb->params[i].code, code) == 0)
			return &tb->params[i];
	return NULL;
}

/* The types the paths may refer to; one of them open makes all open. */
static struct typeset
path_targets(const struct paths *paths)
{
	struct typeset	all = { { 0, 0 } };

	for (int i = 0; i < paths->n; i++) {
		struct typeset	t = paths->p[i].targets;

		if (paths->p[i].dt != DT_REFERENCE)
			continue;
		if ((t.bits[0] | t.bits[1]) == 0)
			return t;
		all.bits[0] |= t.bits[0];
		all.bits[1] |= t.bits[1];
	}
	return all;
}

/* "-> A|B": fewer types than the paths allow. */
static void
set_targets(const struct tables *tb, struct param *p, char *list)
{
	struct typeset	all = path_targets(&p->paths);

	p->targets = all;
	if (list == NULL)
		return;
	if (p->kind != PK_REFERENCE)
		die(p->at, "only a reference has '-> TYPES'");
	p->targets = type_list(tb, p->at, list);
	if ((all.bits[0] | all.bits[1]) != 0 &&
	    ((p->targets.bits[0] & ~all.bits[0]) |
	    (p->targets.bits[1] & ~all.bits[1])) != 0)
		die(p->at, "'->' names a type the elements do not allow");
}

static void
set_paths(const struct tables *tb, struct param *p, char *text)
{
	char	*targets = cut(text, "->");
	char	*sep = strchr(text, ',') == NULL ? "|" : ",";
	int	 shape = tb->types[p->type].shape;

	if (p->type == 0)
		shape = shape_find(tb, "Resource");
	p->first_only = *sep == ',';
	if (strcmp(text, "-") != 0)
		for (char *next; text != NULL; text = next) {
			next = cut(text, sep);
			path_add(tb, &p->paths, p->at, shape, text,
			    fits[p->kind]);
		}
	set_targets(tb, p, targets);
}

/* The registry's own, unless the row says otherwise. */
static const char *
registry_url(const struct tables *tb, const struct param *p)
{
	return print("http://hl7.org/fhir/SearchParameter/%s-%s",
	    p->type == 0 ? "Resource" : tb->types[p->type].name, p->code);
}

/* "!later !argonaut" and "url=...": tables.txt says what they mean. */
static void
set_marks(const struct tables *tb, struct param *p, char *text)
{
	static const char *const marks[] = { "later", "ours", "added",
	    "argonaut", "phonetic", "unplaced" };
	bool	 unplaced = false, added = false;

	for (char *next; text != NULL; text = next) {
		next = cut(text, " ");
		if (strncmp(text, "url=", 4) == 0) {
			p->url = text + 4;
			continue;
		}
		if (text[0] != '!' || find_name(marks, (int)N_ELEM(marks),
		    text + 1) < 0)
			die(p->at, "'%s' is no mark", text);
		p->argonaut |= strcmp(text, "!argonaut") == 0;
		unplaced |= strcmp(text, "!unplaced") == 0;
		added |= strcmp(text, "!added") == 0;
	}
	if (p->url == NULL && !p->argonaut && !added)
		p->url = registry_url(tb, p);
	if (unplaced != (p->paths.n == 0 && p->part_text == NULL))
		die(p->at, "no path, no mark '!unplaced', and vice versa");
}

/* Cut the marks off: they begin at the first " !" or " url=". */
static char *
cut_marks(char *text)
{
	char	*mark = strstr(text, " !"), *url = strstr(text, " url=");
	char	*end;

	if (mark == NULL || (url != NULL && url < mark))
		mark = url;
	if (mark == NULL)
		return NULL;
	for (end = mark; end > text && end[-1] == ' '; end--)
		continue;
	*end = '\0';
	return mark + 1;
}

static void
read_param(struct tables *tb, struct reader *r, int type)
{
	struct param	 p = { .at = r->at, .type = type };
	char		*num = reader_word(r), *code = reader_word(r);
	char		*kind = reader_word(r), *text = reader_rest(r);
	char		*marks = cut_marks(text);
	int		 k;

	if (kind == NULL || *text == '\0')
		die(r->at, "want: NUMBER CODE KIND PATHS [-> TYPES] [!MARK]");
	p.num = reader_number(r, num, NUM_MAX);
	p.code = code;
	if (strlen(code) >= DEF_NAME_LEN)
		die(r->at, "code longer than %d", DEF_NAME_LEN - 1);
	if ((code[0] == '_') != (type == 0))
		die(r->at, "codes of every type, and they alone, begin "
		    "with '_'");
	if (param_find(tb, type, code) != NULL)
		die(r->at, "parameter %s stands twice", code);
	k = find_name(kind_names, PK__MAX, kind);
	if (k < 0)
		die(r->at, "'%s' is no kind of parameter", kind);
	p.kind = (enum param_kind)k;
	if (p.kind == PK_COMPOSITE && strcmp(text, "-") != 0)
		p.part_text = text;
	else
		set_paths(tb, &p, text);
	set_marks(tb, &p, marks);
	GROW(tb->params, tb->n_params);
	tb->params[tb->n_params++] = p;
}

/* Two paths, neither of which differs from the other but in the last step. */
static bool
siblings(const struct path *a, const struct path *b)
{
	if (a->n != b->n)
		return false;
	for (int i = 0; i + 1 < a->n; i++)
		if (strcmp(a->step[i].name, b->step[i].name) != 0)
			return false;
	return true;
}

static bool
can_pair(const struct paths *a, const struct paths *b)
{
	for (int i = 0; i < a->n; i++)
		for (int j = 0; j < b->n; j++)
			if (siblings(&a->p[i], &b->p[j]))
				return true;
	return false;
}

static void
set_parts(struct tables *tb, struct param *p)
{
	struct param	*first = NULL;
	char		*text = p->part_text;

	for (char *next; text != NULL; text = next) {
		struct param	*part;

		next = cut(text, "&");
		part = param_find(tb, p->type, text);
		if (part == NULL || part->kind == PK_COMPOSITE)
			die(p->at, "'%s' is no simple parameter of this type",
			    text);
		if (p->n_part == (int)N_ELEM(p->part))
			die(p->at, "too many parts");
		if (first == NULL)
			first = part;
		if (!can_pair(&first->paths, &part->paths))
			die(p->at, "%s and %s never stand in one element",
			    first->code, part->code);
		p->part[p->n_part++] = part->num;
	}
	if (p->part_text != NULL && p->n_part < 2)
		die(p->at, "a composite has two parts or more");
}

static int
by_type_and_code(const void *a, const void *b)
{
	const struct param	*p = a, *q = b;

	if (p->type != q->type)
		return p->type - q->type;
	return strcmp(p->code, q->code);
}

/* Every number once, none left out: what is on disk never moves. */
static void
check_numbers(const struct tables *tb, struct place end)
{
	for (int i = 0; i < tb->n_params; i++)
		for (int j = 0; j < i; j++)
			if (tb->params[i].num == tb->params[j].num)
				die(tb->params[i].at, "number %d stands twice",
				    tb->params[i].num);
	for (int i = 0; i < tb->n_params; i++)
		if (tb->params[i].num < 1 || tb->params[i].num > tb->n_params)
			die(tb->params[i].at, "number %d, but the rows are %d: "
			    "a number is missing", tb->params[i].num,
			    tb->n_params);
	if (tb->n_params == 0)
		die(end, "no parameters");
}

void
params_read(struct tables *tb, const char *dir)
{
	struct reader	r;
	int		type = -1;

	for (reader_open(&r, dir, "params.tbl"); reader_line(&r);) {
		if (strncmp(r.text, "url ", 4) == 0)
			path_prefix(tb, r.at, r.text + 4);
		else if (r.indent == 0)
			type = strcmp(r.text, "*") == 0 ? 0 :
			    type_need(tb, r.at, r.text);
		else if (type < 0)
			die(r.at, "a parameter of no type");
		else
			read_param(tb, &r, type);
	}
	for (int i = 0; i < tb->n_params; i++)
		set_parts(tb, &tb->params[i]);
	check_numbers(tb, r.at);
	qsort(tb->params, (size_t)tb->n_params, sizeof(*tb->params),
	    by_type_and_code);
}
