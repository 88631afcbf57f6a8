/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply_index.c -- rows and postings in step with a record.  (L2)
 *
 * The one place that writes postings: a layer of recent ones (add and gone
 * trees beside index) would stand here and in the gate's lists, nowhere
 * else.  Postings of a transaction are put in key order at its end, so that
 * neighbours find their page without a walk from the root.
 */
#include "store/apply.h"

#include <stdlib.h>

static int
compare(const void *x, const void *y)
{
	return bytes_cmp(*(const struct bytes *)x,
	    *(const struct bytes *)y);
}

static void
add(struct arena *a, struct keys *ks, const struct key *k)
{
	ks->k[ks->n++] = arena_copy(a, key_bytes(k));
}

/* Keys of one value; references of reserved parameters name a resource. */
static void
add_value(struct arena *a, struct keys *ks, uint16_t type,
    const struct value *v)
{
	struct key k[KEYS_VALUE] UNINIT;
	size_t n;

	if (v->param < KEY_P_BINARY) {
		n = key_index(type, v, k);
		for (size_t i = 0; i < n; i++)
			add(a, ks, &k[i]);
	} else if (v->type != 0) {
		k[0] = key_named(v->param, v->type, v->text);
		add(a, ks, &k[0]);
	}
}

static void
add_extra(struct arena *a, struct keys *ks, uint16_t type,
    const struct extra_parts *x)
{
	struct bytes at = x->words, word;
	struct inner inner;
	struct key k UNINIT;
	bool narrative;

	while (key_word(&at, &word, &narrative)) {
		k = key_of_word(type, narrative ? PARAM_TEXT :
		    PARAM_CONTENT, word);
		add(a, ks, &k);
	}
	at = x->inner;
	while (key_inner(&at, &inner)) {
		k = key_reserved(KEY_P_CONTAINED, inner.type);
		add(a, ks, &k);
	}
}

static size_t
count_extra(const struct extra_parts *x)
{
	struct bytes at = x->words, word;
	struct inner inner;
	bool narrative;
	size_t n = 0;

	while (key_word(&at, &word, &narrative))
		n++;
	at = x->inner;
	while (key_inner(&at, &inner))
		n++;
	return n;
}

struct keys
index_keys(struct arena *a, uint64_t rid, struct instant updated,
    const struct place *p, const struct values *v, struct bytes extra)
{
	struct value at = { .param = PARAM_LASTUPDATED, .kind = PK_DATE,
	    .time = { updated.ms, updated.ms + 1 } };
	size_t members = p->member.len / 8, n = 0;
	struct extra_parts x = { .inner = { NULL, 0 } };
	struct keys ks = { .n = 0 };
	uint16_t type = rid_type(rid);
	struct key k UNINIT;

	/* What cannot be read has no keys; check reports it. */
	if (key_get_extra(extra, &x) != OK)
		x = (struct extra_parts){ .inner = { NULL, 0 } };
	ks.k = arena_array(a, 2 + members + KEYS_VALUE * v->n +
	    count_extra(&x),
	    sizeof(*ks.k));
	k = key_reserved(KEY_P_TYPE, type);
	add(a, &ks, &k);
	add_value(a, &ks, type, &at);
	for (size_t i = 0; i < members; i++) {
		k = key_reserved(KEY_P_OWNER, key_member(p->member, i));
		add(a, &ks, &k);
	}
	for (size_t i = 0; i < v->n; i++)
		add_value(a, &ks, type, &v->v[i]);
	add_extra(a, &ks, type, &x);
	qsort(ks.k, ks.n, sizeof(*ks.k), compare);
	/* Two values may share a key (cut, lowered): it is one posting. */
	for (size_t i = 0; i < ks.n; i++)
		if (n == 0 || !bytes_eq(ks.k[n - 1], ks.k[i]))
			ks.k[n++] = ks.k[i];
	ks.n = n;
	return ks;
}

/* Is it one of a transaction's postings that its own changes read? */
static bool
at_once(struct bytes key)
{
	uint16_t param = (uint16_t)(key.p[0] << 8 | key.p[1]);

	return param == KEY_P_BINARY || param == KEY_P_TARGET;
}

/* The first bytes, so that their order is that of the keys. */
static uint64_t
lead(struct bytes key)
{
	uint8_t b[8] = { 0 };

	memcpy(b, key.p, key.len < sizeof(b) ? key.len : sizeof(b));
	return key_be64(b);
}

