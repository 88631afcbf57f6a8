/* SPDX-License-Identifier: Apache-2.0 */
/*
 * register.h -- metadata of an app, as it comes and as it is answered.  (L3)
 *
 * Internal to auth/.
 */
#ifndef AUTH_REGISTER_H
#define AUTH_REGISTER_H

#include <jansson.h>

#include "auth/jws.h"
#include "auth/smart_in.h"

#define REGISTER_MAX	65536	/* bytes of a body */

struct registering {
	struct smart		*s;
	struct smart_call	*c;
	const json_t		*o;
	struct smart_client	 cl;
	const char		*method;	/* token_endpoint_auth_method */
	struct instant		 issued;
	struct bytes		 secret, token;	/* tss_, tsm_, or "" */
	uint8_t			 hash[SAFE_HASH], invite[SAFE_HASH];
	uint8_t			 manage[SAFE_HASH];	/* of token */
};

/* err  ERR_USAGE with FAULT_METADATA or FAULT_REDIRECT */
enum err	register_read(struct registering *w, struct bytes body)
		    NODISCARD;
enum err	register_check(struct registering *w) NODISCARD;
/* Client information (RFC 7591 section 3.2.1). */
void		register_answer(const struct registering *w, struct buf *b);

#endif
