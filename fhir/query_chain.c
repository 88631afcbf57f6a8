/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_chain.c -- criteria of other resources than the one asked.  (L1)
 *
 * "subject:Patient.name=peter" goes along a reference, "_has:Observation:
 * patient:code=8480-6" against one, both from step to step up to a limit.
 * "subject.name" without a type is asked of every type that a subject may
 * have and that knows "name" and its value; where none does, the first
 * complaint is passed on.
 *
 * Spec: DSTU2 search.html#chaining, #list; STU3 search.html#has.
 */
#include "fhir/query_part.h"

#include "fhir/json.h"

#define CURRENT	"$current-"

enum err
query_spend(const struct query_ctx *x)
{
	if ((*x->nodes)-- > 0)
		return OK;
	*x->nodes = 0;
	return issue_add(x->is, ERR_TOOBIG, "search-size",
	    query_place(x->arena, x->whole), "the query branches into more "
	    "than %d conditions; name the types in chained parameters "
	    "(subject:Patient.name)", QUERY_NODES);
}

enum err
query_step(const struct query_ctx *x, struct query_ctx *next)
{
	if (x->depth >= x->lim->depth)
		return issue_add(x->is, ERR_TOOBIG, "search-depth",
		    query_place(x->arena, x->whole),
		    "at most %zu steps from one resource to another",
		    x->lim->depth);
	*next = *x;
	next->depth++;
	return OK;
}

void
query_add_kid(struct arena *a, struct node *to, const struct node *kid)
{
	struct node	*more;

	if (to->n_kid % 8 == 0) {
		more = arena_array(a, to->n_kid + 8, sizeof(*more));
		if (to->n_kid > 0)
			memcpy(more, to->kid, to->n_kid * sizeof(*more));
		to->kid = more;
	}
	to->kid[to->n_kid++] = *kid;
}

static enum err
one_kid(const struct query_ctx *x, enum node_op op,
    const struct def_param *link, uint16_t type, struct node *out)
{
	*out = (struct node){ .op = op, .link = link, .type = type,
	    .n_kid = 1, .name = x->whole };
	out->kid = arena_alloc(x->arena, sizeof(*out->kid));
	return query_spend(x);
}

/* Along link to a resource of the type. */
static enum err
chain_to(const struct query_ctx *x, const struct def_param *link,
    uint16_t type, query_arrive_fn *arrive, void *arg, struct node *out)
{
	struct query_ctx	next;
	enum err		e = query_step(x, &next);

	if (e == OK)
		e = one_kid(x, NODE_CHAIN, link, type, out);
	if (e != OK)
		return e;
	next.type = type;
	return arrive(arg, &next, out->kid);
}

/* The types that link may name and that know code, as far as a name tells. */
static struct typeset
knowing(const struct def_param *link, struct bytes code)
{
	struct typeset	set = { { 0, 0 } };
	uint16_t	type;

	for (type = 1; type <= DEF_TYPES; type++)
		if (query_targets(link, type) &&
		    (bytes_is(code, "_has") || def_param(type, code) != NULL))
			typeset_add(&set, type);
	return set;
}

/*
 * Not every type that knows the name takes the value: of what they complain
 * about, a wrong value is closer to the truth than a wrong name.
 */
static enum err
chain_any(const struct query_ctx *x, const struct def_param *link,
    struct typeset types, query_arrive_fn *arrive, void *arg,
    struct node *out)
{
	struct query_ctx	one = *x;
	struct issues		quiet;
	struct node		any = { .op = NODE_OR, .name = x->whole }, kid;
	const struct issue	*said = NULL;
	enum err		e = OK, first = OK;
	uint16_t		type;

	one.is = &quiet;
	for (type = 1; type <= DEF_TYPES && e != ERR_TOOBIG; type++) {
		if (!typeset_has(types, type))
			continue;
		quiet = issues_on(x->arena);
		e = chain_to(&one, link, type, arrive, arg, &kid);
		if (e == OK)
			query_add_kid(x->arena, &any, &kid);
		if (e != OK && quiet.first != NULL &&
		    (said == NULL || first == ERR_USAGE || e == ERR_TOOBIG)) {
			first = e;
			said = quiet.first;
		}
	}
	if (any.n_kid == 0 || e == ERR_TOOBIG) {
		issue_put(x->is, said, "%s", said->text);
		return first;
	}
	*out = any.n_kid == 1 ? any.kid[0] : any;
	return OK;
}

enum err
query_chain(const struct query_ctx *x, const struct def_param *link,
    uint16_t type, struct bytes code, query_arrive_fn *arrive, void *arg,
    struct node *out)
{
	struct typeset	types;

	if (type == 0)
		type = query_only_type(link->targets);
	if (type != 0)
		return chain_to(x, link, type, arrive, arg, out);
	types = knowing(link, code);
	if (query_typed(types))
		return chain_any(x, link, types, arrive, arg, out);
	return issue_add(x->is, ERR_USAGE, "search-unknown",
	    query_place(x->arena, x->whole), "no type that \"%s\" refers to "
	    "(%s) has a search parameter of that name", link->code,
	    query_type_list(x->arena, link->targets));
}

/* The rest of a chained name and its value. */
struct rest {
	struct bytes	name, value;
};

