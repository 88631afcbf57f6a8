/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outside.c -- a pinned set of keys, and tokens read by it.  (L3)
 *
 * Reading: typ is at+jwt or JWT.  RFC 9068 wants the first, most issuers
 * send the second; an id_token of the same issuer is refused by aud, which
 * names an application there and not this base, and by the scope it lacks.
 */
#include "auth/outside.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "auth/jws.h"
#include "base/text.h"
#include "fhir/json.h"

/* --- opening ------------------------------------------------------------- */

/* One byte more than is allowed tells a file that is too long. */
static bool
slurp(struct arena *a, const char *path, struct bytes *out)
{
	uint8_t *text = arena_alloc(a, JWK_SET_BYTES + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return false;
	do {
		n = read(fd, text + len, JWK_SET_BYTES + 1 - len);
		len += n > 0 ? (size_t)n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	close(fd);
	*out = bytes_of(text, len);
	return n == 0;
}

static enum err
read_set(struct arena *a, const char *path, struct outside *o,
    const char **why_out)
{
	const char *why = "";
	struct bytes text;
	struct jwk *set;
	size_t i;

	*why_out = arena_printf(a, "%s: outside-jwks cannot be read", path);
	if (!slurp(a, path, &text))
		return ERR_CONFIG;
	if (jwk_set(a, text, JWK_ISSUER, &set, &o->n, &why) != OK) {
		*why_out = arena_printf(a, "%s: %s", path, why);
		return ERR_CONFIG;
	}
	for (i = 0; i < o->n; i++)
		if (!jwk_sound(o->engine, &set[i])) {
			*why_out = arena_printf(a, "%s: the key \"%.*s\" is "
			    "not sound: its point lies on no curve, or its "
			    "modulus is even", path, BYTES_FMT(set[i].kid));
			return ERR_CONFIG;
		}
	o->set = set;
	return OK;
}

enum err
outside_open(struct arena *a, const struct conf *conf,
    const struct jwk_engine *engine, struct outside **out,
    const char **why_out)
{
	struct outside *o = arena_alloc(a, sizeof *o);
	const char *path = (const char *)conf->text[CONF_OUT_JWKS].p;
	enum err e;

	o->iss = conf->text[CONF_OUT_ISSUER];
	o->aud = conf->text[CONF_OUT_AUD].len > 0 ?
	    conf->text[CONF_OUT_AUD] : conf->text[CONF_BASE_URL];
	o->rights = conf->num[CONF_OUT_ALL] != 0 ? REACH_ALL : REACH_NONE;
	o->engine = engine;
	*why_out = "outside-issuer and outside-jwks go together";
	if (conf->text[CONF_OUT_JWKS].len == 0)
		return ERR_CONFIG;
	/* Two who may speak under one name would be one too many. */
	*why_out = "outside-issuer is our own issuer";
	if (bytes_eq(o->iss, conf->text[CONF_ISSUER]) ||
	    bytes_eq(o->iss, conf->text[CONF_BASE_URL]))
		return ERR_CONFIG;
	e = read_set(a, path, o, why_out);
	if (e == OK)
		*out = o;
	return e;
}

/* --- one token ----------------------------------------------------------- */

/*
 * How our own tokens begin (jose_sign), up to EdDS: with this, the common
 * case costs a comparison.  A token that starts so has no other alg.
 */
#define OURS	"eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERT"

bool
outside_is(struct arena *a, struct bytes token)
{
	struct bytes header, rest, text;
	const json_t *o;
	enum jwk_alg alg;

	if (bytes_starts(token, bytes_str(OURS)) ||
	    !bytes_cut(token, '.', &header, &rest) ||
	    header.len > JWS_HEADER_MAX ||
	    text_unb64url(a, header, &text) != OK)
		return false;
	o = jws_object(a, text);
	alg = jwk_alg_of(jws_text(o, "alg"));
	return alg != JWK_NONE && alg != JWK_EDDSA;
}

/* aud: one text, or a list that holds it (RFC 7519 section 4.1.3). */
static bool
for_us(const json_t *aud, struct bytes us)
{
	const json_t *v;
	size_t i;

	if (json_is_string(aud))
		return bytes_is(us, json_string_value(aud));
	json_array_foreach(aud, i, v)
		if (json_is_string(v) && bytes_is(us, json_string_value(v)))
			return true;
	return false;
}

static const char *
read_names(struct arena *a, const struct outside *o, const json_t *p,
    struct claims *c)
{
	struct bytes sub = jws_text(p, "sub");

	c->iss = jws_text(p, "iss");
	if (!bytes_eq(c->iss, o->iss))
		return "iss is not the outside issuer";
	if (!for_us(json_object_get(p, "aud"), o->aud))
		return "aud is not this base";
	c->aud = o->aud;
	c->sub = bytes_str(arena_printf(a, "%.*s|%.*s", BYTES_FMT(o->iss),
	    BYTES_FMT(sub)));
	if (!claims_name_ok(sub))
		return "sub is missing or no name";
	/* RFC 9068; azp is OpenID Connect's older word for it */
	c->client = jws_text(p, "client_id");
	if (c->client.len == 0)
		c->client = jws_text(p, "azp");
	if (!claims_name_ok(c->client))
		return "client_id (or azp) is missing or no name";
	c->scope = jws_text(p, "scope");
	if (c->scope.len == 0)
		return "scope is missing or no text";
	c->patient = jws_text(p, "patient");
	if (json_object_get(p, "patient") != NULL && !json_id_ok(c->patient))
		return "patient is no id";
	return NULL;
}

static const char *
read_claims(struct arena *a, const struct outside *o, const json_t *p,
    struct claims *c)
{
	const char *why = read_names(a, o, p, c);

	if (why != NULL)
		return why;
	if (json_object_get(p, "cnf") != NULL)
		return "cnf: tokens bound to a key are not taken from an "
		    "outside issuer";
	if (!jws_time(p, "exp", &c->exp) || !jws_time(p, "iat", &c->iat))
		return "exp or iat is missing or no whole number";
	c->nbf = c->iat;
	if (json_object_get(p, "nbf") != NULL &&
	    !jws_time(p, "nbf", &c->nbf))
		return "nbf is no whole number";
	return NULL;
}

enum err
outside_verify(const struct outside *o, struct arena *a,
    struct bytes token, size_t max, struct claims *out,
    const char **why_out)
{
	struct claims c = { .iat = 0 };
	const struct jwk *k;
	struct jws j;

	if (jws_parse(a, token, max, &j, why_out) != OK)
		return ERR_LOGIN;
	*why_out = "typ in the header is neither at+jwt nor JWT";
	if (!jws_typ_is(&j, "at+jwt") && !jws_typ_is(&j, "JWT"))
		return ERR_LOGIN;
	*why_out = "kid names no key of the outside issuer";
	k = j.kid.len > 0 ? jwk_find(o->set, o->n, j.kid) : NULL;
	if (k == NULL)
		return ERR_LOGIN;
	*why_out = "the signature does not fit, or alg is not the key's";
	if (k->alg != j.alg || !jwk_verify(o->engine, k, j.input, j.sig))
		return ERR_LOGIN;
	*why_out = read_claims(a, o, j.payload, &c);
	if (*why_out != NULL)
		return ERR_LOGIN;
	*out = c;
	return OK;
}
