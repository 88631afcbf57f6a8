/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smart.h -- the second door of the guard: the authorization server.  (L3)
 *
 * For fcgi/smart/ and cli/ alone.  Here is what a person does in a browser;
 * smart_api.h has what programs ask, smart_admin.h the administrator's half.
 * Knows no HTTP and no HTML: decoded parameters come in, structs and the
 * JSON answers of OAuth go out.
 *
 * It keeps everything that must not be in a browser: the validated request
 * (a flow), sessions, codes, refresh tokens, launch handles.  What leaves is
 * 32 random bytes each, with a prefix that says what it is; what stays is
 * their BLAKE2b.  Kinds never mix: each has its own database.
 *
 *	tsc_ code       tsr_ refresh token   tsl_ launch handle
 *	tsb_ session    tsf_ flow            tsp_ pushed request
 *	tsd_ device     tss_ client secret   tsi_ initial access token
 *	tsm_ registration access token
 *
 * What counts is on disk before the answer leaves.
 *
 * Spec: RFC 6749, 7009, 7523, 7591, 7636, 7662, 8252, 9068, 9126, 9207, 9449;
 * OpenID Connect Core 1.0; SMART App Launch 1.0.0 and 2.2.0.
 * Requirements M01-M19, X01-X09, Z05-Z12, Z22; interop 1-17.
 */
#ifndef AUTH_SMART_H
#define AUTH_SMART_H

#include "auth/auth.h"
#include "fhir/query.h"

struct smart;

/*
 * Opens grants/ and keys/ for writing, and guard/.
 * in	mode	AUTH_WRITE, or AUTH_CREATE (init)
 * err	as auth_open; ERR_CONFIG also for settings that are not served
 */
enum err	smart_open(struct arena *a, const struct conf *conf,
		    enum auth_mode mode, struct smart **out,
		    const char **why_out) NODISCARD;

/* For auth_login (userinfo): the same open environment. */
struct auth	*smart_auth(struct smart *s);

/* --- one call --------------------------------------------------------- */

/* Every way an OAuth or registration request can fail: name, status. */
#define SMART_FAULT_TABLE(X)						      \
	X(FAULT_NONE,             "",                          200)	      \
	X(FAULT_REQUEST,          "invalid_request",           400)	      \
	X(FAULT_CLIENT,           "invalid_client",            401)	      \
	X(FAULT_GRANT,            "invalid_grant",             400)	      \
	X(FAULT_UNAUTHORIZED,     "unauthorized_client",       400)	      \
	X(FAULT_GRANT_TYPE,       "unsupported_grant_type",    400)	      \
	X(FAULT_RESPONSE_TYPE,    "unsupported_response_type", 400)	      \
	X(FAULT_SCOPE,            "invalid_scope",             400)	      \
	X(FAULT_DENIED,           "access_denied",             403)	      \
	X(FAULT_LOGIN,            "login_required",            400)	      \
	X(FAULT_CONSENT,          "consent_required",          400)	      \
	X(FAULT_REQUEST_OBJECT,   "request_not_supported",     400)	      \
	X(FAULT_REQUEST_URI,      "invalid_request_uri",       400)	      \
	X(FAULT_TOKEN,            "invalid_token",             401)	      \
	X(FAULT_TOKEN_TYPE,       "unsupported_token_type",    400)	      \
	X(FAULT_PROOF,            "invalid_dpop_proof",        400)	      \
	X(FAULT_REDIRECT,         "invalid_redirect_uri",      400)	      \
	X(FAULT_METADATA,         "invalid_client_metadata",   400)	      \
	X(FAULT_SLOW,             "slow_down",                 429)	      \
	X(FAULT_SERVER,           "server_error",              503)

enum smart_fault {
#define X(id, name, http) id,
	SMART_FAULT_TABLE(X)
#undef X
	FAULT__MAX
};

const char	*smart_fault_name(enum smart_fault f);
int		 smart_fault_http(enum smart_fault f);

/*
 * What went wrong: set whenever a call does not return OK, and when
 * smart_authorize or smart_deny sends the browser back with an error.
 */
struct smart_error {
	enum smart_fault fault;
	const char	*text;		/* for people; a constant or our own
					 * words, never the input (TKE-24) */
	const char	*place;		/* parameter, or NULL */
	const char	*event;		/* word for the audit line, as
					 * "code-reuse"; or NULL */
	int64_t		 retry_s;	/* FAULT_SLOW: the visible wait */
	bool		 challenge;	/* 401 with WWW-Authenticate: Basic */
	bool		 dpop;		/* ... : DPoP, of a proof */
};

