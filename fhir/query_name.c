/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_name.c -- which parameter, which modifier.  (L1)
 *
 * An unknown or unsupported name is refused with what would be right:
 * ignoring it would widen the answer (SRC-14).  Values are never repeated,
 * names only where they are plain.
 *
 * Spec: DSTU2 search.html#modifiers, #reference.
 */
#include "fhir/query_part.h"

#include "base/text.h"

#define NAME_MAX_ECHO	64	/* bytes of a name worth repeating */
#define TYPES_SHOWN	6	/* of a list of types in a message */

struct query_name
query_name_cut(struct bytes name)
{
	struct query_name	 n = { 0 };
	struct bytes		 head;

	n.has_chain = bytes_cut(name, '.', &head, &n.chain);
	n.has_mod = bytes_cut(head, ':', &n.code, &n.mod);
	return n;
}

static bool
plain(struct bytes name)
{
	size_t	i;

	if (name.len == 0 || name.len > NAME_MAX_ECHO)
		return false;
	for (i = 0; i < name.len; i++) {
		uint8_t	c = name.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		    (c >= 'a' && c <= 'z') ||
		    (c != 0 && strchr("_:.-", c) != NULL)))
			return false;
	}
	return true;
}

const char *
query_place(struct arena *a, struct bytes name)
{
	return plain(name) ?
	    arena_printf(a, "?%.*s", BYTES_FMT(name)) : "?";
}

const char *
query_hint(struct arena *a, struct bytes word, const char *const *names)
{
	const char	*near = text_near(word, names);

	return near == NULL ? "" :
	    arena_printf(a, ", did you mean \"%s\"?", near);
}

const char *const *
query_codes(struct arena *a, uint16_t type,
    bool (*fits)(const struct def_param *p))
{
	const char *const	*all = def_param_codes(type);
	const char		**out;
	size_t			 i, n = 0;

	while (all[n] != NULL)
		n++;
	out = arena_array(a, n + 1, sizeof(*out));
	for (i = n = 0; all[i] != NULL; i++)
		if (fits(def_param(type, bytes_str(all[i]))))
			out[n++] = all[i];
	out[n] = NULL;
	return out;
}

const char *
query_hint_or_all(struct arena *a, struct bytes word,
    const char *const *names)
{
	const char	*hint = query_hint(a, word, names);

	if (*hint != '\0' || *names == NULL)
		return hint;
	for (hint = "; there are "; *names != NULL; names++)
		hint = arena_printf(a, "%s%s%s", hint, *names,
		    names[1] == NULL ? "" : ", ");
	return hint;
}

const char *
query_type_list(struct arena *a, struct typeset types)
{
	const struct def_type	*t;
	const char		*list = "";
	uint16_t		 num;
	size_t			 n = 0;

	for (num = 1; num <= DEF_TYPE_MAX; num++) {
		t = typeset_has(types, num) ? def_type_num(num) : NULL;
		if (t == NULL)
			continue;
		if (n == TYPES_SHOWN)
			return arena_printf(a, "%s ...", list);
		list = arena_printf(a, "%s%s%s", list, n == 0 ? "" : ", ",
		    t->name);
		n++;
	}
	return n == 0 ? "any type" : list;
}

/* Has it values in the rows? */
bool
query_param_plain(const struct def_param *p)
{
	return p->n_path > 0 || p->num == PARAM_ID ||
	    p->num == PARAM_LASTUPDATED;
}

/* A place comes before another by the distance from a third alone. */
bool
query_param_sorts(const struct def_param *p)
{
	return query_param_plain(p) && p->num != PARAM_NEAR;
}

bool
query_param_ok(const struct def_param *p)
{
	switch (p->num) {
	case PARAM_CONTENT:
	case PARAM_TEXT:
	case PARAM_LIST:
	case PARAM_NEAR_DISTANCE:
		return true;
	}
	/* A parameter of no path has no values: it would match nothing. */
	return query_param_plain(p) || p->n_part > 0;
}

const char *const *
query_modifiers(const struct def_param *p)
{
	static const char *const	string[] = {
		"missing", "exact", "contains", "text", NULL
	};
	static const char *const	token[] = {
		"missing", "text", "not", "above", "below", "in", "not-in",
		NULL
	};
	static const char *const	id[] = { "missing", "not", NULL };
	static const char *const	reference[] = {
		"missing", "type", NULL
	};
	static const char *const	uri[] = {
		"missing", "below", "above", NULL
	};
	static const char *const	other[] = { "missing", NULL };
	static const char *const	none[] = { NULL };

	if (!query_param_plain(p))
		return none;
	if (p->num == PARAM_NEAR)
		return other;
	switch (p->kind) {
	case PK_STRING:
		return string;
	case PK_TOKEN:
		return p->num == PARAM_ID ? id : token;
	case PK_REFERENCE:
		return reference;
	case PK_URI:
		return uri;
	case PK_NUMBER:
	case PK_DATE:
	case PK_QUANTITY:
		return other;
	case PK_COMPOSITE:
	case PK__MAX:
		break;
	}
	return none;
}

