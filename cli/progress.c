/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress.c -- how a long command is getting on, on standard error.  (L5)
 */
#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

#define SHOW_US		200000		/* on a terminal, between two looks */
#define LINE_EVERY	1000		/* elsewhere, between two lines */
#define BAR		20		/* columns */

struct progress
progress_start(const char *what, bool off)
{
	return (struct progress){ .tty = isatty(STDERR_FILENO) == 1,
	    .off = off, .what = what, .began = clock_mono(),
	    .next = LINE_EVERY };
}

/* "1:02:03" or "2:03" */
static void
put_time(int64_t s)
{
	if (s >= 3600)
		fprintf(stderr, "%" PRId64 ":%02" PRId64, s / 3600,
		    s / 60 % 60);
	else
		fprintf(stderr, "%" PRId64, s / 60);
	fprintf(stderr, ":%02" PRId64, s % 60);
}

static void
put_bar(const struct progress_at *at)
{
	uint64_t full = at->done >= at->of ? BAR :
	    at->done * BAR / at->of;
	uint64_t i;

	putc('[', stderr);
	for (i = 0; i < BAR; i++)
		putc(i < full ? '#' : '.', stderr);
	fputs("] ", stderr);
}

static void
put(const struct progress *p, const struct progress_at *at, int64_t us)
{
	uint64_t ms = (uint64_t)us / 1000 + 1;
	uint64_t work = at->done > p->first ? at->done - p->first : 0;

	if (p->tty && at->of > 0)
		put_bar(at);
	fprintf(stderr, "%" PRIu64 " %s, %" PRIu64 "/s", at->count, p->what,
	    at->count * 1000 / ms);
	if (at->bytes)
		fprintf(stderr, ", %" PRIu64 "/%" PRIu64 " MB",
		    at->done / 1000000, at->of / 1000000);
	if (work > 0 && at->of >= at->done) {
		fputs(", ", stderr);
		put_time((int64_t)((at->of - at->done) * ms / work / 1000));
		fputs(" left", stderr);
	}
	if (at->errors > 0)
		fprintf(stderr, ", %" PRIu64 " errors", at->errors);
}

void
progress_tick(struct progress *p, const struct progress_at *at)
{
	int64_t now;

	if (p->off || (!p->tty && at->count < p->next))
		return;
	now = clock_mono();
	if (p->tty && now - p->shown < SHOW_US)
		return;
	p->shown = now;
	if (!p->tty) {
		p->next = at->count - at->count % LINE_EVERY + LINE_EVERY;
		fputs("tiphys: ", stderr);
	} else {
		fputs("\r\033[K", stderr);
	}
	put(p, at, now - p->began);
	if (!p->tty)
		putc('\n', stderr);
	p->dirty = p->tty;
	fflush(stderr);
}

void
progress_clear(struct progress *p)
{
	if (p->dirty)
		fputs("\r\033[K", stderr);
	p->dirty = false;
}
