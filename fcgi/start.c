/* SPDX-License-Identifier: Apache-2.0 */
/*
 * start.c -- one CGI request, a spawned socket, or a pool.  (L4)
 */
#include "fcgi/start.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/hand.h"
#include "fcgi/pool.h"
#include "fcgi/sandbox.h"
#include "fcgi/sock.h"
#include "fcgi/watch.h"

#ifndef TIPHYS_BUILD
#define TIPHYS_BUILD	"built by hand"	/* configure says how */
#endif

struct options {
	const char	*conf, *socket;
	unsigned	 workers;	/* 0: not said */
	bool		 syslog;
};

/* What the processes of a pool are made from. */
struct task {
	const struct service	*v;
	int			 queue[2];	/* hand.h; -1: there is none */
};

/* --- a worker ------------------------------------------------------------- */

static void
say_no(const struct service *v, bool cgi)
{
	struct bytes no = v->face->nomem();

	/* The CGI's caller gets an answer where it can have one. */
	if (cgi && write(STDOUT_FILENO, no.p, no.len) == -1)
		log_line("warn", "event=unsent");
}

/*
 * Jansson says of a text that it has no memory for that it is malformed: a
 * good token would be refused (attack case MEM-03).  So it gets memory, or
 * the process ends.
 */
static void *
memory(size_t len)
{
	void *p = malloc(len);

	if (p == NULL)
		fatal(71, "event=no-memory");
	return p;
}

static void
server_open(const struct service *v, struct arena *a,
    const struct conf *conf, bool cgi, struct server *s)
{
	const char *why = "";
	enum err e;

	*s = (struct server){ .face = v->face, .conf = conf,
	    .routes = v->routes, .queue = -1 };
	json_set_alloc_funcs(memory, free);
	if (sodium_init() == -1)
		fatal(71, "event=start why=libsodium");
	e = v->open(a, conf, s, &why);
	if (e != OK) {
		say_no(v, cgi);
		fatal(err_exit(e), "event=start err=%s why=\"%s\"",
		    err_name(e), why);
	}
	s->arena = arena_new((size_t)conf->num[CONF_MEM]);
	randombytes_buf(&s->id_seed, sizeof(s->id_seed));
}

static void
lock_down(const struct service *v, const struct conf *conf, int parent)
{
	sandbox_worker(conf, parent,
	    v->more != CONF__MAX ? conf->num[v->more] : 0);
}

static int
check(const void *task, const struct conf *conf)
{
	const struct task *t = task;
	struct arena *a = arena_new(0);
	struct server s;

	server_open(t->v, a, conf, false, &s);
	arena_free(&s.arena);
	arena_free(&a);
	return 0;
}

static void
begin(const struct task *t, struct arena *a, const struct conf *conf,
    int parent, struct server *s)
{
	lock_down(t->v, conf, parent);
	if (clearenv() != 0)
		fatal(71, "event=clearenv");
	server_open(t->v, a, conf, false, s);
}

static int
work(const void *task, const struct conf *conf, int listen_fd, int parent)
{
	const struct task *t = task;
	struct arena *a = arena_new(0);
	const int64_t *num = conf->num;
	struct server s;
	struct conn *conn;

	begin(t, a, conf, parent, &s);
	s.queue = t->queue[0];
	conn = conn_fcgi(a, listen_fd, num[CONF_RECV_MS], num[CONF_SEND_MS]);
	watch_start(listen_fd, num[CONF_RECV_MS] < num[CONF_SEND_MS] ?
	    num[CONF_RECV_MS] : num[CONF_SEND_MS]);
	while (!watch_draining())
		(void)serve(&s, conn);
	arena_free(&s.arena);
	arena_free(&a);
	return 0;
}

/* The one for whom the others do not wait; empties the queue at the end. */
static int
wait_turns(const void *task, const struct conf *conf, int listen_fd,
    int parent)
{
	const struct task *t = task;
	struct arena *a = arena_new(0);
	struct server s;
	struct conn *conn;
	bool came;

	(void)close(listen_fd);
	begin(t, a, conf, parent, &s);
	conn = conn_queue(a, t->queue[1], conf->num[CONF_SEND_MS]);
	watch_start(-1, conf->num[CONF_SEND_MS]);
	do
		came = serve(&s, conn);
	while (came || !watch_draining());
	arena_free(&s.arena);
	arena_free(&a);
	return 0;
}

/* --- the three ways to be started ----------------------------------------- */

static const struct conf *
read_conf(const struct service *v, struct arena *a, const char *path, bool cgi)
{
	const char *why = "";
	struct conf *conf;
	enum err e = conf_load(a, path, &conf, &why);

	if (e != OK) {
		say_no(v, cgi);
		fatal(78, "event=start why=\"%s\"", why);
	}
	return conf;
}

