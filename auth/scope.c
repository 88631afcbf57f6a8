/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scope.c -- the grammar of SMART scopes, v1 and v2.  (L3)
 *
 *	scope   = word *( SP word )
 *	word    = context "/" ( Type / "*" ) "." rights   or another word
 *	context = "patient" / "user" / "system"
 *	rights  = "read" / "write" / "*"                        v1
 *	        / ["c"] ["r"] ["u"] ["d"] ["s"] [ "?" where ]    v2, some letter
 *	where   = a search of the type: name=value *( "&" name=value )
 *
 * Everything is compared byte for byte: no case folding, no percent
 * decoding, no white space but one SP (AUZ-15).  A word that has the look of
 * a resource scope and is none is refused rather than let pass, because who
 * wrote it believes that it does something.
 *
 * Spec: SMART App Launch 1.0.0 scopes-and-launch-context; 2.2.0 the same,
 * "Scopes for requesting FHIR Resources"; RFC 6749 section 3.3.
 */
#include "auth/scope.h"

#include "auth/auth.h"
#include "base/text.h"

#define OPS_READ	(VIEW_READ | VIEW_SEARCH)
#define OPS_WRITE	(VIEW_CREATE | VIEW_UPDATE | VIEW_DELETE)

static const struct {
	const char		*name;
	enum scope_context	 bit;
} contexts[] = {
	{ "patient", SCOPE_PATIENT },
	{ "user", SCOPE_USER },
	{ "system", SCOPE_SYSTEM },
};

/* The rights of v1, whole words. */
static const struct {
	const char	*name;
	unsigned	 ops;
} v1_rights[] = {
	{ "read", OPS_READ },
	{ "write", OPS_WRITE },
	{ "*", OPS_READ | OPS_WRITE },
};

/* The rights of v2, in the one order they may stand in. */
static const struct {
	uint8_t		letter;
	unsigned	op;
} v2_rights[] = {
	{ 'c', VIEW_CREATE },
	{ 'r', VIEW_READ },
	{ 'u', VIEW_UPDATE },
	{ 'd', VIEW_DELETE },
	{ 's', VIEW_SEARCH },
};

/* RFC 6749 section 3.3 scope-token. */
static bool
word_chars(struct bytes word)
{
	size_t i;

	for (i = 0; i < word.len; i++)
		if (word.p[i] <= 0x20 || word.p[i] >= 0x7F ||
		    word.p[i] == '"' || word.p[i] == '\\')
			return false;
	return word.len > 0 && word.len <= SCOPE_WORD_MAX;
}

/*
 * Does the word look like a resource scope?  In any case, with any
 * character behind the context; escapes, too, have no business in a scope.
 */
static bool
looks_like(struct bytes word)
{
	struct bytes name;
	size_t i;

	for (i = 0; i < N_ELEM(contexts); i++) {
		name = bytes_str(contexts[i].name);
		if (text_caseeq(bytes_sub(word, 0, name.len), name))
			return true;
	}
	return word.len > 0 && memchr(word.p, '%', word.len) != NULL;
}

static unsigned
context_of(struct bytes name)
{
	size_t i;

	for (i = 0; i < N_ELEM(contexts); i++)
		if (bytes_is(name, contexts[i].name))
			return contexts[i].bit;
	return 0;
}

/* 0: no rights at all, so not a scope. */
static unsigned
rights_of(struct bytes text)
{
	unsigned ops = 0;
	size_t i, at = 0;

	for (i = 0; i < N_ELEM(v1_rights); i++)
		if (bytes_is(text, v1_rights[i].name))
			return v1_rights[i].ops;
	for (i = 0; i < N_ELEM(v2_rights) && at < text.len; i++)
		if (text.p[at] == v2_rights[i].letter) {
			ops |= v2_rights[i].op;
			at++;
		}
	return at == text.len ? ops : 0;
}

static void
grant_ops(struct scope_set *set, unsigned context, uint16_t type,
    unsigned ops)
{
	uint8_t *by_type = context == SCOPE_PATIENT ? set->patient :
	    set->user;

	by_type[type] = (uint8_t)(by_type[type] | ops);
}

static enum err
unknown_type(struct issues *is, struct bytes name)
{
	const char *near = text_near(name, def_type_names());

	if (near != NULL)
		return issue_add(is, ERR_VALUE, "scope-type", "scope",
		    "\"%.*s\" is no resource type of DSTU2; did you mean "
		    "%s?", BYTES_FMT(name), near);
	return issue_add(is, ERR_VALUE, "scope-type", "scope",
	    "\"%.*s\" is no resource type of DSTU2", BYTES_FMT(name));
}

static bool
is_v1(struct bytes rights)
{
	size_t i;

	for (i = 0; i < N_ELEM(v1_rights); i++)
		if (bytes_is(rights, v1_rights[i].name))
			return true;
	return false;
}

