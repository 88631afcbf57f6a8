/* SPDX-License-Identifier: Apache-2.0 */
/*
 * caller.c -- which client is at our endpoint, and is it true?  (L3)
 *
 * One way to prove it per client, fixed at registration (Z09: there is no
 * client that is trusted without): a secret of ours by Basic or form, or a
 * signed assertion.  Unknown, disabled and wrong are one answer.
 *
 * Spec: RFC 6749 section 2.3, RFC 7523; interop 1, 5, 10.  Attacks TKE-02,
 * TKE-04, TKE-06, TKE-16, CA.
 */
#include <sodium.h>

#include "auth/assertion.h"
#include "auth/smart_in.h"
#include "base/text.h"

#define BASIC_MAX	1024	/* bytes, decoded */

struct claimed {		/* what the request says */
	struct bytes	 id, secret, assertion;
	bool		 basic;
};

static enum err
refuse(struct smart_call *c, bool basic)
{
	c->error.event = "client-refused";
	c->error.challenge = basic;
	return smart_fail(c, ERR_LOGIN, FAULT_CLIENT, NULL,
	    "the client is not known here, or did not prove who it is in "
	    "the way it is registered for");
}

static enum err
malformed(struct smart_call *c, const char *place, const char *text)
{
	return smart_fail(c, ERR_USAGE, FAULT_REQUEST, place, text);
}

/* --- reading ---------------------------------------------------------- */