#define SMART_RANDOM	512	/* bytes */

/*
 * What a call is told of the world, and what it says to the browser.  One
 * for each HTTP request; zeroed, then the first part filled.
 */
struct smart_call {
	/* in */
	struct arena	*a;		/* request memory: all results */
	struct instant	 now;
	struct bytes	 address;	/* of the peer, as text */
	struct bytes	 cookie;	/* session cookie's value, or "" */
	struct bytes	 device;	/* device cookie's value, or "" */
	struct snapshot	*t;		/* of the store, or NULL: only where a
					 * contract says so */
	int64_t		(*mono)(void);	/* microseconds; NULL: no pause after
					 * a password hash (tests) */
	int		*place;		/* in the queue of hashes; NULL: wait
					 * here; -1: take one, and ERR_BUSY
					 * with nothing changed; else: it was
					 * taken, a descriptor */
	uint8_t		 random[SMART_RANDOM];	/* fresh from the kernel; taken
					 * from the front, nothing twice */
	size_t		 taken;
	/* out */
	struct bytes	 new_cookie;	/* set it: HttpOnly, Lax, session */
	struct bytes	 new_device;	/* set it for a year */
	bool		 drop_cookie;
	struct bytes	 user, client, grant;	/* as far as known: audit */
	struct smart_error error;
};

/*
 * How errors are returned everywhere below: ERR_USAGE  the request, with a
 * fault (status by smart_fault_http); ERR_LOGIN  no session, or a wrong
 * password; ERR_FORBIDDEN  CSRF value wrong, or not allowed to this user;
 * ERR_NOTFOUND  an unknown or finished flow; ERR_THROTTLED  with retry_s;
 * ERR_STORE, ERR_FULL, ERR_CONFIG  FAULT_SERVER.
 */

/*
 * The CSRF value of a form: of this browser and this place, which is the
 * flow's id, or "" outside a flow.  Where the browser has no cookie yet, one
 * is made (new_cookie).
 */
struct bytes	smart_csrf(struct smart_call *c, struct bytes place);

/* A form that came back. */
struct smart_form {
	struct bytes	flow;		/* or "": outside a flow */
	struct bytes	csrf;
};

/* --- authorize -------------------------------------------------------- */

struct smart_authorized {
	struct bytes	flow;		/* go on with its page; or "" */
	struct bytes	location;	/* else: 303 to the client */
};

/*
 * Check an authorization request, GET or POST, before any page is shown.
 *
 * in	pair	parameters of the one place they may stand in
 * out	OK: a flow, or an error that goes to the (registered) client
 * err	ERR_USAGE  shown here, no redirect: client, redirect_uri,
 *		duplicates, an unknown pushed request; ERR_THROTTLED
 */
enum err	smart_authorize(struct smart *s, struct smart_call *c,
		    const struct pair *pair, size_t n,
		    struct smart_authorized *out) NODISCARD;

/* Where this browser's flow stands. */
enum smart_step {
	STEP_LOGIN,		/* smart_login */
	STEP_SECOND,		/* smart_second */
	STEP_PICK,		/* smart_patients, smart_pick */
	STEP_VISIT,		/* smart_visits, smart_visit_pick */
	STEP_CONSENT		/* smart_groups, smart_approve */
};

struct smart_flow {
	enum smart_step	 step;
	struct bytes	 id;
	struct bytes	 client, client_name, publisher;
	struct bytes	 policy_uri, tos_uri;	/* of the app, or "" */
	struct bytes	 origin;	/* of redirect_uri: CSP form-action */
	bool		 registered_self;	/* by dynamic registration */
	struct bytes	 user, user_name;	/* from STEP_SECOND on */
	struct bytes	 login_hint;
	struct bytes	 patient;	/* id, once known; or "" */
	bool		 others;	/* smart_unpick may choose another */
	struct bytes	 encounter;	/* id, once known; or "" */
	bool		 asked_visit;	/* the person said which, or none */
	struct bytes	 scope;		/* that can be granted, as text */
	bool		 identity;	/* openid with fhirUser or profile */
	bool		 offline;	/* works after sign-out */
	bool		 online;	/* refreshes while signed in */
	int64_t		 days;		/* offline: how long at most */
};

/* err  ERR_NOTFOUND  unknown, over, or another browser's */
enum err	smart_flow(struct smart *s, struct smart_call *c,
		    struct bytes id, struct smart_flow *out) NODISCARD;

/* --- signing in ------------------------------------------------------- */

