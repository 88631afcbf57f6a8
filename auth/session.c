/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.c -- who is signed in with this browser.  (L3)
 *
 * A session stands while its user does: enabled, and with the serial of the
 * moment it began, which a new password, another link or disabling count up.
 * Being used is written down once a minute at most.
 *
 * Attacks LOG-07, LOG-08.
 */
#include "auth/smart_in.h"
#include "base/text.h"

#define TOUCH_MS	60000
#define LIST_MAX	1000	/* sessions listed at most */

static bool
over(const struct smart *s, const struct safe_session *ss,
    struct instant now)
{
	return now.ms - ss->started.ms >=
	    s->conf->num[CONF_SESSION_S] * 1000 ||
	    now.ms - ss->seen.ms >= s->conf->num[CONF_IDLE_S] * 1000;
}

enum err
session_find(struct smart *s, struct smart_call *c, struct txn *t,
    const uint8_t hash[static SAFE_HASH], struct person *out)
{
	struct person p = { .rights.reach = REACH_NONE };
	struct user standing;
	enum err e;

	e = safe_get(t, SDB_SESSION, hash_key(hash), &p.session);
	if (e == OK && over(s, &p.session, c->now))
		e = ERR_NOTFOUND;
	if (e == OK)
		e = safe_get(t, SDB_USER, p.session.user, &p.user);
	if (e == OK && p.user.serial != p.session.serial)
		e = ERR_NOTFOUND;
	if (e == OK)
		e = stand_user(s, c, p.session.user, &standing);
	if (e == OK && !standing.enabled)
		e = ERR_NOTFOUND;
	if (e != OK)
		return e == ERR_NOTFOUND ? ERR_LOGIN : e;
	safe_keep(c->a, SDB_SESSION, &p.session);
	safe_keep(c->a, SDB_USER, &p.user);
	p.name = p.session.user;
	p.rights = guard_rights(s->g, &standing, c->now);
	memcpy(p.hash, hash, sizeof p.hash);
	*out = p;
	return OK;
}

static enum err
nobody(struct smart_call *c)
{
	return smart_fail(c, ERR_LOGIN, FAULT_LOGIN, NULL,
	    "you are not signed in, or your sign-in is over");
}

/* Of the cookie, pending or not. */
static enum err
find(struct smart *s, struct smart_call *c, struct person *out)
{
	uint8_t hash[SAFE_HASH];
	struct txn *t;
	enum err e;

	if (!smart_browser(c, hash))
		return nobody(c);
	e = smart_read(s, c, &t);
	if (e == OK) {
		e = session_find(s, c, t, hash, out);
		txn_end(t);
	}
	if (e == ERR_LOGIN)
		return nobody(c);
	if (e == OK)
		c->user = out->name;
	return smart_end(c, e);
}

enum err
session_person(struct smart *s, struct smart_call *c, struct person *out)
{
	enum err e = find(s, c, out);

	return e == OK && out->session.pending ? nobody(c) : e;
}

struct touch {
	struct smart_call	*c;
	const uint8_t		*hash;
};

static enum err
write_seen(struct txn *t, void *arg)
{
	const struct touch *w = arg;
	struct safe_session ss;
	enum err e;

	e = safe_get(t, SDB_SESSION, hash_key(w->hash), &ss);
	if (e != OK)
		return e == ERR_NOTFOUND ? OK : e;
	safe_keep(w->c->a, SDB_SESSION, &ss);
	ss.seen = w->c->now;
	return safe_put(t, w->c->a, SDB_SESSION, hash_key(w->hash), &ss);
}

static void
describe(struct arena *a, const struct person *p, struct bytes cookie_hash,
    struct smart_session *out)
{
	*out = (struct smart_session){
	    .id = text_b64url(a, bytes_of(p->hash, SAFE_HASH)),
	    .user = p->name, .user_name = p->user.display,
	    .kind = p->user.kind, .link = p->user.link,
	    .started = p->session.started, .seen = p->session.seen,
	    .address = p->session.address, .pending = p->session.pending,
	    .current = bytes_eq(hash_key(p->hash), cookie_hash) };
}

enum err
smart_session(struct smart *s, struct smart_call *c,
    struct smart_session *out)
{
	struct touch w = { .c = c };
	struct person p;
	enum err e;

	e = find(s, c, &p);
	if (e != OK)
		return e;
	w.hash = p.hash;
	if (c->now.ms - p.session.seen.ms >= TOUCH_MS)
		e = smart_write(s, c, write_seen, &w);
	if (e == OK)
		describe(c->a, &p, hash_key(p.hash), out);
	return smart_end(c, e);
}

/* --- ending ----------------------------------------------------------- */

struct ending {
	struct smart_call	*c;
	struct bytes		 key;	/* hash; or "": every one of user */
	struct bytes		 user;	/* whose; "": anybody's */
	struct bytes		 but;	/* hash of one that stays */
	bool			 found;
};

static enum err
end_one(struct txn *t, struct ending *w)
{
	struct safe_session ss;
	enum err e;

	e = safe_get(t, SDB_SESSION, w->key, &ss);
	if (e == ERR_NOTFOUND)
		return OK;
	if (e != OK || (w->user.len > 0 && !bytes_eq(ss.user, w->user)))
		return e;
	w->found = true;
	return safe_del(t, SDB_SESSION, w->key);
}

