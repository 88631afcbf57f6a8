/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_scan.h -- the strict pass over resource text before Jansson.  (L1)
 *
 * Internal to fhir/json*.c.
 */
#ifndef FHIR_JSON_SCAN_H
#define FHIR_JSON_SCAN_H

#include "fhir/json.h"

#define JSON_NUM_TEXT	"\"\\u0001"	/* what a number becomes: this... */
#define JSON_NUM_END	"\""		/* ...its digits, and this */

struct json_scan {
	struct bytes	text;	/* white space dropped */
	struct bytes	tree;	/* the same, numbers as strings: for Jansson */
};

/*
 * in	text, lim  as json_doc
 * out	*out  in a, or borrowed from text where nothing had to change
 * err	ERR_SYNTAX, ERR_TOOBIG as json_doc, each with an issue; duplicate
 *		members are not looked for
 * cost	one pass
 */
enum err	json_scan(struct arena *a, struct bytes text,
		    const struct json_limits *lim, struct issues *is,
		    struct json_scan *out) NODISCARD;

/* "line 3, column 14" of a byte of text, both from 1, in characters. */
const char	*json_place(struct arena *a, struct bytes text, size_t at);

/* The byte of text that stands at byte at of scan's tree. */
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

/* Behind the string whose opening quote stands at i. */
size_t		json_skip_string(struct bytes t, size_t i);

/* Does name, with or without escapes, spell s (ASCII)? */
bool		json_name_is(struct bytes name, const char *s);

#endif
