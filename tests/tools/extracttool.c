/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extracttool.c -- what the extractor makes of resources, as text.
 *
 * usage: extracttool [-b BASE] FILE...	one resource or Bundle a file
 *        extracttool [-b BASE] -	one a line, from stdin
 *        extracttool -t N FILE		time: N extractions of one resource
 *
 * Entries of a Bundle of type transaction or batch are taken by themselves.
 * One line per fact, tab-separated; texts are JSON strings:
 *
 *	R name type id			a resource begins
 *	T text				its trimmed text
 *	F text				its stored text, version 1
 *	V code kind field...		a value (fields: print_value)
 *	O kind [ids] [targets] [binaries]
 *	W place text			a warning
 *	E name place text		refused
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "fhir/extract.h"
#include "fhir/json_scan.h"

static const struct json_limits limits = {
	.bytes = 64 << 20, .depth = 64, .tokens = 2000000
};

struct tool {
	struct arena		*arena;
	struct base_urls	 urls;
};

static void
put(struct arena *a, struct bytes text)
{
	struct buf b = buf_on(a, SIZE_MAX / 4);
	struct bytes out;

	buf_json(&b, text);
	if (buf_end(&b, &out) == OK)
		printf("\t%.*s", BYTES_FMT(out));
}

static void
put_dec(const struct dec *d)
{
	int i;

	putchar('\t');
	for (i = 0; i < DEC_LEN; i++)
		printf("%02x", d->b[i]);
}

/* The fields of the kind, those of the parts of a COMPOSITE one by one. */
static void
print_fields(struct arena *a, const struct value *v)
{
	uint8_t i;

	printf("\t%s", def_kind_name((enum param_kind)v->kind));
	switch (v->kind) {
	case PK_DATE:
		printf("\t%lld\t%lld", (long long)v->time.lo,
		    (long long)v->time.hi);
		break;
	case PK_NUMBER:
	case PK_QUANTITY:
		put_dec(&v->lo);
		put_dec(&v->hi);
		put(a, v->text);
		put(a, v->more);
		put(a, v->unit);
		break;
	case PK_REFERENCE:
		printf("\t%s", v->type == 0 ? "-" :
		    def_type_num(v->type)->name);
		put(a, v->text);
		break;
	case PK_COMPOSITE:
		for (i = 0; i < v->n_part; i++)
			print_fields(a, &v->part[i]);
		break;
	default:
		put(a, v->text);
		put(a, v->more);
	}
}

static void
print_refs(struct arena *a, const struct ref *r, size_t n)
{
	struct buf b = buf_on(a, SIZE_MAX / 4);
	struct bytes out;
	size_t i;

	for (i = 0; i < n; i++)
		buf_printf(&b, "%s%s/%.*s", i > 0 ? "," : "",
		    def_type_num(r[i].type)->name, BYTES_FMT(r[i].id));
	if (buf_end(&b, &out) == OK)
		printf("\t[%.*s]", BYTES_FMT(out));
}

static void
print_owners(struct arena *a, const struct owners *o)
{
	static const char *const kinds[] = {
		[OWNER_ONE] = "one", [OWNER_MANY] = "many",
		[OWNER_SHARED] = "shared", [OWNER_UNOWNED] = "unowned"
	};
	size_t i;

	printf("O\t%s\t[", kinds[o->kind]);
	for (i = 0; i < o->n; i++)
		printf("%s%.*s", i > 0 ? "," : "", BYTES_FMT(o->id[i]));
	putchar(']');
	print_refs(a, o->target, o->n_target);
	print_refs(a, o->binary, o->n_binary);
	putchar('\n');
}

static void
print_issues(const char *name, const struct issues *is)
{
	const struct issue *i;

	for (i = is->first; i != NULL; i = i->next) {
		if (i->severity == SEV_ERROR)
			printf("E\t%s", name);
		else
			printf("W");
		printf("\t%s\t%s\n", i->place == NULL ? "-" : i->place,
		    i->text);
	}
}

static bool
resource(struct tool *t, const char *name, struct bytes text)
{
	struct extract x = { .urls = &t->urls };
	struct issues is = issues_on(t->arena);
	struct values values = { NULL, 0 };
	struct owners owners;
	struct json_doc doc;
	struct bytes stored;
	enum err e;
	size_t i;

	e = json_doc(t->arena, text, bytes_of(NULL, 0), &limits, &is, &doc);
	if (e == OK)
		e = extract_values(t->arena, &x, doc.type, doc.tree, &is,
		    &values);
	if (e == OK)
		e = extract_owners(t->arena, &x, doc.type, doc.id, doc.tree,
		    &owners);
	if (e != OK) {
		print_issues(name, &is);
		return false;
	}
	stored = json_final(t->arena, doc.head, doc.tail, 1,
	    (struct instant){ 0 });
	printf("R\t%s\t%s\t%.*s\nT\t%.*s\nF\t%.*s\n", name,
	    def_type_num(doc.type)->name, BYTES_FMT(doc.id),
	    BYTES_FMT(doc.text), BYTES_FMT(stored));
	for (i = 0; i < values.n; i++) {
		printf("V\t%s", def_param_num(values.v[i].param)->code);
		print_fields(t->arena, &values.v[i]);
		putchar('\n');
	}
	print_owners(t->arena, &owners);
	print_issues(name, &is);
	return true;
}

