/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h -- raw reads: what lies in the store, for whomever.  (L2)
 *
 * Internal to store/, and past the gate: only view.c and the maintenance
 * files the lint names (apply, check, reindex, maint) may call raw_*; the
 * build proves it with nm.
 */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "store/key.h"

/* The open store; internal to store/. */
struct store {
	struct env		*env;
	const struct conf	*conf;
	uint64_t		 defs;		/* meta_defs */
	uint8_t			 page_key[32];	/* seals cursors */
	uint8_t			 page_old[32];	/* still opens them... */
	bool			 has_old;	/* ...where there is one */
	bool			 maint;		/* maint_open: any digest */
	uint64_t		 written;	/* work of the last write */
};

struct snapshot {
	struct store	*store;
	struct arena	*arena;
	struct txn	*txn;
	uint64_t	 work;		/* store calls made, to read or to
					 * write */
	bool		 writing;	/* a write may follow: what records
					 * say is copied into arena */
};

/* ERR_NOTFOUND: never named.  State says whether there is a record. */
enum err	raw_id(struct snapshot *t, uint16_t type, struct bytes id,
		    struct id_val *out) NODISCARD;
enum err	raw_record(struct snapshot *t, uint64_t rid,
		    struct header *h_out, struct bytes *body_out) NODISCARD;
enum err	raw_version(struct snapshot *t, uint64_t rid,
		    uint64_t version, struct header *h_out,
		    struct bytes *body_out) NODISCARD;
enum err	raw_row(struct snapshot *t, uint64_t owner, uint64_t rid,
		    struct row *out) NODISCARD;

/* Of a row that is there; "" where the resource has none. */
enum err	raw_extra(struct snapshot *t, uint64_t owner, uint64_t rid,
		    struct bytes *out) NODISCARD;

enum err	raw_change(struct snapshot *t, uint64_t sequence,
		    struct log_val *out) NODISCARD;

/* Cursors over a database of the snapshot, counted as work. */
enum err	raw_cursor(struct snapshot *t, enum key_db db,
		    struct cur **out) NODISCARD;

/* meta; ERR_NOTFOUND */
enum err	raw_meta(struct snapshot *t, const char *name,
		    struct bytes *val_out) NODISCARD;

#endif
