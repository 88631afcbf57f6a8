/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.c -- a chunked bump allocator.  (L0)
 *
 * The arena and its first chunk are one malloc; reset keeps that chunk and
 * gives all others back, so an idle worker stays small.  What is larger than
 * a quarter of a chunk gets a chunk of its own from calloc, which for large
 * sizes costs no clearing.  Refuses to free single objects.
 *
 *	arena | data ... used ... cap		the first chunk
 *	chunk | data ...			further ones, newest first
 *	chunk | one large object
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define HIDE(p, n)	ASAN_POISON_MEMORY_REGION(p, n)
#define SHOW(p, n)	ASAN_UNPOISON_MEMORY_REGION(p, n)
#define REDZONE		16	/* bytes between objects: shows overruns */
#else
#define HIDE(p, n)	((void)(p), (void)(n))
#define SHOW(p, n)	((void)(p), (void)(n))
#define REDZONE		0
#endif

#define ALIGN	alignof(max_align_t)
#define CHUNK	((size_t)32 * 1024)	/* bytes for objects in a chunk */
#define LARGE	(CHUNK / 4)		/* bytes; beyond: a chunk of its own */

struct chunk {
	struct chunk	*older;
	alignas(max_align_t) uint8_t data[];
};

struct release {
	struct release	*older;
	void		(*fn)(void *p);
	void		*p;
};

struct arena {
	struct chunk	*chunks;	/* all but the first, newest first */
	struct release	*releases;	/* newest first */
	uint8_t		*data;		/* of the chunk being filled */
	size_t		 at;		/* bytes of it in use */
	size_t		 used;		/* bytes handed out */
	size_t		 max;		/* ceiling for used; 0: none */
	void		(*trap)(void *arg);
	void		*trap_arg;
	alignas(max_align_t) uint8_t first[CHUNK];
};

struct arena *
arena_new(size_t max)
{
	struct arena	*a = malloc(sizeof(*a));

	if (a == NULL)
		fatal(71, "out of memory");
	memset(a, 0, offsetof(struct arena, first));
	a->max = max;
	a->data = a->first;
	HIDE(a->first, CHUNK);
	return a;
}

/* A release may itself defer or allocate: hence the loop takes the newest. */
static void
release_all(struct arena *a)
{
	while (a->releases != NULL) {
		struct release	*r = a->releases;

		a->releases = r->older;
		r->fn(r->p);
	}
}

static void
drop_chunks(struct arena *a)
{
	while (a->chunks != NULL) {
		struct chunk	*c = a->chunks;

		a->chunks = c->older;
		free(c);
	}
}

void
arena_free(struct arena **a)
{
	if (*a == NULL)
		return;
	release_all(*a);
	drop_chunks(*a);
	free(*a);
	*a = NULL;
}

void
arena_reset(struct arena *a)
{
	release_all(a);
	drop_chunks(a);
	a->data = a->first;
	a->at = 0;
	a->used = 0;
	HIDE(a->first, CHUNK);
}

/* Never returns: there is no answer to give the caller. */
static NORETURN void
give_up(struct arena *a)
{
	if (a->trap != NULL)
		a->trap(a->trap_arg);
	fatal(71, "out of memory");
}

static uint8_t *
add_chunk(struct arena *a, size_t len, bool zero)
{
	struct chunk	*c;

	if (len > SIZE_MAX - sizeof(*c))
		give_up(a);
	c = zero ? calloc(1, sizeof(*c) + len) : malloc(sizeof(*c) + len);
	if (c == NULL)
		give_up(a);
	c->older = a->chunks;
	a->chunks = c;
	return c->data;
}

/* zero: cleared.  Clearing a page of a search is a tenth of its work. */
static void *
take(struct arena *a, size_t len, bool zero)
{
	size_t	 size;
	uint8_t	*p;

	if (len > SIZE_MAX / 2)
		give_up(a);
	size = (len + ALIGN - 1) / ALIGN * ALIGN;
	if (a->max != 0 && (a->used > a->max || size > a->max - a->used))
		give_up(a);
	a->used += size;
	if (size > LARGE)
		return add_chunk(a, len, zero);
	if (size + REDZONE > CHUNK - a->at) {
		a->data = add_chunk(a, CHUNK, false);
		a->at = 0;
		HIDE(a->data, CHUNK);
	}
	p = a->data + a->at;
	a->at += size + REDZONE;
	SHOW(p, len);
	if (zero && len > 0)
		memset(p, 0, len);
	return p;
}

void *
arena_alloc(struct arena *a, size_t len)
{
	return take(a, len, true);
}

void *
arena_room(struct arena *a, size_t len)
{
	return take(a, len, false);
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	size_t	len;

	if (__builtin_mul_overflow(n, size, &len))
		give_up(a);
	return arena_alloc(a, len);
}

struct bytes
arena_copy(struct arena *a, struct bytes b)
{
	uint8_t	*p = arena_room(a, b.len);

	if (b.len > 0)
		memcpy(p, b.p, b.len);
	return bytes_of(p, b.len);
}

char *
arena_str(struct arena *a, struct bytes b)
{
	char	*s = arena_alloc(a, b.len + 1);

	if (b.len > 0)
		memcpy(s, b.p, b.len);
	return s;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	char	*s;
	va_list	 ap;
	int	 n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		panic("arena: bad format: %s", fmt);
	s = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	(void)vsnprintf(s, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return s;
}

void
arena_defer(struct arena *a, void (*fn)(void *p), void *p)
{
	struct release	*r = arena_alloc(a, sizeof(*r));

	r->fn = fn;
	r->p = p;
	r->older = a->releases;
	a->releases = r;
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}

void
arena_trap(struct arena *a, void (*fn)(void *arg), void *arg)
{
	a->trap = fn;
	a->trap_arg = arg;
}
