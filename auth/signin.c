/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signin.c -- user name, password, second factor.  (L3)
 *
 * Unknown, disabled and wrong are one answer, after the same work.  The
 * throttle is asked before the hash, to spare it, and again with the result
 * in hand, so that guesses sent at once count one by one.  Each step gives
 * the browser a new session (a fixed one is worth nothing to who fixed it),
 * and takes its flow along.
 *
 * Attacks LOG-01 to LOG-07, LOG-11.
 */
#include <sodium.h>

#include "auth/smart_in.h"

#define DEVICE_MS	(INT64_C(365) * 86400 * 1000)
#define RECOVERY_TEXT	16	/* base32 of SAFE_CODE_LEN */

struct signin {
	struct smart		*s;
	struct smart_call	*c;
	struct bytes		 name;
	struct bytes		 flow;		/* id, or "" */
	struct bytes		 code;		/* second factor */
	bool			 right;		/* the password was */
	enum throttle_kind	 kind;
	uint8_t			 account[SAFE_HASH], net[SAFE_HASH];
	struct bytes		 cookie, device;	/* new ones */
	uint8_t			 fresh[SAFE_HASH];	/* of cookie */
	/* what the transaction says */
	int64_t			 wait_s;
	bool			 refused, no_factor, pending;
};

static bool
is_staff(enum user_kind kind)
{
	return kind != USER_PATIENT && kind != USER_RELATED;
}

static enum err
wait_for(struct smart_call *c, int64_t wait_s)
{
	c->error.event = "login-throttled";
	if (wait_s == INT64_MAX) {
		c->error.retry_s = 86400;
		return smart_fail(c, ERR_THROTTLED, FAULT_SLOW, NULL,
		    "too many wrong attempts: sign in from a browser you "
		    "used before, or have a new password set for you");
	}
	c->error.retry_s = wait_s;
	return smart_fail(c, ERR_THROTTLED, FAULT_SLOW, NULL,
	    arena_printf(c->a, "too many wrong attempts: try again in %lld "
	    "seconds", (long long)wait_s));
}

static enum err
wrong(struct smart_call *c, const char *event, const char *text)
{
	c->error.event = event;
	return smart_fail(c, ERR_LOGIN, FAULT_DENIED, NULL, text);
}

/* --- throttles -------------------------------------------------------- */

/* Was somebody signed in to this account with this browser before? */
static bool
device_known(struct txn *t, const struct signin *in)
{
	uint8_t hash[SAFE_HASH];
	struct safe_once once;

	return smart_hash("tsd_", in->c->device, hash) &&
	    safe_get(t, SDB_ONCE, hash_key(hash), &once) == OK &&
	    bytes_eq(once.what, in->name) &&
	    in->c->now.ms < once.expires.ms;
}

static enum err
how_long(struct txn *t, struct signin *in)
{
	int64_t net_s;
	enum err e;

	e = throttle_wait(in->s, in->c, t, in->kind, in->account,
	    &in->wait_s);
	if (e == OK)
		e = throttle_wait(in->s, in->c, t, THROTTLE_NET, in->net,
		    &net_s);
	if (e == OK && net_s > in->wait_s)
		in->wait_s = net_s;
	return e;
}

static enum err
count(struct txn *t, struct signin *in)
{
	enum err e;

	e = throttle_count(in->s, in->c, t, in->kind, in->account);
	return e == OK ? throttle_count(in->s, in->c, t, THROTTLE_NET,
	    in->net) : e;
}

/* --- a new session ---------------------------------------------------- */

static enum err
move_flow(struct txn *t, const struct signin *in)
{
	uint8_t hash[SAFE_HASH];
	struct safe_flow f;
	enum err e;

	if (in->flow.len == 0)
		return OK;
	e = flow_find(in->s, in->c, t, in->flow, hash, &f);
	if (e != OK)
		return e == ERR_NOTFOUND ? OK : e;
	safe_keep(in->c->a, SDB_FLOW, &f);
	memcpy(f.browser, in->fresh, sizeof f.browser);
	return safe_put(t, in->c->a, SDB_FLOW, hash_key(hash), &f);
}

static enum err
put_session(struct txn *t, const struct signin *in,
    const struct safe_user *u, bool pending)
{
	const struct safe_session ss = { .user = in->name,
	    .serial = u->serial, .pending = pending,
	    .started = in->c->now, .seen = in->c->now,
	    .address = in->c->address };
	uint8_t old[SAFE_HASH];
	enum err e = OK;

	if (smart_browser(in->c, old))
		e = safe_del(t, SDB_SESSION, hash_key(old));
	if (e == OK)
		e = safe_put(t, in->c->a, SDB_SESSION, hash_key(in->fresh),
		    &ss);
	if (e == OK)
		e = safe_due(t, SDB_SESSION, hash_key(in->fresh),
		    (struct instant){ in->c->now.ms +
		    in->s->conf->num[CONF_SESSION_S] * 1000 });
	return e == OK ? move_flow(t, in) : e;
}

