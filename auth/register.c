/* SPDX-License-Identifier: Apache-2.0 */
/*
 * register.c -- apps that register themselves.  (L3)
 *
 * Off by default; with an initial access token that works once.  Nothing a
 * request names is ever fetched: logos are passed over, a jwks_uri is
 * refused (TKE-23, CA-24).  Programs without a person are registered by the
 * administrator alone.
 *
 * Spec: RFC 7591 sections 2 and 3; interop 12.  Attacks TKE-21 to TKE-23.
 */
#include <inttypes.h>

#include "auth/register.h"
#include "base/text.h"

#define INVITE_MS	(INT64_C(86400) * 1000)
#define DEFAULT_SCOPE	"launch launch/patient openid fhirUser profile "     \
			"patient/*.read"

static enum err
wrong(struct registering *w, const char *place, const char *text)
{
	return smart_fail(w->c, ERR_USAGE, FAULT_METADATA, place, text);
}

/* --- reading ---------------------------------------------------------- */

static enum err
read_redirects(struct registering *w)
{
	const json_t *list = json_object_get(w->o, "redirect_uris"), *v;
	const char *fault = "are 1 to 16 URIs";
	size_t i, n = json_array_size(list);
	struct bytes uri;

	if (n == 0 || n > SMART_REDIRECTS)
		return smart_fail(w->c, ERR_USAGE, FAULT_REDIRECT,
		    "redirect_uris", fault);
	json_array_foreach(list, i, v) {
		uri = bytes_of(json_string_value(v), json_string_length(v));
		fault = json_is_string(v) ? redirect_fault(uri) :
		    "are texts";
		if (fault != NULL)
			return smart_fail(w->c, ERR_USAGE, FAULT_REDIRECT,
			    "redirect_uris", fault);
		w->cl.redirect[w->cl.n_redirect++] = uri;
	}
	return OK;
}

static enum err
read_method(struct registering *w)
{
	static const struct {
		const char		*name;
		enum client_type	 type;
	} methods[] = {
		{ "client_secret_basic", CLIENT_SECRET },
		{ "client_secret_post", CLIENT_SECRET },
		{ "none", CLIENT_PUBLIC },
		{ "private_key_jwt", CLIENT_KEYS },
	};
	const json_t *v = json_object_get(w->o,
	    "token_endpoint_auth_method");
	const char *name = v == NULL ? methods[0].name :
	    json_string_value(v);
	size_t i;

	for (i = 0; name != NULL && i < N_ELEM(methods); i++)
		if (strcmp(name, methods[i].name) == 0) {
			w->cl.type = methods[i].type;
			w->method = methods[i].name;
			return OK;
		}
	return wrong(w, "token_endpoint_auth_method", "is none, "
	    "client_secret_basic, client_secret_post or private_key_jwt");
}

static enum err
read_grants(struct registering *w)
{
	const json_t *list = json_object_get(w->o, "grant_types"), *v;
	size_t i;

	w->cl.flags = CLIENT_SELF | CLIENT_CODE;
	if (list == NULL)
		return OK;
	if (!json_is_array(list))
		return wrong(w, "grant_types", "is a list");
	w->cl.flags = CLIENT_SELF;
	json_array_foreach(list, i, v) {
		if (bytes_is(bytes_str(json_string_value(v)),
		    "authorization_code"))
			w->cl.flags |= CLIENT_CODE;
		else if (bytes_is(bytes_str(json_string_value(v)),
		    "refresh_token"))
			w->cl.flags |= CLIENT_REFRESH;
		else
			return wrong(w, "grant_types", "holds "
			    "authorization_code and refresh_token; others "
			    "are registered by the administrator");
	}
	return OK;
}

static enum err
read_responses(struct registering *w)
{
	const json_t *list = json_object_get(w->o, "response_types"), *v;
	size_t i;

	if (list != NULL && !json_is_array(list))
		return wrong(w, "response_types", "is a list");
	json_array_foreach(list, i, v)
		if (!bytes_is(bytes_str(json_string_value(v)), "code"))
			return wrong(w, "response_types", "holds code alone");
	return OK;
}

