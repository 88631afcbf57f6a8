/* SPDX-License-Identifier: Apache-2.0 */
/*
 * redirect.c -- where a browser may be sent with a code.  (L3)
 *
 * Compared as strings, byte for byte (RFC 9700 section 2.1); nothing is
 * normalised, so nothing can be normalised differently elsewhere.  The one
 * exception is the port of a loopback address written as a literal (RFC 8252
 * section 7.3): native apps do not know theirs before.  "localhost" is no
 * literal and has to be exact.
 *
 * Attacks AUZ-01 to AUZ-06, TKE-22.
 */
#include "auth/smart_in.h"

#define URI_MAX		1024

/* What comes before the port of a loopback redirect. */
static const char *const loopback[] = { "http://127.0.0.1",
    "http://[::1]" };

static bool
is_alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z');
}

/* Characters of a URI (RFC 3986), less "#" and "*": no fragment, no wild
 * card. */
static bool
chars_ok(struct bytes uri)
{
	size_t i;

	for (i = 0; i < uri.len; i++)
		if (!is_alnum(uri.p[i]) && (uri.p[i] == '\0' ||
		    strchr("-._~:/?[]@!$&'()+,;=%", uri.p[i]) == NULL))
			return false;
	return true;
}

static bool
has(struct bytes text, const char *part)
{
	const size_t len = strlen(part);
	size_t i;

	for (i = 0; i + len <= text.len; i++)
		if (memcmp(text.p + i, part, len) == 0)
			return true;
	return false;
}

/* The host and port of an http or https URI; "" for others. */
static struct bytes
authority(struct bytes uri)
{
	struct bytes rest;
	size_t i;

	if (bytes_starts(uri, bytes_str("https://")))
		rest = bytes_from(uri, 8);
	else if (bytes_starts(uri, bytes_str("http://")))
		rest = bytes_from(uri, 7);
	else
		return bytes_of(NULL, 0);
	for (i = 0; i < rest.len; i++)
		if (rest.p[i] == '/' || rest.p[i] == '?')
			break;
	return bytes_sub(rest, 0, i);
}

/* Length of the loopback head, the port not in it; 0: is none. */
static size_t
loopback_head(struct bytes uri)
{
	size_t i, len;

	for (i = 0; i < N_ELEM(loopback); i++) {
		len = strlen(loopback[i]);
		if (bytes_starts(uri, bytes_str(loopback[i])) &&
		    (uri.len == len || uri.p[len] == ':' ||
		    uri.p[len] == '/' || uri.p[len] == '?'))
			return len;
	}
	return 0;
}

static bool
is_local(struct bytes uri)
{
	struct bytes host = authority(uri), name, port;

	bytes_cut(host, ':', &name, &port);
	return loopback_head(uri) > 0 || bytes_is(name, "localhost");
}

/* A native app's own scheme has a dot (RFC 8252 section 7.1), so neither
 * javascript: nor data: nor file: is one. */
static bool
own_scheme(struct bytes uri)
{
	struct bytes scheme, rest;
	size_t i;

	if (!bytes_cut(uri, ':', &scheme, &rest) || scheme.len == 0 ||
	    memchr(scheme.p, '.', scheme.len) == NULL)
		return false;
	for (i = 0; i < scheme.len; i++)
		if (!is_alnum(scheme.p[i]) &&
		    strchr("+-.", scheme.p[i]) == NULL)
			return false;
	return !is_alnum(rest.len > 0 ? rest.p[0] : 'x');
}

const char *
redirect_fault(struct bytes uri)
{
	struct bytes host = authority(uri);

	if (uri.len == 0 || uri.len > URI_MAX)
		return "is a URI of 1 to 1024 bytes";
	if (!chars_ok(uri))
		return "has a character no URI has, a fragment (#) or a wild "
		    "card (*)";
	if (has(uri, "/../") || has(uri, "/./") || has(uri, "%2e") ||
	    has(uri, "%2E") || has(uri, "%2f") || has(uri, "%2F"))
		return "has steps (./, ../) or escaped dots and slashes in "
		    "its path";
	if (bytes_starts(uri, bytes_str("https://")) ||
	    bytes_starts(uri, bytes_str("http://"))) {
		if (host.len == 0 || memchr(host.p, '@', host.len) != NULL)
			return "has no host, or a user before it";
		if (uri.p[4] == ':' && !is_local(uri))
			return "is https, or http to this machine "
			    "(http://127.0.0.1, http://[::1], "
			    "http://localhost)";
		return NULL;
	}
	return own_scheme(uri) ? NULL : "is https, or an app's own scheme "
	    "with a dot in it (com.example.app:/cb)";
}

/* What follows the head and its port, if that is one. */
static bool
after_port(struct bytes uri, size_t head, struct bytes *path_out)
{
	size_t i = head;

	if (i < uri.len && uri.p[i] == ':') {
		for (i++; i < uri.len && uri.p[i] >= '0' &&
		    uri.p[i] <= '9'; i++)
			continue;
		if (i == head + 1 || i > head + 6)
			return false;
	}
	*path_out = bytes_from(uri, i);
	return i == uri.len || uri.p[i] == '/' || uri.p[i] == '?';
}

bool
redirect_match(struct bytes registered, struct bytes uri)
{
	const size_t head = loopback_head(registered);
	struct bytes want, have;

	if (bytes_eq(registered, uri))
		return true;
	return head > 0 && loopback_head(uri) == head &&
	    memcmp(registered.p, uri.p, head) == 0 &&
	    after_port(registered, head, &want) &&
	    after_port(uri, head, &have) && bytes_eq(want, have);
}

struct bytes
redirect_origin(struct bytes uri)
{
	struct bytes host = authority(uri);

	if (host.len == 0)
		return host;
	return bytes_sub(uri, 0, (size_t)(host.p - uri.p) + host.len);
}
