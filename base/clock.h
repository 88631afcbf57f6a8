/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h -- instants and how they are written.  (L0)
 *
 * clock_now and clock_mono are called by fcgi/ and cli/ alone (the lint
 * checks): below, time is an argument, so that tests repeat to the byte.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/attr.h"
#include "base/bytes.h"
#include "base/err.h"

struct instant { int64_t ms; };		/* since 1970-01-01T00:00:00Z, UTC */
struct span { int64_t lo, hi; };	/* ms; lo <= t < hi */

#define INSTANT_LEN	24	/* "2026-01-05T09:14:07.113Z" */
#define HTTPDATE_LEN	29	/* "Mon, 05 Jan 2026 09:14:07 GMT" */

struct instant	clock_now(void);	/* wall clock */
int64_t		clock_mono(void);	/* monotonic microseconds */
int64_t		clock_cpu(void);	/* this process's CPU microseconds */

/* Days from 1970-01-01 of a proleptic Gregorian date; year 1..9999. */
int64_t		clock_days(int year, int month, int day);
int		clock_month_days(int year, int month);

/* Exactly INSTANT_LEN or HTTPDATE_LEN bytes, no NUL. */
void		clock_iso(struct instant t, char out[static INSTANT_LEN]);
void		clock_http(struct instant t, char out[static HTTPDATE_LEN]);

/* RFC 9110 5.6.7, IMF-fixdate only; err ERR_SYNTAX. */
enum err	clock_unhttp(struct bytes in, struct instant *out) NODISCARD;

#endif
