/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.h -- the memory of one request, freed at once.  (L0)
 *
 * Foreign resources (LMDB transactions, Jansson trees, descriptors) hang on
 * the arena by arena_defer and are released last in, first out, on every
 * path.  An allocation never returns NULL: past the ceiling or when malloc
 * fails, the trap is called, which must not return (the server's trap jumps
 * to its reply step: 503, and the worker is replaced; without a trap the
 * process ends with exit status 71).  Sizes a client controls are refused
 * by a configured limit before they get here.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/attr.h"
#include "base/bytes.h"

struct arena;

/*
 * out	a new arena; never NULL (exit 71 when malloc fails)
 * in	max  ceiling in bytes, 0 for none (the tool's own long loops)
 */
struct arena	*arena_new(size_t max);

/* Runs the deferred releases, frees all memory, sets *a to NULL. */
void		 arena_free(struct arena **a);

/* As arena_free, but keeps the first chunk for the next request. */
void		 arena_reset(struct arena *a);

/* Zeroed, aligned for any object; lives until reset or free; len may be 0. */
void		*arena_alloc(struct arena *a, size_t len);

/* As arena_alloc, but not cleared: for bytes that are overwritten at once. */
void		*arena_room(struct arena *a, size_t len);

/* n objects of size bytes; the product is checked for overflow. */
void		*arena_array(struct arena *a, size_t n, size_t size);

/* A copy in the arena; arena_str also ends it with NUL. */
struct bytes	 arena_copy(struct arena *a, struct bytes b);
char		*arena_str(struct arena *a, struct bytes b);
char		*arena_printf(struct arena *a, const char *fmt, ...)
		    PRINTF(2, 3);

/* Call fn(p) at reset or free, before older deferred releases. */
void		 arena_defer(struct arena *a, void (*fn)(void *p), void *p);

/* Bytes handed out since the last reset. */
size_t		 arena_used(const struct arena *a);

/* fn(arg) must not return; NULL restores the default (exit 71). */
void		 arena_trap(struct arena *a, void (*fn)(void *arg),
		    void *arg);

#endif
