/* SPDX-License-Identifier: Apache-2.0 */
/*
 * synth.c -- tiphys synth: a population that does not exist.  (L5)
 *
 * Resources are written as they are made, clinic by clinic, so that a
 * million patients take no more memory than one.  With --load a child makes
 * them and this process is "tiphys load -" on its output: what loads is the
 * same program, with the same judgement, as for anybody's records.
 */
#include "cli/synth.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli/cli.h"

#define PATIENTS	100
#define PATIENTS_MOST	100000000

static const struct cli_opt synth_options[] = {
	{ "patients", 'n', "N", "how many patients (100)" },
	{ "seed", 's', "S", "which population (1)" },
	{ "out", 'o', "DIR", "a file a clinic in this new folder; -: "
	    "standard output" },
	{ "load", 0, NULL, "load them into the store at once" },
	{ "alone", 0, NULL, "with --load: nobody else writes" },
	{ NULL, 0, NULL, NULL }
};

static const struct out_col columns[] = {
	{ "patients", OUT_NUM },
	{ "resources", OUT_NUM },
	{ "files", OUT_NUM },
};

struct plan {
	struct cli	*c;
	int64_t		 patients, seed;
	const char	*dir;		/* NULL: one stream */
	uint64_t	 files;
};

/* --- where it goes ------------------------------------------------------ */

static enum err
not_whole(struct plan *p, const char *where)
{
	return cli_fail(p->c, ERR_FULL, where, "was not written whole",
	    "is there room?");
}

static enum err
finish_file(struct plan *p, struct synth *s, const char *name)
{
	bool whole = js_flush(&s->w);

	if (fclose(s->w.f) != 0 || !whole)
		return not_whole(p, name);
	return OK;
}

/* A file of this clinic; one that is there is somebody's. */
static enum err
open_file(struct plan *p, struct synth *s, uint64_t clinic,
    const char **name_out)
{
	char *name = arena_printf(p->c->arena, "%s/clinic-%06llu.ndjson",
	    p->dir, (unsigned long long)clinic);
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	*name_out = name;
	if (fd < 0)
		return cli_fail(p->c, ERR_USAGE, name, strerror(errno),
		    "name a new folder");
	s->w.f = fdopen(fd, "w");
	p->files++;
	return OK;
}

/* --- what goes there ---------------------------------------------------- */

static void
put_clinic(struct synth *s, uint64_t clinic, int64_t patients)
{
	uint64_t i, first = clinic * SYNTH_CLINIC, end = first +
	    SYNTH_CLINIC;
	struct synth_person person;

	if (end > (uint64_t)patients)
		end = (uint64_t)patients;
	if (clinic == 0)
		synth_formulary(s);
	synth_open_clinic(s, clinic);
	for (i = first; i < end; i++) {
		synth_person(s, &person, i);
		synth_put_person(s, &person);
		synth_course(s, &person);
	}
}

/* Everything, to s->w.f or, with a folder, to its files. */
static enum err
put_all(struct plan *p, struct synth *s)
{
	uint64_t clinic, n = ((uint64_t)p->patients + SYNTH_CLINIC - 1) /
	    SYNTH_CLINIC;
	const char *name = "standard output";
	enum err e = OK;

	for (clinic = 0; clinic < n && e == OK; clinic++) {
		if (p->dir != NULL)
			e = open_file(p, s, clinic, &name);
		if (e != OK)
			break;
		put_clinic(s, clinic, p->patients);
		if (p->dir != NULL)
			e = finish_file(p, s, name);
		else if (ferror(s->w.f) != 0)
			break;
	}
	if (p->dir == NULL && (!js_flush(&s->w) || fflush(s->w.f) != 0 ||
	    ferror(s->w.f) != 0))
		e = not_whole(p, name);
	free(s->w.p);
	return e;
}

static struct synth
seeded(const struct plan *p, FILE *f)
{
	return (struct synth){ .population = (unsigned long long)p->seed,
	    .seed = synth_mix((uint64_t)p->seed), .w = { .f = f } };
}

