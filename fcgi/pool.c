/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.c -- a supervised pool of workers on one socket.  (L4)
 *
 * All signals are blocked and taken one by one with sigtimedwait: there are
 * no handlers, and nothing races.
 */
#include "fcgi/pool.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define YOUNG_US	1000000		/* dying before this is suspicious */
#define DELAY_MIN_US	50000		/* doubled for each early death... */
#define DELAY_MAX_US	500000		/* ...up to this */
#define KILL_US		5000000		/* between two SIGKILLs to one */

struct seat {
	pid_t	pid;		/* 0: empty */
	int64_t	born;		/* clock_mono */
	int64_t	delay;		/* us to wait before filling it again */
	int64_t	due;		/* clock_mono */
};

struct pool {
	const struct program	*program;
	const char		*path;
	const struct conf	*conf;
	struct arena		*arena;		/* of conf after a reload */
	int			 listen_fd;
	unsigned		 n;		/* seats: the workers', and
						 * last that of program->wait */
	struct seat		*seat;		/* n of this configuration */
	pid_t			*old;		/* n of the one before */
	int64_t			 old_end;	/* clock_mono: killed then */
	bool			 reload;	/* wanted */
	sigset_t		 all;
};

enum part { PART_CHECK, PART_WORK, PART_WAIT };

static pid_t
spawn(struct pool *p, enum part part)
{
	const struct program *g = p->program;
	pid_t parent = getpid(), pid = fork();
	int status;

	if (pid != 0)
		return pid;	/* -1, too: tried again later */
	(void)signal(SIGINT, SIG_IGN);	/* a terminal's goes to us all */
	(void)signal(SIGHUP, SIG_IGN);
	if (sigprocmask(SIG_UNBLOCK, &p->all, NULL) == -1)
		panic("event=signal");
	if (part == PART_CHECK)
		status = g->check(g->own, p->conf);
	else
		status = (part == PART_WAIT ? g->wait : g->work)(g->own,
		    p->conf, p->listen_fd, parent);
	exit(status);
}

