/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_grant.c -- what stands behind a token: grant, user, client, key. (L3)
 */
#include "tests/unit/auth_world.h"

struct edit {
	const char	*user;		/* or NULL: the client */
	struct user	 value;
	bool		 enabled;
};

static enum err
write_edit(struct txn *t, void *arg)
{
	const struct edit *c = arg;

	if (c->user == NULL)
		return vault_put_client(t, bytes_str(VAULT_CLIENT),
		    c->enabled);
	return vault_put_user(t, bytes_str(c->user), &c->value);
}

static void
edit(struct world *w, struct edit c)
{
	assert_int_equal(txn_write(w->g->env, write_edit, &c), OK);
}

static void
disabled_user_is_out(void **state)		/* TOK-07 */
{
	struct world *w = *state;
	struct bytes token = minted(w, "user/*.read", "", "dr.lee"), none;
	struct user u = { .enabled = false, .kind = USER_PRACTITIONER,
	    .rights = REACH_ALL };

	assert_int_equal(login(w, token), OK);
	edit(w, (struct edit){ .user = "dr.lee", .value = u });
	assert_int_equal(login(w, token), ERR_LOGIN);
	assert_int_equal(try_mint(w, "user/*.read", "", "dr.lee", 60, &none,
	    &none), ERR_FORBIDDEN);
	u.enabled = true;
	edit(w, (struct edit){ .user = "dr.lee", .value = u });
	assert_int_equal(login(w, token), OK);
}

static void
a_new_password_ends_old_tokens(void **state)	/* TOK-07 */
{
	struct world *w = *state;
	struct bytes token = minted(w, "user/*.read", "", "dr.lee");
	struct user u = { .enabled = true, .kind = USER_PRACTITIONER,
	    .rights = REACH_ALL, .epoch_s = T0 / 1000 };

	assert_int_equal(login(w, token), OK);
	edit(w, (struct edit){ .user = "dr.lee", .value = u });
	assert_int_equal(login(w, token), ERR_LOGIN);
	w->now.ms += 1000;
	assert_int_equal(login(w, minted(w, "user/*.read", "", "dr.lee")),
	    OK);
}

static void
disabled_client_is_out(void **state)		/* TOK-08 */
{
	struct world *w = *state;
	struct bytes token = minted(w, "user/*.read", "", ""), none;

	assert_int_equal(login(w, token), OK);
	edit(w, (struct edit){ .enabled = false });
	assert_int_equal(login(w, token), ERR_LOGIN);
	assert_int_equal(try_mint(w, "user/*.read", "", "", 60, &none,
	    &none), ERR_FORBIDDEN);
	edit(w, (struct edit){ .enabled = true });
	assert_int_equal(login(w, token), OK);
}

static void
less_rights_count_at_once(void **state)		/* Z06 */
{
	struct world *w = *state;
	struct bytes token = minted(w, "user/*.read", "", "dr.lee"), none;
	struct user u = { .enabled = true, .kind = USER_PATIENT,
	    .rights = REACH_NONE };
	struct login l;

	assert_int_equal(login_at(w->g, w, token, &l), OK);
	assert_int_equal(view_reach(l.view, 1, VIEW_READ), REACH_ALL);
	edit(w, (struct edit){ .user = "dr.lee", .value = u });
	assert_int_equal(login_at(w->g, w, token, &l), OK);
	assert_int_equal(view_reach(l.view, 1, VIEW_READ), REACH_NONE);
	assert_int_equal(try_mint(w, "user/*.read", "", "dr.lee", 60, &none,
	    &none), ERR_FORBIDDEN);
	assert_int_equal(login(w, minted(w, "patient/*.read", "p1",
	    "dr.lee")), OK);
}

struct put {
	struct bytes	id;
	struct grant	grant;
};

static enum err
write_put(struct txn *t, void *arg)
{
	const struct put *p = arg;

	return vault_put_grant(t, p->id, &p->grant);
}

static void
put_grant(struct world *w, const struct claims *c, const char *scope,
    const char *patient, int64_t expires_ms)
{
	struct put p = { .id = c->grant, .grant = { .client = c->client,
	    .user = c->sub, .patient = bytes_str(patient),
	    .scope = bytes_str(scope), .created = { T0 },
	    .expires = { expires_ms } } };

	assert_int_equal(txn_write(w->g->env, write_put, &p), OK);
}

