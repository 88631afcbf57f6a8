/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_index.c -- a searchable value as keys of the index.  (L2)
 *
 * memcmp of two keys is the order of their values.  A key may hold less than
 * its value (cut text, lowered code): whoever scans keys finds every value
 * that matches, perhaps more, and asks query_value_match about each.
 */
#include "store/key.h"

#include <sodium.h>

#include "base/text.h"

/* Numbers of definitions stay below: tests/unit/store_key.c. */
#define EACH_TYPE	0x8000u

_Static_assert(DEF_TYPES <= 0xff, "a type is one byte in a parameter's key");

uint16_t
key_param(uint16_t type, uint16_t param)
{
	/* All of them are among the first: no look into the tables. */
	return param > PARAM_QUERY ? param :
	    (uint16_t)(EACH_TYPE | (unsigned)param << 8 | type);
}

void
key_add_time(struct key *k, int64_t ms)
{
	key_add_be64(k, (uint64_t)ms ^ UINT64_C(1) << 63);
}

void
key_add_hash8(struct key *k, struct bytes b)
{
	key_add_be64(k, b.len == 0 ? 0 : key_hash8(b));
}

void
key_add_cut(struct key *k, struct bytes text)
{
	if (text.len <= KEY_CUT) {
		key_add(k, text);
		return;
	}
	key_add(k, bytes_sub(text, 0, KEY_CUT));
	key_add_u8(k, 0xff);		/* in no UTF-8 text */
	key_add_be64(k, key_hash8(text));
}

/* hash8 of the lowered text, a block at a time: it may be long. */
static uint64_t
hash8_lower(struct bytes text)
{
	uint8_t block[256], sum[crypto_generichash_BYTES_MIN];
	crypto_generichash_state st;
	size_t n;

	(void)crypto_generichash_init(&st, NULL, 0, sizeof(sum));
	for (size_t at = 0; at < text.len; at += n) {
		n = text.len - at < sizeof(block) ? text.len - at :
		    sizeof(block);
		for (size_t i = 0; i < n; i++)
			block[i] = text_lower(text.p[at + i]);
		(void)crypto_generichash_update(&st, block, n);
	}
	(void)crypto_generichash_final(&st, sum, sizeof(sum));
	return key_be64(sum);
}

void
key_add_lower(struct key *k, struct bytes text)
{
	size_t n = text.len < KEY_CUT ? text.len : KEY_CUT;

	for (size_t i = 0; i < n; i++)
		key_add_u8(k, text_lower(text.p[i]));
	if (text.len > KEY_CUT) {
		key_add_u8(k, 0xff);
		key_add_be64(k, hash8_lower(text));
	}
}

static void
add_unit8(struct key *k, struct bytes system, struct bytes code)
{
	uint8_t sum[crypto_generichash_BYTES_MIN];
	crypto_generichash_state st;

	if (system.len == 0 && code.len == 0) {
		key_add_be64(k, 0);
		return;
	}
	(void)crypto_generichash_init(&st, NULL, 0, sizeof(sum));
	(void)crypto_generichash_update(&st, system.p, system.len);
	(void)crypto_generichash_update(&st, (const uint8_t *)"", 1);
	(void)crypto_generichash_update(&st, code.p, code.len);
	(void)crypto_generichash_final(&st, sum, sizeof(sum));
	key_add_be64(k, key_be64(sum));
}

static struct key
date_key(uint16_t param, uint8_t lead, int64_t first, int64_t second)
{
	struct key k = key_start(param);

	key_add_u8(&k, lead);
	key_add_time(&k, first);
	key_add_time(&k, second);
	return k;
}

static struct key
dec_key(const struct value *v, uint8_t lead, const struct dec *first,
    const struct dec *second)
{
	struct key k = key_start(v->param);

	key_add_u8(&k, lead);
	key_add(&k, bytes_of(first->b, DEC_LEN));
	key_add(&k, bytes_of(second->b, DEC_LEN));
	if (v->kind == PK_QUANTITY)
		add_unit8(&k, v->more, v->text);
	else
		key_add_be64(&k, 0);
	return k;
}

static size_t
index_date(uint16_t param, const struct value *v, struct key out[static 2])
{
	uint64_t len = (uint64_t)v->time.hi - (uint64_t)v->time.lo;

	out[0] = date_key(param, 1, v->time.lo, v->time.hi);
	if (len <= KEY_WIDE_MS)
		return 1;
	out[1] = date_key(param, 2, v->time.hi, v->time.lo);
	return 2;
}

static size_t
index_number(const struct value *v, struct key *out)
{
	out[0] = dec_key(v, 1, &v->lo, &v->hi);
	if (dec_cmp(&v->lo, &v->hi) == 0)
		return 1;
	out[1] = dec_key(v, 2, &v->hi, &v->lo);
	return 2;
}

struct key
key_of_base(uint16_t param, uint8_t lead, const struct quantity *q)
{
	char name[UCUM_NAME_MAX];
	struct key k = key_start(param);

	key_add_u8(&k, lead);
	key_add_hash8(&k, ucum_name(&q->unit, name));
	return k;
}

static size_t
index_quantity(const struct value *v, struct key *out)
{
	size_t n = index_number(v, out);
	struct quantity q;

	if (!quantity_base(v, &q))
		return n;
	out[n] = key_of_base(v->param, 3, &q);
	key_add(&out[n], bytes_of(q.lo.b, DEC_LEN));
	key_add(&out[n++], bytes_of(q.hi.b, DEC_LEN));
	if (dec_cmp(&q.lo, &q.hi) == 0)
		return n;
	out[n] = key_of_base(v->param, 4, &q);
	key_add(&out[n], bytes_of(q.hi.b, DEC_LEN));
	key_add(&out[n++], bytes_of(q.lo.b, DEC_LEN));
	return n;
}

static struct key
reference_key(const struct value *v)
{
	struct key k = key_start(v->param);

	if (v->type == 0) {
		key_add_u8(&k, 2);
		key_add_cut(&k, v->text);
		return k;
	}
	key_add_u8(&k, 1);
	key_add_be16(&k, v->type);
	key_add(&k, v->text);
	return k;
}

size_t
key_index(uint16_t type, const struct value *v,
    struct key out[static KEYS_VALUE])
{
	uint16_t param = key_param(type, v->param);

	switch ((enum param_kind)v->kind) {
	case PK_STRING:
		out[0] = key_start(param);
		key_add_cut(&out[0], v->more);
		return 1;
	case PK_TOKEN:
		if (value_codeless(v))
			return 0;
		out[0] = key_start(param);
		key_add_lower(&out[0], v->text);
		key_add_u8(&out[0], 0);
		key_add_hash8(&out[0], v->more);
		return 1;
	case PK_URI:
		out[0] = key_start(param);
		key_add_cut(&out[0], v->text);
		return 1;
	case PK_REFERENCE:
		out[0] = reference_key(v);
		return 1;
	case PK_DATE:
		return index_date(param, v, out);
	case PK_NUMBER:
		return index_number(v, out);
	case PK_QUANTITY:
		return index_quantity(v, out);
	case PK_COMPOSITE:
	case PK__MAX:
		return 0;
	}
	return 0;
}
