/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_binary.c -- a Binary as the bytes it holds, out and in.  (L5)
 *
 * The content was chosen by whoever wrote the record: it is sent as an
 * attachment that browsers neither show nor sniff nor run (resp.c), under a
 * media type that can break no header.
 *
 * What comes as content becomes the Binary that somebody else would have
 * sent: from there on nothing tells the two apart.
 *
 * Reading: the media type alone decides which of the two a body is, never
 * what it looks like: JSON is a resource here under all of its names, and
 * a file of JSON goes into one.
 *
 * Spec: DSTU2 binary.html, http.html#binary (native unless a FHIR type is
 * asked for explicitly); attack cases BIN-01 to BIN-03.
 */
#include <jansson.h>
#include <sodium.h>

#include "fcgi/rest/write.h"
#include "fhir/json.h"

#define OCTETS		"application/octet-stream"
#define AROUND		(256 + 2 * ACCEPT_TYPE_MAX)	/* bytes of a Binary
							 * beside its content */

/* --- out ----------------------------------------------------------------- */

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
	case MEDIA_TEXT:
		return true;
	case MEDIA_NONE:
		return !accept_holds(accept,
		    bytes_str("application/xml+fhir")) &&
		    !accept_holds(accept, bytes_str("application/fhir+xml"));
	default:
		return false;
	}
}

/* As it goes into a header: what is no media type says nothing. */
static const char *
safe_type(struct arena *a, struct bytes type)
{
	struct buf b = buf_on(a, 2 * ACCEPT_TYPE_MAX);
	struct bytes out;

	if (!accept_parse(type, &b) || buf_end(&b, &out) != OK)
		return OCTETS;
	return arena_str(a, out);
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
	struct bytes type, accept = c->rq->var[VAR_ACCEPT];
	struct json_limits lim = act_limits(c);
	struct issues ignored = issues_on(c->arena);
	struct json_doc doc;
	enum err e;

	lim.bytes = SIZE_MAX;	/* a stored text was judged before */
	e = json_doc(c->arena, json, bytes_of(NULL, 0), &lim, &ignored, &doc);
	if (e != OK)
		return ERR_STORE;
	type = member(doc.tree, "contentType");
	if (accept.len > 0 && !accept_holds(accept, type)) {
		/* A range that holds JSON and not this. */
		if (c->rq->media != MEDIA_NONE)
			return OK;
		return issue_add(&c->rs->is, ERR_ACCEPT, "http-accept", NULL,
		    "this Binary holds another media type than was asked for; "
		    "*/* gives what it holds, application/json+fhir the "
		    "resource");
	}
	e = decode(c->arena, member(doc.tree, "content"), &c->rs->body);
	if (e != OK)
		return e;
	c->rs->native = safe_type(c->arena, type);
	return OK;
}

/* --- in ------------------------------------------------------------------ */

/* The longest content whose Binary is within resource-bytes. */
static size_t
content_max(const struct call *c)
{
	size_t all = (size_t)c->server->conf->num[CONF_RESOURCE];

	return all > AROUND ? (all - AROUND) / 4 * 3 : 0;
}

/* The content as the last member; its text needs no escapes. */
static void
put_content(struct buf *b, struct bytes content)
{
	size_t len = sodium_base64_ENCODED_LEN(content.len,
	    sodium_base64_VARIANT_ORIGINAL);
	char *p;

	buf_str(b, ",\"content\":\"");
	p = (char *)buf_room(b, len);		/* with a NUL */
	if (p == NULL)
		return;
	(void)sodium_bin2base64(p, len, content.p, content.len,
	    sodium_base64_VARIANT_ORIGINAL);
	b->len += len - 1;
	buf_str(b, "\"}");
}

static enum err
binary_of(struct call *c, struct bytes id, struct bytes *out)
{
	struct bytes content = c->rq->body, type = { .len = 0 };
	struct buf name = buf_on(c->arena, 2 * ACCEPT_TYPE_MAX);
	struct buf b = buf_on(c->arena, SIZE_MAX / 4);

	if (content.len == 0)
		return issue_add(&c->rs->is, ERR_VALUE, "http-body", NULL,
		    "a Binary holds one byte at least; send its content");
	if (content.len > content_max(c))
		return issue_add(&c->rs->is, ERR_TOOBIG, "resource-bytes",
		    NULL, "in base64 this is more than a resource may be; "
		    "%zu bytes of content are the most here",
		    content_max(c));
	(void)accept_parse(c->rq->var[VAR_TYPE], &name);
	(void)buf_room(&b, content.len / 3 * 4 + AROUND);
	if (buf_end(&name, &type) != OK)
		return ERR_TOOBIG;
	buf_u8(&b, '{');
	buf_json_member(&b, "resourceType", bytes_str("Binary"));
	buf_json_member(&b, "id", id);
	buf_json_member(&b, "contentType", type);
	put_content(&b, content);
	return buf_end(&b, out);
}

enum err
write_body(struct call *c, struct bytes id, struct draft *d)
{
	if (accept_body(c->rq->var[VAR_TYPE]) != BODY_CONTENT) {
		d->text = c->rq->body;
		return OK;
	}
	/* Who sends a scan has no use for its base64. */
	if (d->prefer == PREFER_NONE)
		d->prefer = PREFER_MINIMAL;
	return binary_of(c, id, &d->text);
}
