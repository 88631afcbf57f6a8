/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_parse.c -- pairs become a struct query.  (L1)
 *
 * Sends each pair where its name belongs: to the parameters about the result,
 * or to the criteria.  Stops at the first error: what follows a wrong name is
 * rarely meant as it stands.  Lenient: what is not known is left out, with a
 * warning; what is known and wrong stays an error.
 *
 * Spec: DSTU2 search.html; http.html#ccreate for conditional criteria.
 */
#include "fhir/query_part.h"

#include <sodium.h>

#include "fhir/json.h"

/* --- pairs ---------------------------------------------------------------- */

static enum err
take_criterion(struct query_parse *p, const struct pair *in)
{
	struct query		*q = p->q;
	struct query_name	 name = query_name_cut(in->name);
	struct node		 n = { .op = NODE_LEAF };
	enum err		 e;

	if (!bytes_is(name.code, "_filter"))
		e = query_node_parse(&p->x, in->name, in->value, &n);
	else if (name.has_mod || name.has_chain)
		e = issue_add(p->x.is, ERR_USAGE, "search-modifier",
		    query_place(p->x.arena, in->name), "takes no modifier");
	else
		e = query_filter_parse(&p->x, in->value, &n);
	if (e != OK || query_near_beside(in->name))
		return e;
	/* What stands in no row (words, texts of codes) is one of the trees. */
	if (n.op == NODE_LEAF && !query_leaf_extra(&n.leaf))
		q->must[q->n_must++] = n.leaf;
	else
		q->node[q->n_node++] = n;
	return OK;
}

static enum err
take_pair(struct query_parse *p, const struct pair *in)
{
	bool		mine;
	enum err	e;

	p->x.whole = in->name;
	e = query_result_take(p, in, &mine);
	return e != OK || mine ? e : take_criterion(p, in);
}

/* Is what was said last about something that is not known? */
static bool
unknown(const struct issues *is)
{
	static const char *const	rules[] = {
		"search-unknown", "search-unsupported", "search-modifier"
	};
	size_t	i;

	for (i = 0; is->last != NULL && i < N_ELEM(rules); i++)
		if (strcmp(is->last->rule, rules[i]) == 0)
			return true;
	return false;
}

/* Leave out what is not known: *kept_out false, and a warning. */
static enum err
take_lenient(struct query_parse *p, const struct pair *in, bool *kept_out)
{
	struct issues	*is = p->x.is, quiet = issues_on(p->x.arena);
	struct issue	 said;
	enum err	 e;

	p->x.is = &quiet;
	e = take_pair(p, in);
	p->x.is = is;
	*kept_out = e == OK;
	if (e == OK)
		return OK;
	said = *quiet.last;
	if (e != ERR_USAGE || !unknown(&quiet)) {
		issue_put(is, &said, "%s", said.text);
		return e;
	}
	said.severity = SEV_WARNING;
	issue_put(is, &said, "left out: %s", said.text);
	return OK;
}

/* --- what comes out ------------------------------------------------------- */

/* Everything but where we are in the result and how it is written. */
static enum err
write_self(struct query *q, struct arena *a, const struct pair *pairs,
    size_t n)
{
	struct buf	b = buf_on(a, SIZE_MAX / 4);
	size_t		i;

	for (i = 0; i < n; i++) {
		if (!query_result_linked(pairs[i].name))
			continue;
		if (b.len > 0)
			buf_u8(&b, '&');
		buf_pct(&b, pairs[i].name);
		buf_u8(&b, '=');
		buf_pct(&b, pairs[i].value);
	}
	return buf_end(&b, &q->self);
}

static void
hash_u64(crypto_generichash_state *h, uint64_t v)
{
	uint8_t	b[8];
	size_t	i;

	for (i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)(v >> (8 * i));
	(void)crypto_generichash_update(h, b, sizeof(b));
}

static void
hash_text(crypto_generichash_state *h, struct bytes text)
{
	hash_u64(h, text.len);
	if (text.len > 0)
		(void)crypto_generichash_update(h, text.p, text.len);
}

