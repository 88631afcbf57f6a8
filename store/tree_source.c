/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree_source.c -- where in the index that stands which satisfies a tree.
 *
 * For types that the view reaches all of: postings span all patients.  What is
 * found is kept: it is asked for the plan, and for that of what comes after.
 */
#include "store/hunt.h"

/* What refers to something inside itself that satisfies the kid. */
static enum err
inside_of_all(struct hunt *h, struct tree *t, struct rids *out)
{
	struct key k = key_reserved(KEY_P_CONTAINED, t->node->type);
	struct asked s = { .g = h->g };
	struct gate_list l;
	uint64_t rid, n;
	struct row row;
	bool hit;
	enum err e;

	e = gate_list(h->g, t->type, key_bytes(&k), &l, &n);
	if (e == OK)
		e = gate_seek(&l, 0, &rid);
	for (; e == OK; e = gate_next(&l, &rid)) {
		e = hunt_spend(h);
		if (e == OK)
			e = hunt_row(h, rid, &row);
		if (e == ERR_NOTFOUND)
			continue;
		s = (struct asked){ .g = h->g, .rid = rid, .row = &row };
		if (e == OK)
			e = tree_inside(h, t, &s, &hit);
		if (e == OK && hit)
			e = rids_add(h, out, rid);
		if (e != OK)
			return e;
	}
	return e == ERR_NOTFOUND ? OK : e;
}

static enum err
links_source(struct hunt *h, struct tree *t, struct source *out)
{
	struct source s;
	enum err e;

	*out = (struct source){ .kind = SOURCE_NONE };
	e = plan_references(h->g, h->arena, t->type, t->node->link,
	    t->node->type, t->ids.v, t->ids.n, &s);
	if (e != OK || s.kind == SOURCE_NONE)
		return e;
	t->rids.n = 0;
	e = inside_of_all(h, t, &t->rids);
	s.rid = t->rids.v;
	s.n_rid = t->rids.n;
	s.size += s.n_rid;
	if (e == OK)
		*out = s;
	return e;
}

/* Of several sources one: all that stands in any. */
static enum err
join(struct hunt *h, const struct source *s, size_t n, struct source *out)
{
	struct source all = { .kind = SOURCE_LISTS, .exact = true };
	size_t i, n_range = 0, n_rid = 0;
	enum err e;

	for (i = 0; i < n; i++) {
		n_range += s[i].n_range;
		n_rid += s[i].n_rid;
	}
	e = hunt_room(h, n_range * sizeof(*all.range) +
	    n_rid * sizeof(*all.rid));
	if (e != OK)
		return e;
	all.range = arena_array(h->arena, n_range, sizeof(*all.range));
	all.rid = arena_array(h->arena, n_rid, sizeof(*all.rid));
	for (i = 0; i < n; i++) {
		if (s[i].n_range > 0)
			memcpy(all.range + all.n_range, s[i].range,
			    s[i].n_range * sizeof(*all.range));
		if (s[i].n_rid > 0)
			memcpy(all.rid + all.n_rid, s[i].rid,
			    s[i].n_rid * sizeof(*all.rid));
		all.n_range += s[i].n_range;
		all.n_rid += s[i].n_rid;
		all.size += s[i].size;
		if (s[i].kind == SOURCE_RANGES)
			all.kind = SOURCE_RANGES;
		/* Keys of a date say less than they hold. */
		all.exact = all.exact && s[i].exact && !s[i].by_key;
	}
	all.n_rid = rid_sort(all.rid, all.n_rid);
	*out = all;
	return OK;
}

static enum err
kids_source(struct hunt *h, const struct tree *t, struct source *out)
{
	size_t n = t->node->n_kid, i;
	struct source *s = arena_array(h->arena, n, sizeof(*s));
	const struct source *best = NULL;
	bool all = n > 0;
	enum err e = OK;

	*out = (struct source){ .kind = SOURCE_NONE };
	for (i = 0; e == OK && i < n; i++) {
		e = tree_source(h, &t->kid[i], &s[i]);
		if (s[i].kind == SOURCE_NONE)
			all = false;
		else if (best == NULL || s[i].size < best->size)
			best = &s[i];
	}
	if (e != OK)
		return e;
	if (t->how == TREE_OR)
		return all ? join(h, s, n, out) : OK;
	if (best != NULL) {
		*out = *best;
		out->exact = n == 1 && best->exact;
	}
	return OK;
}

static enum err
find_source(struct hunt *h, struct tree *t, struct source *out)
{
	*out = (struct source){ .kind = SOURCE_NONE };
	switch (t->how) {
	case TREE_LEAF:
		return plan_source(h->g, h->arena, t->type, &t->node->leaf,
		    out);
	case TREE_AND:
	case TREE_OR:
		return kids_source(h, t, out);
	case TREE_LINKS:
		return links_source(h, t, out);
	case TREE_RIDS:
	case TREE_NEVER:
		*out = (struct source){ .kind = SOURCE_IDS, .exact = true,
		    .rid = t->rids.v, .n_rid = t->rids.n,
		    .size = t->rids.n };
		return OK;
	case TREE_NOT:
	case TREE_FOLLOW:
	case TREE_MET:
	case TREE_REFERRED:
		break;
	}
	return OK;
}

enum err
tree_source(struct hunt *h, struct tree *t, struct source *out)
{
	struct source s;
	enum err e;

	if (t->at == NULL) {
		e = find_source(h, t, &s);
		if (e != OK)
			return e;
		t->at = arena_alloc(h->arena, sizeof(*t->at));
		*t->at = s;
	}
	*out = *t->at;
	return OK;
}
