/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_key.c -- layouts: what goes in comes out, and bytes keep the order.
 *
 * Random inputs from a fixed seed: the same run every time.
 */
#include "tests/unit/store_kit.h"

#include <ctype.h>

#include "base/text.h"
#include "store/key.h"

static uint64_t
next(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static int
sign(int c)
{
	return c < 0 ? -1 : c > 0;
}

static int
cmp_keys(const struct key *a, const struct key *b)
{
	return sign(bytes_cmp(key_bytes(a), key_bytes(b)));
}

static struct key
only_key(const struct value *v)
{
	struct key k[KEYS_VALUE];

	assert_true(key_index(1, v, k) >= 1);
	return k[0];
}

/* --- order -------------------------------------------------------------- */

static int64_t
some_time(uint64_t *s)
{
	switch (next(s) % 5) {
	case 0:
		return TIME_MIN;
	case 1:
		return TIME_MAX;
	case 2:
		return (int64_t)(next(s) % 7) - 3;
	default:
		return (int64_t)next(s);
	}
}

static void
test_dates_in_order(void **state UNUSED)
{
	uint64_t s = 1;
	struct value a = { .param = 9, .kind = PK_DATE }, b = a;
	struct key ka, kb;

	for (int i = 0; i < 20000; i++) {
		a.time.lo = some_time(&s);
		b.time.lo = some_time(&s);
		a.time.hi = a.time.lo == TIME_MAX ? TIME_MAX : a.time.lo + 1;
		b.time.hi = b.time.lo == TIME_MAX ? TIME_MAX : b.time.lo + 1;
		ka = only_key(&a);
		kb = only_key(&b);
		assert_int_equal(cmp_keys(&ka, &kb),
		    (a.time.lo > b.time.lo) - (a.time.lo < b.time.lo));
	}
}

/*
 * What a search does: spans that overlap [lo, hi) are those whose first key
 * begins in [lo - a day, hi), and the wide ones whose second key ends later.
 */
static void
test_date_ranges_find_all(void **state UNUSED)
{
	uint64_t s = 7;
	struct value v = { .param = 9, .kind = PK_DATE };
	struct key k[KEYS_VALUE];
	int64_t lo, hi, len;
	size_t n;
	bool overlap, found;

	for (int i = 0; i < 20000; i++) {
		lo = (int64_t)(next(&s) % (400 * (uint64_t)KEY_WIDE_MS));
		hi = lo + 1 + (int64_t)(next(&s) % (5 * KEY_WIDE_MS));
		v.time.lo = (int64_t)(next(&s) %
		    (400 * (uint64_t)KEY_WIDE_MS));
		len = 1 + (int64_t)(next(&s) % (3 * (uint64_t)KEY_WIDE_MS));
		v.time.hi = i % 10 == 0 ? TIME_MAX : v.time.lo + len;
		n = key_index(1, &v, k);
		overlap = v.time.lo < hi && v.time.hi > lo;
		found = v.time.lo >= lo - KEY_WIDE_MS && v.time.lo < hi;
		if (n == 2) {
			assert_int_equal(k[1].b[2], 2);
			found = found || v.time.hi > lo;
		}
		assert_true(!overlap || found);
	}
}

static struct dec
decimal(const char *text)
{
	struct dec d;

	assert_int_equal(prim_dec(bytes_str(text), &d), OK);
	return d;
}

static void
test_numbers_in_order(void **state UNUSED)
{
	static const char *const up[] = {
		"-1e10", "-100", "-99.9", "-1", "-0.001", "0", "0.001",
		"0.1", "0.10000001", "1", "5.4", "9.99", "10", "1e10"
	};
	struct value a = { .param = 9, .kind = PK_NUMBER }, b = a;
	struct key ka, kb;

	for (size_t i = 0; i < N_ELEM(up); i++)
		for (size_t j = 0; j < N_ELEM(up); j++) {
			a.lo = a.hi = decimal(up[i]);
			b.lo = b.hi = decimal(up[j]);
			ka = only_key(&a);
			kb = only_key(&b);
			assert_int_equal(cmp_keys(&ka, &kb),
			    (i > j) - (i < j));
		}
}

static struct bytes
some_text(struct arena *a, uint64_t *s, size_t max)
{
	size_t len = (size_t)(next(s) % max);
	uint8_t *p = arena_alloc(a, len + 1);

	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)("abAB12- "[next(s) % 8]);
	return bytes_of(p, len);
}

