/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mktab_cond.c -- the conditions of rules.tbl, compiled to nodes.
 *
 * One token ahead, one function a level of precedence; tables.txt has the
 * notation.  Every path is resolved against the elements: a rule about a
 * member that does not exist is an error of the build.
 */
#include <ctype.h>

#include "fhir/mktab.h"

#define NEST_MAX	32	/* brackets and "not" in each other */

struct cond {
	struct tables	*tb;
	struct place	 at;
	char		*next;		/* behind the token */
	char		*token;		/* "" at the end */
	int		 shape;		/* of what paths start at */
	struct elem	*elem;		/* "." is a value of it, or NULL */
	int		 nest;
};

static int	implication(struct cond *c);

/* --- tokens -------------------------------------------------------------- */

static void
advance(struct cond *c)
{
	char	*p = c->next + strspn(c->next, " ");
	size_t	 n = 1;

	if (*p == '\'') {
		n = strcspn(p + 1, "'") + 2;
		if (p[n - 1] != '\'')
			die(c->at, "a text in '...' is not closed");
	} else if (isalnum((unsigned char)*p) || *p == '.' || *p == '{') {
		n = strspn(p, "abcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.[]{}+-");
	} else if (strncmp(p, "=>", 2) == 0 || strncmp(p, "<=", 2) == 0 ||
	    strncmp(p, ">=", 2) == 0) {
		n = 2;
	} else if (*p == '\0') {
		n = 0;
	}
	c->token = print("%.*s", (int)n, p);
	c->next = p + n;
}

static bool
take(struct cond *c, const char *word)
{
	if (strcmp(c->token, word) != 0)
		return false;
	advance(c);
	return true;
}

static void
need(struct cond *c, const char *word)
{
	if (!take(c, word))
		die(c->at, "'%s' where '%s' is due", c->token, word);
}

static int
add_node(struct cond *c, struct rule_node node)
{
	GROW(c->tb->nodes, c->tb->n_nodes);
	c->tb->nodes[c->tb->n_nodes] = node;
	return c->tb->n_nodes++;
}

static int
node(struct cond *c, enum node_op op, int a, int b)
{
	return add_node(c, (struct rule_node){ .op = op, .a = (uint16_t)a,
	    .b = (uint16_t)b });
}

/* A text in quotes or a number, as a word of the tables. */
static int
word(struct cond *c)
{
	struct tables	*tb = c->tb;
	char		*text = c->token;

	if (*text == '\'') {
		text++;
		text[strlen(text) - 1] = '\0';
	} else if (strspn(text, "0123456789") != strlen(text) ||
	    *text == '\0') {
		die(c->at, "'%s' is neither a 'text' nor a number", text);
	}
	GROW(tb->words, tb->n_words);
	tb->words[tb->n_words] = text;
	advance(c);
	return tb->n_words++;
}

/* --- paths --------------------------------------------------------------- */

static int
elem_number(const struct cond *c, int shape, const struct elem *e)
{
	return (int)(e - c->tb->shapes[shape].elem);
}

static void
add_step(struct cond *c, struct rstep step)
{
	GROW(c->tb->rsteps, c->tb->n_rsteps);
	c->tb->rsteps[c->tb->n_rsteps++] = step;
}

/* "{a+b}": members a and b at any depth; the shape the last one has. */
static int
deep(struct cond *c, int shape, char *names)
{
	const struct elem	*e = NULL;
	char			*next;

	for (names++; names != NULL; names = next) {
		next = cut(names, names[strcspn(names, "+}")] == '+' ?
		    "+" : "}");
		if (next != NULL && *next == '\0')
			next = NULL;
		e = elem_find(c->tb, shape, names);
		if (e == NULL)
			die(c->at, "%s has no element '%s'",
			    c->tb->shapes[shape].path, names);
		add_step(c, (struct rstep){ .shape = shape, .n = 1,
		    .elem = elem_number(c, shape, e), .deep = true,
		    .more = next != NULL });
		shape = e->shape;
	}
	return shape;
}

/* "name", "name[x]", "name[0]"; the shape of what stands there. */
static int
plain(struct cond *c, int shape, char *name)
{
	struct shape	*s = &c->tb->shapes[shape];
	struct rstep	 step = { .shape = shape };
	char		*bracket = strchr(name, '[');
	bool		 choice;

	choice = bracket != NULL && strcmp(bracket, "[x]") == 0;
	step.first = bracket != NULL && strcmp(bracket, "[0]") == 0;
	if (bracket != NULL && !choice && !step.first)
		die(c->at, "'%s': want [x] or [0]", name);
	if (bracket != NULL)
		*bracket = '\0';
	for (int i = 0; i < s->n; i++) {
		const char	*is = choice ? s->elem[i].choice :
				    s->elem[i].name;

		if (is == NULL || strcmp(is, name) != 0)
			continue;
		if (step.n++ == 0)
			step.elem = i;
	}
	if (step.n == 0)
		die(c->at, "%s has no element '%s'", s->path, name);
	add_step(c, step);
	return s->elem[step.elem].shape;
}

static int
shape_of(const struct cond *c)
{
	return c->elem != NULL ? c->elem->shape : c->shape;
}

/* The number of the path in the token; *shape_out is what stands there. */
static int
path(struct cond *c, int *shape_out)
{
	struct tables	*tb = c->tb;
	int		 at = tb->n_rpaths, shape = shape_of(c);
	char		*name = c->token, *next;

	if (!isalpha((unsigned char)*name) && *name != '{' && *name != '.')
		die(c->at, "'%s' where a path is due", name);
	GROW(tb->rpaths, tb->n_rpaths);
	tb->rpaths[tb->n_rpaths++].step_at = (uint16_t)tb->n_rsteps;
	if (strcmp(name, ".") == 0)
		name = NULL;
	for (; name != NULL; name = next) {
		next = cut(name, ".");
		if (shape == 0)
			die(c->at, "nothing stands below the value before '%s'",
			    name);
		shape = *name == '{' ? deep(c, shape, name) :
		    plain(c, shape, name);
	}
	tb->rpaths[at].n_step = (uint16_t)(tb->n_rsteps -
	    tb->rpaths[at].step_at);
	advance(c);
	if (shape_out != NULL)
		*shape_out = shape;
	return at;
}

