/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owner.h -- what owner.c and owner_binary.c share.  (L1)
 *
 * Internal: the door is extract.h.
 */
#ifndef FHIR_OWNER_H
#define FHIR_OWNER_H

#include "fhir/extract.h"

/* A growing list of references. */
struct refs {
	struct ref	*r;
	size_t		 n, cap;
};

void	refs_add(struct arena *a, struct refs *list, const struct ref *r);

/* By type and id, none twice. */
void	refs_sort(struct refs *list);

/* The Binaries of this server that a url element of the resource names. */
void	owner_binaries(struct arena *a, const struct extract *x,
	    uint16_t type, const json_t *tree, struct refs *out);

#endif
