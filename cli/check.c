/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.c -- tiphys check, tiphys reindex.  (L5)
 *
 * LMDB trusts its file: a damaged page may make it read outside of the map.
 * So both work in a child process, and its death by a signal becomes a
 * report, as does one that no longer gets on.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "store/maint.h"

#define BEAT_US		1000000	/* between two signs of life */
#define STILL_MS	120000	/* without one: hung */
#define FOUND		(ERR__MAX + 1)	/* status of the child: faults */

static const struct cli_opt no_options[] = {
	{ NULL, 0, NULL, NULL }
};

struct job {
	struct cli		*c;
	struct store		*store;
	struct base_urls	 urls;
	struct extract		 x;
	struct json_limits	 lim;
	struct progress		 progress;
	uint64_t		 faults;
	int			 pulse;	/* signs of life to the parent */
	int64_t			 beat;	/* clock_mono of the last */
};

typedef enum err job_fn(struct job *j);

/* --- signs of life ------------------------------------------------------ */

static void
beat(struct job *j)
{
	int64_t now = clock_mono();

	if (now - j->beat < BEAT_US)
		return;
	j->beat = now;
	/* Without a parent to hear it this ends us: SIGPIPE. */
	(void)!write(j->pulse, "", 1);
}

static void
tick(void *arg, uint64_t done, uint64_t of)
{
	struct job *j = arg;
	const struct progress_at at = { .count = done, .errors = j->faults,
	    .done = done, .of = of };

	beat(j);
	progress_tick(&j->progress, &at);
}

/* A damaged id may be any bytes. */
static struct bytes
clean(struct arena *a, const char *text)
{
	char *copy = arena_str(a, bytes_str(text)), *p;

	if (!text_utf8(bytes_str(copy)))
		for (p = copy; *p != '\0'; p++)
			if (*p < 0x20 || *p > 0x7E)
				*p = '?';
	return bytes_str(copy);
}

static void
fault(void *arg, const char *where, const char *what)
{
	static const struct out_col col[] = {
		{ "where", OUT_TEXT },
		{ "what", OUT_TEXT },
	};
	struct job *j = arg;

	progress_clear(&j->progress);
	out_table(&j->c->out, col, N_ELEM(col));
	out_cell(&j->c->out, clean(j->c->arena, where));
	out_str(&j->c->out, what);
	out_end(&j->c->out);
	j->faults++;
	beat(j);
}

/* --- the child ---------------------------------------------------------- */

static enum err
check_store(struct job *j)
{
	enum err e;

	/* One line a fault as it is found, on a terminal, too. */
	j->c->out.tty = false;
	e = maint_check(j->store, j->c->arena, &j->x, &j->lim, fault, tick,
	    j, &j->faults);
	progress_clear(&j->progress);
	if (e != OK)
		return cli_fail(j->c, e, "store", err_text(e),
		    "restore it from a backup");
	if (j->faults == 0 && !j->c->out.json)
		fputs("The store is whole.\n", j->c->out.f);
	if (j->c->out.json)
		fprintf(j->c->out.f, "{\"summary\":{\"faults\":%" PRIu64
		    "}}\n", j->faults);
	if (j->faults > 0 && !j->c->out.json)
		fprintf(stderr, "tiphys: %" PRIu64 " faults; rows and "
		    "postings are mended by \"tiphys reindex\", records by a "
		    "backup\n", j->faults);
	return OK;
}

static enum err
reindex_store(struct job *j)
{
	static const struct out_col done = { "reindexed", OUT_BOOL };
	enum err e;

	e = maint_reindex(j->store, &j->x, &j->lim, tick, j);
	progress_clear(&j->progress);
	if (e != OK)
		return cli_fail(j->c, e, "store", err_text(e),
		    e == ERR_FULL ? "make room and run it again: it goes on "
		    "where it was" : "\"tiphys check\" says what is wrong");
	if (j->c->out.json) {
		out_record(&j->c->out, &done, 1);
		out_bool(&j->c->out, true);
		out_end(&j->c->out);
	} else {
		fputs("The index was built anew.\n", j->c->out.f);
	}
	return OK;
}