/* Paths that start at what stands at shape. */
static int
below(struct cond *c, int shape, int (*parse)(struct cond *c))
{
	struct cond	inner = *c;
	int		n;

	inner.shape = shape;
	inner.elem = NULL;
	n = parse(&inner);
	c->next = inner.next;
	c->token = inner.token;
	return n;
}

/* --- conditions ---------------------------------------------------------- */

static int
bracket(struct cond *c)
{
	int	n;

	need(c, "(");
	n = implication(c);
	need(c, ")");
	return n;
}

/* "a & b" */
static int
paths(struct cond *c)
{
	int	first = path(c, NULL);

	while (take(c, "&"))
		(void)path(c, NULL);
	return first;
}

/* "unique PATH where (...) by PATH & PATH" */
static int
unique(struct cond *c)
{
	struct rule_node	n = { .op = NODE_UNIQUE };
	int			shape;

	n.a = (uint16_t)path(c, &shape);
	if (take(c, "where"))
		n.d = (uint16_t)below(c, shape, bracket);
	need(c, "by");
	n.b = (uint16_t)below(c, shape, paths);
	n.c = (uint16_t)(c->tb->n_rpaths - n.b);
	return add_node(c, n);
}

/* "each PATH (...)" */
static int
quantifier(struct cond *c, enum node_op op)
{
	int	shape, at = path(c, &shape);

	return node(c, op, at, below(c, shape, bracket));
}

/* "one(PATH, PATH)" */
static int
counted(struct cond *c, enum node_op op)
{
	int	first = c->tb->n_rpaths;

	need(c, "(");
	do
		(void)path(c, NULL);
	while (take(c, ","));
	need(c, ")");
	return node(c, op, first, c->tb->n_rpaths - first);
}

static int
function(struct cond *c)
{
	static const char *const names[] = RULE_CALLS;
	int	i = find_name(names, (int)(sizeof(names) / sizeof(names[0])),
		    c->token);

	if (i < 0)
		die(c->at, "no check is called '%s'", c->token);
	advance(c);
	return node(c, NODE_CHECK, i, 0);
}

/* "= 'a' | 'b'", "= true", "= PATH" */
static int
equal(struct cond *c, int at)
{
	struct rule_node	n = { .op = NODE_IS, .a = (uint16_t)at };

	if (strcmp(c->token, "true") == 0 || strcmp(c->token, "false") == 0)
		c->token = print("'%s'", c->token);
	if (*c->token != '\'')
		return node(c, NODE_SAME, at, path(c, NULL));
	n.c = (uint16_t)word(c);
	while (take(c, "|"))
		(void)word(c);
	n.b = (uint16_t)(c->tb->n_words - n.c);
	return add_node(c, n);
}

/* "PATH", "PATH = ...", "PATH <= ..." */
static int
about(struct cond *c)
{
	int	at = path(c, NULL);

	if (take(c, "="))
		return equal(c, at);
	if (take(c, ">="))
		return node(c, NODE_GE_WORD, at, word(c));
	if (take(c, "<="))
		return isdigit((unsigned char)*c->token) ?
		    node(c, NODE_LE_WORD, at, word(c)) :
		    node(c, NODE_LE, at, path(c, NULL));
	if (take(c, "starts"))
		return node(c, NODE_STARTS, at, word(c));
	if (take(c, "has"))
		return node(c, NODE_HAS, at, word(c));
	return node(c, NODE_THERE, at, 0);
}

static int
negation(struct cond *c)
{
	int	n;

	if (++c->nest > NEST_MAX)
		die(c->at, "nested deeper than %d", NEST_MAX);
	if (take(c, "not"))
		n = node(c, NODE_NOT, negation(c), 0);
	else if (strcmp(c->token, "(") == 0)
		n = bracket(c);
	else if (take(c, "one"))
		n = counted(c, NODE_ONE);
	else if (take(c, "lone"))
		n = counted(c, NODE_LONE);
	else if (take(c, "unique"))
		n = unique(c);
	else if (take(c, "each"))
		n = quantifier(c, NODE_EACH);
	else if (take(c, "any"))
		n = quantifier(c, NODE_ANY);
	else if (take(c, "check"))
		n = function(c);
	else if (take(c, "digits"))
		n = node(c, NODE_DIGITS, path(c, NULL), 0);
	else
		n = about(c);
	c->nest--;
	return n;
}

static int
conjunction(struct cond *c)
{
	int	n = negation(c);

	while (take(c, "and"))
		n = node(c, NODE_AND, n, negation(c));
	return n;
}

static int
disjunction(struct cond *c)
{
	int	n = conjunction(c);

	while (take(c, "or"))
		n = node(c, NODE_OR, n, conjunction(c));
	return n;
}

static int
implication(struct cond *c)
{
	int	n = disjunction(c);

	if (take(c, "=>"))
		n = node(c, NODE_IMPLIES, n, disjunction(c));
	return n;
}

int
cond_read(struct tables *tb, const struct row *row)
{
	struct cond	c = { .tb = tb, .at = row->at, .next = row->cond,
		.shape = row->shape, .elem = row->elem };
	int		n;

	advance(&c);
	n = implication(&c);
	if (*c.token != '\0')
		die(c.at, "'%s' is left over", c.token);
	return n;
}
