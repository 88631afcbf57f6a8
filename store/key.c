/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key.c -- keys, ids, headers: the fixed layouts of key.h.  (L2)
 *
 * key_row.c builds rows, key_index.c the keys of the index.
 */
#include "store/key.h"

#include <stdlib.h>

#include <sodium.h>

#define HEADER_FIXED	47	/* bytes before the member rids */
#define HEADER_SUM	34	/* where sum64 stands */
#define ID_MAX		64	/* bytes; DSTU2 datatypes.html#id */

const struct dbi_row key_dbs[DB__MAX] = {
	[DB_ID]      = { "id", DBI_PLAIN },
	[DB_RECORD]  = { "record", DBI_PLAIN },
	[DB_HISTORY] = { "history", DBI_PLAIN },
	[DB_ROW]     = { "row", DBI_PLAIN },
	[DB_INDEX]   = { "index", DBI_DUP64 },
	[DB_CHANGE]  = { "change", DBI_PLAIN },
	[DB_META]    = { "meta", DBI_PLAIN },
	[DB_EXTRA]   = { "extra", DBI_PLAIN }
};

/* --- numbers ------------------------------------------------------------ */

static uint32_t
be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

uint64_t
key_hash8(struct bytes b)
{
	uint8_t sum[crypto_generichash_BYTES_MIN];

	(void)crypto_generichash(sum, sizeof(sum), b.p, b.len, NULL, 0);
	return key_be64(sum);
}

/* --- building keys ------------------------------------------------------ */

/* Callers' pieces are bounded; what would not fit is a fault of ours. */
void
key_add(struct key *k, struct bytes b)
{
	size_t n = b.len < KEY_MAX - k->len ? b.len : KEY_MAX - k->len;

	if (n > 0)
		memcpy(k->b + k->len, b.p, n);
	k->len += n;
}

void
key_add_u8(struct key *k, uint8_t v)
{
	key_add(k, bytes_of(&v, 1));
}

void
key_add_be16(struct key *k, uint16_t v)
{
	key_add_u8(k, (uint8_t)(v >> 8));
	key_add_u8(k, (uint8_t)v);
}

void
key_add_be64(struct key *k, uint64_t v)
{
	uint8_t b[8];

	key_put_be64(b, v);
	key_add(k, bytes_of(b, sizeof(b)));
}

struct key
key_start(uint16_t param)
{
	struct key k UNINIT;

	k.len = 0;
	key_add_be16(&k, param);
	return k;
}

bool
key_after(const struct key *k, struct key *out)
{
	struct key n = *k;

	while (n.len > 0 && n.b[n.len - 1] == 0xff)
		n.len--;
	if (n.len == 0)
		return false;
	n.b[n.len - 1]++;
	*out = n;
	return true;
}

