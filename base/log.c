/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.c -- one event, one line, one write.  (L0)
 *
 * A line goes out in one write(2), so that workers sharing a descriptor do
 * not mix theirs; control characters become "?", so that no value makes a
 * second line.  Refuses to wait or to fail: a log that is full loses lines.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"

#define LINE	1024	/* bytes, time and level included */

/*
 * The process's log, set once by main before anything runs: the one state
 * of this layer, like the descriptor 2 and syslog's own behind it.
 */
static struct {
	const char	*name;
	enum log_to	 to;
} sink = { .name = "tiphys", .to = LOG_TO_STDERR };

void
log_open(const char *name, enum log_to to)
{
	sink.name = name;
	sink.to = to;
	if (to == LOG_TO_SYSLOG)
		openlog(name, LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

static int
priority(const char *level)
{
	switch (level[0]) {
	case 'e':
		return LOG_ERR;
	case 'w':
		return LOG_WARNING;
	default:
		return LOG_INFO;
	}
}

static void
disarm(char *line, size_t len)
{
	size_t	i;

	for (i = 0; i < len; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
}

/* line has room for one byte more than len. */
static void
put(char *line, size_t len)
{
	line[len] = '\n';
	/* Nobody is left to be told of a failure here. */
	if (write(STDERR_FILENO, line, len + 1) < 0)
		return;
}

/* head and the formatted text, cut at LINE, to the sink. */
static PRINTF(3, 0) void
emit(const char *level, const char *head, const char *fmt, va_list ap)
{
	char	line[LINE + 1] UNINIT;
	int	n, m;

	n = snprintf(line, LINE, "%s", head);
	m = vsnprintf(line + n, (size_t)(LINE - n), fmt, ap);
	if (m < 0)
		m = 0;
	if (m > LINE - n - 1)
		m = LINE - n - 1;
	disarm(line, (size_t)(n + m));
	if (sink.to == LOG_TO_SYSLOG)
		syslog(priority(level), "%s", line + n);
	else
		put(line, (size_t)(n + m));
}

void
log_line(const char *level, const char *fmt, ...)
{
	char	when[INSTANT_LEN], head[INSTANT_LEN + 16];
	va_list	ap;

	clock_iso(clock_now(), when);
	(void)snprintf(head, sizeof(head), "%.*s level=%.4s ", INSTANT_LEN,
	    when, level);
	va_start(ap, fmt);
	emit(level, head, fmt, ap);
	va_end(ap);
}

void
log_text(struct bytes in, char out[static 65])
{
	size_t	i, n = 0;

	for (i = 0; i < in.len && n < 64; i++) {
		uint8_t	c = in.p[i];

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		    (c >= 'a' && c <= 'z') ||
		    (c != 0 && strchr("-_.:/", c) != NULL))
			out[n++] = (char)c;
	}
	out[n] = '\0';
}

void
fatal(int status, const char *fmt, ...)
{
	char	head[64];
	va_list	ap;

	(void)snprintf(head, sizeof(head), "%s: ", sink.name);
	va_start(ap, fmt);
	emit("err", head, fmt, ap);
	va_end(ap);
	exit(status);
}

void
panic(const char *fmt, ...)
{
	char	head[64];
	va_list	ap;

	(void)snprintf(head, sizeof(head), "%s: bug: ", sink.name);
	va_start(ap, fmt);
	emit("err", head, fmt, ap);
	va_end(ap);
	abort();
}
