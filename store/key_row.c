/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_row.c -- the row: a resource's searchable values, whole.  (L2)
 *
 * Written once per change, read by every patient-scoped search: decoding
 * borrows from the row and copies nothing.  Damaged bytes never lead outside
 * of it: they end the walk, and key_entries and check report them.
 */
#include "store/key.h"

#define ROW_FIXED	16
#define ROW_MAX		(256u << 20)	/* bytes; a resource has fewer */

/* --- writing ------------------------------------------------------------ */

static void
put_len(struct buf *b, size_t len)
{
	if (len < 0xffff) {
		buf_be16(b, (uint16_t)len);
		return;
	}
	buf_be16(b, 0xffff);
	buf_be32(b, (uint32_t)len);
}

static size_t
text_len(struct bytes t)
{
	return (t.len < 0xffff ? 2u : 6u) + t.len;
}

static void
put_text(struct buf *b, struct bytes t)
{
	put_len(b, t.len);
	buf_add(b, t);
}

static size_t
payload_len(const struct value *v)
{
	size_t len = 0;

	switch ((enum param_kind)v->kind) {
	case PK_STRING:
	case PK_TOKEN:
		return text_len(v->text) + v->more.len;
	case PK_URI:
		return v->text.len;
	case PK_REFERENCE:
		return 2 + v->text.len;
	case PK_DATE:
		return 16;
	case PK_NUMBER:
		return 2 * DEC_LEN;
	case PK_QUANTITY:
		return 2 * DEC_LEN + text_len(v->text) + text_len(v->more) +
		    v->unit.len;
	case PK_COMPOSITE:
		/* Parts are never composite: the tables have no such. */
		for (size_t i = 0; i < v->n_part; i++) {
			size_t n = v->part[i].kind == PK_COMPOSITE ? 0 :
			    payload_len(&v->part[i]);

			len += 3 + (n < 0xffff ? 2u : 6u) + n;
		}
		return len;
	case PK__MAX:
		return 0;
	}
	return 0;
}

static void
put_payload(struct buf *b, const struct value *v)
{
	switch ((enum param_kind)v->kind) {
	case PK_STRING:
	case PK_TOKEN:
		put_text(b, v->text);
		buf_add(b, v->more);
		break;
	case PK_URI:
		buf_add(b, v->text);
		break;
	case PK_REFERENCE:
		buf_be16(b, v->type);
		buf_add(b, v->text);
		break;
	case PK_DATE:
		buf_be64(b, (uint64_t)v->time.lo ^ UINT64_C(1) << 63);
		buf_be64(b, (uint64_t)v->time.hi ^ UINT64_C(1) << 63);
		break;
	case PK_NUMBER:
	case PK_QUANTITY:
		buf_add(b, bytes_of(v->lo.b, DEC_LEN));
		buf_add(b, bytes_of(v->hi.b, DEC_LEN));
		if (v->kind == PK_NUMBER)
			break;
		put_text(b, v->text);
		put_text(b, v->more);
		buf_add(b, v->unit);
		break;
	case PK_COMPOSITE:
		for (size_t i = 0; i < v->n_part; i++)
			if (v->part[i].kind != PK_COMPOSITE)
				key_put_entry(b, &v->part[i]);
		break;
	case PK__MAX:
		break;
	}
}

void
key_put_entry(struct buf *b, const struct value *v)
{
	buf_be16(b, v->param);
	buf_u8(b, v->kind);
	put_len(b, payload_len(v));
	put_payload(b, v);
}

enum err
key_put_row(struct arena *a, uint64_t born, struct instant updated,
    const struct values *v, struct bytes *out)
{
	struct buf b = buf_on(a, ROW_MAX);

	buf_be64(&b, born);
	buf_be64(&b, (uint64_t)updated.ms ^ UINT64_C(1) << 63);
	for (size_t i = 0; i < v->n; i++)
		key_put_entry(&b, &v->v[i]);
	return buf_end(&b, out);
}

/* --- reading ------------------------------------------------------------ */