static enum err
end_all(struct txn *t, struct ending *w)
{
	struct bytes at = { .len = 0 }, key, val;
	struct safe_session ss;
	struct cur *c;
	enum err e;

	for (;;) {
		e = cur_open(t, SDB_SESSION, &c);
		if (e != OK)
			return e;
		e = cur_seek(c, at, &key, &val);
		if (e == OK && bytes_eq(key, at))
			e = cur_next(c, &key, &val);
		cur_close(c);
		if (e != OK)
			return e == ERR_NOTFOUND ? OK : e;
		at = arena_copy(w->c->a, key);
		e = safe_record(SDB_SESSION, val, &ss);
		if (e != OK)
			return e;
		if (!bytes_eq(ss.user, w->user) || bytes_eq(at, w->but))
			continue;
		w->found = true;
		e = safe_del(t, SDB_SESSION, at);
		if (e != OK)
			return e;
	}
}

static enum err
write_end(struct txn *t, void *arg)
{
	struct ending *w = arg;

	w->found = false;
	return w->key.len > 0 ? end_one(t, w) : end_all(t, w);
}

static enum err
end_sessions(struct smart *s, struct smart_call *c, struct bytes id,
    struct bytes user)
{
	struct ending w = { .c = c, .user = user };
	enum err e;

	if (id.len > 0 && (text_unb64url(c->a, id, &w.key) != OK ||
	    w.key.len != SAFE_HASH))
		return ERR_NOTFOUND;
	e = smart_write(s, c, write_end, &w);
	return e == OK && !w.found ? ERR_NOTFOUND : e;
}

enum err
smart_logout(struct smart *s, struct smart_call *c,
    const struct smart_form *form)
{
	struct ending w = { .c = c };
	uint8_t hash[SAFE_HASH];
	enum err e;

	e = smart_csrf_check(c, form);
	if (e != OK)
		return e;
	c->drop_cookie = true;
	if (!smart_browser(c, hash))
		return OK;
	w.key = hash_key(hash);
	return smart_end(c, smart_write(s, c, write_end, &w));
}

static enum err
no_session(struct smart_call *c, enum err e)
{
	if (e == ERR_NOTFOUND)
		return smart_fail(c, e, FAULT_REQUEST, NULL,
		    "there is no such session; it may be over already");
	return smart_end(c, e);
}

enum err
smart_session_end(struct smart *s, struct smart_call *c,
    const struct smart_form *form, struct bytes id)
{
	struct person p;
	enum err e;

	e = smart_csrf_check(c, form);
	if (e == OK)
		e = session_person(s, c, &p);
	if (e != OK)
		return e;
	if (id.len == 0)
		return no_session(c, ERR_NOTFOUND);
	return no_session(c, end_sessions(s, c, id, p.name));
}

enum err
smart_end_session(struct smart *s, struct smart_call *c, struct bytes id)
{
	if (id.len == 0)
		return no_session(c, ERR_NOTFOUND);
	return no_session(c, end_sessions(s, c, id, bytes_of(NULL, 0)));
}

enum err
smart_end_sessions(struct smart *s, struct smart_call *c,
    struct bytes user)
{
	enum err e = end_sessions(s, c, bytes_of(NULL, 0), user);

	return e == ERR_NOTFOUND ? OK : smart_end(c, e);
}

/* --- lists ------------------------------------------------------------ */

static void
newest_first(struct smart_session *list, size_t n)
{
	struct smart_session one;
	size_t i, j;

	for (i = 1; i < n; i++) {
		one = list[i];
		for (j = i; j > 0 &&
		    list[j - 1].started.ms < one.started.ms; j--)
			list[j] = list[j - 1];
		list[j] = one;
	}
}

/* Of a user, or "" for everybody. */
static enum err
list_in(struct smart *s, struct smart_call *c, struct txn *t,
    struct bytes user, struct smart_session *list, size_t *n_out)
{
	uint8_t mine[SAFE_HASH] = { 0 };
	struct bytes key, val;
	struct person p;
	struct cur *cur;
	size_t n = 0;
	enum err e, have;

	(void)smart_browser(c, mine);
	e = cur_open(t, SDB_SESSION, &cur);
	if (e == OK)
		e = cur_seek(cur, bytes_of(NULL, 0), &key, &val);
	for (; e == OK && n < LIST_MAX; e = cur_next(cur, &key, &val)) {
		if (key.len != SAFE_HASH)
			return ERR_STORE;
		have = session_find(s, c, t, key.p, &p);
		if (have == ERR_LOGIN || (have == OK && user.len > 0 &&
		    !bytes_eq(p.name, user)))
			continue;
		if (have != OK)
			return have;
		describe(c->a, &p, hash_key(mine), &list[n++]);
	}
	if (e != OK && e != ERR_NOTFOUND)
		return e;
	newest_first(list, n);
	*n_out = n;
	return OK;
}

static enum err
list_sessions(struct smart *s, struct smart_call *c, struct bytes user,
    struct smart_session **out, size_t *n_out)
{
	struct smart_session *list = arena_array(c->a, LIST_MAX,
	    sizeof *list);
	struct txn *t;
	enum err e;

	e = smart_read(s, c, &t);
	if (e == OK) {
		e = list_in(s, c, t, user, list, n_out);
		txn_end(t);
	}
	*out = list;
	return smart_end(c, e);
}

enum err
smart_sessions(struct smart *s, struct smart_call *c,
    struct smart_session **out, size_t *n_out)
{
	struct person p;
	enum err e = session_person(s, c, &p);

	return e == OK ? list_sessions(s, c, p.name, out, n_out) : e;
}

enum err
smart_all_sessions(struct smart *s, struct smart_call *c,
    struct smart_session **out, size_t *n_out)
{
	return list_sessions(s, c, bytes_of(NULL, 0), out, n_out);
}
