/* SPDX-License-Identifier: Apache-2.0 */
/*
 * safe.c -- records of guard/: their rows, their time to go.  (L3)
 *
 * Decides nothing.  A record is read whole or is damage, which lets nobody
 * in.
 */
#include "auth/safe.h"

#include <sodium.h>

#include "auth/box.h"
#include "auth/pack.h"

#define READERS		256
/* A clock that goes back must not bring back what was used and forgotten. */
#define SWEEP_LAG_MS	(INT64_C(86400) * 1000)
#define DUE_HEAD	9	/* be64 time, u8 database */

static const struct dbi_row safe_dbs[SDB__MAX] = {
	[SDB_USER] = { "user", DBI_PLAIN },
	[SDB_CLIENT] = { "client", DBI_PLAIN },
	[SDB_GRANT] = { "grant", DBI_PLAIN },
	[SDB_FLOW] = { "flow", DBI_PLAIN },
	[SDB_CODE] = { "code", DBI_PLAIN },
	[SDB_REFRESH] = { "refresh", DBI_PLAIN },
	[SDB_SESSION] = { "session", DBI_PLAIN },
	[SDB_LAUNCH] = { "launch", DBI_PLAIN },
	[SDB_PUSH] = { "push", DBI_PLAIN },
	[SDB_ONCE] = { "once", DBI_PLAIN },
	[SDB_THROTTLE] = { "throttle", DBI_PLAIN },
	[SDB_IDKEY] = { "idkey", DBI_PLAIN },
	[SDB_DUE] = { "due", DBI_PLAIN },
	[SDB_META] = { "meta", DBI_PLAIN },
};

/* --- rows: the layout on disk, in this order -------------------------- */

static const struct pack_row user_rows[] = {
	PACK_T(struct safe_user, display),
	PACK_N(struct safe_user, kind, USER_SERVICE),
	PACK_T(struct safe_user, link),
	PACK_T(struct safe_user, patients),
	PACK_T(struct safe_user, hash),
	PACK_N(struct safe_user, serial, UINT32_MAX),
	PACK_T(struct safe_user, totp),
	PACK_N(struct safe_user, totp_step, INT64_MAX),
	PACK_R(struct safe_user, recovery),
	PACK_I(struct safe_user, created.ms),
	PACK_I(struct safe_user, last.ms),
};

static const struct pack_row client_rows[] = {
	PACK_T(struct safe_client, name),
	PACK_T(struct safe_client, publisher),
	PACK_N(struct safe_client, type, CLIENT_KEYS),
	PACK_N(struct safe_client, flags, 63),
	PACK_T(struct safe_client, redirects),
	PACK_T(struct safe_client, launch_uri),
	PACK_T(struct safe_client, scope),
	PACK_T(struct safe_client, jwks),
	PACK_R(struct safe_client, secret),
	PACK_I(struct safe_client, created.ms),
	PACK_LATER_T(struct safe_client, policy_uri),
	PACK_LATER_T(struct safe_client, tos_uri),
	PACK_LATER_R(struct safe_client, manage),
};

#define CONTEXT_ROWS(type, member)					      \
	PACK_T(type, member.patient), PACK_T(type, member.encounter),	      \
	PACK_T(type, member.location), PACK_T(type, member.intent),	      \
	PACK_T(type, member.fhir), PACK_N(type, member.banner, 2)

static const struct pack_row grant_rows[] = {
	PACK_T(struct safe_grant, client),
	PACK_T(struct safe_grant, user),
	PACK_N(struct safe_grant, serial, UINT32_MAX),
	PACK_T(struct safe_grant, scope),
	CONTEXT_ROWS(struct safe_grant, ctx),
	PACK_N(struct safe_grant, offline, 1),
	PACK_N(struct safe_grant, online, 1),
	PACK_N(struct safe_grant, redeemed, 1),
	PACK_R(struct safe_grant, session),
	PACK_T(struct safe_grant, jkt),
	PACK_T(struct safe_grant, shown),
	PACK_N(struct safe_grant, text_version, UINT32_MAX),
	PACK_I(struct safe_grant, created.ms),
	PACK_I(struct safe_grant, used.ms),
	PACK_I(struct safe_grant, expires.ms),
	PACK_I(struct safe_grant, auth_time.ms),
	PACK_R(struct safe_grant, refresh),
};

static const struct pack_row flow_rows[] = {
	PACK_R(struct safe_flow, browser),
	PACK_T(struct safe_flow, client),
	PACK_T(struct safe_flow, redirect),
	PACK_T(struct safe_flow, state),
	PACK_T(struct safe_flow, nonce),
	PACK_T(struct safe_flow, challenge),
	PACK_T(struct safe_flow, scope),
	PACK_T(struct safe_flow, login_hint),
	PACK_T(struct safe_flow, jkt),
	PACK_T(struct safe_flow, bound),
	CONTEXT_ROWS(struct safe_flow, ctx),
	PACK_I(struct safe_flow, login_after.ms),
	PACK_I(struct safe_flow, expires.ms),
	PACK_LATER_N(struct safe_flow, visit, 1),
};

