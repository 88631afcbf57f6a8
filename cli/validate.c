/* SPDX-License-Identifier: Apache-2.0 */
/*
 * validate.c -- tiphys validate: are these valid resources?  (L5)
 *
 * The judgement of tiphys-fhir on files, without a store and without a
 * configuration; with -c absolute references below base-url are known as
 * those of this server.  A Bundle is judged whole: it has rules of its own,
 * and those of its entries.
 */
#include <inttypes.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/input.h"
#include "cli/report.h"
#include "fhir/check.h"
#include "fhir/json.h"
#include "fhir/profile.h"

#define TEXT_MOST	((size_t)64 << 20)	/* bytes of a Bundle */
#define ISSUES_MOST	10000			/* of one, said */

static const struct cli_opt validate_options[] = {
	{ "profile", 'p', "URL", "by this profile, too; or its last part, "
	    "argo-..." },
	{ "quiet", 'q', NULL, "errors alone, no warnings" },
	{ NULL, 0, NULL, NULL }
};

static const struct json_limits limits = {
	.bytes = TEXT_MOST, .depth = 64, .tokens = 10000000
};

struct validate {
	struct cli		*c;
	struct arena		*arena;		/* of one value */
	struct base_urls	 urls;
	struct check		 how;
	uint16_t		 base;		/* asked for by its base
						 * profile, or 0 */
	bool			 quiet;
	uint64_t		 valid, invalid, warnings;
	enum err		 failed;	/* of the last file that was
						 * not read whole */
};

/* --- one value ----------------------------------------------------------- */

static void
say(struct validate *v, const struct report_at *at, const struct issue *i)
{
	static const char *const kinds[] = { "error", "warning",
	    "information" };

	report_line(v->c->out.f, v->arena, &(struct report){
	    .json = v->c->out.json, .lead = "", .kind = kinds[i->severity],
	    .code = i->code != NULL ? i->code : err_issue(i->err),
	    .place = i->place, .rule = i->rule, .what = i->text }, at);
}

static void
say_all(struct validate *v, const struct report_at *at, enum err e,
    const struct issues *is)
{
	const struct issue *i;

	for (i = is->first; i != NULL; i = i->next) {
		v->warnings += i->severity == SEV_WARNING;
		if (i->severity == SEV_ERROR || !v->quiet)
			say(v, at, i);
	}
	if (e != OK && is->first == NULL)
		say(v, at, &(struct issue){ .err = e,
		    .text = err_text(e) });
	v->valid += e == OK;
	v->invalid += e != OK;
}

/* By the base of one type nothing else is judged but Bundles, whole. */
static enum err
judge_base(const struct validate *v, const struct json_doc *doc,
    struct issues *is)
{
	const char *type = def_type_num(doc->type)->name;

	if (v->base == 0 || v->base == doc->type ||
	    strcmp(type, "Bundle") == 0)
		return OK;
	return issue_add(is, ERR_RULE, "profile", type, "this is no %s",
	    def_type_num(v->base)->name);
}

static void
judge(struct validate *v, const struct input_value *value, const char *file)
{
	const struct report_at at = { .file = file, .line = value->line,
	    .column = value->column, .entry = -1 };
	struct issues is = issues_on(v->arena);
	struct json_doc doc = { .tree = NULL };
	enum err e, f = OK, base = OK;

	if (value->too_long)
		e = issue_add(&is, ERR_TOOBIG, "resource-bytes", NULL,
		    "longer than %zu bytes", TEXT_MOST);
	else
		e = json_doc(v->arena, value->text, bytes_of(NULL, 0),
		    &limits, &is, &doc);
	if (doc.tree != NULL) {
		f = check_resource(v->arena, &v->how, doc.type, doc.tree,
		    &is);
		base = judge_base(v, &doc, &is);
	}
	say_all(v, &at, e != OK ? e : f != OK ? f : base, &is);
	arena_reset(v->arena);
}