static enum err
read_keys(struct registering *w)
{
	const json_t *set = json_object_get(w->o, "jwks");
	char *text;

	if (json_object_get(w->o, "jwks_uri") != NULL)
		return wrong(w, "jwks_uri", "is not fetched; send the keys "
		    "themselves as jwks");
	if (set == NULL)
		return OK;
	text = json_dumps(set, JSON_COMPACT);
	if (text == NULL)
		return wrong(w, "jwks", "is a set of keys");
	w->cl.jwks = arena_copy(w->c->a, bytes_str(text));
	free(text);
	return OK;
}

enum err
register_read(struct registering *w, struct bytes body)
{
	enum err e;

	w->o = body.len <= REGISTER_MAX ? jws_object(w->c->a, body) : NULL;
	if (w->o == NULL)
		return wrong(w, NULL, "the body is one JSON object of at "
		    "most 64 KiB, without duplicate members");

	w->cl.name = jws_text(w->o, "client_name");
	w->cl.scope = jws_text(w->o, "scope");
	w->cl.launch_uri = jws_text(w->o, "initiate_login_uri");
	w->cl.policy_uri = jws_text(w->o, "policy_uri");
	w->cl.tos_uri = jws_text(w->o, "tos_uri");
	e = read_redirects(w);
	if (e == OK)
		e = read_method(w);
	if (e == OK)
		e = read_grants(w);
	if (e == OK)
		e = read_responses(w);
	if (e == OK)
		e = read_keys(w);
	if (w->cl.scope.len == 0)
		w->cl.scope = bytes_str(
		    (w->cl.flags & CLIENT_REFRESH) != 0 ?
		    DEFAULT_SCOPE " offline_access online_access" :
		    DEFAULT_SCOPE);
	return e;
}

enum err
register_check(struct registering *w)
{
	struct issues is = issues_on(w->c->a);
	enum err e;

	if ((w->cl.flags & CLIENT_CODE) == 0)
		return wrong(w, "grant_types", "has to hold "
		    "authorization_code");
	e = client_check(w->s, w->c, &w->cl, &is);
	if (e == OK)
		return OK;
	/* What is said of a scope to the administrator repeats its words. */
	if (is.first != NULL && strcmp(is.first->place, "scope") == 0)
		return wrong(w, "scope", "has a word that is no scope, names "
		    "a type DSTU2 has not, or is for programs alone");
	return wrong(w, is.first != NULL ? is.first->place : NULL,
	    is.first != NULL ? is.first->text : err_text(e));
}

/* --- writing ---------------------------------------------------------- */

/* With this token the app may look after its registration (RFC 7592). */
static enum err
register_key(struct txn *t, const struct registering *w)
{
	struct safe_client r;
	enum err e;

	e = safe_get(t, SDB_CLIENT, w->cl.id, &r);
	if (e != OK)
		return e;
	safe_keep(w->c->a, SDB_CLIENT, &r);
	memcpy(r.manage, w->manage, sizeof r.manage);
	return safe_put(t, w->c->a, SDB_CLIENT, w->cl.id, &r);
}

static enum err
write_client(struct txn *t, void *arg)
{
	struct registering *w = arg;
	struct safe_once once;
	enum err e;

	e = safe_get(t, SDB_ONCE, hash_key(w->invite), &once);
	if (e == ERR_NOTFOUND || (e == OK &&
	    (!bytes_is(once.what, "invite") ||
	    w->c->now.ms >= once.expires.ms)))
		return ERR_LOGIN;
	if (e == OK)
		e = safe_del(t, SDB_ONCE, hash_key(w->invite));
	if (e == OK)
		e = client_put(w->s, w->c, t, w->cl.id, &w->cl, w->hash);
	return e == OK ? register_key(t, w) : e;
}

static void
add_text(struct buf *b, const char *name, struct bytes text)
{
	if (text.len == 0)
		return;
	buf_printf(b, ",\"%s\":", name);
	buf_json(b, text);
}

static void
add_list(struct buf *b, const char *name, const struct bytes *list,
    size_t n)
{
	size_t i;

	buf_printf(b, ",\"%s\":[", name);
	for (i = 0; i < n; i++) {
		buf_str(b, i > 0 ? "," : "");
		buf_json(b, list[i]);
	}
	buf_str(b, "]");
}

