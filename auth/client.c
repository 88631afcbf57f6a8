/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.c -- apps registered, changed, listed.  (L3)
 *
 * What is wrong with a client is found here, when it comes in, and not when
 * it is used: no redirect to a foreign place, no key GnuTLS would choke on,
 * no scope that means nothing.
 *
 * Attacks TKE-22, CA-15 to CA-18, AUZ-29.
 */
#include "auth/smart_in.h"
#include "base/text.h"

#define ID_MAX_LEN	64
#define LABEL_MAX	128	/* bytes of a name */
#define JWKS_MAX	32768
#define CLIENTS_MAX	10000	/* listed at most */

/* --- checks ----------------------------------------------------------- */

static bool
id_ok(struct bytes id)
{
	size_t i;
	uint8_t b;

	for (i = 0; i < id.len; i++) {
		b = id.p[i];
		if (!((b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') ||
		    (b >= '0' && b <= '9') || b == '-' || b == '_' ||
		    b == '.'))
			return false;
	}
	return id.len <= ID_MAX_LEN && !bytes_is(id, VAULT_CLIENT);
}

/* Marks that turn text around would let one app look like another. */
static bool
turns_text(struct bytes b)
{
	static const char *const marks[] = { "\xD8\x9C", "\xE2\x80\x8E",
	    "\xE2\x80\x8F", "\xE2\x80\xAA", "\xE2\x80\xAB", "\xE2\x80\xAC",
	    "\xE2\x80\xAD", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xE2\x81\xA7",
	    "\xE2\x81\xA8", "\xE2\x81\xA9" };
	size_t i, m;

	for (i = 0; i < b.len; i++)
		for (m = 0; m < N_ELEM(marks); m++)
			if (bytes_starts(bytes_from(b, i),
			    bytes_str(marks[m])))
				return true;
	return false;
}

static enum err
check_label(struct bytes text, const char *place, struct issues *is)
{
	if (text.len <= LABEL_MAX && (text.len == 0 ||
	    (claims_name_ok(text) && !turns_text(text))))
		return OK;
	return issue_add(is, ERR_VALUE, "client-name", place,
	    "is at most %d bytes of printable text, without marks that turn "
	    "its direction", LABEL_MAX);
}

static enum err
check_redirects(const struct smart_client *cl, struct issues *is)
{
	const char *fault;
	size_t i;

	if (cl->n_redirect > SMART_REDIRECTS)
		return issue_add(is, ERR_VALUE, "redirect", "redirect-uri",
		    "are at most %d", SMART_REDIRECTS);
	if ((cl->flags & CLIENT_CODE) != 0 && cl->n_redirect == 0)
		return issue_add(is, ERR_VALUE, "redirect", "redirect-uri",
		    "is missing");
	for (i = 0; i < cl->n_redirect; i++) {
		fault = redirect_fault(cl->redirect[i]);
		if (fault != NULL)
			return issue_add(is, ERR_VALUE, "redirect",
			    "redirect-uri", "%s", fault);
	}
	if (cl->launch_uri.len == 0)
		return OK;
	fault = redirect_fault(cl->launch_uri);
	return fault == NULL ? OK : issue_add(is, ERR_VALUE, "redirect",
	    "launch-uri", "%s", fault);
}

/* A page people are offered to read: of the web, and nothing else. */
static enum err
check_page(struct bytes uri, const char *place, struct issues *is)
{
	const char *fault;

	if (uri.len == 0)
		return OK;
	fault = redirect_origin(uri).len == 0 ? "is an https URL" :
	    redirect_fault(uri);
	return fault == NULL ? OK : issue_add(is, ERR_VALUE, "page", place,
	    "%s", fault);
}

static enum err
check_scope(const struct smart_client *cl, struct issues *is)
{
	struct scope_set set;
	enum err e;

	if (cl->scope.len == 0)
		return issue_add(is, ERR_VALUE, "scope", "scope",
		    "is missing: what the app may ask for");
	e = scope_parse(cl->scope, is, &set);
	if (e != OK)
		return e;
	if (((set.contexts & SCOPE_SYSTEM) != 0) !=
	    ((cl->flags & CLIENT_BACKEND) != 0))
		return issue_add(is, ERR_VALUE, "scope", "scope",
		    "system/ is for backend clients, and they have no other");
	return OK;
}

static enum err
check_keys(struct smart *s, struct smart_call *c,
    const struct smart_client *cl, struct issues *is)
{
	const char *why = "is missing: the client's public keys";
	struct jwk *set;
	size_t i, n;
	enum err e = ERR_VALUE;

	if (cl->type != CLIENT_KEYS)
		return cl->jwks.len == 0 ? OK : issue_add(is, ERR_VALUE,
		    "jwks", "jwks", "is for clients with keys alone");
	if (cl->jwks.len > JWKS_MAX)
		why = "is longer than 32 KiB";
	else if (cl->jwks.len > 0)
		e = jwk_set(c->a, cl->jwks, JWK_CLIENT, &set, &n, &why);
	for (i = 0; e == OK && i < n; i++)
		if (!jwk_sound(s->engine, &set[i])) {
			why = "has a key that is none: a point on no curve, "
			    "or an even modulus";
			e = ERR_VALUE;
		}
	return e == OK ? OK : issue_add(is, ERR_VALUE, "jwks", "jwks", "%s",
	    why);
}

static enum err
check_flags(const struct smart_client *cl, struct issues *is)
{
	const unsigned f = cl->flags;

	if ((f & (CLIENT_CODE | CLIENT_BACKEND)) == 0)
		return issue_add(is, ERR_VALUE, "grant-type", "grant-type",
		    "is authorization_code (with refresh_token), or "
		    "client_credentials");
	if ((f & CLIENT_BACKEND) != 0 && (cl->type != CLIENT_KEYS ||
	    (f & CLIENT_CODE) != 0))
		return issue_add(is, ERR_VALUE, "grant-type", "grant-type",
		    "client_credentials is for clients with keys, and "
		    "stands alone");
	if ((f & CLIENT_REFRESH) != 0 && (f & CLIENT_CODE) == 0)
		return issue_add(is, ERR_VALUE, "grant-type", "grant-type",
		    "refresh_token comes with authorization_code");
	return OK;
}

enum err
client_check(struct smart *s, struct smart_call *c,
    const struct smart_client *cl, struct issues *is)
{
	enum err e = OK;

	if (!id_ok(cl->id))
		e = issue_add(is, ERR_VALUE, "client-id", "id", "is 1 to %d "
		    "letters, digits, \"-\", \"_\" and \".\"", ID_MAX_LEN);
	if (e == OK && cl->name.len == 0)
		e = issue_add(is, ERR_VALUE, "client-name", "name",
		    "is missing: what people will read");
	if (e == OK)
		e = check_label(cl->name, "name", is);
	if (e == OK)
		e = check_label(cl->publisher, "publisher", is);
	if (e == OK && (cl->type < CLIENT_PUBLIC ||
	    cl->type > CLIENT_KEYS))
		e = issue_add(is, ERR_VALUE, "client-type", "type",
		    "is public, secret or keys");
	if (e == OK)
		e = check_flags(cl, is);
	if (e == OK)
		e = check_redirects(cl, is);
	if (e == OK)
		e = check_page(cl->policy_uri, "policy-uri", is);
	if (e == OK)
		e = check_page(cl->tos_uri, "tos-uri", is);
	if (e == OK)
		e = check_scope(cl, is);
	return e == OK ? check_keys(s, c, cl, is) : e;
}

/* --- writing ---------------------------------------------------------- */

struct writing {
	struct smart			*s;
	struct smart_call		*c;
	const struct smart_client	*cl;
	struct bytes			 id;
	uint8_t				 secret[SAFE_HASH];
	bool				 on;
};

static void
to_record(struct arena *a, const struct smart_client *cl,
    struct safe_client *r)
{
	r->name = cl->name;
	r->publisher = cl->publisher;
	r->flags = cl->flags;
	r->redirects = text_join(a, cl->redirect, cl->n_redirect);
	r->launch_uri = cl->launch_uri;
	r->policy_uri = cl->policy_uri;
	r->tos_uri = cl->tos_uri;
	r->scope = cl->scope;
	r->jwks = cl->jwks;
}

/* guard/ first matters to nobody: without grants/ the client is unknown. */
enum err
client_put(struct smart *s, struct smart_call *c, struct txn *t,
    struct bytes id, const struct smart_client *cl,
    const uint8_t secret[static SAFE_HASH])
{
	struct safe_client r = { .type = cl->type, .created = c->now };
	struct safe_client old;
	enum err e;

	e = safe_get(t, SDB_CLIENT, id, &old);
	if (e == OK)
		return ERR_CONFLICT;
	if (e != ERR_NOTFOUND)
		return e;
	to_record(c->a, cl, &r);
	memcpy(r.secret, secret, sizeof r.secret);
	e = safe_put(t, c->a, SDB_CLIENT, id, &r);
	return e == OK ? stand_put_client(s, id, true) : e;
}

static enum err
write_new(struct txn *t, void *arg)
{
	struct writing *w = arg;

	return client_put(w->s, w->c, t, w->id, w->cl, w->secret);
}

enum err
smart_client_add(struct smart *s, struct smart_call *c,
    const struct smart_client *cl, struct issues *is, struct bytes *id_out,
    struct bytes *secret_out)
{
	struct writing w = { .s = s, .c = c, .cl = cl, .id = cl->id };
	struct bytes secret = { .len = 0 };
	enum err e;

	e = client_check(s, c, cl, is);
	if (e != OK)
		return e;
	if (w.id.len == 0)
		w.id = text_b64url(c->a, bytes_of(smart_random(c, 16), 16));
	if (cl->type == CLIENT_SECRET) {
		secret = smart_secret(c, "tss_");
		(void)smart_hash("tss_", secret, w.secret);
	}
	e = smart_write(s, c, write_new, &w);
	if (e == ERR_CONFLICT)
		return issue_add(is, e, "client-id", "id",
		    "is taken; ids are never given twice");
	if (e != OK)
		return e;
	*id_out = w.id;
	*secret_out = secret;
	return OK;
}

static enum err
load(struct txn *t, const struct writing *w, struct safe_client *out)
{
	enum err e = safe_get(t, SDB_CLIENT, w->id, out);

	if (e == OK)
		safe_keep(w->c->a, SDB_CLIENT, out);
	return e;
}

static enum err
write_set(struct txn *t, void *arg)
{
	struct writing *w = arg;
	struct safe_client r;
	unsigned self;
	enum err e;

	e = load(t, w, &r);
	if (e != OK)
		return e;
	if (r.type != w->cl->type)
		return ERR_USAGE;
	self = r.flags & CLIENT_SELF;
	to_record(w->c->a, w->cl, &r);
	r.flags = (r.flags & ~(unsigned)CLIENT_SELF) | self;
	return safe_put(t, w->c->a, SDB_CLIENT, w->id, &r);
}

enum err
smart_client_set(struct smart *s, struct smart_call *c,
    const struct smart_client *cl, struct issues *is)
{
	struct writing w = { .s = s, .c = c, .cl = cl, .id = cl->id };
	enum err e;

	e = client_check(s, c, cl, is);
	if (e != OK)
		return e;
	e = smart_write(s, c, write_set, &w);
	if (e == ERR_NOTFOUND)
		return issue_add(is, e, "client-id", "id",
		    "there is no such client");
	if (e == ERR_USAGE)
		return issue_add(is, e, "client-type", "type",
		    "cannot be changed; register another client");
	return e;
}

static enum err
write_secret(struct txn *t, void *arg)
{
	struct writing *w = arg;
	struct safe_client r;
	enum err e;

	e = load(t, w, &r);
	if (e != OK)
		return e;
	if (r.type != CLIENT_SECRET)
		return ERR_USAGE;
	memcpy(r.secret, w->secret, sizeof r.secret);
	return safe_put(t, w->c->a, SDB_CLIENT, w->id, &r);
}

enum err
smart_client_rotate(struct smart *s, struct smart_call *c, struct bytes id,
    struct bytes *secret_out)
{
	struct writing w = { .s = s, .c = c, .id = id };
	struct bytes secret = smart_secret(c, "tss_");
	enum err e;

	(void)smart_hash("tss_", secret, w.secret);
	e = smart_write(s, c, write_secret, &w);
	if (e == OK)
		*secret_out = secret;
	return e;
}

static enum err
write_enable(struct txn *t, void *arg)
{
	const struct writing *w = arg;
	struct safe_client r;
	enum err e;

	e = safe_get(t, SDB_CLIENT, w->id, &r);
	return e == OK ? stand_put_client(w->s, w->id, w->on) : e;
}

enum err
smart_client_enable(struct smart *s, struct smart_call *c, struct bytes id,
    bool on)
{
	struct writing w = { .s = s, .c = c, .id = id, .on = on };

	return smart_write(s, c, write_enable, &w);
}

/* --- listing ---------------------------------------------------------- */

static enum err
describe(struct smart *s, struct smart_call *c, struct bytes id,
    const struct safe_client *r, struct smart_client *out)
{
	struct bytes rest;
	bool more, on;
	enum err e;

	e = stand_client(s, c, id, &on);
	if (e != OK && e != ERR_NOTFOUND)
		return e;
	*out = (struct smart_client){ .id = arena_copy(c->a, id),
	    .name = r->name, .publisher = r->publisher, .type = r->type,
	    .flags = r->flags, .launch_uri = r->launch_uri,
	    .policy_uri = r->policy_uri, .tos_uri = r->tos_uri,
	    .scope = r->scope, .jwks = r->jwks, .enabled = e == OK && on,
	    .created = r->created };
	rest = r->redirects;
	more = rest.len > 0;
	while (more && out->n_redirect < SMART_REDIRECTS)
		more = bytes_cut(rest, ' ',
		    &out->redirect[out->n_redirect++], &rest);
	return OK;
}

enum err
smart_client_get(struct smart *s, struct smart_call *c, struct bytes id,
    struct smart_client *out)
{
	struct safe_client r;
	enum err e = smart_record(s, c, SDB_CLIENT, id, &r);

	return e == OK ? describe(s, c, id, &r, out) : e;
}

enum err
smart_clients(struct smart *s, struct smart_call *c,
    struct smart_client **out, size_t *n_out)
{
	struct smart_client *list = NULL;
	struct safe_entry *have;
	struct safe_client r;
	struct txn *t;
	size_t i, n = 0;
	enum err e;

	e = smart_read(s, c, &t);
	if (e != OK)
		return e;
	e = safe_list(t, c->a, SDB_CLIENT, CLIENTS_MAX, &have, &n);
	if (e == OK)
		list = arena_array(c->a, n, sizeof *list);
	for (i = 0; e == OK && i < n; i++) {
		e = safe_record(SDB_CLIENT, have[i].val, &r);
		if (e != OK)
			break;
		safe_keep(c->a, SDB_CLIENT, &r);
		e = describe(s, c, have[i].key, &r, &list[i]);
	}
	txn_end(t);
	if (e != OK)
		return e;
	*out = list;
	*n_out = n;
	return OK;
}
