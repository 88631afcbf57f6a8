/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.c -- sealed cursors.
 *
 * XChaCha20-Poly1305 under the page key of the store (the one before it still
 * opens), base64url.  The plain text:
 *
 *	0    1     2         10        26       42       50
 *	+----+-----+---------+---------+--------+--------+------+
 *	| 02 | flag| ceiling | query16 | view16 | expiry | spot |
 *	+----+-----+---------+---------+--------+--------+------+
 *	flag 1: back, 2: bounded; numbers big-endian; the spot, zeros where
 *	there is none, is as long as the query wants it
 *
 * What does not open says nothing but ERR_VALUE, whatever the reason: a
 * cursor of another view is no oracle.
 */
#include <sodium.h>

#include "base/text.h"
#include "store/page.h"

#define NONCE	crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG	crypto_aead_xchacha20poly1305_ietf_ABYTES
#define FORMAT	2u

enum { AT_CEILING = 2, AT_QUERY = AT_CEILING + 8, AT_VIEW = AT_QUERY + 16,
    AT_EXPIRY = AT_VIEW + 16, AT_SPOT = AT_EXPIRY + 8,
    PLAIN_MAX = AT_SPOT + SPOT_MAX };

static const uint8_t purpose[] = "tiphys cursor";	/* associated data */

_Static_assert(NONCE == sizeof(((struct page_ask *)0)->nonce),
    "page_ask carries one nonce");

void
page_digest(const char *what, const uint64_t *number, size_t n,
    struct bytes id, uint8_t out[static 16])
{
	crypto_generichash_state st;
	uint8_t be[sizeof(*number)];
	size_t i;

	(void)crypto_generichash_init(&st, NULL, 0, 16);
	(void)crypto_generichash_update(&st, (const uint8_t *)what,
	    strlen(what) + 1);
	for (i = 0; i < n; i++) {
		key_put_be64(be, number[i]);
		(void)crypto_generichash_update(&st, be, sizeof(be));
	}
	(void)crypto_generichash_update(&st, id.p, id.len);
	(void)crypto_generichash_final(&st, out, 16);
}

/* A cursor to the place, base64url, in a. */
static struct bytes
seal(const struct snapshot *t, struct arena *a, const struct view *v,
    const uint8_t query[static 16], const struct page_ask *ask,
    enum page_link link, const struct page_at *p)
{
	uint8_t plain[PLAIN_MAX] = { FORMAT };
	uint8_t out[NONCE + PLAIN_MAX + TAG];
	size_t len = AT_SPOT + p->spot.len;

	plain[1] = (uint8_t)((p->back ? 1 : 0) | (p->bounded ? 2 : 0));
	if (p->bounded)
		memcpy(plain + AT_SPOT, p->spot.b, p->spot.len);
	key_put_be64(plain + AT_CEILING, p->ceiling);
	memcpy(plain + AT_QUERY, query, 16);
	memcpy(plain + AT_VIEW, v->digest, 16);
	key_put_be64(plain + AT_EXPIRY,
	    (uint64_t)ask->now.ms + ask->lifetime_ms);
	/* One random nonce a request, four cursors: each gets its own. */
	memcpy(out, ask->nonce, NONCE);
	out[NONCE - 1] ^= (uint8_t)link;
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE, NULL, plain,
	    len, purpose, sizeof(purpose), NULL, out, t->store->page_key);
	return text_b64url(a, bytes_of(out, NONCE + len + TAG));
}

static bool
unseal(struct bytes in, const uint8_t key[static 32],
    uint8_t plain[static PLAIN_MAX])
{
	return crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL,
	    in.p + NONCE, in.len - NONCE, purpose, sizeof(purpose), in.p,
	    key) == 0;
}

enum err
page_open(const struct snapshot *t, struct arena *a, const struct view *v,
    const uint8_t query[static 16], const struct page_ask *ask,
    struct page_at *out)
{
	uint8_t plain[PLAIN_MAX];
	size_t len = AT_SPOT + out->spot.len;
	struct bytes in;
	enum err e;

	e = text_unb64url(a, ask->cursor, &in);
	if (e != OK || in.len != NONCE + len + TAG)
		return ERR_VALUE;
	if (!unseal(in, t->store->page_key, plain) &&
	    !(t->store->has_old && unseal(in, t->store->page_old, plain)))
		return ERR_VALUE;
	if (plain[0] != FORMAT ||
	    sodium_memcmp(plain + AT_QUERY, query, 16) != 0 ||
	    sodium_memcmp(plain + AT_VIEW, v->digest, 16) != 0 ||
	    (int64_t)key_be64(plain + AT_EXPIRY) < ask->now.ms)
		return ERR_VALUE;
	out->back = (plain[1] & 1) != 0;
	out->bounded = (plain[1] & 2) != 0;
	memcpy(out->spot.b, plain + AT_SPOT, out->spot.len);
	out->ceiling = key_be64(plain + AT_CEILING);
	return OK;
}

static struct page_at
beside(const struct window *w, size_t i, bool back)
{
	struct page_at p = { .back = back, .bounded = true,
	    .ceiling = w->place.ceiling };

	p.spot.len = w->place.spot.len;
	memcpy(p.spot.b, w->spot + i * p.spot.len, p.spot.len);
	return p;
}

void
page_links(const struct snapshot *t, struct arena *a, const struct view *v,
    const uint8_t query[static 16], const struct page_ask *ask,
    const struct window *w, size_t first, size_t n, struct page *out)
{
	struct page_at ends = { .ceiling = w->place.ceiling };
	struct page_at next, previous;
	bool earlier, later;

	earlier = first > 0 || (!w->place.back && w->other);
	later = first + n < w->n || (w->place.back && w->other);
	ends.spot.len = w->place.spot.len;
	next = previous = ends;
	previous.back = true;
	if (n > 0) {
		previous = beside(w, first, true);
		next = beside(w, first + n - 1, false);
	}
	if (later)
		out->next = seal(t, a, v, query, ask, LINK_NEXT, &next);
	if (earlier)
		out->previous = seal(t, a, v, query, ask, LINK_PREVIOUS,
		    &previous);
	if (!earlier && !later)
		return;		/* the page is all there is */
	out->first = seal(t, a, v, query, ask, LINK_FIRST, &ends);
	ends.back = true;
	out->last = seal(t, a, v, query, ask, LINK_LAST, &ends);
}
