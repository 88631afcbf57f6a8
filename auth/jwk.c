/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwk.c -- keys of others as text: read, limited, named, written.  (L3)
 *
 * No big numbers here: lengths and bits are judged on the bytes, and what
 * needs arithmetic (is the point on its curve?) is the engine's.
 */
#include "auth/jwk.h"


#include "auth/jws.h"
#include "base/text.h"

#define KEY_BYTES	16384	/* of one key's text */
#define P256_LEN	32	/* bytes of a coordinate */
#define P384_LEN	48
#define ED25519_LEN	32

#define BIT(alg)	(1u << (alg))

/* In the order of enum jwk_alg. */
static const char *const alg_names[] = {
	"", "RS256", "RS384", "ES256", "ES384", "EdDSA"
};

/* What each use takes; the algorithm of an RSA key that names none. */
static const struct {
	unsigned	algs;
	enum jwk_alg	rsa;
} uses[] = {
	[JWK_CLIENT] = { BIT(JWK_RS384) | BIT(JWK_ES384), JWK_RS384 },
	[JWK_ISSUER] = { BIT(JWK_RS256) | BIT(JWK_RS384) | BIT(JWK_ES256) |
	    BIT(JWK_ES384), JWK_RS256 },
	[JWK_PROOF] = { BIT(JWK_RS256) | BIT(JWK_ES256) | BIT(JWK_ES384) |
	    BIT(JWK_EDDSA), JWK_RS256 },
};

const char *
jwk_alg_name(enum jwk_alg alg)
{
	return alg_names[alg];
}

enum jwk_alg
jwk_alg_of(struct bytes name)
{
	size_t i;

	for (i = 1; i < N_ELEM(alg_names); i++)
		if (bytes_is(name, alg_names[i]))
			return (enum jwk_alg)i;
	return JWK_NONE;
}

/* --- one key ------------------------------------------------------------- */

static enum err
refuse(enum err e, const char *why, const char **why_out)
{
	*why_out = why;
	return e;
}

/* A base64url member; false where it is missing, empty or not canonical. */
static bool
number(struct arena *a, const json_t *o, const char *name,
    struct bytes *out)
{
	struct bytes text = jws_text(o, name);

	return text.len > 0 && text_unb64url(a, text, out) == OK;
}

static size_t
bits_of(struct bytes n)
{
	size_t bits = n.len * 8;
	uint8_t top = n.len > 0 ? n.p[0] : 0;

	for (; top != 0 && top < 0x80; top = (uint8_t)(top << 1))
		bits--;
	return bits;
}

static enum err
read_rsa(struct arena *a, const json_t *o, struct jwk *k,
    const char **why_out)
{
	static const uint8_t e[] = { 1, 0, 1 };	/* JWK_RSA_E */

	if (!number(a, o, "n", &k->n) || !number(a, o, "e", &k->e))
		return refuse(ERR_SYNTAX, "an RSA key has n and e in "
		    "base64url", why_out);
	if (k->n.p[0] == 0)
		return refuse(ERR_SYNTAX, "n of an RSA key has no leading "
		    "zero byte", why_out);
	if (bits_of(k->n) < JWK_RSA_MIN || bits_of(k->n) > JWK_RSA_MAX)
		return refuse(ERR_VALUE, "an RSA key has 2048 to 4096 bits",
		    why_out);
	if (!bytes_eq(k->e, bytes_of(e, sizeof e)))
		return refuse(ERR_VALUE, "e of an RSA key is 65537 (AQAB)",
		    why_out);
	return OK;
}

