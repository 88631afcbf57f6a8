/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act.h -- the endpoints and pages of tiphys-auth, one act each.  (L5)
 *
 * An act reads parameters, asks auth/smart.h, and leaves a JSON body, a page
 * or a redirect.  It decides nothing about rights: what counts is checked
 * below, where no form can reach.  Every row of routes.c names one of these.
 */
#ifndef SMART_ACT_H
#define SMART_ACT_H

#include "auth/smart_api.h"
#include "fcgi/html.h"
#include "fcgi/route.h"
#include "fcgi/step.h"

/* What the acts share beyond the server: process lifetime. */
struct site {
	struct smart	*smart;
	struct bytes	 url;		/* issuer: Location is absolute */
	struct bytes	 path;		/* its path, for links: "/auth" or "" */
	bool		 tls;		/* browsers reach us by https */
};

/* One request, and its answer beyond what struct resp holds. */
struct ask {
	struct smart_call	 smart;
	struct pair		*form;		/* of a POST: ask_form */
	size_t			 n_form;
	/* the answer */
	int			 status;	/* of OK, where not 200 */
	struct bytes		 location;	/* 303 */
	struct bytes		 origin;	/* forms of this page may end
						 * there; or "" */
	const char		*type;		/* Content-Type; NULL: JSON */
	int64_t			 max_age;	/* s; 0: not to be kept */
};

extern const struct route_table	smart_routes;

act_fn	act_authorize, act_token, act_revoke, act_introspect, act_register,
	act_registered, act_unregister,
	act_push, act_jwks, act_userinfo, act_smart_doc, act_openid_doc,
	act_preflight, act_flow, act_login, act_login_post, act_second,
	act_second_post, act_search, act_pick, act_again, act_visit,
	act_consent, act_cancel,
	act_deny, act_launch, act_launch_search, act_launch_go, act_apps,
	act_stop, act_sessions, act_session_end, act_password,
	act_password_post, act_logout, act_logout_post, act_home, act_style;

/* --- ask.c: the request --------------------------------------------------- */

/* The login step: cookies, address and random bytes; nobody is refused. */
step_fn	ask_login;

static inline struct site *
site_of(const struct call *c)
{
	return c->server->own;
}

static inline struct ask *
ask_of(const struct call *c)
{
	return c->own;
}

static inline struct smart *
smart_of(const struct call *c)
{
	return site_of(c)->smart;
}

/* Read the form into ask.form. */
enum err	ask_body(struct call *c) NODISCARD;
/*
 * The same for a form of ours: *out gets its fields flow and csrf.
 * err	ERR_NOTFOUND  flow is not the id of one
 */
enum err	ask_form(struct call *c, struct smart_form *out) NODISCARD;

/*
 * What a call that may take a password hash returned: where it gave way, the
 * request is handed on and the result is OK.  *passed_out: the act is done.
 */
enum err	ask_turn(struct call *c, enum err e, bool *passed_out)
		    NODISCARD;

/* The value of the only field of this name; "" when absent or repeated. */
struct bytes	ask_field(const struct call *c, const char *name);

/* All values of a field; *out in the arena. */
size_t		ask_fields(const struct call *c, const char *name,
		    struct bytes **out);

/*
 * Is the form one of this browser's?  For posts that auth/ does not check
 * because they change nothing.  err  ERR_FORBIDDEN
 */
enum err	ask_csrf(struct call *c, const struct smart_form *form)
		    NODISCARD;

/* Was the form refused because it is not of this browser? */
bool		ask_forged(const struct call *c);

/* A snapshot of the store into ask.smart.t; ended before the answer. */
enum err	ask_store(struct call *c) NODISCARD;

/*
 * Who is signed in.  Where nobody is, or the second factor is still to come,
 * the answer is a redirect that comes back to the page named `to`, and
 * *there_out is false.
 */
enum err	ask_who(struct call *c, const char *to,
		    struct smart_session *out, bool *there_out) NODISCARD;

/* The page of ours that to names, or "apps": never an address (LOG-12). */
const char	*ask_to(struct bytes to);

/* --- answer.c: the answer ------------------------------------------------- */

/* The finish of this program's face: headers, cookies, errors. */
void		answer_finish(struct call *c);
struct bytes	answer_nomem(void);

/* 303 to one of our pages: path below the issuer, printf-like. */
enum err	answer_page(struct call *c, const char *fmt, ...)
		    PRINTF(2, 3);
/* 303 to a URL that auth/ has checked. */
enum err	answer_url(struct call *c, struct bytes url);

/* The finished JSON or page becomes the body. */
enum err	answer_json(struct call *c, struct buf *json, int status)
		    NODISCARD;
enum err	answer_html(struct call *c, struct html *h) NODISCARD;

struct buf	answer_buf(const struct call *c);

#endif
