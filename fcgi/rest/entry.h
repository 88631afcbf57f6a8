/* SPDX-License-Identifier: Apache-2.0 */
/*
 * entry.h -- an entry of a Bundle as a request of its own.  (L5)
 *
 * It has the Bundle's caller and view and nothing else of it: its method,
 * URL, conditions and body go through the same rows and steps as a lone
 * request (design 3; attack case BAT-02), and its answer is settled by the
 * same table.
 *
 * Spec: DSTU2 http.html#transaction; requirements R12, R13, Z03; attack
 * group BAT.
 */
#ifndef REST_ENTRY_H
#define REST_ENTRY_H

#include "fcgi/rest/write.h"
#include "fhir/bundle.h"
#include "fhir/bundle_in.h"

/*
 * The call of an entry, ready for step_entry.
 * out	*out  always; with an error its rs has the issue
 * err	ERR_USAGE  a method that entries have not; ERR_SYNTAX  a URL that is
 *		not below ours (BAT-03); ERR_VALUE
 */
enum err	entry_call(struct call *c, const struct bundle_request *q,
		    struct call **out) NODISCARD;

/*
 * Is there memory left for one more?
 * in	eighths	of request-bytes that may be in use: ROOM_ANSWER leaves room
 *		for what it answers, and that once more in the Bundle of all;
 *		ROOM_DRAFT for its being written, ROOM_WRITE for its commit
 * err	ERR_TOOBIG
 */
#define ROOM_ANSWER	3
#define ROOM_DRAFT	5
#define ROOM_WRITE	7
enum err	entry_room(struct call *entry, size_t eighths) NODISCARD;

/* The Bundle fails for this entry: its issues, and which one it was. */
enum err	entry_fail(struct call *c, struct call *entry, size_t number,
		    enum err e);

/* What became of all: the body of the answer. */
enum err	entry_answers(struct call *c, const char *type,
		    struct call *const *entry, size_t n) NODISCARD;

/* All or nothing: transactions; histories, replayed. */
enum err	transaction_do(struct call *c, const struct bundle_in *in)
		    NODISCARD;
enum err	replay_do(struct call *c, const struct bundle_in *in)
		    NODISCARD;

#endif