static enum err
post(struct apply *ap, struct bytes key, uint64_t rid, bool gone)
{
	struct posting *more;

	ap->t.work++;
	if (at_once(key))
		return gone ? db_del64(ap->t.txn, DB_INDEX, key, rid) :
		    db_put64(ap->t.txn, DB_INDEX, key, rid);
	if (ap->n_post == ap->max_post) {
		ap->max_post = ap->max_post == 0 ? 256 : 2 * ap->max_post;
		more = arena_array(ap->a, ap->max_post, sizeof(*more));
		if (ap->n_post > 0)
			memcpy(more, ap->post, ap->n_post * sizeof(*more));
		ap->post = more;
	}
	ap->post[ap->n_post] = (struct posting){ lead(key), key, rid,
	    ap->n_post, gone };
	ap->n_post++;
	return OK;
}

enum err
index_log(struct apply *ap, uint16_t type, uint64_t sequence)
{
	struct key k = key_reserved(KEY_P_CHANGE, type);

	return post(ap, arena_copy(ap->a, key_bytes(&k)), sequence, false);
}

enum err
index_change(struct apply *ap, uint64_t rid, const struct keys *was,
    const struct keys *is)
{
	size_t i = 0, j = 0;
	enum err e;
	int c;

	while (i < was->n || j < is->n) {
		if (i == was->n)
			c = 1;
		else if (j == is->n)
			c = -1;
		else
			c = bytes_cmp(was->k[i], is->k[j]);
		if (c == 0) {
			i++;
			j++;
			continue;
		}
		e = c < 0 ? post(ap, was->k[i++], rid, true) :
		    post(ap, is->k[j++], rid, false);
		if (e != OK)
			return e;
	}
	return OK;
}

static int
compare_post(const void *x, const void *y)
{
	const struct posting *p = x, *q = y;
	int c;

	if (p->lead != q->lead)
		return p->lead < q->lead ? -1 : 1;
	c = bytes_cmp(p->key, q->key);
	if (c != 0)
		return c;
	if (p->rid != q->rid)
		return p->rid < q->rid ? -1 : 1;
	return p->order < q->order ? -1 : 1;
}

enum err
index_flush(struct apply *ap)
{
	const struct posting *p;
	struct item64 *put;
	enum err e = OK;
	size_t n = 0;

	if (ap->n_post == 0)
		return OK;
	qsort(ap->post, ap->n_post, sizeof(*ap->post), compare_post);
	put = arena_room(ap->a, ap->n_post * sizeof(*put));
	for (size_t i = 0; i < ap->n_post && e == OK; i++) {
		p = &ap->post[i];
		/* A resource changed twice: its last word counts. */
		if (i + 1 < ap->n_post && p[0].rid == p[1].rid &&
		    bytes_eq(p[0].key, p[1].key))
			continue;
		if (p->gone)
			e = db_del64(ap->t.txn, DB_INDEX, p->key, p->rid);
		else
			put[n++] = (struct item64){ p->key, p->rid };
	}
	ap->n_post = 0;
	return e == OK && n > 0 ?
	    db_put64_all(ap->t.txn, DB_INDEX, put, n) : e;
}

enum err
index_put_row(struct apply *ap, uint64_t rid, const struct place *p,
    uint64_t born, struct instant updated, const struct values *v,
    struct bytes extra)
{
	struct key k = key_row(p->owner, rid);
	struct bytes row;
	enum err e;

	ap->t.work += 2;
	e = key_put_row(ap->a, born, updated, v, &row);
	if (e == OK)
		e = db_put(ap->t.txn, DB_ROW, key_bytes(&k), row);
	if (e != OK)
		return e;
	if (extra.len > 0)
		return db_put(ap->t.txn, DB_EXTRA, key_bytes(&k), extra);
	e = db_del(ap->t.txn, DB_EXTRA, key_bytes(&k));
	return e == ERR_NOTFOUND ? OK : e;
}

enum err
index_drop_row(struct apply *ap, uint64_t rid, const struct place *p)
{
	struct key k = key_row(p->owner, rid);
	enum err e;

	ap->t.work += 2;
	e = db_del(ap->t.txn, DB_EXTRA, key_bytes(&k));
	if (e == OK || e == ERR_NOTFOUND)
		e = db_del(ap->t.txn, DB_ROW, key_bytes(&k));
	return e;
}
