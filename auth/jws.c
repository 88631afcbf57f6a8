/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jws.c -- split a compact JWS and read its two objects.  (L3)
 *
 * Length first, then base64url, then depth, then JSON: what is refused costs
 * less than what is read (CA-13, CA-20, CA-21).  Jansson recurses on depth,
 * so depth is counted on the text before it sees it.
 */
#include "auth/jws.h"

#include "base/text.h"

#define TIME_MAX_S	INT64_C(253402300799)	/* 9999-12-31T23:59:59Z */

static void
drop_json(void *p)
{
	json_decref(p);
}

/* JWS_DEPTH_MAX levels at most; text in strings does not count. */
static bool
shallow(struct bytes text)
{
	bool string = false;
	size_t i, depth = 0;

	for (i = 0; i < text.len; i++) {
		switch (text.p[i]) {
		case '\\':
			i += string ? 1 : 0;
			break;
		case '"':
			string = !string;
			break;
		case '{':
		case '[':
			if (!string && ++depth > JWS_DEPTH_MAX)
				return false;
			break;
		case '}':
		case ']':
			if (!string && depth > 0)
				depth--;
			break;
		}
	}
	return true;
}

const json_t *
jws_object(struct arena *a, struct bytes text)
{
	json_t *o;

	if (!shallow(text))
		return NULL;
	o = json_loadb((const char *)text.p, text.len,
	    JSON_REJECT_DUPLICATES, NULL);
	if (o == NULL)
		return NULL;
	arena_defer(a, drop_json, o);
	return json_is_object(o) ? o : NULL;
}

struct bytes
jws_text(const json_t *object, const char *name)
{
	const json_t *v = json_object_get(object, name);

	if (!json_is_string(v))
		return bytes_of(NULL, 0);
	return bytes_of(json_string_value(v), json_string_length(v));
}

/* RFC 7519 would allow fractions; 1e99 and 1.5 are reals and none of ours. */
bool
jws_time(const json_t *object, const char *name, int64_t *out)
{
	const json_t *v = json_object_get(object, name);
	int64_t t;

	if (!json_is_integer(v))
		return false;
	t = json_integer_value(v);
	if (t < 0 || t > TIME_MAX_S)
		return false;
	*out = t;
	return true;
}

bool
jws_typ_is(const struct jws *j, const char *typ)
{
	static const char prefix[] = "application/";
	struct bytes have = jws_text(j->header, "typ");
	const size_t skip = sizeof prefix - 1;

	if (text_caseeq(bytes_sub(have, 0, skip), bytes_str(prefix)))
		have = bytes_from(have, skip);
	return text_caseeq(have, bytes_str(typ));
}

static enum err
read_header(struct arena *a, struct bytes text, struct jws *j,
    const char **why_out)
{
	const json_t *kid;

	*why_out = "the header is no strict JSON object";
	if (text.len > JWS_HEADER_MAX)
		return ERR_SYNTAX;
	j->header = jws_object(a, text);
	if (j->header == NULL)
		return ERR_SYNTAX;
	*why_out = "the header has crit or b64: no extension is known";
	if (json_object_get(j->header, "crit") != NULL ||
	    json_object_get(j->header, "b64") != NULL)
		return ERR_SYNTAX;
	*why_out = "alg in the header is missing or not one of ours";
	j->alg = jwk_alg_of(jws_text(j->header, "alg"));
	if (j->alg == JWK_NONE)
		return ERR_SYNTAX;
	*why_out = "kid in the header is no text or too long";
	kid = json_object_get(j->header, "kid");
	j->kid = jws_text(j->header, "kid");
	if (kid != NULL && (j->kid.len == 0 || j->kid.len > JWK_KID_MAX))
		return ERR_SYNTAX;
	return OK;
}

enum err
jws_parse(struct arena *a, struct bytes text, size_t max, struct jws *out,
    const char **why_out)
{
	struct bytes header, payload, sig, rest, h, p;
	struct jws j = { .alg = JWK_NONE };
	enum err e;

	*why_out = "longer than allowed";
	if (text.len > max)
		return ERR_TOOBIG;
	*why_out = "not three parts with dots between";
	if (!bytes_cut(text, '.', &header, &rest) ||
	    !bytes_cut(rest, '.', &payload, &sig) ||
	    header.len == 0 || payload.len == 0 || sig.len == 0)
		return ERR_SYNTAX;
	j.input = bytes_sub(text, 0, header.len + 1 + payload.len);
	*why_out = "the signature is longer than any of ours";
	if (sig.len > (JWS_SIG_MAX * 4 + 2) / 3)
		return ERR_SYNTAX;
	*why_out = "a part is not canonical base64url";
	if (text_unb64url(a, header, &h) != OK ||
	    text_unb64url(a, payload, &p) != OK ||
	    text_unb64url(a, sig, &j.sig) != OK)
		return ERR_SYNTAX;
	e = read_header(a, h, &j, why_out);
	if (e != OK)
		return e;
	*why_out = "the payload is no strict JSON object";
	j.payload = jws_object(a, p);
	if (j.payload == NULL)
		return ERR_SYNTAX;
	*out = j;
	return OK;
}
