/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_scan.h -- the strict pass over resource text, and what follows.  (L1)
 *
 * Internal to fhir/json*.c and fhir/summary.c.
 */
#ifndef FHIR_JSON_SCAN_H
#define FHIR_JSON_SCAN_H

#include "fhir/json.h"

#define JSON_NUM_MAX	64	/* characters of a number */

/*
 * in	text, lim  as json_doc
 * out	*out  the text without its white space, in a
 * err	ERR_SYNTAX, ERR_TOOBIG as json_doc, each with an issue, or one for
 *		each empty value and null; duplicate members are not looked
 *		for
 * cost	one pass
 */
enum err	json_scan(struct arena *a, struct bytes text,
		    const struct json_limits *lim, struct issues *is,
		    struct bytes *out) NODISCARD;

/*
 * The tree of text that json_scan gave; the caller frees it.
 * out	*tree_out, or on error *at_out: the byte it happened at
 * err	ERR_SYNTAX  a member stands twice in one object; ERR_NOMEM
 */
enum err	json_tree(struct arena *a, struct bytes text, json_t **tree_out,
		    size_t *at_out) NODISCARD;

/* "line 3, column 14" of a byte of text, both from 1, in characters. */
const char	*json_place(struct arena *a, struct bytes text, size_t at);

/* The byte of text that stands at byte at once white space is dropped. */
size_t		json_origin(struct bytes text, size_t at);

/* One member of an object in checked text without white space. */
struct json_member {
	struct bytes	name;	/* between its quotes, escapes as they are */
	struct bytes	all;	/* name, colon and value */
	struct bytes	value;
};

/* obj begins with "{"; *at starts at 0.  false at its end. */
bool		json_next(struct bytes obj, size_t *at,
		    struct json_member *out);

/* list begins with "["; likewise one value of an array. */
bool		json_item(struct bytes list, size_t *at, struct bytes *out);

/* A string value with its quotes: what it says; borrowed where it can be. */
struct bytes	json_string_text(struct arena *a, struct bytes value);

/* Behind the string whose opening quote stands at i. */
size_t		json_skip_string(struct bytes t, size_t i);

/* The value of four hexadecimal digits, which the scan has checked. */
unsigned	json_hex4(const uint8_t *p);

/* Does name, with or without escapes, spell s (ASCII)? */
bool		json_name_is(struct bytes name, const char *s);

#endif
