/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smart.c -- the authorization server opened; what all its calls use.  (L3)
 */
#include "auth/smart_in.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"

/* --- opening ---------------------------------------------------------- */

static void
drop_fd(void *p)
{
	close(*(int *)p);
}

/* The file whose locks order password hashes; see pass.c. */
static enum err
open_lock(struct arena *a, struct smart *s, const char *dir,
    const char **why_out)
{
	const char *path = arena_printf(a, "%s/hash.lock", dir);

	s->hash_path = path;
	s->hash_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (s->hash_fd < 0) {
		*why_out = arena_printf(a, "%s: cannot be opened; let its "
		    "folder belong to this user", path);
		return ERR_STORE;
	}
	arena_defer(a, drop_fd, &s->hash_fd);
	return OK;
}

enum err
smart_open(struct arena *a, const struct conf *conf, enum auth_mode mode,
    struct smart **out, const char **why_out)
{
	struct smart *s = arena_alloc(a, sizeof *s);
	const char *dir = conf_below(a, conf, "guard");
	enum err e;

	if (mode == AUTH_READ)
		return ERR_BUG;
	e = auth_open(a, conf, mode, &s->g, why_out);
	if (e == OK)
		e = safe_open(a, dir, mode == AUTH_CREATE ? ENV_CREATE : 0,
		    &s->env, why_out);
	if (e == OK)
		e = open_lock(a, s, dir, why_out);
	if (e != OK)
		return e;
	s->conf = conf;
	s->engine = &jwk_tls;
	s->iss = s->g->iss;
	s->base = s->g->aud;
	s->pass_mem = conf->num[CONF_PASS_MEM];
	s->pass_passes = conf->num[CONF_PASS_PASSES];
	*out = s;
	return OK;
}

struct auth *
smart_auth(struct smart *s)
{
	return s->g;
}

/* --- faults ----------------------------------------------------------- */

static const struct {
	const char	*name;
	int		 http;
} faults[FAULT__MAX] = {
#define X(id, name, http) [id] = { name, http },
	SMART_FAULT_TABLE(X)
#undef X
};

const char *
smart_fault_name(enum smart_fault f)
{
	return faults[f].name;
}

int
smart_fault_http(enum smart_fault f)
{
	return faults[f].http;
}

enum err
smart_fail(struct smart_call *c, enum err e, enum smart_fault fault,
    const char *place, const char *text)
{
	c->error.fault = fault;
	c->error.place = place;
	c->error.text = text;
	return e;
}

enum err
smart_end(struct smart_call *c, enum err e)
{
	if (e == OK || c->error.fault != FAULT_NONE)
		return e;
	return smart_fail(c, e, FAULT_SERVER, NULL,
	    "the server cannot answer now; try again later");
}

void
smart_error_json(const struct smart_call *c, struct buf *out)
{
	const char *text = c->error.text != NULL ? c->error.text : "";

	buf_str(out, "{\"error\":");
	buf_json(out, bytes_str(smart_fault_name(c->error.fault)));
	buf_str(out, ",\"error_description\":");
	buf_json(out, bytes_str(c->error.place == NULL ? text :
	    arena_printf(c->a, "%s: %s", c->error.place, text)));
	buf_str(out, "}");
}

/* --- secrets ---------------------------------------------------------- */

const uint8_t *
smart_random(struct smart_call *c, size_t n)
{
	const uint8_t *p = c->random + c->taken;

	if (n > sizeof c->random - c->taken)
		abort();
	c->taken += n;
	return p;
}

struct bytes
smart_secret(struct smart_call *c, const char *prefix)
{
	struct bytes b = text_b64url(c->a,
	    bytes_of(smart_random(c, 32), 32));

	return bytes_str(arena_printf(c->a, "%s%.*s", prefix,
	    BYTES_FMT(b)));
}