/* Entries of a transaction or batch one by one, anything else whole. */
static bool
text_or_bundle(struct tool *t, const char *name, struct bytes text)
{
	struct issues is = issues_on(t->arena);
	struct json_member m;
	struct json_doc doc;
	const char *type;
	struct bytes list = { NULL, 0 };
	bool ok = true;
	size_t at = 0, in, i;

	if (json_doc(t->arena, text, bytes_of(NULL, 0), &limits, &is,
	    &doc) != OK)
		return resource(t, name, text);
	type = json_string_value(json_object_get(doc.tree, "type"));
	while (json_next(doc.text, &at, &m))
		if (json_name_is(m.name, "entry"))
			list = m.value;
	if (strcmp(def_type_num(doc.type)->name, "Bundle") != 0 ||
	    type == NULL || list.len == 0 ||
	    (strcmp(type, "transaction") != 0 && strcmp(type, "batch") != 0))
		return resource(t, name, text);
	/* each element of the array is an object: step from one to the next */
	for (i = 1; i < list.len; i += in + 2) {
		in = 0;
		while (json_next(bytes_from(list, i), &in, &m))
			if (json_name_is(m.name, "resource") &&
			    !resource(t, name, m.value))
				ok = false;
	}
	return ok;
}

static bool
file(struct tool *t, const char *name)
{
	FILE *f = fopen(name, "rb");
	struct bytes text;
	uint8_t *p;
	long len;
	bool ok;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0)
		return false;
	len = ftell(f);
	rewind(f);
	p = arena_alloc(t->arena, (size_t)len + 1);
	text = bytes_of(p, fread(p, 1, (size_t)len, f));
	fclose(f);
	ok = text_or_bundle(t, name, text);
	arena_reset(t->arena);
	return ok;
}

static bool
lines(struct tool *t)
{
	char *line = NULL, name[32];
	size_t cap = 0, n = 0;
	bool ok = true;
	ssize_t len;

	while ((len = getline(&line, &cap, stdin)) > 0) {
		snprintf(name, sizeof(name), "line-%zu", ++n);
		if (!text_or_bundle(t, name, bytes_of(line, (size_t)len)))
			ok = false;
		arena_reset(t->arena);
	}
	free(line);
	return ok;
}

static double
seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Microseconds of each step for one resource. */
static int
timing(struct tool *t, const char *name, long n)
{
	struct extract x = { .urls = &t->urls };
	double spent[4] = { 0 }, from;
	struct arena *keep = arena_new(0);
	FILE *f = fopen(name, "rb");
	struct values values;
	struct owners owners;
	struct json_doc doc;
	struct bytes text, scan;
	uint8_t *p;
	long i;

	if (f == NULL)
		return EXIT_FAILURE;
	p = arena_alloc(keep, 1 << 20);
	text = bytes_of(p, fread(p, 1, 1 << 20, f));
	fclose(f);
	for (i = 0; i < n; i++) {
		struct issues is = issues_on(t->arena);

		from = seconds();
		if (json_scan(t->arena, text, &limits, &is, &scan) != OK)
			return EXIT_FAILURE;
		spent[0] += seconds() - from;
		from = seconds();
		if (json_doc(t->arena, text, bytes_of(NULL, 0), &limits,
		    &is, &doc) != OK)
			return EXIT_FAILURE;
		spent[1] += seconds() - from;
		from = seconds();
		if (extract_values(t->arena, &x, doc.type, doc.tree, &is,
		    &values) != OK)
			return EXIT_FAILURE;
		spent[2] += seconds() - from;
		from = seconds();
		if (extract_owners(t->arena, &x, doc.type, doc.id, doc.tree,
		    &owners) != OK)
			return EXIT_FAILURE;
		spent[3] += seconds() - from;
		arena_reset(t->arena);
	}
	printf("%zu bytes: scan %.2f us, json_doc %.2f us, values %.2f us, "
	    "owners %.2f us\n", text.len, spent[0] / (double)n * 1e6,
	    spent[1] / (double)n * 1e6, spent[2] / (double)n * 1e6,
	    spent[3] / (double)n * 1e6);
	arena_free(&keep);
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	struct tool t = { .arena = arena_new(0) };
	long rounds = 0;
	bool ok = true;
	int opt, i;

	t.urls.base = bytes_str("https://fhir.example.org/fhir");
	while ((opt = getopt(argc, argv, "b:t:")) != -1) {
		if (opt == 'b')
			t.urls.base = bytes_str(optarg);
		else if (opt == 't')
			rounds = strtol(optarg, NULL, 10);
		else
			return 64;
	}
	for (i = optind; i < argc; i++) {
		if (rounds > 0)
			ok = timing(&t, argv[i], rounds) == 0 && ok;
		else if (strcmp(argv[i], "-") == 0)
			ok = lines(&t) && ok;
		else
			ok = file(&t, argv[i]) && ok;
	}
	arena_free(&t.arena);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
