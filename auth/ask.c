/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask.c -- an authorization request, judged before any page is shown.  (L3)
 *
 * Two kinds of error: while it is not sure that redirect_uri is the
 * client's, nothing is sent there; afterwards everything is.  Only names
 * known here are read, so "client_id[$ne]" is a request without client_id
 * (Z22, AUZ-32).
 *
 * Spec: RFC 6749 section 4.1.1, RFC 7636, RFC 9126, RFC 9207, RFC 9449
 * section 10; SMART App Launch 2.2; OpenID Connect Core 3.1.2.1.
 */
#include "auth/smart_in.h"
#include "base/text.h"

#define STATE_MAX	4096	/* bytes */
#define NONCE_MAX	512
#define HINT_MAX	255
#define B64_SHA256	43	/* of a challenge, of a thumbprint */

static struct bytes
value(const struct ask *k, const char *name)
{
	return param_get(k->pair, k->n, name);
}

static enum err
bad(struct ask *k, enum smart_fault fault, const char *place,
    const char *text)
{
	return smart_fail(k->c, ERR_USAGE, fault, place, text);
}

/* --- answers by redirect ---------------------------------------------- */

static void
add(struct buf *b, char sep, const char *name, struct bytes text)
{
	buf_printf(b, "%c%s=", sep, name);
	buf_pct(b, text);
}

struct bytes
ask_answer(struct smart *s, struct smart_call *c, const struct safe_flow *f,
    const char *name, struct bytes text)
{
	struct buf b = buf_on(c->a, 65536);
	struct bytes out = { .len = 0 };
	const bool query = f->redirect.len > 0 &&
	    memchr(f->redirect.p, '?', f->redirect.len) != NULL;

	buf_add(&b, f->redirect);
	add(&b, query ? '&' : '?', name, text);
	if (c->error.fault != FAULT_NONE)
		add(&b, '&', "error_description", bytes_str(
		    c->error.place == NULL ? c->error.text :
		    arena_printf(c->a, "%s: %s", c->error.place,
		    c->error.text)));
	if (f->state.len > 0)
		add(&b, '&', "state", f->state);
	add(&b, '&', "iss", s->iss);
	return buf_end(&b, &out) == OK ? out : f->redirect;
}

struct bytes
ask_refusal(struct smart *s, struct smart_call *c,
    const struct safe_flow *f)
{
	return ask_answer(s, c, f, "error",
	    bytes_str(smart_fault_name(c->error.fault)));
}

/* --- who asks, and where to answer ------------------------------------ */

enum err
client_find(struct smart *s, struct smart_call *c, struct bytes id,
    struct safe_client *out)
{
	struct safe_client cl;
	bool enabled;
	enum err e;

	if (!claims_name_ok(id))
		return ERR_NOTFOUND;
	e = stand_client(s, c, id, &enabled);
	if (e == OK && !enabled)
		e = ERR_NOTFOUND;
	if (e == OK)
		e = smart_record(s, c, SDB_CLIENT, id, &cl);
	if (e == OK)
		*out = cl;
	return e;
}

static bool
registered(const struct safe_client *cl, struct bytes uri)
{
	struct bytes one, rest = cl->redirects;
	bool more = rest.len > 0;

	while (more) {
		more = bytes_cut(rest, ' ', &one, &rest);
		if (redirect_match(one, uri))
			return true;
	}
	return false;
}

enum err
ask_client(struct ask *k)
{
	const struct bytes id = value(k, "client_id");
	const struct bytes uri = value(k, "redirect_uri");
	enum err e;

	e = client_find(k->s, k->c, id, &k->client);
	if (e == ERR_NOTFOUND)
		return bad(k, FAULT_REQUEST, "client_id",
		    "no app of this id is registered here, or it was "
		    "disabled");
	if (e != OK)
		return smart_end(k->c, e);
	k->f.client = id;
	k->c->client = id;
	if ((k->client.flags & CLIENT_CODE) == 0)
		return bad(k, FAULT_UNAUTHORIZED, "client_id",
		    "this app is not registered to send people here");
	if (!registered(&k->client, uri))
		return bad(k, FAULT_REQUEST, "redirect_uri", uri.len == 0 ?
		    "is missing" : "is not one of those registered for this "
		    "app; it has to be the same, byte for byte");
	k->f.redirect = uri;
	return OK;
}

/* --- the request itself ----------------------------------------------- */

static bool
is_b64url_sha256(struct bytes text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (!((text.p[i] >= '0' && text.p[i] <= '9') ||
		    (text.p[i] >= 'A' && text.p[i] <= 'Z') ||
		    (text.p[i] >= 'a' && text.p[i] <= 'z') ||
		    text.p[i] == '-' || text.p[i] == '_'))
			return false;
	return text.len == B64_SHA256;
}

static enum err
check_state(struct ask *k)
{
	const struct bytes state = value(k, "state");

	if (state.len == 0)
		return bad(k, FAULT_REQUEST, "state", "is missing; it "
		    "protects the app's user from forged answers");
	if (state.len > STATE_MAX)
		return bad(k, FAULT_REQUEST, "state",
		    "is longer than 4096 bytes");
	k->f.state = state;
	return OK;
}

static enum err
check_shape(struct ask *k)
{
	const struct bytes mode = value(k, "response_mode");

	if (value(k, "request").len > 0)
		return bad(k, FAULT_REQUEST_OBJECT, "request",
		    "request objects are not taken; push the request to "
		    "the par endpoint instead");
	if (value(k, "request_uri").len > 0)
		return bad(k, FAULT_REQUEST_OBJECT, "request_uri",
		    "requests are not fetched; push them to the par "
		    "endpoint");
	if (!bytes_is(value(k, "response_type"), "code"))
		return bad(k, FAULT_RESPONSE_TYPE, "response_type",
		    "is code");
	if (mode.len > 0 && !bytes_is(mode, "query"))
		return bad(k, FAULT_REQUEST, "response_mode", "is query");
	return OK;
}