/* id and secret are form-encoded before Basic encodes them (RFC 6749 2.3.1). */
static enum err
read_basic(struct smart_call *c, struct bytes header, struct claimed *out)
{
	uint8_t *text = arena_alloc(c->a, BASIC_MAX);
	struct bytes b64 = bytes_from(header, 6), id, secret;
	size_t len;

	if (!text_caseeq(bytes_sub(header, 0, 6), bytes_str("Basic ")) ||
	    sodium_base642bin(text, BASIC_MAX, (const char *)b64.p, b64.len,
	    NULL, &len, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
		return refuse(c, true);
	if (!bytes_cut(bytes_of(text, len), ':', &id, &secret) ||
	    text_unpct(c->a, id, true, &out->id) != OK ||
	    text_unpct(c->a, secret, true, &out->secret) != OK)
		return refuse(c, true);
	out->basic = true;
	return OK;
}

static enum err
read_form(struct smart_call *c, const struct smart_post *p,
    struct claimed *out)
{
	const struct bytes id = param_get(p->pair, p->n, "client_id");
	const struct bytes secret = param_get(p->pair, p->n,
	    "client_secret");
	const struct bytes type = param_get(p->pair, p->n,
	    "client_assertion_type");

	out->assertion = param_get(p->pair, p->n, "client_assertion");
	if ((secret.len > 0) + out->basic + (out->assertion.len > 0) > 1)
		return malformed(c, NULL, "the client proves who it is in "
		    "more than one way");
	if (out->assertion.len > 0 && !bytes_is(type, ASSERTION_TYPE))
		return malformed(c, "client_assertion_type",
		    "is " ASSERTION_TYPE);
	if (out->basic && id.len > 0 && !bytes_eq(id, out->id))
		return refuse(c, true);
	if (!out->basic) {
		out->id = id;
		out->secret = secret;
	}
	return OK;
}

/* --- proving ---------------------------------------------------------- */

static bool
secret_fits(const struct safe_client *cl, struct bytes secret)
{
	uint8_t hash[SAFE_HASH];

	return smart_hash("tss_", secret, hash) &&
	    sodium_memcmp(hash, cl->secret, sizeof hash) == 0;
}

static bool
was_used(struct smart *s, struct smart_call *c,
    const uint8_t key[static SAFE_HASH], enum err *e_out)
{
	struct safe_once once;
	struct txn *t;

	*e_out = smart_read(s, c, &t);
	if (*e_out != OK)
		return true;
	*e_out = safe_get(t, SDB_ONCE, hash_key(key), &once);
	txn_end(t);
	if (*e_out == ERR_NOTFOUND) {
		*e_out = OK;
		return false;
	}
	return true;
}

static enum err
by_assertion(struct smart *s, struct smart_call *c,
    const struct assertion *as, struct caller *who, bool *ok_out)
{
	/* The token endpoint as SMART has it, or the issuer as RFC 7523bis
	 * and its clients do: either names us and nobody else. */
	const struct bytes aud[] = { bytes_str(arena_printf(c->a,
	    "%.*s/token", BYTES_FMT(s->iss))), s->iss };
	const struct assertion_want want = { .client = who->id,
	    .aud = aud, .n_aud = N_ELEM(aud), .now = c->now };
	const char *why;
	struct jwk *set;
	size_t n;
	enum err e;

	*ok_out = false;
	if (assertion_check(as, &want, &why) != OK)
		return OK;
	smart_digest(bytes_str("assertion"), who->id, as->jti, who->once);
	if (was_used(s, c, who->once, &e))
		return e;
	e = jwk_set(c->a, who->client.jwks, JWK_CLIENT, &set, &n, &why);
	if (e != OK)
		return ERR_STORE;	/* it was checked when it came in */
	*ok_out = assertion_verify(as, set, n, s->engine, &why) == OK;
	who->keep_s = as->keep_s;
	return OK;
}

/* --- throttle --------------------------------------------------------- */

struct guess {
	struct smart		*s;
	struct smart_call	*c;
	uint8_t			 key[SAFE_HASH];
};

static enum err
write_guess(struct txn *t, void *arg)
{
	struct guess *w = arg;

	return throttle_count(w->s, w->c, t, THROTTLE_CLIENT, w->key);
}

static enum err
ask_throttle(struct guess *w)
{
	int64_t wait_s;
	struct txn *t;
	enum err e;

	e = smart_read(w->s, w->c, &t);
	if (e != OK)
		return e;
	e = throttle_wait(w->s, w->c, t, THROTTLE_CLIENT, w->key, &wait_s);
	txn_end(t);
	if (e != OK || wait_s == 0)
		return e;
	w->c->error.event = "client-throttled";
	w->c->error.retry_s = wait_s;
	return smart_fail(w->c, ERR_THROTTLED, FAULT_SLOW, NULL,
	    "too many wrong secrets for this client from this network; try "
	    "again in a minute");
}

/* --- all of it -------------------------------------------------------- */

static enum err
prove(struct smart *s, struct smart_call *c, const struct claimed *cl,
    const struct assertion *as, struct caller *who)
{
	struct guess w = { .s = s, .c = c };
	bool ok = false;
	enum err e;

	throttle_key(THROTTLE_CLIENT, who->id, c->address, w.key);
	e = ask_throttle(&w);
	if (e != OK)
		return smart_end(c, e);
	switch (who->client.type) {
	case CLIENT_PUBLIC:
		ok = cl->secret.len == 0 && as == NULL;
		break;
	case CLIENT_SECRET:
		ok = as == NULL && secret_fits(&who->client, cl->secret);
		break;
	case CLIENT_KEYS:
		if (as != NULL && cl->secret.len == 0)
			e = by_assertion(s, c, as, who, &ok);
		break;
	}
	if (e != OK)
		return smart_end(c, e);
	who->proved = ok && who->client.type != CLIENT_PUBLIC;
	if (ok)
		return OK;
	e = smart_write(s, c, write_guess, &w);
	return e == OK ? refuse(c, cl->basic) : smart_end(c, e);
}

enum err
caller_find(struct smart *s, struct smart_call *c,
    const struct smart_post *p, struct caller *out)
{
	struct caller who = { .proved = false };
	struct claimed cl = { .basic = false };
	struct assertion as;
	const char *why;
	enum err e;

	e = param_check(c, p->pair, p->n);
	if (e == OK && p->header.len > 0)
		e = read_basic(c, p->header, &cl);
	if (e == OK)
		e = read_form(c, p, &cl);
	if (e != OK)
		return e;
	if (cl.assertion.len > 0) {
		if (assertion_parse(c->a, cl.assertion, &as, &why) != OK ||
		    (cl.id.len > 0 && !bytes_eq(cl.id, as.sub)))
			return refuse(c, false);
		cl.id = as.sub;
	}
	if (cl.id.len == 0) {
		*out = who;
		return OK;
	}
	who.id = arena_copy(c->a, cl.id);
	e = client_find(s, c, who.id, &who.client);
	if (e == ERR_NOTFOUND)
		return refuse(c, cl.basic);
	if (e != OK)
		return smart_end(c, e);
	c->client = who.id;
	e = prove(s, c, &cl, cl.assertion.len > 0 ? &as : NULL, &who);
	if (e == OK)
		*out = who;
	return e;
}

/* --- once ------------------------------------------------------------- */

enum err
once_add(struct smart_call *c, struct txn *t,
    const uint8_t key[static SAFE_HASH], struct bytes what,
    struct instant until)
{
	const struct safe_once once = { .what = what, .expires = until };
	struct safe_once old;
	enum err e;

	e = safe_get(t, SDB_ONCE, hash_key(key), &old);
	if (e == OK)
		return ERR_CONFLICT;
	if (e == ERR_NOTFOUND)
		e = safe_put(t, c->a, SDB_ONCE, hash_key(key), &once);
	return e == OK ? safe_due(t, SDB_ONCE, hash_key(key), until) : e;
}

enum err
caller_once(struct smart_call *c, struct txn *t, const struct caller *who)
{
	enum err e;

	if (who->keep_s == 0)
		return OK;
	e = once_add(c, t, who->once, bytes_of(NULL, 0),
	    (struct instant){ who->keep_s * 1000 });
	return e == ERR_CONFLICT ? refuse(c, false) : e;
}
