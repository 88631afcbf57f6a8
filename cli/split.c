/* SPDX-License-Identifier: Apache-2.0 */
/*
 * split.c -- cut JSON text into its parts without understanding it.  (L5)
 *
 * Linear, without recursion, and nothing is copied.  Judges only what it
 * needs: brackets, strings, and the commas and colons of the Bundle itself.
 */
#include "cli/split.h"

#include <stddef.h>

#define LEVELS	1024	/* of brackets; json-depth allows 512 */

/* --- where does a value end? ---------------------------------------------- */

/* Behind the string we stand in, or at the end of the text. */
static size_t
string_end(struct split_depth *d, struct bytes text, size_t i)
{
	while (i < text.len) {
		if (d->escape) {
			d->escape = false;
		} else if (text.p[i] == '"') {
			d->string = false;
			return i + 1;
		} else {
			d->escape = text.p[i] == '\\';
		}
		i++;
	}
	return i;
}

bool
split_end(struct split_depth *d, struct bytes text, size_t *at)
{
	size_t i = *at;

	while (i < text.len) {
		if (d->string)
			i = string_end(d, text, i);
		if (i == text.len)
			break;
		switch (text.p[i++]) {
		case '"':
			d->string = true;
			break;
		case '{': case '[':
			d->depth++;
			break;
		case '}': case ']':
			if (d->depth <= 1) {
				*at = i;
				return true;
			}
			d->depth--;
			break;
		}
	}
	*at = i;
	return false;
}

/* --- a walk over members and elements ------------------------------------- */

struct walk {
	struct bytes	 t;
	size_t		 i;
	size_t		 entry;		/* entries met */
	const char	*fault;
};

/* A member the walk wants; a second one of the name is an error. */
struct want {
	const char	*name;
	bool		 entries;	/* a list to be walked, too */
	struct bytes	 value;
};

static bool
fail(struct walk *w, const char *fault)
{
	w->fault = fault;
	return false;
}

static void
space(struct walk *w)
{
	while (w->i < w->t.len && (w->t.p[w->i] == ' ' ||
	    w->t.p[w->i] == '\n' || w->t.p[w->i] == '\r' ||
	    w->t.p[w->i] == '\t'))
		w->i++;
}

static bool
is(const struct walk *w, char c)
{
	return w->i < w->t.len && w->t.p[w->i] == (uint8_t)c;
}

/*
 * Behind the string that begins here.  Texts are long and quotes in them few:
 * look for quotes, then back whether an odd run of backslashes escapes one.
 * The run ends at the opening quote or at the quote before.
 */
static bool
string(struct walk *w)
{
	const uint8_t *p = w->t.p, *quote;
	size_t i = w->i + 1, n;

	do {
		quote = i < w->t.len ? memchr(p + i, '"', w->t.len - i) :
		    NULL;
		if (quote == NULL)
			return fail(w, "this string is not closed");
		i = (size_t)(quote - p) + 1;
		for (n = 0; quote[-1 - (ptrdiff_t)n] == '\\'; n++)
			;
	} while (n % 2 != 0);
	w->i = i;
	return true;
}

static bool
brackets(struct walk *w)
{
	uint8_t stack[LEVELS];
	size_t depth = 0;

	do {
		if (w->i >= w->t.len)
			return fail(w, "the text ends before the resource "
			    "does");
		switch (w->t.p[w->i]) {
		case '"':
			if (!string(w))
				return false;
			continue;
		case '{': case '[':
			if (depth == LEVELS)
				return fail(w, "nested too deeply");
			stack[depth++] = w->t.p[w->i];
			break;
		case '}': case ']':
			if ((stack[depth - 1] == '{') != is(w, '}'))
				return fail(w, "this bracket closes none "
				    "that is open");
			depth--;
			break;
		}
		w->i++;
	} while (depth > 0);
	return true;
}

static bool
value(struct walk *w, struct bytes *out)
{
	size_t from = w->i;

	if (is(w, '{') || is(w, '[')) {
		if (!brackets(w))
			return false;
	} else if (is(w, '"')) {
		if (!string(w))
			return false;
	} else {
		while (w->i < w->t.len && !is(w, ',') && !is(w, '}') &&
		    !is(w, ']'))
			w->i++;
		if (w->i == from)
			return fail(w, "expected a value");
	}
	*out = bytes_sub(w->t, from, w->i - from);
	return true;
}

