/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_check.c -- every kind of fault is planted and must be reported.
 *
 * DB-11 in its small form; design 6 (check).
 */
#include "tests/unit/store_fault.h"

#include "store/apply.h"
#include "store/meta.h"

static uint64_t
rid_of(struct txn *t, const char *type, const char *id)
{
	struct key k = key_id(kit_type(type), bytes_str(id));
	struct bytes val;
	struct id_val v;

	assert_int_equal(db_get(t, DB_ID, key_bytes(&k), &val), OK);
	assert_int_equal(key_get_id(val, &v), OK);
	return v.rid;
}

/* Plant with fn and expect a fault whose place and text hold these words. */
static void
planted(txn_fn *fn, const char *where, const char *what)
{
	struct arena *a = arena_new(0);
	struct seen s = { .where = where, .what = what };
	struct store *st = world(a);

	assert_int_equal(faults_of(st, a, &s), 0);
	assert_int_equal(txn_write(st->env, fn, NULL), OK);
	assert_int_not_equal(faults_of(st, a, &s), 0);
	if (!s.found)
		fail_msg("no fault \"%s\" at \"%s\"", what, where);
	arena_free(&a);
}

/* Change byte at of a value, counted from its end where negative. */
static enum err
flip(struct txn *t, enum key_db db, const struct key *k, int at)
{
	uint8_t copy[4096];
	struct bytes val;
	enum err e;

	e = db_get(t, (int)db, key_bytes(k), &val);
	if (e != OK)
		return e;
	memcpy(copy, val.p, val.len);
	copy[at < 0 ? (size_t)((int)val.len + at) : (size_t)at] ^= 1;
	return db_put(t, (int)db, key_bytes(k), bytes_of(copy, val.len));
}

static enum err
flip_body(struct txn *t, void *arg UNUSED)
{
	struct key k = key_rid(rid_of(t, "Observation", "o"));

	return flip(t, DB_RECORD, &k, -5);
}

static enum err
flip_owner(struct txn *t, void *arg UNUSED)
{
	struct key k = key_rid(rid_of(t, "Observation", "o"));

	return flip(t, DB_RECORD, &k, 25);
}

static enum err
flip_history(struct txn *t, void *arg UNUSED)
{
	struct key k = key_history(rid_of(t, "Observation", "o"), 1);

	return flip(t, DB_HISTORY, &k, -5);
}

static enum err
drop_history(struct txn *t, void *arg UNUSED)
{
	struct key k = key_history(rid_of(t, "Observation", "o"), 1);

	return db_del(t, DB_HISTORY, key_bytes(&k));
}

static enum err
extra_history(struct txn *t, void *arg UNUSED)
{
	struct key k = key_history(rid_of(t, "Patient", "p"), 1);

	return db_put(t, DB_HISTORY, key_bytes(&k), bytes_str("x"));
}

static enum err
flip_row(struct txn *t, void *arg UNUSED)
{
	struct key k = key_row(rid_of(t, "Patient", "p"),
	    rid_of(t, "Observation", "o"));

	return flip(t, DB_ROW, &k, -1);
}

static enum err
drop_row(struct txn *t, void *arg UNUSED)
{
	struct key k = key_row(rid_of(t, "Patient", "p"),
	    rid_of(t, "Observation", "o"));

	return db_del(t, DB_ROW, key_bytes(&k));
}

static enum err
extra_row(struct txn *t, void *arg UNUSED)
{
	struct key k = key_row(KEY_SHARED, rid_of(t, "Observation", "o"));
	uint8_t row[16] = { 0 };

	return db_put(t, DB_ROW, key_bytes(&k), bytes_of(row, sizeof(row)));
}

static struct key
beside(struct txn *t)
{
	return key_row(rid_of(t, "Patient", "p"),
	    rid_of(t, "Observation", "o"));
}

static enum err
flip_extra(struct txn *t, void *arg UNUSED)
{
	struct key k = beside(t);

	return flip(t, DB_EXTRA, &k, 6);	/* a letter of a word */
}

static enum err
drop_extra(struct txn *t, void *arg UNUSED)
{
	struct key k = beside(t);

	return db_del(t, DB_EXTRA, key_bytes(&k));
}

static enum err
extra_extra(struct txn *t, void *arg UNUSED)
{
	struct key k = key_row(KEY_SHARED, rid_of(t, "Observation", "o"));

	return db_put(t, DB_EXTRA, key_bytes(&k), bytes_str("x"));
}

static enum err
drop_posting(struct txn *t, void *arg UNUSED)
{
	struct key k = key_reserved(KEY_P_TYPE, kit_type("Observation"));

	return db_del64(t, DB_INDEX, key_bytes(&k),
	    rid_of(t, "Observation", "o"));
}

static enum err
extra_posting(struct txn *t, void *arg UNUSED)
{
	struct key k = key_reserved(KEY_P_TYPE, kit_type("Observation"));

	return db_put64(t, DB_INDEX, key_bytes(&k), rid_of(t, "Patient", "p"));
}

/* One too few and one too many: the counts agree, the store does not. */
static enum err
moved_posting(struct txn *t, void *arg UNUSED)
{
	enum err e;

	e = drop_posting(t, NULL);
	return e == OK ? extra_posting(t, NULL) : e;
}

