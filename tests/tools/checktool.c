/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checktool.c -- what the base validation says about resources, as text.
 *
 * usage: checktool FILE...	one resource a file
 *        checktool -e FILE...	the resources of one Bundle a file
 *        checktool -		one a line, from stdin; Bundles: their resources
 *        checktool -l		one a line, from stdin; Bundles whole
 *        checktool -k		the keys of rules.tbl
 *        checktool -p		the rows of profiles.tbl
 *        checktool -t N FILE	N times, for callgrind
 *
 * Tab-separated: NAME TYPE ID, then a line "+ SEVERITY CODE KEY PLACE TEXT"
 * an issue; of -k: KEY PLACE judged|code ours|dstu2 error|warning.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fhir/check.h"
#include "fhir/json.h"
#include "fhir/profile.h"
#include "fhir/rule.h"

static const struct json_limits limits = {
	.bytes = 64 << 20, .depth = 64, .tokens = 2000000
};

struct tool {
	struct arena	*arena;
	bool		 entries;
};

static const char *
or_dash(const char *s)
{
	return s == NULL ? "-" : s;
}

static void
print_issues(const struct issues *is)
{
	static const char *const severity[] = { "error", "warning",
		"information" };

	for (const struct issue *i = is->first; i != NULL; i = i->next)
		printf("+\t%s\t%s\t%s\t%s\t%s\n", severity[i->severity],
		    i->code != NULL ? i->code : err_issue(i->err),
		    or_dash(i->rule), or_dash(i->place), i->text);
}

static void
check_tree(struct tool *t, const char *name, const json_t *tree)
{
	const struct check	 how = { .mode = CHECK_STORED };
	struct issues		 is = issues_on(t->arena);
	const json_t		*word = json_object_get(tree, "resourceType");
	const json_t		*id = json_object_get(tree, "id");
	const struct def_type	*type;
	enum err		 e;

	if (!json_is_string(word))
		return;
	type = def_type(json_text(word));
	e = check_resource(t->arena, &how, type == NULL ? 0 : type->num, tree,
	    &is);
	printf("%s\t%s\t%s\t%s\n", name, json_string_value(word),
	    json_is_string(id) ? json_string_value(id) : "-", err_name(e));
	print_issues(&is);
}

static void
check_text(struct tool *t, const char *name, struct bytes text)
{
	struct issues	 is = issues_on(t->arena);
	struct json_doc	 doc;
	const json_t	*list;
	enum err	 e = json_doc(t->arena, text, bytes_of(NULL, 0),
			    &limits, &is, &doc);

	if (e != OK) {
		printf("%s\t-\t-\t%s\n", name, err_name(e));
		print_issues(&is);
		return;
	}
	list = json_object_get(doc.tree, "entry");
	if (!t->entries || list == NULL) {
		check_tree(t, name, doc.tree);
		return;
	}
	for (size_t i = 0; i < json_array_size(list); i++)
		check_tree(t, name, json_object_get(json_array_get(list, i),
		    "resource"));
}

static struct bytes
read_file(struct arena *a, const char *name)
{
	FILE	*in = fopen(name, "rb");
	size_t	 n;
	long	 len;
	uint8_t	*p;

	if (in == NULL || fseek(in, 0, SEEK_END) != 0 ||
	    (len = ftell(in)) < 0 || fseek(in, 0, SEEK_SET) != 0) {
		perror(name);
		exit(66);
	}
	p = arena_room(a, (size_t)len);
	n = fread(p, 1, (size_t)len, in);
	fclose(in);
	return bytes_of(p, n);
}

static void
check_lines(struct tool *t)
{
	char	*line = NULL;
	size_t	 cap = 0;
	ssize_t	 n;

	while ((n = getline(&line, &cap, stdin)) > 0) {
		check_text(t, "-", bytes_of(line, (size_t)n));
		arena_reset(t->arena);
	}
	free(line);
}

static void
print_keys(void)
{
	size_t			 n;
	const struct rule	*r = rules_all(&n);

	for (; n > 0; n--, r++) {
		const struct def_elem	*e = rule_elem(r);

		printf("%s\t%s%s%s\t%s\t%s\t%s\n", rule_key(r),
		    def_shape_num(r->shape)->path, e == NULL ? "" : ".",
		    e == NULL ? "" : e->name, r->node == 0 ? "code" :
		    "judged", r->ours ? "ours" : "dstu2",
		    r->warning ? "warning" : "error");
	}
}

