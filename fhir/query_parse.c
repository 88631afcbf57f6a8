/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_parse.c -- pairs become a struct query.  (L1)
 *
 * Sends each pair where its name belongs: to the criteria, to one of the
 * parameters about the result, or back with an explanation.  Stops at the
 * first error: what follows a wrong name is rarely meant as it stands.
 *
 * Spec: DSTU2 search.html#return, #sort, #count, #include.
 */
#include "fhir/query.h"

#include <sodium.h>

#include "base/text.h"
#include "fhir/json.h"
#include "fhir/query_part.h"

#define SORT_MAX	8	/* keys of one search */

struct parse {
	struct query_ctx	 x;
	struct query		*q;
	bool			 once[5];	/* parameters that may stand
						 * once and have: below */
};

enum { ONCE_COUNT, ONCE_CURSOR, ONCE_FORMAT, ONCE_PRETTY, ONCE_SUMMARY };

static enum err
refuse(const struct parse *p, const struct pair *in, enum err e,
    const char *what)
{
	return issue_add(p->x.is, e, "search-result",
	    query_place(p->x.arena, in->name), "%s", what);
}

static enum err
once(struct parse *p, const struct pair *in, size_t which)
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
take_count(struct parse *p, const struct pair *in)
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
take_cursor(struct parse *p, const struct pair *in)
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
take_format(struct parse *p, const struct pair *in)
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
take_pretty(struct parse *p, const struct pair *in)
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
take_summary(struct parse *p, const struct pair *in)
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
add_sort(struct parse *p, const struct pair *in, struct bytes code,
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
		    query_hint(p->x.arena, code, def_param_codes(q->type)));
	if (!query_param_ok(param))
		return refuse(p, in, ERR_VALUE, "this parameter cannot be "
		    "searched, so the result cannot be sorted by it");
	for (i = 0; i < q->n_sort; i++)
		if (q->sort[i].param == param)
			return refuse(p, in, ERR_USAGE,
			    "the same parameter twice");
	if (q->n_sort == SORT_MAX)
		return issue_add(p->x.is, ERR_TOOBIG, "search-sort",
		    query_place(p->x.arena, in->name),
		    "at most %d sort keys", SORT_MAX);
	q->sort[q->n_sort++] = (struct sort_key){ param, descending };
	return OK;
}

/* "_sort:desc=date" of DSTU2, "_sort=-date,_id" of later FHIR. */
static enum err
take_sort(struct parse *p, const struct pair *in)
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

static enum err
wrong_include(struct parse *p, const struct pair *in, const char *what)
{
	const struct def_type	*t = def_type_num(p->q->type);

	return issue_add(p->x.is, ERR_VALUE, "search-include",
	    query_place(p->x.arena, in->name), "%s; write _include=%s:param "
	    "or _include=%s:param:Target, with a reference parameter", what,
	    t == NULL ? "Type" : t->name, t == NULL ? "Type" : t->name);
}

static enum err
take_include(struct parse *p, const struct pair *in)
{
	struct query		*q = p->q;
	const struct def_type	*t = def_type_num(q->type), *target = NULL;
	const struct def_param	*param;
	struct bytes		 source, code, name;
	bool			 targeted;
	size_t			 i;

	if (!bytes_is(in->name, "_include"))
		return wrong_include(p, in, "recursion is not supported");
	bytes_cut(in->value, ':', &source, &code);
	targeted = bytes_cut(code, ':', &code, &name);
	if (t == NULL || !bytes_is(source, t->name))
		return wrong_include(p, in, "the source must be the type "
		    "that is searched");
	param = def_param(q->type, code);
	if (param == NULL || param->kind != PK_REFERENCE ||
	    !query_param_ok(param))
		return wrong_include(p, in, "not a reference parameter of "
		    "this type");
	if (targeted) {
		struct typeset	allowed = param->targets;

		target = def_type(name);
		if (target == NULL || (query_typed(allowed) &&
		    !typeset_has(allowed, target->num)))
			return wrong_include(p, in, "the parameter does not "
			    "refer to this target type");
	}
	for (i = 0; i < q->n_include; i++)
		if (q->include[i].param == param && q->include[i].target ==
		    (target == NULL ? 0 : target->num))
			return OK;
	q->include[q->n_include++] = (struct include){
		.source = q->type, .param = param,
		.target = target == NULL ? 0 : target->num
	};
	return OK;
}

static enum err
take_unsupported(struct parse *p, const struct pair *in)
{
	return issue_add(p->x.is, ERR_USAGE, "search-unsupported",
	    query_place(p->x.arena, in->name), "not supported by this server; "
	    "it has _sort, _count, _summary, _include, _format, _pretty, and "
	    "the search parameters in its Conformance statement");
}

static const struct {
	const char	*name;		/* up to a ":" or "." */
	bool		 bare;		/* nothing may follow the name */
	enum err	(*take)(struct parse *, const struct pair *);
} results[] = {
	{ "_count",		true,	take_count },
	{ "_cursor",		true,	take_cursor },
	{ "_format",		true,	take_format },
	{ "_pretty",		true,	take_pretty },
	{ "_sort",		false,	take_sort },
	{ "_include",		false,	take_include },
	{ "_revinclude",	false,	take_unsupported },
	{ "_summary",		true,	take_summary },
	{ "_elements",		false,	take_unsupported },
	{ "_contained",		false,	take_unsupported },
	{ "_containedType",	false,	take_unsupported },
	{ "_filter",		false,	take_unsupported },
	{ "_has",		false,	take_unsupported }
};

const char *
query_result_near(struct bytes word)
{
	const char	*names[N_ELEM(results) + 1] = { NULL };
	size_t		 i;

	for (i = 0; i < N_ELEM(results); i++)
		names[i] = results[i].name;
	return text_near(word, names);
}