static int
run_cgi(const struct service *v)
{
	struct arena *a = arena_new(0);
	const struct conf *conf;
	struct identity who;
	struct server s;

	log_open(v->name, LOG_TO_STDERR);
	conf = read_conf(v, a, NULL, true);
	/*
	 * Who is no root stays who the web server made it, and env_open asks
	 * whose the files are: looking names up would take a tenth of a start.
	 */
	if (geteuid() == 0) {
		who = sandbox_identity(conf, v->user);
		sandbox_become(&who);
	}
	lock_down(v, conf, 0);
	server_open(v, a, conf, true, &s);
	serve(&s, conn_cgi(a));
	arena_free(&s.arena);
	arena_free(&a);
	return 0;
}

static int
run_fcgi(const struct service *v, const struct options *o)
{
	struct task task = { v, { -1, -1 } };
	struct program program = { .check = check, .work = work,
	    .own = &task };
	struct arena *a = arena_new(0);
	const struct conf *conf = read_conf(v, a, o->conf, false);
	struct identity who = sandbox_identity(conf, v->user);
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned n = o->workers;
	int fd = STDIN_FILENO, status;

	if (o->socket != NULL) {
		fd = sock_listen(o->socket, who.uid, who.gid);
		if (n == 0)
			n = cores > 0 && cores < 64 ? 4 * (unsigned)cores :
			    256;
	}
	sandbox_become(&who);
	if (n > 0 && v->queue) {
		if (!hand_queue(task.queue))
			fatal(71, "event=start errno=%d", errno);
		program.wait = wait_turns;
	}
	if (n == 0)
		status = work(&task, conf, fd, 0);
	else
		status = pool_run(&program, o->conf, conf, fd, n);
	if (o->socket != NULL)
		sock_remove(o->socket, fd);
	arena_free(&a);
	return status;
}

/* --- the command line ----------------------------------------------------- */

static void
usage(const char *name, FILE *to)
{
	(void)fprintf(to,
	    "usage: %s [-l] [-c CONF] -s SOCKET [-n WORKERS]\n"
	    "       %s [-l] [-c CONF] [-n WORKERS]   "
	    "(listening socket on fd 0)\n"
	    "       %s   (as CGI: GATEWAY_INTERFACE is set)\n"
	    "  -c, --config CONF      configuration, see tiphys.conf(5)\n"
	    "  -s, --socket SOCKET    Unix socket to make and listen on\n"
	    "  -n, --workers WORKERS  processes, 1 to %d\n"
	    "  -l, --syslog           log to syslog, not to stderr\n"
	    "  -h, --help             this text\n"
	    "  -V, --version          version\n", name, name, name,
	    POOL_MAX);
}

static unsigned
workers(const char *name, const char *text)
{
	uint64_t n;

	if (!text_u64(bytes_str(text), POOL_MAX, &n) || n == 0) {
		(void)fprintf(stderr, "%s: -n takes 1 to %d\n", name,
		    POOL_MAX);
		exit(64);
	}
	return (unsigned)n;
}

static void
parse(const char *name, int argc, char **argv, struct options *o)
{
	static const struct option longer[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "socket", required_argument, NULL, 's' },
		{ "workers", required_argument, NULL, 'n' },
		{ "syslog", no_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	for (;;) {
		c = getopt_long(argc, argv, "c:s:n:lhV", longer, NULL);
		switch (c) {
		case -1:
			return;
		case 'c':
			o->conf = optarg;
			break;
		case 's':
			o->socket = optarg;
			break;
		case 'n':
			o->workers = workers(name, optarg);
			break;
		case 'l':
			o->syslog = true;
			break;
		case 'h':
			usage(name, stdout);
			exit(0);
		case 'V':
			(void)printf("%s " PACKAGE_VERSION "\n", name);
			/* Once more --verbose: how it was built. */
			if (optind < argc &&
			    strcmp(argv[optind], "--verbose") == 0)
				(void)puts(TIPHYS_BUILD);
			exit(0);
		default:
			usage(name, stderr);
			exit(64);
		}
	}
}

/* A descriptor 0, 1 or 2 that is closed would become a database or peer. */
static void
hold_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd == -1)
		fatal(71, "event=start errno=%d", errno);
	(void)close(fd);
}

int
start_main(const struct service *v, int argc, char **argv)
{
	struct options o = { .conf = NULL };
	bool spawned = sock_listening(STDIN_FILENO);

	hold_standard();
	/* Ignored before libfcgi looks: it keeps what is not the default. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGUSR1, SIG_IGN);
	if (getenv("GATEWAY_INTERFACE") != NULL)
		return run_cgi(v);
	parse(v->name, argc, argv, &o);
	if (optind < argc || (o.socket != NULL) == spawned) {
		usage(v->name, stderr);
		return 64;
	}
	log_open(v->name, o.syslog ? LOG_TO_SYSLOG : LOG_TO_STDERR);
	return run_fcgi(v, &o);
}
