/* SPDX-License-Identifier: Apache-2.0 */
/*
 * consent_text.c -- what was asked and ticked, in words, for keeps.  (L5)
 *
 * Kept with the grant, so that a person can see later what was agreed to.
 * The first line is the short form, for lists: "Medicines, Vital signs".
 */
#include "fcgi/smart/flow.h"

#define TEXT_MAX	4096	/* bytes */

static void
join(struct buf *b, bool *first, const char *text, const char *more)
{
	if (!*first)
		buf_str(b, ", ");
	*first = false;
	buf_str(b, text);
	buf_str(b, more);
}

static bool
has(const struct bytes *list, size_t n, bool everyone, const char *word)
{
	struct bytes one, head = bytes_str("user:");
	size_t i;

	for (i = 0; i < n; i++) {
		one = list[i];
		if (bytes_starts(one, head) != everyone)
			continue;
		if (bytes_is(bytes_from(one, everyone ? head.len : 0), word))
			return true;
	}
	return false;
}

/* Of the groups that were asked for, those that were ticked. */
static void
ticked(struct buf *b, const struct smart_group *g, size_t n,
    const struct smart_choice *choice)
{
	bool first = true;
	size_t i, j;

	for (i = 0; i < n; i++) {
		if (has(choice->group, choice->n_group, g[i].everyone,
		    g[i].key)) {
			join(b, &first, g[i].title, g[i].everyone ?
			    " (everybody's)" : "");
			continue;
		}
		for (j = 0; j < g[i].n_type; j++) {
			if (has(choice->type, choice->n_type, g[i].everyone,
			    g[i].type[j].name))
				join(b, &first, g[i].type[j].name,
				    g[i].everyone ? " (everybody's)" : "");
		}
	}
	if (first)
		buf_str(b, "nothing of the record");
}

struct bytes
consent_text(struct call *c, const struct smart_flow *flow,
    const struct smart_group *g, size_t n,
    const struct smart_choice *choice)
{
	struct buf b = buf_on(c->arena, TEXT_MAX);
	struct bytes out;
	bool first = true;
	size_t i;

	ticked(&b, g, n, choice);
	buf_str(&b, "\nAsked by ");
	buf_add(&b, page_name(c, flow->client_name));
	buf_str(&b, "\nAsked to see: ");
	for (i = 0; i < n; i++) {
		if (g[i].read)
			join(&b, &first, g[i].title, "");
	}
	first = true;
	buf_str(&b, "\nAsked to change: ");
	for (i = 0; i < n; i++) {
		if (g[i].write)
			join(&b, &first, g[i].title, "");
	}
	buf_str(&b, first ? "nothing" : choice->read_only ?
	    " (refused)" : " (agreed)");
	if (flow->identity)
		buf_str(&b, choice->no_identity ? "\nWho you are: refused" :
		    "\nWho you are: agreed");
	if (flow->offline)
		buf_str(&b, choice->no_offline ?
		    "\nHow long: just this once" :
		    "\nHow long: also while you are not here");
	/* All of it is bounded by the table of groups and types. */
	return buf_end(&b, &out) == OK ? out : bytes_str("nothing");
}
