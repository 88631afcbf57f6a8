/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credential.c -- passwords set and changed, second factors made.  (L3)
 */
#include <sodium.h>

#include "auth/smart_in.h"

struct setting {
	struct smart		*s;
	struct smart_call	*c;
	struct bytes		 name, hash;
	struct safe_user	 record;
	const struct person	*who;	/* who changes his own */
	uint8_t			 fresh[SAFE_HASH];	/* his new session */
};

static enum err
write_hash(struct txn *t, void *arg)
{
	const struct setting *w = arg;

	return user_set_hash(w->s, w->c, t, w->name, w->hash);
}

enum err
smart_user_passwd(struct smart *s, struct smart_call *c, struct bytes name,
    struct bytes password, struct issues *is)
{
	struct setting w = { .s = s, .c = c, .name = name };
	const char *fault;
	enum err e;

	e = smart_record(s, c, SDB_USER, name, &w.record);
	if (e == ERR_NOTFOUND)
		return issue_add(is, e, "user-name", "name",
		    "there is no such user");
	if (e != OK)
		return e;
	fault = pass_fault(password, name, s->conf->text[CONF_SITE_NAME],
	    w.record.totp.len > 0);
	if (fault != NULL)
		return issue_add(is, ERR_VALUE, "password", "password",
		    "%s", fault);
	e = pass_make(s, c, password, &w.hash);
	return e == OK ? smart_write(s, c, write_hash, &w) : e;
}

/* --- one's own -------------------------------------------------------- */

/* The browser that changed it goes on, with a new session. */
static enum err
write_own(struct txn *t, void *arg)
{
	struct setting *w = arg;
	struct safe_session ss = w->who->session;
	struct safe_user u;
	enum err e;

	e = user_set_hash(w->s, w->c, t, w->name, w->hash);
	if (e == OK)
		e = safe_get(t, SDB_USER, w->name, &u);
	if (e == OK)
		e = safe_del(t, SDB_SESSION, hash_key(w->who->hash));
	if (e != OK)
		return e;
	ss.serial = u.serial;
	ss.seen = w->c->now;
	e = safe_put(t, w->c->a, SDB_SESSION, hash_key(w->fresh), &ss);
	return e == OK ? safe_due(t, SDB_SESSION, hash_key(w->fresh),
	    (struct instant){ ss.started.ms +
	    w->s->conf->num[CONF_SESSION_S] * 1000 }) : e;
}

struct guess {
	struct smart		*s;
	struct smart_call	*c;
	uint8_t			 key[SAFE_HASH];
	int64_t			 wait_s;
	bool			 right;
};

static enum err
write_guess(struct txn *t, void *arg)
{
	struct guess *g = arg;
	enum err e;

	e = throttle_wait(g->s, g->c, t, THROTTLE_DEVICE, g->key,
	    &g->wait_s);
	if (e != OK || g->wait_s > 0 || g->right)
		return e;
	return throttle_count(g->s, g->c, t, THROTTLE_DEVICE, g->key);
}

/* Who found an open browser must not guess on without end. */
static enum err
know_old(struct smart *s, struct smart_call *c, const struct person *who,
    struct bytes old)
{
	struct guess g = { .s = s, .c = c };
	enum err e;

	throttle_key(THROTTLE_DEVICE, who->name, hash_key(who->hash),
	    g.key);
	if (old.len > SMART_PASS_MAX)
		return smart_fail(c, ERR_TOOBIG, FAULT_REQUEST, NULL,
		    "this is longer than any password here can be");
	e = pass_check(s, c, who->user.hash, old, &g.right);
	if (e == OK)
		e = smart_write(s, c, write_guess, &g);
	if (e != OK)
		return e;
	if (g.wait_s > 0) {
		c->error.retry_s = g.wait_s == INT64_MAX ? 86400 : g.wait_s;
		return smart_fail(c, ERR_THROTTLED, FAULT_SLOW, NULL,
		    "too many wrong attempts; wait before the next");
	}
	if (g.right)
		return OK;
	c->error.event = "password-wrong";
	return smart_fail(c, ERR_LOGIN, FAULT_DENIED, "old",
	    "the present password is wrong");
}