/* After a value: true at its comma; at the end the bracket is passed. */
static bool
more(struct walk *w, char end)
{
	space(w);
	if (is(w, ',')) {
		w->i++;
		space(w);
		return true;
	}
	if (!is(w, end))
		return fail(w, end == '}' ?
		    "expected , or } after the value" :
		    "expected , or ] after the value");
	w->i++;
	return false;
}

/* The name of the member that begins here; then its value follows. */
static bool
name(struct walk *w, struct bytes *out)
{
	size_t from = w->i;

	if (!is(w, '"'))
		return fail(w, "expected a member name in quotes");
	if (!string(w))
		return false;
	*out = bytes_sub(w->t, from + 1, w->i - from - 2);
	space(w);
	if (!is(w, ':'))
		return fail(w, "expected : after the member name");
	w->i++;
	space(w);
	return true;
}

static bool	object(struct walk *w, struct want *want, size_t n);

/* The entries of a Bundle, each looked at; two levels and no deeper. */
static bool
entries(struct walk *w, struct bytes *out)
{
	struct want in[1];
	size_t from = w->i;

	w->i++;
	space(w);
	if (is(w, ']')) {
		w->i++;
	} else {
		do {
			w->entry++;
			in[0] = (struct want){ .name = "resource" };
			if (!object(w, in, 1))
				return false;
		} while (more(w, ']'));
		if (w->fault != NULL)
			return false;
	}
	*out = bytes_sub(w->t, from, w->i - from);
	return true;
}

static struct want *
wanted(struct want *want, size_t n, struct bytes member)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (bytes_is(member, want[i].name))
			return &want[i];
	return NULL;
}

/* All members of the object that begins here; those of want are kept. */
static bool
object(struct walk *w, struct want *want, size_t n)
{
	struct bytes member, v;
	struct want *to;

	if (!is(w, '{'))
		return fail(w, "expected {");
	w->i++;
	space(w);
	if (is(w, '}')) {
		w->i++;
		return true;
	}
	do {
		if (!name(w, &member))
			return false;
		to = wanted(want, n, member);
		if (to != NULL && to->value.len > 0)
			return fail(w, "a member stands twice in one object");
		if (to != NULL && to->entries && is(w, '[')) {
			if (!entries(w, &v))
				return false;
		} else if (!value(w, &v)) {
			return false;
		}
		if (to != NULL)
			to->value = v;
	} while (more(w, '}'));
	return w->fault == NULL;
}

/* --- a Bundle ------------------------------------------------------------- */

static bool
is_cut(struct bytes type)
{
	static const char *const types[] = { "\"transaction\"", "\"batch\"",
	    "\"collection\"", "\"searchset\"" };

	for (size_t i = 0; i < N_ELEM(types); i++)
		if (bytes_is(type, types[i]))
			return true;
	return false;
}

/* Stand on the first entry, or on none. */
static void
stand_on_first(struct split *s, struct bytes list)
{
	struct walk w = { .t = s->text,
	    .i = (size_t)(list.p - s->text.p) + 1 };

	space(&w);
	s->entry = 0;
	s->at = is(&w, ']') ? 0 : w.i;
}

struct split
split_open(struct bytes text, bool keep_bundles)
{
	struct split s = { .text = text, .whole = true };
	struct walk w = { .t = text };
	struct want want[] = { { .name = "resourceType" },
	    { .name = "type" }, { .name = "entry", .entries = true } };
	bool bundle;

	if (keep_bundles)
		return s;
	space(&w);
	s.fault = object(&w, want, N_ELEM(want)) ? NULL : w.fault;
	s.fault_at = w.i;
	s.entry = w.entry;
	bundle = bytes_is(want[0].value, "\"Bundle\"") &&
	    is_cut(want[1].value);
	/* Text behind it is json_doc's to explain. */
	s.whole = !bundle || (s.fault == NULL && w.i < text.len);
	if (s.whole || s.fault != NULL || want[2].value.len == 0)
		return s;
	if (*want[2].value.p == '[') {
		stand_on_first(&s, want[2].value);
	} else {
		s.fault = "entry must be an array";
		s.fault_at = (size_t)(want[2].value.p - text.p);
	}
	return s;
}

bool
split_next(struct split *s, struct split_entry *out)
{
	struct walk w = { .t = s->text, .i = s->at };
	struct want in[] = { { .name = "resource" } };

	*out = (struct split_entry){ .number = s->entry, .at = s->at };
	if (s->whole || s->fault != NULL || s->at == 0)
		return false;
	/* It was walked before: it is sound. */
	if (!object(&w, in, N_ELEM(in)))
		return false;
	out->resource = in[0].value;
	s->entry++;
	s->at = more(&w, ']') ? w.i : 0;
	return true;
}
