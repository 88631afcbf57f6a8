/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask.c -- does this resource satisfy a tree?
 *
 * The depth of the recursion is that of the query, which its parser bounds.
 */
#include "store/hunt.h"

/* --- chains -------------------------------------------------------------- */

/* Ask the kid of one that the link leads to; hidden is missing. */
static enum err
follow(struct hunt *h, struct tree *t, struct bytes id, bool *hit_out)
{
	struct asked s = { .g = h->g };
	struct row row;
	enum err e;

	*hit_out = false;
	e = hunt_spend(h);
	if (e == OK)
		e = gate_find(h->g, VIEW_SEARCH, t->node->type, id, &s.rid);
	if (e == OK)
		e = hunt_row(h, s.rid, &row);
	s.row = &row;
	if (e == OK)
		e = tree_ask(h, t->kid, &s, hit_out);
	return e == ERR_NOTFOUND || e == ERR_GONE ? OK : e;
}

static enum err
ask_links(struct hunt *h, struct tree *t, struct asked *s, bool *hit_out)
{
	struct bytes at = { NULL, 0 };
	struct value v;
	enum err e = OK;

	*hit_out = false;
	while (e == OK && !*hit_out &&
	    key_entry(NULL, s->row, t->node->link->num, &at, &v)) {
		if (v.type != t->node->type || v.text.p[0] == '#')
			continue;
		if (t->how == TREE_LINKS)
			*hit_out = ids_has(&t->ids, v.text);
		else
			e = follow(h, t, v.text, hit_out);
	}
	return e == OK && !*hit_out ? tree_inside(h, t, s, hit_out) : e;
}

/* --- into what is contained ---------------------------------------------- */

/* Ask those of this id that stand inside s; ids ought to stand once. */
static enum err
ask_inner(struct hunt *h, struct tree *t, const struct asked *s,
    struct bytes id, bool *hit_out)
{
	struct bytes at = s->extra.inner;
	struct asked in = *s;
	struct inner inner;
	enum err e = OK;

	in.row = &inner.values;
	in.inner = &inner;
	while (e == OK && !*hit_out && key_inner(&at, &inner)) {
		e = hunt_tick(h);
		if (e != OK || inner.type != t->node->type ||
		    !bytes_eq(inner.id, id))
			continue;
		inner.values.updated = s->row->updated;
		e = tree_ask(h, t->kid, &in, hit_out);
	}
	return e;
}

enum err
tree_inside(struct hunt *h, struct tree *t, struct asked *s, bool *hit_out)
{
	struct bytes at = { NULL, 0 };
	const struct row *links;
	struct value v;
	enum err e;

	*hit_out = false;
	e = asked_load(s);
	links = s->inner != NULL ? s->row : &s->extra.own;
	while (e == OK && !*hit_out &&
	    key_entry(NULL, links, t->node->link->num, &at, &v))
		if (v.type == t->node->type && v.text.p[0] == '#')
			e = ask_inner(h, t, s, bytes_from(v.text, 1),
			    hit_out);
	return e;
}

/* --- _has ---------------------------------------------------------------- */

struct referrers {
	struct hunt	*h;
	struct rids	*rids;
};

static enum err
add_referrer(void *arg, struct bytes key, uint64_t rid)
{
	struct referrers *r = arg;
	enum err e;

	(void)key;
	e = hunt_spend(r->h);
	return e == OK ? rids_add(r->h, r->rids, rid) : e;
}

static enum err
ask_referred(struct hunt *h, struct tree *t, const struct asked *s,
    bool *hit_out)
{
	struct referrers r = { h, &t->rids };	/* used again and again */
	struct key from UNINIT, to UNINIT;
	struct asked by = { .g = h->g };
	struct resource me;
	struct row row;
	enum err e;
	size_t i;

	*hit_out = false;
	if (s->inner != NULL)
		return OK;
	e = gate_record(h->g, VIEW_SEARCH, s->rid, &me, NULL, NULL);
	if (e != OK)
		return e == ERR_NOTFOUND || e == ERR_GONE ? OK : e;
	plan_reference(t->node->link, t->type, me.id, &from, &to);
	t->rids.n = 0;
	e = gate_range(h->g, t->node->type, key_bytes(&from), key_bytes(&to),
	    add_referrer, &r);
	for (i = 0; e == OK && !*hit_out && i < t->rids.n; i++) {
		by = (struct asked){ .g = h->g, .rid = t->rids.v[i],
		    .row = &row };
		e = hunt_row(h, by.rid, &row);
		if (e == OK)
			e = tree_ask(h, t->kid, &by, hit_out);
		if (e == ERR_NOTFOUND)
			e = OK;
	}
	return e;
}

/* Is one of those found among what refers to it?  Both are sorted. */
static enum err
ask_met(struct hunt *h, struct tree *t, const struct asked *s, bool *hit_out)
{
	struct key key UNINIT, to UNINIT;
	const struct rids *r = &t->rids;
	struct resource me;
	uint64_t at;
	size_t i;
	enum err e;

	*hit_out = false;
	if (s->inner != NULL)
		return OK;
	e = gate_record(h->g, VIEW_SEARCH, s->rid, &me, NULL, NULL);
	if (e != OK)
		return e == ERR_NOTFOUND || e == ERR_GONE ? OK : e;
	plan_reference(t->node->link, t->type, me.id, &key, &to);
	gate_list_turn(&t->list, key_bytes(&key));
	for (i = 0; e == OK && !*hit_out && i < r->n;
	    i = rids_from(r, i, at)) {
		e = hunt_spend(h);
		if (e == OK)
			e = gate_seek(&t->list, r->v[i], &at);
		*hit_out = e == OK && at == r->v[i];
	}
	return e == ERR_NOTFOUND ? OK : e;
}

/* --- all ----------------------------------------------------------------- */

static enum err
ask_kids(struct hunt *h, struct tree *t, struct asked *s, bool *hit_out)
{
	bool until = t->how == TREE_OR;
	enum err e;
	size_t i;

	*hit_out = !until;
	for (i = 0; i < t->node->n_kid; i++) {
		e = tree_ask(h, &t->kid[i], s, hit_out);
		if (e != OK || *hit_out == until)
			return e;
	}
	return OK;
}

enum err
tree_ask(struct hunt *h, struct tree *t, struct asked *s, bool *hit_out)
{
	enum err e;

	switch (t->how) {
	case TREE_LEAF:
		return filter_ask(&t->filter, s, hit_out);
	case TREE_AND:
	case TREE_OR:
		return ask_kids(h, t, s, hit_out);
	case TREE_NOT:
		e = tree_ask(h, t->kid, s, hit_out);
		*hit_out = !*hit_out;
		return e;
	case TREE_RIDS:
		*hit_out = s->inner == NULL && rids_has(&t->rids, s->rid);
		return OK;
	case TREE_LINKS:
	case TREE_FOLLOW:
		return ask_links(h, t, s, hit_out);
	case TREE_MET:
		return ask_met(h, t, s, hit_out);
	case TREE_REFERRED:
		return ask_referred(h, t, s, hit_out);
	case TREE_NEVER:
		break;
	}
	*hit_out = false;
	return OK;
}
