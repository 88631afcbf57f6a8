/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract_words.h -- the words of a resource, as extract_extra wants them.
 *
 * Internal to fhir/.  (L1)
 */
#ifndef FHIR_EXTRACT_WORDS_H
#define FHIR_EXTRACT_WORDS_H

#include "fhir/extract.h"

/* Words, folded; sorted and each once after words_close. */
struct words {
	struct arena	*arena;
	struct bytes	*w;
	size_t		 n, cap;
	bool		 full;		/* EXTRA_WORDS: some were left out */
};

/* What is not UTF-8 has no words; the resource was refused before. */
void		words_add(struct words *ws, struct bytes text);
void		words_close(struct words *ws);

/* Of every string below at, narratives left out, that a person would read. */
void		words_content(struct words *ws, const json_t *at,
		    unsigned depth);

/* The text of XHTML: tags are gaps, entities what they stand for. */
struct bytes	words_plain(struct arena *a, struct bytes xhtml);

#endif
