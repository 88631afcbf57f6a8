/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_model.h -- what the random walk believes.  (L3)
 *
 * The rules of the authorization server a second time, as plain predicates
 * over what was handed out; auth_walk.c holds the server to them.
 */
#ifndef TESTS_UNIT_AUTH_MODEL_H
#define TESTS_UNIT_AUTH_MODEL_H

#include "tests/unit/auth_kit.h"

#define N_CLIENT	3
#define N_USER		2
#define KEPT		8	/* of each kind; older ones are forgotten */
#define TEXT_MAX	2048

static const char *const clients[N_CLIENT] = { "one", "two", "safe" };
static const char *const users[N_USER] = { "ann", "bob" };

struct m_flow {
	bool	live;
	char	id[64], cookie[64];
	int	client, user;		/* user -1: not signed in */
	bool	offline;
	int64_t	expires, started;
	unsigned serial;
};

struct m_grant {
	int	client, user;
	bool	offline, redeemed, revoked;
	int64_t	expires;
	unsigned serial;
	int	current;		/* refresh that stands */
};

struct m_secret {			/* a code or a refresh token */
	bool	live;			/* in this table */
	char	text[64];
	int	grant;
	int64_t	expires, used;		/* used 0: not yet */
};

struct m_access {
	bool	live;
	char	text[TEXT_MAX];
	int	grant;
	int64_t	iat, exp;		/* s */
};

struct model {
	struct kit	*k;
	struct arena	*world;
	uint64_t	 rnd;
	char		 address[32];
	char		 secret[64];	/* of client "safe" */
	bool		 client_on[N_CLIENT], user_on[N_USER];
	unsigned	 serial[N_USER];
	int64_t		 epoch_s[N_USER];
	struct m_flow	 flow[KEPT];
	struct m_secret	 code[KEPT], refresh[KEPT];
	struct m_access	 access[KEPT];
	struct m_grant	*grant;		/* all of them */
	int		 n_grant;
	uint64_t	 step, ok, refused, crashes;
};

/* xorshift64*: the same walk for the same seed. */
static inline unsigned
pick(struct model *m, unsigned n)
{
	m->rnd ^= m->rnd >> 12;
	m->rnd ^= m->rnd << 25;
	m->rnd ^= m->rnd >> 27;
	return (unsigned)((m->rnd * UINT64_C(2685821657736338717)) >> 33) % n;
}

static inline uint64_t
from_env(const char *name, uint64_t def)
{
	const char *text = getenv(name);
	uint64_t v;

	return text != NULL && text_u64(bytes_str(text), UINT32_MAX, &v) ?
	    v : def;
}

static inline void
keep_text(char *to, size_t cap, struct bytes b)
{
	assert_true(b.len < cap);
	memcpy(to, b.p, b.len);
	to[b.len] = '\0';
}

static inline void
agree(struct model *m, const char *what, bool expected, enum err e)
{
	if (expected != (e == OK))
		fail_msg("step %llu: %s: the model says %s, the server %s "
		    "(%s)", (unsigned long long)m->step, what,
		    expected ? "yes" : "no", err_name(e),
		    m->k->error.text != NULL ? m->k->error.text : "");
	if (e == OK)
		m->ok++;
	else
		m->refused++;
}

/* --- what must be ----------------------------------------------------- */

/* The model's truth about a user as a grant or session remembers him. */
static inline bool
same_user(const struct model *m, int user, unsigned serial)
{
	return m->user_on[user] && m->serial[user] == serial;
}

static inline bool
can_approve(const struct model *m, const struct m_flow *f)
{
	const int64_t now = m->k->now.ms;

	return f->user >= 0 && now < f->expires &&
	    now - f->started < 900 * 1000 &&
	    same_user(m, f->user, f->serial) && m->client_on[f->client];
}

static inline bool
code_is_good(const struct model *m, const struct m_secret *c, int client)
{
	const struct m_grant *g = &m->grant[c->grant];

	return m->client_on[client] && g->client == client &&
	    c->used == 0 && m->k->now.ms < c->expires &&
	    same_user(m, g->user, g->serial);
}

static inline bool
in_grace(const struct model *m, const struct m_secret *r)
{
	const struct m_grant *g = &m->grant[r->grant];

	return g->client == 2 && m->k->now.ms >= r->used &&
	    m->k->now.ms - r->used < 10000 && g->current >= 0 &&
	    m->refresh[g->current].used == 0;
}

static inline bool
counts(const struct model *m, const struct m_access *a)
{
	const struct m_grant *g = &m->grant[a->grant];
	const int64_t now_s = m->k->now.ms / 1000;

	return now_s < a->exp && a->iat <= now_s + CLAIMS_SKEW_S &&
	    !g->revoked && m->k->now.ms < g->expires &&
	    m->client_on[g->client] && m->user_on[g->user] &&
	    (m->epoch_s[g->user] == 0 || a->iat > m->epoch_s[g->user]);
}

#endif