static enum err
open_and(struct job *j, job_fn *fn)
{
	const struct conf *conf = j->c->conf;
	const char *why = NULL;
	enum err e;

	j->urls = prim_urls(conf);
	j->x.urls = &j->urls;
	j->x.zone = (int)conf->num[CONF_ZONE];
	/* What was stored under wider limits must still be readable. */
	j->lim.bytes = (size_t)conf_rows[CONF_RESOURCE].max;
	j->lim.depth = (size_t)conf_rows[CONF_JSON_DEPTH].max;
	j->lim.tokens = (size_t)conf_rows[CONF_JSON_TOKENS].max;
	e = maint_open(j->c->arena, conf, &j->store, &why);
	if (e != OK)
		return cli_fail(j->c, e, NULL, why != NULL ? why :
		    err_text(e), NULL);
	return fn(j);
}

/* Never returns to the frame: what it holds is the child's alone. */
static NORETURN void
work(struct job *j, job_fn *fn)
{
	const struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };
	int status;

	/* The parent speaks for us; records must not end in a core file. */
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)signal(SIGSEGV, SIG_DFL);
	(void)signal(SIGBUS, SIG_DFL);
	status = (int)open_and(j, fn);
	if (status == OK && j->faults > 0)
		status = FOUND;
	if (!out_flush(&j->c->out) && (status == OK || status == FOUND))
		status = ERR_FULL;
	arena_free(&j->c->arena);
	_exit(status);
}

/* --- the parent --------------------------------------------------------- */

static const char *
kill_name(int sig)
{
	switch (sig) {
	case SIGSEGV: return "a page points outside of the file";
	case SIGBUS: return "the file is shorter than it says";
	case SIGABRT: return "a page contradicts itself";
	case SIGFPE: return "a page holds an impossible size";
	case SIGALRM: return "the pages form a ring";
	}
	return NULL;
}

static enum err
judge(struct cli *c, int status, bool hung)
{
	const char *path = conf_below(c->arena, c->conf, "store/data.mdb");
	const char *name = hung ? kill_name(SIGALRM) :
	    WIFSIGNALED(status) ? kill_name(WTERMSIG(status)) : NULL;

	if (name != NULL)
		return cli_fail(c, ERR_STORE, path,
		    arena_printf(c->arena, "the file is damaged: %s", name),
		    "restore it from a backup");
	if (WIFSIGNALED(status))
		return cli_fail(c, ERR_BUSY, NULL, arena_printf(c->arena,
		    "ended by signal %d", WTERMSIG(status)), "run it again");
	if (WEXITSTATUS(status) == FOUND) {
		c->status = 1;
		return OK;
	}
	return WEXITSTATUS(status) < ERR__MAX ?
	    (enum err)WEXITSTATUS(status) : ERR_BUG;
}

/* Until the child closes its end; true: it was silent for too long. */
static bool
watch(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char beat[64];
	int n;

	for (;;) {
		n = poll(&p, 1, STILL_MS);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			return true;
		if (read(fd, beat, sizeof beat) <= 0)
			return false;
	}
}

static enum err
apart(struct cli *c, job_fn *fn)
{
	struct job j = { .c = c, .progress = progress_start("records",
	    c->out.json) };
	int status = 0, fd[2];
	bool hung;
	pid_t pid;

	fflush(NULL);
	if (pipe(fd) != 0)
		return cli_fail(c, ERR_BUG, NULL, strerror(errno), NULL);
	pid = fork();
	if (pid == 0) {
		close(fd[0]);
		j.pulse = fd[1];
		work(&j, fn);
	}
	close(fd[1]);
	hung = pid > 0 && watch(fd[0]);
	if (hung)
		(void)kill(pid, SIGKILL);
	close(fd[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid < 0 ? cli_fail(c, ERR_NOMEM, NULL, strerror(errno), NULL) :
	    judge(c, status, hung);
}

static enum err
check(struct cli *c)
{
	return apart(c, check_store);
}

static enum err
reindex(struct cli *c)
{
	return apart(c, reindex_store);
}

const struct cli_cmd cmd_check = {
	.name = "check",
	.operands = "",
	.opt = no_options,
	.run = check,
	.help = "Hold the index against the records, and the other way",
};

const struct cli_cmd cmd_reindex = {
	.name = "reindex",
	.operands = "",
	.opt = no_options,
	.run = reindex,
	.help = "Build the index anew from the records",
};
