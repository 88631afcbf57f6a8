/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply_permit.c -- may this writer make this change?  (L2)
 *
 * What stands there and what shall stand there must both be in the view, and
 * no owner changes: staff correct a wrong one by delete and create.  The
 * loader, who has no gate, may all.
 *
 * Reading: a client may choose a new id only where its view holds all of the
 * type.  To any other a hidden id and a missing one are the same, so neither
 * can be put; its new resources get ids the server has drawn (create), which
 * nobody can aim at a hidden one.
 *
 * Reading: to name a Binary decides whose it is, so it asks for the right to
 * change that Binary, or to be the one who made it before anybody named it.
 * What a resource has named before it may go on naming.
 *
 * Requirements Z03, Z07; security WRT-01 to WRT-03.
 */
#include "store/apply.h"
#include "store/meta.h"

/* --- what is there ------------------------------------------------------ */

/* Does the view know the id?  Hidden and missing cost the same. */
static enum err
known(struct apply *ap, const struct change *c, const struct id_val *v)
{
	enum view_op op = c->kind == CHANGE_DELETE ? VIEW_DELETE :
	    VIEW_UPDATE;
	uint64_t rid;
	enum err e;

	e = gate_find(ap->gate, op, c->type, c->id, &rid);
	if (e == OK || e == ERR_GONE)
		return OK;
	if (e != ERR_NOTFOUND)
		return e;
	/* To who holds all of the type, nothing can be hidden. */
	return c->kind == CHANGE_PUT && v->state == STATE_NAMED &&
	    view_whole(ap->gate->view, c->type, VIEW_UPDATE) &&
	    view_whole(ap->gate->view, c->type, VIEW_CREATE) ?
	    OK : ERR_NOTFOUND;
}

enum err
permit_find(struct apply *ap, const struct change *c, struct id_val *out)
{
	struct id_val v = { .state = STATE_NAMED };
	enum err e;

	e = raw_id(&ap->t, c->type, c->id, &v);
	if (e != OK && e != ERR_NOTFOUND)
		return e;
	if (c->create && c->kind == CHANGE_PUT)
		e = v.state == STATE_NAMED ? OK : ERR_CONFLICT;
	else if (ap->gate != NULL)
		e = known(ap, c, &v);
	else
		e = v.state != STATE_NAMED || c->kind == CHANGE_PUT ? OK :
		    ERR_NOTFOUND;
	if (e == OK)
		*out = v;
	return e;
}

/* --- Binaries ----------------------------------------------------------- */

static struct key
made_key(uint16_t type, struct bytes id)
{
	struct key k = { .len = 0 };

	key_add(&k, bytes_str(META_MADE));
	key_add_be16(&k, type);
	key_add(&k, id);
	return k;
}

enum err
permit_made(struct apply *ap, const struct work *w)
{
	struct key k UNINIT;

	if (ap->gate == NULL || w->place.kind != OWNER_UNOWNED ||
	    def_owner(w->c->type)->rule != OWN_REFERRER)
		return OK;
	k = made_key(w->c->type, w->c->id);
	ap->t.work++;
	return db_put(ap->t.txn, DB_META, key_bytes(&k),
	    bytes_of(ap->gate->view->principal, 16));
}

enum err
permit_claimed(struct apply *ap, uint16_t type, struct bytes id)
{
	struct key k UNINIT;
	enum err e;

	if (def_owner(type)->rule != OWN_REFERRER)
		return OK;
	k = made_key(type, id);
	ap->t.work++;
	e = db_del(ap->t.txn, DB_META, key_bytes(&k));
	return e == ERR_NOTFOUND ? OK : e;
}

static enum err
made_it(struct apply *ap, const struct value *v)
{
	struct key k = made_key(v->type, v->text);
	struct bytes who;
	enum err e;

	ap->t.work++;
	e = db_get(ap->t.txn, DB_META, key_bytes(&k), &who);
	if (e == OK && !bytes_eq(who,
	    bytes_of(ap->gate->view->principal, 16)))
		e = ERR_NOTFOUND;
	return e;
}

static bool
named_before(const struct work *w, const struct value *v)
{
	const struct value *old = w->old.values.v;

	for (size_t i = 0; i < w->old.values.n; i++)
		if (old[i].param == v->param && old[i].type == v->type &&
		    bytes_eq(old[i].text, v->text))
			return true;
	return false;
}

static enum err
permit_binaries(struct apply *ap, const struct work *w, enum view_op op)
{
	const struct value *v;
	uint64_t rid;
	enum err e, held;

	for (size_t i = 0; i < w->values.n; i++) {
		v = &w->values.v[i];
		if (v->param != KEY_P_BINARY || named_before(w, v))
			continue;
		e = made_it(ap, v);
		held = gate_find(ap->gate, op, v->type, v->text, &rid);
		if (e != OK && e != ERR_NOTFOUND)
			return e;
		if (held != OK && held != ERR_NOTFOUND && held != ERR_GONE)
			return held;
		if (e != OK && held != OK)
			return ERR_FORBIDDEN;
	}
	return OK;
}

/* --- what shall be there ------------------------------------------------ */

enum err
permit(struct apply *ap, const struct work *w)
{
	enum owner_rule rule = def_owner(w->c->type)->rule;
	enum view_op op = w->live ? VIEW_UPDATE : VIEW_CREATE;
	struct place was;
	enum err e;

	if (w->c->kind == CHANGE_DELETE)
		return OK;	/* permit_find has asked all there is */
	if (w->known && (ap->gate != NULL || w->c->kind == CHANGE_META)) {
		was = place_of(&w->old.h);
		/* A Binary's owners are its referrers', never its own. */
		if (rule != OWN_REFERRER && !place_eq(&was, &w->place))
			return ERR_OWNER;
	}
	/* The server's record of the writing is not the writer's to refuse. */
	if (ap->gate == NULL || w->c->own)
		return OK;
	e = gate_holds_new(ap->gate, op, w->c->type, &w->place, &w->values,
	    w->time);
	if (e == ERR_NOTFOUND)
		return ERR_FORBIDDEN;
	if (e == OK)
		e = permit_agree(ap, w, op);
	return e == OK && w->c->kind == CHANGE_PUT ?
	    permit_binaries(ap, w, op) : e;
}

/* --- meta of what was --------------------------------------------------- */

enum err
permit_past(struct apply *ap, struct work *w)
{
	struct bytes body;
	struct header h;
	struct place p;
	enum err e;

	e = raw_version(&ap->t, w->rid, w->c->of_version, &h, &body);
	if (e != OK)
		return e;
	p = place_of(&h);
	if (ap->gate != NULL)
		e = gate_holds_new(ap->gate, VIEW_UPDATE, w->c->type, &p,
		    w->c->values, h.updated);
	if (e == OK && h.deleted)
		e = ERR_GONE;
	if (e != OK)
		return e;
	/* Copied: the next write may move the page. */
	h.member = arena_copy(ap->a, h.member);
	h.id = w->c->id;
	w->old.h = h;
	w->old.body = arena_copy(ap->a, body);
	return OK;
}
