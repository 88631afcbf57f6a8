/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_kit.h -- what the tests of the store share: folders that vanish,
 * a configuration, hand-made changes.
 */
#ifndef TESTS_STORE_KIT_H
#define TESTS_STORE_KIT_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/conf.h"
#include "fhir/extract.h"
#include "store/maint.h"
#include "tests/unit/unit.h"

static int
kit_remove(const char *path, const struct stat *st UNUSED, int type UNUSED,
    struct FTW *ftw UNUSED)
{
	return remove(path);
}

static void
kit_rmdir(void *p)
{
	(void)nftw(p, kit_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* A fresh folder, gone with the arena; below base, or where tests may. */
static inline const char *
kit_dir_in(struct arena *a, const char *base)
{
	char *dir = arena_printf(a, "%s/tiphys-test-XXXXXX", base);

	assert_non_null(mkdtemp(dir));
	arena_defer(a, kit_rmdir, dir);
	return dir;
}

static inline const char *
kit_dir(struct arena *a)
{
	const char *base = getenv("TMPDIR");

	return kit_dir_in(a, base == NULL ? "/tmp" : base);
}

/* more: further lines of the configuration. */
static inline struct conf *
kit_conf(struct arena *a, const char *dir, const char *more)
{
	const char *text, *why = "";
	struct conf *c = NULL;

	text = arena_printf(a, "base-url = http://127.0.0.1/fhir\n"
	    "map-bytes = 4194304\nmap-bytes-max = 1073741824\n"
	    "readers = 32\n%s", more);
	if (conf_parse(a, "test.conf", dir, bytes_str(text), &c, &why) != OK)
		fail_msg("%s", why);
	return c;
}

static const uint8_t kit_seed[32] = { 7, 1, 2, 3 };

static inline struct store *
kit_store_conf(struct arena *a, const struct conf *c)
{
	const char *why = "";
	struct store *s = NULL;

	if (store_create(c, kit_seed, a, &why) != OK ||
	    store_open(a, c, STORE_WRITE, &s, &why) != OK)
		fail_msg("%s", why);
	return s;
}

static inline struct store *
kit_store(struct arena *a)
{
	return kit_store_conf(a, kit_conf(a, kit_dir(a), ""));
}

static inline uint16_t
kit_type(const char *name)
{
	const struct def_type *t = def_type(bytes_str(name));

	assert_non_null(t);
	return t->num;
}

static const struct json_limits kit_limits = {
	.bytes = 1 << 20, .depth = 64, .tokens = 100000
};

static inline struct extract
kit_extract(struct arena *a)
{
	struct base_urls *u = arena_alloc(a, sizeof(*u));

	u->base = bytes_str("http://127.0.0.1/fhir");
	return (struct extract){ .urls = u };
}

/* A PUT of this text, everything about it extracted. */
static inline struct change
kit_put(struct arena *a, const char *text)
{
	struct issues is = issues_on(a);
	struct extract x = kit_extract(a);
	struct json_doc *doc = arena_alloc(a, sizeof(*doc));
	struct values *v = arena_alloc(a, sizeof(*v));
	struct owners *o = arena_alloc(a, sizeof(*o));
	struct extra *extra = arena_alloc(a, sizeof(*extra));

	if (json_doc(a, bytes_str(text), bytes_of(NULL, 0), &kit_limits,
	    &is, doc) != OK)
		fail_msg("%s: %s", text, is.first->text);
	assert_int_equal(extract_values(a, &x, doc->type, doc->tree, &is,
	    v), OK);
	assert_int_equal(extract_extra(a, &x, doc->type, doc->tree, extra),
	    OK);
	assert_int_equal(extract_owners(a, &x, doc->type, doc->id,
	    doc->tree, o), OK);
	return (struct change){ .kind = CHANGE_PUT, .type = doc->type,
	    .id = doc->id, .doc = doc, .values = v, .extra = extra,
	    .owners = o };
}

/* Likewise, of what must not be there. */
static inline struct change
kit_create(struct arena *a, const char *text)
{
	struct change c = kit_put(a, text);

	c.create = true;
	return c;
}

static inline struct change
kit_delete(const char *type, const char *id)
{
	return (struct change){ .kind = CHANGE_DELETE,
	    .type = kit_type(type), .id = bytes_str(id) };
}

/* One change by the loader at this time. */
static inline struct change_result
kit_apply_at(struct store *s, struct arena *a, struct change c, int64_t ms)
{
	struct change_result r;

	r.err = store_apply(s, a, NULL, &c, 1, (struct instant){ ms }, &r);
	return r;
}

static inline struct change_result
kit_apply(struct store *s, struct arena *a, struct change c)
{
	struct change_result r = kit_apply_at(s, a, c, 1000);

	assert_int_equal(r.err, OK);
	return r;
}

#endif