static const struct pack_row code_rows[] = {
	PACK_T(struct safe_code, grant),
	PACK_T(struct safe_code, client),
	PACK_T(struct safe_code, redirect),
	PACK_T(struct safe_code, challenge),
	PACK_T(struct safe_code, nonce),
	PACK_I(struct safe_code, expires.ms),
	PACK_I(struct safe_code, used.ms),
};

static const struct pack_row refresh_rows[] = {
	PACK_T(struct safe_refresh, grant),
	PACK_I(struct safe_refresh, expires.ms),
	PACK_I(struct safe_refresh, used.ms),
};

static const struct pack_row session_rows[] = {
	PACK_T(struct safe_session, user),
	PACK_N(struct safe_session, serial, UINT32_MAX),
	PACK_N(struct safe_session, pending, 1),
	PACK_I(struct safe_session, started.ms),
	PACK_I(struct safe_session, seen.ms),
	PACK_T(struct safe_session, address),
};

static const struct pack_row launch_rows[] = {
	PACK_T(struct safe_launch, client),
	PACK_T(struct safe_launch, user),
	CONTEXT_ROWS(struct safe_launch, ctx),
	PACK_I(struct safe_launch, expires.ms),
};

static const struct pack_row push_rows[] = {
	PACK_T(struct safe_push, client),
	PACK_T(struct safe_push, params),
	PACK_T(struct safe_push, jkt),
	PACK_I(struct safe_push, expires.ms),
};

static const struct pack_row once_rows[] = {
	PACK_T(struct safe_once, what),
	PACK_I(struct safe_once, expires.ms),
};

static const struct pack_row throttle_rows[] = {
	PACK_N(struct safe_throttle, fails, UINT32_MAX),
	PACK_I(struct safe_throttle, last.ms),
};

static const struct pack_row idkey_rows[] = {
	PACK_T(struct safe_idkey, jwk),
	PACK_I(struct safe_idkey, created.ms),
	PACK_I(struct safe_idkey, retired.ms),
};

static const struct {
	const struct pack_row	*row;
	size_t			 n;
} rows_of[SDB__MAX] = {
	[SDB_USER] = { user_rows, N_ELEM(user_rows) },
	[SDB_CLIENT] = { client_rows, N_ELEM(client_rows) },
	[SDB_GRANT] = { grant_rows, N_ELEM(grant_rows) },
	[SDB_FLOW] = { flow_rows, N_ELEM(flow_rows) },
	[SDB_CODE] = { code_rows, N_ELEM(code_rows) },
	[SDB_REFRESH] = { refresh_rows, N_ELEM(refresh_rows) },
	[SDB_SESSION] = { session_rows, N_ELEM(session_rows) },
	[SDB_LAUNCH] = { launch_rows, N_ELEM(launch_rows) },
	[SDB_PUSH] = { push_rows, N_ELEM(push_rows) },
	[SDB_ONCE] = { once_rows, N_ELEM(once_rows) },
	[SDB_THROTTLE] = { throttle_rows, N_ELEM(throttle_rows) },
	[SDB_IDKEY] = { idkey_rows, N_ELEM(idkey_rows) },
};

/* --- records ---------------------------------------------------------- */

enum err
safe_record(enum safe_db db, struct bytes val, void *record)
{
	return pack_read(val, rows_of[db].row, rows_of[db].n, record);
}

enum err
safe_get(struct txn *t, enum safe_db db, struct bytes key, void *record)
{
	struct bytes val;
	enum err e;

	/* LMDB takes no empty key; nothing is called so. */
	if (key.len == 0)
		return ERR_NOTFOUND;
	e = db_get(t, (int)db, key, &val);
	return e == OK ? safe_record(db, val, record) : e;
}

enum err
safe_list(struct txn *t, struct arena *a, enum safe_db db, size_t max,
    struct safe_entry **out, size_t *n_out)
{
	struct safe_entry *list, one;
	struct cur *cur;
	uint64_t all;
	size_t n = 0;
	enum err e;

	e = db_count(t, (int)db, &all);
	if (e == OK)
		e = cur_open(t, (int)db, &cur);
	if (e != OK)
		return e;
	if (all < max)
		max = (size_t)all;
	list = arena_array(a, max, sizeof *list);
	for (e = cur_seek(cur, bytes_of(NULL, 0), &one.key, &one.val);
	    e == OK && n < max; e = cur_next(cur, &one.key, &one.val))
		list[n++] = one;
	cur_close(cur);
	if (e != OK && e != ERR_NOTFOUND)
		return e;
	*out = list;
	*n_out = n;
	return OK;
}

