/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_outside.c -- tokens of one other issuer, by pinned keys.  (L3)
 *
 * What other libraries sign is the suite outside's; here the doors between
 * two issuers, and the file of keys.
 */
#include "tests/unit/auth_sign.h"
#include "tests/unit/auth_world.h"

#define ISS	"https://login.hospital.example/"
#define GOOD	"{\"iss\":\"" ISS "\",\"aud\":\"" BASE "\",\"sub\":\"u\"," \
	"\"client_id\":\"app\",\"scope\":\"%s\",\"patient\":\"p1\","	    \
	"\"iat\":1767225600,\"exp\":1767226000}"

static const char *
jwks_path(struct world *w)
{
	return arena_printf(w->a, "%s/outside.json", w->dir);
}

static void
write_jwks(struct world *w, struct bytes text)
{
	FILE *f = fopen(jwks_path(w), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text.p, 1, text.len, f), text.len);
	assert_int_equal(fclose(f), 0);
}

static struct conf *
conf_outside(struct world *w, const char *more)
{
	return conf_with(w, arena_printf(w->a, "outside-issuer = " ISS
	    "\noutside-jwks = %s\n%s", jwks_path(w), more));
}

/* The guard with an outside issuer, whose key this is. */
static struct signer *
with_outside(struct world *w, const char *more)
{
	struct signer *s = signer_new(w->a, JWK_ES256, "o1");
	const char *why = NULL;

	write_jwks(w, set_of(w->a, &s, 1));
	if (outside_open(w->a, conf_outside(w, more), &jwk_tls,
	    &w->g->outside, &why) != OK)
		fail_msg("%s", why);
	return s;
}

static struct bytes
token_of(struct world *w, const struct signer *s, const char *alg,
    const char *scope)
{
	return signed_by(w->a, s, arena_printf(w->a, "{\"typ\":\"at+jwt\","
	    "\"alg\":\"%s\",\"kid\":\"o1\"}", alg), arena_printf(w->a, GOOD,
	    scope));
}

static enum err
enter(struct world *w, struct bytes token, struct login *l)
{
	enum login_fault fault;

	return auth_login(w->g, w->a, bytes_str(arena_printf(w->a,
	    "Bearer %.*s", BYTES_FMT(token))), w->now, &fault, l);
}

static void
becomes_a_view(void **state)
{
	struct world *w = *state;
	struct signer *s = with_outside(w, "");
	struct bytes token = token_of(w, s, "ES256", "patient/*.read");
	struct login l;
	int i;

	for (i = 0; i < 2; i++) {	/* verified, then remembered */
		assert_int_equal(enter(w, token, &l), OK);
		assert_int_equal(l.view->n_patient, 1);
		assert_bytes(l.view->patient[0], "p1");
		assert_bytes(l.user, ISS "|u");
		assert_bytes(l.client, "app");
		assert_int_equal(l.grant.len, 0);
	}
	assert_int_equal(cache_count(w->g->cache), 1);
	/* ours go on */
	assert_int_equal(enter(w, minted(w, "patient/*.read", "p1", ""),
	    &l), OK);
}

/* It ends by its time alone, also for who remembers it. */
static void
ends_in_time(void **state)
{
	struct world *w = *state;
	struct signer *s = with_outside(w, "");
	struct bytes token = token_of(w, s, "ES256", "patient/*.read");
	struct login l;

	assert_int_equal(enter(w, token, &l), OK);
	w->now.ms += 399999;
	assert_int_equal(enter(w, token, &l), OK);
	w->now.ms += 1;
	assert_int_equal(enter(w, token, &l), ERR_LOGIN);
	assert_int_equal(cache_count(w->g->cache), 0);
	w->g->life_s = 300;
	w->now.ms = T0;
	assert_int_equal(enter(w, token, &l), ERR_LOGIN);
}

/* Neither issuer's key speaks for the other. */
static void
issuers_do_not_mix(void **state)
{
	struct world *w = *state;
	struct signer *s = with_outside(w, ""), *ed;
	struct bytes token;
	struct login l;

	/* our key under the outside issuer's name, and its name under alg */
	ed = signer_new(w->a, JWK_EDDSA, "o1");
	assert_int_equal(enter(w, token_of(w, ed, "EdDSA",
	    "patient/*.read"), &l), ERR_LOGIN);
	token = signed_by(w->a, s, "{\"typ\":\"at+jwt\",\"alg\":\"ES256\","
	    "\"kid\":\"o1\"}", "{\"iss\":\"" BASE "\",\"aud\":\"" BASE
	    "\",\"sub\":\"u\",\"client_id\":\"app\",\"scope\":\"user/*.read"
	    "\",\"iat\":1767225600,\"exp\":1767226000}");
	assert_int_equal(enter(w, token, &l), ERR_LOGIN);
	assert_non_null(strstr(l.why, "iss"));
	/* without the configuration it is nobody's */
	token = token_of(w, s, "ES256", "patient/*.read");
	w->g->outside = NULL;
	assert_int_equal(enter(w, token, &l), ERR_LOGIN);
}