static enum err
arrive(void *arg, const struct query_ctx *x, struct node *out)
{
	const struct rest	*r = arg;

	return query_node_parse(x, r->name, r->value, out);
}

static enum err
leaf_or_chain(const struct query_ctx *x, struct bytes name,
    struct bytes value, struct node *out)
{
	struct query_name	n = query_name_cut(name);
	struct criterion	c = { .param = NULL };
	enum err		e = query_name_parse(x, &n, &c);

	if (e != OK)
		return e;
	if (c.param->num == PARAM_NEAR_DISTANCE)
		return query_near_distance(x, out);
	if (c.param->num == PARAM_TEXT || c.param->num == PARAM_CONTENT)
		return query_words_parse(x, c.param, value, out);
	if (c.param->num == PARAM_LIST)
		return query_list_parse(x, value, out);
	if (n.has_chain && c.mod != MOD_ID)
		return query_chain(x, c.param, c.mod_type,
		    query_name_cut(n.chain).code, arrive,
		    &(struct rest){ n.chain, value }, out);
	e = query_value_parse(x, value, &c);
	if (e == OK)
		e = query_spend(x);
	*out = (struct node){ .op = NODE_LEAF, .leaf = c, .name = x->whole };
	return e;
}

static enum err
wrong_has(const struct query_ctx *x, const char *what)
{
	return issue_add(x->is, ERR_USAGE, "search-has",
	    query_place(x->arena, x->whole), "%s; write _has:Type:reference:"
	    "parameter, as in _has:Observation:patient:code=8480-6", what);
}

/* "Observation:patient:code": what follows "_has:". */
static enum err
has(const struct query_ctx *x, struct bytes name, struct bytes value,
    struct node *out)
{
	struct bytes		 word, code, rest;
	const struct def_type	*t;
	const struct def_param	*link;
	struct query_ctx	 next;
	enum err		 e;

	if (!bytes_cut(name, ':', &word, &rest) ||
	    !bytes_cut(rest, ':', &code, &rest) || rest.len == 0)
		return wrong_has(x, "three words are wanted behind _has");
	t = def_type(word);
	if (t == NULL)
		return wrong_has(x, "there is no such resource type");
	link = def_param(t->num, code);
	if (link == NULL || link->kind != PK_REFERENCE ||
	    !query_param_ok(link))
		return wrong_has(x, "the second word is no reference "
		    "parameter of that type");
	if (x->type == 0 || !query_targets(link, x->type))
		return wrong_has(x, "that parameter does not refer to the "
		    "type that is searched");
	e = query_step(x, &next);
	if (e == OK)
		e = one_kid(x, NODE_HAS, link, t->num, out);
	if (e != OK)
		return e;
	next.type = t->num;
	return query_node_parse(&next, rest, value, out->kid);
}

enum err
query_node_parse(const struct query_ctx *x, struct bytes name,
    struct bytes value, struct node *out)
{
	static const char	word[] = "_has";
	struct query_name	n = query_name_cut(name);

	if (!bytes_is(n.code, word))
		return leaf_or_chain(x, name, value, out);
	if (!n.has_mod)
		return wrong_has(x, "three words are wanted behind _has");
	return has(x, bytes_from(name, sizeof(word)), value, out);
}

/* --- _list ---------------------------------------------------------------- */

/* What DSTU2 calls "$current-...", by the codes of its list of lists. */
static const char *const	current[] = {
	"adverse-reactions", "alerts", "allergies", "drug-allergies",
	"medications", "plans", "problems", "protocols", "waiting",
	"worklist", NULL
};

static enum err
list_one(const struct query_ctx *x, struct bytes text, struct node *out)
{
	const char *const	*code = current;

	*out = (struct node){ .op = NODE_LIST, .name = x->whole,
	    .list = text };
	if (bytes_starts(text, bytes_str(CURRENT))) {
		out->current = true;
		out->list = bytes_from(text, sizeof(CURRENT) - 1);
		while (*code != NULL && !bytes_is(out->list, *code))
			code++;
		if (*code == NULL)
			return query_value_wrong(x, ERR_VALUE, "no list of "
			    "this name; there are $current-problems, "
			    "-medications, -allergies, -drug-allergies, "
			    "-adverse-reactions, -alerts, -plans, -protocols, "
			    "-waiting and -worklist");
		return OK;
	}
	if (bytes_starts(text, bytes_str("List/")))
		out->list = bytes_from(text, strlen("List/"));
	if (!json_id_ok(out->list))
		return query_value_wrong(x, ERR_VALUE, "give the id of a List, "
		    "or a current one as $current-allergies");
	return OK;
}

enum err
query_list_parse(const struct query_ctx *x, struct bytes value,
    struct node *out)
{
	struct node	any = { .op = NODE_OR, .name = x->whole }, one;
	struct bytes	piece;
	bool		more = true;
	enum err	e = OK;

	while (e == OK && more) {
		more = query_cut(value, ',', &piece, &value);
		e = query_spend(x);
		if (e == OK)
			e = list_one(x, piece, &one);
		if (e == OK)
			query_add_kid(x->arena, &any, &one);
	}
	*out = any.n_kid == 1 ? any.kid[0] : any;
	return e;
}
