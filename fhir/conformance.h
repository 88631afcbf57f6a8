/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conformance.h -- the Conformance statement, from the tables.  (L1)
 *
 * What the server can do comes as an argument, from the rows it routes by;
 * types and search parameters come from def.h, and only what query.h really
 * searches is listed.  Says nothing about version, host or path beyond the
 * base URL (CNF-06).  The same arguments give the same bytes, so a digest
 * of them serves as ETag.
 *
 * Spec: DSTU2 conformance.html; Argonaut Conformance/server; SMART
 * oauth-uris; interop 8, 21.
 */
#ifndef FHIR_CONFORMANCE_H
#define FHIR_CONFORMANCE_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "fhir/def.h"

enum conformance_op {
	CONF_READ = 1,
	CONF_VREAD = 2,
	CONF_UPDATE = 4,
	CONF_DELETE = 8,
	CONF_HISTORY = 16,	/* of an instance */
	CONF_HISTORY_TYPE = 32,
	CONF_CREATE = 64,
	CONF_SEARCH = 128
};

struct conformance_type {
	uint16_t	type;
	unsigned	ops;		/* of enum conformance_op, at least
					 * one: a type without stays out */
};

/* "$everything" of "Patient"; of "Resource" where it is of any type. */
struct conformance_operation {
	struct bytes	type, name;	/* name without "$" */
};

/* SMART endpoints, absolute; "" where there is none. */
struct conformance_oauth {
	struct bytes	authorize, token, registration, manage, introspect,
			revoke;
};

struct conformance {
	struct bytes		 base;		/* base-url */
	const char		*date;		/* of this statement: a FHIR
						 * date, a build constant */
	const char		*description;	/* of this installation */
	const struct conformance_type *type;	/* each type once (cnf-9) */
	size_t			 n_type;
	const struct conformance_oauth *oauth;	/* NULL: no issuer */
	const struct conformance_operation *operation;	/* each once */
	size_t			 n_operation;
	bool			 update_create;	/* PUT may create */
	bool			 delete_all;	/* a conditional delete
						 * may be of several */
	const char *const	*system;	/* codes of interactions with
						 * the whole: transaction,
						 * search-system,
						 * history-system */
	size_t			 n_system;
};

/* One Conformance resource as compact JSON. */
void	conformance_json(const struct conformance *c, struct buf *out);

#endif
