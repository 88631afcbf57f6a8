/* SPDX-License-Identifier: Apache-2.0 */
/*
 * synth_json.c -- numbers that repeat, and JSON as it grows.  (L5)
 *
 * The generator is splitmix64: small, the same everywhere, and good enough
 * for people who do not exist.  Nothing here is for secrets.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cli/synth.h"

#define JS_FLUSH	(256 * 1024)	/* write when it is so much */
#define JS_LEAST	(64 * 1024)

/* --- numbers ------------------------------------------------------------ */

uint64_t
synth_mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

uint64_t
synth_draw(uint64_t *state)
{
	*state += 0x9e3779b97f4a7c15u;
	return synth_mix(*state);
}

int32_t
synth_upto(uint64_t *state, int32_t n)
{
	return (int32_t)((synth_draw(state) >> 32) * (uint64_t)n >> 32);
}

int32_t
synth_range(uint64_t *state, int32_t low, int32_t high)
{
	return low + synth_upto(state, high - low + 1);
}

bool
synth_chance(uint64_t *state, int32_t permille)
{
	return synth_upto(state, 1000) < permille;
}

/* The sum of four dice has a standard deviation of 577 of 1000. */
int32_t
synth_bell(uint64_t *state, int32_t sd)
{
	int32_t i, sum = -1998;

	for (i = 0; i < 4; i++)
		sum += synth_upto(state, 1000);
	return sum * sd / 577;
}

/* --- bytes -------------------------------------------------------------- */

/* Room for n more. */
static char *
room(struct js *w, size_t n)
{
	size_t cap = w->cap < JS_LEAST ? JS_LEAST : w->cap;

	while (cap < w->len + n)
		cap *= 2;
	if (cap > w->cap) {
		w->p = realloc(w->p, cap);
		if (w->p == NULL)
			exit(EX_OSERR);
		w->cap = cap;
	}
	return w->p + w->len;
}

static void
put(struct js *w, const char *s, size_t n)
{
	memcpy(room(w, n), s, n);
	w->len += n;
}

static void
put_c(struct js *w, char c)
{
	*room(w, 1) = c;
	w->len++;
}

/* A comma where one is wanted, and the name. */
static void
key(struct js *w, const char *name)
{
	char last = w->len > 0 ? w->p[w->len - 1] : '\n';

	if (last != '{' && last != '[' && last != '\n')
		put_c(w, ',');
	if (name == NULL)
		return;
	put_c(w, '"');
	put(w, name, strlen(name));
	put(w, "\":", 2);
}

void
js_open(struct js *w, const char *name)
{
	key(w, name);
	put_c(w, '{');
}

void
js_close(struct js *w)
{
	put_c(w, '}');
}

void
js_list(struct js *w, const char *name)
{
	key(w, name);
	put_c(w, '[');
}

void
js_unlist(struct js *w)
{
	put_c(w, ']');
}

/* --- values ------------------------------------------------------------- */

void
js_begin(struct js *w, const char *name)
{
	key(w, name);
	put_c(w, '"');
}

/* Our texts hold no control characters; quotes stand in narratives. */
void
js_add(struct js *w, const char *s)
{
	size_t n;

	for (;;) {
		n = strcspn(s, "\"\\");
		put(w, s, n);
		if (s[n] == '\0')
			return;
		put_c(w, '\\');
		put_c(w, s[n]);
		s += n + 1;
	}
}

void
js_end(struct js *w)
{
	put_c(w, '"');
}

void
js_str(struct js *w, const char *name, const char *s)
{
	js_begin(w, name);
	js_add(w, s);
	js_end(w);
}

void
js_bool(struct js *w, const char *name, bool v)
{
	key(w, name);
	put(w, v ? "true" : "false", v ? 4 : 5);
}

static void
digits(struct js *w, uint64_t v, unsigned places)
{
	char text[24], *p = text + sizeof text;
	unsigned n = 0;

	do {
		if (n == places && places > 0)
			*--p = '.';
		*--p = (char)('0' + v % 10);
		v /= 10;
		n++;
	} while (v > 0 || n <= places);
	put(w, p, (size_t)(text + sizeof text - p));
}

void
js_dec(struct js *w, const char *name, int64_t v, unsigned places)
{
	key(w, name);
	if (v < 0)
		put_c(w, '-');
	digits(w, v < 0 ? (uint64_t)-v : (uint64_t)v, places);
}

void
js_int(struct js *w, const char *name, int64_t v)
{
	js_dec(w, name, v, 0);
}

/* The first n characters of a moment in ISO 8601. */
static void
iso(struct js *w, int32_t day, int32_t second, size_t n)
{
	char text[INSTANT_LEN];

	clock_iso((struct instant){ ((int64_t)day * 86400 + second) * 1000 },
	    text);
	put(w, text, n);
}

void
js_add_day(struct js *w, int32_t day)
{
	iso(w, day, 0, 10);
}

void
js_day(struct js *w, const char *name, int32_t day)
{
	js_begin(w, name);
	iso(w, day, 0, 10);
	js_end(w);
}

void
js_time(struct js *w, const char *name, const struct when *t)
{
	js_begin(w, name);
	iso(w, t->day, t->second, 19);
	put(w, t->zone, strlen(t->zone));
	js_end(w);
}

/* --- lines -------------------------------------------------------------- */

bool
js_flush(struct js *w)
{
	bool whole = fwrite(w->p, 1, w->len, w->f) == w->len;

	w->len = 0;
	return whole;
}

bool
js_line(struct js *w)
{
	put_c(w, '\n');
	return w->len < JS_FLUSH || js_flush(w);
}
