/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cursor.c -- fuzz target: what comes back as the token of a page.
 *
 * The input is a token; and it is a list of changes (place, bits) to one that
 * was sealed here.  A token opens if and only if it is the one sealed, byte
 * for byte: not another spelling of it, not for another query, view or time.
 * SRC-10.
 */
#include <stdlib.h>
#include <sodium.h>

#include "store/page.h"
#include "store/record.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define NOW_MS		INT64_C(1767225600000)
#define LIFE_MS		60000

static void
must(bool held)
{
	if (!held)
		abort();
}

struct desk {
	struct store	 store;
	struct view	 view;
	struct page_ask	 ask;
	uint8_t		 query[16];
};

static void
set_up(struct desk *d)
{
	*d = (struct desk){ .store = { .page_key = "a key of the pages" },
	    .query = "a query", .ask = { .now = { NOW_MS },
	    .lifetime_ms = LIFE_MS } };
	memcpy(d->view.digest, "a view", 6);
	memcpy(d->ask.nonce, "a nonce", 7);
}

static enum err
reopen(struct desk *d, struct arena *a, struct bytes token,
    struct page_at *at)
{
	const struct snapshot t = { .store = &d->store, .arena = a };
	struct page_ask ask = d->ask;

	*at = (struct page_at){ .spot = { .len = sizeof(uint64_t) } };
	ask.cursor = token;
	return page_open(&t, a, &d->view, d->query, &ask, at);
}

/* The link to the page behind the third of five entries. */
static struct bytes
sealed(struct desk *d, struct arena *a)
{
	const struct snapshot t = { .store = &d->store, .arena = a };
	struct page_at at = { .ceiling = 77,
	    .spot = { .len = sizeof(uint64_t) } };
	struct window w = window_new(a, &at, 5);
	struct page p = { .total = 5 };
	struct spot s;
	uint64_t i;

	for (i = 1; i <= 5; i++) {
		spot_plain(i, &s);
		window_add(&w, &s);
	}
	window_done(&w);
	page_links(&t, a, &d->view, d->query, &d->ask, &w, 0, 3, &p);
	return p.next;
}

static void
check_sealed(struct desk *d, struct arena *a, struct bytes token)
{
	struct desk other = *d;
	struct page_at at;

	must(reopen(d, a, token, &at) == OK);
	must(at.bounded && !at.back && at.ceiling == 77 &&
	    spot_number(&at.spot) == 3);
	other.query[0] ^= 1;
	must(reopen(&other, a, token, &at) == ERR_VALUE);
	other = *d;
	other.view.digest[0] ^= 1;
	must(reopen(&other, a, token, &at) == ERR_VALUE);
	other = *d;
	other.ask.now.ms += LIFE_MS + 1;
	must(reopen(&other, a, token, &at) == ERR_VALUE);
	other = *d;
	other.store.page_key[0] ^= 1;
	must(reopen(&other, a, token, &at) == ERR_VALUE);
	memcpy(other.store.page_old, d->store.page_key, 32);
	other.store.has_old = true;
	must(reopen(&other, a, token, &at) == OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes token, in = bytes_of(data, len);
	struct arena *a;
	struct page_at at;
	struct desk d;
	uint8_t *copy;
	size_t i;

	if (sodium_init() < 0)
		return 0;
	a = arena_new(0);
	set_up(&d);
	token = sealed(&d, a);
	check_sealed(&d, a, token);
	must((reopen(&d, a, in, &at) == OK) == bytes_eq(in, token));
	copy = arena_alloc(a, token.len);
	memcpy(copy, token.p, token.len);
	for (i = 0; i + 1 < len; i += 2)
		copy[data[i] % token.len] ^= data[i + 1];
	in = bytes_of(copy, token.len);
	must((reopen(&d, a, in, &at) == OK) == bytes_eq(in, token));
	arena_free(&a);
	return 0;
}
