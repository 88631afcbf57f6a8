/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init.c -- tiphys init: a data directory from nothing.  (L5)
 *
 * The configuration is written last: where there is one, there is all of it.
 * The work is done by a child process that has become the owner of the
 * folder; what it made it takes away again when it fails, and the parent,
 * who may have made the folder itself, takes that away.
 *
 * Refuses a folder that a web server would hand out, one that holds anything,
 * and root's giving it to nobody in particular: the server serves as no root.
 */
#include "cli/init.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/smart_admin.h"
#include "base/text.h"
#include "store/store.h"

#define WEB_USER	"www-data"	/* as the server's, started by root */

static const struct cli_opt init_options[] = {
	{ "dir", 'd', "DIR", "where configuration, keys and records go "
	    "(required)" },
	{ "base-url", 'b', "URL", "the address of the FHIR server "
	    "(required)" },
	{ "issuer", 0, "URL", "the authorization server, where there is one" },
	{ "tls-front", 0, NULL, "plain http here, TLS at a proxy before it" },
	{ "user", 0, "NAME", "whose everything is to be (root only; "
	    WEB_USER ")" },
	{ "group", 0, "NAME", "who may use the store as well" },
	{ NULL, 0, NULL, NULL }
};

/* --- where it may be ------------------------------------------------------ */

static bool
served_name(struct bytes name)
{
	static const char *const names[] = { "public_html", "www",
	    "htdocs" };
	size_t i;

	for (i = 0; i < N_ELEM(names); i++)
		if (text_caseeq(name, bytes_str(names[i])))
			return true;
	return false;
}

static enum err
refuse_served(struct cli *c, const char *path, const char *what)
{
	return cli_fail(c, ERR_USAGE, path, what,
	    "a web server may hand out what lies there: choose a folder "
	    "outside of it");
}

/*
 * No folder on the way from the root may look like a site's documents; a
 * .htaccess is what shared hosts put into them.
 */
static enum err
check_served(struct cli *c, const char *path)
{
	struct bytes name, rest = bytes_str(path);
	const char *upto;
	bool more = true;

	while (more) {
		more = bytes_cut(rest, '/', &name, &rest);
		if (served_name(name))
			return refuse_served(c, path,
			    "lies in a folder for web pages");
		upto = arena_str(c->arena, bytes_of(path,
		    (size_t)(name.p + name.len - (const uint8_t *)path)));
		if (access(arena_printf(c->arena, "%s/.htaccess", upto),
		    F_OK) == 0)
			return refuse_served(c, path,
			    "lies below a folder with a .htaccess");
	}
	return OK;
}

/* --- the folder ----------------------------------------------------------- */

static enum err
check_empty(struct cli *c, int fd, const char *path)
{
	const struct dirent *d;
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = again < 0 ? NULL : fdopendir(again);
	bool empty = true, site = false;

	if (folder == NULL) {
		if (again >= 0)
			close(again);
		return cli_fail(c, ERR_NOTFOUND, path, strerror(errno), NULL);
	}
	for (d = readdir(folder); d != NULL; d = readdir(folder)) {
		if (strcmp(d->d_name, ".") == 0 ||
		    strcmp(d->d_name, "..") == 0)
			continue;
		empty = false;
		site |= strcmp(d->d_name, "tiphys.conf") == 0;
	}
	closedir(folder);
	if (site)
		return cli_fail(c, ERR_CONFLICT, path,
		    "holds a tiphys.conf already",
		    "it stays as it is; choose another folder");
	if (!empty)
		return cli_fail(c, ERR_CONFLICT, path, "is not empty",
		    "choose a new folder, or an empty one");
	return OK;
}

/*
 * Open it, made where it is absent.  Who owns the folder above could put
 * another in its place at any moment: all that root asks and changes is
 * asked and changed of what was opened here.
 */