/* The browser is known from now on; what was guessed before is forgiven. */
static enum err
put_device(struct txn *t, const struct signin *in)
{
	const struct instant until = { in->c->now.ms + DEVICE_MS };
	const struct safe_once once = { .what = in->name,
	    .expires = until };
	uint8_t hash[SAFE_HASH];
	enum err e;

	if (!smart_hash("tsd_", in->device, hash))
		return ERR_BUG;
	e = safe_put(t, in->c->a, SDB_ONCE, hash_key(hash), &once);
	return e == OK ? safe_due(t, SDB_ONCE, hash_key(hash), until) : e;
}

/* The counter of this browser for this account. */
static enum throttle_kind
account_key(struct txn *t, const struct signin *in,
    uint8_t out[static SAFE_HASH])
{
	const bool known = device_known(t, in);
	const enum throttle_kind kind = known ? THROTTLE_DEVICE :
	    THROTTLE_ACCOUNT;

	throttle_key(kind, in->name, known ? in->c->device :
	    bytes_of(NULL, 0), out);
	return kind;
}

static enum err
signed_in(struct txn *t, const struct signin *in, struct safe_user *u)
{
	uint8_t account[SAFE_HASH];
	enum err e;

	account_key(t, in, account);
	u->last = in->c->now;
	e = put_session(t, in, u, false);
	if (e == OK)
		e = put_device(t, in);
	if (e == OK)
		e = safe_del(t, SDB_THROTTLE, hash_key(account));
	if (e == OK)
		e = safe_del(t, SDB_THROTTLE, hash_key(in->account));
	return e == OK ? safe_put(t, in->c->a, SDB_USER, in->name, u) : e;
}

static void
prepare(struct signin *in)
{
	in->cookie = smart_secret(in->c, "tsb_");
	in->device = smart_secret(in->c, "tsd_");
	(void)smart_hash("tsb_", in->cookie, in->fresh);
}

/* --- the password ----------------------------------------------------- */

/* The hash to verify, or "": also where the name is no name. */
static enum err
before(struct signin *in, struct bytes *hash_out)
{
	struct smart_call *c = in->c;
	struct safe_user u;
	struct txn *t;
	enum err e;

	*hash_out = bytes_of(NULL, 0);
	e = smart_read(in->s, c, &t);
	if (e != OK)
		return e;
	in->kind = account_key(t, in, in->account);
	throttle_key(THROTTLE_NET, bytes_of(NULL, 0), c->address, in->net);
	e = how_long(t, in);
	if (e == OK) {
		e = safe_get(t, SDB_USER, in->name, &u);
		if (e == OK)
			*hash_out = arena_copy(c->a, u.hash);
		else if (e == ERR_NOTFOUND)
			e = OK;
	}
	txn_end(t);
	return e;
}

static enum err
write_login(struct txn *t, void *arg)
{
	struct signin *in = arg;
	struct safe_user u;
	struct user standing;
	enum err e;

	in->refused = in->no_factor = false;
	e = how_long(t, in);
	if (e != OK || in->wait_s > 0)
		return e;
	in->refused = true;
	if (!in->right)
		return count(t, in);
	e = safe_get(t, SDB_USER, in->name, &u);
	if (e == OK)
		e = stand_user(in->s, in->c, in->name, &standing);
	if (e == ERR_NOTFOUND || (e == OK && !standing.enabled))
		return count(t, in);
	if (e != OK)
		return e;
	safe_keep(in->c->a, SDB_USER, &u);
	in->refused = false;
	in->pending = u.totp.len > 0;
	if (in->pending)
		return put_session(t, in, &u, true);
	in->no_factor = is_staff(u.kind) &&
	    in->s->conf->num[CONF_STAFF_TOTP] != 0;
	return in->no_factor ? OK : signed_in(t, in, &u);
}

enum err
smart_login(struct smart *s, struct smart_call *c,
    const struct smart_form *form, struct bytes name,
    struct bytes password)
{
	struct signin in = { .s = s, .c = c, .name = name,
	    .flow = form->flow };
	struct bytes hash;
	enum err e;

