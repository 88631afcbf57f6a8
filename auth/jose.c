/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jose.c -- compact JWS: split, verify, sign.  (L3)
 *
 * The header chooses nothing but kid.  There is one way to write a token, so
 * there is one way to read it: a member we do not write ourselves is refused
 * rather than passed over, and so is any other spelling of the base64url.
 *
 * Spec: RFC 7515 sections 5.2 and 7.1; RFC 8725 sections 3.1, 3.2, 3.10.
 */
#include "auth/jose.h"

#include <jansson.h>
#include <sodium.h>

#include "base/buf.h"
#include "base/text.h"

#define HEADER_MAX	512	/* decoded bytes: ours have about 90 */

const char *
jose_alg_name(enum jose_alg alg)
{
	switch (alg) {
	case JOSE_EDDSA:
		return "EdDSA";
	}
	return "";
}

bool
jose_kid_ok(struct bytes kid)
{
	size_t i;
	uint8_t c;

	for (i = 0; i < kid.len; i++) {
		c = kid.p[i];
		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		    (c >= 'a' && c <= 'z') || c == '-' || c == '_'))
			return false;
	}
	return kid.len > 0 && kid.len <= JOSE_KID_MAX;
}

static void
drop_json(void *p)
{
	json_decref(p);
}

static struct bytes
member(const json_t *object, const char *name)
{
	const json_t *v = json_object_get(object, name);

	if (!json_is_string(v))
		return bytes_of(NULL, 0);
	return bytes_of(json_string_value(v), json_string_length(v));
}

/* RFC 9068 section 2.1 with RFC 7515 section 4.1.9. */
static bool
typ_ok(struct bytes typ)
{
	return text_caseeq(typ, bytes_str("at+jwt")) ||
	    text_caseeq(typ, bytes_str("application/at+jwt"));
}

static enum err
read_header(struct arena *a, struct bytes text, struct jose *j,
    const char **why_out)
{
	json_t *h;

	*why_out = "the header is not a JSON object";
	if (text.len > HEADER_MAX)
		return ERR_SYNTAX;
	h = json_loadb((const char *)text.p, text.len,
	    JSON_REJECT_DUPLICATES, NULL);
	if (h == NULL)
		return ERR_SYNTAX;
	arena_defer(a, drop_json, h);
	*why_out = "the header has other members than typ, alg and kid";
	if (!json_is_object(h) || json_object_size(h) != 3)
		return ERR_SYNTAX;
	*why_out = "typ in the header is not at+jwt";
	if (!typ_ok(member(h, "typ")))
		return ERR_SYNTAX;
	*why_out = "kid in the header is missing or no key's name";
	j->kid = member(h, "kid");
	if (!jose_kid_ok(j->kid))
		return ERR_SYNTAX;
	*why_out = "alg in the header is missing";
	j->alg = member(h, "alg");
	return j->alg.len > 0 ? OK : ERR_SYNTAX;
}

enum err
jose_parse(struct arena *a, struct bytes token, struct jose *out,
    const char **why_out)
{
	struct bytes header, payload, sig, rest, text;
	struct jose j = { .kid.len = 0 };
	enum err e;

	*why_out = "not three parts with dots between";
	if (!bytes_cut(token, '.', &header, &rest) ||
	    !bytes_cut(rest, '.', &payload, &sig) ||
	    header.len == 0 || payload.len == 0 || sig.len == 0)
		return ERR_SYNTAX;
	j.input = bytes_sub(token, 0, header.len + 1 + payload.len);

	*why_out = "a part is not canonical base64url";
	if (text_unb64url(a, header, &text) != OK ||
	    text_unb64url(a, payload, &j.payload) != OK ||
	    text_unb64url(a, sig, &rest) != OK)
		return ERR_SYNTAX;
	*why_out = "the signature has not 64 bytes";
	if (rest.len != JOSE_SIG_LEN)
		return ERR_SYNTAX;
	memcpy(j.sig, rest.p, JOSE_SIG_LEN);
	e = read_header(a, text, &j, why_out);
	if (e == OK)
		*out = j;
	return e;
}

bool
jose_verify(const struct jose *j, enum jose_alg alg,
    const uint8_t pub[static JOSE_KEY_LEN])
{
	if (alg != JOSE_EDDSA || !bytes_is(j->alg, jose_alg_name(alg)))
		return false;
	return crypto_sign_verify_detached(j->sig, j->input.p, j->input.len,
	    pub) == 0;
}

struct bytes
jose_sign(struct arena *a, struct bytes kid, struct bytes payload,
    const uint8_t secret[static 64])
{
	const char *header = arena_printf(a,
	    "{\"typ\":\"at+jwt\",\"alg\":\"%s\",\"kid\":\"%.*s\"}",
	    jose_alg_name(JOSE_EDDSA), BYTES_FMT(kid));
	struct bytes h = text_b64url(a, bytes_str(header));
	struct bytes p = text_b64url(a, payload);
	uint8_t sig[JOSE_SIG_LEN];
	struct bytes input, s;

	input = bytes_str(arena_printf(a, "%.*s.%.*s", BYTES_FMT(h),
	    BYTES_FMT(p)));
	crypto_sign_detached(sig, NULL, input.p, input.len, secret);
	s = text_b64url(a, bytes_of(sig, sizeof sig));
	return bytes_str(arena_printf(a, "%.*s.%.*s", BYTES_FMT(input),
	    BYTES_FMT(s)));
}

void
jose_kid(const uint8_t pub[static JOSE_KEY_LEN],
    char out[static JOSE_KID_LEN + 1])
{
	char x[JOSE_KID_LEN + 1], json[128];
	uint8_t sum[crypto_hash_sha256_BYTES];

	sodium_bin2base64(x, sizeof x, pub, JOSE_KEY_LEN,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	/* RFC 7638 section 3: required members, sorted, no white space. */
	snprintf(json, sizeof json,
	    "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"%s\"}", x);
	crypto_hash_sha256(sum, (const uint8_t *)json, strlen(json));
	sodium_bin2base64(out, JOSE_KID_LEN + 1, sum, sizeof sum,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}
