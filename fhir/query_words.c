/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_words.c -- _text and _content: words and how they go together.  (L1)
 *
 *	words    = all *( ("OR" / ",") all )
 *	all      = not *( ["AND"] not )
 *	not      = ["NOT" / "-"] ( "(" words ")" / phrase / word )
 *
 * The operators are in capitals, as the specification writes them.  A word is
 * folded as the index folds it and is looked for whole; "diab*" is any word
 * that begins so.
 *
 * Reading: the index knows words, not where they stand, so a phrase in quotes
 * is all of its words; so is what a word falls into ("covid-19").
 *
 * Spec: DSTU2 search.html#text.
 */
#include "fhir/query_part.h"

#include "base/text.h"

struct words {
	const struct query_ctx	*x;
	const struct def_param	*param;
	struct bytes		 rest;
	struct bytes		 word;		/* next; quotes taken off */
	bool			 quoted, bracket;
	size_t			 depth;
};

static enum err	parse_any(struct words *w, struct node *out);

static bool
special(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '(' ||
	    c == ')' || c == '"' || c == ',';
}

/* The next token into w->word; "" at the end. */
static enum err
take(struct words *w)
{
	struct bytes	r = w->rest;
	size_t		i = 0, n;

	w->quoted = w->bracket = false;
	while (i < r.len && special(r.p[i]) && strchr("(),\"", r.p[i]) == NULL)
		i++;
	n = i;
	if (n < r.len && r.p[n] == '"') {
		for (i = ++n; i < r.len && r.p[i] != '"';)
			i++;
		if (i == r.len)
			return query_value_wrong(w->x, ERR_VALUE,
			    "a quotation mark is not closed");
		w->quoted = true;
		w->word = bytes_sub(r, n, i - n);
		w->rest = bytes_from(r, i + 1);
		return OK;
	}
	if (n < r.len && special(r.p[n])) {
		w->bracket = true;
		i = n + 1;
	} else if (n < r.len && r.p[n] == '-') {
		i = n + 1;
	} else {
		while (i < r.len && !special(r.p[i]))
			i++;
	}
	w->word = bytes_sub(r, n, i - n);
	w->rest = bytes_from(r, i);
	return OK;
}

/* Is the next token this operator? */
static bool
at(const struct words *w, const char *op)
{
	return !w->quoted && bytes_is(w->word, op);
}

static bool
at_end(const struct words *w)
{
	return !w->quoted && w->word.len == 0;
}

/* A word of the index. */
static enum err
leaf(struct words *w, struct bytes word, bool open, struct node *out)
{
	struct criterion	*c = &out->leaf;

	*out = (struct node){ .op = NODE_LEAF, .name = w->x->whole };
	c->param = w->param;
	c->name = w->x->whole;
	c->mod = open ? MOD_STARTS : MOD_NONE;
	c->text = word;
	c->any = arena_array(w->x->arena, 1, sizeof(*c->any));
	c->n_any = 1;
	c->any->v = (struct value){ .param = w->param->num,
	    .kind = PK_STRING, .text = word, .more = word };
	return query_spend(w->x);
}

/* A node of one kid is that kid. */
static struct node
flat(struct node n)
{
	return n.n_kid == 1 ? n.kid[0] : n;
}

static enum err
parse_word(struct words *w, struct node *out)
{
	struct node	all = { .op = NODE_AND, .name = w->x->whole }, one;
	struct bytes	folded, word;
	bool		open = !w->quoted && w->word.len > 0 &&
			    w->word.p[w->word.len - 1] == '*';
	enum err	e = OK;

	if (text_fold(w->x->arena, w->word, &folded) != OK)
		return query_value_wrong(w->x, ERR_VALUE,
		    "the text is not UTF-8");
	while (e == OK && text_word(&folded, &word)) {
		e = leaf(w, word, open && (folded.len == 0 ||
		    bytes_is(folded, "*")), &one);
		query_add_kid(w->x->arena, &all, &one);
	}
	if (e == OK && all.n_kid == 0)
		return query_value_wrong(w->x, ERR_VALUE, "there is no word "
		    "in it: words are made of letters and digits, and join by "
		    "AND (or a space), OR, NOT, \"quotes\" and brackets");
	*out = flat(all);
	return e == OK ? take(w) : e;
}

static enum err
parse_one(struct words *w, struct node *out)
{
	enum err	e;

	if (!at(w, "("))
		return at(w, ")") || at(w, ",") || at(w, "OR") ||
		    at(w, "AND") || at_end(w) ?
		    query_value_wrong(w->x, ERR_VALUE, "a word is missing "
		    "before or behind an operator, comma or bracket") :
		    parse_word(w, out);
	if (w->depth == w->x->lim->depth)
		return query_value_wrong(w->x, ERR_TOOBIG, "too many brackets "
		    "within brackets");
	w->depth++;
	e = take(w);
	if (e == OK)
		e = parse_any(w, out);
	w->depth--;
	if (e == OK && !at(w, ")"))
		return query_value_wrong(w->x, ERR_VALUE,
		    "a bracket is not closed");
	return e == OK ? take(w) : e;
}

static enum err
parse_not(struct words *w, struct node *out)
{
	struct node	*kid;
	bool		 not = false;
	enum err	 e = OK;

	/* Pairs of them cancel out: no depth for a row of "-". */
	while (e == OK && (at(w, "NOT") || at(w, "-"))) {
		not = !not;
		e = take(w);
	}
	if (e != OK || !not)
		return e != OK ? e : parse_one(w, out);
	kid = arena_alloc(w->x->arena, sizeof(*kid));
	*out = (struct node){ .op = NODE_NOT, .kid = kid, .n_kid = 1,
	    .name = w->x->whole };
	e = query_spend(w->x);
	return e == OK ? parse_one(w, kid) : e;
}

static enum err
parse_all(struct words *w, struct node *out)
{
	struct node	all = { .op = NODE_AND, .name = w->x->whole }, one;
	enum err	e;

	do {
		e = parse_not(w, &one);
		if (e == OK)
			query_add_kid(w->x->arena, &all, &one);
		if (e == OK && at(w, "AND")) {
			e = take(w);
			if (e == OK && at_end(w))
				e = parse_one(w, &one);
		}
	} while (e == OK && !at_end(w) && !at(w, ")") && !at(w, ",") &&
	    !at(w, "OR"));
	*out = flat(all);
	return e;
}

static enum err
parse_any(struct words *w, struct node *out)
{
	struct node	any = { .op = NODE_OR, .name = w->x->whole }, one;
	bool		more = true;
	enum err	e = OK;

	while (e == OK && more) {
		e = parse_all(w, &one);
		if (e == OK)
			query_add_kid(w->x->arena, &any, &one);
		more = at(w, ",") || at(w, "OR");
		if (e == OK && more)
			e = take(w);
	}
	*out = flat(any);
	return e;
}

enum err
query_words_parse(const struct query_ctx *x, const struct def_param *param,
    struct bytes value, struct node *out)
{
	struct words	w = { .x = x, .param = param, .rest = value };
	enum err	e;

	if (value.len == 0)
		return query_value_wrong(x, ERR_USAGE, "an empty value");
	e = take(&w);
	if (e == OK)
		e = parse_any(&w, out);
	if (e == OK && !at_end(&w))
		return query_value_wrong(x, ERR_VALUE,
		    "a bracket is closed that was not opened");
	return e;
}
