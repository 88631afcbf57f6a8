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
#include "fhir/term.h"

#define MORE_MAX	4096	/* codes that :below may stand for */

enum err
query_value_wrong(const struct query_ctx *x, enum err e, const char *what)
{
	return issue_add(x->is, e, "search-value",
	    query_place(x->arena, x->whole), "%s", what);
}

static bool
escapable(uint8_t c)
{
	return c == ',' || c == '|' || c == '$' || c == '\\';
}

bool
query_cut(struct bytes a, char c, struct bytes *head_out,
    struct bytes *rest_out)
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

size_t
query_split_bars(struct arena *a, struct bytes raw, struct bytes part[static 3])
{
	struct bytes	rest = raw, head;
	size_t		n = 0;
	bool		more = true;

	while (more) {
		if (n == 3)
			return 4;
		more = query_cut(rest, '|', &head, &rest);
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
		return query_value_wrong(x, ERR_VALUE, "the text is not UTF-8");
	/* Nothing but accents or spaces folds to "", which all begin with. */
	if (m->v.more.len == 0 && c->mod != MOD_EXACT)
		return query_value_wrong(x, ERR_VALUE,
		    "the text has nothing to search for: only spaces or marks");
	return OK;
}

static enum err
read_id(const struct query_ctx *x, struct bytes raw, struct match *m)
{
	if (!json_id_ok(raw))
		return query_value_wrong(x, ERR_VALUE, "an id is 1 to 64 of "
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
		return read_id(x, raw, m);
	if (c->mod == MOD_TEXT) {
		m->v.kind = PK_STRING;
		return read_string(x, c, raw, m);
	}
	n = query_split_bars(x->arena, raw, part);
	if (n == 1) {
		m->v.text = part[0];
		m->v.any_system = true;
		return OK;
	}
	if (n > 2 || (part[0].len == 0 && part[1].len == 0))
		return query_value_wrong(x, ERR_VALUE, "a token is code, "
		    "system|code, |code or system|; a bar inside is written "
		    "\\|");
	m->v.more = part[0];
	m->v.text = part[1];
	m->v.no_system = part[0].len == 0;
	m->v.any_code = part[1].len == 0;
	query_code_strip(c->param, &m->v);
	return OK;
}

static enum err
read_uri(const struct query_ctx *x, const struct criterion *c,
    struct bytes raw, struct match *m)
{
	m->v.text = unescape(x->arena, raw);
	if ((c->mod == MOD_ABOVE || c->mod == MOD_BELOW) &&
	    bytes_starts(m->v.text, bytes_str("urn:")))
		return query_value_wrong(x, ERR_VALUE, "\"urn:\" has no path "
		    "to be above or below of; give an URL");
	return OK;
}

uint16_t
query_only_type(struct typeset s)
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
	    query_place(x->arena, x->whole), "give an id, Type/id or the "
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

	type = c->mod_type != 0 ? c->mod_type : query_only_type(allowed);
	if (c->mod == MOD_ID) {
		m->v.type = type;
		return read_id(x, text, m);
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

/* --- code systems and value sets ------------------------------------------ */

/* The system of "system|code", or of a code that has but one. */
static struct bytes
system_of(const struct query_ctx *x, const struct def_param *p,
    struct bytes raw, struct bytes code)
{
	struct bytes	part[3];

	return query_split_bars(x->arena, raw, part) == 2 ? part[0] :
	    query_code_system(p, code);
}

/*
 * :below and :above become the codes they stand for, so that whoever
 * searches by codes finds them.
 */
static enum err
read_codes(const struct query_ctx *x, struct bytes raw, struct criterion *c)
{
	struct criterion	 plain = { .param = c->param };
	struct match		 m = { .prefix = PRE_EQ }, *more;
	struct bytes		 code, system;
	uint32_t		 at = 0;
	enum err		 e = query_value_one(x, &plain, raw, &m);

	if (e != OK)
		return e;
	system = system_of(x, c->param, raw, m.v.text);
	if (system.len == 0 || m.v.any_code)
		return query_value_wrong(x, ERR_VALUE, "codes stand below one "
		    "another within their system: write system|code");
	m.v.no_system = m.v.any_system = false;
	if (term_system(system) == NULL)
		return query_value_wrong(x, ERR_VALUE, "the order of the codes "
		    "of this system is not known here; that of the code "
		    "systems FHIR DSTU2 itself defines is "
		    "(http://hl7.org/fhir/...)");
	while ((c->mod == MOD_BELOW ? term_below : term_above)(system,
	    m.v.text, &at, &code)) {
		if (c->n_any % 16 == 0) {
			more = arena_array(x->arena, c->n_any + 16,
			    sizeof(*more));
			if (c->n_any > 0)
				memcpy(more, c->any,
				    c->n_any * sizeof(*more));
			c->any = more;
		}
		if (c->n_any == MORE_MAX)
			return query_value_wrong(x, ERR_TOOBIG, "this stands "
			    "for more codes than one search may have");
		c->any[c->n_any] = m;
		c->any[c->n_any].v.text = code;
		c->any[c->n_any].v.more = system;
		query_code_strip(c->param, &c->any[c->n_any++].v);
	}
	return OK;
}

/* err ERR_VALUE  not carried, or not known code by code */
static enum err
read_set(const struct query_ctx *x, struct bytes text, struct criterion *c)
{
	struct bytes	url = unescape(x->arena, text);

	if (url.len == 0)
		return query_value_wrong(x, ERR_USAGE, "an empty value; name "
		    "a value set");
	c->set = term_set(url);
	if (c->set == NULL)
		return query_value_wrong(x, ERR_VALUE, "this value set is not "
		    "carried; known are those that FHIR DSTU2 and Argonaut "
		    "define, by url (http://hl7.org/fhir/ValueSet/"
		    "observation-status) or by name (observation-status)");
	if (!term_decided(c->set))
		return query_value_wrong(x, ERR_VALUE, "this value set picks "
		    "codes out of a system whose codes are not known here; "
		    "search by the codes themselves");
	return OK;
}

/* --- composites ----------------------------------------------------------- */

static enum err
read_part(const struct query_ctx *x, uint16_t num, struct bytes raw,
    struct criterion *out)
{
	struct query_ctx	in = *x;

	out->param = def_param_num(num);
	out->name = x->whole;
	if (raw.len == 0)
		return query_value_wrong(x, ERR_USAGE, "a component is empty");
	in.prefix = NULL;	/* in a _filter, too, each has its own */
	out->any = arena_array(x->arena, 1, sizeof(*out->any));
	out->n_any = 1;
	return query_value_one(&in, out, raw, out->any);
}

/* "8480-6$gt140": as many as there are components, each with its prefix. */
static enum err
read_composite(const struct query_ctx *x, const struct criterion *c,
    struct bytes raw, struct match *m)
{
	const struct def_param	*p = c->param;
	struct criterion	*part;
	struct bytes		 piece, rest = raw;
	size_t			 i;
	bool			 more = true;
	enum err		 e = OK;

	part = arena_array(x->arena, p->n_part, sizeof(*part));
	for (i = 0; e == OK && more && i < p->n_part; i++) {
		more = query_cut(rest, '$', &piece, &rest);
		e = read_part(x, def_parts(p)[i], piece, &part[i]);
	}
	if (e == OK && (more || i < p->n_part))
		return issue_add(x->is, ERR_VALUE, "search-value",
		    query_place(x->arena, x->whole), "\"%s\" is made of %u "
		    "values: write %s$%s; a \"$\" inside is written \\$",
		    p->code, p->n_part, def_param_num(def_parts(p)[0])->code,
		    def_param_num(def_parts(p)[1])->code);
	m->part = part;
	return e;
}

/* --- the list ------------------------------------------------------------- */

enum err
query_value_one(const struct query_ctx *x, const struct criterion *c,
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
	case PK_NUMBER:
	case PK_QUANTITY:
		return query_range_one(x, c, raw, m);
	case PK_REFERENCE:
		return read_reference(x, c, raw, m);
	case PK_COMPOSITE:
		return read_composite(x, c, raw, m);
	case PK__MAX:
		break;
	}
	return ERR_BUG;
}

static size_t
count_values(struct bytes text)
{
	struct bytes	head, rest = text;
	size_t		n = 1;

	while (query_cut(rest, ',', &head, &rest))
		n++;
	return n;
}

static enum err
read_missing(const struct query_ctx *x, struct bytes text,
    struct criterion *c)
{
	c->missing = bytes_is(text, "true");
	if (!c->missing && !bytes_is(text, "false"))
		return query_value_wrong(x, ERR_VALUE,
		    ":missing takes true or false");
	return OK;
}

static enum err
read_list(const struct query_ctx *x, struct bytes text, size_t n,
    struct criterion *c)
{
	bool		codes = c->param->kind == PK_TOKEN &&
			    (c->mod == MOD_ABOVE || c->mod == MOD_BELOW);
	struct bytes	piece, rest = text;
	size_t		i;
	enum err	e = OK;

	if (!codes)
		c->any = arena_array(x->arena, n, sizeof(*c->any));
	for (i = 0; e == OK && i < n; i++) {
		if (x->prefix != NULL)
			piece = text;	/* _filter knows no lists */
		else
			query_cut(rest, ',', &piece, &rest);
		if (piece.len == 0)
			return query_value_wrong(x, ERR_USAGE, "an empty "
			    "value; leave the parameter out to search "
			    "without it");
		e = codes ? read_codes(x, piece, c) :
		    query_value_one(x, c, piece, &c->any[c->n_any++]);
	}
	if (codes)
		c->mod = MOD_NONE;
	return e;
}

enum err
query_value_parse(const struct query_ctx *x, struct bytes text,
    struct criterion *c)
{
	size_t	n;

	c->text = text;
	if (c->mod == MOD_MISSING)
		return read_missing(x, text, c);
	if (c->mod == MOD_IN || c->mod == MOD_NOT_IN)
		return read_set(x, text, c);
	if (c->param->num == PARAM_NEAR)
		return query_near_parse(x, text, c);
	n = x->prefix != NULL ? 1 : count_values(text);
	if (n > x->lim->values)
		return issue_add(x->is, ERR_TOOBIG, "search-values",
		    query_place(x->arena, x->whole),
		    "%zu values, at most %zu are allowed", n, x->lim->values);
	return read_list(x, text, n, c);
}
