/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words.c -- a scope made less, and written again as words.  (L3)
 *
 * What a client asks for is narrowed by its registration, by the user's
 * rights and by what the person ticked; the token says in words what is
 * left.  A word nothing was taken from stays as the client wrote it.
 *
 * Types no patient view ever sees are left out of a patient/ wild card that
 * has to be spelled out: they would give nothing and cost length.
 */
#include "auth/smart_in.h"

#define OPS_READ	(VIEW_READ | VIEW_SEARCH)
#define OPS_WRITE	(VIEW_CREATE | VIEW_UPDATE | VIEW_DELETE)

/* For each word of scope, the last one included. */
static bool
next_word(struct bytes *rest, bool *more, struct bytes *word)
{
	if (!*more)
		return false;
	*more = bytes_cut(*rest, ' ', word, rest);
	return true;
}

static bool
holds(struct bytes scope, struct bytes wanted)
{
	struct bytes word, rest = scope;
	bool more = scope.len > 0;

	while (next_word(&rest, &more, &word))
		if (bytes_eq(word, wanted))
			return true;
	return false;
}

bool
words_have(struct bytes scope, const char *word)
{
	return holds(scope, bytes_str(word));
}

static void
add_word(struct buf *b, struct bytes word)
{
	if (holds(bytes_of(b->p, b->len), word))
		return;
	if (b->len > 0)
		buf_str(b, " ");
	buf_add(b, word);
}

struct bytes
words_less(struct arena *a, struct bytes scope, const char *word)
{
	struct buf b = buf_on(a, SCOPE_BYTES_MAX);
	struct bytes one, rest = scope, out = { .len = 0 };
	bool more = scope.len > 0;

	while (next_word(&rest, &more, &one))
		if (!bytes_is(one, word))
			add_word(&b, one);
	return buf_end(&b, &out) == OK ? out : bytes_of(NULL, 0);
}

/* --- resource words --------------------------------------------------- */

/* One word, in one context: asked for, and what of it may be had. */
struct word {
	struct bytes		 text;
	const char		*context;
	const uint8_t		*asked;		/* by type */
	const uint8_t		*limit;
	const struct scope_set	*one, *most;	/* the same, with their parts */
	bool			 v1;
};

/* Rights in the spelling of the word they are cut from. */
static const char *
rights_text(struct arena *a, unsigned ops, bool v1)
{
	if (v1 && ops == OPS_READ)
		return "read";
	if (v1 && ops == OPS_WRITE)
		return "write";
	if (v1 && ops == (OPS_READ | OPS_WRITE))
		return "*";
	return arena_printf(a, "%s%s%s%s%s",
	    (ops & VIEW_CREATE) != 0 ? "c" : "",
	    (ops & VIEW_READ) != 0 ? "r" : "",
	    (ops & VIEW_UPDATE) != 0 ? "u" : "",
	    (ops & VIEW_DELETE) != 0 ? "d" : "",
	    (ops & VIEW_SEARCH) != 0 ? "s" : "");
}

static bool
ever_seen(uint16_t type, const char *context)
{
	return strcmp(context, "patient") != 0 ||
	    def_owner(type)->rule != OWN_NONE;
}

/* Have all types the same rights left?  Then a wild card still says it. */
static bool
even(const struct word *w, unsigned *ops_out)
{
	uint16_t t, n = 0;
	unsigned ops = 0, here;

	for (t = 1; t <= DEF_TYPES; t++) {
		if (w->asked[t] == 0)
			return false;
		if (!ever_seen(t, w->context))
			continue;
		here = w->asked[t] & w->limit[t];
		if (n++ > 0 && here != ops)
			return false;
		ops = here;
	}
	*ops_out = ops;
	return true;
}

static bool
same_context(const struct word *w, const struct scope_part *p)
{
	return (p->context == SCOPE_PATIENT) ==
	    (strcmp(w->context, "patient") == 0);
}

/* A whole type may be had in part, a part whole or in part. */
static void
spell_parts(struct arena *a, struct buf *b, const struct word *w)
{
	struct scope_set one = *w->one, most = *w->most;
	size_t i, n = 0;

	/* The other context's rights mean something else here. */
	memset(w->one->contexts == SCOPE_PATIENT ? most.user : most.patient,
	    0, sizeof most.user);
	for (i = 0; i < most.n_part; i++)
		if (same_context(w, &most.part[i]))
			most.part[n++] = most.part[i];
	most.n_part = n;
	scope_meet(a, &one, &most);
	for (i = 0; i < one.n_part; i++)
		add_word(b, bytes_str(arena_printf(a, "%s/%s.%s?%.*s",
		    w->context, def_type_num(one.part[i].type)->name,
		    rights_text(a, one.part[i].ops, false),
		    BYTES_FMT(one.part[i].where))));
}

