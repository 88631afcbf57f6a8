/* SPDX-License-Identifier: Apache-2.0 */
/*
 * totp.c -- codes of an authenticator app.  (L3)
 *
 * Six digits, 30 seconds, SHA-1: what every such app understands.  HMAC does
 * not need a hash without collisions.
 *
 * Spec: RFC 4226 section 5.3, RFC 6238; RFC 4648 section 6 for base32.
 */
#include <gnutls/crypto.h>
#include <sodium.h>
#include <stdio.h>

#include "auth/smart_in.h"

#define STEP_S		30
#define DIGITS		6
#define SHA1_LEN	20

uint32_t
totp_code(const uint8_t secret[static SAFE_TOTP_LEN], int64_t step)
{
	uint8_t be[8], mac[SHA1_LEN];
	uint32_t v;
	size_t at;
	int i;

	for (i = 0; i < 8; i++)
		be[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
	if (gnutls_hmac_fast(GNUTLS_MAC_SHA1, secret, SAFE_TOTP_LEN, be,
	    sizeof be, mac) != 0)
		return UINT32_MAX;	/* is no code: nothing equals it */
	at = mac[SHA1_LEN - 1] & 15;
	v = (uint32_t)(mac[at] & 0x7F) << 24 | (uint32_t)mac[at + 1] << 16 |
	    (uint32_t)mac[at + 2] << 8 | mac[at + 3];
	return v % 1000000;
}

int64_t
totp_step(const uint8_t secret[static SAFE_TOTP_LEN], struct bytes code,
    struct instant now)
{
	const int64_t here = now.ms / 1000 / STEP_S;
	char want[16];
	int64_t step, found = -1;

	if (code.len != DIGITS)
		return -1;
	for (step = here - 1; step <= here + 1; step++) {
		snprintf(want, sizeof want, "%06u", totp_code(secret, step));
		if (sodium_memcmp(want, code.p, DIGITS) == 0)
			found = step;
	}
	return found;
}

struct bytes
totp_base32(struct arena *a, struct bytes in)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint8_t *out = arena_alloc(a, in.len * 8 / 5 + 1);
	uint32_t acc = 0;
	size_t i, n = 0;
	unsigned bits = 0;

	for (i = 0; i < in.len; i++) {
		acc = (acc << 8 | in.p[i]) & 0xFFFF;
		bits += 8;
		while (bits >= 5) {
			bits -= 5;
			out[n++] = (uint8_t)digit[acc >> bits & 31];
		}
	}
	return bytes_of(out, n);
}
