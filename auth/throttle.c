/* SPDX-License-Identifier: Apache-2.0 */
/*
 * throttle.c -- how long until the next guess.  (L3)
 *
 * An account that was guessed at waits for everybody but browsers that were
 * signed in to it before (a device has a counter of its own), so nobody can
 * lock the owner out.  A network (/24, /64) has its counter for all accounts
 * together, against spraying.  Counters are hashes: the folder does not tell
 * who tried what from where.
 *
 * Attacks LOG-02, LOG-03, LOG-04, TKE-16.  NIST SP 800-63B-4 3.2.2.
 */
#include <arpa/inet.h>

#include "auth/smart_in.h"

#define WAIT_MAX_S	3600
#define FORGIVE_S	60	/* a network: one failure each */
#define KEEP_MS		(INT64_C(7) * 86400 * 1000)
#define NET4		3	/* bytes of a network: /24 */
#define NET6		8	/* /64 */

/* The network of an address; the text itself where it is none. */
static struct bytes
network(struct bytes address, uint8_t out[static 16])
{
	char text[INET6_ADDRSTRLEN];

	if (address.len == 0 || address.len >= sizeof text)
		return address;
	memcpy(text, address.p, address.len);
	text[address.len] = '\0';
	if (inet_pton(AF_INET, text, out) == 1)
		return bytes_of(out, NET4);
	if (inet_pton(AF_INET6, text, out) == 1)
		return bytes_of(out, NET6);
	return address;
}

void
throttle_key(enum throttle_kind kind, struct bytes who,
    struct bytes address, uint8_t out[static SAFE_HASH])
{
	const uint8_t k = (uint8_t)kind;
	uint8_t net[16];

	smart_digest(bytes_of(&k, 1), who, network(address, net), out);
}

/* Networks and clients: what has not been forgiven by now. */
static uint32_t
left(const struct safe_throttle *h, struct instant now, int64_t per_ms)
{
	int64_t gone = (now.ms - h->last.ms) / per_ms;

	if (gone <= 0)
		return h->fails;
	return gone >= (int64_t)h->fails ? 0 : h->fails - (uint32_t)gone;
}

static int64_t
per_ms(const struct smart *s, enum throttle_kind kind)
{
	if (kind == THROTTLE_FLOW)
		return 60000 / s->conf->num[CONF_FLOW_NET] + 1;
	return FORGIVE_S * 1000;
}

static bool
is_account(enum throttle_kind kind)
{
	return kind == THROTTLE_ACCOUNT || kind == THROTTLE_DEVICE ||
	    kind == THROTTLE_SECOND;
}

/* Of the failures that were too many the wait doubles. */
static int64_t
account_wait(const struct smart *s, const struct safe_throttle *h,
    struct instant now)
{
	const int64_t free_n = s->conf->num[CONF_FAIL_FREE];
	int64_t over = (int64_t)h->fails - free_n;
	int64_t wait_ms, since = now.ms - h->last.ms;

	if (h->fails >= s->conf->num[CONF_FAIL_MAX])
		return INT64_MAX;
	if (over < 0)
		return 0;
	wait_ms = over >= 12 ? WAIT_MAX_S * 1000 : (INT64_C(1) << over) * 1000;
	if (wait_ms > WAIT_MAX_S * 1000)
		wait_ms = WAIT_MAX_S * 1000;
	/* A clock that went back must not make it longer. */
	if (since < 0)
		since = 0;
	return since >= wait_ms ? 0 : (wait_ms - since + 999) / 1000;
}

enum err
throttle_wait(struct smart *s, struct smart_call *c, struct txn *t,
    enum throttle_kind kind, const uint8_t key[static SAFE_HASH],
    int64_t *wait_out)
{
	const int64_t max = kind == THROTTLE_FLOW ?
	    s->conf->num[CONF_FLOW_NET] : s->conf->num[CONF_FAIL_NET];
	struct safe_throttle h;
	enum err e;

	e = safe_get(t, SDB_THROTTLE, hash_key(key), &h);
	if (e == ERR_NOTFOUND) {
		*wait_out = 0;
		return OK;
	}
	if (e != OK)
		return e;
	if (is_account(kind))
		*wait_out = account_wait(s, &h, c->now);
	else
		*wait_out = left(&h, c->now, per_ms(s, kind)) < max ? 0 :
		    per_ms(s, kind) / 1000 + 1;
	return OK;
}

enum err
throttle_count(struct smart *s, struct smart_call *c, struct txn *t,
    enum throttle_kind kind, const uint8_t key[static SAFE_HASH])
{
	struct safe_throttle h = { .fails = 0 };
	enum err e;

	e = safe_get(t, SDB_THROTTLE, hash_key(key), &h);
	if (e == ERR_NOTFOUND)
		e = safe_due(t, SDB_THROTTLE, hash_key(key),
		    (struct instant){ c->now.ms + KEEP_MS });
	if (e != OK)
		return e;
	if (!is_account(kind))
		h.fails = left(&h, c->now, per_ms(s, kind));
	if (h.fails < UINT32_MAX)
		h.fails++;
	h.last = c->now;
	return safe_put(t, c->a, SDB_THROTTLE, hash_key(key), &h);
}
