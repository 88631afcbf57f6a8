/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply_quota.c -- how much one client may add in a day.  (L2)
 *
 * Counted in the transaction that adds it, so that no number of workers adds
 * more than one.  The counter lies in meta, whose page every write changes
 * anyway: a read and a put a transaction, whatever it holds.
 *
 * Reading is not counted, nor is deleting: whoever has filled a quota can
 * still look, and take back.  The loader has no quota.
 *
 * Attack DOS-08.
 */
#include "store/apply.h"
#include "store/meta.h"

#define DAY_MS		86400000
#define EACH		1024	/* bytes: what the index says of a version */

static struct key
counter(const struct quota *q)
{
	struct key k = { .len = 0 };

	key_add(&k, bytes_str(META_QUOTA));
	key_add_be64(&k, q->client);
	return k;
}

enum err
quota_begin(struct apply *ap, struct bytes client, uint64_t day_bytes,
    struct instant now)
{
	struct quota q = { .client = key_hash8(client), .max = day_bytes,
	    .day = (uint64_t)(now.ms / DAY_MS) };
	struct key k = counter(&q);
	struct bytes val;
	enum err e;

	ap->t.work++;
	e = db_get(ap->t.txn, DB_META, key_bytes(&k), &val);
	if (e != OK && e != ERR_NOTFOUND)
		return e;
	if (e == OK && val.len != 16)
		return ERR_STORE;
	/* A clock that went back begins no new day. */
	if (e == OK && key_be64(val.p) >= q.day) {
		q.day = key_be64(val.p);
		q.used = key_be64(val.p + 8);
	}
	ap->quota = q;
	ap->begun.added = q.used;
	return OK;
}

enum err
quota_take(struct apply *ap, const struct work *w)
{
	struct quota *q = &ap->quota;
	const struct json_doc *doc = w->c->doc;
	uint64_t n;

	if (q->max == 0 || w->c->kind == CHANGE_DELETE)
		return OK;
	n = doc->head.len + doc->tail.len + EACH;
	if (!w->c->own && (q->used > q->max || n > q->max - q->used))
		return ERR_THROTTLED;
	q->used += n;
	return OK;
}

enum err
quota_put(struct apply *ap)
{
	const struct quota *q = &ap->quota;
	struct key k UNINIT;
	uint8_t val[16];

	if (q->used == ap->begun.added)
		return OK;
	k = counter(q);
	key_put_be64(val, q->day);
	key_put_be64(val + 8, q->used);
	ap->t.work++;
	return db_put(ap->t.txn, DB_META, key_bytes(&k),
	    bytes_of(val, sizeof(val)));
}
