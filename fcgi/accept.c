/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accept.c -- media types: what the caller wants, and what it sends.  (L4)
 */
#include "fcgi/accept.h"

#include <string.h>

#include "base/attr.h"
#include "base/text.h"

/* What we can be asked for, by header or by _format. */
static const struct {
	const char	*name;
	enum media	 media;
	bool		 format_only;	/* short names: not in a header */
} names[] = {
	{ "application/json+fhir", MEDIA_JSON_FHIR, false },
	{ "application/fhir+json", MEDIA_FHIR_JSON, false },
	{ "application/json", MEDIA_JSON, false },
	{ "text/json", MEDIA_TEXT_JSON, false },
	{ "*/*", MEDIA_ANY, false },
	{ "application/*", MEDIA_ANY, false },
	{ "text/*", MEDIA_TEXT, false },
	{ "json", MEDIA_JSON_FHIR, true },
};

static struct bytes
trim(struct bytes b)
{
	while (b.len > 0 && (b.p[0] == ' ' || b.p[0] == '\t'))
		b = bytes_from(b, 1);
	while (b.len > 0 &&
	    (b.p[b.len - 1] == ' ' || b.p[b.len - 1] == '\t'))
		b.len--;
	return b;
}

/*
 * RFC 9110 12.4.2: thousandths, 1000 where there is none.  A weight that
 * cannot be read is taken as 0: the range is not wanted.
 */
static unsigned
weight(struct bytes params)
{
	struct bytes one;
	unsigned q, digit;
	size_t i;
	bool more = params.len > 0;

	while (more) {
		more = bytes_cut(params, ';', &one, &params);
		one = trim(one);
		if (one.len < 3 || (one.p[0] | 0x20) != 'q' || one.p[1] != '=')
			continue;
		one = bytes_from(one, 2);
		if (one.len > 5 || one.p[0] > '1' || one.p[0] < '0' ||
		    (one.len > 1 && one.p[1] != '.'))
			return 0;
		q = one.p[0] == '1' ? 1000 : 0;
		for (i = 2, digit = 100; i < one.len; i++, digit /= 10) {
			if (one.p[i] < '0' || one.p[i] > '9')
				return 0;
			q += digit * (unsigned)(one.p[i] - '0');
		}
		return q > 1000 ? 1000 : q;
	}
	return 1000;
}

static enum media
media_of(struct bytes name, bool format)
{
	size_t i;

	for (i = 0; i < N_ELEM(names); i++) {
		if ((format || !names[i].format_only) &&
		    text_caseeq(name, bytes_str(names[i].name)))
			return names[i].media;
	}
	return MEDIA_NONE;
}

/* _format=application/json+fhir arrives with a space for "+". */
static enum media
choose_format(struct bytes format)
{
	char name[32];
	size_t i;
	enum media m;

	bytes_cut(format, ';', &format, &(struct bytes){ .len = 0 });
	format = trim(format);
	if (format.len > sizeof(name))
		return MEDIA_NONE;
	for (i = 0; i < format.len; i++)
		name[i] = format.p[i] == ' ' ? '+' : (char)format.p[i];
	m = media_of(bytes_of(name, format.len), true);
	return m == MEDIA_ANY || m == MEDIA_TEXT ? MEDIA_NONE : m;
}

static bool
is_range(enum media m)
{
	return m == MEDIA_ANY || m == MEDIA_TEXT;
}

/*
 * The greatest weight wins, the first of equals.  Reading: a range that is
 * no exact name (star/star, text/star) never beats a JSON spelling of the
 * same weight, as RFC 9110 lets the more specific rule.
 */
enum media
accept_choose(struct bytes accept, struct bytes format)
{
	struct bytes one, name, params;
	enum media m, best = MEDIA_NONE;
	unsigned q, best_q = 0, html_q = 0;
	bool more = true;

	if (format.len > 0)
		return choose_format(format);
	if (trim(accept).len == 0)
		return MEDIA_ANY;
	while (more) {
		more = bytes_cut(accept, ',', &one, &accept);
		bytes_cut(one, ';', &name, &params);
		name = trim(name);
		q = weight(params);
		if (text_caseeq(name, bytes_str("text/html")) && q > html_q)
			html_q = q;
		m = media_of(name, false);
		if (m == MEDIA_NONE || q == 0)
			continue;
		if (q > best_q ||
		    (q == best_q && is_range(best) && !is_range(m))) {
			best = m;
			best_q = q;
		}
	}
	return best == MEDIA_ANY && html_q > best_q ? MEDIA_BROWSER : best;
}

/*
 * Browsers save what is application/json+fhir and show application/json;
 * they never get text/html from us.
 */
const char *
accept_type(enum media m)
{
	switch (m) {
	case MEDIA_JSON:
	case MEDIA_BROWSER:
		return "application/json; charset=UTF-8";
	case MEDIA_FHIR_JSON:
		return "application/fhir+json; charset=UTF-8";
	case MEDIA_TEXT:
	case MEDIA_TEXT_JSON:
		return "text/json; charset=UTF-8";
	case MEDIA_NONE:
	case MEDIA_ANY:
	case MEDIA_JSON_FHIR:
		break;
	}
	return "application/json+fhir; charset=UTF-8";
}