/*
 * Numbers at fixed width and texts behind their length, so that two queries
 * never feed the same bytes.  The text decides the values: hashing it keeps
 * "ap" dates, which depend on now, the same from page to page.
 */
static void
write_digest(struct query *q, const struct pair *pairs, size_t n)
{
	crypto_generichash_state	h;
	size_t				i;

	(void)crypto_generichash_init(&h, NULL, 0, sizeof(q->digest));
	hash_u64(&h, q->type);
	for (i = 0; i < n; i++) {
		if (!query_result_decides(pairs[i].name))
			continue;
		hash_text(&h, pairs[i].name);
		hash_text(&h, pairs[i].value);
	}
	(void)crypto_generichash_final(&h, q->digest, sizeof(q->digest));
}

/* Is there anything that says which resource is meant? */
static enum err
check_conditional(const struct query_parse *p)
{
	if (!p->x.lim->conditional || p->q->n_must + p->q->n_node > 0)
		return OK;
	return issue_add(p->x.is, ERR_USAGE, "search-conditional", "?",
	    "no criteria: every resource of the type would be meant; name "
	    "search parameters, as in identifier=system|value");
}

enum err
query_parse(struct arena *a, uint16_t type, const struct pair *pairs,
    size_t n_pairs, const struct base_urls *urls, struct instant now,
    const struct query_limits *lim, struct issues *is, struct query *out)
{
	size_t			 nodes = QUERY_NODES, i, n = 0;
	bool			 lenient = lim->lenient && !lim->conditional;
	struct query		 q = { .type = type, .count = -1 };
	struct query_parse	 p = { .q = &q, .x = {
		.arena = a, .type = type, .urls = urls, .now = now,
		.lim = lim, .is = is, .nodes = &nodes, .pairs = pairs,
		.n_pairs = n_pairs } };
	struct pair		*kept;
	bool			 keep = true;
	enum err		 e = OK;

	if (n_pairs > lim->params)
		return issue_add(is, ERR_USAGE, "search-params", "?",
		    "%zu parameters, at most %zu are allowed", n_pairs,
		    lim->params);
	q.must = arena_array(a, n_pairs, sizeof(*q.must));
	q.node = arena_array(a, n_pairs, sizeof(*q.node));
	kept = arena_array(a, n_pairs, sizeof(*kept));
	for (i = 0; e == OK && i < n_pairs; i++) {
		e = lenient ? take_lenient(&p, &pairs[i], &keep) :
		    take_pair(&p, &pairs[i]);
		if (e == OK && keep)
			kept[n++] = pairs[i];
	}
	if (e == OK)
		e = query_include_check(&p);
	if (e == OK)
		e = check_conditional(&p);
	if (e != OK)
		return e;
	if (q.summary == SUMMARY_COUNT)
		q.count = 0;
	e = write_self(&q, a, kept, n);
	if (e != OK)
		return e;
	write_digest(&q, kept, n);
	*out = q;
	return OK;
}

/* --- compartments --------------------------------------------------------- */

/* The compartment's parameters of q's type; *n_out 0: none. */
static const struct def_param **
compartment_params(struct arena *a, const struct query *q, uint16_t comp,
    size_t *n_out)
{
	size_t			 n_code, i, n = 0;
	const char *const	*code = def_compartment(comp, q->type, &n_code);
	const struct def_param **list = arena_array(a, n_code, sizeof(*list));

	for (i = 0; i < n_code; i++) {
		const struct def_param	*p;

		p = def_param(q->type, bytes_str(code[i]));
		if (p != NULL && p->kind == PK_REFERENCE)
			list[n++] = p;
	}
	*n_out = n;
	return list;
}

/* A reference to comp/id by any of the n parameters. */
static void
refer_to(struct arena *a, uint16_t comp, struct bytes id,
    const struct def_param *const *param, size_t n, struct criterion *c)
{
	c->param = param[0];
	c->also = param + 1;
	c->n_also = n - 1;
	c->text = bytes_str(arena_printf(a, "%s/%.*s",
	    def_type_num(comp)->name, BYTES_FMT(id)));
	c->any = arena_array(a, 1, sizeof(*c->any));
	c->n_any = 1;
	c->any->v = (struct value){
		.param = param[0]->num, .kind = PK_REFERENCE, .type = comp,
		.text = id
	};
}