static void
the_grant_bounds_the_token(void **state)	/* TOK-26 */
{
	struct world *w = *state;
	struct bytes token = minted(w, "patient/*.read", "p1", "");
	struct claims c = claims_in(w, token);
	const struct def_type *obs = def_type(bytes_str("Observation"));
	struct login l;

	assert_int_equal(login(w, token), OK);
	put_grant(w, &c, "patient/Observation.read", "p1", T0 + 3600000);
	assert_int_equal(login_at(w->g, w, token, &l), OK);
	assert_int_equal(view_reach(l.view, obs->num, VIEW_READ),
	    REACH_PATIENTS);
	assert_int_equal(view_reach(l.view, 1, VIEW_READ), REACH_NONE);
	put_grant(w, &c, "", "p1", T0 + 3600000);
	assert_int_equal(login_at(w->g, w, token, &l), OK);
	assert_int_equal(l.view->n_rule, 0);
	put_grant(w, &c, "patient/*.read", "p2", T0 + 3600000);
	assert_int_equal(login(w, token), ERR_LOGIN);
	put_grant(w, &c, "patient/*.read", "", T0 + 3600000);
	assert_int_equal(login(w, token), ERR_LOGIN);
	put_grant(w, &c, "patient/*.read", "p1", T0);
	assert_int_equal(login(w, token), ERR_LOGIN);
	put_grant(w, &c, "patient/*.read", "p1", T0 + 1);
	assert_int_equal(login(w, token), OK);
}

static void
a_patient_scope_without_patient(void **state)	/* TOK-24, Z05 */
{
	struct world *w = *state;
	struct claims c = claims_in(w, minted(w, "user/*.read", "", ""));
	struct bytes none;

	c.scope = bytes_str("user/*.read patient/*.read");
	put_grant(w, &c, "user/*.read patient/*.read", "", T0 + 3600000);
	assert_int_equal(login(w, forged(w, &c)), ERR_LOGIN);
	assert_int_equal(try_mint(w, "patient/*.read", "", "", 60, &none,
	    &none), ERR_FORBIDDEN);
}

static void
claims_signed_by_us_but_wrong(void **state)	/* TOK-22, Z08 */
{
	struct world *w = *state;
	struct claims good = claims_in(w, minted(w, "user/*.read", "", ""));
	struct claims c;

	assert_int_equal(login(w, forged(w, &good)), OK);
	c = good;
	c.aud = bytes_str("http://127.0.0.1:8080/other");
	assert_int_equal(login(w, forged(w, &c)), ERR_LOGIN);
	c = good;
	c.iss = bytes_str("http://127.0.0.1:9/");
	assert_int_equal(login(w, forged(w, &c)), ERR_LOGIN);
	c = good;
	c.sub = bytes_str("root");
	assert_int_equal(login(w, forged(w, &c)), ERR_LOGIN);
	c = good;
	c.client = bytes_str("other");
	assert_int_equal(login(w, forged(w, &c)), ERR_LOGIN);
	c = good;
	c.patient = bytes_str("p1");
	assert_int_equal(login(w, forged(w, &c)), ERR_LOGIN);
	c = good;
	c.grant = bytes_str("unknown");
	assert_int_equal(login(w, forged(w, &c)), ERR_LOGIN);
	c = good;
	c.exp = c.iat + 3601;
	assert_int_equal(login(w, forged(w, &c)), ERR_LOGIN);
	c = good;
	c.scope = bytes_str("user/*.read:x");
	assert_int_equal(login(w, forged(w, &c)), ERR_LOGIN);
}

/* --- keys ----------------------------------------------------------------- */

