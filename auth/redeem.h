/* SPDX-License-Identifier: Apache-2.0 */
/*
 * redeem.h -- one request to the token endpoint.  (L3)
 *
 * Internal to auth/.
 */
#ifndef AUTH_REDEEM_H
#define AUTH_REDEEM_H

#include "auth/smart_in.h"

struct redeem {
	struct smart		*s;
	struct smart_call	*c;
	const struct smart_post	*p;
	struct caller		 who;
	struct bytes		 client_id;	/* of a refresh token's grant */
	struct safe_client	 client;
	uint8_t			 hash[SAFE_HASH];	/* of what came */
	struct bytes		 jkt;		/* of the proof, or "" */
	uint8_t			 proof[SAFE_HASH];
	int64_t			 proof_s;	/* to be known till; 0: none */
	/* made before the transaction */
	struct bytes		 jti, refresh;
	uint8_t			 next[SAFE_HASH];	/* of refresh */
	/* said by the transaction, afresh each run */
	struct bytes		 grant_id;
	struct safe_grant	 grant;
	bool			 reused, burnt;
	struct smart_tokens	 tokens;
};

enum err	redeem_refuse(struct smart_call *c, const char *event,
		    const char *text) NODISCARD;
/* Assertion and proof, in the transaction they serve. */
enum err	redeem_once(struct txn *t, struct redeem *w) NODISCARD;
/* The grant, into w. err ERR_NOTFOUND */
enum err	redeem_load(struct txn *t, struct redeem *w,
		    struct bytes id) NODISCARD;
/* Is its user as he was when it was given? */
enum err	redeem_user(struct txn *t, struct redeem *w) NODISCARD;
/* What is still registered of a scope. */
enum err	redeem_registered(struct redeem *w, struct bytes scope,
		    struct bytes *scope_out) NODISCARD;
/* Tokens signed, a refresh token where one is due, the grant written. */
enum err	redeem_give(struct txn *t, struct redeem *w,
		    struct bytes scope, struct bytes nonce) NODISCARD;
enum err	redeem_refresh(struct redeem *w) NODISCARD;
/* grant_type client_credentials. */
enum err	redeem_backend(struct redeem *w) NODISCARD;

#endif