static enum err
add_granular(struct scope_set *set, unsigned context, uint16_t type,
    unsigned ops, struct bytes where, struct issues *is)
{
	const struct scope_part part = {
		.context = context == SCOPE_PATIENT ? SCOPE_PATIENT :
		    SCOPE_USER,
		.type = type, .ops = (uint8_t)ops, .where = where
	};
	static const struct rights nowhere;
	struct criterion *c;
	size_t n;
	enum err e;

	/* Which zone and server it is asked in, is told where it is used. */
	e = scope_where(is->arena, type, where, &nowhere, is, &c, &n);
	if (e == OK && set->n_part == SCOPE_PARTS_MAX)
		return issue_add(is, ERR_VALUE, "scope-length", "scope",
		    "has more than %d restricted words", SCOPE_PARTS_MAX);
	if (e == OK)
		scope_add_part(set, &part);
	return e;
}

static enum err
resource_word(struct bytes word, struct issues *is, struct scope_set *set)
{
	struct bytes name, rest, type, rights, where;
	const struct def_type *def;
	unsigned context, ops;
	bool granular;
	uint16_t t;

	bytes_cut(word, '/', &name, &rest);
	bytes_cut(rest, '.', &type, &rights);
	context = context_of(name);
	granular = bytes_cut(rights, '?', &rights, &where);
	ops = rights_of(rights);
	if (context == 0 || type.len == 0 || ops == 0 ||
	    (granular && is_v1(rights)))
		return issue_add(is, ERR_VALUE, "scope-syntax", "scope",
		    "\"%.*s\" is no scope; right would be patient/, user/ or "
		    "system/, then a resource type or *, a dot, and read, "
		    "write, * or letters of cruds in this order, after which "
		    "? and a search may stand", BYTES_FMT(word));
	set->contexts |= context;
	if (granular && bytes_is(type, "*"))
		return issue_add(is, ERR_VALUE, "scope-granular", "scope",
		    "\"%.*s\": a search restricts one type; name it",
		    BYTES_FMT(word));
	if (bytes_is(type, "*")) {
		for (t = 1; t <= DEF_TYPES; t++)
			grant_ops(set, context, t, ops);
		return OK;
	}
	def = def_type(type);
	if (def == NULL)
		return unknown_type(is, type);
	if (granular)
		return add_granular(set, context, def->num, ops, where, is);
	grant_ops(set, context, def->num, ops);
	return OK;
}

static enum err
one_word(struct bytes word, struct issues *is, struct scope_set *set)
{
	if (!word_chars(word))
		return issue_add(is, ERR_VALUE, "scope-syntax", "scope",
		    "words of a scope are printable ASCII, at most %d "
		    "bytes, with one space between two of them",
		    SCOPE_WORD_MAX);
	return looks_like(word) ? resource_word(word, is, set) : OK;
}

enum err
scope_parse(struct bytes scope, struct issues *is, struct scope_set *set_out)
{
	struct scope_set set = { .contexts = 0 };
	struct bytes word, rest = scope;
	bool more = scope.len > 0;
	enum err e;
	int n;

	if (scope.len > SCOPE_BYTES_MAX)
		return issue_add(is, ERR_VALUE, "scope-length", "scope",
		    "is longer than %d bytes", SCOPE_BYTES_MAX);
	for (n = 0; more; n++) {
		if (n == SCOPE_WORDS_MAX)
			return issue_add(is, ERR_VALUE, "scope-length",
			    "scope", "has more than %d words",
			    SCOPE_WORDS_MAX);
		more = bytes_cut(rest, ' ', &word, &rest);
		e = one_word(word, is, &set);
		if (e != OK)
			return e;
	}
	if ((set.contexts & SCOPE_SYSTEM) != 0 &&
	    set.contexts != SCOPE_SYSTEM)
		return issue_add(is, ERR_USAGE, "scope-mixed", "scope",
		    "system/ speaks for a machine and cannot stand beside "
		    "patient/ or user/; ask for two tokens");
	*set_out = set;
	return OK;
}

enum err
auth_scope(struct arena *a, struct bytes scope, struct bytes patient,
    const struct rights *rights, struct issues *is, struct view *view_out)
{
	struct scope_set set;
	enum err e;

	e = scope_parse(scope, is, &set);
	if (e != OK)
		return e;
	scope_limit(&set, rights->reach);
	e = scope_view(a, &set, patient, rights, view_out);
	if (e == ERR_FORBIDDEN)
		return issue_add(is, e, "scope-patient", "scope",
		    "a patient/ scope needs a patient in context");
	if (e == ERR_VALUE)
		return issue_add(is, e, "scope-granular", "scope", "%s",
		    scope_view_why(e));
	return e;
}