/* Prefix of a text: prefix of its key, up to the cut. */
static void
test_strings_keep_prefixes(void **state UNUSED)
{
	struct arena *a = arena_new(0);
	uint64_t s = 3;
	struct value v = { .param = 9, .kind = PK_STRING };
	struct key k, start;
	struct bytes head;

	for (int i = 0; i < 5000; i++) {
		v.more = some_text(a, &s, 3 * KEY_CUT);
		k = only_key(&v);
		assert_true(k.len <= 2 + KEY_CUT + 9);
		head = bytes_sub(v.more, 0, (size_t)(next(&s) % KEY_CUT));
		start = key_start(key_param(1, 9));
		key_add(&start, head);
		assert_true(bytes_starts(key_bytes(&k), key_bytes(&start)));
	}
	arena_free(&a);
}

/* Equal keys are equal values: beyond the cut a hash tells them apart. */
static void
test_cut_texts_differ(void **state UNUSED)
{
	uint8_t text[2][KEY_CUT + 40];
	struct value a = { .param = 9, .kind = PK_URI }, b = a;
	struct key ka, kb;

	memset(text, 'x', sizeof(text));
	text[1][KEY_CUT + 20] = 'y';
	a.text = bytes_of(text[0], sizeof(text[0]));
	b.text = bytes_of(text[1], sizeof(text[1]));
	ka = only_key(&a);
	kb = only_key(&b);
	assert_int_not_equal(cmp_keys(&ka, &kb), 0);
	kb = only_key(&a);
	assert_int_equal(cmp_keys(&ka, &kb), 0);
	/* The cut text itself is another value than the whole. */
	b.text.len = KEY_CUT;
	kb = only_key(&b);
	assert_int_not_equal(cmp_keys(&ka, &kb), 0);
}

/* Same key, if the search takes them for the same; never two for one. */
static void
test_tokens_ignore_case(void **state UNUSED)
{
	struct arena *a = arena_new(0);
	uint64_t s = 11;
	struct value x = { .param = 9, .kind = PK_TOKEN }, y = x;
	struct key kx, ky;

	for (int i = 0; i < 3000; i++) {
		do		/* without a code it has no key */
			x.text = some_text(a, &s, 2 * KEY_CUT);
		while (x.text.len == 0);
		uint8_t *up = arena_alloc(a, x.text.len);
		for (size_t j = 0; j < x.text.len; j++)
			up[j] = (uint8_t)toupper(x.text.p[j]);
		y.text = bytes_of(up, x.text.len);
		assert_true(text_caseeq(x.text, y.text));
		kx = only_key(&x);
		ky = only_key(&y);
		assert_int_equal(cmp_keys(&kx, &ky), 0);
		y.more = bytes_str("http://loinc.org");
		ky = only_key(&y);
		assert_int_not_equal(cmp_keys(&kx, &ky), 0);
		y.more = bytes_of(NULL, 0);
	}
	arena_free(&a);
}

static void
test_after(void **state UNUSED)
{
	struct key k = key_start(0xffff), n;

	assert_false(key_after(&k, &n));
	k = key_start(0x12ff);
	assert_true(key_after(&k, &n));
	assert_int_equal(n.len, 1);
	assert_int_equal(n.b[0], 0x13);
}

static void
test_history_newest_first(void **state UNUSED)
{
	struct key a = key_history(5, 1), b = key_history(5, 2),
	    c = key_history(6, 9);

	assert_true(cmp_keys(&b, &a) < 0);
	assert_true(cmp_keys(&a, &c) < 0);
}

/* --- records ------------------------------------------------------------ */

