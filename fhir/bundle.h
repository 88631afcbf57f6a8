/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle.h -- Bundles that go out, around stored bytes.  (L1)
 *
 * Entries are copied as they stand in the store; nothing is parsed again.
 *
 * Spec: DSTU2 bundle.html, http.html#history, search.html#2.1.1.
 */
#ifndef FHIR_BUNDLE_H
#define FHIR_BUNDLE_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"

enum bundle_kind { BUNDLE_SEARCHSET, BUNDLE_HISTORY };

enum entry_mode { ENTRY_MATCH, ENTRY_INCLUDE, ENTRY_OUTCOME };

struct bundle_entry {
	uint16_t	 type;
	struct bytes	 id;
	uint64_t	 version;
	struct instant	 updated;
	bool		 deleted;	/* history alone: no body, DELETE */
	enum entry_mode	 mode;		/* searchset */
	struct bytes	 body;		/* stored text; empty when deleted */
};

struct bundle_link { const char *relation; struct bytes url; };

struct bundle {
	enum bundle_kind	 kind;
	struct bytes		 base;		/* base-url */
	uint64_t		 total;
	const struct bundle_link *link;
	size_t			 n_link;
	const struct bundle_entry *entry;
	size_t			 n_entry;
	struct instant		 now;		/* meta.lastUpdated */
	struct bytes		 id;		/* random id of the Bundle */
};

/*
 * No empty arrays, no nulls (interop 26).
 *
 * in	b	base, links and ids are clean (nothing to escape in JSON);
 *		bodies are whole JSON objects; every entry has an id, an
 *		outcome too (bdl-6)
 * cost	one pass for the size, one of plain copies
 */
void	bundle_json(const struct bundle *b, struct buf *out);

/* --- answers to a batch or transaction ------------------------------------ */

/* What became of one entry. */
struct bundle_answer {
	const char	*status;	/* "201 Created" */
	struct bytes	 location;	/* relative, or "" */
	struct bytes	 etag;		/* or "" */
	struct instant	 modified;
	bool		 has_modified;
	struct bytes	 full_url;	/* where a body stands (bdl-6) */
	struct bytes	 body;		/* resource or outcome; or "" */
};

/* in: type  "batch-response" or "transaction-response"; texts clean */
void	bundle_answers(const char *type, struct bytes id,
	    const struct bundle_answer *answer, size_t n, struct buf *out);

#endif
