/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_bound.c -- tokens bound to a key, and proofs used once.  (L3)
 *
 * DPO-01 to DPO-03, DPO-06, DPO-07 at tiphys-fhir's door.
 */
#include "tests/unit/auth_sign.h"
#include "tests/unit/auth_world.h"

#include <signal.h>
#include <sys/wait.h>

#define URL	BASE "/Patient/p1"
#define BOOT1	"00000000-0000-0000-0000-000000000001"
#define BOOT2	"00000000-0000-0000-0000-000000000002"

static const char *
replay_dir(struct world *w)
{
	return arena_printf(w->a, "%s/replay", w->dir);
}

static struct replay *
replay_at(struct world *w, const char *boot)
{
	const char *why = NULL;
	struct replay *r;

	if (replay_open(w->a, replay_dir(w), boot, w->now, &r, &why) != OK)
		fail_msg("%s", why);
	return r;
}

/* The guard of tiphys-fhir with dpop = yes, the engine linked. */
static void
with_dpop(struct world *w)
{
	w->g->engine = &jwk_tls;
	w->g->bound = true;
	w->g->replay = replay_at(w, BOOT1);
}

/* A token of ours, bound to the signer's key or (NULL) to none. */
static struct bytes
token_for(struct world *w, const struct signer *s)
{
	struct bytes token, grant;
	char jkt[JWK_THUMB_LEN + 1];
	const char *why = NULL;
	struct claims c;
	struct jose j;

	assert_int_equal(try_mint(w, "patient/*.read", "p1", "", 3600,
	    &token, &grant), OK);
	if (s == NULL)
		return token;
	assert_int_equal(jose_parse(w->a, token, &j, &why), OK);
	assert_int_equal(claims_parse(w->a, j.payload, &c, &why), OK);
	jwk_thumb(&s->pub, jkt);
	c.jkt = arena_copy(w->a, bytes_str(jkt));
	return forged(w, &c);
}

static struct bytes
proof_for(struct world *w, const struct signer *s, struct bytes token,
    const char *jti)
{
	struct bytes jwk = jwk_json(w->a, &s->pub), ath;
	uint8_t sum[32];

	crypto_hash_sha256(sum, token.p, token.len);
	ath = text_b64url(w->a, bytes_of(sum, sizeof sum));
	return signed_by(w->a, s, arena_printf(w->a, "{\"typ\":\"dpop+jwt\","
	    "\"alg\":\"%s\",\"jwk\":%.*s}", jwk_alg_name(s->alg),
	    BYTES_FMT(jwk)), arena_printf(w->a, "{\"jti\":\"%s\",\"htm\":"
	    "\"GET\",\"htu\":\"" URL "\",\"iat\":%lld,\"ath\":\"%.*s\"}", jti,
	    (long long)(w->now.ms / 1000), BYTES_FMT(ath)));
}

static enum err
enter(struct world *w, const char *scheme, struct bytes token,
    struct bytes proof, enum login_fault *fault)
{
	const struct credentials in = {
	    .header = bytes_str(arena_printf(w->a, "%s %.*s", scheme,
	    BYTES_FMT(token))), .proof = proof,
	    .method = bytes_str("GET"), .url = bytes_str(URL "?x=1") };
	struct login l;
	enum err e = auth_login_bound(w->g, w->a, &in, w->now, fault, &l);

	assert_true(e == OK ? l.view != NULL : l.why != NULL);
	return e;
}

static void
bound_token_with_its_proof(void **state)
{
	static const enum jwk_alg algs[] = { JWK_ES256, JWK_ES384,
	    JWK_RS256, JWK_EDDSA };
	struct world *w = *state;
	enum login_fault fault;
	struct bytes token;
	struct signer *s;
	size_t i;

	with_dpop(w);
	for (i = 0; i < N_ELEM(algs); i++) {
		s = signer_new(w->a, algs[i], "");
		token = token_for(w, s);
		assert_int_equal(enter(w, "DPoP", token,
		    proof_for(w, s, token, "1"), &fault), OK);
		/* remembered now, and still asked for a proof */
		assert_int_equal(enter(w, "dpop", token,
		    proof_for(w, s, token, "2"), &fault), OK);
		assert_int_equal(enter(w, "DPoP", token,
		    bytes_of(NULL, 0), &fault), ERR_LOGIN);
	}
}

