/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mktab_digest.c -- one number for all that decides what stands on disk.
 *
 * A store keeps it; another one means that rows and postings were made by
 * other rules and must be rebuilt.  64-bit FNV-1a: it tells releases apart,
 * it defends nothing.
 */
#include "fhir/mktab.h"

static void
add_bytes(uint64_t *h, const void *data, size_t len)
{
	const unsigned char	*p = data;

	for (size_t i = 0; i < len; i++)
		*h = (*h ^ p[i]) * UINT64_C(0x100000001b3);
}

/* With its NUL, so that "ab","c" and "a","bc" differ; NULL is one byte 1. */
static void
add_text(uint64_t *h, const char *s)
{
	if (s == NULL)
		add_bytes(h, "\1", 1);
	else
		add_bytes(h, s, strlen(s) + 1);
}

/* Numbers as text: the same on every machine. */
static void
add_num(uint64_t *h, uint64_t n)
{
	char	text[24];

	snprintf(text, sizeof(text), "%llx", (unsigned long long)n);
	add_text(h, text);
}

static void
add_paths(uint64_t *h, const struct paths *paths)
{
	add_num(h, (uint64_t)paths->n);
	for (int i = 0; i < paths->n; i++) {
		const struct path	*p = &paths->p[i];

		add_num(h, (uint64_t)p->n);
		for (int j = 0; j < p->n; j++) {
			add_text(h, p->step[j].name);
			add_text(h, p->step[j].url);
			add_num(h, p->step[j].first);
		}
		add_num(h, p->dt);
		add_text(h, p->system);
	}
}

static void
add_param(uint64_t *h, const struct param *p)
{
	add_num(h, (uint64_t)p->num);
	add_num(h, (uint64_t)p->type);
	add_text(h, p->code);
	add_num(h, p->kind);
	add_paths(h, &p->paths);
	add_num(h, p->first_only);
	add_num(h, p->targets.bits[0]);
	add_num(h, p->targets.bits[1]);
	add_num(h, (uint64_t)p->n_part);
	for (int i = 0; i < p->n_part; i++)
		add_num(h, (uint64_t)p->part[i]);
}

uint64_t
tables_digest(const struct tables *tb)
{
	uint64_t	h = UINT64_C(0xcbf29ce484222325);

	for (int t = 1; t <= tb->n_types; t++) {
		add_text(&h, tb->types[t].name);
		add_num(&h, tb->owners[t].rule);
		add_paths(&h, &tb->owners[t].subject);
		add_paths(&h, &tb->owners[t].other);
	}
	for (int i = 0; i < tb->n_params; i++)
		add_param(&h, &tb->params[i]);
	units_digest(tb, add_num, add_text, &h);
	return h;
}