static bool
is_b64url(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

bool
smart_hash(const char *prefix, struct bytes text,
    uint8_t hash[static SAFE_HASH])
{
	size_t i;

	if (text.len != SECRET_TEXT ||
	    !bytes_starts(text, bytes_str(prefix)))
		return false;
	for (i = SECRET_PREFIX; i < text.len; i++)
		if (!is_b64url(text.p[i]))
			return false;
	crypto_generichash(hash, SAFE_HASH, text.p, text.len, NULL, 0);
	return true;
}

static void
feed(crypto_generichash_state *h, struct bytes b)
{
	const uint8_t len[2] = { (uint8_t)(b.len >> 8), (uint8_t)b.len };

	crypto_generichash_update(h, len, sizeof len);
	if (b.len > 0)
		crypto_generichash_update(h, b.p, b.len);
}

void
smart_digest(struct bytes one, struct bytes two, struct bytes three,
    uint8_t out[static SAFE_HASH])
{
	crypto_generichash_state h;

	crypto_generichash_init(&h, NULL, 0, SAFE_HASH);
	feed(&h, one);
	feed(&h, two);
	feed(&h, three);
	crypto_generichash_final(&h, out, SAFE_HASH);
}

/* --- the browser's forms ---------------------------------------------- */

bool
smart_browser(const struct smart_call *c, uint8_t hash[static SAFE_HASH])
{
	return smart_hash("tsb_", c->cookie, hash);
}

/* Keyed by the cookie itself, whose hash alone is on disk. */
static struct bytes
csrf_of(struct smart_call *c, struct bytes cookie, struct bytes place)
{
	uint8_t mac[SAFE_HASH];

	crypto_generichash(mac, sizeof mac, place.p, place.len, cookie.p,
	    cookie.len);
	return text_b64url(c->a, bytes_of(mac, sizeof mac));
}

struct bytes
smart_csrf(struct smart_call *c, struct bytes place)
{
	uint8_t hash[SAFE_HASH];

	if (c->new_cookie.len > 0)
		return csrf_of(c, c->new_cookie, place);
	if (smart_browser(c, hash))
		return csrf_of(c, c->cookie, place);
	c->new_cookie = smart_secret(c, "tsb_");
	return csrf_of(c, c->new_cookie, place);
}

enum err
smart_csrf_check(struct smart_call *c, const struct smart_form *form)
{
	uint8_t hash[SAFE_HASH];
	struct bytes want;

	if (smart_browser(c, hash)) {
		want = csrf_of(c, c->cookie, form->flow);
		if (form->csrf.len == want.len &&
		    sodium_memcmp(form->csrf.p, want.p, want.len) == 0)
			return OK;
	}
	c->error.event = "form-forged";
	return smart_fail(c, ERR_FORBIDDEN, FAULT_DENIED, NULL,
	    "this form is not of this browser, or too old; go back and "
	    "load the page again");
}

/* --- parameters ------------------------------------------------------- */

enum err
param_check(struct smart_call *c, const struct pair *pair, size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < i; j++)
			if (bytes_eq(pair[i].name, pair[j].name))
				return smart_fail(c, ERR_USAGE,
				    FAULT_REQUEST, NULL,
				    "a parameter is given twice");
	return OK;
}

struct bytes
param_get(const struct pair *pair, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (bytes_is(pair[i].name, name))
			return pair[i].value;
	return bytes_of(NULL, 0);
}

/* --- the store -------------------------------------------------------- */

enum err
smart_query(struct smart *s, struct smart_call *c, uint16_t type,
    const struct pair *pair, size_t n, struct query *out)
{
	const struct base_urls urls = prim_urls(s->conf);
	const struct query_limits lim = { .params = 8, .values = 8,
	    .zone = (int)s->conf->num[CONF_ZONE] };
	struct issues is = issues_on(c->a);

	return query_parse(c->a, type, pair, n, &urls, c->now, &lim, &is,
	    out);
}