/* DPO-01 */
static void
schemes_and_tokens_agree(void **state)
{
	struct world *w = *state;
	struct signer *s = signer_new(w->a, JWK_ES256, "");
	struct bytes bound = token_for(w, s), loose = token_for(w, NULL);
	struct bytes none = bytes_of(NULL, 0);
	enum login_fault fault;
	struct login l;

	with_dpop(w);
	assert_int_equal(enter(w, "Bearer", bound, none, &fault), ERR_LOGIN);
	assert_int_equal(fault, LOGIN_INVALID);
	assert_int_equal(enter(w, "Bearer", bound,
	    proof_for(w, s, bound, "1"), &fault), ERR_LOGIN);
	assert_int_equal(enter(w, "DPoP", loose,
	    proof_for(w, s, loose, "2"), &fault), ERR_LOGIN);
	assert_int_equal(enter(w, "Bearer", loose, none, &fault), OK);
	assert_int_equal(auth_login(w->g, w->a, bytes_str(arena_printf(w->a,
	    "DPoP %.*s", BYTES_FMT(bound))), w->now, &fault, &l), ERR_LOGIN);
}

/* DPO-02, DPO-03, DPO-07 */
static void
proofs_that_do_not_fit(void **state)
{
	struct world *w = *state;
	struct signer *s = signer_new(w->a, JWK_ES256, "");
	struct signer *t = signer_new(w->a, JWK_ES256, "");
	struct bytes token = token_for(w, s), other, proof;
	enum login_fault fault;

	with_dpop(w);
	other = token_for(w, s);
	assert_int_equal(enter(w, "DPoP", token, bytes_of(NULL, 0), &fault),
	    ERR_LOGIN);
	assert_int_equal(fault, LOGIN_PROOF);
	proof = proof_for(w, s, token, "1");
	assert_int_equal(enter(w, "DPoP", token, bytes_str(arena_printf(w->a,
	    "%.*s, %.*s", BYTES_FMT(proof), BYTES_FMT(proof))), &fault),
	    ERR_LOGIN);
	assert_int_equal(enter(w, "DPoP", token, proof_for(w, t, token, "2"),
	    &fault), ERR_LOGIN);
	assert_int_equal(enter(w, "DPoP", token, proof_for(w, s, other, "3"),
	    &fault), ERR_LOGIN);
	/* none of them was remembered as used */
	assert_int_equal(enter(w, "DPoP", token, proof, &fault), OK);
}

/* DPO-06 */
static void
a_proof_is_used_once(void **state)
{
	struct world *w = *state;
	struct signer *s = signer_new(w->a, JWK_EDDSA, "");
	struct bytes token = token_for(w, s), proof;
	enum login_fault fault;

	with_dpop(w);
	proof = proof_for(w, s, token, "1");
	assert_int_equal(enter(w, "DPoP", token, proof, &fault), OK);
	assert_int_equal(enter(w, "DPoP", token, proof, &fault), ERR_LOGIN);
	assert_int_equal(fault, LOGIN_PROOF);
	w->now.ms += 30000;
	assert_int_equal(enter(w, "DPoP", token, proof, &fault), ERR_LOGIN);
}

static void
without_dpop_bound_tokens_are_refused(void **state)
{
	struct world *w = *state;
	struct signer *s = signer_new(w->a, JWK_EDDSA, "");
	struct bytes token = token_for(w, s);
	enum login_fault fault;

	assert_int_equal(enter(w, "DPoP", token, proof_for(w, s, token, "1"),
	    &fault), ERR_LOGIN);
	assert_int_equal(fault, LOGIN_INVALID);
}

/* RFC 7800: a confirmation of another kind is none we could check. */
static void
other_confirmations_are_refused(void **state)
{
	static const char *const cnf[] = { "{}", "1", "\"x\"",
	    "{\"x5t#S256\":\"AAAA\"}", "{\"jkt\":\"\"}", "{\"jkt\":1}",
	    "{\"jkt\":\"AAAA\",\"x5t#S256\":\"AAAA\"}" };
	struct world *w = *state;
	struct bytes token = token_for(w, NULL);
	const char *why = NULL, *payload;
	struct claims c;
	struct jose j;
	size_t i;

	assert_int_equal(jose_parse(w->a, token, &j, &why), OK);
	for (i = 0; i < N_ELEM(cnf); i++) {
		payload = arena_printf(w->a, "%.*s,\"cnf\":%s}",
		    (int)j.payload.len - 1, (const char *)j.payload.p,
		    cnf[i]);
		assert_int_equal(claims_parse(w->a, bytes_str(payload), &c,
		    &why), ERR_SYNTAX);
	}
}

