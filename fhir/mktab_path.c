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

static struct step	*prefixes;	/* name and url */
static int		 n_prefixes;

void
path_prefix(struct place at, char *text)
{
	char	*url = cut(text, "=");

	if (url == NULL || *url == '\0')
		die(at, "want: url NAME = PREFIX");
	prefixes = grow(prefixes, (size_t)n_prefixes, sizeof(*prefixes));
	prefixes[n_prefixes++] = (struct step){ .name = text, .url = url };
}

/* "core:us-core-race" to the whole url; relative urls have no colon. */
static const char *
whole_url(struct place at, char *text)
{
	char	*rest = strchr(text, ':');

	if (rest == NULL)
		return text;
	for (int i = 0; i < n_prefixes; i++)
		if (strlen(prefixes[i].name) == (size_t)(rest - text) &&
		    strncmp(prefixes[i].name, text,
		    (size_t)(rest - text)) == 0)
			return print("%s%s", prefixes[i].url, rest + 1);
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
	out->p = grow(out->p, (size_t)out->n, sizeof(*out->p));
	out->p[out->n++] = p;
}

static void
push(struct path *p, const char *name, const char *url)
{
	struct step	*old = p->step;

	p->step = NULL;
	for (int i = 0; i < p->n; i++) {
		p->step = grow(p->step, (size_t)i, sizeof(*p->step));
		p->step[i] = old[i];
	}
	p->step = grow(p->step, (size_t)p->n, sizeof(*p->step));
	p->step[p->n++] = (struct step){ .name = name, .url = url };
}

static void
add_choice_paths(struct paths *out, struct place at, int shape,
    struct path p, const char *choice, uint64_t fits)
{
	int	before = out->n;

	for (int i = 0; i < shapes[shape].n; i++) {
		const struct elem *e = &shapes[shape].elem[i];
		struct path	   one = p;

		if (e->choice == NULL || strcmp(e->choice, choice) != 0 ||
		    (fits >> e->dt & 1) == 0)
			continue;
		push(&one, e->name, NULL);
		finish(out, one, e);
	}
	if (out->n == before)
		die(at, "%s has no %s[x] of a type that fits",
		    shapes[shape].path, choice);
}

void
path_add(struct paths *out, struct place at, int shape, char *text,
    uint64_t fits)
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
			add_choice_paths(out, at, shape, p, text, fits);
			return;
		}
		url = bracket(at, text, '<', '>');
		p.system = bracket(at, text, '(', ')');
		e = elem_find(shape, text);
		if (e == NULL)
			die(at, "%s has no element '%s'", shapes[shape].path,
			    text);
		if ((url != NULL) != (e->dt == DT_EXTENSION))
			die(at, "'%s': extensions, and they alone, need a "
			    "<url>", text);
		if (p.system != NULL && (e->dt != DT_CONTACTPOINT ||
		    next != NULL))
			die(at, "'%s(%s)': only a ContactPoint has a system",
			    text, p.system);
		push(&p, e->name, url == NULL ? NULL : whole_url(at, url));
		shape = e->shape;
	}
	if ((fits >> e->dt & 1) == 0)
		die(at, "'%s' is of a type that does not fit here", e->name);
	finish(out, p, e);
}
