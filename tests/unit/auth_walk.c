/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_walk.c -- a random walk, and a model that knows what must come.  (L3)
 *
 * Requests, sign-ins, consents, codes and refresh tokens redeemed by the
 * right and the wrong client, at once and again and too late; revocation,
 * new passwords, disabled users and clients; clock steps both ways; the
 * process killed in the middle of a redemption.  After each step server and
 * model must agree, and tiphys-fhir must let in exactly the tokens that the
 * model says.
 *
 * WALK_STEPS and WALK_SEED in the environment make it longer, or another:
 * 5,000 steps by default, 100,000 for a release.
 */
#include "tests/unit/auth_model.h"

#include <signal.h>

/* --- the world -------------------------------------------------------- */

static void
world_open(struct model *m, enum auth_mode mode)
{
	m->k->a = m->world;
	kit_open(m->k, mode);
	m->k->a = arena_new(0);
}

static void
world_close(struct model *m)
{
	arena_free(&m->k->a);
	arena_free(&m->world);
}

/* --- flows ------------------------------------------------------------ */

static void
do_authorize(struct model *m)
{
	struct m_flow *f = &m->flow[pick(m, KEPT)];
	struct request r = GOOD;
	struct smart_authorized az;
	enum err e;

	*f = (struct m_flow){ .client = (int)pick(m, N_CLIENT), .user = -1,
	    .offline = pick(m, 2) == 0,
	    .expires = m->k->now.ms + 600 * 1000 };
	r.client = clients[f->client];
	if (f->offline)
		r.scope = "launch/patient patient/*.read offline_access";
	use_browser(m->k, bytes_of(NULL, 0));
	e = authorize(m->k, &r, &az);
	agree(m, "authorize", m->client_on[f->client], e);
	if (e != OK)
		return;
	f->live = true;
	keep_text(f->id, sizeof f->id, az.flow);
	keep_text(f->cookie, sizeof f->cookie, m->k->cookie);
}

static void
do_login(struct model *m)
{
	struct m_flow *f = &m->flow[pick(m, KEPT)];
	const int user = (int)pick(m, N_USER);
	const bool right = pick(m, 8) != 0;
	enum err e;

	if (!f->live)
		return;
	use_browser(m->k, bytes_str(f->cookie));
	e = login_as(m->k, bytes_str(f->id), users[user],
	    right ? PASSWORD : "a wrong one");
	if (e == ERR_THROTTLED)
		return;
	agree(m, "login", right && m->user_on[user], e);
	if (e != OK)
		return;
	keep_text(f->cookie, sizeof f->cookie,
	    arena_copy(m->k->a, m->k->cookie));
	f->user = user;
	f->started = m->k->now.ms;
	f->serial = m->serial[user];
	/* A flow that was over did not move to the new session. */
	if (m->k->now.ms >= f->expires)
		f->live = false;
}

static void
do_approve(struct model *m)
{
	struct m_flow *f = &m->flow[pick(m, KEPT)];
	struct m_secret *c = &m->code[pick(m, KEPT)];
	struct bytes location;
	enum err e;

	if (!f->live)
		return;
	use_browser(m->k, bytes_str(f->cookie));
	e = approve_with(m->k, bytes_str(f->id),
	    (struct smart_choice){ .all = true }, &location);
	agree(m, "approve", can_approve(m, f), e);
	if (e != OK)
		return;
	f->live = false;
	*c = (struct m_secret){ .live = true, .grant = m->n_grant,
	    .expires = m->k->now.ms + 60 * 1000 };
	keep_text(c->text, sizeof c->text, in_url(m->k, location, "code"));
	m->grant[m->n_grant++] = (struct m_grant){ .client = f->client,
	    .user = f->user, .offline = f->offline, .serial = f->serial,
	    .expires = m->k->now.ms + (f->offline ? INT64_C(7776000) :
	    3660) * 1000, .current = -1 };
}

/* --- tokens ----------------------------------------------------------- */

static const char *
basic(struct model *m, int client)
{
	const char *text;
	char *b64;

	if (client != 2)
		return NULL;
	text = arena_printf(m->k->a, "safe:%s", m->secret);
	b64 = arena_alloc(m->k->a, 256);
	sodium_bin2base64(b64, 256, (const uint8_t *)text, strlen(text),
	    sodium_base64_VARIANT_ORIGINAL);
	return arena_printf(m->k->a, "Basic %s", b64);
}

