/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay.c -- one write transaction for each proof.  (L3)
 */
#include "auth/replay.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store.h"

#define MAP_BYTES	(UINT64_C(1) << 20)
#define MAP_MAX		(UINT64_C(1) << 28)	/* two million proofs */
#define READERS		8	/* all is done in write transactions */
#define PURGE		8	/* old ones dropped with each new one */
#define BOOT_ID		"/proc/sys/kernel/random/boot_id"

enum replay_db { DB_USED, DB_DUE, DB_META };

static const struct dbi_row rows[] = {
	{ "used", DBI_PLAIN }, { "due", DBI_PLAIN }, { "meta", DBI_PLAIN }
};

struct replay {
	struct env	*env;
};

static struct bytes
be64(uint8_t out[static 8], int64_t v)
{
	int i;

	for (i = 0; i < 8; i++)
		out[i] = (uint8_t)((uint64_t)v >> (56 - 8 * i));
	return bytes_of(out, 8);
}

static int64_t
from_be64(const uint8_t *p)
{
	uint64_t v = 0;
	int i;

	for (i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

/* --- the floor ----------------------------------------------------------- */

static const struct bytes floor_key = { (const uint8_t *)"floor", 5 };

/* 0 where there is none. */
static enum err
get_floor(struct txn *t, int64_t *out)
{
	struct bytes val;
	enum err e = db_get(t, DB_META, floor_key, &val);

	*out = 0;
	if (e == ERR_NOTFOUND)
		return OK;
	if (e == OK && val.len != 8)
		return ERR_STORE;
	if (e == OK)
		*out = from_be64(val.p);
	return e;
}

static enum err
put_floor(struct txn *t, void *arg)
{
	const int64_t *floor = arg;
	uint8_t b[8];

	return db_put(t, DB_META, floor_key, be64(b, *floor));
}

/* --- opening ------------------------------------------------------------- */

static bool
boot_ok(const char *name)
{
	return strlen(name) == REPLAY_BOOT_LEN &&
	    strspn(name, "0123456789abcdef-") == REPLAY_BOOT_LEN;
}

static const char *
ask_kernel(struct arena *a)
{
	char id[REPLAY_BOOT_LEN + 1] = "";
	int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return NULL;
	n = read(fd, id, REPLAY_BOOT_LEN);
	close(fd);
	return n == REPLAY_BOOT_LEN && boot_ok(id) ? arena_str(a,
	    bytes_str(id)) : NULL;
}

/* Drop what earlier boots left; was there anything? */
static bool
drop_old(struct arena *a, const char *dir, const char *boot)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	const char *path;
	bool any = false;

	if (d == NULL)
		return false;
	for (e = readdir(d); e != NULL; e = readdir(d)) {
		if (!boot_ok(e->d_name) || strcmp(e->d_name, boot) == 0)
			continue;
		any = true;
		path = arena_printf(a, "%s/%s", dir, e->d_name);
		(void)unlink(arena_printf(a, "%s/data.mdb", path));
		(void)unlink(arena_printf(a, "%s/lock.mdb", path));
		(void)rmdir(path);
	}
	closedir(d);
	return any;
}

/*
 * With the lock held.  The old go last: where we are killed in between, they
 * are still there to tell the next one that there was an earlier boot.
 */
static enum err
open_boot(struct arena *a, const char *dir, const char *boot,
    struct instant now, struct env **out, const char **why_out)
{
	struct env_conf c = { .path = arena_printf(a, "%s/%s", dir, boot),
	    .flags = ENV_LOOSE | ENV_CREATE, .map = MAP_BYTES,
	    .map_max = MAP_MAX, .readers = READERS };
	int64_t floor = now.ms / 1000 + DPOP_SKEW_S;
	bool fresh = access(c.path, F_OK) != 0;
	enum err e;

	e = env_open(a, &c, rows, N_ELEM(rows), out, why_out);
	if (e != OK)
		return e;
	/* Nothing was ever used where there never was another boot. */
	if (drop_old(a, dir, boot) && fresh)
		e = txn_write(*out, put_floor, &floor);
	if (e != OK)
		*why_out = arena_printf(a, "%s cannot be written", c.path);
	return e;
}

enum err
replay_open(struct arena *a, const char *dir, const char *boot,
    struct instant now, struct replay **out, const char **why_out)
{
	struct replay *r = arena_alloc(a, sizeof *r);
	struct stat st;
	enum err e;
	int fd;

	if (boot == NULL)
		boot = ask_kernel(a);
	*why_out = BOOT_ID " cannot be read; DPoP needs it";
	if (boot == NULL || !boot_ok(boot))
		return ERR_CONFIG;
	*why_out = arena_printf(a, "%s: cannot be made or opened; make it, "
	    "with mode 700, for the user of tiphys-fhir", dir);
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return ERR_CONFIG;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return ERR_CONFIG;
	*why_out = arena_printf(a, "%s: others than its owner may use it; "
	    "chmod 700", dir);
	e = fstat(fd, &st) == 0 && (st.st_mode & 077) == 0 &&
	    flock(fd, LOCK_EX) == 0 ? OK : ERR_CONFIG;
	if (e == OK)
		e = open_boot(a, dir, boot, now, &r->env, why_out);
	close(fd);	/* and the lock with it */
	if (e == OK)
		*out = r;
	return e;
}

/* --- using --------------------------------------------------------------- */

struct use {
	const struct dpop	*d;
	int64_t			 now_s;
	bool			 known, old;	/* why it is refused */
};

#define DUE_LEN	(8 + DPOP_ONCE_LEN)

static enum err
insert(struct txn *t, const struct dpop *d)
{
	struct bytes name = bytes_of(d->once, sizeof d->once);
	uint8_t due[DUE_LEN], iat[8];
	enum err e;

	be64(due, d->iat);
	memcpy(due + 8, d->once, sizeof d->once);
	e = db_put(t, DB_USED, name, be64(iat, d->iat));
	return e == OK ? db_put(t, DB_DUE, bytes_of(due, sizeof due),
	    bytes_of(NULL, 0)) : e;
}

/* The oldest, if no clock can make it valid again: it lies below the floor. */
static enum err
purge_one(struct txn *t, int64_t now_s, int64_t *floor, bool *more)
{
	struct bytes key, val;
	uint8_t due[DUE_LEN];
	struct cur *c;
	enum err e;

	*more = false;
	e = cur_open(t, DB_DUE, &c);
	if (e == OK)
		e = cur_seek(c, bytes_of(NULL, 0), &key, &val);
	if (e != OK)
		return e == ERR_NOTFOUND ? OK : e;
	if (key.len != DUE_LEN)
		return ERR_STORE;
	memcpy(due, key.p, sizeof due);
	cur_close(c);
	if (from_be64(due) >= now_s - DPOP_AGE_S - 1)
		return OK;
	*more = true;
	if (from_be64(due) > *floor)
		*floor = from_be64(due);
	e = db_del(t, DB_DUE, bytes_of(due, sizeof due));
	return e == OK ? db_del(t, DB_USED, bytes_of(due + 8,
	    DPOP_ONCE_LEN)) : e;
}

static enum err
purge(struct txn *t, int64_t now_s, int64_t floor)
{
	int64_t before = floor;
	bool more = true;
	enum err e = OK;
	int i;

	for (i = 0; i < PURGE && more && e == OK; i++)
		e = purge_one(t, now_s, &floor, &more);
	return e == OK && floor != before ? put_floor(t, &floor) : e;
}

static enum err
use(struct txn *t, void *arg)
{
	struct use *u = arg;
	struct bytes val;
	int64_t floor;
	enum err e;

	u->known = u->old = false;
	e = get_floor(t, &floor);
	if (e != OK)
		return e;
	u->old = u->d->iat <= floor;
	if (u->old)
		return ERR_LOGIN;
	e = db_get(t, DB_USED, bytes_of(u->d->once, sizeof u->d->once),
	    &val);
	u->known = e == OK;
	if (e != ERR_NOTFOUND)
		return u->known ? ERR_LOGIN : e;
	e = insert(t, u->d);
	return e == OK ? purge(t, u->now_s, floor) : e;
}

enum err
replay_use(struct replay *r, const struct dpop *d, struct instant now,
    const char **why_out)
{
	struct use u = { .d = d, .now_s = now.ms / 1000 };
	enum err e = txn_write(r->env, use, &u);

	if (u.known)
		*why_out = "the proof was used before";
	else if (u.old)
		*why_out = "the proof is of before the last start of the "
		    "machine, or of a time that is forgotten";
	return e;
}