void
safe_keep(struct arena *a, enum safe_db db, void *record)
{
	const struct pack_row *r;
	struct bytes text;
	size_t i;

	for (i = 0; i < rows_of[db].n; i++) {
		r = &rows_of[db].row[i];
		if (r->kind != PACK_TEXT)
			continue;
		memcpy(&text, (uint8_t *)record + r->at, sizeof text);
		text = arena_copy(a, text);
		memcpy((uint8_t *)record + r->at, &text, sizeof text);
	}
}

enum err
safe_put(struct txn *t, struct arena *a, enum safe_db db, struct bytes key,
    const void *record)
{
	struct bytes val;
	enum err e;

	e = pack_write(a, rows_of[db].row, rows_of[db].n, record, &val);
	return e == OK ? db_put(t, (int)db, key, val) : e;
}

enum err
safe_del(struct txn *t, enum safe_db db, struct bytes key)
{
	enum err e = db_del(t, (int)db, key);

	return e == ERR_NOTFOUND ? OK : e;
}

enum err
safe_meta(struct txn *t, const char *name, struct bytes *out)
{
	return db_get(t, SDB_META, bytes_str(name), out);
}

enum err
safe_put_meta(struct txn *t, const char *name, struct bytes val)
{
	return db_put(t, SDB_META, bytes_str(name), val);
}

/* --- time to go ------------------------------------------------------- */

enum err
safe_due(struct txn *t, enum safe_db db, struct bytes key,
    struct instant when)
{
	uint8_t due[DUE_HEAD + 256];
	unsigned i;

	if (key.len > sizeof due - DUE_HEAD)
		return ERR_TOOBIG;
	for (i = 0; i < 8; i++)
		due[i] = (uint8_t)((uint64_t)when.ms >> (56 - 8 * i));
	due[8] = (uint8_t)db;
	memcpy(due + DUE_HEAD, key.p, key.len);
	return db_put(t, SDB_DUE, bytes_of(due, DUE_HEAD + key.len),
	    bytes_of("", 0));
}

/*
 * A grant whose tokens went out is due twice: when its code dies, which
 * does not count then, and a while after its own end.
 */
static enum err
drop(struct txn *t, enum safe_db db, struct bytes key, int64_t now_ms,
    bool *gone_out)
{
	struct safe_grant g;
	enum err e;

	*gone_out = false;
	if (db == SDB_GRANT) {
		e = safe_get(t, db, key, &g);
		if (e == ERR_NOTFOUND)
			return OK;
		if (e != OK)
			return e;
		if (g.redeemed && now_ms < g.expires.ms + SAFE_KEEP_MS)
			return OK;
		*gone_out = true;
	}
	return safe_del(t, db, key);
}

enum err
safe_sweep(struct txn *t, struct arena *a, struct instant now,
    struct bytes gone[static SAFE_SWEEP], size_t *n_gone)
{
	uint8_t copy[DUE_HEAD + 256];
	struct bytes key, val;
	struct cur *c;
	int64_t when;
	bool grant;
	enum err e;
	int n, i;

	*n_gone = 0;
	for (n = 0; n < SAFE_SWEEP; n++) {
		e = cur_open(t, SDB_DUE, &c);
		if (e != OK)
			return e;
		e = cur_seek(c, bytes_of(NULL, 0), &key, &val);
		cur_close(c);
		if (e == ERR_NOTFOUND)
			return OK;
		if (e != OK)
			return e;
		if (key.len <= DUE_HEAD || key.len > sizeof copy ||
		    key.p[8] >= SDB__MAX)
			return ERR_STORE;
		for (when = 0, i = 0; i < 8; i++)
			when = (int64_t)((uint64_t)when << 8 | key.p[i]);
		if (when > now.ms - SWEEP_LAG_MS)
			return OK;
		memcpy(copy, key.p, key.len);
		key.p = copy;
		e = drop(t, (enum safe_db)copy[8], bytes_from(key, DUE_HEAD),
		    now.ms, &grant);
		if (e == OK && grant)
			gone[(*n_gone)++] = arena_copy(a, bytes_from(key,
			    DUE_HEAD));
		if (e == OK)
			e = safe_del(t, SDB_DUE, key);
		if (e != OK)
			return e;
	}
	return OK;
}

/* --- opening ---------------------------------------------------------- */

enum err
safe_open(struct arena *a, const char *path, unsigned flags,
    struct env **env_out, const char **why_out)
{
	static const struct box guard = { .db = safe_dbs, .n_db = SDB__MAX,
	    .meta = SDB_META, .format = SAFE_FORMAT, .readers = READERS };

	return box_open(a, &guard, path, flags, env_out, why_out);
}
