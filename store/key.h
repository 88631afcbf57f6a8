/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key.h -- every byte layout of the store, drawn here, built in key.c.  (L2)
 *
 * Internal to store/.  Integers are big-endian unless an LMDB integer list
 * asks for native ones; signed times have their sign bit flipped, so that
 * memcmp is the order.
 *
 *	rid	0                 2                                    8
 *		+-----------------+-------------------------------------+
 *		| type (be16)     | sequence (be48), from 1             |
 *		+-----------------+-------------------------------------+
 *
 * A rid is given at creation; only a Patient named as owner before its
 * record gets one early (its rows need a key).  So the order of rids among
 * the resources a view holds says nothing of those it does not.
 *
 * database   key                           value
 *
 * id         type be16, id 1..64           rid be64, state u8, kind u8,
 *                                          owner be64
 * record     rid be64                      header, body
 * history    rid be64, ~version be64       header, body (past versions,
 *                                          newest first)
 * row        owner be64, rid be64          row (below)
 * extra      owner be64, rid be64          extra (below); none where it
 *                                          would say nothing
 * index      param be16, value (below)     rids, DUPSORT DUPFIXED INTEGERDUP
 * change     sequence be64                 rid be64, version be64, kind u8
 *                                          (enum key_change), time be64
 * meta       name                          by name (below)
 *
 * owner: the rid of a Patient, or one of the reserved numbers KEY_MANY ...
 * whose type part is 0.  "hidden" and "missing" cost one read of id.
 *
 * header
 *	0      8         16     17    18      26      34      42     43
 *	+------+---------+------+-----+-------+-------+-------+------+----
 *	| vers | updated | flag | kind| owner | born  | sum64 | codec| n_member
 *	+------+---------+------+-----+-------+-------+-------+------+----
 *	43        47                  47+8n   48+8n
 *	+---------+-------------------+-------+----------+
 *	| n be32  | member rids, be64 | idlen | id       |   body follows
 *	+---------+-------------------+-------+----------+
 *
 *	flag 1: deleted.  born: journal sequence of the creation (or revival).
 *	sum64: hash8 of the header with this field zero, and the body.
 *	hash8 here and below: the first 8 bytes of BLAKE2b-128.
 *	codec 0: the body stands as it is.
 *
 * row
 *	+----------+-------------+----------------------------------------+
 *	| born be64| updated be64| entry, entry ... (sorted by parameter) |
 *	+----------+-------------+----------------------------------------+
 * entry
 *	+------------+---------+-----------+-----------------------------+
 *	| param be16 | kind u8 | len be16* | payload, whole and uncut    |
 *	+------------+---------+-----------+-----------------------------+
 *	* 0xFFFF: a be32 length follows
 * payload
 *	STRING     len be16*, text; folded
 *	TOKEN      len be16*, code; system (code "": the element has none)
 *	URI        text
 *	REFERENCE  type be16; id or url
 *	DATE       lo be64, hi be64
 *	NUMBER     lo dec, hi dec
 *	QUANTITY   lo dec, hi dec; len be16*, code; len be16*, system; unit
 *	COMPOSITE  entry, entry ... (its parts)
 *
 * extra: what searches seldom ask for
 *	+--------+---------------+--------+----------------+------------
 *	| n be32 | word, word ...| n be32 | entry, entry ..| inner, inner ...
 *	+--------+---------------+--------+----------------+------------
 *	n: bytes of what follows.  word: its length u8, with 0x80 where it
 *	stands in the narrative, and its letters; sorted, none twice.
 *	entries as in a row: texts of tokens as STRING, links inside ("#id",
 *	type of what it is) and items of a List as REFERENCE.
 * inner: a contained resource
 *	+-----------+---------+----+--------+-----------+--------+-----------+
 *	| type be16 | len u8  | id | n be32 | entry ... | n be32 | text ...  |
 *	+-----------+---------+----+--------+-----------+--------+-----------+
 *	its values, and its texts of tokens
 *
 * index keys, after param.  For a parameter that every type has, that is
 * 0x8000 | number << 8 | type: so no key is of two types, and who looks
 * through one type's meets nothing of another.
 *
 *	STRING     folded text (cut)
 *	TOKEN      code with ASCII letters lowered (cut), 00, sys8; without a
 *	           code none
 *	URI        text (cut)
 *	REFERENCE  01, type be16, id        or  02, url (cut)
 *	DATE       01, lo be64, hi be64; wide ones also 02, hi be64, lo be64
 *	NUMBER,    01, lo dec, hi dec, unit8; ranges also 02, hi dec, lo dec,
 *	QUANTITY   unit8   (unit8: hash8 of system, 00, code; 0 for none)
 *
 *	QUANTITY   in UCUM also 03, dim8, lo dec, hi dec; ranges also 04,
 *	           dim8, hi dec, lo dec: in base units (fhir/quantity.h), the
 *	           way a search by unit comes in (dim8: hash8 of their name)
 *
 *	cut: at most KEY_CUT bytes, and where bytes were lost, FF and hash8
 *	of the whole follow: equal keys stay equal values.
 *	wide: hi - lo > KEY_WIDE_MS.
 *	sys8: hash8 of the system, 0 where there is none.
 *	COMPOSITE has no keys of its own: its first part leads to it.
 *
 *	A word stands in one list alone: under PARAM_TEXT where the narrative
 *	has it, else under PARAM_CONTENT; whoever asks for content asks both.
 *
 * reserved parameters of index:
 *
 *	KEY_P_TYPE    type be16             every live resource of the type
 *	KEY_P_OWNER   owner be64            resources of several owners, one
 *	                                    posting for each
 *	KEY_P_BINARY  id of a Binary        resources whose urls name it
 *	KEY_P_TARGET  type be16, id         OWN_TARGET ones that point to it
 *	KEY_P_CONTAINED  type be16          resources that contain one such
 *	KEY_P_CHANGE  type be16             no rids: sequences of change, of
 *	                                    the type
 *
 * meta names: "format" be32, "digest" be64 (def_digest), "unicode" text,
 * "word" u8 (8), "sequence" be64 (last rid sequence), "journal" be64 (last
 * change), "time" be64 (of the last change), "pagekey" 32, "pagekey-old" 32,
 * "reindex" (next rid while a reindex is under way), "note:..." of the tool,
 * "made:" type be16, id (principal 16, of who created a Binary that nobody
 * has named yet), "quota:" hash8 of a client's id (day since 1970 be64, bytes
 * it has added on that day be64).
 */
