/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mktab_rule.c -- rules.tbl: what must hold beyond the elements.
 *
 * Blocks, keys and texts; the conditions are mktab_cond.c's.
 */
#include <stdlib.h>

#include "fhir/mktab.h"

/* "A.b" is a shape; "A/b" the member b of the shape A. */
static void
read_head(const struct tables *tb, struct reader *r, struct row *out)
{
	char	*name = reader_rest(r), *member = cut(name, "/");

	*out = (struct row){ .at = r->at, .shape = shape_find(tb, name) };
	if (out->shape == 0)
		die(r->at, "no shape is called '%s'", name);
	if (member == NULL)
		return;
	out->elem = elem_find(tb, out->shape, member);
	if (out->elem == NULL)
		die(r->at, "%s has no element '%s'", name, member);
}

void
rule_more(struct reader *r, struct row *row)
{
	char	*text = reader_rest(r);
	size_t	 len = strlen(text);

	if (text[0] != '"') {
		row->cond = print("%s %s", row->cond, text);
		return;
	}
	if (len < 3 || text[len - 1] != '"' || row->text != NULL)
		die(r->at, "want one text in quotes, on one line");
	text[len - 1] = '\0';
	row->text = text + 1;
}

void
rule_rest(struct reader *r, struct row *row)
{
	for (;;) {
		char	*rest = reader_rest(r);

		if (strncmp(rest, "!ours ", 6) == 0)
			row->ours = true;
		else if (strncmp(rest, "!warning ", 9) == 0)
			row->warning = true;
		else
			break;
		(void)reader_word(r);
	}
	row->cond = reader_rest(r);
}

static void
read_row(struct reader *r, const struct row *head, struct row *row)
{
	*row = *head;
	row->at = r->at;
	row->key = reader_word(r);
	rule_rest(r, row);
}

static int
by_shape(const void *a, const void *b)
{
	const struct row	*m = a, *n = b;
	int			 s = m->node == 0 ? 0 : m->shape;
	int			 t = n->node == 0 ? 0 : n->shape;

	return s != t ? s - t : m->at.line - n->at.line;
}

static void
compile(struct tables *tb, struct row *row)
{
	if (row->text == NULL)
		die(row->at, "%s has no text for people", row->key);
	if (strcmp(row->cond, "-") != 0)
		row->node = cond_read(tb, row);
}

void
rules_read(struct tables *tb, const char *dir)
{
	struct reader	 r;
	struct row	 head = { 0 };

	GROW(tb->nodes, tb->n_nodes);
	tb->n_nodes++;
	for (reader_open(&r, dir, "rules.tbl"); reader_line(&r);) {
		if (r.indent == 0) {
			read_head(tb, &r, &head);
		} else if (head.shape == 0) {
			die(r.at, "a rule under no shape");
		} else if (r.indent == 2) {
			GROW(tb->rows, tb->n_rows);
			read_row(&r, &head, &tb->rows[tb->n_rows++]);
		} else if (tb->n_rows > 0) {
			rule_more(&r, &tb->rows[tb->n_rows - 1]);
		}
	}
	for (int i = 0; i < tb->n_rows; i++)
		compile(tb, &tb->rows[i]);
	qsort(tb->rows, (size_t)tb->n_rows, sizeof(*tb->rows), by_shape);
}