/* One more criterion. */
static void
restrict_by(struct arena *a, struct query *q,
    const struct def_param *const *param, size_t n)
{
	struct criterion	*must;

	must = arena_array(a, q->n_must + 1, sizeof(*must));
	if (q->n_must > 0)
		memcpy(must, q->must, q->n_must * sizeof(*must));
	refer_to(a, q->compartment, q->compartment_id, param, n,
	    &must[q->n_must]);
	q->must = must;
	q->n_must++;
}

/* One more node: by link to what is in the compartment by its own. */
static void
restrict_chain(struct arena *a, struct query *q,
    const struct def_param *link, const struct def_param *const *to)
{
	struct node	*node, *step;

	node = arena_array(a, q->n_node + 1, sizeof(*node));
	if (q->n_node > 0)
		memcpy(node, q->node, q->n_node * sizeof(*node));
	step = &node[q->n_node];
	*step = (struct node){ .op = NODE_CHAIN, .link = link,
	    .type = (*to)->type, .n_kid = 1,
	    .name = bytes_str(arena_printf(a, "%s.%s", link->code,
	    (*to)->code)) };
	step->kid = arena_alloc(a, sizeof(*step->kid));
	step->kid->op = NODE_LEAF;
	refer_to(a, q->compartment, q->compartment_id, to, 1,
	    &step->kid->leaf);
	q->node = node;
	q->n_node++;
}

/* false: its type is in no such compartment */
static bool
restrict_to_compartment(struct arena *a, struct query *q)
{
	const struct def_param	**list, *link, **to;
	size_t			  n;

	list = compartment_params(a, q, q->compartment, &n);
	if (n > 0) {
		restrict_by(a, q, list, n);
		return true;
	}
	to = arena_alloc(a, sizeof(*to));
	if (!def_compartment_chain(q->compartment, q->type, &link, to))
		return false;
	restrict_chain(a, q, link, to);
	return true;
}

/* Is there a compartment of this type: has any type a place in it? */
static bool
is_compartment(uint16_t comp)
{
	uint16_t	type;
	size_t		n;

	for (type = 1; type <= DEF_TYPES; type++) {
		(void)def_compartment(comp, type, &n);
		if (n > 0)
			return true;
	}
	return false;
}

/* The digest of the query goes on into that of the restricted one. */
static void
digest_compartment(struct query *q)
{
	crypto_generichash_state	h;

	(void)crypto_generichash_init(&h, NULL, 0, sizeof(q->digest));
	(void)crypto_generichash_update(&h, q->digest, sizeof(q->digest));
	hash_u64(&h, q->compartment);
	hash_text(&h, q->compartment_id);
	(void)crypto_generichash_final(&h, q->digest, sizeof(q->digest));
}

enum err
query_compartment(struct arena *a, struct query *q, uint16_t comp,
    struct bytes id, struct issues *is)
{
	const struct def_type	*t = def_type_num(comp);

	if (t == NULL || !json_id_ok(id) || !is_compartment(comp))
		return issue_add(is, ERR_NOTFOUND, "compartment", NULL,
		    "there is no such compartment");
	q->compartment = comp;
	q->compartment_id = id;
	if (q->type != 0 && !restrict_to_compartment(a, q))
		return issue_add(is, ERR_NOTFOUND, "compartment", NULL,
		    "no parameter of %s puts it into a compartment of %s; "
		    "search %s by its own parameters",
		    def_type_num(q->type)->name, t->name,
		    def_type_num(q->type)->name);
	digest_compartment(q);
	return OK;
}

enum err
query_of_type(struct arena *a, const struct query *q, uint16_t type,
    struct query *out)
{
	struct query	one = *q;

	one.type = type;
	one.every = true;
	if (q->compartment != 0 && !restrict_to_compartment(a, &one))
		return ERR_NOTFOUND;
	*out = one;
	return OK;
}