	e = smart_csrf_check(c, form);
	if (e != OK)
		return e;
	if (password.len > SMART_PASS_MAX || name.len > CLAIMS_NAME_MAX)
		return smart_fail(c, ERR_TOOBIG, FAULT_REQUEST, NULL,
		    "this is longer than any password here can be");
	c->user = name;
	prepare(&in);
	e = before(&in, &hash);
	if (e == OK && in.wait_s > 0)
		return wait_for(c, in.wait_s);
	if (e == OK)
		e = pass_check(s, c, hash, password, &in.right);
	if (e == OK)
		e = smart_write(s, c, write_login, &in);
	if (e != OK)
		return smart_end(c, e);
	if (in.wait_s > 0)
		return wait_for(c, in.wait_s);
	if (in.refused)
		return wrong(c, "login-failed", "the user name or the "
		    "password is wrong");
	if (in.no_factor) {
		c->error.event = "login-without-factor";
		return smart_fail(c, ERR_FORBIDDEN, FAULT_DENIED, NULL,
		    "this account needs a second factor first; ask your "
		    "administrator (tiphys user totp)");
	}
	c->new_cookie = in.cookie;
	if (!in.pending)
		c->new_device = in.device;
	return OK;
}

/* --- the second factor ------------------------------------------------ */

/* As people type them: spaces and dashes anywhere, letters in any case. */
static struct bytes
typed(struct arena *a, struct bytes in)
{
	uint8_t *p = arena_alloc(a, in.len + 1);
	size_t i, n = 0;

	for (i = 0; i < in.len; i++) {
		if (in.p[i] == ' ' || in.p[i] == '-')
			continue;
		p[n++] = in.p[i] >= 'a' && in.p[i] <= 'z' ?
		    (uint8_t)(in.p[i] - 'a' + 'A') : in.p[i];
	}
	return bytes_of(p, n);
}

static bool
use_recovery(struct safe_user *u, struct bytes code)
{
	uint8_t hash[SAFE_CODE_HASH];
	size_t i;

	if (code.len != RECOVERY_TEXT)
		return false;
	crypto_generichash(hash, sizeof hash, code.p, code.len, NULL, 0);
	for (i = 0; i < SMART_RECOVERY; i++)
		if (sodium_memcmp(hash, u->recovery[i], sizeof hash) == 0) {
			memset(u->recovery[i], 0, sizeof u->recovery[i]);
			return true;
		}
	return false;
}

static bool
use_totp(struct safe_user *u, struct bytes code, struct instant now)
{
	int64_t step;

	if (u->totp.len != SAFE_TOTP_LEN)
		return false;
	step = totp_step(u->totp.p, code, now);
	if (step < 0 || step <= u->totp_step)
		return false;
	u->totp_step = step;
	return true;
}

static enum err
write_second(struct txn *t, void *arg)
{
	struct signin *in = arg;
	uint8_t old[SAFE_HASH];
	struct person p;
	enum err e;

	in->refused = false;
	if (!smart_browser(in->c, old))
		return ERR_NOTFOUND;
	e = session_find(in->s, in->c, t, old, &p);
	if (e == OK && !p.session.pending)
		e = ERR_LOGIN;
	if (e != OK)
		return e == ERR_LOGIN ? ERR_NOTFOUND : e;
	in->name = p.name;
	in->c->user = p.name;
	in->kind = THROTTLE_SECOND;
	throttle_key(in->kind, in->name, bytes_of(NULL, 0), in->account);
	throttle_key(THROTTLE_NET, bytes_of(NULL, 0), in->c->address,
	    in->net);
	e = how_long(t, in);
	if (e != OK || in->wait_s > 0)
		return e;
	if (use_totp(&p.user, in->code, in->c->now) ||
	    use_recovery(&p.user, in->code))
		return signed_in(t, in, &p.user);
	in->refused = true;
	return count(t, in);
}

enum err
smart_second(struct smart *s, struct smart_call *c,
    const struct smart_form *form, struct bytes code)
{
	struct signin in = { .s = s, .c = c, .flow = form->flow,
	    .code = typed(c->a, bytes_sub(code, 0, 64)) };
	enum err e;

	e = smart_csrf_check(c, form);
	if (e != OK)
		return e;
	prepare(&in);
	e = smart_write(s, c, write_second, &in);
	if (e == ERR_NOTFOUND)
		return smart_fail(c, ERR_LOGIN, FAULT_LOGIN, NULL,
		    "sign in with your password first");
	if (e != OK)
		return smart_end(c, e);
	if (in.wait_s > 0)
		return wait_for(c, in.wait_s);
	if (in.refused)
		return wrong(c, "second-factor-failed", "the code is wrong, "
		    "or was used before");
	c->new_cookie = in.cookie;
	c->new_device = in.device;
	return OK;
}