static void
spell_out(struct arena *a, struct buf *b, const struct word *w)
{
	unsigned ops;
	uint16_t t;

	spell_parts(a, b, w);
	if (even(w, &ops)) {
		if (ops != 0)
			add_word(b, bytes_str(arena_printf(a, "%s/*.%s",
			    w->context, rights_text(a, ops, w->v1))));
		return;
	}
	for (t = 1; t <= DEF_TYPES; t++) {
		ops = w->asked[t] & w->limit[t];
		if (ops != 0 && ever_seen(t, w->context))
			add_word(b, bytes_str(arena_printf(a, "%s/%s.%s",
			    w->context, def_type_num(t)->name,
			    rights_text(a, ops, w->v1))));
	}
}

static bool
part_within(const struct scope_part *p, const struct scope_set *set)
{
	const uint8_t *whole = p->context == SCOPE_PATIENT ? set->patient :
	    set->user;
	unsigned left = p->ops & ~(unsigned)whole[p->type];
	const struct scope_part *q;

	for (q = set->part; q < set->part + set->n_part; q++)
		if (q->context == p->context && q->type == p->type &&
		    bytes_eq(q->where, p->where))
			left &= ~(unsigned)q->ops;
	return left == 0;
}

/* Was nothing taken away? */
static bool
whole(const struct word *w)
{
	size_t i;
	uint16_t t;

	for (i = 0; i < w->one->n_part; i++)
		if (!part_within(&w->one->part[i], w->most))
			return false;

	for (t = 1; t <= DEF_TYPES; t++)
		if ((w->asked[t] & ~(unsigned)w->limit[t]) != 0 &&
		    ever_seen(t, w->context))
			return false;
	return true;
}

static bool
is_v1(struct bytes word)
{
	struct bytes type, rights;

	bytes_cut(word, '.', &type, &rights);
	return bytes_is(rights, "read") || bytes_is(rights, "write") ||
	    bytes_is(rights, "*");
}

static void
narrow_resource(struct arena *a, struct buf *b, struct bytes text,
    const struct scope_set *one, const struct scope_set *limit)
{
	const bool patient = one->contexts == SCOPE_PATIENT;
	const struct word w = { .text = text,
	    .context = patient ? "patient" :
	    one->contexts == SCOPE_USER ? "user" : "system",
	    .asked = patient ? one->patient : one->user,
	    .limit = patient ? limit->patient : limit->user,
	    .one = one, .most = limit, .v1 = is_v1(text) };

	/* user/ and system/ share their rights, not their meaning. */
	if ((limit->contexts & one->contexts) == 0)
		return;
	if (whole(&w))
		add_word(b, text);
	else
		spell_out(a, b, &w);
}

enum err
words_narrow(struct arena *a, struct bytes asked,
    const struct scope_set *limit, struct bytes plain, struct bytes *out)
{
	struct buf b = buf_on(a, SCOPE_BYTES_MAX);
	struct bytes word, rest = asked;
	struct issues is = issues_on(a);
	bool more = asked.len > 0;
	struct scope_set one;
	enum err e;

	/* The grammar of all of it first: mixed contexts, too. */
	e = scope_parse(asked, &is, &one);
	while (e == OK && next_word(&rest, &more, &word)) {
		e = scope_parse(word, &is, &one);
		if (e != OK)
			return e;
		if (one.contexts != 0)
			narrow_resource(a, &b, word, &one, limit);
		else if (holds(plain, word))
			add_word(&b, word);
	}
	return e == OK ? buf_end(&b, out) : e;
}

bool
words_within(struct arena *a, struct bytes inner, struct bytes outer)
{
	struct issues is = issues_on(a);
	struct scope_set in, out;
	struct bytes word, rest = inner;
	bool more = inner.len > 0;
	struct scope_set one;
	uint16_t t;
	size_t i;

	if (scope_parse(inner, &is, &in) != OK ||
	    scope_parse(outer, &is, &out) != OK ||
	    (in.contexts & ~out.contexts) != 0)
		return false;
	for (t = 1; t <= DEF_TYPES; t++)
		if ((in.patient[t] & ~(unsigned)out.patient[t]) != 0 ||
		    (in.user[t] & ~(unsigned)out.user[t]) != 0)
			return false;
	for (i = 0; i < in.n_part; i++)
		if (!part_within(&in.part[i], &out))
			return false;
	while (next_word(&rest, &more, &word))
		if (scope_parse(word, &is, &one) != OK ||
		    (one.contexts == 0 && !holds(outer, word)))
			return false;
	return true;
}
