/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf.h -- the configuration: one strict "key = value" file.  (L0)
 *
 * CONF_TABLE (conf_keys.h) has one row per key: name, kind, default, least,
 * greatest, unit.
 * tiphys.conf(5) documents the same rows; a lint compares them.  A key that
 * is unknown, given twice, or out of range is an error with its line, and so
 * is a required key left out: nothing is guessed (attack case CNF-04).
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/conf_keys.h"
#include "base/err.h"

enum conf_kind {
	CONF_NUM,	/* decimal, in the unit of the row */
	CONF_BOOL,	/* yes | no */
	CONF_TEXT,	/* one line, white space trimmed */
	CONF_PATH,	/* absolute, or relative to the file's folder */
	CONF_URL,	/* http or https, absolute, no query, no final "/" */
	CONF_LIST,	/* URLs, separated by white space */
	CONF_OFFSET	/* of UTC: "Z", "+01:00"; num has the minutes */
};

enum conf_id {
#define X(id, name, kind, def, min, max, unit) id,
	CONF_TABLE(X)
#undef X
	CONF__MAX
};

struct conf_row {
	const char	*name;		/* "base-url" */
	enum conf_kind	 kind;
	const char	*def;		/* default as text; NULL: required;
					 * "": absent */
	int64_t		 min, max;	/* CONF_NUM: both included;
					 * texts: length in bytes */
	const char	*unit;		/* "bytes", "s", "" ... */
};

extern const struct conf_row conf_rows[CONF__MAX];

struct conf {
	const char	*file;		/* absolute path of the file read */
	const char	*dir;		/* its folder */
	int64_t		 num[CONF__MAX];	/* NUM, BOOL (0, 1) */
	struct bytes	 text[CONF__MAX];	/* TEXT, PATH, URL; a NUL
						 * follows; len 0: unset */
	struct bytes	*list[CONF__MAX];	/* CONF_LIST */
	size_t		 n_list[CONF__MAX];
	bool		 given[CONF__MAX];	/* stood in the file */
};

/*
 * Read and check a file.
 *
 * in	path  the file, or NULL: TIPHYS_CONFIG, then the compiled default
 * out	*conf_out lives as long as a; *why_out (in a) says, on error,
 *	"FILE:LINE: what, and what would be right"
 * err	ERR_CONFIG  anything wrong with the text, or world-readable secrets
 *	ERR_NOTFOUND  the file cannot be read
 */
enum err	conf_load(struct arena *a, const char *path,
		    struct conf **conf_out, const char **why_out) NODISCARD;

/* The same for text in memory; name and dir stand for the file. */
enum err	conf_parse(struct arena *a, const char *name, const char *dir,
		    struct bytes text, struct conf **conf_out,
		    const char **why_out) NODISCARD;

/* The path of a folder or file below data-dir: conf_below(a, c, "store"). */
const char	*conf_below(struct arena *a, const struct conf *c,
		    const char *name);

#endif
