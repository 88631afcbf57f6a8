/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_say.c -- what tiphys load refused, and the sum.  (L5)
 */
#include "cli/load.h"

#include <inttypes.h>

static void
say(struct load *l, const char *kind, const struct report_at *at,
    const struct issue *i)
{
	progress_clear(&l->progress);
	report_line(l->c->out.json ? l->c->out.f : stderr, l->arena,
	    &(struct report){ .json = l->c->out.json, .lead = "tiphys: ",
	    .kind = kind, .quiet_kind = strcmp(kind, "reject") == 0,
	    .place = i->place, .rule = i->rule, .what = i->text }, at);
}

/* --- rejects ------------------------------------------------------------ */

/* On one line: a line end can only stand between the tokens. */
static void
keep(FILE *f, struct bytes text)
{
	size_t i;

	if (f == NULL || text.len == 0)
		return;
	for (i = 0; i < text.len; i++)
		putc(text.p[i] == '\n' || text.p[i] == '\r' ? ' ' :
		    text.p[i], f);
	putc('\n', f);
}

void
load_reject(struct load *l, const struct report_at *at, struct bytes text,
    enum err err, const struct issues *is)
{
	const struct issue *i;
	bool said = false;

	for (i = is->first; i != NULL; i = i->next) {
		if (i->severity != SEV_ERROR)
			continue;
		say(l, "reject", at, i);
		said = true;
	}
	if (!said)
		say(l, "reject", at, &(struct issue){
		    .text = err_text(err) });
	keep(l->rejects, text);
	l->rejected++;
}

void
load_warn(struct load *l, const struct report_at *at, const struct issues *is)
{
	const struct issue *i;

	for (i = is->first; i != NULL; i = i->next) {
		l->warned++;
		if (l->verbose || (l->report && i->severity == SEV_ERROR))
			say(l, "warning", at, i);
	}
}

/* --- the sum ------------------------------------------------------------ */

void
load_summary(struct load *l, bool partly)
{
	static const char *const name[] = { "created", "updated",
	    "unchanged", "rejected", "warnings" };
	const uint64_t v[] = { l->created, l->updated, l->same, l->rejected,
	    l->warned };
	FILE *f = l->c->out.f;
	size_t i;

	progress_clear(&l->progress);
	if (!l->c->out.json) {
		for (i = 0; i < N_ELEM(v); i++)
			fprintf(f, "%s%" PRIu64 " %s", i > 0 ? ", " : "",
			    v[i], name[i]);
		fputs(partly ? "; not all\n" : "\n", f);
		return;
	}
	fputs("{\"summary\":{", f);
	for (i = 0; i < N_ELEM(v); i++)
		fprintf(f, "\"%s\":%" PRIu64 ",", name[i], v[i]);
	fprintf(f, "\"complete\":%s}}\n", partly ? "false" : "true");
}