static enum err
write_out(struct plan *p)
{
	struct synth s = seeded(p, p->c->out.f);
	struct out *o = &p->c->out;
	enum err e;

	if (p->dir != NULL && mkdir(p->dir, 0700) != 0 && errno != EEXIST)
		return cli_fail(p->c, ERR_USAGE, p->dir, strerror(errno),
		    NULL);
	e = put_all(p, &s);
	if (e != OK || p->dir == NULL)
		return e;
	out_record(o, columns, N_ELEM(columns));
	out_num(o, p->patients);
	out_num(o, (int64_t)s.count);
	out_num(o, (int64_t)p->files);
	out_end(o);
	return OK;
}

/* --- into the store ----------------------------------------------------- */

/* The child: resources into a pipe, and no word of its own. */
static void NORETURN
feed(struct plan *p, int fd)
{
	struct synth s = seeded(p, fdopen(fd, "w"));
	enum err e = put_all(p, &s);

	_exit(e == OK ? 0 : err_exit(e));
}

static enum err
run_load(struct cli *c)
{
	static char name[] = "load", alone[] = "--alone", dash[] = "-";
	char *argv[] = { name, dash, NULL, NULL };
	const bool is_alone = cli_flag(c, "alone");
	bool help = false;
	enum err e;

	if (is_alone) {
		argv[1] = alone;
		argv[2] = dash;
	}
	c->cmd = &cmd_load;
	e = cli_parse(c, is_alone ? 3 : 2, argv, &help);
	return e == OK ? cmd_load.run(c) : e;
}

static enum err
load_all(struct plan *p)
{
	struct cli *c = p->c;
	int fd[2], status = 0;
	pid_t pid;
	enum err e;

	e = cli_conf(c);
	if (e != OK)
		return e;
	if (pipe2(fd, O_CLOEXEC) != 0)
		return cli_fail(c, ERR_STORE, "pipe", strerror(errno), NULL);
	pid = fork();
	if (pid < 0)
		return cli_fail(c, ERR_STORE, "fork", strerror(errno), NULL);
	if (pid == 0) {
		close(fd[0]);
		feed(p, fd[1]);
	}
	close(fd[1]);
	if (dup2(fd[0], STDIN_FILENO) < 0)
		return cli_fail(c, ERR_STORE, "pipe", strerror(errno), NULL);
	close(fd[0]);
	e = run_load(c);
	close(STDIN_FILENO);	/* a load that stopped early ends the child */
	if (waitpid(pid, &status, 0) != pid)
		status = -1;
	if (e == OK && status != 0)
		e = cli_fail(c, ERR_BUG, NULL, "not all of the population "
		    "was made", "what was made is loaded");
	return e;
}

/* --- the command -------------------------------------------------------- */

static enum err
synth(struct cli *c)
{
	struct plan p = { .c = c, .patients = PATIENTS, .seed = 1 };
	const char *out = cli_value(c, "out", NULL);
	enum err e;

	e = cli_number(c, "patients", 1, PATIENTS_MOST, &p.patients);
	if (e == OK)
		e = cli_number(c, "seed", 0, INT64_MAX, &p.seed);
	if (e != OK)
		return e;
	if (out != NULL && strcmp(out, "-") != 0)
		p.dir = out;
	if (!cli_flag(c, "load") && cli_flag(c, "alone"))
		return cli_fail(c, ERR_USAGE, "--alone",
		    "says how to load, and nothing is loaded",
		    "give --load, too");
	if (!cli_flag(c, "load"))
		return write_out(&p);
	if (out != NULL)
		return cli_fail(c, ERR_USAGE, "--load",
		    "goes into the store, not to --out",
		    "give one of the two");
	return load_all(&p);
}

const struct cli_cmd cmd_synth = {
	.name = "synth",
	.operands = "",
	.flags = CLI_NOCONF,
	.opt = synth_options,
	.run = synth,
	.help = "Make a synthetic population",
};
