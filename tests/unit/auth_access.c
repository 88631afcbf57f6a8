/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_access.c -- from the Authorization header to a view.  (L3)
 */
#include "tests/unit/auth_world.h"

#include <sys/wait.h>

static void
minted_token_logs_in(void **state)
{
	struct world *w = *state;
	struct bytes token = minted(w, "patient/*.read openid", "p1", "");
	struct login l;
	int i;

	for (i = 0; i < 2; i++) {	/* verified, then remembered */
		assert_int_equal(login_at(w->g, w, token, &l), OK);
		assert_bytes(l.user, "tiphys-cli");
		assert_bytes(l.client, "tiphys-cli");
		assert_bytes(l.patient, "p1");
		assert_bytes(l.scope, "patient/*.read openid");
		assert_int_equal(l.expires.ms, T0 + 3600000);
		assert_int_equal(l.view->n_patient, 1);
		assert_bytes(l.view->patient[0], "p1");
		assert_int_equal(view_reach(l.view, 1, VIEW_READ),
		    REACH_PATIENTS);
		assert_int_equal(view_reach(l.view, 1, VIEW_UPDATE),
		    REACH_NONE);
	}
	assert_int_equal(cache_count(w->g->cache), 1);
}

static void
remembered_view_is_the_same(void **state)
{
	struct world *w = *state;
	struct bytes token = minted(w, "user/Patient.read user/*.cud", "",
	    "dr.lee");
	struct login x, y;

	assert_int_equal(login_at(w->g, w, token, &x), OK);
	assert_int_equal(login_at(w->g, w, token, &y), OK);
	assert_int_equal(x.view->n_rule, y.view->n_rule);
	assert_memory_equal(x.view->rule, y.view->rule,
	    x.view->n_rule * sizeof *x.view->rule);
	assert_memory_equal(x.view->digest, y.view->digest, 16);
	assert_memory_equal(x.view->principal, y.view->principal, 16);
	assert_ptr_not_equal(x.view, y.view);
}

/* As a search by the same words: a scope shows what the search finds. */
static void
criteria_in_the_zone_of_the_site(void **state)	/* X04 */
{
	struct world *w = *state;
	struct bytes token = minted(w, "user/Observation.rs?date="
	    "ge2026-01-01T00:00", "", "");
	struct login l;
	int i;

	for (i = 0; i < 2; i++) {	/* verified, then remembered */
		assert_int_equal(login_at(w->g, w, token, &l), OK);
		assert_int_equal(criterion_begins(l.view), T0 - 3600000);
	}
}

static void
headers_that_are_no_bearer(void **state)	/* TOK-01, -02, -12, -13 */
{
	static const struct {
		const char	 *header;
		enum login_fault  fault;
	} row[] = {
		{ "", LOGIN_ABSENT },
		{ "Bearer", LOGIN_INVALID },
		{ "Bearer ", LOGIN_INVALID },
		{ "Bearer \t", LOGIN_INVALID },
		{ "Bearer  %s", LOGIN_INVALID },
		{ "Bearer\t%s", LOGIN_INVALID },
		{ " Bearer %s", LOGIN_INVALID },
		{ "Bearer %s ", LOGIN_INVALID },
		{ "Bearer %s x", LOGIN_INVALID },
		{ "Bearer %s=", LOGIN_INVALID },
		{ "Bearer =%s", LOGIN_INVALID },
		{ "Bearer \"%s\"", LOGIN_INVALID },
		{ "Bearer %%20%s", LOGIN_INVALID },
		{ "Basic %s", LOGIN_INVALID },
		{ "Bearertoken %s", LOGIN_INVALID },
		{ "DPoP %s", LOGIN_INVALID },
		{ "%s", LOGIN_INVALID },
		{ "Bearer x, Bearer %s", LOGIN_MALFORMED },
		{ "Bearer %s, Bearer x", LOGIN_MALFORMED },
		{ "Bearer %s,", LOGIN_MALFORMED },
		{ "Bearer 0123456789012345678901234567890123456789012",
		    LOGIN_INVALID },
	};
	struct world *w = *state;
	struct bytes token = minted(w, "user/*.read", "", "");
	enum login_fault fault;
	struct login l;
	char header[2048];
	size_t i;

	for (i = 0; i < N_ELEM(row); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
		snprintf(header, sizeof header, row[i].header,
		    arena_str(w->a, token));
#pragma GCC diagnostic pop
		assert_int_not_equal(login_with(w->g, w, header, &fault,
		    &l), OK);
		if (fault != row[i].fault)
			fail_msg("row %zu: fault %d", i, (int)fault);
	}
	assert_int_equal(login_with(w->g, w, arena_printf(w->a,
	    "bEARER %.*s", BYTES_FMT(token)), &fault, &l), OK);
}

static void
too_long_a_token(void **state)			/* TOK-23 */
{
	struct world *w = *state;
	char *long_one = arena_alloc(w->a, 65537);

	memset(long_one, 'a', 65536);
	assert_int_equal(login(w, bytes_of(long_one, 8192)), ERR_LOGIN);
	assert_int_equal(login(w, bytes_of(long_one, 65536)), ERR_LOGIN);
}

static void
expiry_is_exact_and_asked_each_time(void **state)	/* TOK-05 */
{
	struct world *w = *state;
	struct bytes token = minted(w, "user/*.read", "", "");

	w->now.ms = T0 + 3599 * 1000;
	assert_int_equal(login(w, token), OK);
	w->now.ms = T0 + 3600 * 1000 - 1;
	assert_int_equal(login(w, token), OK);
	w->now.ms = T0 + 3600 * 1000;
	assert_int_equal(login(w, token), ERR_LOGIN);
	assert_int_equal(cache_count(w->g->cache), 0);
	w->now.ms = T0 + 3601 * 1000;
	assert_int_equal(login(w, token), ERR_LOGIN);
}

/*
 * LMDB forbids two handles of one file in a process, so the other worker is
 * a child: it reads the token's fate once told to, and answers by status.
 */
static void
revocation_holds_in_another_process(void **state)	/* TOK-06 */
{
	struct world *w = *state;
	struct bytes token, grant;
	int go[2], ready[2], status;
	char c = 'x';
	pid_t pid;

	assert_int_equal(try_mint(w, "user/*.read", "", "", 60, &token,
	    &grant), OK);
	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct arena *a = arena_new(0);
		struct auth *g = opened(w, a, w->conf, AUTH_READ);
		struct login l;
		bool before, after;

		before = login_at(g, w, token, &l) == OK;
		(void)!write(ready[1], &c, 1);
		(void)!read(go[0], &c, 1);
		after = login_at(g, w, token, &l) == ERR_LOGIN;
		_exit(before && after ? 0 : 1);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(auth_revoke(w->g, grant, w->now), OK);
	assert_int_equal(write(go[1], &c, 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(login(w, token), ERR_LOGIN);
	assert_int_equal(auth_revoke(w->g, grant, w->now), OK);
	assert_int_equal(auth_revoke(w->g, bytes_str("nobody"), w->now),
	    ERR_NOTFOUND);
	assert_int_equal(auth_revoke(w->g, bytes_str(""), w->now),
	    ERR_NOTFOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(minted_token_logs_in),
		WORLD_TEST(remembered_view_is_the_same),
		cmocka_unit_test_setup_teardown(
		    criteria_in_the_zone_of_the_site, setup_zone, teardown),
		WORLD_TEST(headers_that_are_no_bearer),
		WORLD_TEST(too_long_a_token),
		WORLD_TEST(expiry_is_exact_and_asked_each_time),
		WORLD_TEST(revocation_holds_in_another_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
