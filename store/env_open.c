/* SPDX-License-Identifier: Apache-2.0 */
/*
 * env_open.c -- open or create an LMDB environment, or say why not.  (L2)
 *
 * Refuses remote file systems (LMDB's locks and map need a local one), world
 * access, foreign owners and damaged files.  A new environment is built in a
 * side folder, synced and renamed, so that a cut at any moment leaves
 * nothing or all of it (attack case DB-04).
 *
 * Read with DB-04, DB-08, DB-09, DB-14 of the attack catalogue.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "store/env_in.h"

/* A file may be written while we open it: how often we follow. */
#define WALKS	64	/* begun anew: another transaction's header */
#define GROWTHS	8	/* of the map, by its writer */

struct opening {
	struct arena		*a;
	const struct env_conf	*c;
	const struct dbi_row	*rows;
	unsigned		 n_rows;
	const char		**why_out;
};

/*
 * File systems whose files live elsewhere.  A list of these, not of the
 * good ones: there is always one more local file system.  tmpfs and overlay
 * are allowed: containers and tests stand on them.
 */
static const struct { uint32_t magic; const char *name; } remote[] = {
	{ 0x00006969, "NFS" },		{ 0x0000517b, "SMB" },
	{ 0xff534d42, "CIFS" },		{ 0xfe534d42, "SMB2" },
	{ 0x65735546, "FUSE" },		{ 0x01021997, "9P" },
	{ 0x5346414f, "AFS" },		{ 0x6b414653, "AFS" },
	{ 0x73757245, "Coda" },		{ 0x00c36400, "Ceph" },
	{ 0x0000564c, "NCP" },		{ 0x01161970, "GFS2" },
	{ 0x7461636f, "OCFS2" },	{ 0x0bd00bd0, "Lustre" },
	{ 0x47504653, "GPFS" },		{ 0x20030528, "OrangeFS" },
	{ 0x19830326, "BeeGFS" },	{ 0x786f4256, "vboxsf" },
};

static enum err
refuse(const struct opening *o, enum err e, const char *what,
    const char *remedy)
{
	*o->why_out = arena_printf(o->a, "%s: %s%s%s", o->c->path, what,
	    *remedy == '\0' ? "" : "; ", remedy);
	return e;
}

static enum err
refuse_errno(const struct opening *o, const char *what)
{
	int n = errno;
	enum err e = env_from_mdb(n);

	if (n == EACCES || n == EPERM || n == EROFS || n == EEXIST)
		e = ERR_CONFIG;
	*o->why_out = arena_printf(o->a, "%s: %s: %s", o->c->path, what,
	    mdb_strerror(n));
	return e;
}

static const char *
inside(const struct opening *o, const char *dir, const char *name)
{
	return arena_printf(o->a, "%s/%s", dir, name);
}

/* --- what the environment stands on ------------------------------------- */

static mode_t
mode_of(const struct opening *o, mode_t alone, mode_t group)
{
	return o->c->flags & ENV_GROUP ? group : alone;
}

static enum err
check_fs(const struct opening *o)
{
	struct statfs fs;

	if (statfs(o->c->path, &fs) != 0)
		return refuse_errno(o, "statfs");
	for (size_t i = 0; i < N_ELEM(remote); i++)
		if ((uint32_t)fs.f_type == remote[i].magic)
			return refuse(o, ERR_CONFIG, arena_printf(o->a,
			    "is on a remote file system (%s)",
			    remote[i].name), "use a local disk");
	return OK;
}

/*
 * One file or the folder: nothing for the world, the group only what it was
 * given, and ours (root may open for the owner; with ENV_GROUP the owner may
 * be another, as the permissions then decide).
 */
