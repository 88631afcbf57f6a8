/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h -- one event, one line: "time key=value ...".  (L0)
 *
 * Called by fcgi/ and cli/ alone.  Never a body, search value, name, token or
 * resource id (requirement Z14).  Values from outside pass log_text, which
 * keeps letters, digits and "-_.:/" and cuts at 64 bytes.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/attr.h"
#include "base/bytes.h"

enum log_to { LOG_TO_STDERR, LOG_TO_SYSLOG };

/* name: the program, a process constant. */
void	log_open(const char *name, enum log_to to);

/* level is one of "info", "warn", "err"; fmt makes the "key=value" part. */
void	log_line(const char *level, const char *fmt, ...) PRINTF(2, 3);

/* A safe copy of outside text, NUL-ended. */
void	log_text(struct bytes in, char out[static 65]);

/* The environment is wrong: say why, exit with status (sysexits). */
void	fatal(int status, const char *fmt, ...) PRINTF(2, 3) NORETURN;

/* Our own fault: say where, abort. */
void	panic(const char *fmt, ...) PRINTF(1, 2) NORETURN;

#endif
