/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_result.c -- parameters about the result.  (L1)
 *
 * How much of it is shown, in which order, and as what.  One table says which
 * there are, what may follow their names, and what hangs on them.
 *
 * Spec: DSTU2 search.html#return, #sort, #count, #summary, #elements,
 * #contained.
 */
#include "fhir/query_part.h"

#include "base/text.h"

#define ELEMENTS_MAX	100	/* names in _elements */

static enum err
refuse(const struct query_parse *p, const struct pair *in, enum err e,
    const char *what)
{
	return issue_add(p->x.is, e, "search-result",
	    query_place(p->x.arena, in->name), "%s", what);
}

static enum err
once(struct query_parse *p, const struct pair *in, size_t which)
{
	if (in->value.len == 0)
		return refuse(p, in, ERR_USAGE, "an empty value");
	if (p->once[which])
		return refuse(p, in, ERR_USAGE, "given twice, which leaves "
		    "open what is meant; give it once");
	p->once[which] = true;
	return OK;
}

/* --- parameters about the result ------------------------------------------ */

static enum err
take_count(struct query_parse *p, const struct pair *in)
{
	uint64_t	n;
	enum err	e = once(p, in, ONCE_COUNT);

	if (e != OK)
		return e;
	if (!text_u64(in->value, INT64_MAX, &n))
		return refuse(p, in, ERR_VALUE, "a whole number from 0 on: "
		    "entries on a page at most, 0 for the total alone");
	p->q->count = (int64_t)n;
	return OK;
}

static enum err
take_cursor(struct query_parse *p, const struct pair *in)
{
	enum err	e = once(p, in, ONCE_CURSOR);

	if (e == OK)
		p->q->cursor = in->value;
	return e;
}

/*
 * "application/json+fhir" arrives with a space where the client did not
 * encode the "+" (requirements 2.2): inside a word it can only be that.
 */
static enum err
take_format(struct query_parse *p, const struct pair *in)
{
	uint8_t		*s;
	size_t		 i;
	enum err	 e = once(p, in, ONCE_FORMAT);

	if (e != OK)
		return e;
	s = arena_alloc(p->x.arena, in->value.len);
	for (i = 0; i < in->value.len; i++) {
		s[i] = in->value.p[i];
		if (s[i] == ' ' && i > 0 && s[i - 1] != ';' &&
		    s[i - 1] != ',' && i + 1 < in->value.len)
			s[i] = '+';
	}
	p->q->format = bytes_of(s, in->value.len);
	return OK;
}

static enum err
take_pretty(struct query_parse *p, const struct pair *in)
{
	enum err	e = once(p, in, ONCE_PRETTY);

	if (e != OK)
		return e;
	p->q->pretty = bytes_is(in->value, "true");
	if (!p->q->pretty && !bytes_is(in->value, "false"))
		return refuse(p, in, ERR_VALUE, "true or false");
	return OK;
}

static enum err
take_summary(struct query_parse *p, const struct pair *in)
{
	enum err	e = once(p, in, ONCE_SUMMARY);

	if (e != OK)
		return e;
	if (summary_parse(in->value, &p->q->summary) != OK)
		return refuse(p, in, ERR_VALUE, "one of true, text, data, "
		    "count and false");
	return OK;
}

static enum err
add_sort(struct query_parse *p, const struct pair *in, struct bytes code,
    bool descending)
{
	struct query		*q = p->q;
	const struct def_param	*param = def_param(q->type, code);
	size_t			 i;

	if (code.len == 0)
		return refuse(p, in, ERR_USAGE, "an empty value; name search "
		    "parameters: _sort=date, _sort=-date or _sort:desc=date");
	if (param == NULL)
		return issue_add(p->x.is, ERR_VALUE, "search-sort",
		    query_place(p->x.arena, in->name),
		    "not a search parameter of this type%s",
		    query_hint_or_all(p->x.arena, code, query_codes(
		    p->x.arena, q->type, query_param_sorts)));
	if (!query_param_sorts(param))
		return refuse(p, in, ERR_VALUE, "this parameter has no "
		    "values that have an order, so the result cannot be "
		    "sorted by it");
	for (i = 0; i < q->n_sort; i++)
		if (q->sort[i].param == param)
			return refuse(p, in, ERR_USAGE,
			    "the same parameter twice");
	if (q->n_sort == QUERY_SORTS)
		return issue_add(p->x.is, ERR_USAGE, "search-sort",
		    query_place(p->x.arena, in->name),
		    "at most %d sort keys; leave out those behind the first "
		    "%d", QUERY_SORTS, QUERY_SORTS);
	if (q->sort == NULL)
		q->sort = arena_array(p->x.arena, QUERY_SORTS,
		    sizeof(*q->sort));
	q->sort[q->n_sort++] = (struct sort_key){ param, descending };
	return OK;
}

/* "_sort:desc=date" of DSTU2, "_sort=-date,_id" of later FHIR. */
static enum err
take_sort(struct query_parse *p, const struct pair *in)
{
	struct query_name	n = query_name_cut(in->name);
	struct bytes		key, rest = in->value;
	bool			more = true, minus;
	enum err		e;

	if (n.has_chain || (n.has_mod && !bytes_is(n.mod, "asc") &&
	    !bytes_is(n.mod, "desc")))
		return refuse(p, in, ERR_USAGE, "write _sort:asc=code, "
		    "_sort:desc=code, or _sort=code,-code");
	while (more) {
		more = bytes_cut(rest, ',', &key, &rest);
		minus = key.len > 0 && key.p[0] == '-';
		if (minus && n.has_mod)
			return refuse(p, in, ERR_VALUE, "either \"-\" before "
			    "the code or :asc and :desc, not both");
		e = add_sort(p, in, bytes_from(key, minus),
		    minus || bytes_is(n.mod, "desc"));
		if (e != OK)
			return e;
	}
	return OK;
}

