/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle_in.h -- a Bundle that asks for something, taken apart.  (L1)
 *
 * Batch, transaction, and history (to be replayed).  The envelope is judged
 * here, whole: unknown members, wrong kinds and limits; each resource stays
 * text and is judged by whoever stores it.  Names that a Bundle gives its
 * resources are replaced in the text, so that digits and strings survive.
 *
 * Spec: DSTU2 bundle.html, http.html#transaction, #2.1.0.16.2.
 */
#ifndef FHIR_BUNDLE_IN_H
#define FHIR_BUNDLE_IN_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/err.h"
#include "fhir/issue.h"
#include "fhir/json.h"

enum bundle_in_kind { BUNDLE_BATCH, BUNDLE_TRANSACTION, BUNDLE_REPLAY };

/* One entry; texts decoded, "" where there is none. */
struct bundle_request {
	struct bytes	full_url;
	struct bytes	resource;	/* as it stands in the text */
	struct bytes	type;		/* its resourceType */
	struct bytes	id;		/* its own id */
	struct bytes	method, url;
	struct bytes	if_none_match, if_modified, if_match, if_none_exist;
};

struct bundle_in {
	enum bundle_in_kind	 kind;
	struct bundle_request	*entry;
	size_t			 n;
};

/*
 * in	text	the body; borrowed by *out
 *	lim	of the whole text
 *	max	entries; beyond: ERR_TOOBIG
 * err	ERR_SYNTAX, ERR_VALUE, ERR_TOOBIG, each with an issue that names the
 *	entry
 */
enum err	bundle_read(struct arena *a, struct bytes text,
		    const struct json_limits *lim, size_t max,
		    struct issues *is, struct bundle_in *out) NODISCARD;

/* --- names --------------------------------------------------------------- */

/* What an entry is called in the Bundle, and what it is: "Patient/1". */
struct rename {
	struct bytes	from;		/* fullUrl */
	struct bytes	to;		/* "": not known yet */
};

/* A conditional reference: "Patient?identifier=1" to "Patient/1". */
typedef enum err rename_fn(void *arg, struct bytes reference,
		    struct bytes *to_out);

struct renames {
	const struct rename	*name;	/* sorted by from (rename_sort) */
	size_t			 n;
	struct bytes		 base;	/* base-url: leads what was found where
					 * no reference but a URL stands */
	struct bytes		 root;	/* of the entry's own fullUrl, up to
					 * its [type], or "": what relative
					 * references are relative to */
	rename_fn		*find;	/* NULL: conditional references are
					 * met, and left open */
	void			*arg;
};

void		rename_sort(struct rename *name, size_t n);

/* "http://x/fhir/" of "http://x/fhir/Patient/1"; "" of what is no such. */
struct bytes	rename_root(struct bytes full_url);

/*
 * Replace names in references, in elements of type uri, oid and uuid, and
 * in the links of the narrative.
 *
 * in	text	a resource that json_scan passed, without white space
 * out	*out	text itself where nothing was to be replaced
 *	*open_out  a name was met that is not known yet
 * err	of find; ERR_TOOBIG
 */
enum err	rename_text(struct arena *a, struct bytes text,
		    const struct renames *names, struct bytes *out,
		    bool *open_out) NODISCARD;

#endif