/* Whether workers could start: a child tries and says so. */
static int
try_conf(struct pool *p)
{
	pid_t pid = spawn(p, PART_CHECK);
	int status;

	if (pid == -1)
		return 71;
	while (waitpid(pid, &status, 0) == -1) {
		if (errno != EINTR)
			return 71;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 70;
}

static void
fill(struct pool *p)
{
	int64_t now = clock_mono();
	unsigned i;

	for (i = 0; i < p->n; i++) {
		struct seat *s = &p->seat[i];

		if (s->pid != 0 || s->due > now)
			continue;
		s->pid = spawn(p, p->program->wait != NULL && i == p->n - 1 ?
		    PART_WAIT : PART_WORK);
		s->born = now;
		if (s->pid != -1)
			continue;
		log_line("err", "event=fork errno=%d", errno);
		s->pid = 0;
		s->due = now + DELAY_MAX_US;
	}
}

/*
 * A worker that served well is replaced at once, and so is the first that
 * dies young; a crash loop is slowed down, but never to where somebody would
 * miss the service: a start costs milliseconds.
 */
static void
died(struct seat *s, int status)
{
	int64_t now = clock_mono();

	if (now - s->born >= YOUNG_US)
		s->delay = 0;

	log_line("err", "event=worker-died pid=%d %s=%d delay_ms=%lld",
	    (int)s->pid, WIFSIGNALED(status) ? "signal" : "exit",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
	    (long long)s->delay / 1000);
	s->pid = 0;
	s->due = now + s->delay;
	if (now - s->born >= YOUNG_US)
		return;
	s->delay = s->delay == 0 ? DELAY_MIN_US : 2 * s->delay;
	if (s->delay > DELAY_MAX_US)
		s->delay = DELAY_MAX_US;
}

static void
reap(struct pool *p)
{
	unsigned i;
	int status;
	pid_t pid;

	for (pid = waitpid(-1, &status, WNOHANG); pid > 0;
	    pid = waitpid(-1, &status, WNOHANG)) {
		for (i = 0; i < p->n; i++) {
			if (p->seat[i].pid == pid)
				died(&p->seat[i], status);
			if (p->old[i] == pid)
				p->old[i] = 0;
		}
	}
}

static bool
draining(const struct pool *p)
{
	unsigned i;

	for (i = 0; i < p->n; i++) {
		if (p->old[i] != 0)
			return true;
	}
	return false;
}

/*
 * Move every worker to the old ones.  They have as long as a request may
 * take under the configuration they run with, and a second.
 */
static void
retire(struct pool *p, const struct conf *conf)
{
	unsigned i;

	p->old_end = clock_mono() + 1000000 + 1000 *
	    (conf->num[CONF_RECV_MS] + conf->num[CONF_CPU_MS] +
	    conf->num[CONF_SEND_MS]);
	for (i = 0; i < p->n; i++) {
		p->old[i] = p->seat[i].pid;
		p->seat[i] = (struct seat){ .pid = 0 };
	}
}

static void
tell_old(const struct pool *p, int sig)
{
	unsigned i;

	for (i = 0; i < p->n; i++) {
		if (p->old[i] != 0)
			(void)kill(p->old[i], sig);
	}
}

/*
 * One that hangs would keep every reload after it waiting.  Not even SIGKILL
 * ends one that waits for a disk: it is said again from time to time.
 */
static void
end_old(struct pool *p)
{
	if (!draining(p) || clock_mono() < p->old_end)
		return;
	log_line("err", "event=reload drained=no");
	tell_old(p, SIGKILL);
	p->old_end = clock_mono() + KILL_US;
}

/*
 * New workers first, then the old ones are drained: somebody always listens.
 * One generation drains at a time; a reload meanwhile waits.
 */
static void
reload(struct pool *p)
{
	struct arena *a, *before = p->arena;
	const struct conf *was = p->conf;
	struct conf *conf;
	const char *why = "";
	int status;

	if (draining(p))
		return;
	p->reload = false;
	a = arena_new(0);
	if (conf_load(a, p->path, &conf, &why) != OK) {
		log_line("err", "event=reload result=refused why=\"%s\"",
		    why);
		arena_free(&a);
		return;
	}
	p->conf = conf;
	status = try_conf(p);
	if (status != 0) {
		log_line("err", "event=reload result=refused status=%d",
		    status);
		p->conf = was;
		arena_free(&a);
		return;
	}
	p->arena = a;
	retire(p, was);
	if (before != NULL)
		arena_free(&before);
	fill(p);
	tell_old(p, SIGTERM);
	log_line("info", "event=reload result=done");
}

/* The next signal, 0 when a seat or the end of the old ones is due first. */
static int
next_signal(const struct pool *p)
{
	int64_t now = clock_mono(), wait = -1;
	struct timespec ts;
	unsigned i;
	int sig;

	for (i = 0; i < p->n; i++) {
		if (p->seat[i].pid == 0 &&
		    (wait == -1 || p->seat[i].due - now < wait))
			wait = p->seat[i].due > now ?
			    p->seat[i].due - now : 0;
	}
	if (draining(p) && (wait == -1 || p->old_end - now < wait))
		wait = p->old_end > now ? p->old_end - now : 0;
	ts.tv_sec = wait / 1000000;
	ts.tv_nsec = wait % 1000000 * 1000;
	sig = wait == -1 ? sigwaitinfo(&p->all, NULL) :
	    sigtimedwait(&p->all, NULL, &ts);
	return sig == -1 ? 0 : sig;
}

/* Let requests end, but no longer than a request may take. */
static int
drain(struct pool *p)
{
	const struct timespec tenth = { .tv_nsec = 100000000 };
	bool was = draining(p);

	if (was)
		tell_old(p, SIGKILL);	/* had its time already */
	retire(p, p->conf);
	tell_old(p, SIGTERM);
	reap(p);
	while (draining(p) && clock_mono() < p->old_end) {
		(void)sigtimedwait(&p->all, NULL, &tenth);
		reap(p);
	}
	tell_old(p, SIGKILL);
	log_line("info", "event=end drained=%s", draining(p) ? "no" : "yes");
	return 0;
}

int
pool_run(const struct program *program, const char *path,
    const struct conf *conf, int listen_fd, unsigned n)
{
	struct arena *a = arena_new(0);
	unsigned seats = n + (program->wait != NULL ? 1 : 0);
	struct pool p = {
		.program = program, .path = path, .conf = conf,
		.listen_fd = listen_fd, .n = seats,
		.seat = arena_array(a, seats, sizeof(*p.seat)),
		.old = arena_array(a, seats, sizeof(*p.old))
	};
	int sig, status;

	sigemptyset(&p.all);
	sigaddset(&p.all, SIGTERM);
	sigaddset(&p.all, SIGINT);
	sigaddset(&p.all, SIGHUP);
	sigaddset(&p.all, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &p.all, NULL) == -1)
		panic("event=signal");
	status = try_conf(&p);
	if (status != 0)
		return status;
	log_line("info", "event=start workers=%u", n);
	for (;;) {
		fill(&p);
		sig = next_signal(&p);
		if (sig == SIGTERM || sig == SIGINT)
			break;
		if (sig == SIGHUP)
			p.reload = true;
		reap(&p);
		end_old(&p);
		if (p.reload)
			reload(&p);
	}
	status = drain(&p);
	if (p.arena != NULL)
		arena_free(&p.arena);
	arena_free(&a);
	return status;
}
