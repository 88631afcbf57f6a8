/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.h -- what the token commands share.  (L5)
 */
#ifndef CLI_TOKEN_H
#define CLI_TOKEN_H

#include "auth/auth.h"
#include "cli/cli.h"

/* auth_open, its error said. */
enum err	token_guard(struct cli *c, enum auth_mode mode,
		    struct auth **g_out) NODISCARD;

/*
 * The token of --token-file or standard input, white space after it cut; then
 * root is given up: the file may be the caller's own.
 */
enum err	token_read(struct cli *c, struct bytes *token_out)
		    NODISCARD;

enum err	token_explain(struct cli *c) NODISCARD;	/* explain.c */

#endif
