/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_binary.c -- a Binary as the bytes it holds.  (L5)
 *
 * The content was chosen by whoever wrote the record: it is sent as an
 * attachment that browsers neither show nor sniff nor run (resp.c), under a
 * media type that can break no header.
 *
 * Spec: DSTU2 binary.html, http.html#binary (native unless a FHIR type is
 * asked for explicitly); attack cases BIN-01, BIN-02.
 */
#include <jansson.h>
#include <sodium.h>

#include "fcgi/rest/act.h"
#include "fhir/json.h"

#define OCTETS		"application/octet-stream"
#define TYPE_MAX	127	/* bytes of a media type we repeat */

/*
 * Reading: "explicitly" is any of our JSON names, in Accept or _format; a
 * range such as star/star is not.  FHIR's XML is no native type of anything:
 * it falls through to 406.
 */
bool
act_native_wanted(const struct call *c)
{
	struct bytes accept = c->rq->var[VAR_ACCEPT];

	if (req_param(c->rq, "_format").len > 0)
		return false;
	switch (c->rq->media) {
	case MEDIA_ANY:
	case MEDIA_BROWSER:
		return true;
	case MEDIA_NONE:
		return !accept_holds(accept,
		    bytes_str("application/xml+fhir")) &&
		    !accept_holds(accept, bytes_str("application/fhir+xml"));
	default:
		return false;
	}
}

/* type/subtype of RFC 6838 4.2 names, and a charset or nothing more. */
static const char *
safe_type(struct arena *a, struct bytes type)
{
	size_t i, slash = 0;
	uint8_t b;

	if (type.len == 0 || type.len > TYPE_MAX)
		return OCTETS;
	for (i = 0; i < type.len; i++) {
		b = type.p[i];
		if (b == '/')
			slash++;
		else if (!((b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') ||
		    (b >= '0' && b <= '9') ||
		    (b != '\0' && strchr("!#$&-^_.+;= ", b) != NULL)))
			return OCTETS;
	}
	return slash == 1 ? arena_str(a, type) : OCTETS;
}

static struct bytes
member(const json_t *tree, const char *name)
{
	const json_t *v = json_object_get(tree, name);

	return json_is_string(v) ? json_text(v) : bytes_of(NULL, 0);
}

/* White space may stand in base64 of XML origin; nothing else may. */
static enum err
decode(struct arena *a, struct bytes in, struct bytes *out)
{
	uint8_t *p = arena_alloc(a, in.len / 4 * 3 + 3);
	size_t len;

	if (sodium_base642bin(p, in.len / 4 * 3 + 3, (const char *)in.p,
	    in.len, " \t\r\n", &len, NULL, sodium_base64_VARIANT_ORIGINAL)
	    != 0)
		return ERR_STORE;
	*out = bytes_of(p, len);
	return OK;
}

enum err
act_native(struct call *c, struct bytes json)
{
	struct json_limits lim = act_limits(c);
	struct issues ignored = issues_on(c->arena);
	struct json_doc doc;
	struct bytes type;
	enum err e;

	lim.bytes = SIZE_MAX;	/* a stored text was judged before */
	e = json_doc(c->arena, json, bytes_of(NULL, 0), &lim, &ignored, &doc);
	if (e != OK)
		return ERR_STORE;
	type = member(doc.tree, "contentType");
	if (c->rq->media == MEDIA_NONE &&
	    !accept_holds(c->rq->var[VAR_ACCEPT], type))
		return issue_add(&c->rs->is, ERR_ACCEPT, "http-accept", NULL,
		    "this Binary holds another media type than was asked for; "
		    "*/* gives what it holds, application/json+fhir the "
		    "resource");
	e = decode(c->arena, member(doc.tree, "content"), &c->rs->body);
	if (e != OK)
		return e;
	c->rs->native = safe_type(c->arena, type);
	return OK;
}
