/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tags.c -- every profile, label and tag there is, each by one resource.
 *
 * Of a type that the view holds whole the keys of the index are walked: as
 * many steps as there are different ones, be there a million resources.  Of
 * any other the keys would speak of what it does not hold; it looks at the
 * rows that its searches look at, and at a record where a row has something
 * new.
 *
 * Reading: two codes that differ in case alone are one, as each is found by
 * the other; whichever comes first is told.
 *
 * Spec: DSTU2 resource-operations.html#meta; requirement R20, Z02.
 */
#include "store/hunt.h"

#define FIRST_SLOTS	64	/* a power of two */

static const uint16_t lists[] = { PARAM_PROFILE, PARAM_SECURITY, PARAM_TAG };

/* Under way; the set is of hashes of index keys, 0 where a slot is free. */
struct taking {
	struct hunt	 h;
	struct gate	*g;
	tags_fn		*fn;
	void		*arg;
	uint64_t	*slot;
	size_t		 n, n_slot;
};

static enum err
tell(struct taking *x, uint64_t rid)
{
	struct resource r;
	enum err e;

	e = gate_record(x->g, VIEW_SEARCH, rid, &r, NULL, NULL);
	if (e == ERR_NOTFOUND || e == ERR_GONE)
		return ERR_STORE;	/* a row or key promised it */
	return e == OK ? x->fn(x->arg, r.body) : e;
}

/* --- by keys -------------------------------------------------------------- */

static enum err
walk_list(struct taking *x, uint16_t type, uint16_t param)
{
	struct key at = key_start(key_param(type, param)), end;
	struct bytes key, to = { .len = 0 };
	uint64_t rid;
	enum err e;

	if (key_after(&at, &end))
		to = key_bytes(&end);
	for (;;) {
		e = gate_key_first(x->g, type, key_bytes(&at), to, &key);
		if (e == OK)
			e = hunt_spend(&x->h);
		if (e != OK)
			return e == ERR_NOTFOUND ? OK : e;
		at = (struct key){ .len = 0 };
		key_add(&at, key);
		key_add_u8(&at, 0);	/* the next one possible */
		e = gate_key_rid(x->g, type, key, &rid);
		if (e == OK)
			e = tell(x, rid);
		if (e != OK && e != ERR_NOTFOUND)
			return e;
	}
}

/* --- by rows -------------------------------------------------------------- */

/* Into the slot where it is, or would be. */
static size_t
slot_of(const struct taking *x, uint64_t hash)
{
	size_t i = (size_t)hash & (x->n_slot - 1);

	while (x->slot[i] != 0 && x->slot[i] != hash)
		i = (i + 1) & (x->n_slot - 1);
	return i;
}

static enum err
grow(struct taking *x)
{
	struct taking was = *x;
	size_t i;
	enum err e;

	x->n_slot = was.n_slot == 0 ? FIRST_SLOTS : 2 * was.n_slot;
	e = hunt_room(&x->h, x->n_slot * sizeof(*x->slot));
	if (e != OK)
		return e;
	x->slot = arena_array(x->h.arena, x->n_slot, sizeof(*x->slot));
	for (i = 0; i < was.n_slot; i++)
		if (was.slot[i] != 0)
			x->slot[slot_of(x, was.slot[i])] = was.slot[i];
	return OK;
}

static enum err
add(struct taking *x, uint16_t type, const struct value *v, bool *new)
{
	struct key k[KEYS_VALUE] UNINIT;
	uint64_t hash;
	size_t at;
	enum err e = OK;

	if (key_index(type, v, k) == 0)
		return OK;
	hash = key_hash8(key_bytes(&k[0]));
	hash += hash == 0;
	if (2 * x->n >= x->n_slot)
		e = grow(x);
	if (e != OK)
		return e;
	at = slot_of(x, hash);
	if (x->slot[at] == 0) {
		x->slot[at] = hash;
		x->n++;
		*new = true;
	}
	return OK;
}

static enum err
look(void *arg, uint64_t rid, const struct row *row)
{
	struct taking *x = arg;
	struct value v;
	struct bytes at;
	bool new = false;
	enum err e = OK;
	size_t i;

	for (i = 0; i < N_ELEM(lists); i++) {
		at = bytes_of(NULL, 0);
		/* Tokens and uris have no parts: no arena is asked. */
		while (e == OK && key_entry(NULL, row, lists[i], &at, &v))
			e = add(x, rid_type(rid), &v, &new);
	}
	return e == OK && new ? tell(x, rid) : e;
}

static enum err
walk_type(struct taking *x, uint16_t type)
{
	const struct query q = { .type = type };
	const struct goal goal = { .type = type, .want_row = true };
	enum err e = OK;
	size_t i;

	if (view_reach(x->g->view, type, VIEW_SEARCH) == REACH_NONE)
		return OK;
	x->h.q = &q;
	if (view_whole(x->g->view, type, VIEW_SEARCH)) {
		for (i = 0; e == OK && i < N_ELEM(lists); i++)
			e = walk_list(x, type, lists[i]);
		return e;
	}
	return goal_run(&x->h, &goal, false, look, x);
}

/* -------------------------------------------------------------------------- */

enum err
store_tags(struct snapshot *t, struct arena *a, const struct view *v,
    uint16_t type, const struct page_ask *ask, tags_fn *fn, void *arg)
{
	struct issues ignored = issues_on(a);
	const struct query every = { .every = true };
	struct gate g;
	struct taking x = { .h = { .g = &g, .arena = a, .q = &every,
	    .ask = ask, .is = &ignored }, .g = &g, .fn = fn, .arg = arg };
	uint16_t one;
	enum err e;

	if (type != 0 && view_reach(v, type, VIEW_SEARCH) == REACH_NONE)
		return ERR_FORBIDDEN;
	e = gate_open(t, a, v, &g);
	if (e != OK)
		return e;
	if (type != 0)
		return walk_type(&x, type);
	for (one = 1; e == OK && one <= DEF_TYPES; one++)
		e = walk_type(&x, one);
	return e;
}
