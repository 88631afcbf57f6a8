/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smart_api.h -- the endpoints that programs ask: no browser, no page.  (L3)
 *
 * The part of smart.h for fcgi/smart/ where a client speaks for itself: the
 * token endpoint and what stands around it.  Who it is says smart_post or,
 * for registration, a token of that kind; cookies and CSRF values count for
 * nothing here.
 *
 * Spec: RFC 6749, 7009, 7523, 7591, 7592, 7662, 9126, 9449; OpenID Connect
 * Core 1.0 section 5.3.
 */
#ifndef AUTH_SMART_API_H
#define AUTH_SMART_API_H

#include "auth/smart.h"
#include "base/buf.h"

/* A POST by a client, form-encoded. */
struct smart_post {
	struct bytes		 header;	/* Authorization, or "" */
	struct bytes		 proof;		/* DPoP header, or "" */
	struct bytes		 method;	/* userinfo: GET or POST */
	const struct pair	*pair;
	size_t			 n;
};

struct smart_tokens {
	struct bytes	 access, refresh, id;	/* "" where there is none */
	bool		 dpop;			/* token_type DPoP, or Bearer */
	int64_t		 expires_in;
	struct bytes	 scope;
	struct bytes	 patient, encounter, location, intent, tenant;
	struct bytes	 context;	/* fhirContext: JSON array, or "" */
	struct bytes	 style_url;
	int		 banner;	/* need_patient_banner; -1: left out */
};

/* authorization_code, refresh_token, client_credentials. */
enum err	smart_token(struct smart *s, struct smart_call *c,
		    const struct smart_post *p, struct smart_tokens *out)
		    NODISCARD;
void		smart_tokens_json(const struct smart_tokens *t,
		    struct buf *out);

/* RFC 7662; the client's own tokens, else {"active":false}. */
enum err	smart_introspect(struct smart *s, struct smart_call *c,
		    const struct smart_post *p, struct buf *json_out)
		    NODISCARD;

/* RFC 7009; OK also for what is unknown or another's. */
enum err	smart_revoke(struct smart *s, struct smart_call *c,
		    const struct smart_post *p) NODISCARD;

/* RFC 9126: 201 with request_uri, expires_in. */
enum err	smart_push(struct smart *s, struct smart_call *c,
		    const struct smart_post *p, struct buf *json_out)
		    NODISCARD;

/*
 * RFC 7591: 201.  body is JSON, at most 64 KiB; header holds the initial
 * access token.  err  ERR_LOGIN  without a good one; ERR_METHOD  not offered
 */
enum err	smart_register(struct smart *s, struct smart_call *c,
		    struct bytes header, struct bytes body,
		    struct buf *json_out) NODISCARD;

/*
 * RFC 7592: what is registered, replaced by body before ("": is not); header
 * holds the registration access token.  err  ERR_LOGIN; ERR_USAGE
 */
enum err	smart_registered(struct smart *s, struct smart_call *c,
		    struct bytes header, struct bytes id, struct bytes body,
		    struct buf *json_out) NODISCARD;
enum err	smart_unregister(struct smart *s, struct smart_call *c,
		    struct bytes header, struct bytes id) NODISCARD;

/* OpenID Connect, 5.3: access token, and proof if bound.  FAULT_TOKEN */
enum err	smart_userinfo(struct smart *s, struct smart_call *c,
		    const struct smart_post *p, struct buf *json_out)
		    NODISCARD;

/* {"error":...,"error_description":...} of call.error. */
void		smart_error_json(const struct smart_call *c,
		    struct buf *out);

/* Public keys of id_tokens, and of access tokens: JWKS. */
enum err	smart_jwks(struct smart *s, struct smart_call *c,
		    struct buf *json_out) NODISCARD;

#endif