static enum err
make_folder(struct cli *c, const char *given, struct init *in)
{
	char real[PATH_MAX];
	struct stat opened, named;

	if (mkdir(given, 0700) == 0)
		in->made = true;
	else if (errno != EEXIST)
		return cli_fail(c, ERR_CONFIG, given, strerror(errno),
		    errno == ENOENT ? "make the folder above it first" :
		    NULL);
	in->fd = open(given, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (in->fd < 0)
		return cli_fail(c, ERR_CONFIG, given, strerror(errno),
		    errno == ENOTDIR || errno == ELOOP ?
		    "name a folder, not a link or a file" : NULL);
	if (realpath(given, real) == NULL || stat(real, &named) != 0 ||
	    fstat(in->fd, &opened) != 0)
		return cli_fail(c, ERR_CONFIG, given, strerror(errno), NULL);
	if (opened.st_dev != named.st_dev || opened.st_ino != named.st_ino)
		return cli_fail(c, ERR_CONFIG, given,
		    "was put in place of another just now", NULL);
	in->dir = arena_printf(c->arena, "%s", real);
	return OK;
}

/* --- who it belongs to ---------------------------------------------------- */

static enum err
find_owner(struct cli *c, struct init *in)
{
	const struct passwd *pw;
	const struct group *gr;

	in->uid = (uid_t)-1;
	in->gid = (gid_t)-1;
	if (in->user == NULL && geteuid() == 0) {
		if (getpwnam(WEB_USER) == NULL)
			return cli_fail(c, ERR_USAGE, "--user", "is missing",
			    "name the account that serves; the server does "
			    "not run as root");
		in->user = WEB_USER;
	}
	if (in->user != NULL) {
		pw = getpwnam(in->user);
		if (pw == NULL)
			return cli_fail(c, ERR_USAGE, "--user",
			    "there is no such user", NULL);
		if (geteuid() != 0 && pw->pw_uid != geteuid())
			return cli_fail(c, ERR_FORBIDDEN, "--user",
			    "only root gives files to another user",
			    "run it by sudo");
		in->uid = pw->pw_uid;
		in->gid = pw->pw_gid;
	}
	if (in->group != NULL) {
		gr = getgrnam(in->group);
		if (gr == NULL)
			return cli_fail(c, ERR_USAGE, "--group",
			    "there is no such group", NULL);
		in->gid = gr->gr_gid;
	}
	return OK;
}

/*
 * The group of the folder is inherited by what is made in it (setgid), for
 * an ordinary user's tool cannot change its own; root becomes a member.
 */
static enum err
give_folder(struct cli *c, const struct init *in)
{
	bool inherit = in->group != NULL && geteuid() != 0;
	mode_t mode = inherit ? 02750 : 0750;

	if (fchown(in->fd, in->uid, in->gid) != 0)
		return cli_fail(c, ERR_FORBIDDEN, in->dir, strerror(errno),
		    in->group != NULL ? "are you a member of the group?" :
		    NULL);
	if (fchmod(in->fd, mode) != 0)
		return cli_fail(c, ERR_FORBIDDEN, in->dir, strerror(errno),
		    "it must belong to who runs this");
	return OK;
}

/* --- what goes into it ---------------------------------------------------- */

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
make_parts(struct cli *c, const struct conf *conf)
{
	const char *why = NULL;
	uint8_t seed[32];
	enum err e;

	if (sodium_init() < 0)
		return cli_fail(c, ERR_CONFIG, NULL,
		    "libsodium cannot start", NULL);
	randombytes_buf(seed, sizeof seed);
	e = store_create(conf, seed, c->arena, &why);
	sodium_memzero(seed, sizeof seed);
	if (e == OK)
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
build(struct cli *c, const struct init *in)
{
	struct conf *conf;
	const char *why = NULL;
	enum err e;

	e = cli_drop_to(c, in->fd, in->dir);
	if (e == OK)
		e = check_way(c, in->dir);
	if (e == OK) {
		e = conf_parse(c->arena, in->file, in->dir, in->text, &conf,
		    &why);
		if (e != OK)
			e = cli_fail(c, e, NULL, why, NULL);
	}
	if (e == OK)
		e = make_parts(c, conf);
	if (e == OK)
		e = write_conf(c, in);
	if (e != OK)
		clean(in->dir);
	return e;
}

/* --- the command ---------------------------------------------------------- */

static enum err
build_apart(struct cli *c, const struct init *in)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0)
		_exit((int)build(c, in));
	if (pid < 0 || waitpid(pid, &status, 0) != pid ||
	    !WIFEXITED(status) || WEXITSTATUS(status) >= ERR__MAX)
		return cli_fail(c, ERR_BUG, in->dir, "was not finished",
		    "remove it and try again");
	return (enum err)WEXITSTATUS(status);
}