static void
rights_of_its_users(void **state)
{
	struct world *w = *state;
	struct signer *s = with_outside(w, "");
	struct bytes token = token_of(w, s, "ES256", "user/*.read");
	struct login l;

	assert_int_equal(enter(w, token, &l), OK);
	assert_int_equal(l.view->n_rule, 0);
	w->g->outside->rights = REACH_ALL;
	w->g->cache = cache_new(w->a, 4);
	assert_int_equal(enter(w, token, &l), OK);
	assert_int_equal(l.view->n_rule, 1);
	assert_int_equal(l.view->rule[0].reach, REACH_ALL);
}

static void
criteria_in_the_zone_of_the_site(void **state)	/* X04 */
{
	struct world *w = *state;
	struct signer *s = with_outside(w, "");
	struct login l;

	assert_int_equal(enter(w, token_of(w, s, "ES256",
	    "patient/Observation.rs?date=ge2026-01-01T00:00"), &l), OK);
	assert_int_equal(criterion_begins(l.view), T0 - 3600000);
}

static void
audience_of_its_own(void **state)
{
	struct world *w = *state;
	struct signer *s = with_outside(w, "outside-audience = urn:x\n");
	struct login l;

	assert_int_equal(enter(w, token_of(w, s, "ES256", "patient/*.read"),
	    &l), ERR_LOGIN);
	assert_non_null(strstr(l.why, "aud"));
}

static void
refuse_file(struct world *w, struct conf *conf, const char *word)
{
	const char *why = NULL;
	struct outside *o;

	assert_int_not_equal(outside_open(w->a, conf, &jwk_tls, &o, &why),
	    OK);
	if (why == NULL || strstr(why, word) == NULL)
		fail_msg("\"%s\", not \"%s\"", why, word);
}

static void
bad_files_and_settings(void **state)
{
	struct world *w = *state;
	struct signer *s = signer_new(w->a, JWK_ES256, "o1");
	const char *why = NULL;
	uint8_t y[32];

	refuse_file(w, conf_outside(w, ""), "cannot be read");
	write_jwks(w, bytes_str("{}"));
	refuse_file(w, conf_outside(w, ""), "outside.json: a set");
	memcpy(y, s->pub.y.p, sizeof y);
	y[31] ^= 1;
	s->pub.y = bytes_of(y, sizeof y);
	write_jwks(w, set_of(w->a, &s, 1));
	refuse_file(w, conf_outside(w, ""), "curve");	/* CA-17 */
	refuse_file(w, conf_with(w, "outside-issuer = " ISS "\n"),
	    "together");
	refuse_file(w, conf_with(w, arena_printf(w->a, "outside-issuer = "
	    BASE "\noutside-jwks = %s\n", jwks_path(w))), "our own");
	assert_int_equal(auth_extend(w->g, w->a, conf_with(w,
	    "outside-jwks = x\n"), NULL, w->now, &why), ERR_CONFIG);
}

/* What a CGI request does not need is not opened. */
static void
only_what_is_needed(void **state)
{
	struct world *w = *state;
	struct signer *s = signer_new(w->a, JWK_ES256, "o1");
	struct bytes own = minted(w, "patient/*.read", "p1", "");
	struct credentials only = { .header = bytes_str(arena_printf(w->a,
	    "Bearer %.*s", BYTES_FMT(own))) };
	struct conf *conf = conf_outside(w, "dpop = yes\n");
	struct bytes token = token_of(w, s, "ES256", "patient/*.read");
	const char *why = NULL;

	assert_int_equal(auth_extend(w->g, w->a, conf_with(w, ""), NULL,
	    w->now, &why), OK);
	assert_int_equal(auth_extend(w->g, w->a, conf, &only, w->now, &why),
	    OK);
	assert_null(w->g->engine);
	assert_null(w->g->replay);
	only.header = bytes_str(arena_printf(w->a, "Bearer %.*s",
	    BYTES_FMT(token)));
	/* It would be now: there is no file of keys, or no module. */
	assert_int_not_equal(auth_extend(w->g, w->a, conf, &only, w->now,
	    &why), OK);
	assert_int_not_equal(auth_extend(w->g, w->a, conf, NULL, w->now,
	    &why), OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(becomes_a_view),
		T(ends_in_time),
		T(issuers_do_not_mix),
		T(rights_of_its_users),
		cmocka_unit_test_setup_teardown(
		    criteria_in_the_zone_of_the_site, setup_zone, teardown),
		T(audience_of_its_own),
		T(bad_files_and_settings),
		T(only_what_is_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
