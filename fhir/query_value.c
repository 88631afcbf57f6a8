/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_value.c -- the text of a criterion becomes its values.  (L1)
 *
 * Commas make OR, bars make system|code, a backslash before "," "|" "$" "\"
 * makes them plain; all of it after percent-decoding.  Reading: a backslash
 * before anything else is itself, since it can mean nothing else (SRC-20).
 * An empty value is refused: it would stand for everything (SRC-15).
 *
 * Spec: DSTU2 search.html#ptypes, #prefix, #escaping.
 */
#include "fhir/query_part.h"

#include "base/text.h"
#include "fhir/json.h"

static const struct {
	char		name[3];
	enum prefix	prefix;
} prefixes[] = {
	{ "eq", PRE_EQ }, { "ne", PRE_NE }, { "gt", PRE_GT },
	{ "lt", PRE_LT }, { "ge", PRE_GE }, { "le", PRE_LE },
	{ "sa", PRE_SA }, { "eb", PRE_EB }, { "ap", PRE_AP }
};

static enum err
wrong(const struct query_ctx *x, const struct criterion *c, enum err e,
    const char *what)
{
	return issue_add(x->is, e, "search-value",
	    query_place(x->arena, c->name), "%s", what);
}

static bool
escapable(uint8_t c)
{
	return c == ',' || c == '|' || c == '$' || c == '\\';
}

/* Cut at the first c outside of an escape; as bytes_cut. */
static bool
cut(struct bytes a, char c, struct bytes *head_out, struct bytes *rest_out)
{
	size_t	i;

	for (i = 0; i < a.len; i++) {
		if (a.p[i] == '\\' && i + 1 < a.len && escapable(a.p[i + 1])) {
			i++;
			continue;
		}
		if (a.p[i] != (uint8_t)c)
			continue;
		*head_out = bytes_sub(a, 0, i);
		*rest_out = bytes_from(a, i + 1);
		return true;
	}
	*head_out = a;
	*rest_out = bytes_of(NULL, 0);
	return false;
}

/* Escapes resolved; a itself where it has none. */
static struct bytes
unescape(struct arena *arena, struct bytes a)
{
	uint8_t	*p;
	size_t	 i, n = 0;

	if (a.len == 0 || memchr(a.p, '\\', a.len) == NULL)
		return a;
	p = arena_alloc(arena, a.len);
	for (i = 0; i < a.len; i++) {
		if (a.p[i] == '\\' && i + 1 < a.len && escapable(a.p[i + 1]))
			i++;
		p[n++] = a.p[i];
	}
	return bytes_of(p, n);
}

/* Cut at bars into at most 3 parts; the number of parts, 4 for more. */
static size_t
split_bars(struct arena *a, struct bytes raw, struct bytes part[static 3])
{
	struct bytes	rest = raw, head;
	size_t		n = 0;
	bool		more = true;

	while (more) {
		if (n == 3)
			return 4;
		more = cut(rest, '|', &head, &rest);
		part[n++] = unescape(a, head);
	}
	return n;
}

/* --- kinds ---------------------------------------------------------------- */

static enum err
read_string(const struct query_ctx *x, const struct criterion *c,
    struct bytes raw, struct match *m)
{
	m->v.text = unescape(x->arena, raw);
	if (text_fold(x->arena, m->v.text, &m->v.more) != OK)
		return wrong(x, c, ERR_VALUE, "the text is not UTF-8");
	/* Nothing but accents or spaces folds to "", which all begin with. */
	if (m->v.more.len == 0 && c->mod != MOD_EXACT)
		return wrong(x, c, ERR_VALUE,
		    "the text has nothing to search for: only spaces or marks");
	return OK;
}

static enum err
read_id(const struct query_ctx *x, const struct criterion *c,
    struct bytes raw, struct match *m)
{
	if (!json_id_ok(raw))
		return wrong(x, c, ERR_VALUE, "an id is 1 to 64 of "
		    "A-Z a-z 0-9 \"-\" \".\", without a type before it");
	m->v.text = raw;
	m->v.any_system = true;
	return OK;
}

static enum err
read_token(const struct query_ctx *x, const struct criterion *c,
    struct bytes raw, struct match *m)
{
	struct bytes	part[3];
	size_t		n;

	if (c->param->num == PARAM_ID)
		return read_id(x, c, raw, m);
	n = split_bars(x->arena, raw, part);
	if (n == 1) {
		m->v.text = part[0];
		m->v.any_system = true;
		return OK;
	}
	if (n > 2 || (part[0].len == 0 && part[1].len == 0))
		return wrong(x, c, ERR_VALUE, "a token is code, system|code, "
		    "|code or system|; a bar inside is written \\|");
	m->v.more = part[0];
	m->v.text = part[1];
	m->v.no_system = part[0].len == 0;
	m->v.any_code = part[1].len == 0;
	return OK;
}