enum err
smart_password(struct smart *s, struct smart_call *c,
    const struct smart_form *form, struct bytes old, struct bytes fresh)
{
	struct setting w = { .s = s, .c = c };
	struct person who;
	struct bytes cookie;
	const char *fault;
	enum err e;

	e = smart_csrf_check(c, form);
	if (e == OK)
		e = session_person(s, c, &who);
	if (e != OK)
		return e;
	fault = pass_fault(fresh, who.name, s->conf->text[CONF_SITE_NAME],
	    who.user.totp.len > 0);
	if (fault != NULL)
		return smart_fail(c, ERR_USAGE, FAULT_REQUEST, "password",
		    fault);
	e = know_old(s, c, &who, old);
	if (e == OK)
		e = pass_make(s, c, fresh, &w.hash);
	if (e != OK)
		return smart_end(c, e);
	w.name = who.name;
	w.who = &who;
	cookie = smart_secret(c, "tsb_");
	(void)smart_hash("tsb_", cookie, w.fresh);
	e = smart_write(s, c, write_own, &w);
	if (e != OK)
		return smart_end(c, e);
	c->error.event = "password-changed";
	c->new_cookie = cookie;
	return OK;
}

/* --- the second factor ------------------------------------------------ */

static enum err
write_totp(struct txn *t, void *arg)
{
	struct setting *w = arg;
	const struct safe_user made = w->record;
	struct safe_user u;
	enum err e;

	e = safe_get(t, SDB_USER, w->name, &u);
	if (e != OK)
		return e;
	safe_keep(w->c->a, SDB_USER, &u);
	u.totp = made.totp;
	u.totp_step = 0;
	memcpy(u.recovery, made.recovery, sizeof u.recovery);
	e = user_renew(w->s, w->c, w->name, &u);
	return e == OK ? safe_put(t, w->c->a, SDB_USER, w->name, &u) : e;
}

/* "ABCD-EFGH-IJKL-MNOP"; its hash is of the letters alone. */
static struct bytes
recovery_code(struct smart_call *c, uint8_t hash[static SAFE_CODE_HASH])
{
	struct bytes t = totp_base32(c->a, bytes_of(smart_random(c,
	    SAFE_CODE_LEN), SAFE_CODE_LEN));

	crypto_generichash(hash, SAFE_CODE_HASH, t.p, t.len, NULL, 0);
	return bytes_str(arena_printf(c->a, "%.*s-%.*s-%.*s-%.*s",
	    BYTES_FMT(bytes_sub(t, 0, 4)), BYTES_FMT(bytes_sub(t, 4, 4)),
	    BYTES_FMT(bytes_sub(t, 8, 4)), BYTES_FMT(bytes_sub(t, 12, 4))));
}

enum err
smart_user_totp(struct smart *s, struct smart_call *c, struct bytes name,
    struct smart_totp *out)
{
	struct setting w = { .s = s, .c = c, .name = name };
	struct smart_totp made;
	struct buf b = buf_on(c->a, 1024);
	size_t i;
	enum err e;

	w.record.totp = bytes_of(smart_random(c, SAFE_TOTP_LEN),
	    SAFE_TOTP_LEN);
	made.secret = totp_base32(c->a, w.record.totp);
	for (i = 0; i < SMART_RECOVERY; i++)
		made.recovery[i] = recovery_code(c, w.record.recovery[i]);
	buf_str(&b, "otpauth://totp/Tiphys:");
	buf_pct(&b, name);
	buf_printf(&b, "?secret=%.*s&issuer=Tiphys",
	    BYTES_FMT(made.secret));
	e = buf_end(&b, &made.uri);
	if (e == OK)
		e = smart_write(s, c, write_totp, &w);
	if (e == OK)
		*out = made;
	return e;
}

enum err
smart_user_totp_off(struct smart *s, struct smart_call *c,
    struct bytes name)
{
	struct setting w = { .s = s, .c = c, .name = name };

	return smart_write(s, c, write_totp, &w);
}
