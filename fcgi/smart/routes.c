/* SPDX-License-Identifier: Apache-2.0 */
/*
 * routes.c -- all that tiphys-auth does: the one table.  (L5)
 *
 * tiphys-auth(8) lists these rows.  Where apps find their endpoints is said
 * by auth/discovery.c, in the same words; the tests follow each of them.
 * ROUTE_API: programs, by JSON and from any origin; the others are pages of
 * ours, which no other origin may read.
 */
#include "fcgi/smart/act.h"

#define API	(ROUTE_NATIVE | ROUTE_API)
#define CALL	(ROUTE_NATIVE | ROUTE_API | ROUTE_FORM)
#define PAGE	ROUTE_NATIVE
#define FORM	(ROUTE_NATIVE | ROUTE_FORM)

#define GET(path, flags, act, name, spec)				      \
	{ METHOD_GET, path, NEED_PUBLIC, flags, act, name, "", spec }
#define POST(path, flags, act, name, spec)				      \
	{ METHOD_POST, path, NEED_PUBLIC, flags, act, name, "", spec }
#define PREFLIGHT(path)							      \
	{ METHOD_OPTIONS, path, NEED_PUBLIC, API, act_preflight,	      \
	    "preflight", "", "Fetch, CORS" }

static const struct route rows[] = {
	/* apps */
	GET("/.well-known/smart-configuration", API, act_smart_doc,
	    "discovery", "SMART App Launch 2.2 conformance"),
	GET("/.well-known/openid-configuration", API, act_openid_doc,
	    "discovery", "OpenID Connect Discovery 4"),
	GET("/jwks", API, act_jwks, "jwks", "RFC 7517 5"),
	POST("/token", CALL, act_token, "token", "RFC 6749 3.2"),
	POST("/revoke", CALL, act_revoke, "revoke", "RFC 7009 2.1"),
	POST("/introspect", CALL, act_introspect, "introspect",
	    "RFC 7662 2.1"),
	POST("/par", CALL, act_push, "par", "RFC 9126 2.1"),
	POST("/register", API, act_register, "register", "RFC 7591 3.1"),
	GET("/register", API, act_registered, "registered", "RFC 7592 2.1"),
	{ METHOD_PUT, "/register", NEED_PUBLIC, API, act_registered,
	    "registered", "", "RFC 7592 2.2" },
	{ METHOD_DELETE, "/register", NEED_PUBLIC, API, act_unregister,
	    "unregister", "", "RFC 7592 2.3" },
	GET("/userinfo", API, act_userinfo, "userinfo",
	    "OpenID Connect Core 5.3"),
	POST("/userinfo", API, act_userinfo, "userinfo",
	    "OpenID Connect Core 5.3"),
	PREFLIGHT("/.well-known/smart-configuration"),
	PREFLIGHT("/.well-known/openid-configuration"),
	PREFLIGHT("/jwks"), PREFLIGHT("/token"), PREFLIGHT("/revoke"),
	PREFLIGHT("/introspect"), PREFLIGHT("/par"),
	PREFLIGHT("/register"), PREFLIGHT("/userinfo"),
	/* a launch, step by step */
	GET("/authorize", PAGE, act_authorize, "authorize", "RFC 6749 3.1"),
	POST("/authorize", FORM, act_authorize, "authorize",
	    "RFC 6749 3.1"),
	GET("/flow", PAGE, act_flow, "flow", "SMART App Launch 2.2"),
	POST("/login", FORM, act_login_post, "login", ""),
	POST("/second", FORM, act_second_post, "second", "RFC 6238"),
	POST("/search", FORM, act_search, "search", ""),
	POST("/pick", FORM, act_pick, "pick", ""),
	POST("/again", FORM, act_again, "again", ""),
	POST("/visit", FORM, act_visit, "visit", "SMART App Launch 2.2"),
	POST("/consent", FORM, act_consent, "consent", ""),
	GET("/cancel", PAGE, act_cancel, "cancel", ""),
	POST("/deny", FORM, act_deny, "deny", "RFC 6749 4.1.2.1"),
	/* one's own account */
	GET("/", PAGE, act_home, "home", ""),
	GET("/login", PAGE, act_login, "login", ""),
	GET("/second", PAGE, act_second, "second", "RFC 6238"),
	GET("/apps", PAGE, act_apps, "apps", "SMART management_endpoint"),
	POST("/apps", FORM, act_stop, "stop", ""),
	GET("/sessions", PAGE, act_sessions, "sessions", ""),
	POST("/sessions", FORM, act_session_end, "session-end", ""),
	GET("/password", PAGE, act_password, "password", ""),
	POST("/password", FORM, act_password_post, "password", ""),
	GET("/logout", PAGE, act_logout, "logout", ""),
	POST("/logout", FORM, act_logout_post, "logout", ""),
	/* the EHR's side of a launch */
	GET("/launch", PAGE, act_launch, "launch", "SMART App Launch 2.2"),
	POST("/launch", FORM, act_launch_search, "launch-search", ""),
	POST("/launch/go", FORM, act_launch_go, "launch-go",
	    "SMART App Launch 2.2"),
	GET("/style.css", PAGE, act_style, "style", "")
};

const struct route_table smart_routes = { rows, N_ELEM(rows) };
