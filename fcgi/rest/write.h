/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write.h -- what the interactions that write have in common.  (L5)
 *
 * An act reads and judges the request and leaves a draft (the call's own)
 * by write_later.  Within the transaction the draft is matched
 * (criteria become ids), applied, and followed by what every write is:
 * references looked after, Provenance kept.  A transaction of many takes the
 * same three steps for all of its entries in turn.
 *
 * A commit may be run again from its start: it keeps nothing in the draft
 * but what the act left there, and what it sets afresh.
 *
 * Spec: DSTU2 http.html#create, #update, #delete; requirements R05 to R11,
 * Z03, Z07; attack groups WRT, BAT, CMP-11 to -16.
 */
#ifndef REST_WRITE_H
#define REST_WRITE_H

#include "fcgi/rest/act.h"

#define ID_HEX		32	/* server-made: 128 random bits */
#define MATCH_MOST	100	/* resources of a conditional delete */

enum prefer { PREFER_NONE, PREFER_MINIMAL, PREFER_WHOLE, PREFER_OUTCOME };

/* One resource that was written. */
struct deed {
	enum change_kind	 kind;
	uint16_t		 type;
	struct bytes		 id;
	uint64_t		 version;
	bool			 created;
	const struct owners	*owners;	/* NULL: of a deletion */
};

struct draft;
typedef enum err draft_fn(struct call *c, struct draft *d);

struct draft {
	/* Left by the act: */
	draft_fn	*apply;
	struct bytes	 text;		/* the resource, as it is to be */
	struct bytes	 fresh;		/* id of what is made, if it is */
	struct bytes	 name;		/* what an entry calls itself, or "" */
	bool		 replay;	/* of a history: written once already */
	struct change	 change;
	const struct query *criteria;	/* conditional; or NULL */
	uint64_t	 if_version;	/* If-Match; 0: none */
	bool		 if_there;	/* If-Match: * */
	bool		 if_none;	/* If-None-Match: * */
	enum prefer	 prefer;
	struct issues	 told;		/* warnings of the act */
	/* Set afresh by each run of the commit: */
	bool		 matched;
	struct bytes	*match;		/* ids that meet the criteria */
	size_t		 n_match;
	bool		 more;		/* and there are more */
	struct deed	*deed;
	size_t		 n_deed;
};

/* The draft of a call: the one an entry came with, or a new one. */
struct draft	*draft_of(struct call *c);

/* 128 bits as text: the same for nobody, and guessed by nobody. */
struct bytes	draft_id(struct call *c);

/*
 * Read d->text as a resource of the route's type that is to be stored under
 * id, and judge it; an update by id must name that id itself.
 * err	ERR_SYNTAX, ERR_VALUE, ERR_TOOBIG, ERR_RULE, each with an issue
 */
enum err	draft_read(struct call *c, struct draft *d, struct bytes id)
		    NODISCARD;

/*
 * May a client write this type by REST at all?  What the server keeps itself
 * (AuditEvent) and what steers it (definitions) are not everybody's.
 * err	ERR_FORBIDDEN, ERR_METHOD
 */
enum err	write_type(struct call *c, enum view_op op) NODISCARD;

/* Of enum view_op: what nobody may do with the type. */
unsigned	write_never(uint16_t type);

/* A machine's own scope, which no user has. */
bool		write_by_system(const struct call *c);

/* May this caller choose the id of what is not there yet? */
bool		write_client_ids(const struct call *c);

/*
 * What is to be stored: the body, or the Binary that holds it, whose own id
 * is id ("": it has none).
 * err	ERR_VALUE  nothing to hold; ERR_TOOBIG  it would pass resource-bytes
 */
enum err	write_body(struct call *c, struct bytes id, struct draft *d)
		    NODISCARD;

/*
 * If-Match, If-None-Match, Prefer.
 * err	ERR_USAGE, ERR_VALUE, ERR_VERSION  (demanded)
 */
enum err	write_conditions(struct call *c, struct draft *d) NODISCARD;

/*
 * The act is done: apply is what the transaction makes of its draft, after
 * the matching, as often as it runs.
 */
void		write_later(struct call *c, struct draft *d,
		    draft_fn *apply);

/* The first two parts of a commit, for an entry of a transaction; the others
 * follow when all of its entries are written. */
enum err	write_match(struct call *c) NODISCARD;
enum err	write_apply(struct call *c) NODISCARD;

/* Make a change, and note it as a deed; err as write_change. */
enum err	write_one(struct call *c, struct draft *d,
		    const struct change *change,
		    struct change_result *out) NODISCARD;

/*
 * What may not be changed, or is not there: of what the view may read it is
 * no secret which.  err ERR_FORBIDDEN, ERR_NOTFOUND
 */
enum err	write_unheld(struct call *c, struct bytes id) NODISCARD;

/* Location, ETag, Last-Modified, and the body that Prefer asks for. */
enum err	write_answer(struct call *c, const struct draft *d,
		    struct bytes id, const struct change_result *r)
		    NODISCARD;

/* --- match.c ------------------------------------------------------------ */

/*
 * Criteria of a write, strictly read: an unknown parameter, or none, would
 * match everything (WRT-03).
 * in	pair	decoded; text for the messages of who has no pairs
 * err	ERR_FORBIDDEN  may not search; ERR_USAGE, ERR_VALUE, ERR_TOOBIG
 */
enum err	match_parse(struct call *c, uint16_t type,
		    const struct pair *pair, size_t n,
		    const struct query **out) NODISCARD;
enum err	match_text(struct call *c, uint16_t type, struct bytes text,
		    const struct query **out) NODISCARD;

/*
 * Whom of the view do they match, at this point of the transaction?
 * out	ids in the call's arena, at most max; *more_out: there are more
 */
enum err	match_find(struct call *c, const struct query *q, size_t max,
		    struct bytes **id_out, size_t *n_out, bool *more_out)
		    NODISCARD;

/* One spelling of criteria that may be escaped, and listed, in several. */
struct bytes	match_spelling(struct arena *a, const struct query *q);

/* ERR_VERSION, with an issue: more than one meets the criteria. */
enum err	match_several(struct call *c);

/* --- integrity.c, provenance.c ------------------------------------------ */

/* err ERR_RULE  a reference to what is not there, or not in the view;
 * ERR_CONFLICT  something refers to what was deleted */
enum err	integrity_check(struct call *c) NODISCARD;

/*
 * A client's own Provenance does not speak for this server, but where a
 * machine replays a history.  ERR_RULE
 */
enum err	provenance_claim(struct call *c, const struct draft *d)
		    NODISCARD;

/*
 * After the last change of a write-set, a Provenance for each owner.
 * in	calls	the entries, or the request itself
 */
enum err	provenance_add(struct call *whole, struct call *const *calls,
		    size_t n) NODISCARD;

#endif
