/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gate_keys.c -- keys of the index and what stands under them, in order.
 *
 * For views that reach all of a type, and for nobody else: which keys there
 * are speaks of everybody.
 */
#include "store/gate_in.h"

/* One cursor serves all scans: there may be thousands of short ones. */
static enum err
scan(struct gate *g, uint16_t type)
{
	if (view_reach(g->view, type, VIEW_SEARCH) != REACH_ALL)
		return ERR_FORBIDDEN;
	return g->scan != NULL ? OK :
	    raw_cursor(g->t, DB_INDEX, &g->scan);
}

enum err
gate_count(struct gate *g, uint16_t type, struct bytes key, uint64_t *n_out)
{
	enum err e;

	e = scan(g, type);
	if (e != OK)
		return e;
	g->t->work++;
	e = cur_key(g->scan, key);
	if (e == OK)
		return cur_count(g->scan, n_out);
	if (e == ERR_NOTFOUND) {
		*n_out = 0;
		return OK;
	}
	return e;
}

static bool
before(struct bytes key, struct bytes to)
{
	return to.len == 0 || bytes_cmp(key, to) < 0;
}

enum err
gate_keys(struct gate *g, uint16_t type, struct bytes from,
    struct bytes to, gate_key_fn *fn, void *arg)
{
	struct bytes key, val;
	uint64_t n;
	enum err e;

	e = scan(g, type);
	if (e != OK)
		return e;
	for (e = cur_seek(g->scan, from, &key, &val);
	    e == OK && before(key, to);
	    e = cur_next_key(g->scan, &key)) {
		g->t->work++;
		e = cur_count(g->scan, &n);
		if (e == OK)
			e = fn(arg, key, n);
		if (e != OK)
			return e;
	}
	return e == ERR_NOTFOUND ? OK : e;
}

enum err
gate_range(struct gate *g, uint16_t type, struct bytes from,
    struct bytes to, gate_rid_fn *fn, void *arg)
{
	struct bytes key, val;
	uint64_t rid;
	enum err e;

	e = scan(g, type);
	if (e != OK)
		return e;
	for (e = cur_seek(g->scan, from, &key, &val);
	    e == OK && before(key, to);
	    e = cur_next(g->scan, &key, &val)) {
		g->t->work++;
		if (val.len != sizeof(rid))
			return ERR_STORE;
		/* Integer lists are in the order of the machine. */
		memcpy(&rid, val.p, sizeof(rid));
		if (rid_type(rid) != type)
			continue;
		e = fn(arg, key, rid);
		if (e != OK)
			return e;
	}
	return e == ERR_NOTFOUND ? OK : e;
}

#define BLOCK	512	/* postings handed out at once */

/* Those of the type: [*from_out, *to_out) of n. */
static void
cut_to_type(const uint64_t *rid, size_t n, uint16_t type, size_t *from_out,
    size_t *to_out)
{
	size_t from = 0, to = n;

	while (from < n && rid_type(rid[from]) < type)
		from++;
	while (to > from && rid_type(rid[to - 1]) > type)
		to--;
	*from_out = from;
	*to_out = to;
}

/* A page of the index, whatever its size on this machine. */
static enum err
hand_block(struct gate *g, uint16_t type, struct bytes page,
    gate_block_fn *fn, void *arg)
{
	uint64_t rid[BLOCK];
	struct bytes part;
	size_t n, from, to;
	enum err e = OK;

	for (; e == OK && page.len > 0; page = bytes_from(page, part.len)) {
		part = bytes_sub(page, 0, sizeof(rid));
		n = part.len / sizeof(*rid);
		memcpy(rid, part.p, part.len);
		g->t->work += n;
		cut_to_type(rid, n, type, &from, &to);
		if (to > from)
			e = fn(arg, rid + from, to - from);
	}
	return e;
}

enum err
gate_blocks(struct gate *g, uint16_t type, struct bytes key,
    gate_block_fn *fn, void *arg)
{
	struct bytes block;
	enum err e;

	e = scan(g, type);
	if (e != OK)
		return e;
	for (e = cur_block64(g->scan, key, true, &block); e == OK;
	    e = cur_block64(g->scan, key, false, &block)) {
		e = hand_block(g, type, block, fn, arg);
		if (e != OK)
			return e;
	}
	return e == ERR_NOTFOUND ? OK : e;
}

enum err
gate_key_first(struct gate *g, uint16_t type, struct bytes from,
    struct bytes to, struct bytes *key_out)
{
	struct bytes key, val;
	enum err e;

	e = scan(g, type);
	if (e != OK)
		return e;
	g->t->work++;
	e = cur_seek(g->scan, from, &key, &val);
	if (e == OK && !before(key, to))
		e = ERR_NOTFOUND;
	if (e == OK)
		*key_out = key;
	return e;
}

enum err
gate_key_last(struct gate *g, uint16_t type, struct bytes from,
    struct bytes to, struct bytes *key_out)
{
	struct bytes key;
	enum err e;

	e = scan(g, type);
	if (e != OK)
		return e;
	g->t->work++;
	e = cur_before(g->scan, to, &key);
	if (e == OK && bytes_cmp(key, from) < 0)
		e = ERR_NOTFOUND;
	if (e == OK)
		*key_out = key;
	return e;
}

enum err
gate_key_rid(struct gate *g, uint16_t type, struct bytes key,
    uint64_t *rid_out)
{
	uint64_t rid;
	enum err e;

	e = scan(g, type);
	if (e != OK)
		return e;
	g->t->work++;
	e = cur_seek64(g->scan, key, rid_make(type, 0), &rid);
	if (e == OK && rid_type(rid) != type)
		e = ERR_NOTFOUND;
	if (e == OK)
		*rid_out = rid;
	return e;
}