void
register_answer(const struct registering *w, struct buf *b)
{
	const struct bytes grants[] = { bytes_str("authorization_code"),
	    bytes_str("refresh_token") };

	buf_str(b, "{\"client_id\":");
	buf_json(b, w->cl.id);
	buf_printf(b, ",\"client_id_issued_at\":%" PRId64,
	    w->issued.ms / 1000);
	if (w->token.len > 0) {
		add_text(b, "registration_client_uri", bytes_str(
		    arena_printf(w->c->a, "%.*s/register?client_id=%.*s",
		    BYTES_FMT(w->s->iss), BYTES_FMT(w->cl.id))));
		add_text(b, "registration_access_token", w->token);
	}
	if (w->secret.len > 0) {
		buf_str(b, ",\"client_secret\":");
		buf_json(b, w->secret);
		buf_str(b, ",\"client_secret_expires_at\":0");
	}
	buf_str(b, ",\"client_name\":");
	buf_json(b, w->cl.name);
	add_list(b, "redirect_uris", w->cl.redirect, w->cl.n_redirect);
	add_list(b, "grant_types", grants,
	    (w->cl.flags & CLIENT_REFRESH) != 0 ? 2 : 1);
	buf_printf(b, ",\"response_types\":[\"code\"],"
	    "\"token_endpoint_auth_method\":\"%s\",\"scope\":", w->method);
	buf_json(b, w->cl.scope);
	add_text(b, "initiate_login_uri", w->cl.launch_uri);
	add_text(b, "policy_uri", w->cl.policy_uri);
	add_text(b, "tos_uri", w->cl.tos_uri);
	if (w->cl.jwks.len > 0) {
		buf_str(b, ",\"jwks\":");
		buf_add(b, w->cl.jwks);
	}
	buf_str(b, "}");
}

static enum err
no_invite(struct smart_call *c)
{
	c->error.event = "registration-refused";
	return smart_fail(c, ERR_LOGIN, FAULT_TOKEN, NULL,
	    "registration needs an initial access token, which the "
	    "administrator makes (tiphys client invite) and which works "
	    "once");
}

struct inviting {
	struct smart_call	*c;
	uint8_t			 hash[SAFE_HASH];
};

static enum err
write_invite(struct txn *t, void *arg)
{
	const struct inviting *w = arg;

	return once_add(w->c, t, w->hash, bytes_str("invite"),
	    (struct instant){ w->c->now.ms + INVITE_MS });
}

enum err
smart_invite(struct smart *s, struct smart_call *c, struct bytes *token_out)
{
	struct inviting w = { .c = c };
	struct bytes token = smart_secret(c, "tsi_");
	enum err e;

	(void)smart_hash("tsi_", token, w.hash);
	e = smart_write(s, c, write_invite, &w);
	if (e == OK)
		*token_out = token;
	return e;
}

enum err
smart_register(struct smart *s, struct smart_call *c, struct bytes header,
    struct bytes body, struct buf *json_out)
{
	struct registering w = { .s = s, .c = c };
	enum err e;

	if (s->conf->num[CONF_REGISTER] == 0)
		return smart_fail(c, ERR_METHOD, FAULT_DENIED, NULL,
		    "apps do not register themselves here");
	if (!text_caseeq(bytes_sub(header, 0, 7), bytes_str("Bearer ")) ||
	    !smart_hash("tsi_", bytes_from(header, 7), w.invite))
		return no_invite(c);
	e = register_read(&w, body);
	if (e == OK)
		e = register_check(&w);
	if (e != OK)
		return e;
	w.issued = c->now;
	w.token = smart_secret(c, "tsm_");
	(void)smart_hash("tsm_", w.token, w.manage);
	w.cl.id = text_b64url(c->a, bytes_of(smart_random(c, 16), 16));
	if (w.cl.type == CLIENT_SECRET) {
		w.secret = smart_secret(c, "tss_");
		(void)smart_hash("tss_", w.secret, w.hash);
	}
	e = smart_write(s, c, write_client, &w);
	if (e == ERR_LOGIN)
		return no_invite(c);
	if (e != OK)
		return smart_end(c, e);
	c->client = w.cl.id;
	c->error.event = "client-registered";
	register_answer(&w, json_out);
	return OK;
}
