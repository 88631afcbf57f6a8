/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h -- the door of the vault: records, history, search.  (L2)
 *
 * Other rooms include this header and nothing else of store/ (maint.h is the
 * second door, for cli/ and the writer alone; the build proves it with nm).
 * Open after fork; one struct store per process.  Reads take a snapshot and
 * a view; writes are change-sets.  Nothing here reads the clock or draws
 * random bytes.
 *
 * Bytes handed out are borrowed from the snapshot: transaction lifetime.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "fhir/check.h"
#include "fhir/extract.h"
#include "fhir/issue.h"
#include "fhir/json.h"
#include "fhir/query.h"
#include "store/env.h"
#include "store/view.h"

struct store;
struct snapshot;		/* one read transaction; ends with its arena */

enum store_mode { STORE_READ, STORE_WRITE };

/*
 * Make an empty store below data-dir; one that is there stays as it is.
 * in	seed  random bytes: the key that seals page cursors
 * err	ERR_CONFIG, ERR_FULL, ERR_STORE, as store_open
 */
enum err	store_create(const struct conf *conf,
		    const uint8_t seed[static 32], struct arena *a,
		    const char **why_out) NODISCARD;

/*
 * in	conf  data-dir, map-bytes, readers ...; as long-lived as a
 * out	*store_out lives as long as a (process)
 * err	ERR_CONFIG  permissions, file system, or a format or definitions
 *		digest other than ours: *why_out names the command to run
 *	ERR_NOTFOUND  no store there; ERR_STORE  cannot be read
 */
enum err	store_open(struct arena *a, const struct conf *conf,
		    enum store_mode mode, struct store **store_out,
		    const char **why_out) NODISCARD;

/*
 * One at a time, and none while this process writes.
 * err	ERR_CONFIG  the definitions on disk are no longer ours, or a reindex
 *		is under way; ERR_BUSY  no reader slot; ERR_STORE
 */
enum err	store_begin(struct store *s, struct arena *a,
		    struct snapshot **out) NODISCARD;
void		store_end(struct snapshot *t);	/* early: before sending */

/* Store calls made since begin; equal in both worlds (design 11). */
uint64_t	store_work(const struct snapshot *t);

struct resource {
	uint16_t	 type;
	struct bytes	 id;
	uint64_t	 version;	/* from 1 */
	struct instant	 updated;
	bool		 deleted;	/* then body is empty */
	struct bytes	 body;		/* JSON, exactly as stored */
	uint16_t	 inner;		/* not 0: body is one that it contains,
					 * of this type, and id says which:
					 * "x#in" (_containedType) */
};

/*
 * err	ERR_NOTFOUND  not there, or outside the view: the same work
 *	ERR_GONE      deleted, and the view held it
 */
enum err	store_read(struct snapshot *t, const struct view *v,
		    uint16_t type, struct bytes id, struct resource *out)
		    NODISCARD;

/* Asks the current owner and that version's; version from the URL. */
enum err	store_vread(struct snapshot *t, const struct view *v,
		    uint16_t type, struct bytes id, uint64_t version,
		    struct resource *out) NODISCARD;

/* --- pages: searches and histories ---------------------------------------- */

/* Asked every 1,024 rows whether the time is up; NULL: never. */
typedef bool	spent_fn(void *arg);

/* How a search was run: its steps, in order. */
struct trace_step {
	const char	*step;		/* "criterion", "candidates" ... */
	uint16_t	 type;		/* about which; 0: all */
	struct bytes	 what;		/* name of a parameter, or "" */
	const char	*how;		/* in words */
	uint64_t	 n;		/* how many */
};

struct search_trace {
	struct arena		*arena;
	struct trace_step	*step;
	size_t			 n, cap;
};

struct page_ask {
	uint64_t	 count;		/* entries at most; 0: total only */
	struct bytes	 cursor;	/* sealed, of an earlier page, or "" */
	uint64_t	 max_rows;	/* beyond: ERR_COSTLY */
	uint64_t	 max_include;	/* included entries at most; beyond:
					 * ERR_COSTLY */
	uint64_t	 max_memory;	/* of the arena, for sets a search
					 * works with; beyond: ERR_COSTLY; 0:
					 * whatever the arena gives */
	uint64_t	 max_bytes;	/* bodies of a page: cut before it, but
					 * never to nothing */
	spent_fn	*spent;
	void		*spent_arg;
	struct instant	 now;
	uint64_t	 lifetime_ms;	/* of a cursor */
	uint8_t		 nonce[24];	/* random, for sealing cursors */
	struct search_trace *trace;	/* NULL: nobody asks how */
};

struct page {
	struct resource	*entry;		/* matches, then included ones */
	size_t		 n_match, n_entry;
	uint64_t	 total;		/* matches in the view, exact */
	/* Sealed cursors, or "" where there is no such page. */
	struct bytes	 next, previous, first, last;
};

