/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claims.c -- payload of an access token, read strictly.  (L3)
 *
 * Reading: aud is one string here.  RFC 7519 allows a list, but we make the
 * tokens ourselves, for one base, and a list would only be a second way.
 */
#include "auth/claims.h"

#include <inttypes.h>
#include <jansson.h>

#include "auth/jose.h"
#include "base/buf.h"
#include "base/text.h"
#include "fhir/json.h"

#define TIME_MAX_S	INT64_C(253402300799)	/* 9999-12-31T23:59:59Z */
#define PAYLOAD_MAX	16384			/* bytes we would sign */

static void
drop_json(void *p)
{
	json_decref(p);
}

bool
claims_name_ok(struct bytes name)
{
	size_t i;

	for (i = 0; i < name.len; i++)
		if (name.p[i] < 0x20 || name.p[i] == 0x7F)
			return false;
	return name.len > 0 && name.len <= CLAIMS_NAME_MAX &&
	    text_utf8(name);
}

/* true: the member is a string, or absent and may be. */
static bool
text_of(const json_t *o, const char *name, bool required,
    struct bytes *out)
{
	const json_t *v = json_object_get(o, name);

	*out = bytes_of(NULL, 0);
	if (v == NULL)
		return !required;
	if (!json_is_string(v))
		return false;
	*out = bytes_of(json_string_value(v), json_string_length(v));
	return true;
}

/* A whole number of seconds; RFC 7519 would allow fractions, we do not. */
static bool
time_of(const json_t *o, const char *name, int64_t *out)
{
	const json_t *v = json_object_get(o, name);

	if (!json_is_integer(v))
		return false;
	*out = json_integer_value(v);
	return *out >= 0 && *out <= TIME_MAX_S;
}

static const char *
read_texts(const json_t *o, struct claims *c)
{
	if (!text_of(o, "iss", true, &c->iss))
		return "iss is missing or no text";
	if (!text_of(o, "aud", true, &c->aud))
		return "aud is missing or not one text";
	if (!text_of(o, "sub", true, &c->sub) || !claims_name_ok(c->sub))
		return "sub is missing or no name";
	if (!text_of(o, "client_id", true, &c->client) ||
	    !claims_name_ok(c->client))
		return "client_id is missing or no name";
	if (!text_of(o, "scope", true, &c->scope))
		return "scope is missing or no text";
	if (!text_of(o, "jti", true, &c->jti) || !jose_kid_ok(c->jti))
		return "jti is missing or no id";
	if (!text_of(o, "grant", true, &c->grant) || !jose_kid_ok(c->grant))
		return "grant is missing or no id";
	if (!text_of(o, "patient", false, &c->patient) ||
	    (json_object_get(o, "patient") != NULL &&
	    !json_id_ok(c->patient)))
		return "patient is no id";
	return NULL;
}

/* RFC 7800: who cannot check a confirmation must not take the token. */
static const char *
read_cnf(const json_t *o, struct claims *c)
{
	const json_t *cnf = json_object_get(o, "cnf");

	if (cnf == NULL)
		return NULL;
	if (json_object_size(cnf) != 1 ||
	    !text_of(cnf, "jkt", true, &c->jkt) || !jose_kid_ok(c->jkt))
		return "cnf is not the thumbprint of one key";
	return NULL;
}

static const char *
read_times(const json_t *o, struct claims *c)
{
	if (!time_of(o, "iat", &c->iat))
		return "iat is missing or no whole number";
	if (!time_of(o, "exp", &c->exp))
		return "exp is missing or no whole number";
	c->nbf = c->iat;
	if (json_object_get(o, "nbf") != NULL && !time_of(o, "nbf", &c->nbf))
		return "nbf is no whole number";
	return NULL;
}

enum err
claims_parse(struct arena *a, struct bytes payload, struct claims *out,
    const char **why_out)
{
	struct claims c = { .iat = 0 };
	const char *why;
	json_t *o;

	o = json_loadb((const char *)payload.p, payload.len,
	    JSON_REJECT_DUPLICATES, NULL);
	if (o != NULL)
		arena_defer(a, drop_json, o);
	if (!json_is_object(o)) {
		*why_out = "the payload is not a JSON object";
		return ERR_SYNTAX;
	}
	why = read_texts(o, &c);
	if (why == NULL)
		why = read_cnf(o, &c);
	if (why == NULL)
		why = read_times(o, &c);
	if (why != NULL) {
		*why_out = why;
		return ERR_SYNTAX;
	}
	*out = c;
	return OK;
}

static void
put_text(struct buf *b, const char *name, struct bytes text)
{
	buf_printf(b, "%s\"%s\":", b->len == 1 ? "" : ",", name);
	buf_json(b, text);
}

static void
put_time(struct buf *b, const char *name, int64_t t)
{
	buf_printf(b, ",\"%s\":%" PRId64, name, t);
}

struct bytes
claims_json(struct arena *a, const struct claims *c)
{
	struct buf b = buf_on(a, PAYLOAD_MAX);
	struct bytes out = { .len = 0 };

	buf_str(&b, "{");
	put_text(&b, "iss", c->iss);
	put_text(&b, "aud", c->aud);
	put_text(&b, "sub", c->sub);
	put_text(&b, "client_id", c->client);
	put_text(&b, "scope", c->scope);
	put_text(&b, "jti", c->jti);
	put_text(&b, "grant", c->grant);
	if (c->patient.len > 0)
		put_text(&b, "patient", c->patient);
	if (c->jkt.len > 0) {
		buf_str(&b, ",\"cnf\":{\"jkt\":");
		buf_json(&b, c->jkt);
		buf_str(&b, "}");
	}
	put_time(&b, "iat", c->iat);
	put_time(&b, "exp", c->exp);
	buf_str(&b, "}");
	/* Over the ceiling: empty, which the caller's own check refuses. */
	if (buf_end(&b, &out) != OK)
		return bytes_of(NULL, 0);
	return out;
}

const char *
claims_place(const struct claims *c, struct bytes iss, struct bytes aud)
{
	if (!bytes_eq(c->iss, iss))
		return "iss is not the configured issuer";
	if (!bytes_eq(c->aud, aud))
		return "aud is not this base";
	return NULL;
}

const char *
claims_time(const struct claims *c, struct instant now, int64_t life_s)
{
	int64_t ahead = now.ms / 1000 + CLAIMS_SKEW_S;

	if (now.ms >= c->exp * 1000)
		return "the token has expired";
	if (c->iat > ahead || c->nbf > ahead)
		return "iat or nbf lies in the future";
	if (c->exp <= c->iat || c->exp - c->iat > life_s)
		return "exp lies further behind iat than access-lifetime";
	return NULL;
}