bool
accept_holds(struct bytes accept, struct bytes type)
{
	struct bytes one, name, params, major, minor;
	bool more = accept.len > 0;

	bytes_cut(type, ';', &type, &params);
	type = trim(type);
	while (more) {
		more = bytes_cut(accept, ',', &one, &accept);
		bytes_cut(one, ';', &name, &params);
		name = trim(name);
		if (weight(params) == 0)
			continue;
		if (bytes_is(name, "*/*") || text_caseeq(name, type))
			return true;
		bytes_cut(name, '/', &major, &minor);
		if (bytes_is(minor, "*") && type.len > major.len &&
		    type.p[major.len] == '/' &&
		    text_caseeq(major, bytes_sub(type, 0, major.len)))
			return true;
	}
	return false;
}

bool
accept_is(struct bytes content_type, const char *type)
{
	struct bytes name, one, rest, key, val;
	bool more;

	bytes_cut(content_type, ';', &name, &rest);
	if (!text_caseeq(trim(name), bytes_str(type)))
		return false;
	for (more = rest.len > 0; more;) {
		more = bytes_cut(rest, ';', &one, &rest);
		bytes_cut(one, '=', &key, &val);
		if (!text_caseeq(trim(key), bytes_str("charset")))
			continue;
		val = trim(val);
		if (val.len > 1 && val.p[0] == '"' &&
		    val.p[val.len - 1] == '"')
			val = bytes_sub(val, 1, val.len - 2);
		if (!text_caseeq(val, bytes_str("utf-8")))
			return false;
	}
	return true;
}

/* --- what a body is ------------------------------------------------------ */

/* Names for a resource in JSON: DSTU2's, and those of other times. */
static const char *const json_names[] = { "application/json+fhir",
    "application/fhir+json", "application/json", "text/json" };

/* Of those that nobody would use for content. */
static bool
other_fhir(struct bytes name)
{
	struct bytes fhir = bytes_str("application/fhir+");

	return text_caseeq(name, bytes_str("application/xml+fhir")) ||
	    (name.len > fhir.len &&
	    text_caseeq(bytes_sub(name, 0, fhir.len), fhir));
}

enum body
accept_body(struct bytes content_type)
{
	struct bytes name, rest;
	size_t i;

	bytes_cut(content_type, ';', &name, &rest);
	name = trim(name);
	for (i = 0; i < N_ELEM(json_names); i++)
		if (text_caseeq(name, bytes_str(json_names[i])))
			return accept_is(content_type, json_names[i]) ?
			    BODY_JSON : BODY_FHIR;
	if (!accept_parse(content_type, NULL))
		return BODY_UNKNOWN;
	if (other_fhir(name))
		return BODY_FHIR;
	if (text_caseeq(name, bytes_str("multipart/form-data")) ||
	    text_caseeq(name,
	    bytes_str("application/x-www-form-urlencoded")))
		return BODY_FORM;
	return BODY_CONTENT;
}

/* Cut the token (RFC 9110 5.6.2) that text begins with; "": there is none. */
static struct bytes
token(struct bytes *text)
{
	struct bytes all = *text;
	size_t i;
	uint8_t b;

	for (i = 0; i < all.len; i++) {
		b = all.p[i];
		if (!((b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') ||
		    (b >= '0' && b <= '9') ||
		    (b != '\0' && strchr("!#$%&'*+-.^_`|~", b) != NULL)))
			break;
	}
	*text = bytes_from(all, i);
	return bytes_sub(all, 0, i);
}

/* Likewise a quoted string, of visible ASCII and single spaces alone. */
static struct bytes
quoted(struct bytes *text)
{
	struct bytes all = *text;
	size_t i;

	for (i = 1; i < all.len && all.p[0] == '"'; i++) {
		if (all.p[i] < ' ' || all.p[i] > '~' ||
		    (all.p[i] == ' ' && all.p[i - 1] == ' '))
			break;
		if (all.p[i] == '\\' && i + 1 < all.len &&
		    all.p[i + 1] > ' ' && all.p[i + 1] <= '~') {
			i++;
		} else if (all.p[i] == '"') {
			*text = bytes_from(all, i + 1);
			return bytes_sub(all, 0, i + 1);
		}
	}
	return bytes_of(NULL, 0);
}

static void
put(struct buf *out, const char *before, struct bytes text)
{
	if (out == NULL)
		return;
	buf_str(out, before);
	buf_add(out, text);
}

/* ";" and a parameter, or nothing: RFC 9110 5.6.6 has empty ones, too. */
static bool
parameter(struct bytes *text, struct buf *out)
{
	struct bytes name, value;

	if (text->len == 0 || text->p[0] != ';')
		return false;
	*text = trim(bytes_from(*text, 1));
	name = token(text);
	if (name.len == 0)
		return true;
	if (text->len == 0 || text->p[0] != '=')
		return false;
	*text = bytes_from(*text, 1);
	value = token(text);
	if (value.len == 0)
		value = quoted(text);
	if (value.len == 0)
		return false;
	*text = trim(*text);
	put(out, "; ", name);
	put(out, "=", value);
	return true;
}

/* A name of RFC 6838, as far as it matters: a range is no type. */
static bool
type_name(struct bytes *text, const char *before, struct buf *out)
{
	struct bytes part = token(text);

	put(out, before, part);
	return part.len > 0 && memchr(part.p, '*', part.len) == NULL;
}

bool
accept_parse(struct bytes text, struct buf *out)
{
	text = trim(text);
	if (text.len > ACCEPT_TYPE_MAX || !type_name(&text, "", out) ||
	    text.len == 0 || text.p[0] != '/')
		return false;
	text = bytes_from(text, 1);
	if (!type_name(&text, "/", out))
		return false;
	for (text = trim(text); text.len > 0;)
		if (!parameter(&text, out))
			return false;
	return true;
}
