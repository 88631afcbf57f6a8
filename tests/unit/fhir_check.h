/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fhir_check.h -- a resource in, keys and places of its faults out.
 */
#ifndef TESTS_UNIT_FHIR_CHECK_H
#define TESTS_UNIT_FHIR_CHECK_H

#include "base/attr.h"
#include "fhir/check.h"
#include "fhir/json.h"
#include "tests/unit/unit.h"

static const struct json_limits limits = {
	.bytes = 4 << 20, .depth = 400, .tokens = 200000
};

static int
open_arena(void **state)
{
	*state = arena_new(0);
	return 0;
}

static int
close_arena(void **state)
{
	arena_free((struct arena **)state);
	return 0;
}

/* JSON that was written with ' for ". */
static struct bytes
quoted(struct arena *a, const char *text)
{
	char	*copy = arena_str(a, bytes_str(text));

	for (char *p = copy; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return bytes_str(copy);
}

static enum err
check(struct arena *a, const struct check *how, const char *text,
    struct issues *is)
{
	struct json_doc	doc;

	*is = issues_on(a);
	if (json_doc(a, quoted(a, text), bytes_of(NULL, 0), &limits, is,
	    &doc) != OK)
		fail_msg("not for this test: %s: %s", text, is->first->text);
	return check_resource(a, how, doc.type, doc.tree, is);
}

/* "key place, key place" of all issues. */
static const char *
found(struct arena *a, const struct issues *is)
{
	const char	*out = "";

	for (const struct issue *i = is->first; i != NULL; i = i->next)
		out = arena_printf(a, "%s%s%s %s", out, *out == '\0' ? "" :
		    ", ", i->rule == NULL ? "-" : i->rule,
		    i->place == NULL ? "-" : i->place);
	return out;
}

struct fault_case {
	const char	*text, *found;
	enum err	 err;
};

static void
judge(struct arena *a, const struct fault_case *c, size_t n)
{
	const struct check	how = { .mode = CHECK_STORED };
	struct issues		is;
	enum err		e;

	for (; n > 0; n--, c++) {
		e = check(a, &how, c->text, &is);
		if (strcmp(found(a, &is), c->found) != 0 || e != c->err)
			fail_msg("%s:\n  is   %s %s\n  want %s %s", c->text,
			    err_name(e), found(a, &is), err_name(c->err),
			    c->found);
	}
}

#define PATIENT		"{'resourceType':'Patient',"
#define OBSERVATION	"{'resourceType':'Observation','status':'final'," \
			"'code':{'text':'a'},"
#define SUBJECT(ref)	OBSERVATION "'subject':{'reference':'" ref "'}}"
#define AT_SUBJECT	"Observation.subject.reference"
#define HOLDS(inner)	OBSERVATION "'contained':[" inner "],'subject':{" \
			"'reference':'#p'}}"

#endif