/*
 * User name and password.  The same text, time and answer for unknown
 * users; one hash at a time on the machine, a queue of 20.
 * out	OK: signed in, or STEP_SECOND is next (smart_session says which)
 * err	ERR_LOGIN  wrong; ERR_THROTTLED; ERR_FORBIDDEN; ERR_TOOBIG  a password
 *		of more than 1,024 bytes
 */
enum err	smart_login(struct smart *s, struct smart_call *c,
		    const struct smart_form *form, struct bytes name,
		    struct bytes password) NODISCARD;

/* A TOTP code or a recovery code; each works once. */
enum err	smart_second(struct smart *s, struct smart_call *c,
		    const struct smart_form *form, struct bytes code)
		    NODISCARD;

struct smart_session {
	struct bytes	 id;		/* names it in lists: no secret */
	struct bytes	 user, user_name;
	enum user_kind	 kind;
	struct bytes	 link;		/* "Practitioner/d1", or "" */
	struct instant	 started, seen;
	struct bytes	 address;
	bool		 pending;	/* second factor still to come */
	bool		 current;	/* of the call's cookie */
};

/* err  ERR_LOGIN  none, or over; counts as use of it. */
enum err	smart_session(struct smart *s, struct smart_call *c,
		    struct smart_session *out) NODISCARD;

/* Ends on the server; drop_cookie.  No session is no error. */
enum err	smart_logout(struct smart *s, struct smart_call *c,
		    const struct smart_form *form) NODISCARD;

/* --- the patient ------------------------------------------------------ */

struct smart_patient {
	struct bytes	 id, name, birth, gender, identifier;
};

/*
 * Patients this user may choose, of at most 20: a practitioner's search, a
 * proxy's list, a patient's own.  Needs call.t; signed-in user.
 * in	name, birth (YYYY-MM-DD), identifier: any may be ""; all "": the first
 * out	*more_out  there are others: narrow the search
 * err	ERR_USAGE  a value that cannot be searched by
 */
enum err	smart_patients(struct smart *s, struct smart_call *c,
		    struct bytes name, struct bytes birth,
		    struct bytes identifier, struct smart_patient **out,
		    size_t *n_out, bool *more_out) NODISCARD;

/* One by id, under the same rule.  Needs call.t. */
enum err	smart_patient(struct smart *s, struct smart_call *c,
		    struct bytes id, struct smart_patient *out) NODISCARD;

/* Needs call.t.  err  ERR_FORBIDDEN  not one this user may choose */
enum err	smart_pick(struct smart *s, struct smart_call *c,
		    const struct smart_form *form, struct bytes patient)
		    NODISCARD;

/* Choose again.  err  ERR_FORBIDDEN  of a launch by an EHR */
enum err	smart_unpick(struct smart *s, struct smart_call *c,
		    const struct smart_form *form) NODISCARD;

/* --- the encounter ---------------------------------------------------- */

struct smart_visit {
	struct bytes	 id, kind, status;
	struct bytes	 start, end;	/* FHIR dateTimes, or "" */
};

/* The chosen patient's, newest first, at most 20, or *more_out.  call.t */
enum err	smart_visits(struct smart *s, struct smart_call *c,
		    struct bytes flow, struct smart_visit **out,
		    size_t *n_out, bool *more_out) NODISCARD;

/* The one chosen.  Needs call.t.  err  ERR_FORBIDDEN  there is none */
enum err	smart_visit(struct smart *s, struct smart_call *c,
		    struct bytes flow, struct smart_visit *out) NODISCARD;

/* visit "": none.  Needs call.t.  err  ERR_FORBIDDEN  not of this patient */
enum err	smart_visit_pick(struct smart *s, struct smart_call *c,
		    const struct smart_form *form, struct bytes visit)
		    NODISCARD;

/* --- consent ---------------------------------------------------------- */

/* One resource type the client asks for. */
struct smart_type {
	const char	*name;		/* "Observation": in forms and lists */
	uint16_t	 type;
	uint64_t	 count;		/* in this record; of a practitioner's
					 * user/ scopes: all he may see */
	bool		 read, write;
	struct bytes	 only;		/* granular scopes: "category:
					 * laboratory"; "" for the whole type */
};

/* Types people think of together. */
struct smart_group {
	const char	*key;		/* "medications": in forms */
	const char	*title;		/* "Medicines" */
	const char	*text;		/* one plain sentence */
	bool		 everyone;	/* user/: not one patient's record */
	bool		 read, write;
	uint64_t	 count;
	struct smart_type *type;
	size_t		 n_type;
};

