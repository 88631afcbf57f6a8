/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init_build.c -- what tiphys init makes.  (L5)
 *
 * The configuration is written last: where there is one, there is all of it.
 * The work is done by a child process that has become the owner of the
 * folder; what it made it takes away again when it fails, and the parent,
 * who may have made the folder itself, takes that away.
 *
 * Where tiphys-auth has an account of its own, a child that has become that
 * one makes keys/, grants/ and guard/ first, in a folder of its own, and
 * root moves them into place.  Root changes the owner of nothing that it did
 * not make itself a moment before.
 */
#include "cli/init.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/smart_admin.h"
#include "store/store.h"

#define PART	"auth.new"	/* the other account's, for a moment */

/* What a server without tiphys-auth needs: one key, no users. */
static enum err
make_key(struct cli *c, const struct conf *conf, const char **why)
{
	uint8_t seed[32];
	struct bytes kid;
	struct auth *g;
	enum err e;

	e = auth_open(c->arena, conf, AUTH_CREATE, &g, why);
	if (e != OK)
		return e;
	*why = "keys: the first key could not be written";
	randombytes_buf(seed, sizeof seed);
	e = auth_key_new(g, c->arena, seed, clock_now(), &kid);
	sodium_memzero(seed, sizeof seed);
	return e;
}

/* The same for tiphys-auth: guard/, and a key for id_tokens besides. */
static enum err
make_guard(struct cli *c, const struct conf *conf, const char **why)
{
	struct smart_call call = { .a = c->arena, .now = clock_now() };
	struct bytes kid, id_kid;
	struct smart *s;
	enum err e;

	e = smart_open(c->arena, conf, AUTH_CREATE, &s, why);
	if (e != OK)
		return e;
	*why = "keys: the first keys could not be written";
	randombytes_buf(call.random, sizeof call.random);
	e = smart_key_rotate(s, &call, &kid, &id_kid);
	sodium_memzero(call.random, sizeof call.random);
	return e;
}

static enum err
make_parts(struct cli *c, const struct conf *conf, bool store_only,
    bool auth_only)
{
	const char *why = NULL;
	uint8_t seed[32];
	enum err e = OK;

	if (sodium_init() < 0)
		return cli_fail(c, ERR_CONFIG, NULL,
		    "libsodium cannot start", NULL);
	if (!auth_only) {
		randombytes_buf(seed, sizeof seed);
		e = store_create(conf, seed, c->arena, &why);
		sodium_memzero(seed, sizeof seed);
	}
	if (e == OK && !store_only)
		e = conf->text[CONF_ISSUER].len > 0 ?
		    make_guard(c, conf, &why) : make_key(c, conf, &why);
	if (e != OK)
		return cli_fail(c, e, NULL, why != NULL ? why : err_text(e),
		    NULL);
	return OK;
}

/* Every folder on the way, for the account that everything is to be of. */
static enum err
check_way(struct cli *c, const char *path)
{
	struct bytes name, rest = bytes_from(bytes_str(path), 1);
	const char *upto;

	while (bytes_cut(rest, '/', &name, &rest)) {
		upto = arena_str(c->arena, bytes_of(path,
		    (size_t)(name.p + name.len - (const uint8_t *)path)));
		if (access(upto, X_OK) != 0)
			return cli_fail(c, ERR_CONFIG, upto,
			    "cannot be entered by the account that is to own "
			    "what lies below", "let it in (chmod o+x), or "
			    "choose a folder elsewhere");
	}
	return OK;
}

