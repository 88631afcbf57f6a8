/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cookie.h -- the two cookies: of the session, and of a known device.  (L4)
 *
 * Over TLS they are "__Host-" cookies: Secure, of this host alone, for all
 * its paths, so neither a subdomain nor plain http can plant one.  Over
 * plain http, which the configuration allows on loopback alone, browsers
 * differ: Chromium keeps such a cookie from http://127.0.0.1 (measured with
 * 156), others refuse Secure over http, and nobody could sign in with them.
 * So there the names are plain and Secure is left out.  All are HttpOnly and
 * SameSite=Lax: Lax, because an app sends the browser here by a link from
 * its own site.
 *
 * Spec: RFC 6265bis 4.1.3, 5.6; attack case LOG-07.
 */
#ifndef FCGI_COOKIE_H
#define FCGI_COOKIE_H

#include "base/buf.h"
#include "base/bytes.h"

enum cookie { COOKIE_SESSION, COOKIE_DEVICE };

/* Its value in the header field; "" when absent or there twice. */
struct bytes	cookie_find(struct bytes header, enum cookie which, bool tls);

/* A Set-Cookie line; value "": forget it. */
void		cookie_set(struct buf *out, enum cookie which, bool tls,
		    struct bytes value);

#endif
