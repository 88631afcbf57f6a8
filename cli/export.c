/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export.c -- tiphys export: records out, one a line.  (L5)
 *
 * The bytes are those of the store, of one moment: later writes are not in
 * it.  --patient asks the gate itself, so that what comes out is what a view
 * of this patient holds and belongs to it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"
#include "store/maint.h"

static const struct cli_opt export_options[] = {
	{ "type", 't', "TYPE", "only resources of this type" },
	{ "patient", 'p', "ID", "only what belongs to this patient" },
	{ "ids", 0, NULL, "only the ids" },
	{ "output", 'o', "FILE", "write here, not on standard output" },
	{ NULL, 0, NULL, NULL }
};

struct export {
	struct cli	*c;
	struct snapshot	*t;
	struct arena	*a;		/* of one resource */
	FILE		*f;
	const struct view *view;	/* NULL: everything */
	bool		 ids;
};

/* --- one resource ------------------------------------------------------- */

/* The patient's own: in the view, and not only lent to it (shared). */
static enum err
belongs(struct export *x, const struct resource *r, bool *out)
{
	struct store_why why = { .exists = false };
	enum err e;

	*out = true;
	if (x->view == NULL)
		return OK;
	e = store_explain(x->t, x->a, x->view, r->type, r->id, &why);
	*out = why.in_view && (why.kind == OWNER_ONE ||
	    why.kind == OWNER_MANY);
	return e;
}

static void
put_id(struct export *x, const struct resource *r)
{
	if (x->c->out.json)
		fprintf(x->f, "{\"type\":\"%s\",\"id\":\"%.*s\"}\n",
		    def_type_num(r->type)->name, BYTES_FMT(r->id));
	else
		fprintf(x->f, "%.*s\n", BYTES_FMT(r->id));
}

static enum err
put(void *arg, const struct resource *r)
{
	struct export *x = arg;
	bool mine;
	enum err e;

	arena_reset(x->a);
	e = belongs(x, r, &mine);
	if (e != OK || !mine)
		return e;
	if (x->ids) {
		put_id(x, r);
	} else {
		fwrite(r->body.p, 1, r->body.len, x->f);
		putc('\n', x->f);
	}
	return ferror(x->f) != 0 ? ERR_FULL : OK;
}

/* --- what is asked for -------------------------------------------------- */

static enum err
find_type(struct cli *c, uint16_t *type_out)
{
	const char *name = cli_value(c, "type", NULL), *near;
	const struct def_type *t;

	*type_out = 0;
	if (name == NULL)
		return OK;
	t = def_type(bytes_str(name));
	if (t != NULL) {
		*type_out = t->num;
		return OK;
	}
	near = text_near(bytes_str(name), def_type_names());
	return cli_fail(c, ERR_USAGE, name, "is no resource type",
	    near != NULL ? arena_printf(c->arena, "did you mean %s?", near) :
	    "types are written as Patient, Observation");
}

/* Reads everything of this patient, and nothing else. */
static enum err
find_view(struct export *x, struct view **out)
{
	const char *id = cli_value(x->c, "patient", NULL);
	struct arena *a = x->c->arena;
	struct view *v;
	enum err e;

	*out = NULL;
	if (id == NULL)
		return OK;
	e = store_patient(x->t, bytes_str(id));
	if (e == ERR_NOTFOUND)
		return cli_fail(x->c, e, "--patient",
		    "there is no Patient with this id", NULL);
	if (e != OK)
		return cli_fail(x->c, e, "store", err_text(e), NULL);
	v = arena_alloc(a, sizeof *v);
	v->rule = arena_alloc(a, sizeof *v->rule);
	v->n_rule = v->n_patient = 1;
	v->rule->types = (struct typeset){ { UINT64_MAX, UINT64_MAX } };
	v->rule->ops = VIEW_READ;
	v->rule->reach = REACH_PATIENTS;
	v->patient = arena_alloc(a, sizeof *v->patient);
	*v->patient = bytes_str(id);
	*out = v;
	return OK;
}

static const char *
data_dir(const struct cli *c)
{
	return (const char *)c->conf->text[CONF_DATA_DIR].p;
}

/* The caller's file first, then the store as its owner. */
static enum err
open_output(struct export *x)
{
	const char *path = cli_value(x->c, "output", NULL);
	int fd;

	x->f = x->c->out.f;
	if (path == NULL || strcmp(path, "-") == 0)
		return OK;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return cli_fail(x->c, ERR_USAGE, path, strerror(errno),
		    NULL);
	x->f = fdopen(fd, "w");
	return OK;
}

static enum err
open_store(struct export *x)
{
	const char *why = NULL;
	struct store *s;
	enum err e;

	e = store_open(x->c->arena, x->c->conf, STORE_READ, &s, &why);
	if (e == OK)
		e = store_begin(s, x->c->arena, &x->t);
	if (e != OK)
		return cli_fail(x->c, e, NULL, why != NULL ? why :
		    err_text(e), NULL);
	return OK;
}

static enum err
finish(struct export *x, enum err e)
{
	bool whole = fflush(x->f) == 0 && ferror(x->f) == 0;

	if (x->f != x->c->out.f)
		whole = fclose(x->f) == 0 && whole;
	if (!whole)
		return cli_fail(x->c, ERR_FULL, cli_value(x->c, "output",
		    "standard output"), "was not written whole",
		    "is there room?");
	if (e != OK)
		return cli_fail(x->c, e, "store", err_text(e),
		    "\"tiphys check\" says what is wrong");
	return OK;
}

static enum err
export(struct cli *c)
{
	struct export x = { .c = c, .ids = cli_flag(c, "ids") };
	struct view *view = NULL;
	uint16_t type = 0;
	enum err e;

	e = find_type(c, &type);
	if (e == OK)
		e = open_output(&x);
	if (e == OK)
		e = cli_drop(c, data_dir(c));
	if (e == OK)
		e = open_store(&x);
	if (e == OK)
		e = find_view(&x, &view);
	if (e != OK)
		return e;
	x.view = view;
	x.a = arena_new(0);
	e = finish(&x, maint_each(x.t, type, put, &x));
	store_end(x.t);
	arena_free(&x.a);
	return e;
}

const struct cli_cmd cmd_export = {
	.name = "export",
	.operands = "",
	.flags = CLI_LATE_DROP,
	.opt = export_options,
	.run = export,
	.help = "Print the records of the store, one a line",
};