#ifndef STORE_KEY_H
#define STORE_KEY_H

#include <endian.h>

#include "base/buf.h"
#include "base/clock.h"
#include "fhir/quantity.h"
#include "fhir/value.h"
#include "store/store.h"

#define KEY_FORMAT	3u		/* of everything above */
#define KEY_MAX		511		/* LMDB's own */
#define KEY_CUT		160		/* bytes of a value in an index key */
#define KEY_WIDE_MS	86400000	/* one day */

#define KEY_UNOWNED	UINT64_C(0)
#define KEY_SHARED	UINT64_C(1)
#define KEY_MANY	UINT64_C(2)

#define KEY_P_TYPE	UINT16_C(0xfff0)
#define KEY_P_OWNER	UINT16_C(0xfff1)
#define KEY_P_BINARY	UINT16_C(0xfff2)
#define KEY_P_TARGET	UINT16_C(0xfff3)
#define KEY_P_CONTAINED	UINT16_C(0xfff4)
#define KEY_P_CHANGE	UINT16_C(0xfff5)

/* Rows of env_open's table, in this order. */
enum key_db {
	DB_ID, DB_RECORD, DB_HISTORY, DB_ROW, DB_INDEX, DB_CHANGE, DB_META,
	DB_EXTRA, DB__MAX
};
extern const struct dbi_row key_dbs[DB__MAX];

static inline uint16_t
rid_type(uint64_t rid)
{
	return (uint16_t)(rid >> 48);
}

static inline uint64_t
rid_make(uint16_t type, uint64_t sequence)
{
	return (uint64_t)type << 48 | sequence;
}

int		rid_cmp(const void *a, const void *b);	/* for qsort */

/* Sort, and leave each once: how many are left. */
size_t		rid_sort(uint64_t *rid, size_t n);

/* A key on the stack. */
struct key {
	uint8_t	b[KEY_MAX + 1];
	size_t	len;
};

static inline struct bytes
key_bytes(const struct key *k)
{
	return bytes_of(k->b, k->len);
}

struct key	key_id(uint16_t type, struct bytes id);
struct key	key_rid(uint64_t rid);
struct key	key_history(uint64_t rid, uint64_t version);
struct key	key_row(uint64_t owner, uint64_t rid);
struct key	key_journal(uint64_t sequence);
/* TYPE, OWNER, CONTAINED, CHANGE */
struct key	key_reserved(uint16_t param, uint64_t number);
struct key	key_named(uint16_t param, uint16_t type, struct bytes id);

/* Kinds in change. */
enum key_change { KEY_CREATED, KEY_UPDATED, KEY_DELETED };

/* A decoded id value. */
enum key_state { STATE_NAMED, STATE_LIVE, STATE_DELETED };
struct id_val {
	uint64_t	 rid;
	enum key_state	 state;
	enum owner_kind	 kind;
	uint64_t	 owner;
};
void		key_put_id(const struct id_val *v, uint8_t out[static 18]);
enum err	key_get_id(struct bytes in, struct id_val *out) NODISCARD;

/* A decoded change. */
struct log_val {
	uint64_t	 rid, version;
	enum key_change	 kind;
	struct instant	 time;
};
void		key_put_log(const struct log_val *v, uint8_t out[static 25]);
enum err	key_get_log(struct bytes in, struct log_val *out) NODISCARD;

