/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_filter.c -- _filter: the syntax.  (L1)
 *
 *	filter  = one *( ("and" / "or") one )
 *	one     = ["not"] "(" filter ")" / test
 *	test    = path SP op SP value
 *	path    = name *( ["[" filter "]"] "." name )
 *	value   = JSON string / what has no space, ")" or "]"
 *
 * Here a text is taken apart; what a test means is in query_test.c.
 *
 * Reading: "and" and "or" are as strong as each other and go from left to
 * right, as later editions of the page say where DSTU2 is silent; operators
 * are in small letters.  Places are counted in characters of the decoded
 * value, from 1.
 *
 * Spec: DSTU2 search_filter.html.
 */
#include "fhir/query_filter.h"

static enum err	parse_filter(struct filter_text *f, size_t depth,
		    struct node *out);

enum err
filter_wrong(const struct filter_text *f, size_t at, enum err e,
    const char *what)
{
	size_t	i, n = 1;

	for (i = 0; i < at && i < f->all.len; i++)
		n += (f->all.p[i] & 0xc0) != 0x80;
	return issue_add(f->x->is, e, "search-filter", "?_filter",
	    "at character %zu: %s", n, what);
}

static bool
blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
skip(struct filter_text *f)
{
	while (f->at < f->all.len && blank(f->all.p[f->at]))
		f->at++;
}

static uint8_t
peek(struct filter_text *f)
{
	skip(f);
	return f->at < f->all.len ? f->all.p[f->at] : 0;
}

static bool
name_char(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* A run of name characters; "" where there is none. */
static struct bytes
word(struct filter_text *f)
{
	size_t	from;

	skip(f);
	from = f->at;
	while (f->at < f->all.len && name_char(f->all.p[f->at]))
		f->at++;
	return bytes_sub(f->all, from, f->at - from);
}

/* Is the next word this one?  Then it is taken. */
static bool
take_word(struct filter_text *f, const char *want)
{
	size_t	from = f->at;

	if (bytes_is(word(f), want))
		return true;
	f->at = from;
	return false;
}

/* --- values --------------------------------------------------------------- */

/* "\"" and its like; \u as JSON has it is not needed: text is UTF-8. */
static enum err
read_string(struct filter_text *f, struct bytes *out)
{
	static const char	from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	size_t			start = f->at++, n = 0;
	uint8_t			*p = arena_room(f->x->arena, f->all.len);
	const char		*esc;
	uint8_t			 c;

	for (; f->at < f->all.len; f->at++) {
		c = f->all.p[f->at];
		if (c == '"') {
			f->at++;
			*out = bytes_of(p, n);
			return OK;
		}
		if (c == '\\' && f->at + 1 < f->all.len) {
			c = f->all.p[++f->at];
			esc = c == 0 ? NULL : strchr(from, c);
			if (esc == NULL)
				return filter_wrong(f, f->at, ERR_VALUE,
				    "write \\\" for a quotation mark and "
				    "\\\\ for a backslash");
			c = (uint8_t)to[esc - from];
		}
		p[n++] = c;
	}
	return filter_wrong(f, start, ERR_VALUE,
	    "this quotation mark is not closed");
}

static enum err
read_value(struct filter_text *f, struct bytes *out)
{
	size_t	from;

	if (peek(f) == '"')
		return read_string(f, out);
	from = f->at;
	while (f->at < f->all.len && !blank(f->all.p[f->at]) &&
	    f->all.p[f->at] != ')' && f->all.p[f->at] != ']')
		f->at++;
	*out = bytes_sub(f->all, from, f->at - from);
	if (out->len == 0)
		return filter_wrong(f, from, ERR_USAGE, "a value is missing");
	return OK;
}

/* --- tests ---------------------------------------------------------------- */

static enum err
read_op(struct filter_text *f, struct filter_test *t)
{
	struct bytes	op;

	skip(f);
	t->op_at = f->at;
	op = word(f);
	if (filter_op(op, &t->op))
		return OK;
	return filter_wrong(f, t->op_at, ERR_USAGE, "an operator is wanted: "
	    "eq ne co sw ew gt lt ge le ap sa eb pr po ss sb in re");
}

/* Operator and value. */
static enum err
read_rest(struct filter_text *f, struct filter_test *t)
{
	enum err	e = read_op(f, t);

	if (e != OK)
		return e;
	skip(f);
	t->value_at = f->at;
	return read_value(f, &t->value);
}

/* "[...]" behind a name: read whole where it is known what it is about. */
static enum err
read_bracket(struct filter_text *f, size_t depth, struct filter_step *s)
{
	size_t	open = f->at++, deep = 1;
	bool	quoted = false;

	if (depth == 0)
		return filter_wrong(f, open, ERR_TOOBIG,
		    "too many brackets within brackets");
	s->has_inner = true;
	s->inner_at = f->at;
	for (; f->at < f->all.len && deep > 0; f->at++) {
		uint8_t	c = f->all.p[f->at];

		if (quoted && c == '\\')
			f->at++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && c == '[')
			deep++;
		else if (!quoted && c == ']')
			deep--;
	}
	if (deep > 0)
		return filter_wrong(f, open, ERR_VALUE,
		    "this bracket is not closed");
	s->inner_end = f->at - 1;
	return OK;
}