/* ":missing, :[Type] (Patient, Group) or ._id" */
static const char *
modifier_list(struct arena *a, const struct def_param *p)
{
	const char *const	*m = query_modifiers(p);
	const char		*list = *m == NULL ? "none" : "";

	for (; *m != NULL; m++)
		if (strcmp(*m, "type") == 0)
			list = arena_printf(a, "%s:[Type] (%s), and chained "
			    "parameters (.name)", list,
			    query_type_list(a, p->targets));
		else
			list = arena_printf(a, "%s:%s%s", list, *m,
			    m[1] == NULL ? "" : ", ");
	return list;
}

enum err
query_name_wrong(const struct query_ctx *x, const struct def_param *p,
    const char *what)
{
	return issue_add(x->is, ERR_USAGE, "search-modifier",
	    query_place(x->arena, x->whole),
	    "%s; modifiers of the %s parameter \"%s\": %s", what,
	    def_kind_name(p->kind), p->code, modifier_list(x->arena, p));
}

static enum err
unknown(const struct query_ctx *x, struct bytes code)
{
	const struct def_type	*t = def_type_num(x->type);
	const char *const	*codes;
	const char		*hint, *near;

	if (bytes_is(code, "access_token"))
		return issue_add(x->is, ERR_USAGE, "search-token",
		    query_place(x->arena, x->whole), "a token is accepted in "
		    "the Authorization header only: \"Bearer ...\"");
	codes = query_codes(x->arena, x->type, query_param_ok);
	hint = query_hint(x->arena, code, codes);
	near = x->depth > 0 ? NULL : query_result_near(code);
	if (*hint == '\0' && near != NULL)
		hint = arena_printf(x->arena, ", did you mean \"%s\"?", near);
	if (*hint == '\0')
		hint = query_hint_or_all(x->arena, code, codes);
	return issue_add(x->is, ERR_USAGE, "search-unknown",
	    query_place(x->arena, x->whole), "%s has no search parameter of "
	    "this name%s", t == NULL ? "a search of all types" : t->name,
	    hint);
}

/* The modifiers that are words; a type is none of them. */
static enum modifier
word_modifier(struct bytes mod)
{
	static const struct {
		const char	*word;
		enum modifier	 mod;
	} words[] = {
		{ "missing", MOD_MISSING }, { "exact", MOD_EXACT },
		{ "contains", MOD_CONTAINS }, { "not", MOD_NOT },
		{ "text", MOD_TEXT }, { "in", MOD_IN },
		{ "not-in", MOD_NOT_IN }, { "above", MOD_ABOVE },
		{ "below", MOD_BELOW }
	};
	size_t	i;

	for (i = 0; i < N_ELEM(words); i++)
		if (bytes_is(mod, words[i].word))
			return words[i].mod;
	return MOD_NONE;
}

static bool
takes(const struct def_param *p, struct bytes mod)
{
	const char *const	*m;

	for (m = query_modifiers(p); *m != NULL; m++)
		if (bytes_is(mod, *m))
			return true;
	return false;
}

/* ":Patient" on a reference. */
static enum err
type_modifier(const struct query_ctx *x, struct bytes mod,
    struct criterion *c)
{
	const struct def_type	*t = def_type(mod);

	if (t == NULL || !query_targets(c->param, t->num))
		return query_name_wrong(x, c->param,
		    t == NULL ? "there is no such modifier here" :
		    "it does not refer to that type");
	c->mod = MOD_TYPE;
	c->mod_type = t->num;
	return OK;
}

static enum err
read_modifier(const struct query_ctx *x, struct bytes mod,
    struct criterion *c)
{
	enum modifier	m = word_modifier(mod);

	if (m == MOD_NONE && c->param->kind == PK_REFERENCE)
		return type_modifier(x, mod, c);
	if (m == MOD_NONE || !takes(c->param, mod))
		return query_name_wrong(x, c->param,
		    "there is no such modifier here");
	c->mod = m;
	return OK;
}

enum err
query_name_parse(const struct query_ctx *x, const struct query_name *n,
    struct criterion *c)
{
	enum err	e;

	c->name = x->whole;
	c->param = def_param(x->type, n->code);
	if (c->param == NULL)
		return unknown(x, n->code);
	if (!query_param_ok(c->param))
		return issue_add(x->is, ERR_USAGE, "search-unsupported",
		    query_place(x->arena, x->whole), "the parameter \"%s\" "
		    "has no values on this server; the Conformance statement "
		    "lists those that have", c->param->code);
	if (n->has_mod) {
		e = read_modifier(x, n->mod, c);
		if (e != OK)
			return e;
	}
	if (!n->has_chain)
		return OK;
	if (c->param->kind != PK_REFERENCE || c->mod == MOD_MISSING)
		return query_name_wrong(x, c->param, "chained parameters "
		    "follow references alone");
	if (bytes_is(n->chain, "_id"))
		c->mod = MOD_ID;
	return OK;
}
