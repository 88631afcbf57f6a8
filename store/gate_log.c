/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gate_log.c -- the journal, seen through a view.
 *
 * It speaks of everybody, so it is open for those types alone that the view
 * holds whole.
 */
#include "store/gate.h"

enum err
gate_log(const struct gate *g, struct arena *a, uint16_t type,
    struct gate_list *out, uint64_t *n_out)
{
	struct key k UNINIT;
	enum err e;

	if (!view_whole(g->view, type, VIEW_READ))
		return ERR_FORBIDDEN;
	k = key_reserved(KEY_P_CHANGE, type);
	*out = (struct gate_list){
		.g = g,
		.key = arena_copy(a, key_bytes(&k)),
		.lo = 1,
		.hi = UINT64_MAX,
	};
	e = raw_cursor(g->t, DB_INDEX, &out->cur);
	if (e == OK)
		e = cur_key(out->cur, out->key);
	if (e == OK)
		e = cur_count(out->cur, n_out);
	return e;
}

enum err
gate_change(const struct gate *g, uint64_t sequence, uint64_t *rid_out,
    uint64_t *version_out, struct instant *time_out)
{
	struct log_val v;
	enum err e;

	e = raw_change(g->t, sequence, &v);
	if (e != OK)
		return e == ERR_NOTFOUND ? ERR_STORE : e;
	if (!view_whole(g->view, rid_type(v.rid), VIEW_READ))
		return ERR_NOTFOUND;
	*rid_out = v.rid;
	*version_out = v.version;
	*time_out = v.time;
	return OK;
}