/* Whole or not at all: written beside, synced, renamed. */
static enum err
write_conf(struct cli *c, const struct init *in)
{
	const char *side = arena_printf(c->arena, "%s.new", in->file);
	int fd = open(side, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	bool good;

	if (fd < 0)
		return cli_fail(c, ERR_STORE, side, strerror(errno), NULL);
	good = write(fd, in->text.p, in->text.len) ==
	    (ssize_t)in->text.len && fchmod(fd, 0640) == 0 &&
	    fsync(fd) == 0;
	good = close(fd) == 0 && good && rename(side, in->file) == 0;
	fd = open(in->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	good = good && fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	if (!good)
		return cli_fail(c, ERR_STORE, in->file, strerror(errno),
		    NULL);
	return OK;
}

/* All that lies in the folder is ours: it was empty. */
static void
clean(const char *dir)
{
	char *roots[] = { (char *)(uintptr_t)dir, NULL };
	FTS *f = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *n;

	if (f == NULL)
		return;
	for (n = fts_read(f); n != NULL; n = fts_read(f)) {
		if (n->fts_level == 0 || n->fts_info == FTS_D)
			continue;
		if (n->fts_info == FTS_DP)
			(void)rmdir(n->fts_accpath);
		else
			(void)unlink(n->fts_accpath);
	}
	fts_close(f);
}

static enum err
parse(struct cli *c, const struct init *in, const char *dir,
    struct conf **out)
{
	const char *why = NULL;
	enum err e = conf_parse(c->arena, in->file, dir, in->text, out,
	    &why);

	return e == OK ? OK : cli_fail(c, e, NULL, why, NULL);
}

/* All but what belongs to an account of tiphys-auth's own. */
static enum err
build_rest(struct cli *c, const struct init *in)
{
	struct conf *conf;
	enum err e;

	e = cli_drop_to(c, in->fd, in->dir);
	if (e == OK)
		e = check_way(c, in->dir);
	if (e == OK)
		e = parse(c, in, in->dir, &conf);
	if (e == OK)
		e = make_parts(c, conf, in->auth_user != NULL, false);
	if (e == OK)
		e = write_conf(c, in);
	if (e != OK)
		clean(in->dir);
	return e;
}

/* --- an account of its own for tiphys-auth -------------------------------- */

static const char *
part_path(struct cli *c, const struct init *in)
{
	return arena_printf(c->arena, "%s/" PART, in->dir);
}

static enum err
build_auth(struct cli *c, const struct init *in)
{
	const char *dir = part_path(c, in);
	struct conf *conf;
	enum err e;

	e = cli_drop_to(c, in->part_fd, dir);
	if (e == OK)
		e = check_way(c, dir);
	if (e == OK)
		e = parse(c, in, dir, &conf);
	if (e == OK)
		e = make_parts(c, conf, false, true);
	if (e != OK)
		clean(dir);
	return e;
}

static enum err
clean_auth(struct cli *c, const struct init *in)
{
	enum err e = cli_drop_to(c, in->part_fd, in->dir);

	if (e == OK)
		clean(part_path(c, in));
	return e;
}

/*
 * Its folder for the time being.  The account of the rest owns the folder
 * around it and could put another in its place: what is opened has to be
 * root's still.
 */
static enum err
open_part(struct cli *c, struct init *in)
{
	struct stat st;

	if (mkdirat(in->fd, PART, 0700) == 0)
		in->part_fd = openat(in->fd, PART, O_RDONLY | O_DIRECTORY |
		    O_NOFOLLOW | O_CLOEXEC);
	if (in->part_fd < 0 || fstat(in->part_fd, &st) != 0 ||
	    st.st_uid != 0 ||
	    fchown(in->part_fd, in->auth_uid, in->gid) != 0)
		return cli_fail(c, ERR_CONFIG, part_path(c, in),
		    "cannot be given to the account of tiphys-auth", NULL);
	return OK;
}

/* Into their place, or back; a rename follows no link and changes no owner. */
static bool
move_parts(int from, int to)
{
	static const char *const parts[] = { "keys", "grants", "guard" };
	bool good = true;
	size_t i;

	for (i = 0; i < N_ELEM(parts); i++)
		good = renameat(from, parts[i], to, parts[i]) == 0 && good;
	return good && fsync(to) == 0;
}

/* --- all of it ------------------------------------------------------------ */

static enum err
apart(struct cli *c, const struct init *in,
    enum err (*fn)(struct cli *c, const struct init *in))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0)
		_exit((int)fn(c, in));
	if (pid < 0 || waitpid(pid, &status, 0) != pid ||
	    !WIFEXITED(status) || WEXITSTATUS(status) >= ERR__MAX)
		return cli_fail(c, ERR_BUG, in->dir, "was not finished",
		    "remove it and try again");
	return (enum err)WEXITSTATUS(status);
}

/* First the part of tiphys-auth, for the configuration comes last. */
static enum err
build_both(struct cli *c, struct init *in)
{
	enum err e;

	e = open_part(c, in);
	if (e == OK)
		e = apart(c, in, build_auth);
	if (e == OK && !move_parts(in->part_fd, in->fd))
		e = cli_fail(c, ERR_STORE, in->dir, strerror(errno), NULL);
	if (e == OK)
		e = apart(c, in, build_rest);
	if (e != OK && in->part_fd >= 0) {
		(void)move_parts(in->fd, in->part_fd);
		(void)apart(c, in, clean_auth);
	}
	(void)unlinkat(in->fd, PART, AT_REMOVEDIR);
	return e;
}

enum err
init_build(struct cli *c, struct init *in)
{
	enum err e;

	if (in->auth_user == NULL)
		return apart(c, in, build_rest);
	in->part_fd = -1;
	e = build_both(c, in);
	if (in->part_fd >= 0)
		close(in->part_fd);
	return e;
}