/* --- files ---------------------------------------------------------------- */

/* A file that cannot be read to its end does not stop the others. */
static void
judge_file(struct validate *v, struct input_file *f)
{
	const char *name = strcmp(f->name, "-") == 0 ? "standard input" :
	    f->name;
	struct input_value value;
	const char *why = NULL;
	struct input *in;
	enum err e;

	e = input_open(v->c, f, TEXT_MOST, -1, &in);
	if (e != OK) {
		v->failed = e;
		return;
	}
	for (;;) {
		e = input_next(in, &value, &why);
		if (e != OK)
			break;
		judge(v, &value, name);
	}
	if (e != ERR_NOTFOUND)
		v->failed = cli_fail(v->c, e, name, why, NULL);
	input_close(in);
}

static void
summary(const struct validate *v)
{
	FILE *f = v->c->out.f;

	fprintf(f, v->c->out.json ? "{\"summary\":{\"valid\":%" PRIu64
	    ",\"invalid\":%" PRIu64 ",\"warnings\":%" PRIu64 "}}\n" :
	    "%" PRIu64 " valid, %" PRIu64 " invalid, %" PRIu64
	    " warnings\n", v->valid, v->invalid, v->warnings);
}

/* --- the command ---------------------------------------------------------- */

/* By its url, or by its name: "argo-patient". */
static enum err
take_profile(struct validate *v)
{
	const char *name = cli_value(v->c, "profile", NULL), *near;
	const char **names;
	const struct profile *p;
	size_t n = 0, i;

	if (name == NULL || profile_base(bytes_str(name), &v->base))
		return OK;
	v->how.profile = profile_find(bytes_str(name));
	while (profile_num(n) != NULL)
		n++;
	names = arena_array(v->c->arena, n + 1, sizeof *names);
	for (i = 0; i < n; i++) {
		p = profile_num(i);
		names[i] = profile_name(p);
		if (strcmp(names[i], name) == 0)
			v->how.profile = p;
	}
	if (v->how.profile != NULL && profile_type(v->how.profile) != 0)
		return OK;
	near = text_near(bytes_str(name), names);
	return cli_fail(v->c, ERR_USAGE, "--profile",
	    v->how.profile != NULL ? "is of an extension, not of a resource" :
	    "is no profile Tiphys knows", near == NULL ||
	    v->how.profile != NULL ? "tiphys-validation(7) lists them" :
	    arena_printf(v->c->arena, "did you mean %s?", near));
}

/* With -c: what this server calls itself. */
static enum err
take_urls(struct validate *v)
{
	const struct conf *conf;
	enum err e;

	if (v->c->conf_path == NULL)
		return OK;
	e = cli_conf(v->c);
	if (e != OK)
		return e;
	conf = v->c->conf;
	v->urls = prim_urls(conf);
	v->how.urls = &v->urls;
	return OK;
}

static enum err
validate(struct cli *c)
{
	struct validate v = { .c = c, .quiet = cli_flag(c, "quiet"),
	    .how = { .mode = CHECK_STORED, .max = ISSUES_MOST } };
	struct input_list in = { .n = 0 };
	enum err e;
	size_t i;

	e = take_profile(&v);
	if (e == OK)
		e = take_urls(&v);
	if (e == OK)
		e = input_find(c, &in);
	if (e != OK)
		return e;
	v.arena = arena_new(0);
	for (i = 0; i < in.n; i++)
		judge_file(&v, &in.file[i]);
	summary(&v);
	arena_free(&v.arena);
	if (v.invalid > 0)
		c->status = 1;
	return v.failed;
}

const struct cli_cmd cmd_validate = {
	.name = "validate",
	.operands = "PATH...",
	.min = 1,
	.max = -1,
	.flags = CLI_NOCONF,
	.opt = validate_options,
	.run = validate,
	.help = "Say whether files hold valid resources, and what is wrong",
};
