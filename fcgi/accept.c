/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accept.c -- which of our spellings of JSON the caller wants.  (L4)
 */
#include "fcgi/accept.h"

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
	{ "text/*", MEDIA_TEXT_JSON, false },
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
	return m == MEDIA_ANY ? MEDIA_NONE : m;
}

/*
 * The greatest weight wins, the first of equals.  Reading: a range that is
 * no exact name (star/star) never beats a JSON spelling of the same weight,
 * as RFC 9110 lets the more specific rule.
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
		    (q == best_q && best == MEDIA_ANY && m != MEDIA_ANY)) {
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
