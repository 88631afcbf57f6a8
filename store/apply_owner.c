/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply_owner.c -- whose a resource is, and who follows when that moves.  (L2)
 *
 * fhir/extract.c decides by the resource alone; here two rules are added that
 * need others: a Binary (OWN_REFERRER) belongs to the union of owners of what
 * names it, a Provenance or AuditEvent (OWN_TARGET) to the owners of what it
 * points to.  Whatever cannot be told leaves the resource unowned, which no
 * patient view sees.
 *
 * Reading: an OWN_TARGET resource gives no owner to what it names or to what
 * points to it, but leaves it unowned.  So the rules form no ring, and a
 * change spreads at most from a resource to its Binaries to their
 * Provenances.
 *
 * Reading: shared resources add no owner.  A Binary that only shared ones
 * name is shared (a practitioner's photo); an OWN_TARGET resource that points
 * to shared ones only is unowned, for it may speak of anybody.
 */
#include "store/apply.h"

#include <stdlib.h>

/* Owners as they come together. */
struct pool {
	struct arena	*a;
	uint64_t	*rid;
	size_t		 n, max;
	bool		 unowned;	/* something cannot be told */
	bool		 shared;	/* something shared was met */
};

bool
place_eq(const struct place *a, const struct place *b)
{
	return a->kind == b->kind && a->owner == b->owner &&
	    bytes_eq(a->member, b->member);
}

static bool
is_type(uint16_t type, const char *name)
{
	return strcmp(def_type_num(type)->name, name) == 0;
}

/* --- pools -------------------------------------------------------------- */

static void
pool_add(struct pool *p, uint64_t rid)
{
	uint64_t *more;

	if (p->n == p->max) {
		p->max = p->max == 0 ? 8 : 2 * p->max;
		more = arena_array(p->a, p->max, sizeof(*more));
		if (p->n > 0)
			memcpy(more, p->rid, p->n * sizeof(*more));
		p->rid = more;
	}
	p->rid[p->n++] = rid;
}

static void
pool_add_place(struct pool *p, const struct place *from)
{
	switch (from->kind) {
	case OWNER_ONE:
		pool_add(p, from->owner);
		break;
	case OWNER_MANY:
		for (size_t i = 0; i < from->member.len / 8; i++)
			pool_add(p, key_member(from->member, i));
		break;
	case OWNER_SHARED:
		p->shared = true;
		break;
	case OWNER_UNOWNED:
		p->unowned = true;
		break;
	}
}

static int
compare(const void *x, const void *y)
{
	uint64_t p = *(const uint64_t *)x, q = *(const uint64_t *)y;

	return p < q ? -1 : p > q;
}

static struct place
pool_place(struct pool *p, bool may_share)
{
	uint8_t *member;
	size_t n = 0;

	if (p->unowned || (p->n == 0 && !(p->shared && may_share)))
		return (struct place){ .kind = OWNER_UNOWNED,
		    .owner = KEY_UNOWNED };
	if (p->n == 0)
		return (struct place){ .kind = OWNER_SHARED,
		    .owner = KEY_SHARED };
	qsort(p->rid, p->n, sizeof(*p->rid), compare);
	for (size_t i = 0; i < p->n; i++)
		if (n == 0 || p->rid[n - 1] != p->rid[i])
			p->rid[n++] = p->rid[i];
	if (n == 1)
		return (struct place){ .kind = OWNER_ONE,
		    .owner = p->rid[0] };
	member = arena_array(p->a, n, 8);
	for (size_t i = 0; i < n; i++)
		key_put_be64(member + 8 * i, p->rid[i]);
	return (struct place){ OWNER_MANY, KEY_MANY,
	    bytes_of(member, 8 * n) };
}

/* --- the rules ---------------------------------------------------------- */

/* Patients named by the resource itself. */
static enum err
pool_patients(struct snapshot *t, struct apply *reserve, struct pool *p,
    const struct owners *o)
{
	const struct def_type *patient = def_type(bytes_str("Patient"));
	struct id_val v;
	uint64_t rid;
	enum err e;

	for (size_t i = 0; i < o->n; i++) {
		if (reserve != NULL) {
			e = apply_patient(reserve, o->id[i], &rid);
		} else {
			e = raw_id(t, patient->num, o->id[i], &v);
			rid = v.rid;
		}
		if (e != OK)
			return e == ERR_NOTFOUND ? ERR_STORE : e;
		pool_add(p, rid);
	}
	return OK;
}

static enum err
read_list(struct arena *a, struct cur *c, struct bytes key,
    uint64_t **rid_out, size_t *n_out)
{
	uint64_t *rid, count = 0, v = 0;
	size_t n = 0;
	enum err e;

	e = cur_key(c, key);
	if (e == OK)
		e = cur_count(c, &count);
	if (e != OK)
		return e;
	rid = arena_array(a, (size_t)count, sizeof(*rid));
	for (e = cur_seek64(c, key, 0, &v); e == OK && n < count;
	    e = cur_next64(c, &v))
		rid[n++] = v;
	*rid_out = rid;
	*n_out = n;
	return e;
}

/* Every rid under a key, copied: what follows may write. */
static enum err
collect(struct snapshot *t, struct arena *a, const struct key *k,
    uint64_t **rid_out, size_t *n_out)
{
	struct cur *c;
	enum err e;

	*n_out = 0;
	*rid_out = NULL;
	e = raw_cursor(t, DB_INDEX, &c);
	if (e != OK)
		return e;
	e = read_list(a, c, key_bytes(k), rid_out, n_out);
	cur_close(c);
	return e == ERR_NOTFOUND ? OK : e;
}

/* OWN_REFERRER: who names this Binary? */
static enum err
pool_referrers(struct snapshot *t, struct pool *p, struct bytes id)
{
	struct key k = key_named(KEY_P_BINARY, 0, id);
	struct place from;
	struct header h;
	struct bytes body;
	uint64_t *rid;
	size_t n;
	enum err e;

	e = collect(t, p->a, &k, &rid, &n);
	for (size_t i = 0; i < n && e == OK && !p->unowned; i++) {
		if (def_owner(rid_type(rid[i]))->rule == OWN_TARGET) {
			p->unowned = true;
			break;
		}
		e = raw_record(t, rid[i], &h, &body);
		if (e != OK)
			return e == ERR_NOTFOUND ? ERR_STORE : e;
		from = place_of(&h);
		pool_add_place(p, &from);
	}
	return e;
}

/*
 * Whose a target is.  For a writer behind a gate hidden and missing cost the
 * same reads: where there are no members to read, rid 0 is.
 */
static enum err
target_place(struct snapshot *t, bool gated, const struct id_val *v,
    struct place *out)
{
	bool many = v->state != STATE_NAMED && v->kind == OWNER_MANY;
	struct header h;
	struct bytes body;
	enum err e = OK;

	*out = (struct place){ .kind = v->kind, .owner = v->owner };
	if (many || gated)
		e = raw_record(t, many ? v->rid : 0, &h, &body);
	if (many && e == OK)
		*out = place_of(&h);
	return many && e == ERR_NOTFOUND ? ERR_STORE :
	    e == ERR_NOTFOUND ? OK : e;
}

/* One thing that an OWN_TARGET resource points to. */
static enum err
pool_target(struct snapshot *t, bool gated, struct pool *p,
    const struct value *v)
{
	struct id_val idv = { .state = STATE_NAMED };
	struct place from;
	enum err e;

	if (v->type == 0 || def_owner(v->type)->rule == OWN_TARGET) {
		p->unowned = true;	/* foreign, contained; or a ring */
		return OK;
	}
	e = raw_id(t, v->type, v->text, &idv);
	if (e == OK || e == ERR_NOTFOUND)
		e = target_place(t, gated, &idv, &from);
	if (e != OK)
		return e;
	if (idv.state == STATE_NAMED)
		p->unowned = true;	/* until it comes */
	else
		pool_add_place(p, &from);
	return OK;
}

enum err
place_find(struct snapshot *t, struct apply *reserve, struct arena *a,
    uint16_t type, struct bytes id, uint64_t rid, const struct owners *o,
    const struct values *values, struct place *out)
{
	enum owner_rule rule = def_owner(type)->rule;
	struct pool p = { .a = a };
	enum err e = OK;

	if (rule == OWN_SELF) {
		pool_add(&p, rid);
	} else if (rule == OWN_REFERRER) {
		e = pool_referrers(t, &p, id);
	} else if (rule == OWN_TARGET) {
		for (size_t i = 0; i < values->n && e == OK; i++)
			if (values->v[i].param == KEY_P_TARGET)
				e = pool_target(t, reserve != NULL &&
				    reserve->gate != NULL, &p,
				    &values->v[i]);
	} else if (o->kind == OWNER_ONE || o->kind == OWNER_MANY) {
		e = pool_patients(t, reserve, &p, o);
	} else {
		p.shared = o->kind == OWNER_SHARED;
	}
	if (e == OK)
		*out = pool_place(&p, rule != OWN_TARGET);
	return e;
}

/* --- what is named ------------------------------------------------------ */

static int
compare_named(const void *x, const void *y)
{
	const struct value *p = x, *q = y;

	if (p->param != q->param)
		return p->param < q->param ? -1 : 1;
	if (p->type != q->type)
		return p->type < q->type ? -1 : 1;
	return bytes_cmp(p->text, q->text);
}

static struct value
named(uint16_t param, const struct ref *r)
{
	bool local = r->kind == REF_LOCAL && r->type != 0;

	return (struct value){ .param = param, .kind = PK_REFERENCE,
	    .type = local ? r->type : 0, .text = local ? r->id : r->url };
}

struct values
place_values(struct arena *a, const struct values *v,
    const struct owners *o)
{
	struct values out = { .n = v->n };
	size_t last = v->n;

	out.v = arena_array(a, v->n + o->n_binary + o->n_target,
	    sizeof(*out.v));
	if (v->n > 0)
		memcpy(out.v, v->v, v->n * sizeof(*out.v));
	for (size_t i = 0; i < o->n_binary; i++)
		if (o->binary[i].kind == REF_LOCAL)
			out.v[out.n++] = named(KEY_P_BINARY, &o->binary[i]);
	for (size_t i = 0; i < o->n_target; i++)
		out.v[out.n++] = named(KEY_P_TARGET, &o->target[i]);
	if (out.n == v->n)
		return out;
	qsort(out.v + v->n, out.n - v->n, sizeof(*out.v), compare_named);
	for (size_t i = v->n; i < out.n; i++)
		if (last == v->n ||
		    compare_named(&out.v[last - 1], &out.v[i]) != 0)
			out.v[last++] = out.v[i];
	out.n = last;
	return out;
}

/* --- spreading ---------------------------------------------------------- */

enum err
apply_put_place(struct apply *ap, uint64_t rid, const struct header *old,
    struct bytes body, const struct place *to)
{
	const struct key k = key_rid(rid);
	struct header h = *old;
	enum err e;

	h.kind = to->kind;
	h.owner = to->owner;
	h.member = to->member;
	e = apply_put_record(ap, DB_RECORD, &k, &h, body);
	return e == OK ? apply_put_id(ap, rid_type(rid), h.id, rid,
	    STATE_LIVE, to) : e;
}

static enum err
move(struct apply *ap, uint64_t rid, const struct old *old,
    const struct place *to)
{
	struct place from = place_of(&old->h);
	const struct header *h = &old->h;
	struct keys was, is;
	enum err e;

	e = apply_put_place(ap, rid, h, old->body, to);
	if (e == OK)
		e = index_drop_row(ap, rid, &from);
	if (e == OK)
		e = index_put_row(ap, rid, to, h->born, h->updated,
		    &old->values, old->extra);
	if (e != OK)
		return e == ERR_NOTFOUND ? ERR_STORE : e;
	was = index_keys(ap->a, rid, h->updated, &from, &old->values,
	    old->extra);
	is = index_keys(ap->a, rid, h->updated, to, &old->values,
	    old->extra);
	return index_change(ap, rid, &was, &is);
}

static enum err	spread_targets(struct apply *ap, uint16_t type,
		    struct bytes id);

/* Judge one dependent resource again. */
static enum err
refresh(struct apply *ap, uint64_t rid)
{
	static const struct owners none = { .kind = OWNER_UNOWNED };
	uint16_t type = rid_type(rid);
	struct place from, to;
	struct old old;
	enum err e;

	e = apply_old(ap, rid, &old);
	if (e == OK && def_owner(type)->rule == OWN_REFERRER)
		e = permit_claimed(ap, type, old.h.id);
	if (e != OK || old.h.deleted)
		return e;
	from = place_of(&old.h);
	e = place_find(&ap->t, ap, ap->a, type, old.h.id, rid, &none,
	    &old.values, &to);
	if (e != OK || place_eq(&from, &to))
		return e;
	e = move(ap, rid, &old, &to);
	if (e == OK && def_owner(type)->rule == OWN_REFERRER)
		e = spread_targets(ap, type, old.h.id);
	return e;
}

static enum err
spread_targets(struct apply *ap, uint16_t type, struct bytes id)
{
	struct key k = key_named(KEY_P_TARGET, type, id);
	uint64_t *rid;
	size_t n;
	enum err e;

	e = collect(&ap->t, ap->a, &k, &rid, &n);
	for (size_t i = 0; i < n && e == OK; i++)
		e = refresh(ap, rid[i]);
	return e;
}

static enum err
spread_binaries(struct apply *ap, const struct values *v)
{
	struct id_val idv;
	enum err e = OK;

	for (size_t i = v->n; i-- > 0 && v->v[i].param >= KEY_P_BINARY;) {
		if (v->v[i].param != KEY_P_BINARY ||
		    !is_type(v->v[i].type, "Binary"))
			continue;
		e = raw_id(&ap->t, v->v[i].type, v->v[i].text, &idv);
		if (e == OK && idv.state == STATE_LIVE)
			e = refresh(ap, idv.rid);
		if (e != OK && e != ERR_NOTFOUND)
			return e;
	}
	return OK;
}

enum err
place_spread(struct apply *ap, uint16_t type, struct bytes id, bool moved,
    const struct values *was, const struct values *is)
{
	enum err e;

	e = spread_binaries(ap, was);
	if (e == OK)
		e = spread_binaries(ap, is);
	if (e == OK && moved)
		e = spread_targets(ap, type, id);
	return e;
}
