/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox.c -- give away what a server does not need.  (L4)
 */
#include "fcgi/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"

#define WEB_USER	"www-data"	/* Debian's, for all web servers */
#define FILES		64	/* two databases, a socket and a peer */
#define SPARE		((rlim_t)192 << 20)	/* data beyond one request */

static gid_t
group_of(const struct conf *conf, gid_t own)
{
	const struct group *gr;

	if (conf->text[CONF_GROUP].len == 0)
		return own;
	gr = getgrnam((const char *)conf->text[CONF_GROUP].p);
	if (gr == NULL)
		fatal(78, "event=user why=no-such-group");
	return gr->gr_gid;
}

struct identity
sandbox_identity(const struct conf *conf, enum conf_id key)
{
	bool root = geteuid() == 0;
	struct identity who = { .uid = (uid_t)-1 };
	const struct passwd *pw;
	const char *name = NULL;

	if (conf->text[key].len == 0)
		key = CONF_USER;
	if (conf->text[key].len > 0)
		name = (const char *)conf->text[key].p;
	else if (root)
		name = WEB_USER;
	who.gid = group_of(conf, (gid_t)-1);
	if (name == NULL)
		return who;
	pw = getpwnam(name);
	if (pw == NULL || pw->pw_uid == 0)
		fatal(78, "event=user why=%s",
		    pw == NULL ? "no-such-user" : "root");
	if (!root && pw->pw_uid != geteuid())
		fatal(78, "event=user why=not-the-user-of-the-configuration");
	if (!root)
		return who;
	who.name = name;
	who.uid = pw->pw_uid;
	who.gid = group_of(conf, pw->pw_gid);
	return who;
}

void
sandbox_become(const struct identity *who)
{
	if (who->name == NULL)
		return;
	if (initgroups(who->name, who->gid) == -1 ||
	    setresgid(who->gid, who->gid, who->gid) == -1 ||
	    setresuid(who->uid, who->uid, who->uid) == -1)
		fatal(78, "event=user why=cannot-drop errno=%d", errno);
	/* Belt and braces: the way back must be shut. */
	if (setuid(0) == 0)
		panic("event=user why=still-root");
}

/* hard: for good; else it could be raised again (valgrind insists). */
static void
limit(__rlimit_resource_t what, rlim_t max, bool hard)
{
	struct rlimit now;

	if (getrlimit(what, &now) == -1)
		fatal(71, "event=rlimit errno=%d", errno);
	if (now.rlim_max != RLIM_INFINITY && now.rlim_max < max)
		max = now.rlim_max;
	now.rlim_cur = max;
	if (hard)
		now.rlim_max = max;
	if (setrlimit(what, &now) == -1)
		fatal(71, "event=rlimit errno=%d", errno);
}

/*
 * AddressSanitizer's shadow counts as data, and its leak check attaches to
 * the process: a build with it goes without these two.
 */
static void
lock_up(rlim_t data)
{
#ifdef __SANITIZE_ADDRESS__
	(void)data;
#else
	/* The map of the store is shared and does not count. */
	limit(RLIMIT_DATA, data, true);
	if (prctl(PR_SET_DUMPABLE, 0) == -1)
		fatal(71, "event=prctl errno=%d", errno);
#endif
}

void
sandbox_worker(const struct conf *conf, int parent, int64_t more)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_PDEATHSIG, parent != 0 ? SIGTERM : 0) == -1)
		fatal(71, "event=prctl errno=%d", errno);
	if (parent != 0 && getppid() != parent)
		_exit(0);	/* it died before it could be watched */
	limit(RLIMIT_CORE, 0, true);
	limit(RLIMIT_NPROC, 0, true);		/* a worker starts nothing */
	limit(RLIMIT_NOFILE, FILES, false);
	lock_up((rlim_t)(conf->num[CONF_MEM] + more) + SPARE);
}
