/* SPDX-License-Identifier: Apache-2.0 */
/*
 * user.c -- users made, changed, listed.  (L3)
 *
 * Who a user is lies in guard/, what he may do at this moment in grants/.
 * Every change that must end what was given before counts the serial up and
 * moves the epoch: sessions, refresh tokens and access tokens made until now
 * are dead, whatever was not thought of included.
 */
#include "auth/smart_in.h"
#include "base/text.h"

#define NAME_MAX_LEN	64
#define DISPLAY_MAX	128
#define USERS_MAX	10000	/* listed at most */

struct writing {
	struct smart		*s;
	struct smart_call	*c;
	const struct smart_user	*u;
	struct bytes		 name;
	struct safe_user	 record;
	bool			 on;
};

/* --- checks ----------------------------------------------------------- */

static bool
name_ok(struct bytes name)
{
	size_t i;
	uint8_t b;

	for (i = 0; i < name.len; i++) {
		b = name.p[i];
		if (!((b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') ||
		    b == '.' || b == '_' || b == '@' || b == '-'))
			return false;
	}
	return name.len > 0 && name.len <= NAME_MAX_LEN &&
	    !bytes_is(name, VAULT_CLIENT);
}

/* The type a user of this kind is linked to; NULL: any, or none. */
static const char *
link_type(enum user_kind kind)
{
	switch (kind) {
	case USER_PRACTITIONER:
		return "Practitioner";
	case USER_PATIENT:
		return "Patient";
	case USER_RELATED:
		return "RelatedPerson";
	default:
		return NULL;
	}
}

static enum err
check_link(const struct smart_user *u, struct issues *is)
{
	const char *want = link_type(u->kind);
	struct bytes type, id;

	if (u->link.len == 0 && want == NULL)
		return OK;
	if (!bytes_cut(u->link, '/', &type, &id) || !json_id_ok(id) ||
	    (want != NULL ? !bytes_is(type, want) : def_type(type) == NULL))
		return issue_add(is, ERR_VALUE, "user-link", "link",
		    "is %s/ID: the resource that is this person",
		    want != NULL ? want : "TYPE");
	return OK;
}

static enum err
check_patients(const struct smart_user *u, struct issues *is)
{
	size_t i;

	if (u->kind != USER_RELATED)
		return u->n_patient == 0 ? OK : issue_add(is, ERR_VALUE,
		    "user-patients", "patient", "is for related persons "
		    "alone");
	if (u->n_patient == 0 || u->n_patient > SMART_PROXY_MAX)
		return issue_add(is, ERR_VALUE, "user-patients", "patient",
		    "names the 1 to %d patients this person speaks for",
		    SMART_PROXY_MAX);
	for (i = 0; i < u->n_patient; i++)
		if (!json_id_ok(u->patient[i]))
			return issue_add(is, ERR_VALUE, "id", "patient",
			    "is the id of a Patient");
	return OK;
}

/* Who runs the tool may read it all; one resource is looked for. */
static enum err
check_linked(struct smart_call *c, struct bytes link, struct issues *is)
{
	const struct rights all = { .reach = REACH_ALL };
	struct issues none = issues_on(c->a);
	struct bytes type, id;
	struct resource r;
	struct view view;
	enum err e;

	bytes_cut(link, '/', &type, &id);
	e = auth_scope(c->a, bytes_str(arena_printf(c->a, "user/%.*s.r",
	    BYTES_FMT(type))), bytes_of(NULL, 0), &all, &none, &view);
	if (e == OK) {
		scope_seal(&view, bytes_str(VAULT_CLIENT),
		    bytes_str(VAULT_CLIENT));
		e = store_read(c->t, &view, def_type(type)->num, id, &r);
	}
	if (e == ERR_NOTFOUND || e == ERR_GONE)
		return issue_add(is, ERR_NOTFOUND, "user-link", "link",
		    "there is no %.*s of this id in the store",
		    BYTES_FMT(type));
	return e;
}

static enum err
check_there(struct smart_call *c, const struct smart_user *u,
    struct issues *is)
{
	enum err e = OK;
	size_t i;

	if (c->t == NULL)
		return OK;
	if (u->link.len > 0)
		e = check_linked(c, u->link, is);
	if (e != OK)
		return e;
	for (i = 0; e == OK && i < u->n_patient; i++)
		e = store_patient(c->t, u->patient[i]);
	if (e == ERR_NOTFOUND || e == ERR_GONE)
		return issue_add(is, ERR_NOTFOUND, "user-link", "patient",
		    "there is no Patient of this id in the store");
	return e;
}

static enum err
check_kind(const struct smart_user *u, struct issues *is)
{
	if (u->kind == USER_PRACTITIONER || u->kind == USER_PATIENT ||
	    u->kind == USER_RELATED || u->kind == USER_ADMIN)
		return OK;
	return issue_add(is, ERR_VALUE, "user-kind", "kind",
	    "is practitioner, patient, related or admin");
}

static enum err
check_user(struct smart_call *c, const struct smart_user *u,
    struct issues *is)
{
	enum err e = OK;

	if (!name_ok(u->name))
		e = issue_add(is, ERR_VALUE, "user-name", "name", "is 1 to "
		    "%d of a-z, 0-9, \".\", \"_\", \"@\", \"-\"",
		    NAME_MAX_LEN);
	if (e == OK && (u->display.len > DISPLAY_MAX ||
	    (u->display.len > 0 && !claims_name_ok(u->display))))
		e = issue_add(is, ERR_VALUE, "user-display", "display",
		    "is at most %d bytes of printable text", DISPLAY_MAX);
	if (e == OK)
		e = check_kind(u, is);
	if (e == OK)
		e = check_link(u, is);
	if (e == OK)
		e = check_patients(u, is);
	return e == OK ? check_there(c, u, is) : e;
}

/* --- writing ---------------------------------------------------------- */

static enum view_reach
rights_of(enum user_kind kind)
{
	return kind == USER_PRACTITIONER ? REACH_ALL : REACH_NONE;
}

/*
 * Always forward: what was ended must not live again, and a token made since
 * in the same second bears the second after it (issue.c).
 */
static int64_t
next_epoch(const struct user *standing, struct instant now)
{
	return now.ms / 1000 > standing->epoch_s ? now.ms / 1000 :
	    standing->epoch_s + 1;
}

enum err
user_renew(struct smart *s, struct smart_call *c, struct bytes name,
    struct safe_user *u)
{
	struct user standing;
	enum err e;

	e = stand_user(s, c, name, &standing);
	if (e != OK)
		return e;
	standing.epoch_s = next_epoch(&standing, c->now);
	standing.kind = u->kind;
	standing.rights = rights_of(u->kind);
	standing.link = u->link;
	u->serial++;
	return stand_put_user(s, name, &standing);
}

static enum err
write_new(struct txn *t, void *arg)
{
	struct writing *w = arg;
	struct user standing = { .enabled = true,
	    .kind = w->record.kind, .rights = rights_of(w->record.kind),
	    .link = w->record.link };
	struct safe_user old;
	struct user have;
	enum err e;

	e = safe_get(t, SDB_USER, w->name, &old);
	if (e == OK)
		return ERR_CONFLICT;
	if (e == ERR_NOTFOUND)
		e = stand_user(w->s, w->c, w->name, &have);
	/* Made by "token mint", or by us before a crash: taken over, and
	 * what was given under this name ends. */
	if (e == OK)
		standing.epoch_s = next_epoch(&have, w->c->now);
	else if (e != ERR_NOTFOUND)
		return e;
	e = stand_put_user(w->s, w->name, &standing);
	return e == OK ? safe_put(t, w->c->a, SDB_USER, w->name,
	    &w->record) : e;
}

enum err
smart_user_add(struct smart *s, struct smart_call *c,
    const struct smart_user *u, struct issues *is)
{
	struct writing w = { .s = s, .c = c, .name = u->name,
	    .record = { .display = u->display.len > 0 ? u->display :
	    u->name, .kind = u->kind, .link = u->link,
	    .patients = text_join(c->a, u->patient, u->n_patient),
	    .serial = 1, .created = c->now } };
	enum err e;

	e = check_user(c, u, is);
	if (e == OK)
		e = smart_write(s, c, write_new, &w);
	if (e == ERR_CONFLICT)
		return issue_add(is, e, "user-name", "name",
		    "is taken; names are never given twice");
	return e;
}

static enum err
load(struct txn *t, struct writing *w)
{
	enum err e = safe_get(t, SDB_USER, w->name, &w->record);

	if (e == OK)
		safe_keep(w->c->a, SDB_USER, &w->record);
	return e;
}

static enum err
write_link(struct txn *t, void *arg)
{
	struct writing *w = arg;
	enum err e;

	e = load(t, w);
	if (e != OK)
		return e;
	w->record.kind = w->u->kind;
	w->record.link = w->u->link;
	w->record.patients = text_join(w->c->a, w->u->patient,
	    w->u->n_patient);
	if (w->u->display.len > 0)
		w->record.display = w->u->display;
	e = user_renew(w->s, w->c, w->name, &w->record);
	return e == OK ? safe_put(t, w->c->a, SDB_USER, w->name,
	    &w->record) : e;
}

enum err
smart_user_link(struct smart *s, struct smart_call *c,
    const struct smart_user *u, struct issues *is)
{
	struct writing w = { .s = s, .c = c, .u = u, .name = u->name };
	enum err e;

	e = check_user(c, u, is);
	if (e == OK)
		e = smart_write(s, c, write_link, &w);
	if (e == ERR_NOTFOUND && is->n == 0)
		return issue_add(is, e, "user-name", "name",
		    "there is no such user");
	return e;
}

static enum err
write_enable(struct txn *t, void *arg)
{
	struct writing *w = arg;
	struct user standing;
	enum err e;

	e = load(t, w);
	if (e == OK)
		e = user_renew(w->s, w->c, w->name, &w->record);
	if (e == OK)
		e = stand_user(w->s, w->c, w->name, &standing);
	if (e != OK)
		return e;
	standing.enabled = w->on;
	e = stand_put_user(w->s, w->name, &standing);
	return e == OK ? safe_put(t, w->c->a, SDB_USER, w->name,
	    &w->record) : e;
}

enum err
smart_user_enable(struct smart *s, struct smart_call *c, struct bytes name,
    bool on)
{
	struct writing w = { .s = s, .c = c, .name = name, .on = on };

	return smart_write(s, c, write_enable, &w);
}

enum err
user_set_hash(struct smart *s, struct smart_call *c, struct txn *t,
    struct bytes name, struct bytes hash)
{
	struct writing w = { .s = s, .c = c, .name = name };
	uint8_t key[SAFE_HASH];
	enum err e;

	e = load(t, &w);
	if (e != OK)
		return e;
	w.record.hash = hash;
	e = user_renew(s, c, name, &w.record);
	/* A new password forgives what was guessed at the old one. */
	throttle_key(THROTTLE_ACCOUNT, name, bytes_of(NULL, 0), key);
	if (e == OK)
		e = safe_del(t, SDB_THROTTLE, hash_key(key));
	return e == OK ? safe_put(t, c->a, SDB_USER, name, &w.record) : e;
}

/* --- listing ---------------------------------------------------------- */

static enum err
describe(struct smart *s, struct smart_call *c, struct bytes name,
    const struct safe_user *u, struct smart_user *out)
{
	static const uint8_t used[SAFE_CODE_HASH];
	struct bytes rest;
	struct user standing;
	bool more;
	size_t i;
	enum err e;

	e = stand_user(s, c, name, &standing);
	if (e == ERR_NOTFOUND)
		standing.enabled = false;
	else if (e != OK)
		return e;
	*out = (struct smart_user){ .name = arena_copy(c->a, name),
	    .display = u->display, .kind = u->kind, .link = u->link,
	    .enabled = standing.enabled, .password = u->hash.len > 0,
	    .totp = u->totp.len > 0, .created = u->created,
	    .last = u->last };
	for (i = 0; out->totp && i < SMART_RECOVERY; i++)
		if (memcmp(u->recovery[i], used, sizeof used) != 0)
			out->recovery++;
	out->patient = arena_array(c->a, SMART_PROXY_MAX,
	    sizeof *out->patient);
	rest = u->patients;
	more = rest.len > 0;
	while (more && out->n_patient < SMART_PROXY_MAX)
		more = bytes_cut(rest, ' ',
		    &out->patient[out->n_patient++], &rest);
	return OK;
}

enum err
smart_user_get(struct smart *s, struct smart_call *c, struct bytes name,
    struct smart_user *out)
{
	struct safe_user u;
	enum err e = smart_record(s, c, SDB_USER, name, &u);

	return e == OK ? describe(s, c, name, &u, out) : e;
}

enum err
smart_users(struct smart *s, struct smart_call *c, struct smart_user **out,
    size_t *n_out)
{
	struct smart_user *list = NULL;
	struct safe_entry *have;
	struct safe_user u;
	struct txn *t;
	size_t i, n = 0;
	enum err e;

	e = smart_read(s, c, &t);
	if (e != OK)
		return e;
	e = safe_list(t, c->a, SDB_USER, USERS_MAX, &have, &n);
	if (e == OK)
		list = arena_array(c->a, n, sizeof *list);
	for (i = 0; e == OK && i < n; i++) {
		e = safe_record(SDB_USER, have[i].val, &u);
		if (e != OK)
			break;
		safe_keep(c->a, SDB_USER, &u);
		e = describe(s, c, have[i].key, &u, &list[i]);
	}
	txn_end(t);
	if (e != OK)
		return e;
	*out = list;
	*n_out = n;
	return OK;
}