enum err
key_get_row(struct bytes in, struct row *out)
{
	if (in.len < ROW_FIXED)
		return ERR_STORE;
	out->owner = KEY_UNOWNED;
	out->born = key_be64(in.p);
	out->updated.ms = (int64_t)(key_be64(in.p + 8) ^ UINT64_C(1) << 63);
	out->entries = bytes_from(in, ROW_FIXED);
	return OK;
}

static unsigned
be16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* Take a length and that many bytes off the front of *in. */
static bool
take_text(struct bytes *in, struct bytes *out)
{
	size_t head = 2, len;

	if (in->len < head)
		return false;
	len = be16(in->p);
	if (len == 0xffff) {
		head = 6;
		if (in->len < head)
			return false;
		len = (size_t)be16(in->p + 2) << 16 | be16(in->p + 4);
	}
	if (len > in->len - head)
		return false;
	*out = bytes_of(in->p + head, len);
	*in = bytes_of(in->p + head + len, in->len - head - len);
	return true;
}

struct entry {
	uint16_t	param;
	uint8_t		kind;
	struct bytes	payload;
};

/* A payload whose length does not fit 16 bits, or what is none. */
static NOINLINE bool
take_long(struct bytes *in, struct entry *out)
{
	struct bytes rest = bytes_from(*in, 3);

	if (!take_text(&rest, &out->payload))
		return false;
	*in = rest;
	return true;
}

/*
 * Take one entry off the front of *in, or nothing.  Searches do little else:
 * the usual length is looked at here, where it can be inlined.
 */
static inline bool
take_entry(struct bytes *in, struct entry *out)
{
	const size_t head = 5;
	size_t len;

	if (in->len < head)
		return false;
	out->param = (uint16_t)be16(in->p);
	out->kind = in->p[2];
	len = be16(in->p + 3);
	if (len == 0xffff || len > in->len - head)
		return take_long(in, out);
	out->payload = bytes_of(in->p + head, len);
	*in = bytes_of(in->p + head + len, in->len - head - len);
	return true;
}

static bool
take_span(struct bytes in, struct span *out)
{
	const uint64_t sign = UINT64_C(1) << 63;

	if (in.len != 2 * sizeof(uint64_t))
		return false;
	out->lo = (int64_t)(key_be64(in.p) ^ sign);
	out->hi = (int64_t)(key_be64(in.p + sizeof(uint64_t)) ^ sign);
	return true;
}

static bool
take_range(struct bytes *in, struct value *v)
{
	if (in->len < 2 * DEC_LEN)
		return false;
	memcpy(v->lo.b, in->p, DEC_LEN);
	memcpy(v->hi.b, in->p + DEC_LEN, DEC_LEN);
	*in = bytes_of(in->p + 2 * DEC_LEN, in->len - 2 * DEC_LEN);
	return true;
}

/* All but ranges, which are most of a value and mean something to few kinds. */
static inline void
clear(const struct entry *e, struct value *v)
{
	v->param = e->param;
	v->kind = e->kind;
	v->text = v->more = v->unit = bytes_of(NULL, 0);
	v->type = 0;
	v->part = NULL;
	v->n_part = 0;
	v->no_system = v->any_system = v->any_code = false;
}

/* A payload that is not composite. */
static bool
decode_simple(const struct entry *e, struct value *v)
{
	struct bytes in = e->payload;

	clear(e, v);
	switch ((enum param_kind)e->kind) {
	case PK_STRING:
	case PK_TOKEN:
		if (!take_text(&in, &v->text))
			return false;
		v->more = in;
		return true;
	case PK_URI:
		v->text = in;
		return true;
	case PK_REFERENCE:
		if (in.len < 2)
			return false;
		v->type = (uint16_t)be16(in.p);
		v->text = bytes_from(in, 2);
		return true;
	case PK_DATE:
		return take_span(in, &v->time);
	case PK_NUMBER:
		return take_range(&in, v) && in.len == 0;
	case PK_QUANTITY:
		if (!take_range(&in, v) || !take_text(&in, &v->text) ||
		    !take_text(&in, &v->more))
			return false;
		v->unit = in;
		return true;
	case PK_COMPOSITE:
	case PK__MAX:
		return false;
	}
	return false;
}

