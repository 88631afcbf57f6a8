/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mktab_path.c -- paths of the tables, resolved against the elements.
 *
 *	component.code			members, one below the other
 *	effective[x]			one path per type that fits the use
 *	telecom(email)			a ContactPoint of this system
 *	extension<core:us-core-race>.valueCodeableConcept
 *					an extension with this url
 *	entry[0](document)		the first entry of such a Bundle
 */
#include "fhir/mktab.h"

void
path_prefix(struct tables *tb, struct place at, char *text)
{
	char	*url = cut(text, "=");

	if (url == NULL || *url == '\0')
		die(at, "want: url NAME = PREFIX");
	GROW(tb->prefixes, tb->n_prefixes);
	tb->prefixes[tb->n_prefixes++] =
	    (struct step){ .name = text, .url = url };
}

/* "core:us-core-race" to the whole url; relative urls have no colon. */
static const char *
whole_url(const struct tables *tb, struct place at, char *text)
{
	char	*rest = strchr(text, ':');

	if (rest == NULL)
		return text;
	for (int i = 0; i < tb->n_prefixes; i++)
		if (strlen(tb->prefixes[i].name) == (size_t)(rest - text) &&
		    strncmp(tb->prefixes[i].name, text,
		    (size_t)(rest - text)) == 0)
			return print("%s%s", tb->prefixes[i].url, rest + 1);
	die(at, "'%s': no url prefix of this name", text);
}

/* Take what stands between open and close off the end of a segment. */
static char *
bracket(struct place at, char *seg, char open, char close)
{
	char	*start = strchr(seg, open);
	size_t	 len;

	if (start == NULL)
		return NULL;
	*start++ = '\0';
	len = strlen(start);
	if (len < 2 || start[len - 1] != close)
		die(at, "'%s%c%s' is not closed", seg, open, start);
	start[len - 1] = '\0';
	return start;
}

static void
finish(struct paths *out, struct path p, const struct elem *e)
{
	p.dt = e->dt;
	p.targets = e->targets;
	GROW(out->p, out->n);
	out->p[out->n++] = p;
}

static void
push(struct path *p, struct step step)
{
	struct step	*old = p->step;

	p->step = NULL;
	for (int i = 0; i < p->n; i++) {
		GROW(p->step, i);
		p->step[i] = old[i];
	}
	GROW(p->step, p->n);
	p->step[p->n++] = step;
}

static void
add_choice_paths(const struct tables *tb, struct paths *out,
    struct place at, int shape, struct path p, const char *choice,
    uint64_t fits)
{
	int	before = out->n;

	for (int i = 0; i < tb->shapes[shape].n; i++) {
		const struct elem *e = &tb->shapes[shape].elem[i];
		struct path	   one = p;

		if (e->choice == NULL || strcmp(e->choice, choice) != 0 ||
		    (fits >> e->dt & 1) == 0)
			continue;
		push(&one, (struct step){ .name = e->name });
		finish(out, one, e);
	}
	if (out->n == before)
		die(at, "%s has no %s[x] of a type that fits",
		    tb->shapes[shape].path, choice);
}

/* What brackets say of an element must be of its kind. */
static void
check_brackets(const struct shape *shape, struct place at,
    const struct elem *e, const struct step *s, const char *system, bool last)
{
	bool	entry = s->first && strcmp(shape->path, "Bundle") == 0 &&
		    strcmp(e->name, "entry") == 0;

	if ((s->url != NULL) != (e->dt == DT_EXTENSION))
		die(at, "'%s': extensions, and they alone, need a <url>",
		    e->name);
	if (s->first && e->max == 1)
		die(at, "'%s[0]': there is never more than one", e->name);
	if (system != NULL && ((e->dt != DT_CONTACTPOINT && !entry) || !last))
		die(at, "'%s(%s)': only a ContactPoint has a system, and "
		    "only entry[0] a type of its Bundle", e->name, system);
}

void
path_add(const struct tables *tb, struct paths *out, struct place at,
    int shape, char *text, uint64_t fits)
{
	struct path		 p = { 0 };
	const struct elem	*e = NULL;

	for (char *next; text != NULL; text = next) {
		struct step	 s = { 0 };
		char		*choice, *url, *first;

		next = cut(text, ".");
		if (shape == 0)
			die(at, "%s holds nothing called '%s'",
			    e->name, text);
		choice = strstr(text, "[x]");
		if (choice != NULL && next == NULL) {
			*choice = '\0';
			add_choice_paths(tb, out, at, shape, p, text, fits);
			return;
		}
		url = bracket(at, text, '<', '>');
		p.system = bracket(at, text, '(', ')');
		first = bracket(at, text, '[', ']');
		if (first != NULL && strcmp(first, "0") != 0)
			die(at, "'%s[%s]': only the first, [0], has a use",
			    text, first);
		e = elem_find(tb, shape, text);
		if (e == NULL)
			die(at, "%s has no element '%s'",
			    tb->shapes[shape].path, text);
		s.name = e->name;
		s.url = url == NULL ? NULL : whole_url(tb, at, url);
		s.first = first != NULL;
		check_brackets(&tb->shapes[shape], at, e, &s, p.system,
		    next == NULL);
		push(&p, s);
		shape = e->shape;
	}
	if ((fits >> e->dt & 1) == 0)
		die(at, "'%s' is of a type that does not fit here", e->name);
	finish(out, p, e);
}
