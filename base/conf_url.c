/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf_url.c -- the URLs of the configuration.  (L0)
 *
 * A URL from the configuration is compared byte by byte ever after (issuer,
 * audience, references), so one spelling is made here.  Refuses what has two
 * readings: a user, a query, a fragment, dot segments, escapes.
 */
#include "base/conf_url.h"

#include "base/text.h"

/* What follows "http://" or "https://", or an empty run. */
static struct bytes
after_scheme(struct bytes url)
{
	static const char *const	schemes[] = { "https://", "http://" };
	size_t				i;

	for (i = 0; i < N_ELEM(schemes); i++) {
		struct bytes	s = bytes_str(schemes[i]);

		if (text_caseeq(bytes_sub(url, 0, s.len), s))
			return bytes_from(url, s.len);
	}
	return bytes_of(NULL, 0);
}

/* Bytes before the path. */
static struct bytes
authority(struct bytes url)
{
	struct bytes	head, rest;

	(void)bytes_cut(after_scheme(url), '/', &head, &rest);
	return head;
}

static bool
host_char(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/* A name or IPv4 address, or an IPv6 address in brackets; then a port. */
static bool
authority_ok(struct bytes auth)
{
	uint64_t	port;
	size_t		i = 0;

	if (auth.len > 0 && auth.p[0] == '[') {
		while (++i < auth.len && (host_char(auth.p[i]) ||
		    auth.p[i] == ':'))
			;
		if (i == auth.len || auth.p[i] != ']' || i < 3)
			return false;
		i++;
	} else {
		while (i < auth.len && host_char(auth.p[i]))
			i++;
		if (i == 0)
			return false;
	}
	if (i == auth.len)
		return true;
	return auth.p[i] == ':' &&
	    text_u64(bytes_from(auth, i + 1), 65535, &port) && port > 0;
}

static bool
path_ok(struct bytes path)
{
	struct bytes	seg;
	size_t		i;

	for (i = 0; i < path.len; i++)
		if (path.p[i] <= 0x20 || path.p[i] >= 0x7f ||
		    strchr("?#%\\\"<>", path.p[i]) != NULL)
			return false;
	while (path.len > 0) {
		(void)bytes_cut(path, '/', &seg, &path);
		if (seg.len == 0 || bytes_is(seg, ".") || bytes_is(seg, ".."))
			return false;
	}
	return true;
}

const char *
conf_url_read(struct arena *a, struct bytes in, struct bytes *url_out)
{
	struct bytes	rest, auth, path;
	size_t		i, lower_to;
	char		*s;

	while (in.len > 0 && in.p[in.len - 1] == '/')
		in.len--;
	rest = after_scheme(in);
	if (rest.len == 0)
		return "an absolute URL is wanted, https://HOST/PATH";
	(void)bytes_cut(rest, '/', &auth, &path);
	if (!authority_ok(auth))
		return "https://HOST[:PORT]/PATH is wanted, without a user";
	if (!path_ok(path))
		return "the path may hold no query, fragment, escape, "
		    "dot segment or empty segment";
	s = arena_str(a, in);
	lower_to = (size_t)(auth.p + auth.len - in.p);
	for (i = 0; i < lower_to; i++)
		if (s[i] >= 'A' && s[i] <= 'Z')
			s[i] = (char)(s[i] + ('a' - 'A'));
	*url_out = bytes_of(s, in.len);
	return NULL;
}

/* Without port and brackets. */
static struct bytes
host_of(struct bytes url)
{
	struct bytes	auth = authority(url), host, rest;

	if (auth.len > 0 && auth.p[0] == '[') {
		(void)bytes_cut(bytes_from(auth, 1), ']', &host, &rest);
		return host;
	}
	(void)bytes_cut(auth, ':', &host, &rest);
	return host;
}

/* 127.0.0.0/8 as four decimal numbers: "127.evil.net" is a name. */
static bool
loopback4(struct bytes host)
{
	struct bytes	part;
	uint64_t	v;
	int		n;

	for (n = 0; n < 4; n++) {
		if (bytes_cut(host, '.', &part, &host) != (n < 3) ||
		    part.len > 3 || !text_u64(part, 255, &v) ||
		    (n == 0 && v != 127))
			return false;
	}
	return true;
}

bool
conf_url_open(struct bytes url)
{
	struct bytes	host = host_of(url);

	if (!bytes_starts(url, bytes_str("http://")))
		return false;
	return !bytes_is(host, "localhost") && !bytes_is(host, "::1") &&
	    !loopback4(host);
}

bool
conf_url_sample(struct bytes url)
{
	static const char *const	tails[] = {
		"example.org", "example.com", "example.net", "example",
		"invalid"
	};
	struct bytes			host = host_of(url);
	size_t				i;

	if (host.len > 0 && host.p[host.len - 1] == '.')
		host.len--;
	for (i = 0; i < N_ELEM(tails); i++) {
		struct bytes	t = bytes_str(tails[i]);

		if (host.len < t.len ||
		    !bytes_eq(bytes_from(host, host.len - t.len), t))
			continue;
		if (host.len == t.len || host.p[host.len - t.len - 1] == '.')
			return true;
	}
	return false;
}
