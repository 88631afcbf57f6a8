/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin.c -- what the commands on users, clients and grants share.  (L5)
 */
#include "cli/admin.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/text.h"

static enum err
open_mode(struct cli *c, enum auth_mode mode, struct admin *out)
{
	const char *why = NULL;
	enum err e;

	*out = (struct admin){ .c = c };
	e = smart_open(c->arena, c->conf, mode, &out->s, &why);
	if (e != OK)
		return cli_fail(c, e, NULL, why != NULL ? why : err_text(e),
		    NULL);
	admin_again(out);
	return OK;
}

/* ENOENT alone: other trouble is for who opens it to name. */
static bool
is_absent(const char *folder)
{
	struct stat st;

	return stat(folder, &st) != 0 && errno == ENOENT;
}

enum err
admin_open(struct cli *c, struct admin *out)
{
	const char *guard = conf_below(c->arena, c->conf, "guard");
	enum err e;

	if (is_absent(guard))
		return cli_fail(c, ERR_NOTFOUND, guard, "is not there",
		    "where init had no --issuer, set issuer and run "
		    "\"tiphys key rotate\"");
	e = cli_drop(c, guard);
	return e != OK ? e : open_mode(c, AUTH_WRITE, out);
}

enum err
admin_open_new(struct cli *c, struct admin *out)
{
	const char *guard = conf_below(c->arena, c->conf, "guard");
	const char *grants = conf_below(c->arena, c->conf, "grants");
	enum err e;

	/* Where grants/ is missing, too, it is no data directory of ours. */
	if (!is_absent(guard) || is_absent(grants))
		return admin_open(c, out);
	e = cli_drop(c, grants);
	return e != OK ? e : open_mode(c, AUTH_CREATE, out);
}

void
admin_again(struct admin *m)
{
	struct snapshot *t = m->call.t;

	m->call = (struct smart_call){ .a = m->c->arena, .now = clock_now(),
	    .t = t };
	randombytes_buf(m->call.random, sizeof m->call.random);
	m->is = issues_on(m->c->arena);
}

enum err
admin_store(struct admin *m)
{
	struct store *s;
	const char *why = NULL;
	enum err e;

	e = store_open(m->c->arena, m->c->conf, STORE_READ, &s, &why);
	if (e == OK)
		e = store_begin(s, m->c->arena, &m->call.t);
	if (e != OK)
		return cli_fail(m->c, e, "store",
		    why != NULL ? why : err_text(e), NULL);
	return OK;
}

enum err
admin_fail(struct admin *m, enum err e, const char *where, const char *absent)
{
	const struct smart_error *error = &m->call.error;

	if (m->is.first != NULL)
		return cli_fail_issues(m->c, e, where, &m->is);
	/* Reading: FAULT_SERVER speaks to a browser, err_text to us. */
	if (error->text != NULL && error->fault != FAULT_SERVER)
		return cli_fail(m->c, e, where, error->text, NULL);
	return cli_fail(m->c, e, where,
	    e == ERR_NOTFOUND ? absent : err_text(e), NULL);
}

struct bytes
admin_operand(const struct cli *c)
{
	return bytes_str(c->operand[0]);
}

void
admin_list(struct out *o, const struct bytes *word, size_t n)
{
	out_cell(o, text_join(o->arena, word, n));
}

void
admin_note(struct cli *c, const char *text)
{
	if (c->out.json)
		return;
	out_flush(&c->out);
	fprintf(stderr, "%s\n", text);
}

static const char *
kind_name(enum user_kind kind)
{
	switch (kind) {
	case USER_PRACTITIONER:
		return "practitioner";
	case USER_PATIENT:
		return "patient";
	case USER_RELATED:
		return "related";
	case USER_ADMIN:
		return "admin";
	case USER_TOOL:
		return "tool";
	case USER_SERVICE:
		return "service";
	}
	return "";
}

void
field_user_kind(struct out *o, const void *member)
{
	const enum user_kind *kind = member;

	out_str(o, kind_name(*kind));
}