static enum err
read_ec(struct arena *a, const json_t *o, struct jwk *k,
    const char **why_out)
{
	struct bytes crv = jws_text(o, "crv");
	size_t len;

	if (bytes_is(crv, "P-256")) {
		k->alg = JWK_ES256;
		len = P256_LEN;
	} else if (bytes_is(crv, "P-384")) {
		k->alg = JWK_ES384;
		len = P384_LEN;
	} else
		return refuse(ERR_VALUE, "an EC key is of curve P-256 or "
		    "P-384", why_out);
	if (!number(a, o, "x", &k->x) || !number(a, o, "y", &k->y) ||
	    k->x.len != len || k->y.len != len)
		return refuse(ERR_SYNTAX, "x and y of an EC key are as long "
		    "as its curve, in base64url", why_out);
	return OK;
}

static enum err
read_okp(struct arena *a, const json_t *o, struct jwk *k,
    const char **why_out)
{
	k->alg = JWK_EDDSA;
	if (!bytes_is(jws_text(o, "crv"), "Ed25519"))
		return refuse(ERR_VALUE, "an OKP key is of curve Ed25519",
		    why_out);
	if (!number(a, o, "x", &k->x) || k->x.len != ED25519_LEN)
		return refuse(ERR_SYNTAX, "x of an Ed25519 key has 32 bytes "
		    "in base64url", why_out);
	return OK;
}

static enum err
read_numbers(struct arena *a, const json_t *o, enum jwk_use use,
    struct jwk *k, const char **why_out)
{
	struct bytes kty = jws_text(o, "kty");

	if (bytes_is(kty, "RSA")) {
		k->alg = uses[use].rsa;
		return read_rsa(a, o, k, why_out);
	}
	if (bytes_is(kty, "EC"))
		return read_ec(a, o, k, why_out);
	if (bytes_is(kty, "OKP"))
		return read_okp(a, o, k, why_out);
	return refuse(ERR_VALUE, "kty is RSA, EC or OKP; symmetric keys "
	    "(oct) are refused", why_out);
}

/* The algorithm: what alg says, if the numbers can do it. */
static enum err
fix_alg(const json_t *o, enum jwk_use use, struct jwk *k,
    const char **why_out)
{
	enum jwk_alg said = jwk_alg_of(jws_text(o, "alg"));

	if (json_object_get(o, "alg") != NULL) {
		if (k->n.len > 0 && (said == JWK_RS256 || said == JWK_RS384))
			k->alg = said;
		if (said != k->alg)
			return refuse(ERR_VALUE, "alg is not one this key "
			    "can have", why_out);
	}
	if ((uses[use].algs & BIT(k->alg)) == 0)
		return refuse(ERR_VALUE, use == JWK_CLIENT ?
		    "a client's key is for RS384 or ES384" : "the key's "
		    "algorithm is not accepted here", why_out);
	return OK;
}

static bool
ops_verify(const json_t *ops)
{
	const json_t *op;
	size_t i;

	json_array_foreach(ops, i, op)
		if (json_is_string(op) &&
		    strcmp(json_string_value(op), "verify") == 0)
			return true;
	return false;
}

/* No private half, made for signatures, a kid that is one. */
static enum err
check_members(const json_t *o, struct jwk *k, const char **why_out)
{
	static const char *const secret[] = { "d", "p", "q", "dp", "dq",
	    "qi", "oth", "k" };
	const json_t *v;
	size_t i;

	for (i = 0; i < N_ELEM(secret); i++)
		if (json_object_get(o, secret[i]) != NULL)
			return refuse(ERR_VALUE, "a private or symmetric "
			    "key: it is no secret any more, make another "
			    "and send its public half", why_out);
	if (json_object_get(o, "use") != NULL &&
	    !bytes_is(jws_text(o, "use"), "sig"))
		return refuse(ERR_VALUE, "use of a key is sig", why_out);
	v = json_object_get(o, "key_ops");
	if (v != NULL && !ops_verify(v))
		return refuse(ERR_VALUE, "key_ops holds verify", why_out);
	v = json_object_get(o, "kid");
	k->kid = jws_text(o, "kid");
	for (i = 0; i < k->kid.len; i++)
		if (k->kid.p[i] < 0x21 || k->kid.p[i] > 0x7E)
			return refuse(ERR_SYNTAX, "kid is printable ASCII "
			    "without spaces", why_out);
	if (v != NULL && (k->kid.len == 0 || k->kid.len > JWK_KID_MAX))
		return refuse(ERR_SYNTAX, "kid has 1 to 128 bytes", why_out);
	return OK;
}