static enum err
check_mode(const struct opening *o, const char *name, mode_t type,
    mode_t allowed)
{
	const char *path = *name == '\0' ? o->c->path :
	    inside(o, o->c->path, name);
	struct stat st;
	int rc;

	/* The folder may be a link to another disk, its files may not. */
	rc = type == S_IFDIR ? stat(path, &st) : lstat(path, &st);
	if (rc != 0 && errno == ENOENT && type == S_IFREG)
		return OK;	/* lock.mdb of a restored copy */
	if (rc != 0)
		return refuse_errno(o, name);
	if ((st.st_mode & S_IFMT) != type)
		return refuse(o, ERR_CONFIG, arena_printf(o->a,
		    "%s is no plain file or folder", name), "");
	if ((st.st_mode & 0777 & ~allowed) != 0)
		return refuse(o, ERR_CONFIG, arena_printf(o->a,
		    "%s has mode %03o", *name == '\0' ? "it" : name,
		    (unsigned)(st.st_mode & 0777)), arena_printf(o->a,
		    "others must not reach it: chmod %03o %s",
		    (unsigned)(st.st_mode & allowed), path));
	if (st.st_uid != geteuid() && geteuid() != 0 &&
	    (o->c->flags & ENV_GROUP) == 0)
		return refuse(o, ERR_CONFIG, "belongs to another user",
		    "run as its owner");
	return OK;
}

static enum err
check_place(const struct opening *o)
{
	enum err e;

	e = check_mode(o, "", S_IFDIR, mode_of(o, 0700, 0750));
	if (e == OK)
		e = check_mode(o, "data.mdb", S_IFREG,
		    mode_of(o, 0600, 0640));
	if (e == OK)
		e = check_mode(o, "lock.mdb", S_IFREG,
		    mode_of(o, 0600, 0660));
	return e == OK ? check_fs(o) : e;
}

/*
 * Make the lock file where it is missing, whatever the umask, and for the
 * owner of the data when root opens: LMDB would leave it to root.
 */