/* --- parts of resources --------------------------------------------------- */

static enum err
take_elements(struct query_parse *p, const struct pair *in)
{
	struct query	*q = p->q;
	struct bytes	 name, rest = in->value;
	const char	*near;
	bool		 more = true;
	enum err	 e = once(p, in, ONCE_ELEMENTS);

	if (e != OK)
		return e;
	q->element = arena_array(p->x.arena, ELEMENTS_MAX,
	    sizeof(*q->element));
	while (more) {
		more = bytes_cut(rest, ',', &name, &rest);
		if (q->n_element == ELEMENTS_MAX)
			return refuse(p, in, ERR_TOOBIG,
			    "too many names of elements");
		if (!summary_element(q->type, name, &near))
			return issue_add(p->x.is, ERR_VALUE, "search-elements",
			    query_place(p->x.arena, in->name), "not an element "
			    "at the top of this type%s%s%s; write names of "
			    "such, with commas: _elements=identifier,active",
			    near == NULL ? "" : ", did you mean \"",
			    near == NULL ? "" : near,
			    near == NULL ? "" : "\"?");
		q->element[q->n_element++] = name;
	}
	return OK;
}

static enum err
take_contained(struct query_parse *p, const struct pair *in)
{
	enum err	e = once(p, in, ONCE_CONTAINED);

	if (e != OK)
		return e;
	if (bytes_is(in->value, "true"))
		p->q->contained = CONTAINED_YES;
	else if (bytes_is(in->value, "both"))
		p->q->contained = CONTAINED_BOTH;
	else if (!bytes_is(in->value, "false"))
		return refuse(p, in, ERR_VALUE, "one of true, false and both");
	return OK;
}

static enum err
take_contained_type(struct query_parse *p, const struct pair *in)
{
	enum err	e = once(p, in, ONCE_CONTAINED_TYPE);

	if (e != OK)
		return e;
	p->q->contained_only = bytes_is(in->value, "contained");
	if (!p->q->contained_only && !bytes_is(in->value, "container"))
		return refuse(p, in, ERR_VALUE, "container or contained");
	return OK;
}

/* DSTU2: a server that does not know the query SHALL refuse. */
static enum err
take_query(struct query_parse *p, const struct pair *in)
{
	return issue_add(p->x.is, ERR_USAGE, "search-query",
	    query_place(p->x.arena, in->name), "there is no named query of "
	    "this name, nor of any other; search by parameters or _filter");
}

/* --- which there are ------------------------------------------------------ */

enum role {
	SHOWN,		/* how it is written: every interaction has it */
	PLACE,		/* where in the result: not in links */
	CUT,		/* how much is shown: the same result list */
	LIST		/* which list */
};

static const struct {
	const char	*name;		/* up to a ":" or "." */
	bool		 bare;		/* nothing may follow the name */
	enum role	 role;
	enum err	(*take)(struct query_parse *, const struct pair *);
} results[] = {
	{ "_count",		true,	CUT,	take_count },
	{ "_cursor",		true,	PLACE,	take_cursor },
	{ "_format",		true,	SHOWN,	take_format },
	{ "_pretty",		true,	SHOWN,	take_pretty },
	{ "_sort",		false,	LIST,	take_sort },
	{ "_include",		false,	LIST,	query_include_take },
	{ "_revinclude",	false,	LIST,	query_include_take },
	{ "_summary",		true,	CUT,	take_summary },
	{ "_elements",		true,	CUT,	take_elements },
	{ "_contained",		true,	LIST,	take_contained },
	{ "_containedType",	true,	LIST,	take_contained_type },
	{ "_query",		false,	LIST,	take_query }
};

/* The row of a name without what may follow it, or N_ELEM(results). */
static size_t
row_of(struct bytes code)
{
	size_t	i;

	for (i = 0; i < N_ELEM(results); i++)
		if (bytes_is(code, results[i].name))
			break;
	return i;
}

bool
query_result_decides(struct bytes name)
{
	size_t	i = row_of(query_name_cut(name).code);

	return i == N_ELEM(results) || results[i].role == LIST;
}

bool
query_result_linked(struct bytes name)
{
	return !bytes_is(name, "_cursor") && !bytes_is(name, "_format");
}

const char *
query_result_near(struct bytes word)
{
	const char	*names[N_ELEM(results) + 2] = { "_filter" };
	size_t		 i;

	for (i = 0; i < N_ELEM(results); i++)
		names[i + 1] = results[i].name;
	return text_near(word, names);
}

enum err
query_result_take(struct query_parse *p, const struct pair *in,
    bool *mine_out)
{
	struct query_name	n = query_name_cut(in->name);
	size_t			i = row_of(n.code);

	*mine_out = i < N_ELEM(results);
	if (!*mine_out)
		return OK;
	if (p->x.lim->conditional && results[i].role != SHOWN)
		return refuse(p, in, ERR_USAGE, "the criteria of a write say "
		    "which resource is meant, and nothing about a result");
	if (results[i].bare && (n.has_mod || n.has_chain))
		return refuse(p, in, ERR_USAGE, "takes no modifier");
	return results[i].take(p, in);
}
