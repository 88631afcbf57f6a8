/* SPDX-License-Identifier: Apache-2.0 */
/*
 * split.c -- cut JSON text into its parts without understanding it.  (L5)
 *
 * Linear, without recursion, and nothing is copied.  Judges only what it
 * needs: brackets, strings, and the commas and colons of the Bundle itself.
 */
#include "cli/split.h"

#define LEVELS	1024	/* of brackets; json-depth allows 512 */

/* --- where does a value end? ---------------------------------------------- */

bool
split_end(struct split_depth *d, struct bytes text, size_t *at)
{
	size_t i = *at;

	for (; i < text.len; i++) {
		uint8_t c = text.p[i];

		if (d->escape) {
			d->escape = false;
		} else if (d->string) {
			d->escape = c == '\\';
			d->string = c != '"';
		} else if (c == '"') {
			d->string = true;
		} else if (c == '{' || c == '[') {
			d->depth++;
		} else if (c == '}' || c == ']') {
			if (d->depth <= 1) {
				*at = i + 1;
				return true;
			}
			d->depth--;
		}
	}
	*at = i;
	return false;
}

/* --- a walk over members and elements ------------------------------------- */

struct walk {
	struct bytes	 t;
	size_t		 i;
	const char	*fault;
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

/* Behind the string that begins here; long plain runs are the rule. */
static bool
string(struct walk *w)
{
	const uint8_t *p = w->t.p;
	size_t i = w->i + 1, len = w->t.len;

	while (i < len && p[i] != '"')
		i += p[i] == '\\' ? 2 : 1;
	if (i >= len)
		return fail(w, "this string is not closed");
	w->i = i + 1;
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

/* The member that begins here, name without its quotes. */
static bool
member(struct walk *w, struct bytes *name_out, struct bytes *value_out)
{
	size_t from = w->i;

	if (!is(w, '"'))
		return fail(w, "expected a member name in quotes");
	if (!string(w))
		return false;
	*name_out = bytes_sub(w->t, from + 1, w->i - from - 2);
	space(w);
	if (!is(w, ':'))
		return fail(w, "expected : after the member name");
	w->i++;
	space(w);
	return value(w, value_out);
}

/* A member the walk wants; a second one of the name is an error. */
struct want { const char *name; struct bytes value; };

/* All members of the object that begins here; those of want are kept. */
static bool
object(struct walk *w, struct want *want, size_t n)
{
	struct bytes name, v;
	size_t i;

	if (!is(w, '{'))
		return fail(w, "expected {");
	w->i++;
	space(w);
	if (is(w, '}')) {
		w->i++;
		return true;
	}
	do {
		if (!member(w, &name, &v))
			return false;
		for (i = 0; i < n; i++) {
			if (!bytes_is(name, want[i].name))
				continue;
			if (want[i].value.len > 0)
				return fail(w, "a member stands twice in one "
				    "object");
			want[i].value = v;
		}
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

static size_t
place(const struct split *s, struct bytes part)
{
	return (size_t)(part.p - s->text.p);
}

/* The entry at s->at, and where the next one stands. */
static bool
entry(struct split *s, struct split_entry *out)
{
	struct walk w = { .t = s->text, .i = s->at };
	struct want want[] = { { .name = "resource" } };

	out->number = s->entry++;
	out->at = s->at;
	if (object(&w, want, N_ELEM(want))) {
		out->resource = want[0].value;
		s->at = more(&w, ']') ? w.i : 0;
	}
	s->fault = w.fault;
	s->fault_at = w.i;
	return w.fault == NULL;
}

/* Stand on the first entry, or on none. */
static void
rewind_to(struct split *s, struct bytes list)
{
	struct walk w = { .t = s->text, .i = place(s, list) + 1 };

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
	    { .name = "type" }, { .name = "entry" } };
	struct split_entry e;

	space(&w);
	/* What is no object at all is json_doc's to explain. */
	if (keep_bundles || !object(&w, want, N_ELEM(want)))
		return s;
	space(&w);
	if (!bytes_is(want[0].value, "\"Bundle\"") ||
	    !is_cut(want[1].value) || w.i < text.len)
		return s;
	s.whole = false;
	if (want[2].value.len == 0)
		return s;
	if (*want[2].value.p != '[') {
		s.fault = "entry must be an array";
		s.fault_at = place(&s, want[2].value);
		return s;
	}
	rewind_to(&s, want[2].value);
	while (s.at != 0 && entry(&s, &e))
		;
	if (s.fault == NULL)
		rewind_to(&s, want[2].value);
	return s;
}

bool
split_next(struct split *s, struct split_entry *out)
{
	*out = (struct split_entry){ .number = 0 };
	if (s->whole || s->fault != NULL || s->at == 0)
		return false;
	return entry(s, out);
}