static void
print_next(struct cli *c, const struct init *in)
{
	static const struct out_col col[] = {
		{ "config", OUT_TEXT },
		{ "data", OUT_TEXT },
		{ "base", OUT_TEXT },
	};

	if (c->out.json) {
		out_record(&c->out, col, N_ELEM(col));
		out_str(&c->out, in->file);
		out_str(&c->out, in->dir);
		out_str(&c->out, in->base);
		out_end(&c->out);
		return;
	}
	fprintf(c->out.f, "Made %s for %s\n\nNext:\n"
	    "  tiphys -c %s load PATH...    records in\n", in->file,
	    in->base, in->file);
	if (in->uid != 0)	/* it refuses to serve as root */
		fprintf(c->out.f, "  tiphys-fhir -c %s -s SOCKET -n WORKERS"
		    "    serve them\n", in->file);
	fprintf(c->out.f, "  tiphys -c %s token mint --scope "
	    "'patient/*.read' --patient ID\n", in->file);
	if (in->issuer != NULL)
		fprintf(c->out.f, "  tiphys-auth -c %s -s SOCKET -n WORKERS"
		    "    let people sign in\n"
		    "  tiphys -c %s user add NAME --kind KIND ...\n"
		    "  tiphys -c %s client add --name NAME ...\n",
		    in->file, in->file, in->file);
}

static enum err
fill_folder(struct cli *c, struct init *in)
{
	enum err e;

	in->file = arena_printf(c->arena, "%s/tiphys.conf", in->dir);
	e = check_served(c, in->dir);
	if (e == OK)
		e = check_empty(c, in->fd, in->dir);
	if (e == OK)
		e = give_folder(c, in);
	if (e == OK)
		e = build_apart(c, in);
	return e;
}

static enum err
init(struct cli *c)
{
	struct init in = {
	    .base = cli_value(c, "base-url", NULL),
	    .issuer = cli_value(c, "issuer", NULL),
	    .user = cli_value(c, "user", NULL),
	    .group = cli_value(c, "group", NULL),
	    .tls_front = cli_flag(c, "tls-front"), .fd = -1 };
	const char *dir = cli_value(c, "dir", NULL);
	enum err e;

	if (dir == NULL || *dir == '\0' || in.base == NULL)
		return cli_fail(c, ERR_USAGE,
		    in.base == NULL ? "--base-url" : "--dir", "is missing",
		    "\"tiphys init --help\" shows both");
	e = find_owner(c, &in);
	if (e == OK)
		e = init_text(c, &in);	/* refuses before it costs time */
	if (e == OK && in.issuer != NULL)
		e = init_cost(c, &in);
	if (e == OK)
		e = init_text(c, &in);
	if (e == OK)
		e = make_folder(c, dir, &in);
	if (e == OK)
		e = fill_folder(c, &in);
	if (e != OK && in.made)
		(void)rmdir(in.dir != NULL ? in.dir : dir);
	if (in.fd >= 0)
		close(in.fd);
	if (e == OK)
		print_next(c, &in);
	return e;
}

const struct cli_cmd cmd_init = {
	.name = "init",
	.operands = "",
	.flags = CLI_NOCONF,
	.opt = init_options,
	.run = init,
	.help = "Make a data directory: configuration, key, empty store",
};
