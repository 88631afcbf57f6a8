/* SPDX-License-Identifier: Apache-2.0 */
/*
 * term.h -- code systems and value sets, compiled from codes.tbl.  (L1)
 *
 * Every code system FHIR DSTU2 defines and a required binding, a search or
 * an Argonaut profile needs stands here with its codes and their order below
 * one another; so does every value set of those.  Systems of others (SNOMED
 * CT, LOINC, RxNorm ...) are known by name, their codes are not: about them
 * the answer is TERM_UNKNOWN wherever it hangs on a code's meaning.
 *
 * Read-only sorted arrays: no cost at start, no allocation, O(log n) each.
 * Nothing here is on disk.
 *
 * Spec: DSTU2 terminologies.html, valueset.html; Argonaut Data Query 1.0.0.
 */
#ifndef FHIR_TERM_H
#define FHIR_TERM_H

#include "base/arena.h"
#include "base/bytes.h"

enum term_answer {
	TERM_OUT,	/* certainly not */
	TERM_IN,	/* certainly, or "every code of S" and it is of S */
	TERM_UNKNOWN	/* needs the codes of a system we do not carry */
};

struct term_set;	/* opaque rows of the tables */
struct term_system;

/* --- value sets ----------------------------------------------------------- */

/*
 * By canonical url ("http://hl7.org/fhir/ValueSet/observation-status"; a
 * "|version" is passed over) or by its last part ("observation-status").
 * NULL: not carried.
 */
const struct term_set	*term_set(struct bytes url_or_name);

/*
 * The set of def_binding(binding); NULL for 0 and beyond.
 * cost	one array access: validation asks at every coded element
 */
const struct term_set	*term_binding(uint16_t binding);

/* The set of a row of the tables, by number: as cheap. */
const struct term_set	*term_set_num(uint16_t num);

const char		*term_set_url(const struct term_set *set);
const char		*term_set_name(const struct term_set *set);

/*
 * Is this code in the set?
 *
 * in	system	of the Coding; "" is a Coding without one, which is in no
 *		set but those of media types and languages
 *	any_system	the element is a code, which has no system: any of
 *		the set's will do
 */
enum term_answer	 term_has(const struct term_set *set,
			    struct bytes system, bool any_system,
			    struct bytes code);

/*
 * Does the set take codes of this system at all?  For diagnostics: a wrong
 * system is another fault than a wrong code.
 */
bool			 term_set_system(const struct term_set *set,
			    struct bytes system);

/* One code as it stands in the tables; texts end in NUL, too. */
struct term_code {
	struct bytes	system, code;
};

/*
 * The codes of a set, one by one: *at is 0 first and belongs to the
 * iteration.  Those of systems we do not carry are left out; term_closed
 * says whether there are such.
 */
bool			 term_each(const struct term_set *set, uint32_t *at,
			    struct term_code *out);
bool			 term_closed(const struct term_set *set);

/* Does term_has never answer TERM_UNKNOWN? */
bool			 term_decided(const struct term_set *set);

/*
 * "one of: a, b, c" for a message, at most max codes and then "...";
 * "a media type (...)" where a rule decides; in a.
 */
const char		*term_list(struct arena *a,
			    const struct term_set *set, size_t max);

/*
 * The code of the set that was probably meant: the same but for case, or a
 * third of its letters (one where there are digits).
 * out	*out when true
 * cost	one pass over the set, bounded by TERM_NEAR_MAX codes
 */
#define TERM_NEAR_MAX	1000
bool			 term_near(const struct term_set *set,
			    struct bytes code, struct term_code *out);

/* --- code systems --------------------------------------------------------- */

/* By url; NULL: not even its name is known. */
const struct term_system *term_system(struct bytes url);
const char		*term_system_url(const struct term_system *sys);

/* Are all its codes here? */
bool			 term_complete(const struct term_system *sys);

/* Are "A" and "a" different codes of it? */
bool			 term_case(const struct term_system *sys);

/* Is this code one of the system? */
enum term_answer	 term_code_of(const struct term_system *sys,
			    struct bytes code);

/*
 * Does ancestor stand above code, or is it code itself?  Equal codes are
 * TERM_IN in every system; else TERM_UNKNOWN where the system is not
 * complete, TERM_OUT where one of them is no code.
 */
enum term_answer	 term_subsumes(struct bytes system,
			    struct bytes ancestor, struct bytes code);

/*
 * code and all below it (above it), one by one; *at is 0 first.  A system
 * that is not complete gives code alone.  For :below and :above.
 */
bool			 term_below(struct bytes system, struct bytes code,
			    uint32_t *at, struct bytes *out);
bool			 term_above(struct bytes system, struct bytes code,
			    uint32_t *at, struct bytes *out);

#endif
