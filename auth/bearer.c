/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bearer.c -- the Authorization header: one scheme, one token.  (L3)
 *
 * Spec: RFC 6750 section 2.1, RFC 9449 section 7.1, RFC 9110 sections 11.2
 * and 11.4.
 */
#include "auth/guard.h"
#include "base/text.h"

/* A table: this runs over every byte of every request's token. */
static const bool is_token68[256] = {
	['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['0' ... '9'] = true,
	['-'] = true, ['.'] = true, ['_'] = true, ['~'] = true,
	['+'] = true, ['/'] = true,
};

/* token68 with its "=" at the end, RFC 9110 section 11.2. */
static bool
token68(struct bytes text)
{
	size_t i = 0;

	while (i < text.len && is_token68[text.p[i]])
		i++;
	if (i == 0)
		return false;
	while (i < text.len && text.p[i] == '=')
		i++;
	return i == text.len;
}

enum err
guard_bearer(struct bytes header, struct bytes *token_out,
    bool *dpop_out, enum login_fault *fault_out, const char **why_out)
{
	struct bytes scheme, token;

	if (header.len == 0) {
		*fault_out = LOGIN_ABSENT;
		*why_out = "there is no Authorization header";
		return ERR_LOGIN;
	}
	/* lighttpd joins two headers with a comma: which would count? */
	if (memchr(header.p, ',', header.len) != NULL) {
		*fault_out = LOGIN_MALFORMED;
		*why_out = "there is more than one credential";
		return ERR_USAGE;
	}
	*fault_out = LOGIN_INVALID;
	*why_out = "the scheme is neither Bearer nor DPoP";
	bytes_cut(header, ' ', &scheme, &token);
	*dpop_out = text_caseeq(scheme, bytes_str("DPoP"));
	if (!*dpop_out && !text_caseeq(scheme, bytes_str("Bearer")))
		return ERR_LOGIN;
	*why_out = "no single token follows the scheme and one space";
	if (!token68(token))
		return ERR_LOGIN;
	*token_out = token;
	return OK;
}
