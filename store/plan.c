/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.c -- how long the lists are in which a criterion's answers stand.
 *
 * Which keys those are says plan_keys.c.
 */
#include <stdlib.h>

#include "store/plan_in.h"

#define TARGETS_MAX	65536	/* of a chain; beyond: rows */
#define KEYS_MAX	256	/* keys looked at to guess a range */
#define KEYS_FEW	8	/* so many keys are lists, not a range */

struct guess {
	struct build	 few;		/* the first keys met */
	uint64_t	 postings;
	unsigned	 keys;
};

static enum err
guess_key(void *arg, struct bytes key, uint64_t n)
{
	struct guess *g = arg;
	struct key k = { .len = key.len };

	if (g->keys < KEYS_FEW) {
		memcpy(k.b, key.p, key.len);
		plan_add_key(&g->few, &k);
	}
	g->postings += n;
	return ++g->keys < KEYS_MAX ? OK : ERR_TOOBIG;
}

/*
 * Look through a range for its size: one that is too long is guessed at
 * several times the look.  One of a few keys, like a code in whatever system,
 * is as good as their lists: they can be counted and sought in.
 */
static enum err
guess_size(struct gate *g, struct arena *a, uint16_t type, struct source *s)
{
	struct guess sum = { .few = { .arena = a } };
	enum err e = OK;
	size_t i;

	for (i = 0; e == OK && i < s->n_range; i++)
		e = gate_keys(g, type, s->range[i].from, s->range[i].to,
		    guess_key, &sum);
	s->size = sum.postings;
	if (e == ERR_TOOBIG) {
		s->size *= 16;
		return OK;
	}
	if (e == OK && sum.keys <= KEYS_FEW && s->exact && !s->by_key) {
		s->kind = SOURCE_LISTS;
		s->range = sum.few.range;
		s->n_range = sum.few.n;
	}
	return e;
}

static enum err
count_lists(struct gate *g, uint16_t type, struct source *s)
{
	uint64_t n;
	enum err e;
	size_t i;

	for (i = 0; i < s->n_range; i++) {
		e = gate_count(g, type, s->range[i].from, &n);
		if (e != OK)
			return e;
		s->size += n;
	}
	return OK;
}

enum err
plan_source(struct gate *g, struct arena *a, uint16_t type,
    const struct criterion *c, struct source *out)
{
	struct build b = { .arena = a, .type = type };
	struct source s = { .kind = SOURCE_NONE, .c = c };
	enum err e;

	if (c->param->num == PARAM_ID && c->mod == MOD_NONE)
		return plan_ids(g, a, type, c, out);
	*out = s;
	if (c->param->num == PARAM_ID || !plan_keys(&b, c))
		return OK;
	s.kind = b.n_key == b.n ? SOURCE_LISTS : SOURCE_RANGES;
	s.range = b.range;
	s.n_range = b.n;
	s.exact = plan_exact(c);
	s.by_key = c->param->kind == PK_DATE;
	e = s.kind == SOURCE_LISTS ? count_lists(g, type, &s) :
	    guess_size(g, a, type, &s);
	if (e == OK)
		*out = s;
	return e;
}

void
plan_reference(const struct def_param *link, uint16_t type, struct bytes id,
    struct key *from_out, struct key *to_out)
{
	*from_out = plan_local_key(link->num, type, id);
	*to_out = *from_out;
	key_add_u8(to_out, 0);
}

enum err
plan_references(struct gate *g, struct arena *a, uint16_t source,
    const struct def_param *link, uint16_t type, const struct bytes *id,
    size_t n, struct source *out)
{
	struct source s = { .kind = SOURCE_LISTS, .exact = true };
	struct build b = { .arena = a };
	enum err e;
	size_t i;

	*out = (struct source){ .kind = SOURCE_NONE };
	if (n > TARGETS_MAX)
		return OK;
	for (i = 0; i < n; i++)
		plan_add_local(&b, link->num, type, id[i]);
	s.range = b.range;
	s.n_range = b.n;
	e = count_lists(g, source, &s);
	if (e == OK)
		*out = s;
	return e;
}

enum err
plan_type(struct gate *g, struct arena *a, uint16_t type, struct source *out)
{
	struct build b = { .arena = a };
	struct key k = key_reserved(KEY_P_TYPE, type);

	plan_add_key(&b, &k);
	*out = (struct source){
		.kind = SOURCE_LISTS,
		.range = b.range,
		.n_range = 1,
		.exact = true,
	};
	return count_lists(g, type, out);
}

enum err
plan_ids(const struct gate *g, struct arena *a, uint16_t type,
    const struct criterion *c, struct source *out)
{
	struct source s = { .kind = SOURCE_IDS, .c = c, .exact = true };
	size_t i;
	enum err e;

	s.rid = arena_array(a, c->n_any, sizeof(*s.rid));
	for (i = 0; i < c->n_any; i++) {
		e = gate_find(g, VIEW_SEARCH, type, c->any[i].v.text,
		    &s.rid[s.n_rid]);
		if (e == OK)
			s.n_rid++;
		else if (e != ERR_NOTFOUND && e != ERR_GONE)
			return e;
	}
	s.n_rid = rid_sort(s.rid, s.n_rid);
	s.size = s.n_rid;
	*out = s;
	return OK;
}

bool
plan_key_match(const struct criterion *c, struct bytes key)
{
	const uint64_t sign = UINT64_C(1) << 63;
	struct value v = { .kind = PK_DATE };
	int64_t first, second;
	size_t i;

	if (key.len != 2 + 1 + 2 * sizeof(uint64_t))
		return false;
	first = (int64_t)(key_be64(key.p + 3) ^ sign);
	second = (int64_t)(key_be64(key.p + 11) ^ sign);
	v.time = key.p[2] == 1 ? (struct span){ first, second } :
	    (struct span){ second, first };
	for (i = 0; i < c->n_any; i++)
		if (query_value_match(c, &c->any[i], &v))
			return true;
	return false;
}