static void
keep_tokens(struct model *m, int grant, const struct smart_tokens *t)
{
	struct m_access *a = &m->access[pick(m, KEPT)];
	struct m_grant *g = &m->grant[grant];
	int at;

	*a = (struct m_access){ .live = true, .grant = grant,
	    .iat = m->k->now.ms / 1000 };
	if (a->iat <= m->epoch_s[g->user])
		a->iat = m->epoch_s[g->user] + 1;
	a->exp = a->iat + 3600;
	keep_text(a->text, sizeof a->text, t->access);
	assert_true((t->refresh.len > 0) == g->offline);
	if (!g->offline)
		return;
	/* A place no grant's standing token is kept in. */
	at = (int)pick(m, KEPT);
	if (m->refresh[at].live &&
	    m->grant[m->refresh[at].grant].current == at)
		m->grant[m->refresh[at].grant].current = -1;
	m->refresh[at] = (struct m_secret){ .live = true, .grant = grant,
	    .expires = m->k->now.ms + INT64_C(86400) * 1000 };
	keep_text(m->refresh[at].text, sizeof m->refresh[at].text,
	    t->refresh);
	g->current = at;
}

static enum err
ask_code(struct model *m, const char *code, int client, bool right,
    struct smart_tokens *t)
{
	const char *const p[] = { "grant_type", "authorization_code",
	    "code", code, "redirect_uri", CB, "client_id",
	    clients[client], "code_verifier", right ? VERIFIER :
	    CHALLENGE };

	return post(m->k, basic(m, client), p, N_ELEM(p), t);
}

static void
do_redeem(struct model *m)
{
	struct m_secret *c = &m->code[pick(m, KEPT)];
	const bool verifier = pick(m, 8) != 0;
	struct smart_tokens t;
	struct m_grant *g;
	bool good;
	int client;
	enum err e;

	if (!c->live)
		return;
	g = &m->grant[c->grant];
	client = pick(m, 5) == 0 ? (int)pick(m, N_CLIENT) : g->client;
	good = code_is_good(m, c, client);
	e = ask_code(m, c->text, client, verifier, &t);
	if (e == ERR_THROTTLED)
		return;
	agree(m, "redeem", good && verifier, e);
	if (e == OK) {
		g->redeemed = true;
		c->used = m->k->now.ms;
		keep_tokens(m, c->grant, &t);
		return;
	}
	if (!m->client_on[client] || g->client != client)
		return;
	if (c->used != 0)
		g->revoked = true;
	else if (m->k->now.ms < c->expires && !verifier)
		c->used = m->k->now.ms;
}

static void
do_refresh(struct model *m)
{
	struct m_secret *r = &m->refresh[pick(m, KEPT)];
	const char *p[6] = { "grant_type", "refresh_token",
	    "refresh_token", r->text, "client_id", NULL };
	struct smart_tokens t;
	struct m_grant *g;
	bool unsaid, good, reused;
	int client;
	enum err e;

	if (!r->live)
		return;
	g = &m->grant[r->grant];
	/* Where the successor was forgotten, grace cannot be foretold. */
	if (r->used != 0 && g->client == 2 && g->current < 0)
		return;
	client = pick(m, 5) == 0 ? (int)pick(m, N_CLIENT) : g->client;
	unsaid = client != 2 && pick(m, 2) == 0;
	if (unsaid)
		client = g->client;
	p[5] = unsaid ? NULL : clients[client];
	reused = r->used != 0 && !(client == 2 && in_grace(m, r));
	good = m->client_on[client] && g->client == client && !reused &&
	    !(unsaid && client == 2) && m->k->now.ms < r->expires &&
	    !g->revoked && m->k->now.ms < g->expires &&
	    same_user(m, g->user, g->serial);
	e = post(m->k, unsaid ? NULL : basic(m, client), p, 6, &t);
	if (e == ERR_THROTTLED)
		return;
	agree(m, "refresh", good, e);
	if (e == OK) {
		r->used = m->k->now.ms;
		if (g->current >= 0)
			m->refresh[g->current].used = m->k->now.ms;
		keep_tokens(m, r->grant, &t);
	} else if (reused && m->client_on[client] && g->client == client &&
	    !(unsaid && client == 2)) {
		g->revoked = true;
	}
}