static void
print_row(const char *name, const struct profile_fact *f)
{
	printf("%s\trow\t%s\t%s\t%u\t%d\t%s\t%s\t%s\t%s\t", name, f->path,
	    f->asks ? "asks" : "base", f->min,
	    f->max == UINT16_MAX ? -1 : f->max, f->must_support ? "MS" : "-",
	    f->strength, or_dash(f->set), or_dash(f->fixed));
	for (size_t i = 0; i < N_ELEM(f->systems); i++)
		printf("%s ", f->systems[i] == NULL ? "" : f->systems[i]);
	printf("\t");
	for (uint16_t t = 1; t <= DEF_TYPES; t++)
		if (typeset_has(f->targets, t))
			printf("%s ", def_type_num(t)->name);
	printf("\n");
}

/*
 * PROFILE "row" PATH asks|base MIN MAX MS STRENGTH SET FIXED SYSTEMS TARGETS,
 * PROFILE "rule" KEY asks PATH error|warning ours|guide,
 * PROFILE "vital" LOINC asks UNITS; of each first PROFILE "url" URL - TYPE.
 */
static void
print_profile(const struct profile *p)
{
	const char		*name = profile_name(p), *code, *unit[4];
	struct profile_fact	 f;
	struct profile_rule	 r;
	size_t			 i, k;

	printf("%s\turl\t%s\t-\t%s\n", name, profile_url(p),
	    profile_type(p) == 0 ? "Extension" :
	    def_type_num(profile_type(p))->name);
	for (i = 0; profile_fact(p, i, &f); i++)
		print_row(name, &f);
	for (i = 0; profile_rule(p, i, &r); i++)
		printf("%s\trule\t%s\tasks\t%s\t%s\t%s\n", name, r.key,
		    or_dash(r.path), r.warning ? "warning" : "error",
		    r.ours ? "ours" : "guide");
	for (i = 0; profile_unit(p, i, &code, unit); i++) {
		printf("%s\tvital\t%s\tasks\t", name, code);
		for (k = 0; k < 4 && unit[k] != NULL; k++)
			printf("%s ", unit[k]);
		printf("\n");
	}
}

static void
print_profiles(void)
{
	for (size_t i = 0; profile_num(i) != NULL; i++)
		print_profile(profile_num(i));
}

static int
repeat(struct tool *t, const char *count, const char *name)
{
	const struct check	 how = { .mode = CHECK_STORED };
	struct issues		 is = issues_on(t->arena);
	struct json_doc		 doc;
	long			 n = strtol(count, NULL, 10);

	if (json_doc(t->arena, read_file(t->arena, name), bytes_of(NULL, 0),
	    &limits, &is, &doc) != OK)
		return 65;
	for (; n > 0; n--)
		if (check_resource(t->arena, &how, doc.type, doc.tree, &is) !=
		    OK)
			return 65;
	return 0;
}

int
main(int argc, char **argv)
{
	struct tool	t = { .arena = arena_new((size_t)1 << 32) };
	int		i = 1, status = 0;

	if (argc > 1 && strcmp(argv[1], "-k") == 0) {
		print_keys();
	} else if (argc > 1 && strcmp(argv[1], "-p") == 0) {
		print_profiles();
	} else if (argc == 4 && strcmp(argv[1], "-t") == 0) {
		status = repeat(&t, argv[2], argv[3]);
	} else if (argc == 2 && (strcmp(argv[1], "-") == 0 ||
	    strcmp(argv[1], "-l") == 0)) {
		t.entries = argv[1][1] == '\0';
		check_lines(&t);
	} else {
		if (argc > 1 && strcmp(argv[1], "-e") == 0) {
			t.entries = true;
			i++;
		}
		for (; i < argc; i++) {
			check_text(&t, argv[i], read_file(t.arena, argv[i]));
			arena_reset(t.arena);
		}
	}
	arena_free(&t.arena);
	return status;
}