/* "subject[name eq peter].birthdate" */
static enum err
read_path(struct filter_text *f, size_t depth, struct filter_test *t)
{
	struct filter_step	*s;
	enum err		 e = OK;
	bool			 more = true;

	while (more) {
		if (t->n_step == FILTER_STEPS)
			return filter_wrong(f, f->at, ERR_TOOBIG,
			    "the path has too many steps");
		s = &t->step[t->n_step++];
		skip(f);
		s->at = f->at;
		s->name = word(f);
		if (s->name.len == 0)
			return filter_wrong(f, s->at, ERR_USAGE,
			    "the name of a search parameter is wanted");
		if (f->at < f->all.len && f->all.p[f->at] == '[')
			e = read_bracket(f, depth, s);
		if (e != OK)
			return e;
		more = f->at < f->all.len && f->all.p[f->at] == '.';
		if (!more && s->has_inner)
			return filter_wrong(f, f->at, ERR_USAGE, "behind the "
			    "bracket a \".\" and a name are wanted");
		f->at += more;
	}
	return OK;
}

static enum err
parse_test(struct filter_text *f, size_t depth, struct node *out)
{
	struct filter_test	*t = arena_alloc(f->x->arena, sizeof(*t));
	enum err		 e = read_path(f, depth, t);

	t->depth = depth;
	if (e == OK)
		e = read_rest(f, t);
	return e == OK ? filter_test_node(f, f->x, t, 0, out) : e;
}

/* --- structure ------------------------------------------------------------ */

static enum err
parse_one(struct filter_text *f, size_t depth, struct node *out)
{
	struct node	*kid = out;
	size_t		 from = f->at;
	enum err	 e = OK;

	if (take_word(f, "not")) {
		if (peek(f) != '(')
			return filter_wrong(f, f->at, ERR_USAGE,
			    "behind \"not\" a bracket is wanted");
		kid = arena_alloc(f->x->arena, sizeof(*kid));
		*out = (struct node){ .op = NODE_NOT, .kid = kid, .n_kid = 1,
		    .name = f->x->whole };
		e = query_spend(f->x);
	}
	if (e != OK || peek(f) != '(')
		return e != OK ? e : parse_test(f, depth, kid);
	from = f->at;
	if (depth == 0)
		return filter_wrong(f, from, ERR_TOOBIG,
		    "too many brackets within brackets");
	f->at++;
	e = parse_filter(f, depth - 1, kid);
	if (e == OK && peek(f) != ')')
		return filter_wrong(f, from, ERR_VALUE,
		    "this bracket is not closed");
	f->at++;
	return e;
}

/* Left to right: each operator joins all before it with one more. */
static enum err
parse_filter(struct filter_text *f, size_t depth, struct node *out)
{
	struct node	one;
	enum node_op	op;
	bool		mine = false;	/* *out is of this loop, and grows */
	enum err	e = parse_one(f, depth, out);

	while (e == OK && peek(f) != ')' && f->at < f->all.len) {
		size_t	from = f->at;

		if (take_word(f, "and"))
			op = NODE_AND;
		else if (take_word(f, "or"))
			op = NODE_OR;
		else
			return filter_wrong(f, f->at, ERR_USAGE,
			    "\"and\", \"or\" or the end is wanted");
		if (!mine || out->op != op) {
			if (mine && depth-- == 0)
				return filter_wrong(f, from, ERR_TOOBIG,
				    "\"and\" and \"or\" change too often; "
				    "use brackets");
			one = *out;
			*out = (struct node){ .op = op,
			    .name = f->x->whole };
			query_add_kid(f->x->arena, out, &one);
			mine = true;
		}
		e = query_spend(f->x);
		if (e == OK)
			e = parse_one(f, depth, &one);
		if (e == OK)
			query_add_kid(f->x->arena, out, &one);
	}
	return e;
}

enum err
filter_inner(const struct filter_text *f, const struct query_ctx *x,
    const struct filter_step *s, size_t depth, struct node *out)
{
	struct filter_text	in = { .x = x, .at = s->inner_at,
				    .all = bytes_sub(f->all, 0, s->inner_end) };
	enum err		e = parse_filter(&in, depth, out);

	if (e == OK && in.at < in.all.len)
		return filter_wrong(&in, in.at, ERR_VALUE,
		    "a bracket is closed that was not opened");
	return e;
}

enum err
filter_inner_test(struct filter_text *f, struct filter_test *t, bool *more)
{
	enum err	e;

	*t = (struct filter_test){ .n_step = 0 };
	e = read_path(f, 0, t);
	if (e == OK)
		e = read_rest(f, t);
	*more = e == OK && take_word(f, "and");
	if (e == OK && !*more && peek(f) != 0)
		return filter_wrong(f, f->at, ERR_USAGE,
		    "\"and\" or the bracket's end is wanted");
	return e;
}

enum err
query_filter_parse(const struct query_ctx *x, struct bytes value,
    struct node *out)
{
	const enum prefix	eq = PRE_EQ;
	struct query_ctx	in = *x;
	struct filter_text	f = { .x = &in, .all = value };
	enum err		e;

	if (value.len == 0)
		return query_value_wrong(x, ERR_USAGE, "an empty value; write "
		    "tests as in: given eq peter and birthdate ge 2014-10-10");
	in.prefix = &eq;
	e = parse_filter(&f, x->lim->depth, out);
	if (e == OK && f.at < f.all.len)
		return filter_wrong(&f, f.at, ERR_VALUE,
		    "a bracket is closed that was not opened");
	return e;
}
