/* SPDX-License-Identifier: Apache-2.0 */
/*
 * user.h -- what the files of tiphys user share.  (L5)
 */
#ifndef CLI_USER_H
#define CLI_USER_H

#include "cli/admin.h"

extern const char	user_absent[];	/* what ERR_NOTFOUND means here */

/* The user the operand names; the call is fresh again. */
enum err	user_get(struct admin *m, struct smart_user *out) NODISCARD;

#endif