static void
test_record_round_trip(void **state UNUSED)
{
	uint8_t member[16] = { 0 }, rec[200];
	struct header in = { .version = 7, .updated.ms = -5,
	    .kind = OWNER_MANY, .owner = KEY_MANY, .born = 3,
	    .member = bytes_of(member, 16), .id = bytes_str("a-b.1") }, h;
	struct bytes body = bytes_str("{}"), out;
	size_t len = key_header_len(&in) + body.len;

	member[15] = 9;
	key_put_record(&in, body, rec);
	assert_int_equal(key_get_record(bytes_of(rec, len), true, &h, &out),
	    OK);
	assert_int_equal(h.version, 7);
	assert_int_equal(h.updated.ms, -5);
	assert_int_equal(h.kind, OWNER_MANY);
	assert_int_equal(key_member(h.member, 1), 9);
	assert_bytes(h.id, "a-b.1");
	assert_bytes(out, "{}");
	/* DB-11: any flipped bit is seen. */
	for (size_t i = 0; i < len * 8; i++) {
		rec[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(key_get_record(bytes_of(rec, len), true,
		    &h, &out), ERR_STORE);
		rec[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	/* So is a cut; without the digest it never leads outside. */
	for (size_t i = 0; i < len; i++) {
		uint8_t *cut = malloc(i + 1);

		memcpy(cut, rec, i);
		assert_int_equal(key_get_record(bytes_of(cut, i), true, &h,
		    &out), ERR_STORE);
		(void)!key_get_record(bytes_of(cut, i), false, &h, &out);
		free(cut);
	}
}

/* S09: 0.2 g and 200 mg share the key by which a search in UCUM comes. */
static void
test_quantities_in_base_units(void **state UNUSED)
{
	struct value g = { .param = 9, .kind = PK_QUANTITY,
	    .lo = decimal("0.2"), .hi = decimal("0.2"),
	    .text = bytes_str("g"), .more = bytes_str(UCUM_SYSTEM) };
	struct value mg = g, other = g, range = g;
	struct key a[KEYS_VALUE], b[KEYS_VALUE];

	mg.lo = mg.hi = decimal("200");
	mg.text = bytes_str("mg");
	assert_int_equal(key_index(1, &g, a), 2);
	assert_int_equal(key_index(1, &mg, b), 2);
	assert_int_not_equal(cmp_keys(&a[0], &b[0]), 0);
	assert_int_equal(cmp_keys(&a[1], &b[1]), 0);
	mg.lo = mg.hi = decimal("201");
	assert_int_equal(key_index(1, &mg, b), 2);
	assert_true(cmp_keys(&a[1], &b[1]) < 0);
	/* another kind, another place; another system, or no unit: none */
	other.text = bytes_str("m");
	assert_int_equal(key_index(1, &other, b), 2);
	assert_int_not_equal(memcmp(a[1].b, b[1].b, 11), 0);
	other.text = bytes_str("no unit");
	assert_int_equal(key_index(1, &other, b), 1);
	other = g;
	other.more = bytes_str("http://u");
	assert_int_equal(key_index(1, &other, b), 1);
	range.hi = decimal("0.3");
	assert_int_equal(key_index(1, &range, b), 4);
	assert_int_equal(b[2].b[2], 3);
	assert_int_equal(b[3].b[2], 4);
}

/* --- rows --------------------------------------------------------------- */

static struct values
many_values(struct arena *a)
{
	struct value *part = arena_array(a, 2, sizeof(*part));
	struct value *v = arena_array(a, 9, sizeof(*v));
	uint8_t *big = arena_alloc(a, 70000);

	memset(big, 'z', 70000);
	part[0] = (struct value){ .param = 1, .kind = PK_TOKEN,
	    .text = bytes_str("c"), .more = bytes_str("s") };
	part[1] = (struct value){ .param = 2, .kind = PK_DATE,
	    .time = { -1, 5 } };
	v[0] = (struct value){ .param = 3, .kind = PK_STRING,
	    .text = bytes_str("Ann"), .more = bytes_str("ann") };
	v[1] = (struct value){ .param = 3, .kind = PK_STRING,
	    .text = bytes_of(big, 70000), .more = bytes_of(big, 70000) };
	v[2] = (struct value){ .param = 4, .kind = PK_TOKEN,
	    .text = bytes_str("8480-6"), .more = bytes_str("http://l") };
	v[3] = (struct value){ .param = 5, .kind = PK_URI,
	    .text = bytes_str("urn:x") };
	v[4] = (struct value){ .param = 6, .kind = PK_REFERENCE,
	    .type = 70, .text = bytes_str("p1") };
	v[5] = (struct value){ .param = 7, .kind = PK_DATE,
	    .time = { TIME_MIN, TIME_MAX } };
	v[6] = (struct value){ .param = 8, .kind = PK_NUMBER,
	    .lo = decimal("-1.5"), .hi = decimal("2") };
	v[7] = (struct value){ .param = 9, .kind = PK_QUANTITY,
	    .lo = decimal("5.4"), .hi = decimal("5.4"),
	    .text = bytes_str("mg"), .more = bytes_str("http://ucum"),
	    .unit = bytes_str("milligram") };
	v[8] = (struct value){ .param = 10, .kind = PK_COMPOSITE,
	    .part = part, .n_part = 2 };
	return (struct values){ v, 9 };
}

static void
same_value(const struct value *a, const struct value *b)
{
	assert_int_equal(a->param, b->param);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->type, b->type);
	assert_true(bytes_eq(a->text, b->text));
	assert_true(bytes_eq(a->more, b->more));
	assert_true(bytes_eq(a->unit, b->unit));
	if (a->kind == PK_DATE)
		assert_true(a->time.lo == b->time.lo &&
		    a->time.hi == b->time.hi);
	if (a->kind == PK_NUMBER || a->kind == PK_QUANTITY) {
		assert_int_equal(dec_cmp(&a->lo, &b->lo), 0);
		assert_int_equal(dec_cmp(&a->hi, &b->hi), 0);
	}
	assert_int_equal(a->n_part, b->n_part);
	for (size_t i = 0; i < a->n_part; i++)
		same_value(&a->part[i], &b->part[i]);
}

static void
test_row_round_trip(void **state UNUSED)
{
	struct arena *a = arena_new(0);
	struct values in = many_values(a), out;
	struct bytes raw, at = bytes_of(NULL, 0);
	struct value v;
	struct row row;

	assert_int_equal(key_put_row(a, 12, (struct instant){ -9 }, &in,
	    &raw), OK);
	assert_int_equal(key_get_row(raw, &row), OK);
	assert_int_equal(row.born, 12);
	assert_int_equal(row.updated.ms, -9);
	assert_int_equal(key_entries(a, &row, &out), OK);
	assert_int_equal(out.n, in.n);
	for (size_t i = 0; i < in.n; i++)
		same_value(&in.v[i], &out.v[i]);
	/* One parameter alone: two values, then the end. */
	assert_true(key_entry(a, &row, 3, &at, &v));
	same_value(&in.v[0], &v);
	assert_true(key_entry(a, &row, 3, &at, &v));
	same_value(&in.v[1], &v);
	assert_false(key_entry(a, &row, 3, &at, &v));
	at = bytes_of(NULL, 0);
	assert_false(key_entry(a, &row, 99, &at, &v));
	arena_free(&a);
}

/* Damage ends the walk; under ASan: it never leads outside of the row. */
static void
test_row_damaged(void **state UNUSED)
{
	struct arena *a = arena_new(0);
	struct values in = many_values(a), out;
	uint64_t s = 5;
	struct bytes raw;
	struct row row;
	uint8_t *copy;

	in.v[1].text = in.v[1].more = bytes_str("short");
	assert_int_equal(key_put_row(a, 1, (struct instant){ 1 }, &in,
	    &raw), OK);
	copy = malloc(raw.len);
	for (int i = 0; i < 20000; i++) {
		memcpy(copy, raw.p, raw.len);
		for (int j = 0; j < 3; j++)
			copy[next(&s) % raw.len] = (uint8_t)next(&s);
		assert_int_equal(key_get_row(bytes_of(copy, raw.len), &row),
		    OK);
		(void)!key_entries(a, &row, &out);
		if (i % 500 == 0)
			arena_reset(a);
		if (i % 500 == 0) {
			in = many_values(a);
			in.v[1].text = in.v[1].more = bytes_str("short");
			assert_int_equal(key_put_row(a, 1,
			    (struct instant){ 1 }, &in, &raw), OK);
		}
	}
	free(copy);
	arena_free(&a);
}

static void
test_id_round_trip(void **state UNUSED)
{
	struct id_val in = { rid_make(70, 5), STATE_DELETED, OWNER_SHARED,
	    KEY_SHARED }, out;
	uint8_t val[18];

	key_put_id(&in, val);
	assert_int_equal(key_get_id(bytes_of(val, 18), &out), OK);
	assert_true(out.rid == in.rid && out.state == in.state &&
	    out.kind == in.kind && out.owner == in.owner);
	assert_int_equal(rid_type(out.rid), 70);
	val[8] = 9;
	assert_int_equal(key_get_id(bytes_of(val, 18), &out), ERR_STORE);
	assert_int_equal(key_get_id(bytes_of(val, 17), &out), ERR_STORE);
}

/* Parameters of every type, and no others, are renumbered in each. */
static void
test_no_key_is_of_two_types(void **state UNUSED)
{
	const struct def_param *p;
	size_t n;

	for (uint16_t type = 0; type <= DEF_TYPES; type++)
		for (p = def_params(type, &n); n > 0; n--, p++) {
			uint16_t num = key_param(type == 0 ? 1 : type, p->num);

			assert_true((num >= 0x8000) == (type == 0) &&
			    (num == p->num) == (type != 0));
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_key_is_of_two_types),
		cmocka_unit_test(test_dates_in_order),
		cmocka_unit_test(test_date_ranges_find_all),
		cmocka_unit_test(test_numbers_in_order),
		cmocka_unit_test(test_quantities_in_base_units),
		cmocka_unit_test(test_strings_keep_prefixes),
		cmocka_unit_test(test_cut_texts_differ),
		cmocka_unit_test(test_tokens_ignore_case),
		cmocka_unit_test(test_after),
		cmocka_unit_test(test_history_newest_first),
		cmocka_unit_test(test_record_round_trip),
		cmocka_unit_test(test_row_round_trip),
		cmocka_unit_test(test_row_damaged),
		cmocka_unit_test(test_id_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