#define SMART_TEXT_VERSION	1	/* of the words of the groups */

/*
 * What can be granted: asked AND registered AND the user's rights.  A type
 * asked for both by patient/ and user/ stands in both.  Needs call.t for the
 * counts (NULL: 0 each).
 */
enum err	smart_groups(struct smart *s, struct smart_call *c,
		    struct bytes flow, struct smart_group **out,
		    size_t *n_out) NODISCARD;

/* What was ticked.  Unknown words are ERR_USAGE, nothing ticked is denial. */
struct smart_choice {
	bool		 all;		/* the whole scope as it stands */
	struct bytes	*group;		/* keys; "user:" before those of
					 * everyone's records */
	size_t		 n_group;
	struct bytes	*type;		/* "Observation", "user:Patient":
					 * beside the groups */
	size_t		 n_type;
	bool		 read_only;	/* nothing may be written */
	bool		 no_offline;	/* no refresh token */
	bool		 no_identity;	/* openid and what belongs to it */
	struct bytes	 shown;		/* the text the person read, kept */
};

/* out  *location_out  303: redirect_uri with code, state, iss */
enum err	smart_approve(struct smart *s, struct smart_call *c,
		    const struct smart_form *form,
		    const struct smart_choice *choice,
		    struct bytes *location_out) NODISCARD;

/*
 * After ERR_FORBIDDEN by smart_flow: redirect_uri with call.error, and the
 * flow is over.  err  ERR_NOTFOUND  it was another error
 */
enum err	smart_refuse(struct smart *s, struct smart_call *c,
		    struct bytes flow, struct bytes *location_out) NODISCARD;

/* At any step: redirect_uri with access_denied. */
enum err	smart_deny(struct smart *s, struct smart_call *c,
		    const struct smart_form *form,
		    struct bytes *location_out) NODISCARD;

/* --- launching from an EHR page --------------------------------------- */

struct smart_launch {
	struct bytes	 client;	/* client_id */
	struct bytes	 patient, encounter, location;	/* ids, or "" */
	struct bytes	 intent;
	struct bytes	 context;	/* fhirContext: JSON array, or "" */
	bool		 no_banner;	/* need_patient_banner false */
};

/*
 * A one-time handle, for this user, client and context, and where to send
 * the browser: launch_uri?iss=BASE&launch=HANDLE.  Needs call.t to see that
 * the patient is there and this user's to choose.
 * in	form	of a signed-in browser; NULL: the tool, for user
 * err	ERR_NOTFOUND  client or patient; ERR_USAGE  no launch URI registered
 */
enum err	smart_launch(struct smart *s, struct smart_call *c,
		    const struct smart_form *form, struct bytes user,
		    const struct smart_launch *l, struct bytes *handle_out,
		    struct bytes *location_out) NODISCARD;

/* Apps with a launch URI, for the EHR page. */
struct smart_app {
	struct bytes	client, name, publisher;
	struct bytes	origin;		/* of launch_uri: CSP form-action */
};
enum err	smart_launchable(struct smart *s, struct smart_call *c,
		    struct smart_app **out, size_t *n_out) NODISCARD;

/* --- what I share ----------------------------------------------------- */

struct smart_grant {
	struct bytes	 id;
	struct bytes	 client, client_name, user, patient, encounter;
	struct bytes	 scope, shown;
	uint32_t	 text_version;
	bool		 offline, online, dpop, active;
	struct instant	 created, used, expires, revoked;
};

/*
 * Standing grants, newest first; user "": everybody's (the tool).  ended:
 * also those that were revoked or are over.
 */
enum err	smart_grants(struct smart *s, struct smart_call *c,
		    struct bytes user, bool ended, struct smart_grant **out,
		    size_t *n_out) NODISCARD;

/* Stop sharing: from the next request on.  Only the session's own user. */
enum err	smart_stop(struct smart *s, struct smart_call *c,
		    const struct smart_form *form, struct bytes grant)
		    NODISCARD;

/* Of the session's user. */
enum err	smart_sessions(struct smart *s, struct smart_call *c,
		    struct smart_session **out, size_t *n_out) NODISCARD;
enum err	smart_session_end(struct smart *s, struct smart_call *c,
		    const struct smart_form *form, struct bytes id)
		    NODISCARD;

/* The session's user, who knows the old one; ends all other sessions. */
enum err	smart_password(struct smart *s, struct smart_call *c,
		    const struct smart_form *form, struct bytes old,
		    struct bytes fresh) NODISCARD;

#endif