/* --- replay/ ------------------------------------------------------------- */

static struct dpop
used(const char *name, int64_t iat)
{
	struct dpop d = { .iat = iat };

	crypto_generichash(d.once, sizeof d.once, (const uint8_t *)name,
	    strlen(name), NULL, 0);
	return d;
}

static enum err
try_use(struct world *w, struct replay *r, const char *name, int64_t iat)
{
	struct dpop d = used(name, iat);
	const char *why = NULL;
	enum err e = replay_use(r, &d, w->now, &why);

	assert_true(e == OK || why != NULL);
	return e;
}

/* Another process, and one that was killed right after: it stays used. */
static void
a_killed_process_forgets_nothing(void **state)
{
	struct world *w = *state;
	int64_t now = w->now.ms / 1000;
	pid_t pid;
	int status;

	pid = fork();
	if (pid == 0) {
		if (try_use(w, replay_at(w, BOOT1), "a", now) != OK)
			_exit(1);
		(void)kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(try_use(w, replay_at(w, BOOT1), "a", now),
	    ERR_LOGIN);
}

/* A fresh installation takes proofs at once; a rebooted machine waits. */
static void
after_a_reboot_old_proofs_are_dead(void **state)
{
	struct world *w = *state;
	int64_t now = w->now.ms / 1000;
	struct replay *r = replay_at(w, BOOT1);

	assert_int_equal(try_use(w, r, "a", now), OK);
	assert_int_equal(try_use(w, r, "ahead", now + DPOP_SKEW_S), OK);
	w->now.ms += 1000;
	r = replay_at(w, BOOT2);
	assert_int_equal(try_use(w, r, "a", now), ERR_LOGIN);
	assert_int_equal(try_use(w, r, "ahead", now + DPOP_SKEW_S),
	    ERR_LOGIN);
	assert_int_equal(try_use(w, r, "b", now + 1), ERR_LOGIN);
	assert_int_equal(try_use(w, r, "b", now + 2 + DPOP_SKEW_S), OK);
	assert_int_not_equal(access(arena_printf(w->a, "%s/" BOOT1,
	    replay_dir(w)), F_OK), 0);
}

/* What is purged stays dead, also for a clock that was set back. */
static void
old_proofs_are_purged_for_good(void **state)
{
	struct world *w = *state;
	int64_t now = w->now.ms / 1000;
	struct replay *r = replay_at(w, BOOT1);
	int i;

	for (i = 0; i < 20; i++)
		assert_int_equal(try_use(w, r, arena_printf(w->a, "%d", i),
		    now), OK);
	w->now.ms += 2 * DPOP_AGE_S * 1000 + 2000;
	for (i = 0; i < 3; i++)
		assert_int_equal(try_use(w, r, arena_printf(w->a, "x%d", i),
		    w->now.ms / 1000), OK);
	w->now.ms = T0;
	for (i = 0; i < 20; i++)
		assert_int_equal(try_use(w, r, arena_printf(w->a, "%d", i),
		    now), ERR_LOGIN);
	assert_int_equal(try_use(w, r, "new", now), ERR_LOGIN);
	assert_int_equal(try_use(w, r, "new", now + 1), OK);
}

static void
others_may_not_use_the_folder(void **state)
{
	struct world *w = *state;
	const char *why = NULL;
	struct replay *r;

	(void)replay_at(w, BOOT1);
	assert_int_equal(chmod(replay_dir(w), 0750), 0);
	assert_int_equal(replay_open(w->a, replay_dir(w), BOOT1, w->now, &r,
	    &why), ERR_CONFIG);
	assert_non_null(why);
	assert_int_equal(replay_open(w->a, replay_dir(w), "../x", w->now, &r,
	    &why), ERR_CONFIG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(bound_token_with_its_proof),
		T(schemes_and_tokens_agree),
		T(proofs_that_do_not_fit),
		T(a_proof_is_used_once),
		T(without_dpop_bound_tokens_are_refused),
		T(other_confirmations_are_refused),
		T(a_killed_process_forgets_nothing),
		T(after_a_reboot_old_proofs_are_dead),
		T(old_proofs_are_purged_for_good),
		T(others_may_not_use_the_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