/* --- the whole ------------------------------------------------------------ */

static enum err
take_criterion(struct parse *p, const struct pair *in)
{
	struct criterion	c = { .name = in->name, .text = in->value };
	enum err		e;

	e = query_name_parse(&p->x, in->name, &c);
	if (e != OK)
		return e;
	e = query_value_parse(&p->x, in->value, &c);
	if (e != OK)
		return e;
	p->q->must[p->q->n_must++] = c;
	return OK;
}

static enum err
take_pair(struct parse *p, const struct pair *in)
{
	struct query_name	n = query_name_cut(in->name);
	size_t			i;

	for (i = 0; i < N_ELEM(results); i++) {
		if (!bytes_is(n.code, results[i].name))
			continue;
		if (results[i].bare && (n.has_mod || n.has_chain))
			return refuse(p, in, ERR_USAGE,
			    "takes no modifier");
		return results[i].take(p, in);
	}
	return take_criterion(p, in);
}

/* Everything but where we are in the result and how it is written. */
static enum err
write_self(struct query *q, struct arena *a, const struct pair *pairs,
    size_t n)
{
	struct buf	b = buf_on(a, SIZE_MAX / 4);
	size_t		i;

	for (i = 0; i < n; i++) {
		if (bytes_is(pairs[i].name, "_cursor") ||
		    bytes_is(pairs[i].name, "_format"))
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

/*
 * Numbers at fixed width and texts behind their length, so that two queries
 * never feed the same bytes.  The text decides the values: hashing it keeps
 * "ap" dates, which depend on now, the same from page to page.
 */
static void
write_digest(struct query *q)
{
	crypto_generichash_state	h;
	size_t				i;

	(void)crypto_generichash_init(&h, NULL, 0, sizeof(q->digest));
	hash_u64(&h, q->type);
	hash_u64(&h, q->n_must);
	for (i = 0; i < q->n_must; i++) {
		const struct criterion	*c = &q->must[i];

		hash_u64(&h, c->param->num);
		hash_u64(&h, (uint64_t)c->mod << 32 | c->mod_type);
		hash_u64(&h, c->n_also);
		hash_u64(&h, c->text.len);
		if (c->text.len > 0)
			(void)crypto_generichash_update(&h, c->text.p,
			    c->text.len);
	}
	hash_u64(&h, q->n_sort);
	for (i = 0; i < q->n_sort; i++)
		hash_u64(&h, (uint64_t)q->sort[i].param->num << 1 |
		    q->sort[i].descending);
	hash_u64(&h, q->n_include);
	for (i = 0; i < q->n_include; i++)
		hash_u64(&h, (uint64_t)q->include[i].param->num << 16 |
		    q->include[i].target);
	(void)crypto_generichash_final(&h, q->digest, sizeof(q->digest));
}

enum err
query_parse(struct arena *a, uint16_t type, const struct pair *pairs,
    size_t n_pairs, const struct base_urls *urls, struct instant now,
    const struct query_limits *lim, struct issues *is, struct query *out)
{
	struct query	q = { .type = type, .count = -1 };
	struct parse	p = {
		.x = { a, type, urls, now, lim, is }, .q = &q
	};
	size_t		i;
	enum err	e;

	if (n_pairs > lim->params)
		return issue_add(is, ERR_USAGE, "search-params", "?",
		    "%zu parameters, at most %zu are allowed", n_pairs,
		    lim->params);
	q.must = arena_array(a, n_pairs, sizeof(*q.must));
	q.include = arena_array(a, n_pairs, sizeof(*q.include));
	q.sort = arena_array(a, SORT_MAX, sizeof(*q.sort));
	for (i = 0; i < n_pairs; i++) {
		e = take_pair(&p, &pairs[i]);
		if (e != OK)
			return e;
	}
	if (q.summary == SUMMARY_COUNT)
		q.count = 0;
	e = write_self(&q, a, pairs, n_pairs);
	if (e != OK)
		return e;
	write_digest(&q);
	*out = q;
	return OK;
}

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

enum err
query_compartment(struct arena *a, struct query *q, uint16_t comp,
    struct bytes id, struct issues *is)
{
	const struct def_type	 *t = def_type_num(comp);
	const struct def_param	**list;
	struct criterion	 *must, *c;
	size_t			  n;

	list = compartment_params(a, q, comp, &n);
	if (t == NULL || !json_id_ok(id))
		return issue_add(is, ERR_NOTFOUND, "compartment", NULL,
		    "there is no such compartment");
	/*
	 * Reading: a type that chained parameters alone put there
	 * (OrderResponse by request.patient) is not answered as if it had
	 * no entries, which would be false.
	 */
	if (n == 0)
		return issue_add(is, ERR_NOTFOUND, "compartment", NULL,
		    "no parameter of %s itself puts it into a compartment of "
		    "%s; search %s by its own parameters",
		    def_type_num(q->type)->name, t->name,
		    def_type_num(q->type)->name);
	must = arena_array(a, q->n_must + 1, sizeof(*must));
	if (q->n_must > 0)
		memcpy(must, q->must, q->n_must * sizeof(*must));
	c = &must[q->n_must];
	c->param = list[0];
	c->also = list + 1;
	c->n_also = n - 1;
	c->text = bytes_str(arena_printf(a, "%s/%.*s", t->name,
	    BYTES_FMT(id)));
	c->any = arena_array(a, 1, sizeof(*c->any));
	c->n_any = 1;
	c->any->v = (struct value){
		.param = list[0]->num, .kind = PK_REFERENCE, .type = comp,
		.text = id
	};
	q->must = must;
	q->n_must++;
	write_digest(q);
	return OK;
}
