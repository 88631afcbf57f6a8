/* SPDX-License-Identifier: Apache-2.0 */
/*
 * box.c -- environments of auth/: their first records, their format.  (L3)
 */
#include "auth/box.h"

#define MAP_FIRST	((uint64_t)16 << 20)	/* bytes: some 40,000 grants */
#define MAP_CEILING	((uint64_t)16 << 30)
#define FORMAT_LEN	4

static const char format_name[] = "format";

static struct bytes
format_of(const struct box *b, uint8_t be[static FORMAT_LEN])
{
	int i;

	for (i = 0; i < FORMAT_LEN; i++)
		be[i] = (uint8_t)(b->format >> (24 - 8 * i));
	return bytes_of(be, FORMAT_LEN);
}

/* What is there stays. */
static enum err
fill(struct txn *t, void *arg)
{
	const struct box *b = arg;
	uint8_t be[FORMAT_LEN];
	struct bytes old;
	enum err e;

	e = db_get(t, b->meta, bytes_str(format_name), &old);
	if (e != ERR_NOTFOUND)
		return e;
	e = db_put(t, b->meta, bytes_str(format_name), format_of(b, be));
	return e == OK && b->fill != NULL ? b->fill(t) : e;
}

static enum err
check_format(struct txn *t, const struct box *b, const char **why_out)
{
	uint8_t be[FORMAT_LEN];
	struct bytes have;
	enum err e;

	e = db_get(t, b->meta, bytes_str(format_name), &have);
	if (e == ERR_NOTFOUND) {
		*why_out = "it was not finished; run \"tiphys init\" again";
		return ERR_CONFIG;
	}
	if (e == OK && !bytes_eq(have, format_of(b, be))) {
		*why_out = "its format is not this program's; use the "
		    "version of Tiphys that wrote it";
		return ERR_CONFIG;
	}
	return e;
}

enum err
box_open(struct arena *a, const struct box *b, const char *path,
    unsigned flags, struct env **env_out, const char **why_out)
{
	const struct env_conf conf = { .path = path, .flags = flags,
	    .map = MAP_FIRST, .map_max = MAP_CEILING,
	    .readers = b->readers };
	const char *why = "it cannot be read; restore it from a backup";
	struct box mine = *b;		/* an argument is no const */
	struct env *env;
	struct txn *t;
	enum err e;

	e = env_open(a, &conf, b->db, b->n_db, &env, why_out);
	if (e != OK)
		return e;
	if ((flags & ENV_CREATE) != 0)
		e = txn_write(env, fill, &mine);
	if (e == OK)
		e = txn_read(env, a, &t);
	if (e == OK) {
		e = check_format(t, b, &why);
		txn_end(t);
	}
	if (e == OK)
		*env_out = env;
	else
		*why_out = arena_printf(a, "%s: %s", path, why);
	return e;
}