static void
do_use(struct model *m)
{
	struct m_access *a = &m->access[pick(m, KEPT)];

	if (a->live)
		agree(m, "use", counts(m, a), lets_in(m->k,
		    bytes_str(a->text)) ? OK : ERR_LOGIN);
}

static void
do_introspect(struct model *m)
{
	struct m_access *a = &m->access[pick(m, KEPT)];
	struct pair pair[] = { { bytes_str("token"), bytes_str(a->text) } };
	struct smart_post p = { .header = bytes_str(basic(m, 2)),
	    .pair = pair, .n = 1 };
	struct smart_call c = call_of(m->k);
	struct buf b = buf_on(m->k->a, 8192);
	bool active;
	enum err e;

	if (!a->live || !m->client_on[2])
		return;
	e = done(m->k, &c, smart_introspect(m->k->s, &c, &p, &b));
	assert_int_equal(e, OK);
	active = bytes_starts(bytes_of(b.p, b.len),
	    bytes_str("{\"active\":true"));
	agree(m, "introspect", counts(m, a) &&
	    m->grant[a->grant].client == 2, active ? OK : ERR_LOGIN);
}

static void
do_revoke(struct model *m)
{
	struct m_access *a = &m->access[pick(m, KEPT)];
	const int client = (int)pick(m, N_CLIENT);
	struct pair pair[] = { { bytes_str("token"), bytes_str(a->text) },
	    { bytes_str("client_id"), bytes_str(clients[client]) } };
	struct smart_post p = { .header = bytes_str(basic(m, client)),
	    .pair = pair, .n = 2 };
	struct smart_call c = call_of(m->k);
	enum err e;

	if (!a->live)
		return;
	e = done(m->k, &c, smart_revoke(m->k->s, &c, &p));
	agree(m, "revoke", m->client_on[client], e);
	if (e == OK && counts(m, a) && m->grant[a->grant].client == client)
		m->grant[a->grant].revoked = true;
}

/* --- administration, time, death -------------------------------------- */

static void
do_user(struct model *m)
{
	const int user = (int)pick(m, N_USER);
	struct issues is = issues_on(m->k->a);
	struct smart_call c = call_of(m->k);
	enum err e;

	if (pick(m, 2) == 0) {
		e = smart_user_passwd(m->k->s, &c, bytes_str(users[user]),
		    bytes_str(PASSWORD), &is);
	} else {
		/* Mostly on, or nothing would happen. */
		m->user_on[user] = pick(m, 8) != 0;
		e = smart_user_enable(m->k->s, &c, bytes_str(users[user]),
		    m->user_on[user]);
	}
	assert_int_equal(e, OK);
	m->serial[user]++;
	/* Also within one second, or while the clock is behind. */
	m->epoch_s[user] = m->k->now.ms / 1000 > m->epoch_s[user] ?
	    m->k->now.ms / 1000 : m->epoch_s[user] + 1;
}

static void
do_client(struct model *m)
{
	const int client = (int)pick(m, N_CLIENT);
	struct smart_call c = call_of(m->k);

	m->client_on[client] = pick(m, 8) != 0;
	assert_int_equal(smart_client_enable(m->k->s, &c,
	    bytes_str(clients[client]), m->client_on[client]), OK);
}

static void
do_clock(struct model *m)
{
	static const int64_t steps_ms[] = { 999, 5000, 20000, 61000, 600000,
	    3600000, 90000000, -500, -45000, -240000 };

	m->k->now.ms += steps_ms[pick(m, N_ELEM(steps_ms))];
}

/*
 * Killed while it redeems a code.  What came of it is asked afterwards: the
 * code works now, or was used up; in no case twice.
 */