static enum err
read_key(struct arena *a, const json_t *o, enum jwk_use use,
    struct jwk *out, const char **why_out)
{
	struct jwk k = { .alg = JWK_NONE };
	enum err e;

	if (!json_is_object(o))
		return refuse(ERR_SYNTAX, "a key is a strict JSON object",
		    why_out);
	e = check_members(o, &k, why_out);
	if (e == OK)
		e = read_numbers(a, o, use, &k, why_out);
	if (e == OK)
		e = fix_alg(o, use, &k, why_out);
	if (e == OK)
		*out = k;
	return e;
}

enum err
jwk_parse(struct arena *a, struct bytes text, enum jwk_use use,
    struct jwk *out, const char **why_out)
{
	if (text.len > KEY_BYTES)
		return refuse(ERR_SYNTAX, "a key has at most 16 KiB",
		    why_out);
	return read_key(a, jws_object(a, text), use, out, why_out);
}

/* --- a set --------------------------------------------------------------- */

static bool
same_key(const struct jwk *a, const struct jwk *b)
{
	return bytes_eq(a->n, b->n) && bytes_eq(a->x, b->x) &&
	    bytes_eq(a->y, b->y);
}

static enum err
add_key(struct arena *a, const json_t *o, enum jwk_use use,
    struct jwk *set, size_t *n, const char **why_out)
{
	struct jwk *k = &set[*n];
	size_t i;
	enum err e;

	/* Issuers publish their encryption keys in the same set. */
	if (use == JWK_ISSUER && bytes_is(jws_text(o, "use"), "enc") &&
	    !bytes_is(jws_text(o, "kty"), "oct"))
		return OK;
	e = read_key(a, o, use, k, why_out);
	if (e != OK)
		return e;
	if (k->kid.len == 0)
		return refuse(ERR_SYNTAX, "each key of a set has a kid",
		    why_out);
	for (i = 0; i < *n; i++) {
		if (bytes_eq(set[i].kid, k->kid))
			return refuse(ERR_VALUE, "no two keys of a set have "
			    "the same kid", why_out);
		if (same_key(&set[i], k))
			return refuse(ERR_VALUE, "no two keys of a set are "
			    "the same: one key has one algorithm", why_out);
	}
	(*n)++;
	return OK;
}

enum err
jwk_set(struct arena *a, struct bytes text, enum jwk_use use,
    struct jwk **out, size_t *n_out, const char **why_out)
{
	const json_t *keys, *o;
	struct jwk *set;
	size_t i, n = 0;
	enum err e;

	if (text.len > JWK_SET_BYTES)
		return refuse(ERR_VALUE, "a set of keys has at most 64 KiB",
		    why_out);
	keys = json_object_get(jws_object(a, text), "keys");
	if (!json_is_array(keys))
		return refuse(ERR_SYNTAX, "a set of keys is a strict JSON "
		    "object with an array \"keys\"", why_out);
	if (json_array_size(keys) > JWK_SET_MAX)
		return refuse(ERR_VALUE, "a set has at most 16 keys",
		    why_out);
	set = arena_array(a, JWK_SET_MAX, sizeof *set);
	json_array_foreach(keys, i, o) {
		e = add_key(a, o, use, set, &n, why_out);
		if (e != OK)
			return e;
	}
	if (n == 0)
		return refuse(ERR_VALUE, "a set has at least one key to "
		    "verify by", why_out);
	*out = set;
	*n_out = n;
	return OK;
}

const struct jwk *
jwk_find(const struct jwk *set, size_t n, struct bytes kid)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (bytes_eq(set[i].kid, kid))
			return &set[i];
	return NULL;
}