/* Which versions a history shows. */
struct history_ask {
	uint16_t	type;		/* 0: of every type... */
	struct bytes	id;		/* "": of every resource of the type;
					 * both need a view of REACH_ALL */
	struct instant	since;		/* TIME_MIN: all; else at or after */
};

/*
 * Newest first; deletions included.  count 0 is allowed.  Of every type are
 * those that the view may read all of; the others are absent.
 * err	ERR_NOTFOUND as store_read (a deleted resource has a history);
 *	ERR_FORBIDDEN  the view may not read all of the type, or of any;
 *	ERR_VALUE  a cursor that is not ours, not of this query, principal
 *	or view, or too old;
 *	ERR_COSTLY  more versions (of one resource) or changes since than
 *		max_rows, or out of time
 */
enum err	store_history(struct snapshot *t, struct arena *a,
		    const struct view *v, const struct history_ask *what,
		    const struct page_ask *ask, struct page *out) NODISCARD;

/*
 * err	ERR_FORBIDDEN  the view may not search the type (fcgi asks first)
 *	ERR_COSTLY     past the budget; the issue names the criterion that
 *		would narrow it; never a partial answer
 *	ERR_VALUE      as store_history
 *	ERR_USAGE      a sort by more than three
 */
enum err	store_search(struct snapshot *t, struct arena *a,
		    const struct view *v, const struct query *q,
		    const struct page_ask *ask, struct issues *is,
		    struct page *out) NODISCARD;

/*
 * All of one patient that the view may read, as matches, and the shared
 * resources they refer to, as included ones.
 * in	care	dates of care, see everything.c; TIME_MIN, TIME_MAX: any
 * err	ERR_NOTFOUND, ERR_GONE  as store_read of the Patient;
 *	ERR_COSTLY, ERR_VALUE  as store_search, each with an issue
 */
enum err	store_everything(struct snapshot *t, struct arena *a,
		    const struct view *v, struct bytes id,
		    struct span care, const struct page_ask *ask,
		    struct issues *is, struct page *out) NODISCARD;

/*
 * Every profile, security label and tag of what a search of the type finds
 * (0: of every type that the view may search): fn gets resources that
 * between them have each of these, codes that differ in case taken as one.
 * What it returns other than OK ends the walk.
 * in	ask	the budget alone: rows, memory, spent
 * err	ERR_FORBIDDEN  the view may not search the type; ERR_COSTLY
 * cost	of a type that the view holds whole a few reads for each different
 *	one; of others a row for each resource
 */
typedef enum err tags_fn(void *arg, struct bytes body);
enum err	store_tags(struct snapshot *t, struct arena *a,
		    const struct view *v, uint16_t type,
		    const struct page_ask *ask, tags_fn *fn, void *arg)
		    NODISCARD;

/* --- why (token explain) -------------------------------------------------- */

struct store_why {
	bool			 exists, deleted;
	enum owner_kind		 kind;
	struct bytes		*owner;		/* Patient ids */
	size_t			 n_owner;
	bool			 in_view;
	const char		*rule;		/* owner rule and path used */
};

/* For the tool alone (maint symbol by the lint): looks behind the gate. */
enum err	store_explain(struct snapshot *t, struct arena *a,
		    const struct view *v, uint16_t type, struct bytes id,
		    struct store_why *out) NODISCARD;

/* Is there a current Patient with this id?  For minting and launching. */
enum err	store_patient(struct snapshot *t, struct bytes id) NODISCARD;

/* --- writing -------------------------------------------------------------- */

enum change_kind {
	CHANGE_PUT,
	CHANGE_DELETE,
	CHANGE_META	/* as PUT, of what differs in meta alone: no new
			 * version, time stays ($meta-add) */
};

struct change {
	enum change_kind	 kind;
	uint16_t		 type;
	struct bytes		 id;		/* public id */
	const struct json_doc	*doc;		/* PUT, META */
	const struct values	*values;	/* likewise: extract_values */
	const struct extra	*extra;		/* likewise: extract_extra */
	const struct owners	*owners;	/* likewise: extract_owners */
	uint64_t		 if_version;	/* 0: any; else the current */
	uint64_t		 of_version;	/* META: 0 the current one */
	bool			 create;	/* PUT: there must be none, not
						 * even a deleted one; else
						 * ERR_CONFLICT */
	bool			 own;		/* PUT: the server's record of
						 * the writing (Provenance):
						 * the view is not asked */
};

/* What a PUT is made of. */
struct change_from {
	struct bytes			 text;	/* borrowed, as json_doc */
	uint16_t			 type;	/* it must be; 0: any */
	struct bytes			 id;	/* to store as; "": its own */
	bool				 own;	/* the text must have that id */
	const struct json_limits	*lim;
	const struct extract		*x;
	const struct check		*check;	/* by the rules of DSTU2; NULL:
						 * what it is made of alone */
};

