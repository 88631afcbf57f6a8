/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fhir_extract.h -- a resource in, its values out as text.
 *
 * Resources are written with ' for ", and values read back as text: parts of
 * a value by "|", values by " & ".
 */
#ifndef TESTS_UNIT_FHIR_EXTRACT_H
#define TESTS_UNIT_FHIR_EXTRACT_H

#include "base/buf.h"
#include "fhir/extract_conv.h"
#include "tests/unit/unit.h"

static const struct json_limits extract_limits = {
	.bytes = 1 << 20, .depth = 64, .tokens = 200000
};

struct world {
	struct arena	*arena;
	struct base_urls urls;
	struct extract	 x;
	struct issues	 is;
	struct values	 values;
};

static inline int
open_world(void **state)
{
	struct arena *a = arena_new(0);
	struct world *w = arena_alloc(a, sizeof(*w));

	w->arena = a;
	w->urls.base = bytes_str("https://fhir.example.org/fhir");
	w->x.urls = &w->urls;
	*state = w;
	return 0;
}

static inline int
close_world(void **state)
{
	struct arena *a = ((struct world *)*state)->arena;

	arena_free(&a);
	return 0;
}

/* Extract; text with ' for ". */
static inline void
take(struct world *w, const char *text)
{
	char *copy = arena_str(w->arena, bytes_str(text)), *p;
	struct json_doc doc;

	for (p = copy; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	w->is = issues_on(w->arena);
	if (json_doc(w->arena, bytes_str(copy), bytes_of(NULL, 0),
	    &extract_limits, &w->is, &doc) != OK)
		fail_msg("refused: %s: %s", copy, w->is.first->text);
	assert_int_equal(extract_values(w->arena, &w->x, doc.type, doc.tree,
	    &w->is, &w->values), OK);
}

/* Shortest of the decimal's digits: enough to tell the few used here. */
static inline void
put_dec(struct buf *b, const struct dec *d)
{
	static const char *const known[] = {
		"0", "1", "2", "4", "5", "7", "72", "120", "80.50", "-3"
	};
	struct dec k, up;
	size_t i;

	if (dec_cmp(d, &prim_dec_min) == 0 || dec_cmp(d, &prim_dec_max) == 0) {
		buf_str(b, "*");
		return;
	}
	for (i = 0; i < N_ELEM(known); i++) {
		assert_int_equal(prim_dec(bytes_str(known[i]), &k), OK);
		up = prim_dec_next(k);
		if (dec_cmp(d, &k) == 0 || dec_cmp(d, &up) == 0) {
			buf_str(b, known[i]);
			buf_str(b, dec_cmp(d, &k) == 0 ? "" : "+");
			return;
		}
	}
	buf_str(b, "?");
}

static inline void
put_time(struct buf *b, int64_t ms)
{
	char iso[INSTANT_LEN];

	if (ms == TIME_MIN || ms == TIME_MAX) {
		buf_str(b, "*");
		return;
	}
	clock_iso((struct instant){ ms }, iso);
	buf_add(b, bytes_of(iso, 16));
}

static inline void
put_value(struct buf *b, const struct value *v)
{
	uint8_t i;

	switch (v->kind) {
	case PK_DATE:
		put_time(b, v->time.lo);
		buf_str(b, "..");
		put_time(b, v->time.hi);
		return;
	case PK_NUMBER:
	case PK_QUANTITY:
		put_dec(b, &v->lo);
		buf_str(b, "..");
		put_dec(b, &v->hi);
		if (v->kind == PK_NUMBER)
			return;
		buf_printf(b, "|%.*s|%.*s|%.*s", BYTES_FMT(v->more),
		    BYTES_FMT(v->text), BYTES_FMT(v->unit));
		return;
	case PK_REFERENCE:
		if (v->type != 0)
			buf_printf(b, "%s/", def_type_num(v->type)->name);
		buf_add(b, v->text);
		return;
	case PK_COMPOSITE:
		for (i = 0; i < v->n_part; i++) {
			buf_str(b, i > 0 ? " $ " : "");
			put_value(b, &v->part[i]);
		}
		return;
	case PK_TOKEN:
		buf_add(b, v->more);
		buf_str(b, "|");
		buf_add(b, v->text);
		return;
	default:
		buf_add(b, v->text);
		if (v->kind == PK_STRING && !bytes_eq(v->text, v->more)) {
			buf_str(b, "|");
			buf_add(b, v->more);
		}
	}
}

/* The values of a parameter, as text. */
static inline const char *
of(struct world *w, const char *code)
{
	struct buf b = buf_on(w->arena, 1 << 20);
	struct bytes out = { NULL, 0 };
	bool first = true;
	size_t i;

	for (i = 0; i < w->values.n; i++) {
		const struct value *v = &w->values.v[i];

		if (strcmp(def_param_num(v->param)->code, code) != 0)
			continue;
		assert_int_equal(v->kind, def_param_num(v->param)->kind);
		buf_str(&b, first ? "" : " & ");
		put_value(&b, v);
		first = false;
	}
	assert_int_equal(buf_end(&b, &out), OK);
	return arena_str(w->arena, out);
}

#define assert_of(w, code, text)	assert_string_equal(of(w, code), text)

#endif
