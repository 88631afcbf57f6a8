/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stand.c -- both environments: what stands in grants/, writes in guard/. (L3)
 *
 * The order is always guard/, then grants/ within it, so that two processes
 * never wait for each other.
 */
#include "auth/smart_in.h"

enum err
smart_read(struct smart *s, struct smart_call *c, struct txn **out)
{
	return txn_read(s->env, c->a, out);
}

enum err
smart_record(struct smart *s, struct smart_call *c, enum safe_db db,
    struct bytes key, void *record)
{
	struct txn *t;
	enum err e;

	e = smart_read(s, c, &t);
	if (e != OK)
		return e;
	e = safe_get(t, db, key, record);
	if (e == OK)
		safe_keep(c->a, db, record);
	txn_end(t);
	return e;
}

struct swept {
	struct smart		*s;
	struct smart_call	*c;
	txn_fn			*fn;
	void			*arg;
	struct bytes		 gone[SAFE_SWEEP];
	size_t			 n_gone;
};

static enum err
write_gone(struct txn *t, void *arg)
{
	const struct swept *w = arg;
	enum err e = OK;
	size_t i;

	for (i = 0; e == OK && i < w->n_gone; i++)
		e = vault_drop_grant(t, w->gone[i]);
	return e;
}

static enum err
sweep_and_write(struct txn *t, void *arg)
{
	struct swept *w = arg;
	enum err e;

	e = safe_sweep(t, w->c->a, w->c->now, w->gone, &w->n_gone);
	if (e == OK && w->n_gone > 0)
		e = txn_write(w->s->g->env, write_gone, w);
	return e == OK ? w->fn(t, w->arg) : e;
}

enum err
smart_write(struct smart *s, struct smart_call *c, txn_fn *fn, void *arg)
{
	struct swept w = { .s = s, .c = c, .fn = fn, .arg = arg };

	return txn_write(s->env, sweep_and_write, &w);
}

/* --- reading grants/ -------------------------------------------------- */

enum err
stand_user(struct smart *s, struct smart_call *c, struct bytes name,
    struct user *out)
{
	struct txn *t;
	enum err e;

	e = txn_read(s->g->env, c->a, &t);
	if (e != OK)
		return e;
	e = vault_user(t, name, out);
	if (e == OK)
		out->link = arena_copy(c->a, out->link);
	txn_end(t);
	return e;
}

enum err
stand_client(struct smart *s, struct smart_call *c, struct bytes id,
    bool *enabled_out)
{
	struct txn *t;
	enum err e;

	e = txn_read(s->g->env, c->a, &t);
	if (e != OK)
		return e;
	e = vault_client(t, id, enabled_out);
	txn_end(t);
	return e;
}

enum err
stand_grant(struct smart *s, struct smart_call *c, struct bytes id,
    struct grant *out)
{
	struct grant g;
	struct txn *t;
	enum err e;

	e = txn_read(s->g->env, c->a, &t);
	if (e != OK)
		return e;
	e = vault_grant(t, id, &g);
	if (e == OK) {
		g.client = arena_copy(c->a, g.client);
		g.user = arena_copy(c->a, g.user);
		g.patient = arena_copy(c->a, g.patient);
		g.scope = arena_copy(c->a, g.scope);
		*out = g;
	}
	txn_end(t);
	return e;
}

/* --- writing grants/ -------------------------------------------------- */

struct edit {
	struct bytes		 id;
	const struct user	*user;
	const struct grant	*grant;
	bool			 enabled;
	struct instant		 now;
};

static enum err
put_user(struct txn *t, void *arg)
{
	const struct edit *ch = arg;

	return vault_put_user(t, ch->id, ch->user);
}

static enum err
put_client(struct txn *t, void *arg)
{
	const struct edit *ch = arg;

	return vault_put_client(t, ch->id, ch->enabled);
}

static enum err
put_grant(struct txn *t, void *arg)
{
	const struct edit *ch = arg;

	return vault_put_grant(t, ch->id, ch->grant);
}

static enum err
revoke(struct txn *t, void *arg)
{
	const struct edit *ch = arg;
	struct grant g;
	enum err e;

	e = vault_grant(t, ch->id, &g);
	if (e == ERR_NOTFOUND)
		return OK;
	if (e != OK || g.revoked.ms != 0)
		return e;
	g.revoked = ch->now;
	return vault_put_grant(t, ch->id, &g);
}

enum err
stand_put_user(struct smart *s, struct bytes name, const struct user *u)
{
	struct edit ch = { .id = name, .user = u };

	return txn_write(s->g->env, put_user, &ch);
}

enum err
stand_put_client(struct smart *s, struct bytes id, bool enabled)
{
	struct edit ch = { .id = id, .enabled = enabled };

	return txn_write(s->g->env, put_client, &ch);
}

enum err
stand_put_grant(struct smart *s, struct bytes id, const struct grant *g)
{
	struct edit ch = { .id = id, .grant = g };

	return txn_write(s->g->env, put_grant, &ch);
}

enum err
stand_revoke(struct smart *s, struct bytes id, struct instant now)
{
	struct edit ch = { .id = id, .now = now };

	return txn_write(s->g->env, revoke, &ch);
}