struct header {
	uint64_t	 version;
	struct instant	 updated;
	bool		 deleted;
	enum owner_kind	 kind;
	uint64_t	 owner;		/* rid, or KEY_UNOWNED ... */
	uint64_t	 born;
	uint64_t	 sum;
	uint8_t		 codec;
	struct bytes	 member;	/* be64 rids of OWNER_MANY, sorted */
	struct bytes	 id;
};
size_t		key_header_len(const struct header *h);
/* Writes the header in front of body and its sum; out has room for both. */
void		key_put_record(const struct header *h, struct bytes body,
		    uint8_t *out);
/* err ERR_STORE  damaged; check also recomputes the sum */
enum err	key_get_record(struct bytes in, bool check,
		    struct header *h_out, struct bytes *body_out) NODISCARD;
uint64_t	key_member(struct bytes member, size_t i);

struct row {
	uint64_t	 owner;		/* of its key; raw_row and gate_walk
					 * say it, key_get_row does not */
	uint64_t	 born;
	struct instant	 updated;
	struct bytes	 entries;
};
/* Encode values (sorted by parameter) as a row. */
enum err	key_put_row(struct arena *a, uint64_t born,
		    struct instant updated, const struct values *v,
		    struct bytes *out) NODISCARD;
enum err	key_get_row(struct bytes in, struct row *out) NODISCARD;

/*
 * Walk the entries of one parameter (at starts empty): false at the end.
 * The value borrows from the row; nothing is allocated but the parts of
 * a COMPOSITE.  time, lo and hi are set for kinds that have them alone.
 */
bool		key_entry(struct arena *a, const struct row *r,
		    uint16_t param, struct bytes *at, struct value *out);

/*
 * The same of a TOKEN parameter, without those that cannot be of this code in
 * any case: few of the others are decoded.
 */
bool		key_entry_code(const struct row *r, uint16_t param,
		    struct bytes code, struct bytes *at, struct value *out);

/* The same of a DATE parameter: what there is of each value. */
bool		key_entry_span(const struct row *r, uint16_t param,
		    struct bytes *at, struct span *out);

/* Is one of the REFERENCEs by this parameter type/id?  Nothing is decoded. */
bool		key_entry_refers(const struct row *r, uint16_t param,
		    uint16_t type, struct bytes id);

/* Every entry, decoded. */
enum err	key_entries(struct arena *a, const struct row *r,
		    struct values *out) NODISCARD;

/* One entry behind what stands in b; key_row.c. */
void		key_put_entry(struct buf *b, const struct value *v);

/* --- extra: key_extra.c --- */

/* out: "" where there is nothing to say */
enum err	key_put_extra(struct arena *a, const struct extra *x,
		    struct bytes *out) NODISCARD;

/* Of "" all is empty.  Rows have entries and nothing else. */
struct extra_parts {
	struct bytes	words;
	struct row	own;
	struct bytes	inner;
};
enum err	key_get_extra(struct bytes in, struct extra_parts *out)
		    NODISCARD;

/* The words one by one: *at is what is left; false at the end. */
bool		key_word(struct bytes *at, struct bytes *word_out,
		    bool *narrative_out);

struct inner {
	uint16_t	type;
	struct bytes	id;
	struct row	values, text;
};
bool		key_inner(struct bytes *at, struct inner *out);

/*
 * How a parameter is numbered in index keys of a type.  One that every type
 * has (def_param.type 0) is another one in each.
 */
uint16_t	key_param(uint16_t type, uint16_t param);

/* The index key of a word; param: PARAM_TEXT or PARAM_CONTENT. */
struct key	key_of_word(uint16_t type, uint16_t param,
		    struct bytes word);

/* The index keys of a value of a resource of the type: 0 to KEYS_VALUE. */
#define KEYS_VALUE	4
size_t		key_index(uint16_t type, const struct value *v,
		    struct key out[static KEYS_VALUE]);

/* How those of a quantity in base units begin; lead: 3 or 4. */
struct key	key_of_base(uint16_t param, uint8_t lead,
		    const struct quantity *q);

/* The pieces index keys are made of: for ranges that a search scans. */
struct key	key_start(uint16_t param);	/* as key_param says */
void		key_add(struct key *k, struct bytes b);
void		key_add_u8(struct key *k, uint8_t v);
void		key_add_be16(struct key *k, uint16_t v);
void		key_add_be64(struct key *k, uint64_t v);
void		key_add_time(struct key *k, int64_t ms);
void		key_add_cut(struct key *k, struct bytes text);
void		key_add_lower(struct key *k, struct bytes text);
void		key_add_hash8(struct key *k, struct bytes b); /* 0 of "" */

/* The first key after all that begin with k; false: there is none. */
bool		key_after(const struct key *k, struct key *out);

/* In the header: a search reads hundreds of them in each row scan. */
static inline uint64_t
key_be64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return be64toh(v);
}

static inline void
key_put_be64(uint8_t *p, uint64_t v)
{
	v = htobe64(v);
	memcpy(p, &v, sizeof(v));
}

uint64_t	key_hash8(struct bytes b);

#endif