static void
old_keys_verify_new_ones_sign(void **state)	/* CRY-07 */
{
	struct world *w = *state;
	struct bytes old = minted(w, "user/*.read", "", ""), fresh;
	struct auth_key *key;
	struct jose j, k;
	const char *why;
	size_t n, signing = 0;

	assert_int_equal(login(w, old), OK);
	new_key(w);
	assert_int_equal(login(w, old), OK);
	fresh = minted(w, "user/*.read", "", "");
	assert_int_equal(login(w, fresh), OK);
	assert_int_equal(jose_parse(w->a, old, &j, &why), OK);
	assert_int_equal(jose_parse(w->a, fresh, &k, &why), OK);
	assert_false(bytes_eq(j.kid, k.kid));

	assert_int_equal(auth_keys(w->g, w->a, &key, &n), OK);
	assert_int_equal(n, 2);
	while (n-- > 0) {
		assert_true(key[n].has_private);
		assert_int_equal(key[n].created.ms, T0);
		if (key[n].signing) {
			signing++;
			assert_true(bytes_eq(key[n].kid, k.kid));
		}
	}
	assert_int_equal(signing, 1);
}

static enum err
retire(struct txn *t, void *arg)
{
	const struct bytes *kid = arg;
	struct key k;
	enum err e;

	e = vault_key(t, *kid, &k);
	if (e != OK)
		return e;
	k.state = KEY_RETIRED;
	return vault_put_key(t, *kid, &k, false);
}

static void
a_retired_key_ends_remembered_tokens(void **state)
{
	struct world *w = *state;
	struct bytes token = minted(w, "user/*.read", "", "");
	const char *why;
	struct jose j;

	assert_int_equal(login(w, token), OK);
	assert_int_equal(cache_count(w->g->cache), 1);
	assert_int_equal(jose_parse(w->a, token, &j, &why), OK);
	assert_int_equal(txn_write(w->g->env, retire, &j.kid), OK);
	assert_int_equal(login(w, token), ERR_LOGIN);
}

static void
a_foreign_key_is_unknown(void **state)
{
	struct world *w = *state;
	struct claims c = claims_in(w, minted(w, "user/*.read", "", ""));
	uint8_t seed[32] = { 99 }, pub[32], secret[64];
	char kid[JOSE_KID_LEN + 1];
	struct bytes own;
	struct jose j;
	const char *why;

	crypto_sign_seed_keypair(pub, secret, seed);
	jose_kid(pub, kid);
	assert_int_equal(login(w, jose_sign(w->a, bytes_str(kid),
	    claims_json(w->a, &c), secret)), ERR_LOGIN);
	assert_int_equal(jose_parse(w->a, forged(w, &c), &j, &why), OK);
	own = arena_copy(w->a, j.kid);
	assert_int_equal(login(w, jose_sign(w->a, own,
	    claims_json(w->a, &c), secret)), ERR_LOGIN);
}

static void
mint_without_its_key_says_so(void **state)
{
	struct world *w = *state;
	struct bytes none;
	struct auth_key *key;
	size_t n;

	assert_int_equal(auth_keys(w->g, w->a, &key, &n), OK);
	assert_int_equal(unlink(arena_printf(w->a, "%s/keys/%.*s.jwk",
	    w->dir, BYTES_FMT(key[0].kid))), 0);
	assert_int_equal(try_mint(w, "user/*.read", "", "", 60, &none,
	    &none), ERR_CONFIG);
	assert_int_equal(auth_keys(w->g, w->a, &key, &n), OK);
	assert_false(key[0].has_private);
	new_key(w);
	assert_int_equal(try_mint(w, "user/*.read", "", "", 60, &none,
	    &none), OK);
}

static void
asking_for_too_much(void **state)
{
	struct world *w = *state;
	struct bytes none;

	assert_int_equal(try_mint(w, "user/*.read", "", "", 0, &none,
	    &none), ERR_VALUE);
	assert_int_equal(try_mint(w, "user/*.read", "", "", 3601, &none,
	    &none), ERR_VALUE);
	assert_int_equal(try_mint(w, "openid", "", "", 60, &none, &none),
	    ERR_VALUE);
	assert_int_equal(try_mint(w, "", "", "", 60, &none, &none),
	    ERR_VALUE);
	assert_int_equal(try_mint(w, "patient/*.read", "a/b", "", 60, &none,
	    &none), ERR_VALUE);
	assert_int_equal(try_mint(w, "user/*.read", "", "a\nb", 60, &none,
	    &none), ERR_VALUE);
	assert_int_equal(try_mint(w, "user/*.read system/*.read", "", "",
	    60, &none, &none), ERR_USAGE);
}

