/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue.c -- collect what is wrong, write it as an OperationOutcome.  (L1)
 *
 * Everything is copied into the arena, so callers may format from the stack.
 * Does not decide what may be said: who adds an issue keeps patient data out
 * of it.
 *
 * Spec: DSTU2 operationoutcome.html.
 */
#include "fhir/issue.h"

#include <stdio.h>

struct issues
issues_on(struct arena *a)
{
	return (struct issues){ .arena = a };
}

static const char *
copy(struct arena *a, const char *s)
{
	return s == NULL ? NULL : arena_str(a, bytes_str(s));
}

/* What vsnprintf makes of fmt, in the arena. */
static const char *PRINTF(2, 0)
text_of(struct arena *a, const char *fmt, va_list ap)
{
	va_list	 again;
	char	*s;
	int	 n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	s = arena_alloc(a, n < 0 ? 1 : (size_t)n + 1);
	if (n >= 0)
		(void)vsnprintf(s, (size_t)n + 1, fmt, again);
	va_end(again);
	return s;
}

static void
add(struct issues *is, const struct issue *what)
{
	struct issue	*i = arena_alloc(is->arena, sizeof(*i));

	*i = *what;
	if (is->last == NULL)
		is->first = i;
	else
		is->last->next = i;
	is->last = i;
	is->n++;
}

void
issue_vput(struct issues *is, const struct issue *what, const char *fmt,
    va_list ap)
{
	struct issue	i = *what;

	i.rule = copy(is->arena, i.rule);
	i.place = copy(is->arena, i.place);
	i.text = text_of(is->arena, fmt, ap);
	add(is, &i);
}

void
issue_put(struct issues *is, const struct issue *what, const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	issue_vput(is, what, fmt, ap);
	va_end(ap);
}

enum err
issue_add(struct issues *is, enum err err, const char *rule,
    const char *place, const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	issue_vput(is, &(struct issue){ .severity = SEV_ERROR, .err = err,
	    .rule = rule, .place = place }, fmt, ap);
	va_end(ap);
	return err;
}

void
issue_warn(struct issues *is, enum err err, const char *rule,
    const char *place, const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	issue_vput(is, &(struct issue){ .severity = SEV_WARNING, .err = err,
	    .rule = rule, .place = place }, fmt, ap);
	va_end(ap);
}

static const char *
severity_code(enum severity s)
{
	switch (s) {
	case SEV_ERROR:
		return "error";
	case SEV_WARNING:
		return "warning";
	case SEV_INFO:
		return "information";
	}
	return "error";
}

/* Members in the order of the specification. */
static void
put_issue(const struct issue *i, struct buf *out)
{
	buf_printf(out, "{\"severity\":\"%s\",\"code\":\"%s\"",
	    severity_code(i->severity),
	    i->code != NULL ? i->code : err_issue(i->err));
	if (i->rule != NULL) {
		buf_str(out, ",\"details\":{\"text\":");
		buf_json(out, bytes_str(i->rule));
		buf_str(out, "}");
	}
	/* FHIR knows no empty strings. */
	buf_str(out, ",\"diagnostics\":");
	buf_json(out, bytes_str(i->text == NULL || *i->text == '\0' ?
	    err_text(i->err) : i->text));
	if (i->place != NULL) {
		buf_str(out, ",\"location\":[");
		buf_json(out, bytes_str(i->place));
		buf_str(out, "]");
	}
	buf_str(out, "}");
}

void
issues_json(const struct issues *is, enum err err, struct buf *out)
{
	const struct issue	 bare = {
		.severity = err == OK ? SEV_INFO : SEV_ERROR, .err = err
	};
	const struct issue	*i;

	buf_str(out, "{\"resourceType\":\"OperationOutcome\",\"issue\":[");
	if (is == NULL || is->first == NULL)
		put_issue(&bare, out);
	else
		for (i = is->first; i != NULL; i = i->next) {
			if (i != is->first)
				buf_str(out, ",");
			put_issue(i, out);
		}
	buf_str(out, "]}");
}
