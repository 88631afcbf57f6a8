/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cache.c -- a bounded hash table with clock replacement.  (L3)
 *
 *	bucket[h] -> slot -> slot -> NONE	chains by index
 *	slot[i].seen			one malloc block: struct and texts
 *	hand				walks the slots: used ones lose their
 *					mark, the first unmarked one goes
 *
 * A block holds the struct and, behind it, everything its pointers name, so
 * that keeping one and handing one out are the same copy.
 */
#include "auth/cache.h"

#include <sodium.h>
#include <stdlib.h>

#define NONE	UINT32_MAX

struct slot {
	struct seen	*seen;		/* NULL: free */
	uint32_t	 next;		/* in its bucket */
	bool		 used;		/* since the hand came by */
};

struct cache {
	struct slot	*slot;
	uint32_t	*bucket;
	uint32_t	 n_slot, mask;	/* buckets: mask + 1, a power of 2 */
	uint32_t	 hand, count;
};

/* --- blocks --------------------------------------------------------------- */

#define TEXTS	11

/* Every text a struct seen holds, once. */
static void
texts_of(struct seen *s, struct bytes *text[static TEXTS])
{
	text[0] = &s->claims.iss;
	text[1] = &s->claims.aud;
	text[2] = &s->claims.sub;
	text[3] = &s->claims.client;
	text[4] = &s->claims.scope;
	text[5] = &s->claims.jti;
	text[6] = &s->claims.grant;
	text[7] = &s->claims.patient;
	text[8] = &s->grant_scope;
	text[9] = &s->claims.jkt;
	text[10] = &s->view.relation.practitioner;
}

/* Parts with pointers first, so that all are aligned. */
static size_t
head_size(const struct seen *s)
{
	return sizeof *s + s->view.n_rule * sizeof *s->view.rule +
	    s->view.n_patient * sizeof *s->view.patient;
}

static size_t
block_size(const struct seen *s)
{
	struct seen copy = *s;
	struct bytes *text[TEXTS];
	size_t i, size = head_size(s);

	texts_of(&copy, text);
	for (i = 0; i < TEXTS; i++)
		size += text[i]->len;
	for (i = 0; i < s->view.n_patient; i++)
		size += s->view.patient[i].len;
	return size;
}

static uint8_t *
move_text(struct bytes *text, uint8_t *at)
{
	if (text->len > 0)
		memcpy(at, text->p, text->len);
	text->p = at;
	return at + text->len;
}

/* Copy s with all it names into a block of block_size bytes. */
static struct seen *
copy_to(void *block, const struct seen *s)
{
	struct seen *d = block;
	struct bytes *text[TEXTS];
	uint8_t *at;
	size_t i;

	*d = *s;
	d->view.rule = (struct view_rule *)(d + 1);
	d->view.patient = (struct bytes *)(d->view.rule + d->view.n_rule);
	if (d->view.n_rule > 0)
		memcpy(d->view.rule, s->view.rule,
		    d->view.n_rule * sizeof *d->view.rule);
	if (d->view.n_patient > 0)
		memcpy(d->view.patient, s->view.patient,
		    d->view.n_patient * sizeof *d->view.patient);
	at = (uint8_t *)block + head_size(s);
	texts_of(d, text);
	for (i = 0; i < TEXTS; i++)
		at = move_text(text[i], at);
	for (i = 0; i < d->view.n_patient; i++)
		at = move_text(&d->view.patient[i], at);
	return d;
}

/* --- the table ------------------------------------------------------------ */

static void
drop_all(void *p)
{
	struct cache *c = p;
	uint32_t i;

	for (i = 0; i < c->n_slot; i++)
		free(c->slot[i].seen);
}

struct cache *
cache_new(struct arena *a, size_t n)
{
	struct cache *c = arena_alloc(a, sizeof *c);
	uint32_t i;

	c->n_slot = n > UINT32_MAX / 4 ? UINT32_MAX / 4 : (uint32_t)n;
	for (c->mask = 1; c->mask < c->n_slot; c->mask <<= 1)
		;
	c->mask--;
	c->slot = arena_array(a, c->n_slot, sizeof *c->slot);
	c->bucket = arena_array(a, (size_t)c->mask + 1, sizeof *c->bucket);
	for (i = 0; i <= c->mask; i++)
		c->bucket[i] = NONE;
	arena_defer(a, drop_all, c);
	return c;
}

/* The hash is a good one: any bits of it will do. */
static uint32_t *
bucket_of(struct cache *c, const uint8_t hash[static CACHE_HASH_LEN])
{
	uint32_t h;

	memcpy(&h, hash, sizeof h);
	return &c->bucket[h & c->mask];
}

/* The link that leads to the entry, or the NONE at the end of its chain. */
static uint32_t *
link_of(struct cache *c, const uint8_t hash[static CACHE_HASH_LEN])
{
	uint32_t *at = bucket_of(c, hash);

	while (*at != NONE && sodium_memcmp(c->slot[*at].seen->hash, hash,
	    CACHE_HASH_LEN) != 0)
		at = &c->slot[*at].next;
	return at;
}

struct seen *
cache_find(struct cache *c, struct arena *a,
    const uint8_t hash[static CACHE_HASH_LEN])
{
	struct slot *s;
	uint32_t i = *link_of(c, hash);

	if (i == NONE)
		return NULL;
	s = &c->slot[i];
	s->used = true;
	return copy_to(arena_alloc(a, block_size(s->seen)), s->seen);
}

void
cache_drop(struct cache *c, const uint8_t hash[static CACHE_HASH_LEN])
{
	uint32_t *at = link_of(c, hash);
	struct slot *s;

	if (*at == NONE)
		return;
	s = &c->slot[*at];
	*at = s->next;
	free(s->seen);
	*s = (struct slot){ .seen = NULL };
	c->count--;
}

/* A free slot; the hand ends its walk at the second round at the latest. */
static uint32_t
make_room(struct cache *c)
{
	uint32_t i;

	for (;;) {
		i = c->hand;
		c->hand = (c->hand + 1) % c->n_slot;
		if (c->slot[i].seen == NULL)
			return i;
		if (!c->slot[i].used) {
			cache_drop(c, c->slot[i].seen->hash);
			return i;
		}
		c->slot[i].used = false;
	}
}

void
cache_put(struct cache *c, const struct seen *s)
{
	uint32_t i, *head;
	void *block;

	if (c->n_slot == 0)
		return;
	cache_drop(c, s->hash);
	block = malloc(block_size(s));
	if (block == NULL)
		return;		/* it is a cache: the next time, then */
	i = make_room(c);
	head = bucket_of(c, s->hash);
	c->slot[i] = (struct slot){ .seen = copy_to(block, s),
	    .next = *head };
	*head = i;
	c->count++;
}

size_t
cache_count(const struct cache *c)
{
	return c->count;
}
