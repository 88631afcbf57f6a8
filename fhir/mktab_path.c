/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mktab_path.c -- paths of the tables, resolved against the elements.
 *
 *	component.code			members, one below the other
 *	effective[x]			one path per type that fits the use
 *	telecom(email)			a ContactPoint of this system
 *	extension<core:us-core-race>.valueCodeableConcept
 *					an extension with this url
 */
#include "fhir/mktab.h"

void
path_prefix(struct tables *tb, struct place at, char *text)
{
	char	*url = cut(text, "=");

	if (url == NULL || *url == '\0')
		die(at, "want: url NAME = PREFIX");
	GROW(tb->prefixes, tb->n_prefixes);
	tb->prefixes[tb->n_prefixes++] = (struct step){ text, url };
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
push(struct path *p, const char *name, const char *url)
{
	struct step	*old = p->step;

	p->step = NULL;
	for (int i = 0; i < p->n; i++) {
		GROW(p->step, i);
		p->step[i] = old[i];
	}
	GROW(p->step, p->n);
	p->step[p->n++] = (struct step){ .name = name, .url = url };
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
		push(&one, e->name, NULL);
		finish(out, one, e);
	}
	if (out->n == before)
		die(at, "%s has no %s[x] of a type that fits",
		    tb->shapes[shape].path, choice);
}

void
path_add(const struct tables *tb, struct paths *out, struct place at,
    int shape, char *text, uint64_t fits)
{
	struct path		 p = { 0 };
	const struct elem	*e = NULL;

	for (char *next; text != NULL; text = next) {
		char	*url, *choice;

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
		e = elem_find(tb, shape, text);
		if (e == NULL)
			die(at, "%s has no element '%s'",
			    tb->shapes[shape].path, text);
		if ((url != NULL) != (e->dt == DT_EXTENSION))
			die(at, "'%s': extensions, and they alone, need a "
			    "<url>", text);
		if (p.system != NULL && (e->dt != DT_CONTACTPOINT ||
		    next != NULL))
			die(at, "'%s(%s)': only a ContactPoint has a system",
			    text, p.system);
		push(&p, e->name, url == NULL ? NULL : whole_url(tb, at, url));
		shape = e->shape;
	}
	if ((fits >> e->dt & 1) == 0)
		die(at, "'%s' is of a type that does not fit here", e->name);
	finish(out, p, e);
}