/*
 * Read and judge a resource, and work out all that the index will hold.
 * out	*out  a PUT without preconditions, in a
 * err	as json_doc, check_resource; ERR_VALUE  another type, no id or
 *	another one; each with an issue
 */
enum err	change_read(struct arena *a, const struct change_from *from,
		    struct issues *is, struct change *out) NODISCARD;

struct change_result {
	enum err	err;		/* of this change: all fail together */
	uint64_t	version;
	struct instant	updated;
	bool		created;	/* false: updated */
	bool		same;		/* identical body: nothing written */
};

/*
 * A write transaction under way, as the caller's function sees it: all of it
 * is one durable commit, or nothing.
 */
struct write;

/*
 * May be run again from the start (the map grew): keeps nothing but what it
 * puts into *arg afresh.  What it returns other than OK undoes all.  It may
 * go on after a refusal (what write_change lists); any other error of a
 * function of this section is the transaction's, whatever fn returns.
 */
typedef enum err write_fn(struct write *w, void *arg);

/*
 * in	view	the writer's, resolved when the transaction begins; NULL
 *		stands for the loader, who may all
 *	now	times of the changes: max(now, last change), strictly greater
 *		per resource
 * pre	no snapshot of this process is open
 * err	what fn returned; ERR_FULL, ERR_STORE, ERR_BUSY
 * cost	a sync; none where nothing was changed
 */
enum err	store_write(struct store *s, struct arena *a,
		    const struct view *view, struct instant now,
		    write_fn *fn, void *arg) NODISCARD;

/*
 * Store calls of the last store_write, whatever became of it: reads, puts
 * and deletions, as store_work counts them; of its last run alone.
 */
uint64_t	store_written(const struct store *s);

/*
 * Count what is added from here on as the client's, who may add so many bytes
 * in a day of UTC: of each version its text, and 1 KiB for what the index says
 * of it.  Deletions are free; 0: no end.  Without it nothing is counted.
 * cost	a read, and a put at the end
 */
enum err	write_quota(struct write *w, struct bytes client,
		    uint64_t day_bytes) NODISCARD;

/*
 * What the store holds at this point of the transaction, changes already
 * made included: for conditional matches, references and GET entries, by
 * store_search, store_read ..., with the writer's view.  After a change ask
 * anew: the one before is no longer complete.  Resources read are copied and
 * live as long as the arena of store_write.
 */
enum err	write_snapshot(struct write *w, struct snapshot **out)
		    NODISCARD;

/*
 * A change, or a refusal that leaves nothing behind.  No owner changes.  An
 * id that is not there may be put by a view alone that holds all of the type
 * (and by the loader): to any other a missing one is as a hidden one, and it
 * creates under ids the server has drawn.  A Binary may be named (Attachment
 * .url) only by who may change it, or who created it while nobody has named
 * it: so write a Binary before what names it.
 *
 * CHANGE_META makes no version and no entry of a journal: the version keeps
 * its number and time, histories and cursors stay as they are.
 *
 * out	DELETE of what is deleted: same, and OK
 * err	ERR_NOTFOUND   hidden or missing (DELETE, META, update);
 *	ERR_GONE       META of what is deleted
 *	ERR_FORBIDDEN  the new content, or a Binary it names, is not the
 *		writer's
 *	ERR_OWNER      its owner would change; says nothing of what is hidden
 *	ERR_VERSION    if_version is not the current one
 *	ERR_CONFLICT   create, and it is there, be it hidden: only for ids
 *		that no client has chosen
 *	ERR_THROTTLED  beyond write_quota
 */
enum err	write_change(struct write *w, const struct change *c,
		    struct change_result *out) NODISCARD;

/*
 * A part that may fail without the rest (an entry of a batch): what fn did
 * is undone where it does not return OK.
 * cost	a nested transaction
 */
enum err	write_part(struct write *w, write_fn *fn, void *arg)
		    NODISCARD;

/* The time changes made now would carry at least. */
struct instant	write_time(const struct write *w);

/*
 * Do live resources that the writer's view holds refer to this one, itself
 * left out?  For referential integrity, before or after its deletion.  Asked
 * are the reference parameters of all types, the Binaries their urls name,
 * and targets; not elements without a parameter, nor contained resources.
 * What is hidden does not count: a refusal would tell that it is there.
 */
enum err	write_referred(struct write *w, uint16_t type,
		    struct bytes id, bool *out) NODISCARD;

/*
 * A list of changes, and nothing else: store_write of write_change each.
 * err	the first result's error; ERR_FULL, ERR_STORE
 */
enum err	store_apply(struct store *s, struct arena *a,
		    const struct view *view, const struct change *change,
		    size_t n, struct instant now,
		    struct change_result *result) NODISCARD;

#endif
