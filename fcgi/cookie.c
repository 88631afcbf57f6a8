/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cookie.c -- the two cookies: of the session, and of a known device.  (L4)
 */
#include "fcgi/cookie.h"

#define YEAR_S	"31536000"
#define HOST	"__Host-"

static const char *const names[] = {
	[COOKIE_SESSION] = HOST "tiphys",
	[COOKIE_DEVICE] = HOST "tiphys-device"
};

static const char *
name_of(enum cookie which, bool tls)
{
	return names[which] + (tls ? 0 : sizeof(HOST) - 1);
}

/* RFC 6265 4.2.1: pairs with "; " between them; values of ours need no
 * quotes.  Twice means that somebody planted one: neither counts. */
struct bytes
cookie_find(struct bytes header, enum cookie which, bool tls)
{
	struct bytes one, name, value, found = { .len = 0 };
	bool more = header.len > 0;
	size_t n = 0;

	while (more) {
		more = bytes_cut(header, ';', &one, &header);
		while (one.len > 0 && (one.p[0] == ' ' || one.p[0] == '\t'))
			one = bytes_from(one, 1);
		if (!bytes_cut(one, '=', &name, &value) ||
		    !bytes_is(name, name_of(which, tls)))
			continue;
		found = value;
		n++;
	}
	return n == 1 ? found : bytes_of(NULL, 0);
}

void
cookie_set(struct buf *out, enum cookie which, bool tls, struct bytes value)
{
	buf_printf(out, "Set-Cookie: %s=", name_of(which, tls));
	buf_add(out, value);
	buf_str(out, "; Path=/; HttpOnly; SameSite=Lax");
	if (tls)
		buf_str(out, "; Secure");
	if (value.len == 0)
		buf_str(out, "; Max-Age=0");
	else if (which == COOKIE_DEVICE)
		buf_str(out, "; Max-Age=" YEAR_S);
	buf_str(out, "\r\n");
}
