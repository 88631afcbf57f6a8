/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.h -- what the files of tiphys client share.  (L5)
 */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include "cli/admin.h"

extern const char	client_absent[];	/* what ERR_NOTFOUND means */

/* Names of enum client_type and client_flag, one table for both ways. */
struct client_word {
	const char	*name;
	unsigned	 value;
};
extern const struct client_word	client_types[], client_grants[];

/* The client the operand names; the call is fresh again. */
enum err	client_get(struct admin *m, struct smart_client *out)
		    NODISCARD;

/* Of --type. */
enum err	client_type_of(struct cli *c, enum client_type *out) NODISCARD;

/*
 * The key set of --jwks, before root is given up; "" where it was not given.
 * err	ERR_NOTFOUND, ERR_STORE, ERR_TOOBIG: said
 */
enum err	client_jwks(struct cli *c, struct bytes *out) NODISCARD;

/*
 * What CLIENT_OPTIONS say, put over what cl holds.
 * err	ERR_USAGE  said
 */
enum err	client_take(struct cli *c, struct bytes jwks,
		    struct smart_client *cl) NODISCARD;

#define CLIENT_OPTIONS							      \
	{ "name", 'n', "TEXT", "the name people see" },			      \
	{ "publisher", 0, "TEXT", "who makes it" },			      \
	{ "redirect-uri", 'r', "URL", "where answers go; may be repeated" },  \
	{ "launch-uri", 0, "URL", "where an EHR page starts it" },	      \
	{ "policy-uri", 0, "URL", "its privacy statement" },		      \
	{ "tos-uri", 0, "URL", "its terms of use" },			      \
	{ "scope", 's', "SCOPE", "all it may ever ask for" },		      \
	{ "jwks", 0, "FILE", "its public keys; - is standard input" },	      \
	{ "grant-type", 0, "TYPE", "authorization_code, refresh_token or "    \
	    "client_credentials; may be repeated" },			      \
	{ "pkce", 0, "NEED", "required, or optional for apps of 2016" },      \
	{ "dpop", 0, "NEED", "required or optional: tokens bound to a key" }

#endif