static enum err
drop_id(struct txn *t, void *arg UNUSED)
{
	struct key k = key_id(kit_type("Observation"), bytes_str("o"));

	return db_del(t, DB_ID, key_bytes(&k));
}

static enum err
extra_id(struct txn *t, void *arg UNUSED)
{
	struct key k = key_id(kit_type("Observation"), bytes_str("ghost"));
	struct id_val v = { .rid = rid_make(kit_type("Observation"), 999),
	    .state = STATE_LIVE };
	uint8_t val[18];

	key_put_id(&v, val);
	return db_put(t, DB_ID, key_bytes(&k), bytes_of(val, sizeof(val)));
}

static enum err
flip_id(struct txn *t, void *arg UNUSED)
{
	struct key k = key_id(kit_type("Observation"), bytes_str("o"));

	return flip(t, DB_ID, &k, 17);
}

static enum err
drop_record(struct txn *t, void *arg UNUSED)
{
	struct key k = key_rid(rid_of(t, "Observation", "o"));

	return db_del(t, DB_RECORD, key_bytes(&k));
}

static enum err
drop_change(struct txn *t, void *arg UNUSED)
{
	struct key k = key_journal(2);

	return db_del(t, DB_CHANGE, key_bytes(&k));
}

static enum err
flip_change(struct txn *t, void *arg UNUSED)
{
	struct key k = key_journal(2);

	return flip(t, DB_CHANGE, &k, 15);
}

static enum err
old_counter(struct txn *t, void *arg UNUSED)
{
	return meta_put(t, META_JOURNAL, 3);
}

static enum err
low_sequence(struct txn *t, void *arg UNUSED)
{
	return meta_put(t, META_SEQUENCE, 1);
}

static void
test_records(void **state UNUSED)
{
	planted(flip_body, "record Observation", "digest");
	planted(flip_owner, "record Observation", "digest");
	planted(drop_record, "id Observation/o", "no record");
}

static void
test_history(void **state UNUSED)
{
	planted(flip_history, "history Observation/o", "damaged");
	planted(drop_history, "history Observation/o", "lacks");
	planted(extra_history, "history Patient", "no record");
}

static void
test_rows(void **state UNUSED)
{
	planted(flip_row, "row Observation/o", "differs");
	planted(drop_row, "row Observation/o", "missing");
	planted(extra_row, "row Observation", "no record");
	planted(flip_extra, "extra Observation/o", "differs");
	planted(drop_extra, "extra Observation/o", "missing");
	planted(extra_extra, "extra Observation", "no record");
}

static void
test_postings(void **state UNUSED)
{
	planted(drop_posting, "index Observation/o", "lacks");
	planted(extra_posting, "index Patient", "no record asks");
	planted(moved_posting, "index Observation/o", "lacks");
	planted(moved_posting, "index Patient", "no record asks");
}

static void
test_ids(void **state UNUSED)
{
	planted(drop_id, "id Observation/o", "missing");
	planted(extra_id, "id Observation/ghost", "no record");
	planted(flip_id, "id Observation/o", "owner");
}

static void
test_journal(void **state UNUSED)
{
	planted(drop_change, "change", "out of order");
	planted(flip_change, "change", "not there");
	planted(old_counter, "meta journal", "last change");
	planted(low_sequence, "meta sequence", "passed");
}

/* --- a text that says something else than its record -------------------- */

/* Rewrite the record with a right digest and a wrong text. */
static enum err
forge(struct txn *t, const char *from, const char *to)
{
	struct key k = key_rid(rid_of(t, "Observation", "o"));
	uint8_t raw[4096], out[4096];
	struct header h;
	struct bytes val, body;
	uint8_t *at;
	enum err e;

	e = db_get(t, DB_RECORD, key_bytes(&k), &val);
	if (e != OK)
		return e;
	memcpy(raw, val.p, val.len);
	e = key_get_record(bytes_of(raw, val.len), true, &h, &body);
	if (e != OK)
		return e;
	at = memmem(body.p, body.len, from, strlen(from));
	assert_non_null(at);
	memcpy(at, to, strlen(to));
	key_put_record(&h, body, out);
	return db_put(t, DB_RECORD, key_bytes(&k), bytes_of(out, val.len));
}

static enum err
forge_owner(struct txn *t, void *arg UNUSED)
{
	return forge(t, "Patient/p", "Patient/q");
}

static enum err
forge_version(struct txn *t, void *arg UNUSED)
{
	return forge(t, "\"versionId\":\"2\"", "\"versionId\":\"7\"");
}

static enum err
forge_status(struct txn *t, void *arg UNUSED)
{
	return forge(t, "amended", "final99");
}

static enum err
forge_json(struct txn *t, void *arg UNUSED)
{
	return forge(t, "{", "[");
}

static void
test_texts(void **state UNUSED)
{
	planted(forge_owner, "record Observation/o", "owner");
	planted(forge_version, "record Observation/o", "version or time");
	planted(forge_status, "row Observation/o", "differs");
	planted(forge_json, "record Observation/o", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_postings),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
