/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err.c -- look-ups in the one table of errors.  (L0)
 *
 * Refuses to know anything that is not a row of ERR_TABLE.
 */
#include "base/err.h"

#include "base/log.h"

struct row {
	const char	*name, *issue, *text;
	int		 http, status;
};

static const struct row rows[ERR__MAX] = {
#define X(id, http_, issue_, status_, text_) [id] = {			      \
	.name = #id, .issue = (issue_), .text = (text_),		      \
	.http = (http_), .status = (status_) },
	ERR_TABLE(X)
#undef X
};

static const struct row *
row_of(enum err e)
{
	if ((unsigned)e >= ERR__MAX)
		panic("err: no such error: %d", (int)e);
	return &rows[e];
}

const char *
err_name(enum err e)
{
	return row_of(e)->name;
}

int
err_http(enum err e)
{
	return row_of(e)->http;
}

const char *
err_issue(enum err e)
{
	return row_of(e)->issue;
}

int
err_exit(enum err e)
{
	return row_of(e)->status;
}

const char *
err_text(enum err e)
{
	return row_of(e)->text;
}
