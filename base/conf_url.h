/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf_url.h -- which URLs a configuration may hold.  (L0)
 */
#ifndef BASE_CONF_URL_H
#define BASE_CONF_URL_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"

/*
 * An absolute http or https URL without user, query or fragment: scheme and
 * host in lower case, no final "/".
 *
 * out	*url_out in the arena, NUL-ended
 * returns NULL, or what would be right (process lifetime)
 */
const char	*conf_url_read(struct arena *a, struct bytes in,
		    struct bytes *url_out) NODISCARD;

/* Of a URL conf_url_read gave: http, to another machine (attack CNF-03). */
bool		 conf_url_open(struct bytes url);

/* A host of documentation, not of a site (RFC 2606; attack CNF-07). */
bool		 conf_url_sample(struct bytes url);

#endif
