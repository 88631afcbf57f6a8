/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discovery.c -- what clients are told of the authorization server.  (L3)
 *
 * One table for three documents; only what is served is said (CNF-06).
 *
 * Spec: SMART App Launch 2.2 conformance; OpenID Connect Discovery 3; RFC
 * 8414; oauth-uris of SMART 1.0.  Interop 8, 9, 11.
 */
#include "auth/auth.h"

/* oauth_uri: the name inside the Conformance's extension. */
static const struct auth_endpoint endpoints[] = {
	{ "/authorize", "authorization_endpoint", "authorize", { 0 } },
	{ "/token", "token_endpoint", "token", { 0 } },
	{ "/register", "registration_endpoint", "register", { 0 } },
	{ "/apps", "management_endpoint", "manage", { 0 } },
	{ "/introspect", "introspection_endpoint", "introspect", { 0 } },
	{ "/revoke", "revocation_endpoint", "revoke", { 0 } },
	{ "/jwks", "jwks_uri", NULL, { 0 } },
	{ "/userinfo", "userinfo_endpoint", NULL, { 0 } },
	{ "/par", "pushed_authorization_request_endpoint", NULL, { 0 } },
};
_Static_assert(sizeof endpoints / sizeof endpoints[0] == AUTH_ENDPOINTS,
    "auth.h says how many");

void
auth_endpoints(struct arena *a, const struct conf *conf,
    struct auth_endpoint **out, size_t *n_out)
{
	const struct bytes issuer = conf->text[CONF_ISSUER];
	struct auth_endpoint *list = arena_array(a, AUTH_ENDPOINTS,
	    sizeof *list);
	size_t i, n = 0;

	for (i = 0; issuer.len > 0 && i < N_ELEM(endpoints); i++) {
		if (strcmp(endpoints[i].path, "/register") == 0 &&
		    conf->num[CONF_REGISTER] == 0)
			continue;
		list[n] = endpoints[i];
		list[n].url = bytes_str(arena_printf(a, "%.*s%s",
		    BYTES_FMT(issuer), endpoints[i].path));
		n++;
	}
	*out = list;
	*n_out = n;
}

/* What both documents say. */
static const char common[] =
    ",\"response_types_supported\":[\"code\"]"
    ",\"grant_types_supported\":[\"authorization_code\","
    "\"refresh_token\",\"client_credentials\"]"
    ",\"code_challenge_methods_supported\":[\"S256\"]"
    ",\"token_endpoint_auth_methods_supported\":[\"client_secret_basic\","
    "\"client_secret_post\",\"private_key_jwt\",\"none\"]"
    ",\"token_endpoint_auth_signing_alg_values_supported\":[\"RS384\","
    "\"ES384\"]"
    ",\"authorization_response_iss_parameter_supported\":true"
    ",\"scopes_supported\":[\"openid\",\"fhirUser\",\"profile\",\"launch\","
    "\"launch/patient\",\"launch/encounter\",\"offline_access\","
    "\"online_access\","
    "\"patient/*.read\",\"patient/*.write\",\"patient/*.cruds\","
    "\"user/*.read\",\"user/*.write\",\"user/*.cruds\","
    "\"system/*.read\",\"system/*.write\",\"system/*.cruds\"]";

/* Where dpop = yes: else tiphys-fhir would refuse what is bound to a key. */
static const char with_dpop[] =
    ",\"dpop_signing_alg_values_supported\":[\"ES256\",\"ES384\","
    "\"RS256\",\"EdDSA\"]";

static const char smart_only[] =
    ",\"capabilities\":[\"launch-ehr\",\"launch-standalone\","
    "\"authorize-post\",\"client-public\","
    "\"client-confidential-symmetric\","
    "\"client-confidential-asymmetric\",\"sso-openid-connect\","
    "\"context-banner\",\"context-style\",\"context-ehr-patient\","
    "\"context-ehr-encounter\",\"context-standalone-patient\","
    "\"context-standalone-encounter\","
    "\"permission-offline\",\"permission-online\",\"permission-patient\","
    "\"permission-user\",\"permission-v1\",\"permission-v2\"]";

static const char openid_only[] =
    ",\"response_modes_supported\":[\"query\"]"
    ",\"subject_types_supported\":[\"public\"]"
    ",\"id_token_signing_alg_values_supported\":[\"RS256\"]"
    ",\"claims_supported\":[\"iss\",\"sub\",\"aud\",\"exp\",\"iat\","
    "\"auth_time\",\"nonce\",\"fhirUser\",\"profile\",\"name\"]"
    ",\"prompt_values_supported\":[\"none\",\"login\",\"consent\","
    "\"select_account\"]"
    ",\"request_parameter_supported\":false"
    ",\"request_uri_parameter_supported\":false"
    ",\"claims_parameter_supported\":false";

void
auth_discovery(struct arena *a, const struct conf *conf, enum auth_doc doc,
    struct buf *json_out)
{
	struct auth_endpoint *list;
	size_t i, n;

	auth_endpoints(a, conf, &list, &n);
	if (n == 0) {
		buf_str(json_out, "{\"capabilities\":[]}");
		return;
	}
	buf_str(json_out, "{\"issuer\":");
	buf_json(json_out, conf->text[CONF_ISSUER]);
	for (i = 0; i < n; i++) {
		buf_printf(json_out, ",\"%s\":", list[i].member);
		buf_json(json_out, list[i].url);
	}
	buf_str(json_out, common);
	if (conf->num[CONF_DPOP] != 0)
		buf_str(json_out, with_dpop);
	buf_str(json_out, doc == AUTH_DOC_SMART ? smart_only : openid_only);
	buf_str(json_out, "}");
}