static NOINLINE bool
decode_parts(struct arena *a, const struct entry *e, struct value *out)
{
	struct bytes in = e->payload;
	struct value *part;
	struct entry sub;
	uint8_t n = 0;

	while (n < UINT8_MAX && take_entry(&in, &sub))
		n++;
	if (in.len != 0)
		return false;
	part = arena_array(a, n, sizeof(*part));
	in = e->payload;
	for (uint8_t i = 0; i < n; i++)
		if (!take_entry(&in, &sub) || !decode_simple(&sub, &part[i]))
			return false;
	*out = (struct value){ .param = e->param, .kind = e->kind,
	    .part = part, .n_part = n };
	return true;
}

static bool
decode(struct arena *a, const struct entry *e, struct value *out)
{
	return e->kind == PK_COMPOSITE ? decode_parts(a, e, out) :
	    decode_simple(e, out);
}

bool
key_entry(struct arena *a, const struct row *r, uint16_t param,
    struct bytes *at, struct value *out)
{
	struct bytes in = at->p == NULL ? r->entries : *at;
	struct entry e UNINIT;

	do {
		if (!take_entry(&in, &e) || e.param > param)	/* sorted */
			return false;
	} while (e.param != param);
	*at = in;
	return decode(a, &e, out);
}

/* Letters differ from their other case in this bit, and so may others. */
static inline bool
near_byte(uint8_t a, uint8_t b)
{
	return ((a ^ b) & ~0x20) == 0;
}

/* Can this be a token of that code, in whatever case?  Told from its ends. */
static inline bool
maybe_code(const struct entry *e, struct bytes code)
{
	const uint8_t *p = e->payload.p;
	size_t n = code.len;

	if (n == 0 || n >= 0xffff)
		return true;
	return e->payload.len >= 2 + n && be16(p) == n &&
	    near_byte(p[2], code.p[0]) &&
	    near_byte(p[1 + n], code.p[n - 1]);
}

bool
key_entry_code(const struct row *r, uint16_t param, struct bytes code,
    struct bytes *at, struct value *out)
{
	struct bytes in = at->p == NULL ? r->entries : *at;
	struct entry e UNINIT;

	do {
		if (!take_entry(&in, &e) || e.param > param)	/* sorted */
			return false;
	} while (e.param != param || !maybe_code(&e, code));
	*at = in;
	return decode_simple(&e, out);
}

bool
key_entry_span(const struct row *r, uint16_t param, struct bytes *at,
    struct span *out)
{
	struct bytes in = at->p == NULL ? r->entries : *at;
	struct entry e UNINIT;

	do {
		if (!take_entry(&in, &e) || e.param > param)	/* sorted */
			return false;
	} while (e.param != param || e.kind != PK_DATE);
	*at = in;
	return take_span(e.payload, out);
}

bool
key_entry_refers(const struct row *r, uint16_t param, uint16_t type,
    struct bytes id)
{
	struct bytes in = r->entries;
	struct entry e UNINIT;

	while (take_entry(&in, &e) && e.param <= param)		/* sorted */
		if (e.param == param && e.kind == PK_REFERENCE &&
		    e.payload.len == 2 + id.len &&
		    be16(e.payload.p) == type &&
		    memcmp(e.payload.p + 2, id.p, id.len) == 0)
			return true;
	return false;
}

enum err
key_entries(struct arena *a, const struct row *r, struct values *out)
{
	struct bytes at = r->entries;
	struct values v = { .n = 0 };
	struct entry e;

	while (take_entry(&at, &e))
		v.n++;
	if (at.len != 0)
		return ERR_STORE;
	v.v = arena_array(a, v.n, sizeof(*v.v));
	at = r->entries;
	for (size_t i = 0; i < v.n; i++)
		if (!take_entry(&at, &e) || !decode(a, &e, &v.v[i]))
			return ERR_STORE;
	*out = v;
	return OK;
}
