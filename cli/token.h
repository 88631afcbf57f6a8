/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.h -- what the token commands share.  (L5)
 */
#ifndef CLI_TOKEN_H
#define CLI_TOKEN_H

#include "auth/auth.h"
#include "cli/cli.h"

/* Root becomes who grants/ is of; then auth_open, its error said. */
enum err	token_guard(struct cli *c, enum auth_mode mode,
		    struct auth **g_out) NODISCARD;

/*
 * The token of the file path ("-" or NULL: standard input), white space after
 * it cut.  By root still, for the file may be the caller's own: token_guard
 * comes next.
 */
enum err	token_read(struct cli *c, const char *path,
		    struct bytes *token_out) NODISCARD;

enum err	token_explain(struct cli *c) NODISCARD;	/* explain.c */

#endif