/* --- the memory of tokens ----------------------------------------------- */

static void
the_cache_is_bounded(void **state)
{
	struct world *w = *state;	/* token-cache = 4 */
	struct bytes token[9];
	size_t i, round;

	for (i = 0; i < N_ELEM(token); i++)
		token[i] = minted(w, "user/*.read", "", "");
	for (round = 0; round < 3; round++)
		for (i = 0; i < N_ELEM(token); i++) {
			assert_int_equal(login(w, token[i]), OK);
			assert_true(cache_count(w->g->cache) <= 4);
		}
	assert_int_equal(cache_count(w->g->cache), 4);
}

static void
refusals_are_not_remembered(void **state)
{
	struct world *w = *state;
	struct bytes token = minted(w, "user/*.read", "", "");

	w->now.ms = T0 - 61 * 1000;	/* not yet valid */
	assert_int_equal(login(w, token), ERR_LOGIN);
	assert_int_equal(cache_count(w->g->cache), 0);
	w->now.ms = T0;
	assert_int_equal(login(w, token), OK);
}

/* --- opening -------------------------------------------------------------- */

static void
no_key_no_server(void **state)			/* CNF-01, CRY-03 */
{
	struct world *w = *state;
	struct arena *a = arena_new(0);
	const char *keys = arena_printf(a, "%s/keys", w->dir);
	const char *why = NULL;
	struct auth *g;

	/* An environment is opened once in a process: the tests' is open. */
	arena_free(&w->a);
	w->a = arena_new(0);
	assert_int_equal(chmod(keys, 0750), 0);
	assert_int_equal(auth_open(a, conf_with(w, ""), AUTH_READ, &g,
	    &why), ERR_CONFIG);
	assert_non_null(strstr(why, keys));
	assert_int_equal(chmod(keys, 0700), 0);
	assert_int_equal(nftw(arena_printf(a, "%s/grants", w->dir),
	    remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	why = NULL;
	assert_int_not_equal(auth_open(a, conf_with(w, ""), AUTH_READ, &g,
	    &why), OK);
	assert_non_null(why);
	arena_free(&a);
	a = arena_new(0);
	assert_int_equal(auth_open(a, conf_with(w, ""), AUTH_CREATE, &g,
	    &why), OK);
	arena_free(&a);
	a = arena_new(0);
	assert_int_equal(auth_open(a, conf_with(w, ""), AUTH_READ, &g,
	    &why), ERR_CONFIG);
	assert_non_null(strstr(why, "key new"));
	arena_free(&a);
}

static void
a_named_issuer_is_the_one(void **state)
{
	struct world *w = *state;
	struct bytes token = minted(w, "user/*.read", "", "");
	const char *text = arena_str(w->a, token);
	struct arena *a = w->a;

	w->a = arena_new(0);
	text = arena_str(w->a, bytes_str(text));
	arena_free(&a);
	w->g = opened(w, w->a, conf_with(w,
	    "issuer = http://127.0.0.1:8081/auth\n"), AUTH_WRITE);
	assert_int_equal(login(w, bytes_str(text)), ERR_LOGIN);
	assert_int_equal(login(w, minted(w, "user/*.read", "", "")), OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(disabled_user_is_out),
		WORLD_TEST(a_new_password_ends_old_tokens),
		WORLD_TEST(disabled_client_is_out),
		WORLD_TEST(less_rights_count_at_once),
		WORLD_TEST(the_grant_bounds_the_token),
		WORLD_TEST(a_patient_scope_without_patient),
		WORLD_TEST(claims_signed_by_us_but_wrong),
		WORLD_TEST(old_keys_verify_new_ones_sign),
		WORLD_TEST(a_retired_key_ends_remembered_tokens),
		WORLD_TEST(a_foreign_key_is_unknown),
		WORLD_TEST(mint_without_its_key_says_so),
		WORLD_TEST(asking_for_too_much),
		WORLD_TEST(the_cache_is_bounded),
		WORLD_TEST(refusals_are_not_remembered),
		WORLD_TEST(no_key_no_server),
		WORLD_TEST(a_named_issuer_is_the_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