static enum err
read_uri(const struct query_ctx *x, const struct criterion *c,
    struct bytes raw, struct match *m)
{
	(void)c;
	m->v.text = unescape(x->arena, raw);
	return OK;
}

static bool
lower(uint8_t c)
{
	return c >= 'a' && c <= 'z';
}

static bool
begins_number(uint8_t c)
{
	return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

/*
 * Take the prefix off *raw.  Letters with no number or date after them are
 * no prefix, and the caller says what the value should be.
 */
static enum err
read_prefix(const struct query_ctx *x, const struct criterion *c,
    struct bytes *raw, enum prefix *out)
{
	size_t	i;

	*out = PRE_EQ;
	if (raw->len < 3 || !lower(raw->p[0]) || !lower(raw->p[1]) ||
	    !begins_number(raw->p[2]))
		return OK;
	for (i = 0; i < N_ELEM(prefixes); i++)
		if (memcmp(raw->p, prefixes[i].name, 2) == 0) {
			*out = prefixes[i].prefix;
			*raw = bytes_from(*raw, 2);
			return OK;
		}
	return wrong(x, c, ERR_VALUE, "unknown prefix; the prefixes are "
	    "eq ne gt lt ge le sa eb ap");
}

static enum err
read_date(const struct query_ctx *x, const struct criterion *c,
    struct bytes raw, struct match *m)
{
	struct bytes	 copy;
	uint8_t		*blank;
	enum err	 e = read_prefix(x, c, &raw, &m->prefix);

	if (e != OK)
		return e;
	copy = arena_copy(x->arena, raw);
	/*
	 * Reading: "...T10:00:00+01:00" whose "+" the client forgot to encode
	 * has a space there, which no date has: it can only mean "+".
	 */
	blank = copy.len == 0 ? NULL :
	    memchr((uint8_t *)(uintptr_t)copy.p, ' ', copy.len);
	if (blank != NULL)
		*blank = '+';
	/* Reading: a time without a zone is UTC, as in the index. */
	if (prim_date(copy, 0, &m->v.time) != OK)
		return wrong(x, c, ERR_VALUE, "not a date: write YYYY, "
		    "YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm[:ss] with a zone "
		    "\"Z\" or \"+hh:mm\" (\"+\" encoded as %2B), after one of "
		    "eq ne gt lt ge le sa eb ap or nothing");
	if (m->prefix == PRE_AP)
		m->v.time = prim_date_about(m->v.time, x->now);
	return OK;
}

/*
 * The span of a number by its prefix.  Equality works with the precision
 * as written, order with the exact point (DSTU2 search.html#number).
 */
static enum err
read_span(struct bytes text, enum prefix prefix, struct value *v)
{
	enum err	e;

	switch (prefix) {
	case PRE_EQ:
	case PRE_NE:
		return prim_dec_span(text, &v->lo, &v->hi);
	case PRE_AP:
		return prim_dec_about(text, &v->lo, &v->hi);
	case PRE_GT:
	case PRE_LT:
	case PRE_GE:
	case PRE_LE:
	case PRE_SA:
	case PRE_EB:
		break;
	}
	e = prim_dec(text, &v->lo);
	v->hi = v->lo;
	return e;
}

static enum err
read_number(const struct query_ctx *x, const struct criterion *c,
    struct bytes raw, struct match *m)
{
	enum err	e = read_prefix(x, c, &raw, &m->prefix);

	if (e != OK)
		return e;
	if (read_span(raw, m->prefix, &m->v) != OK)
		return wrong(x, c, ERR_VALUE, "not a number: write 100, 5.40 "
		    "or 5.4e-3, after one of eq ne gt lt ge le sa eb ap or "
		    "nothing");
	return OK;
}

static enum err
read_quantity(const struct query_ctx *x, const struct criterion *c,
    struct bytes raw, struct match *m)
{
	struct bytes	part[3];
	size_t		n;
	enum err	e = read_prefix(x, c, &raw, &m->prefix);

	if (e != OK)
		return e;
	n = split_bars(x->arena, raw, part);
	if ((n != 1 && n != 3) ||
	    (n == 3 && part[1].len == 0 && part[2].len == 0) ||
	    read_span(part[0], m->prefix, &m->v) != OK)
		return wrong(x, c, ERR_VALUE, "not a quantity: write "
		    "number, number|system|code or number||unit, after one of "
		    "eq ne gt lt ge le sa eb ap or nothing");
	m->v.any_system = n == 1 || part[1].len == 0;
	m->v.any_code = n == 1 || part[2].len == 0;
	if (n == 3) {
		m->v.more = part[1];
		m->v.text = part[2];
	}
	return OK;
}

/* The only type in the set, or 0. */
static uint16_t
only_type(struct typeset s)
{
	if (__builtin_popcountll(s.bits[0]) +
	    __builtin_popcountll(s.bits[1]) != 1)
		return 0;
	return (uint16_t)(s.bits[0] != 0 ? __builtin_ctzll(s.bits[0]) :
	    64 + __builtin_ctzll(s.bits[1]));
}

static enum err
wrong_target(const struct query_ctx *x, const struct criterion *c,
    struct typeset allowed)
{
	const struct def_type	*t = def_type_num(c->mod_type);

	return issue_add(x->is, ERR_VALUE, "search-reference",
	    query_place(x->arena, c->name), "give an id, Type/id or the "
	    "absolute URL of a resource, where Type is one of: %s",
	    t != NULL ? t->name : query_type_list(x->arena, allowed));
}

static enum err
read_reference(const struct query_ctx *x, const struct criterion *c,
    struct bytes raw, struct match *m)
{
	struct typeset	allowed = c->param->targets;
	uint16_t	type;
	struct bytes	text = unescape(x->arena, raw);
	struct ref	ref;

	type = c->mod_type != 0 ? c->mod_type : only_type(allowed);
	if (c->mod == MOD_ID) {
		m->v.type = type;
		return read_id(x, c, text, m);
	}
	if (prim_ref(text, x->urls, true, &ref) != OK ||
	    ref.kind == REF_CONTAINED ||
	    (ref.kind == REF_LOCAL && ref.version.len > 0))
		return wrong_target(x, c, allowed);
	if (ref.kind == REF_FOREIGN) {
		m->v.text = ref.url;
		return OK;
	}
	if (ref.type != 0 && ((c->mod_type != 0 && ref.type != c->mod_type) ||
	    (query_typed(allowed) && !typeset_has(allowed, ref.type))))
		return wrong_target(x, c, allowed);
	m->v.type = ref.type != 0 ? ref.type : type;
	m->v.text = ref.id;
	return OK;
}

/* --- the list ------------------------------------------------------------- */

static enum err
read_one(const struct query_ctx *x, const struct criterion *c,
    struct bytes raw, struct match *m)
{
	m->v.param = c->param->num;
	m->v.kind = (uint8_t)c->param->kind;
	switch (c->param->kind) {
	case PK_STRING:
		return read_string(x, c, raw, m);
	case PK_TOKEN:
		return read_token(x, c, raw, m);
	case PK_URI:
		return read_uri(x, c, raw, m);
	case PK_DATE:
		return read_date(x, c, raw, m);
	case PK_NUMBER:
		return read_number(x, c, raw, m);
	case PK_QUANTITY:
		return read_quantity(x, c, raw, m);
	case PK_REFERENCE:
		return read_reference(x, c, raw, m);
	case PK_COMPOSITE:
	case PK__MAX:
		break;
	}
	return wrong(x, c, ERR_USAGE, "this kind of parameter is not "
	    "supported");
}

static size_t
count_values(struct bytes text)
{
	struct bytes	head, rest = text;
	size_t		n = 1;

	while (cut(rest, ',', &head, &rest))
		n++;
	return n;
}

static enum err
read_missing(const struct query_ctx *x, struct bytes text,
    struct criterion *c)
{
	c->missing = bytes_is(text, "true");
	if (!c->missing && !bytes_is(text, "false"))
		return wrong(x, c, ERR_VALUE, ":missing takes true or false");
	return OK;
}

enum err
query_value_parse(const struct query_ctx *x, struct bytes text,
    struct criterion *c)
{
	struct bytes	piece, rest = text;
	size_t		n, i;
	enum err	e;

	if (c->mod == MOD_MISSING)
		return read_missing(x, text, c);
	n = count_values(text);
	if (n > x->lim->values)
		return issue_add(x->is, ERR_TOOBIG, "search-values",
		    query_place(x->arena, c->name),
		    "%zu values, at most %zu are allowed", n, x->lim->values);
	c->any = arena_array(x->arena, n, sizeof(*c->any));
	for (i = 0; i < n; i++) {
		cut(rest, ',', &piece, &rest);
		if (piece.len == 0)
			return wrong(x, c, ERR_USAGE, "an empty value; leave "
			    "the parameter out to search without it");
		e = read_one(x, c, piece, &c->any[i]);
		if (e != OK)
			return e;
	}
	c->n_any = n;
	return OK;
}