int
rid_cmp(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

#define SORT_FEW	24	/* so many are put in by moving */

static void
sort_few(uint64_t *v, size_t n)
{
	uint64_t x;
	size_t i, j;

	for (i = 1; i < n; i++) {
		x = v[i];
		for (j = i; j > 0 && v[j - 1] > x; j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
}

/* By the byte at shift: each goes to its bucket, in place. */
static void
sort_byte(uint64_t *v, size_t n, unsigned shift, size_t end[256])
{
	size_t next[256], at = 0, i;
	uint64_t x;
	uint8_t b;

	memset(end, 0, 256 * sizeof(*end));
	for (i = 0; i < n; i++)
		end[(v[i] >> shift) & 0xff]++;
	for (i = 0; i < 256; i++) {
		next[i] = at;
		at += end[i];
		end[i] = at;
	}
	for (i = 0; i < 256; i++)
		while (next[i] < end[i]) {
			x = v[next[i]];
			b = (uint8_t)(x >> shift);
			v[next[i]] = v[next[b]];
			v[next[b]++] = x;
		}
}

/*
 * From the byte at shift downwards; they agree in those above.  Numbers given
 * in turn differ in their low bytes alone, so two or three passes do.  The
 * recursion ends at the eighth byte.
 */
static void
sort_from(uint64_t *v, size_t n, unsigned shift)
{
	size_t end[256], i, from = 0;

	if (n <= SORT_FEW) {
		sort_few(v, n);
		return;
	}
	sort_byte(v, n, shift, end);
	for (i = 0; shift > 0 && i < 256; i++) {
		sort_from(v + from, end[i] - from, shift - 8);
		from = end[i];
	}
}

/* Where the first differs from any other: the shift of that byte. */
static unsigned
differing(const uint64_t *v, size_t n)
{
	uint64_t any = 0xff;
	size_t i;

	for (i = 1; i < n; i++)
		any |= v[i] ^ v[0];
	return (unsigned)(63 - __builtin_clzll(any)) / 8 * 8;
}

static bool
is_sorted(const uint64_t *v, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++)
		if (v[i - 1] > v[i])
			return false;
	return true;
}

size_t
rid_sort(uint64_t *rid, size_t n)
{
	size_t i, left = 0;

	if (!is_sorted(rid, n))
		sort_from(rid, n, differing(rid, n));
	for (i = 0; i < n; i++)
		if (left == 0 || rid[left - 1] != rid[i])
			rid[left++] = rid[i];
	return left;
}

struct key
key_id(uint16_t type, struct bytes id)
{
	struct key k = key_start(type);

	key_add(&k, id);
	return k;
}

struct key
key_rid(uint64_t rid)
{
	struct key k UNINIT;

	key_put_be64(k.b, rid);
	k.len = sizeof(rid);
	return k;
}

struct key
key_history(uint64_t rid, uint64_t version)
{
	struct key k = key_rid(rid);

	key_add_be64(&k, ~version);	/* newest first */
	return k;
}

struct key
key_row(uint64_t owner, uint64_t rid)
{
	struct key k = key_rid(owner);

	key_add_be64(&k, rid);
	return k;
}

struct key
key_journal(uint64_t sequence)
{
	return key_rid(sequence);
}

struct key
key_reserved(uint16_t param, uint64_t number)
{
	struct key k = key_start(param);

	if (param == KEY_P_OWNER)
		key_add_be64(&k, number);
	else
		key_add_be16(&k, (uint16_t)number);
	return k;
}

struct key
key_named(uint16_t param, uint16_t type, struct bytes id)
{
	struct key k = key_start(param);

	if (param != KEY_P_BINARY)
		key_add_be16(&k, type);
	key_add(&k, id);
	return k;
}

/* --- the value of an id ------------------------------------------------- */

void
key_put_id(const struct id_val *v, uint8_t out[static 18])
{
	key_put_be64(out, v->rid);
	out[8] = (uint8_t)v->state;
	out[9] = (uint8_t)v->kind;
	key_put_be64(out + 10, v->owner);
}

enum err
key_get_id(struct bytes in, struct id_val *out)
{
	if (in.len != 18 || in.p[8] > STATE_DELETED ||
	    in.p[9] > OWNER_UNOWNED)
		return ERR_STORE;
	*out = (struct id_val){
		.rid = key_be64(in.p),
		.state = (enum key_state)in.p[8],
		.kind = (enum owner_kind)in.p[9],
		.owner = key_be64(in.p + 10)
	};
	return OK;
}

/* --- change ------------------------------------------------------------- */

void
key_put_log(const struct log_val *v, uint8_t out[static 25])
{
	key_put_be64(out, v->rid);
	key_put_be64(out + 8, v->version);
	out[16] = (uint8_t)v->kind;
	key_put_be64(out + 17, (uint64_t)v->time.ms ^ UINT64_C(1) << 63);
}

enum err
key_get_log(struct bytes in, struct log_val *out)
{
	if (in.len != 25 || in.p[16] > KEY_DELETED)
		return ERR_STORE;
	*out = (struct log_val){
		.rid = key_be64(in.p),
		.version = key_be64(in.p + 8),
		.kind = (enum key_change)in.p[16],
		.time.ms = (int64_t)(key_be64(in.p + 17) ^
		    UINT64_C(1) << 63)
	};
	return OK;
}

/* --- header and record -------------------------------------------------- */

size_t
key_header_len(const struct header *h)
{
	return HEADER_FIXED + h->member.len + 1 + h->id.len;
}

/* Sum of a record whose sum field reads zero, without changing it. */
static uint64_t
sum_of(struct bytes rec)
{
	static const uint8_t zero[8];
	uint8_t sum[crypto_generichash_BYTES_MIN];
	crypto_generichash_state st;

	(void)crypto_generichash_init(&st, NULL, 0, sizeof(sum));
	(void)crypto_generichash_update(&st, rec.p, HEADER_SUM);
	(void)crypto_generichash_update(&st, zero, sizeof(zero));
	(void)crypto_generichash_update(&st, rec.p + HEADER_SUM + 8,
	    rec.len - HEADER_SUM - 8);
	(void)crypto_generichash_final(&st, sum, sizeof(sum));
	return key_be64(sum);
}

void
key_put_record(const struct header *h, struct bytes body, uint8_t *out)
{
	uint32_t n = (uint32_t)(h->member.len / 8);
	uint8_t *p = out + HEADER_FIXED;

	key_put_be64(out, h->version);
	key_put_be64(out + 8, (uint64_t)h->updated.ms ^ UINT64_C(1) << 63);
	out[16] = h->deleted;
	out[17] = (uint8_t)h->kind;
	key_put_be64(out + 18, h->owner);
	key_put_be64(out + 26, h->born);
	out[42] = h->codec;
	for (size_t i = 0; i < 4; i++)
		out[43 + i] = (uint8_t)(n >> (24 - 8 * i));
	if (h->member.len > 0)
		memcpy(p, h->member.p, h->member.len);
	p += h->member.len;
	*p++ = (uint8_t)h->id.len;
	if (h->id.len > 0)
		memcpy(p, h->id.p, h->id.len);
	p += h->id.len;
	if (body.len > 0)
		memcpy(p, body.p, body.len);
	key_put_be64(out + HEADER_SUM, sum_of(bytes_of(out,
	    (size_t)(p - out) + body.len)));
}

enum err
key_get_record(struct bytes in, bool check, struct header *h_out,
    struct bytes *body_out)
{
	struct header h;
	size_t at, n;

	if (in.len < HEADER_FIXED + 1)
		return ERR_STORE;
	n = be32(in.p + 43);
	if (n > (in.len - HEADER_FIXED - 1) / 8)
		return ERR_STORE;
	at = HEADER_FIXED + 8 * n;
	h = (struct header){
		.version = key_be64(in.p),
		.updated.ms = (int64_t)(key_be64(in.p + 8) ^
		    UINT64_C(1) << 63),
		.deleted = in.p[16] == 1,
		.owner = key_be64(in.p + 18),
		.born = key_be64(in.p + 26),
		.sum = key_be64(in.p + HEADER_SUM),
		.codec = in.p[42],
		.member = bytes_of(in.p + HEADER_FIXED, 8 * n),
		.id = bytes_of(in.p + at + 1, in.p[at])
	};
	if (in.p[16] > 1 || in.p[17] > OWNER_UNOWNED || h.codec != 0 ||
	    h.id.len == 0 || h.id.len > ID_MAX ||
	    h.id.len > in.len - at - 1)
		return ERR_STORE;
	h.kind = (enum owner_kind)in.p[17];
	if (check && sum_of(in) != h.sum)
		return ERR_STORE;
	*h_out = h;
	*body_out = bytes_from(in, at + 1 + h.id.len);
	return OK;
}

uint64_t
key_member(struct bytes member, size_t i)
{
	return key_be64(member.p + 8 * i);
}
