/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prim_ref.c -- one canonical form for every spelling of a reference.  (L1)
 *
 * "Patient/1", "https://Host:443/fhir/Patient/1/_history/2" and the same
 * below an alias are one resource, and the gate must see that they are
 * (attack case CMP-26).  What starts with one of our bases and is no
 * [type]/[id] is refused, not taken for foreign.
 *
 * Spec: DSTU2 references.html, http.html#2.1.0.1; RFC 3986 6.2.2, 6.2.3.
 */
#include "base/text.h"
#include "fhir/def.h"
#include "fhir/json.h"
#include "fhir/prim.h"

struct base_urls
prim_urls(const struct conf *conf)
{
	return (struct base_urls){ .base = conf->text[CONF_BASE_URL],
	    .alias = conf->list[CONF_BASE_ALIAS],
	    .n_alias = conf->n_list[CONF_BASE_ALIAS] };
}

/* http(s)://host[:port][/path] */
struct url {
	struct bytes	scheme, host, port, path; /* path: from its "/" on */
};

static bool
alpha(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Length of the scheme before its ":"; 0 where text is relative. */
static size_t
scheme_len(struct bytes text)
{
	size_t i;

	if (text.len == 0 || !alpha(text.p[0]))
		return 0;
	for (i = 1; i < text.len; i++) {
		uint8_t c = text.p[i];

		if (c == ':')
			return i;
		if (!alpha(c) && (c < '0' || c > '9') && c != '+' &&
		    c != '-' && c != '.')
			return 0;
	}
	return 0;
}

/* The port where it is not the scheme's own, else "". */
static struct bytes
odd_port(struct bytes scheme, struct bytes port)
{
	if (text_caseeq(scheme, bytes_str("https")) && bytes_is(port, "443"))
		return bytes_of(NULL, 0);
	if (text_caseeq(scheme, bytes_str("http")) && bytes_is(port, "80"))
		return bytes_of(NULL, 0);
	return port;
}

/* false: no hierarchical URL. */
static bool
url_split(struct bytes text, struct url *out)
{
	size_t n = scheme_len(text), end;
	struct bytes rest, host, port;

	if (n == 0 || !bytes_starts(bytes_from(text, n), bytes_str("://")))
		return false;
	rest = bytes_from(text, n + 3);
	for (end = 0; end < rest.len; end++)
		if (rest.p[end] == '/' || rest.p[end] == '?' ||
		    rest.p[end] == '#')
			break;
	/* an IPv6 host in brackets keeps its colons: cut at the last one */
	host = bytes_sub(rest, 0, end);
	port = bytes_of(NULL, 0);
	for (size_t i = host.len; i > 0 && host.p[i - 1] != ']'; i--)
		if (host.p[i - 1] == ':') {
			port = bytes_from(host, i);
			host = bytes_sub(host, 0, i - 1);
			break;
		}
	out->scheme = bytes_sub(text, 0, n);
	out->host = host;
	out->port = odd_port(out->scheme, port);
	out->path = bytes_from(rest, end);
	return true;
}

/* Is u below base?  Then *rest_out is what follows base and its "/". */
static bool
below(const struct url *u, struct bytes base, struct bytes *rest_out)
{
	struct url b;
	struct bytes rest;

	if (!url_split(base, &b) || !text_caseeq(u->scheme, b.scheme) ||
	    !text_caseeq(u->host, b.host) || !bytes_eq(u->port, b.port))
		return false;
	if (b.path.len > 0 && b.path.p[b.path.len - 1] == '/')
		b.path.len--;
	if (!bytes_starts(u->path, b.path))
		return false;
	rest = bytes_from(u->path, b.path.len);
	if (rest.len == 0 || rest.p[0] != '/')
		return false;
	*rest_out = bytes_from(rest, 1);
	return true;
}

static bool
ours(const struct url *u, const struct base_urls *urls,
    struct bytes *rest_out)
{
	size_t i;

	if (below(u, urls->base, rest_out))
		return true;
	for (i = 0; i < urls->n_alias; i++)
		if (below(u, urls->alias[i], rest_out))
			return true;
	return false;
}

/* "[type]/[id]" or "[type]/[id]/_history/[version]". */
static enum err
local(struct bytes path, struct ref *r)
{
	struct bytes type, id, rest, word;
	const struct def_type *t;

	if (!bytes_cut(path, '/', &type, &rest))
		return ERR_SYNTAX;
	t = def_type(type);
	if (t == NULL)
		return ERR_SYNTAX;
	if (bytes_cut(rest, '/', &id, &rest)) {
		if (!bytes_cut(rest, '/', &word, &r->version) ||
		    !bytes_is(word, "_history") || !json_id_ok(r->version))
			return ERR_SYNTAX;
	}
	if (!json_id_ok(id))
		return ERR_SYNTAX;
	r->kind = REF_LOCAL;
	r->type = t->num;
	r->id = id;
	return OK;
}

/* No control character, white space, or delimiter of RFC 3986 appendix C. */
static bool
uri_like(struct bytes text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (text.p[i] <= ' ' || text.p[i] == 0x7f ||
		    text.p[i] == '"' || text.p[i] == '<' || text.p[i] == '>')
			return false;
	return text.len > 0;
}

enum err
prim_ref(struct bytes text, const struct base_urls *urls, bool bare,
    struct ref *out)
{
	struct ref r = { .kind = REF_FOREIGN, .url = text };
	struct bytes path = text;
	struct url u;
	enum err e;

	if (!uri_like(text))
		return ERR_SYNTAX;
	if (text.p[0] == '#') {
		r.kind = REF_CONTAINED;
		r.id = bytes_from(text, 1);
		if (!json_id_ok(r.id))
			return ERR_SYNTAX;
		*out = r;
		return OK;
	}
	if (bare && json_id_ok(text)) {
		r.kind = REF_LOCAL;
		r.id = text;
		*out = r;
		return OK;
	}
	if (scheme_len(text) > 0 &&
	    (!url_split(text, &u) || !ours(&u, urls, &path))) {
		*out = r;
		return OK;
	}
	e = local(path, &r);
	if (e != OK)
		return e;
	*out = r;
	return OK;
}