static enum err
make_lock(const struct opening *o)
{
	struct stat st;
	int fd, rc;

	if (stat(inside(o, o->c->path, "data.mdb"), &st) != 0)
		return refuse_errno(o, "data.mdb");
	fd = open(inside(o, o->c->path, "lock.mdb"),
	    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return errno == EEXIST ? OK : refuse_errno(o, "lock.mdb");
	rc = fchmod(fd, mode_of(o, 0600, 0660));
	if (rc == 0 && geteuid() == 0)
		rc = fchown(fd, st.st_uid, st.st_gid);
	(void)close(fd);
	return rc == 0 ? OK : refuse_errno(o, "lock.mdb");
}

/* --- opening ------------------------------------------------------------ */

static void
close_env(void *p)
{
	struct env *e = p;

	arena_free(&e->scratch);
	/*
	 * A fork must leave it alone: closing would clear the reader slots
	 * of the process that opened it.
	 */
	if (getpid() != e->pid)
		return;
	if (e->ro != NULL)
		mdb_txn_abort(e->ro);
	mdb_env_close(e->mdb);
}

/* A transaction, also where a writer grew the map since it was opened. */
static int
begin(struct env *e, unsigned flags, MDB_txn **out)
{
	int i, rc;

	rc = mdb_txn_begin(e->mdb, NULL, flags, out);
	for (i = 0; i < GROWTHS && rc == MDB_MAP_RESIZED; i++) {
		rc = mdb_env_set_mapsize(e->mdb, 0);
		if (rc == 0)
			rc = mdb_txn_begin(e->mdb, NULL, flags, out);
	}
	return rc;
}

/* Every handle at once: one opened in a transaction that aborts is void. */
static int
open_dbis(const struct opening *o, struct env *e, bool create)
{
	const MDB_dbi absent = (MDB_dbi)-1;	/* LMDB: EINVAL */
	unsigned ro = o->c->flags & ENV_RDONLY ? MDB_RDONLY : 0;
	unsigned flags;
	MDB_txn *t;
	int rc;

	create = create || (o->c->flags & ENV_ADD) != 0;
	rc = begin(e, create ? 0 : ro, &t);
	if (rc != 0)
		return rc;
	for (unsigned i = 0; i < o->n_rows; i++) {
		flags = o->rows[i].flag == DBI_DUP64 ?
		    MDB_DUPSORT | MDB_DUPFIXED | MDB_INTEGERDUP : 0;
		rc = mdb_dbi_open(t, o->rows[i].name,
		    flags | (create ? MDB_CREATE : 0), &e->dbi[i]);
		if (rc == MDB_NOTFOUND) {
			e->dbi[i] = absent;
		} else if (rc != 0) {
			mdb_txn_abort(t);
			return rc;
		}
	}
	return mdb_txn_commit(t);
}

/* dir: where, as a new environment is built beside its place. */
static int
open_mdb(const struct opening *o, struct env *e, const char *dir,
    bool create)
{
	/* Never NOMETASYNC, MAPASYNC or WRITEMAP; NOSYNC when told to. */
	unsigned flags = MDB_NOTLS | (o->c->flags & ENV_RDONLY && !create ?
	    MDB_RDONLY : 0) | (o->c->flags & ENV_LOOSE ? MDB_NOSYNC : 0);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	int dead, rc;

	rc = mdb_env_create(&e->mdb);
	if (rc != 0)
		return rc;
	rc = mdb_env_set_maxdbs(e->mdb, o->n_rows);
	if (rc == 0 && o->c->readers > 0)
		rc = mdb_env_set_maxreaders(e->mdb, o->c->readers);
	if (rc == 0)
		rc = mdb_env_set_mapsize(e->mdb,
		    (size_t)((o->c->map + page - 1) / page * page));
	if (rc == 0)
		rc = mdb_env_open(e->mdb, dir, flags,
		    mode_of(o, 0600, 0660));
	if (rc == 0)
		rc = mdb_reader_check(e->mdb, &dead);
	if (rc != 0)
		mdb_env_close(e->mdb);
	return rc;
}

/* No page but the headers is touched before this. */
static int
open_pages(const struct opening *o, struct env *e, bool create)
{
	int rc = open_dbis(o, e, create);

	if (rc != 0)
		mdb_env_close(e->mdb);
	return rc;
}

/*
 * Walk the file while a snapshot keeps a writer from the pages walked.  A
 * commit may come between the snapshot and the look at the headers, two in a
 * row take its header away: then again.
 */
static enum err
walk_file(const struct opening *o, struct env *e, const char **why_out)
{
	const char *data = inside(o, o->c->path, "data.mdb");
	enum err err = ERR_BUSY;
	MDB_txn *t;
	int i, rc;

	for (i = 0; i < WALKS && err == ERR_BUSY; i++) {
		rc = begin(e, MDB_RDONLY, &t);
		if (rc != 0) {
			*why_out = mdb_strerror(rc);
			return env_from_mdb(rc);
		}
		err = env_file_walk(data, mdb_txn_id(t), why_out);
		mdb_txn_abort(t);
	}
	return err == ERR_BUSY ? ERR_STORE : err;
}

static struct env *
new_env(const struct opening *o)
{
	struct env *e;

	e = arena_alloc(o->a, sizeof(*e) + o->n_rows * sizeof(e->dbi[0]));
	e->pid = getpid();
	e->map_max = o->c->map_max;
	e->n_rows = o->n_rows;
	return e;
}

/* --- creating ----------------------------------------------------------- */

static int
sync_path(const char *path, int flags)
{
	int fd, rc;

	fd = open(path, O_RDONLY | O_CLOEXEC | flags);
	if (fd < 0)
		return -1;
	rc = fsync(fd);
	(void)close(fd);
	return rc;
}

/* The folder that holds path. */
static const char *
parent_of(const struct opening *o)
{
	const char *slash = strrchr(o->c->path, '/');

	if (slash == NULL)
		return ".";
	if (slash == o->c->path)
		return "/";
	return arena_str(o->a, bytes_of(o->c->path,
	    (size_t)(slash - o->c->path)));
}

/* Modes and sync of what LMDB made, then the rename that makes it count. */
static int
seat(const struct opening *o, const char *side)
{
	const char *data = inside(o, side, "data.mdb");
	const char *lock = inside(o, side, "lock.mdb");

	if (chmod(data, mode_of(o, 0600, 0640)) != 0 ||
	    chmod(lock, mode_of(o, 0600, 0660)) != 0 ||
	    chmod(side, mode_of(o, 0700, 0750)) != 0 ||
	    sync_path(data, 0) != 0 || sync_path(side, O_DIRECTORY) != 0)
		return -1;
	/* Over nothing or an empty folder; never over anything else. */
	if (rename(side, o->c->path) != 0)
		return -1;
	return sync_path(parent_of(o), O_DIRECTORY);
}

static enum err
create(const struct opening *o)
{
	const char *side = arena_printf(o->a, "%s.new", o->c->path);
	struct env *e = new_env(o);
	int rc;

	/* What a cut left: an unfinished side folder holds no data. */
	(void)unlink(inside(o, side, "data.mdb"));
	(void)unlink(inside(o, side, "lock.mdb"));
	(void)rmdir(side);
	if (mkdir(side, 0700) != 0)
		return refuse_errno(o, "cannot be created");
	rc = open_mdb(o, e, side, true);
	if (rc == 0)
		rc = open_pages(o, e, true);
	if (rc != 0) {
		errno = rc;
		return refuse_errno(o, "cannot be created");
	}
	mdb_env_close(e->mdb);
	if (seat(o, side) != 0)
		return refuse_errno(o, "cannot be created");
	return OK;
}

/* There, or made now. */
static enum err
ensure(const struct opening *o)
{
	struct stat st;

	if (lstat(inside(o, o->c->path, "data.mdb"), &st) == 0)
		return OK;
	if (errno != ENOENT && errno != ENOTDIR)
		return refuse_errno(o, "cannot be opened");
	if ((o->c->flags & ENV_CREATE) == 0)
		return refuse(o, ERR_NOTFOUND, "there is no store here",
		    "run: tiphys init");
	return create(o);
}

static enum err
refuse_file(const struct opening *o, enum err e, const char *what)
{
	return refuse(o, e, arena_printf(o->a, "data.mdb %s", what),
	    "restore it from a backup");
}

/* Open what stands at its place, its pages judged where there is a doubt. */
static enum err
open_judged(const struct opening *o, struct env *e)
{
	bool create = (o->c->flags & ENV_CREATE) != 0, brief;
	const char *what = "";
	enum err err;
	int rc;

	err = env_file_check(inside(o, o->c->path, "data.mdb"), &brief,
	    &what);
	if (err != OK)
		return refuse_file(o, err, what);
	err = make_lock(o);
	if (err != OK)
		return err;
	rc = open_mdb(o, e, o->c->path, create);
	if (rc == 0 && (brief || (o->c->flags & ENV_VERIFY) != 0)) {
		err = walk_file(o, e, &what);
		if (err != OK) {
			mdb_env_close(e->mdb);
			return refuse_file(o, err, what);
		}
	}
	if (rc == 0)
		rc = open_pages(o, e, create);
	if (rc == 0)
		return OK;
	errno = rc;
	return refuse_errno(o, "cannot be opened");
}

enum err
env_open(struct arena *a, const struct env_conf *c,
    const struct dbi_row *rows, unsigned n_rows, struct env **env_out,
    const char **why_out)
{
	struct opening o = { .a = a, .c = c, .rows = rows,
	    .n_rows = n_rows, .why_out = why_out };
	struct env *e;
	enum err err;

	err = ensure(&o);
	if (err == OK)
		err = check_place(&o);
	if (err != OK)
		return err;
	e = new_env(&o);
	err = open_judged(&o, e);
	if (err != OK)
		return err;
	e->scratch = arena_new(0);
	arena_defer(a, close_env, e);
	*env_out = e;
	return OK;
}
