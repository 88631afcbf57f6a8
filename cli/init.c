/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init.c -- tiphys init: a data directory from nothing.  (L5)
 *
 * Finds out who is to own it and where it may be; init_build.c fills it.
 *
 * Refuses a folder that a web server would hand out, one that holds anything,
 * and root's giving it to nobody in particular: the server serves as no root.
 */
#include "cli/init.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

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
	{ "auth-user", 0, "NAME", "whose keys, users and grants are to be "
	    "(root only)" },
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

/*
 * An account for tiphys-auth alone: what it shares with the other goes by a
 * group, and without an issuer there is no tiphys-auth.
 */
static enum err
find_auth_user(struct cli *c, struct init *in)
{
	const struct passwd *pw;

	in->auth_uid = in->uid;
	if (in->auth_user == NULL)
		return OK;
	pw = getpwnam(in->auth_user);
	if (pw == NULL)
		return cli_fail(c, ERR_USAGE, "--auth-user",
		    "there is no such user", NULL);
	if (geteuid() != 0)
		return cli_fail(c, ERR_FORBIDDEN, "--auth-user",
		    "only root gives files to another user",
		    "run it by sudo");
	if (pw->pw_uid == 0)
		return cli_fail(c, ERR_USAGE, "--auth-user", "is root",
		    "name an account of its own; nothing serves as root");
	if (in->issuer == NULL || in->group == NULL)
		return cli_fail(c, ERR_USAGE,
		    in->issuer == NULL ? "--issuer" : "--group",
		    "is missing", "--auth-user wants both: the address of "
		    "tiphys-auth, and a group that both accounts work in");
	in->auth_uid = pw->pw_uid;
	return OK;
}

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
	return find_auth_user(c, in);
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

/* --- the command ---------------------------------------------------------- */

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
		e = init_build(c, in);
	return e;
}

static enum err
init(struct cli *c)
{
	struct init in = {
	    .base = cli_value(c, "base-url", NULL),
	    .issuer = cli_value(c, "issuer", NULL),
	    .user = cli_value(c, "user", NULL),
	    .auth_user = cli_value(c, "auth-user", NULL),
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
