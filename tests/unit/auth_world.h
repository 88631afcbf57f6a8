/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_world.h -- a guard to test: grants/ and keys/ of its own.  (L3)
 *
 * A new folder for each test, one key, and a clock that is a variable.
 */
#ifndef TESTS_UNIT_AUTH_WORLD_H
#define TESTS_UNIT_AUTH_WORLD_H

#include "tests/unit/unit.h"

#include <ftw.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/guard.h"
#include "auth/keys.h"
#include "base/attr.h"
#include "base/text.h"

#define T0	INT64_C(1767225600000)	/* 2026-01-01T00:00:00Z */
#define BASE	"http://127.0.0.1:8080/fhir"

struct world {
	struct arena	*a;
	char		 dir[64];
	struct conf	*conf;
	struct auth	*g;
	struct instant	 now;
	uint8_t		 seed;		/* next key's and mint's bytes */
};

static inline int
remove_one(const char *path, const struct stat *st, int type,
    struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline struct conf *
conf_with(struct world *w, const char *more)
{
	struct conf *conf;
	const char *why = NULL;
	const char *text = arena_printf(w->a, "base-url = %s\n"
	    "data-dir = %s\ntoken-cache = 4\n%s", BASE, w->dir, more);

	if (conf_parse(w->a, "test.conf", w->dir, bytes_str(text), &conf,
	    &why) != OK)
		fail_msg("%s", why);
	return conf;
}

static inline struct auth *
opened(struct world *w, struct arena *a, struct conf *conf,
    enum auth_mode mode)
{
	struct auth *g;
	const char *why = NULL;

	if (auth_open(a, conf, mode, &g, &why) != OK)
		fail_msg("%s", why);
	(void)w;
	return g;
}

static inline struct bytes
new_key(struct world *w)
{
	uint8_t seed[32];
	struct bytes kid;

	memset(seed, ++w->seed, sizeof seed);
	assert_int_equal(auth_key_new(w->g, w->a, seed, w->now, &kid), OK);
	return kid;
}

static inline int
setup_with(void **state, const char *more)
{
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	w->a = arena_new(0);
	w->now.ms = T0;
	strcpy(w->dir, "/tmp/tiphys-auth-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->conf = conf_with(w, more);
	w->g = opened(w, w->a, w->conf, AUTH_CREATE);
	new_key(w);
	*state = w;
	return 0;
}

static inline int
setup(void **state)
{
	return setup_with(state, "");
}

/* Of a clinic at +01:00. */
static inline int
setup_zone(void **state)
{
	return setup_with(state, "zone = +01:00\n");
}

/* When the first criterion of a view begins; of one with a date alone. */
static inline int64_t
criterion_begins(const struct view *v)
{
	assert_int_equal(v->n_rule, 1);
	assert_int_equal(v->rule[0].n_where, 1);
	return v->rule[0].where[0].any[0].v.time.lo;
}

static inline int
teardown(void **state)
{
	struct world *w = *state;

	arena_free(&w->a);
	nftw(w->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(w);
	return 0;
}

/* --- minting -------------------------------------------------------------- */

static inline enum err
try_mint(struct world *w, const char *scope, const char *patient,
    const char *user, int64_t ttl, struct bytes *token, struct bytes *grant)
{
	struct issues is = issues_on(w->a);
	struct mint m = { .scope = bytes_str(scope),
	    .patient = bytes_str(patient), .user = bytes_str(user),
	    .now = w->now, .ttl_s = ttl };
	enum err e;

	memset(m.random, ++w->seed, sizeof m.random);
	e = auth_mint(w->g, w->a, &m, &is, token, grant);
	assert_true((e == OK) == (is.n == 0));
	return e;
}

static inline struct bytes
minted(struct world *w, const char *scope, const char *patient,
    const char *user)
{
	struct bytes token, grant;

	assert_int_equal(try_mint(w, scope, patient, user, 3600, &token,
	    &grant), OK);
	return token;
}

/* A token of claims of our own, signed with the world's first key. */
static inline struct bytes
forged(struct world *w, const struct claims *c)
{
	uint8_t seed[32], pub[32], secret[64];
	char kid[JOSE_KID_LEN + 1];

	memset(seed, 1, sizeof seed);
	crypto_sign_seed_keypair(pub, secret, seed);
	jose_kid(pub, kid);
	return jose_sign(w->a, bytes_of(kid, JOSE_KID_LEN),
	    claims_json(w->a, c), secret);
}

static inline struct claims
claims_in(struct world *w, struct bytes token)
{
	struct claims c;
	const char *why;
	struct jose j;

	assert_int_equal(jose_parse(w->a, token, &j, &why), OK);
	assert_int_equal(claims_parse(w->a, j.payload, &c, &why), OK);
	return c;
}

/* --- logging in ----------------------------------------------------------- */

static inline enum err
login_with(struct auth *g, struct world *w, const char *header,
    enum login_fault *fault, struct login *l)
{
	enum err e;

	e = auth_login(g, w->a, bytes_str(header), w->now, fault, l);
	assert_true((e == OK) == (*fault == LOGIN_OK));
	if (e == ERR_LOGIN || e == ERR_USAGE) {
		assert_non_null(l->why);
		assert_null(l->view);
	}
	return e;
}

static inline enum err
login_at(struct auth *g, struct world *w, struct bytes token,
    struct login *l)
{
	enum login_fault fault;

	return login_with(g, w, arena_printf(w->a, "Bearer %.*s",
	    BYTES_FMT(token)), &fault, l);
}

static inline enum err
login(struct world *w, struct bytes token)
{
	struct login l;

	return login_at(w->g, w, token, &l);
}

#define WORLD_TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
