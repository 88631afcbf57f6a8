/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf_keys.h -- every configuration key, one row each.  (L0)
 *
 * Limits a client can meet say in tiphys.conf(5) which answer they give.
 * A default of NULL makes a key required; "" leaves it unset.
 */
#ifndef BASE_CONF_KEYS_H
#define BASE_CONF_KEYS_H

/*	id                  name             kind       default   min max unit */
#define CONF_TABLE(X)							      \
	/* where we are */						      \
	X(CONF_BASE_URL,    "base-url",         CONF_URL,  NULL,   8, 1024, "") \
	X(CONF_BASE_ALIAS,  "base-alias",       CONF_LIST, "",     0, 16, "URLs") \
	X(CONF_ISSUER,      "issuer",           CONF_URL,  "",     0, 1024, "") \
	X(CONF_TLS_FRONT,   "tls-front",        CONF_BOOL, "no",   0, 1, "") \
	X(CONF_DATA_DIR,    "data-dir",         CONF_PATH, ".",    1, 4096, "") \
	X(CONF_USER,        "user",             CONF_TEXT, "",     0, 32, "") \
	X(CONF_GROUP,       "group",            CONF_TEXT, "",     0, 32, "") \
	X(CONF_AUTH_USER,   "auth-user",        CONF_TEXT, "",     0, 32, "") \
	X(CONF_ZONE,        "zone",             CONF_OFFSET, "Z",   1, 6, "") \
	X(CONF_SITE_NAME,   "site-name",        CONF_TEXT, "Health record", 1, 64, "") \
	/* what a request may be */					      \
	X(CONF_URI,         "uri-bytes",        CONF_NUM,  "8192", 256, 65536, "bytes") \
	X(CONF_HEADER,      "header-bytes",     CONF_NUM,  "32768", 1024, 65536, "bytes") \
	X(CONF_TOKEN,       "token-bytes",      CONF_NUM,  "4096", 512, 16384, "bytes") \
	X(CONF_BODY,        "body-bytes",       CONF_NUM,  "5242880", 1024, 268435456, "bytes") \
	X(CONF_MEM,         "request-bytes",    CONF_NUM,  "67108864", 1048576, 1073741824, "bytes") \
	X(CONF_PARAMS,      "search-params",    CONF_NUM,  "100",  1, 1000, "parameters") \
	X(CONF_VALUES,      "search-values",    CONF_NUM,  "200",  1, 10000, "values") \
	X(CONF_DEPTH,       "chain-depth",      CONF_NUM,  "6",    0, 16, "steps") \
	X(CONF_RECV_MS,     "receive-timeout",  CONF_NUM,  "10000", 10, 600000, "ms") \
	X(CONF_SEND_MS,     "send-timeout",     CONF_NUM,  "30000", 10, 600000, "ms") \
	/* what a resource may be */					      \
	X(CONF_JSON_DEPTH,  "json-depth",       CONF_NUM,  "64",   8, 512, "levels") \
	X(CONF_JSON_TOKENS, "json-tokens",      CONF_NUM,  "200000", 1000, 10000000, "tokens") \
	X(CONF_RESOURCE,    "resource-bytes",   CONF_NUM,  "4194304", 1024, 67108864, "bytes") \
	/* what a client may write */					      \
	X(CONF_UPDATE_CREATE, "update-create",  CONF_BOOL, "yes",  0, 1, "") \
	X(CONF_IF_MATCH,    "require-if-match", CONF_BOOL, "no",   0, 1, "") \
	X(CONF_DELETE_MANY, "conditional-delete-all", CONF_BOOL, "no", 0, 1, "") \
	X(CONF_INTEGRITY,   "referential-integrity", CONF_BOOL, "no", 0, 1, "") \
	X(CONF_PROVENANCE,  "provenance",       CONF_BOOL, "yes",  0, 1, "") \
	X(CONF_QUOTA,       "client-day-bytes", CONF_NUM,  "1073741824", 0, 1099511627776, "bytes") \
	X(CONF_ENTRIES,     "bundle-entries",   CONF_NUM,  "1000", 1, 10000, "entries") \
	/* what a search may cost */					      \
	X(CONF_PAGE,        "page-entries",     CONF_NUM,  "50",   1, 1000, "entries") \
	X(CONF_PAGE_MAX,    "page-entries-max", CONF_NUM,  "1000", 1, 10000, "entries") \
	X(CONF_PAGE_BYTES,  "page-bytes",       CONF_NUM,  "1048576", 65536, 16777216, "bytes") \
	X(CONF_INCLUDES,    "search-includes",  CONF_NUM,  "1000", 0, 10000, "entries") \
	X(CONF_ROWS,        "search-rows",      CONF_NUM,  "2000000", 100, 1000000000, "rows") \
	X(CONF_CPU_MS,      "search-cpu-ms",    CONF_NUM,  "2000", 10, 600000, "ms") \
	X(CONF_CURSOR_S,    "page-lifetime",    CONF_NUM,  "86400", 60, 2592000, "s") \
	/* tokens */							      \
	X(CONF_ACCESS_S,    "access-lifetime",  CONF_NUM,  "3600", 60, 3600, "s") \
	X(CONF_CACHE,       "token-cache",      CONF_NUM,  "1024", 0, 65536, "tokens") \
	X(CONF_DPOP,        "dpop",             CONF_BOOL, "no",   0, 1, "") \
	X(CONF_OUT_ISSUER,  "outside-issuer",   CONF_TEXT, "",     0, 1024, "") \
	X(CONF_OUT_JWKS,    "outside-jwks",     CONF_PATH, "",     0, 4096, "") \
	X(CONF_OUT_AUD,     "outside-audience", CONF_TEXT, "",     0, 1024, "") \
	X(CONF_OUT_ALL,     "outside-all-patients", CONF_BOOL, "no", 0, 1, "") \
	/* the authorization server */					      \
	X(CONF_CODE_S,      "code-lifetime",    CONF_NUM,  "60",   10, 60, "s") \
	X(CONF_REFRESH_S,   "refresh-lifetime", CONF_NUM,  "86400", 60, 31536000, "s") \
	X(CONF_CONSENT_S,   "consent-lifetime", CONF_NUM,  "7776000", 60, 31536000, "s") \
	X(CONF_FLOW_S,      "login-lifetime",   CONF_NUM,  "600",  60, 3600, "s") \
	X(CONF_LAUNCH_S,    "launch-lifetime",  CONF_NUM,  "300",  30, 3600, "s") \
	X(CONF_IDLE_S,      "session-idle",     CONF_NUM,  "900",  60, 86400, "s") \
	X(CONF_SESSION_S,   "session-lifetime", CONF_NUM,  "28800", 60, 604800, "s") \
	X(CONF_REGISTER,    "registration",     CONF_BOOL, "no",   0, 1, "") \
	X(CONF_STAFF_TOTP,  "staff-second-factor", CONF_BOOL, "yes", 0, 1, "") \
	X(CONF_CLINICIAN,   "clinician-rights", CONF_TEXT, "all",  1, 16, "") \
	X(CONF_CARE_DAYS,   "care-days",        CONF_NUM,  "90",   1, 3650, "days") \
	X(CONF_TENANT,      "tenant",           CONF_TEXT, "",     0, 64, "") \
	X(CONF_PASS_MEM,    "password-memory",  CONF_NUM,  "67108864", 19922944, 1073741824, "bytes") \
	X(CONF_PASS_PASSES, "password-passes",  CONF_NUM,  "2",    1, 16, "passes") \
	X(CONF_FAIL_FREE,   "login-failures",   CONF_NUM,  "5",    1, 100, "failures") \
	X(CONF_FAIL_MAX,    "login-failures-max", CONF_NUM, "100", 1, 100, "failures") \
	X(CONF_FAIL_NET,    "address-failures", CONF_NUM,  "30",   1, 10000, "failures") \
	X(CONF_FLOW_NET,    "address-requests", CONF_NUM,  "120",  1, 100000, "requests a minute") \
	/* the store */							      \
	X(CONF_MAP,         "map-bytes",        CONF_NUM,  "268435456", 1048576, 1099511627776, "bytes") \
	X(CONF_MAP_MAX,     "map-bytes-max",    CONF_NUM,  "68719476736", 1048576, 17592186044416, "bytes") \
	X(CONF_READERS,     "readers",          CONF_NUM,  "1024", 16, 16384, "slots")

#endif