static void
do_crash(struct model *m)
{
	struct m_secret *c = &m->code[pick(m, KEPT)];
	struct smart_tokens t;
	struct m_grant *g;
	int status;
	pid_t pid;
	bool good;
	enum err e;

	if (!c->live)
		return;
	g = &m->grant[c->grant];
	good = code_is_good(m, c, g->client);
	world_close(m);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		m->world = arena_new(0);
		world_open(m, AUTH_WRITE);
		(void)ask_code(m, c->text, g->client, true, &t);
		raise(SIGKILL);
	}
	usleep(pick(m, 8000));
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	m->world = arena_new(0);
	world_open(m, AUTH_WRITE);
	m->crashes++;
	e = ask_code(m, c->text, g->client, true, &t);
	if (e == ERR_THROTTLED)
		return;
	if (!good)
		agree(m, "redeem after a crash", false, e);
	if (e == OK) {
		g->redeemed = true;
		c->used = m->k->now.ms;
		keep_tokens(m, c->grant, &t);
	} else if (m->client_on[g->client] && (good || c->used != 0)) {
		c->used = m->k->now.ms;
		g->revoked = true;
	}
}

/* --- walking ---------------------------------------------------------- */

static const struct {
	void		(*run)(struct model *);
	unsigned	 weight;
} steps[] = {
	{ do_authorize, 14 }, { do_login, 16 }, { do_approve, 18 },
	{ do_redeem, 18 }, { do_refresh, 14 }, { do_use, 24 },
	{ do_introspect, 8 }, { do_revoke, 2 }, { do_user, 2 },
	{ do_client, 2 }, { do_clock, 4 }, { do_crash, 1 },
};

static void
one_step(struct model *m)
{
	unsigned i, at, all = 0;

	for (i = 0; i < N_ELEM(steps); i++)
		all += steps[i].weight;
	at = pick(m, all);
	for (i = 0; at >= steps[i].weight; i++)
		at -= steps[i].weight;
	/* From everywhere: throttles are another test's. */
	snprintf(m->address, sizeof m->address, "10.%u.%u.9", pick(m, 256),
	    pick(m, 256));
	m->k->address = m->address;
	steps[i].run(m);
}

static void
server_and_model_agree(void **state)
{
	const uint64_t n = from_env("WALK_STEPS", 5000);
	struct arena *home = arena_new(0);
	struct model *m = calloc(1, sizeof *m);
	struct kit *k = calloc(1, sizeof *k);
	const uint8_t seed[32] = { 9 };
	struct smart_call c;
	struct bytes kid;
	int i;

	(void)state;
	assert_non_null(m);
	assert_non_null(k);
	m->k = k;
	m->rnd = from_env("WALK_SEED", 20160101) | 1;
	m->grant = calloc(n + 1, sizeof *m->grant);
	assert_non_null(m->grant);
	k->now.ms = T0;
	k->address = "10.0.0.1";
	k->dir = kit_dir(home);
	k->conf = kit_conf(home, k->dir, "issuer = " KIT_ISS "\n");
	m->world = arena_new(0);
	world_open(m, AUTH_CREATE);
	c = call_of(k);
	assert_int_equal(auth_key_new(k->s->g, c.a, seed, k->now, &kid),
	    OK);
	for (i = 0; i < N_USER; i++) {
		add_user(k, users[i], USER_PATIENT, i == 0 ? "Patient/p1" :
		    "Patient/p2", NULL, 0);
		m->user_on[i] = true;
		m->serial[i] = 2;
		m->epoch_s[i] = T0 / 1000;
	}
	for (i = 0; i < N_CLIENT; i++) {
		struct bytes secret = add_client(k, clients[i], i == 2 ?
		    CLIENT_SECRET : CLIENT_PUBLIC, APP_FLAGS, APP_SCOPE);

		if (i == 2)
			keep_text(m->secret, sizeof m->secret, secret);
		m->client_on[i] = true;
	}
	for (m->step = 0; m->step < n; m->step++) {
		arena_reset(k->a);
		one_step(m);
	}
	print_message("%llu steps: %llu granted, %llu refused, %llu kills\n",
	    (unsigned long long)n, (unsigned long long)m->ok,
	    (unsigned long long)m->refused,
	    (unsigned long long)m->crashes);
	/* A walk in which nothing happens proves nothing. */
	assert_true(m->ok > n / 8 && m->refused > n / 20);
	world_close(m);
	arena_free(&home);
	free(m->grant);
	free(m);
	free(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(server_and_model_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