static enum err
check_pkce(struct ask *k)
{
	const struct bytes challenge = value(k, "code_challenge");
	const struct bytes method = value(k, "code_challenge_method");

	if (challenge.len == 0 && method.len == 0 &&
	    (k->client.flags & CLIENT_NO_PKCE) != 0)
		return OK;
	if (challenge.len == 0)
		return bad(k, FAULT_REQUEST, "code_challenge",
		    "is missing: this app has to use PKCE (S256); for an "
		    "app of before 2019 the administrator may set "
		    "\"tiphys client set --pkce optional\"");
	if (!bytes_is(method, "S256"))
		return bad(k, FAULT_REQUEST, "code_challenge_method",
		    "is S256");
	if (!is_b64url_sha256(challenge))
		return bad(k, FAULT_REQUEST, "code_challenge",
		    "is 43 characters of base64url");
	k->f.challenge = challenge;
	return OK;
}

static enum err
check_aud(struct ask *k)
{
	const struct bytes aud = value(k, "aud"), base = k->s->base;

	if (bytes_eq(aud, base) || (aud.len == base.len + 1 &&
	    bytes_starts(aud, base) && aud.p[base.len] == '/'))
		return OK;
	return bad(k, FAULT_REQUEST, "aud", aud.len == 0 ? "is missing; it "
	    "names the FHIR server the token is for" :
	    "is not the base of this FHIR server");
}

static enum err
check_scope(struct ask *k)
{
	const struct bytes asked = value(k, "scope");
	struct issues is = issues_on(k->c->a);
	struct scope_set set, limit;
	enum err e;

	if (asked.len == 0)
		return bad(k, FAULT_SCOPE, "scope", "is missing");
	if (scope_parse(asked, &is, &set) != OK)
		return bad(k, FAULT_SCOPE, "scope", "is not well-formed, "
		    "names a type DSTU2 has not, restricts by \"?\", or "
		    "mixes system/ with others");
	if ((set.contexts & SCOPE_SYSTEM) != 0)
		return bad(k, FAULT_SCOPE, "scope", "system/ is for "
		    "programs without a person: grant type "
		    "client_credentials");
	/* What was registered was checked then. */
	e = scope_parse(k->client.scope, &is, &limit);
	if (e == OK)
		e = words_narrow(k->c->a, asked, &limit, k->client.scope,
		    &k->f.scope);
	if (e != OK)
		return smart_end(k->c, ERR_STORE);
	if (k->f.scope.len == 0)
		return bad(k, FAULT_SCOPE, "scope",
		    "none of it is registered for this app");
	return OK;
}

static enum err
check_prompt(struct ask *k)
{
	const struct bytes prompt = value(k, "prompt");
	const struct bytes age = value(k, "max_age");
	struct bytes word, rest = prompt;
	bool more = prompt.len > 0, login = false;
	uint64_t max_age;

	while (more) {
		more = bytes_cut(rest, ' ', &word, &rest);
		if (bytes_is(word, "none"))
			k->none = true;
		else if (bytes_is(word, "login") ||
		    bytes_is(word, "select_account"))
			login = true;
		else if (!bytes_is(word, "consent"))
			return bad(k, FAULT_REQUEST, "prompt",
			    "is none, login, consent or select_account");
	}
	if (k->none && !bytes_is(prompt, "none"))
		return bad(k, FAULT_REQUEST, "prompt",
		    "none stands alone");
	if (login)
		k->f.login_after = k->c->now;
	if (age.len == 0)
		return OK;
	if (!text_u64(age, INT32_MAX, &max_age))
		return bad(k, FAULT_REQUEST, "max_age",
		    "is a number of seconds");
	if (!login && (int64_t)max_age * 1000 < k->c->now.ms)
		k->f.login_after.ms = k->c->now.ms -
		    (int64_t)max_age * 1000;
	return OK;
}

static enum err
check_rest(struct ask *k)
{
	const struct bytes nonce = value(k, "nonce");
	const struct bytes hint = value(k, "login_hint");
	const struct bytes jkt = value(k, "dpop_jkt");

	if (nonce.len > NONCE_MAX)
		return bad(k, FAULT_REQUEST, "nonce",
		    "is longer than 512 bytes");
	if (jkt.len > 0 && !is_b64url_sha256(jkt))
		return bad(k, FAULT_REQUEST, "dpop_jkt",
		    "is the SHA-256 thumbprint of a key: 43 characters of "
		    "base64url");
	k->f.nonce = nonce;
	k->f.jkt = jkt;
	if (hint.len <= HINT_MAX)
		k->f.login_hint = hint;
	k->f.ctx.banner = 1;
	k->launch = value(k, "launch");
	if (k->launch.len == 0 && words_have(k->f.scope, "launch"))
		return bad(k, FAULT_REQUEST, "launch", "is missing, but the "
		    "scope \"launch\" asks for its context; an app started "
		    "by itself asks for launch/patient");
	return OK;
}

enum err
ask_check(struct ask *k)
{
	static enum err (*const checks[])(struct ask *) = { check_state,
	    check_shape, check_pkce, check_aud, check_scope, check_prompt,
	    check_rest };
	enum err e = OK;
	size_t i;

	for (i = 0; e == OK && i < N_ELEM(checks); i++)
		e = checks[i](k);
	return e;
}
