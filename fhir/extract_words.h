/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract_words.h -- the words of a resource, as extract_extra wants them.
 *
 * Internal to fhir/.  (L1)
 */
#ifndef FHIR_EXTRACT_WORDS_H
#define FHIR_EXTRACT_WORDS_H

#include "fhir/extract.h"

/* Words, folded; sorted and each once after words_end. */
struct words {
	struct arena		*arena;
	struct extra_word	*w;
	size_t			 n, cap;
	bool			 narrative;	/* what is added now */
	bool			 full;		/* some were left out */
};

/* Of a text as text_fold left it. */
void		words_add(struct words *ws, struct bytes folded);

/* The end of the narrative, which comes first. */
void		words_narrated(struct words *ws);

/* Where some were left out the empty word stands first. */
void		words_end(struct words *ws);

/* Something a person would read?  Of a text as written. */
bool		words_prose(struct bytes text);

/*
 * Of every string below at, narratives left out, that a person would read.
 * What is not UTF-8 has no words; the resource was refused before.
 */
void		words_content(struct words *ws, const json_t *at,
		    unsigned depth);

/* The text of XHTML: tags are gaps, entities what they stand for. */
struct bytes	words_plain(struct arena *a, struct bytes xhtml);

#endif
