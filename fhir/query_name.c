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

bool
query_param_ok(const struct def_param *p)
{
	switch (p->num) {
	case PARAM_CONTENT:
	case PARAM_TEXT:
	case PARAM_LIST:
	case PARAM_QUERY:
		return false;
	}
	/* A parameter of no path has no values: it would match nothing. */
	if (p->n_path == 0 && p->num != PARAM_ID &&
	    p->num != PARAM_LASTUPDATED)
		return false;
	return p->kind != PK_COMPOSITE;
}

const char *const *
query_modifiers(enum param_kind kind)
{
	static const char *const	string[] = {
		"missing", "exact", "contains", NULL
	};
	static const char *const	token[] = { "missing", "not", NULL };
	static const char *const	reference[] = {
		"missing", "type", NULL
	};
	static const char *const	other[] = { "missing", NULL };
	static const char *const	none[] = { NULL };

	switch (kind) {
	case PK_STRING:
		return string;
	case PK_TOKEN:
		return token;
	case PK_REFERENCE:
		return reference;
	case PK_NUMBER:
	case PK_DATE:
	case PK_QUANTITY:
	case PK_URI:
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
	const char *const	*m;
	const char		*list = "";

	for (m = query_modifiers(p->kind); *m != NULL; m++)
		if (strcmp(*m, "type") == 0)
			list = arena_printf(a, "%s:[Type] (%s), ._id", list,
			    query_type_list(a, p->targets));
		else
			list = arena_printf(a, "%s:%s%s", list, *m,
			    m[1] == NULL ? "" : ", ");
	return list;
}

static enum err
wrong_modifier(const struct query_ctx *x, struct bytes name,
    const struct def_param *p, const char *what)
{
	return issue_add(x->is, ERR_USAGE, "search-modifier",
	    query_place(x->arena, name),
	    "%s; the %s parameter \"%s\" takes %s", what,
	    def_kind_name(p->kind), p->code, modifier_list(x->arena, p));
}

static enum err
unknown(const struct query_ctx *x, struct bytes name, struct bytes code)
{
	const struct def_type	*t = def_type_num(x->type);
	const char		*hint, *near;

	if (bytes_is(code, "access_token"))
		return issue_add(x->is, ERR_USAGE, "search-unknown",
		    query_place(x->arena, name), "a token is accepted in the "
		    "Authorization header only: \"Bearer ...\"");
	hint = query_hint(x->arena, code, def_param_codes(x->type));
	near = query_result_near(code);
	if (*hint == '\0' && near != NULL)
		hint = arena_printf(x->arena, ", did you mean \"%s\"?", near);
	return issue_add(x->is, ERR_USAGE, "search-unknown",
	    query_place(x->arena, name), "%s has no search parameter of "
	    "this name%s%s", t == NULL ? "this server" : t->name, hint,
	    *hint == '\0' ? "; the Conformance statement lists them" : "");
}

/* The modifiers that are words; a type is none of them. */
static enum modifier
word_modifier(struct bytes mod)
{
	if (bytes_is(mod, "missing"))
		return MOD_MISSING;
	if (bytes_is(mod, "exact"))
		return MOD_EXACT;
	if (bytes_is(mod, "contains"))
		return MOD_CONTAINS;
	if (bytes_is(mod, "not"))
		return MOD_NOT;
	return MOD_NONE;
}

static bool
takes(enum param_kind kind, struct bytes mod)
{
	const char *const	*m;

	for (m = query_modifiers(kind); *m != NULL; m++)
		if (bytes_is(mod, *m))
			return true;
	return false;
}

/* ":Patient" on a reference. */
static enum err
type_modifier(const struct query_ctx *x, struct bytes name,
    struct bytes mod, struct criterion *c)
{
	const struct def_type	*t = def_type(mod);
	struct typeset		 allowed = c->param->targets;

	if (t == NULL ||
	    (query_typed(allowed) && !typeset_has(allowed, t->num)))
		return wrong_modifier(x, name, c->param,
		    t == NULL ? "this modifier is not supported here" :
		    "it does not refer to that type");
	c->mod = MOD_TYPE;
	c->mod_type = t->num;
	return OK;
}

static enum err
read_modifier(const struct query_ctx *x, struct bytes name,
    struct bytes mod, struct criterion *c)
{
	enum modifier	m = word_modifier(mod);

	if (m == MOD_NONE && c->param->kind == PK_REFERENCE)
		return type_modifier(x, name, mod, c);
	if (m == MOD_NONE || !takes(c->param->kind, mod))
		return wrong_modifier(x, name, c->param,
		    "this modifier is not supported here");
	c->mod = m;
	return OK;
}

enum err
query_name_parse(const struct query_ctx *x, struct bytes name,
    struct criterion *c)
{
	struct query_name	 n = query_name_cut(name);
	enum err		 e;

	c->param = def_param(x->type, n.code);
	if (c->param == NULL)
		return unknown(x, name, n.code);
	if (!query_param_ok(c->param))
		return issue_add(x->is, ERR_USAGE, "search-unsupported",
		    query_place(x->arena, name), "the %s parameter \"%s\" is "
		    "not supported by this server; the Conformance statement "
		    "lists those that are", def_kind_name(c->param->kind),
		    c->param->code);
	if (n.has_mod) {
		e = read_modifier(x, name, n.mod, c);
		if (e != OK)
			return e;
	}
	if (!n.has_chain)
		return OK;
	if (c->param->kind != PK_REFERENCE || !bytes_is(n.chain, "_id") ||
	    c->mod == MOD_MISSING)
		return wrong_modifier(x, name, c->param,
		    "chained parameters other than ._id are not supported");
	c->mod = MOD_ID;
	return OK;
}
