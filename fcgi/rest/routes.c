/* SPDX-License-Identifier: Apache-2.0 */
/*
 * routes.c -- all that tiphys-fhir does: the one table.  (L5)
 *
 * From these rows come the answer to a request, the Allow header of a 405
 * and the interactions of the Conformance statement; tiphys-fhir(8) lists
 * them.  Codes are those of DSTU2 valueset-type-restful-interaction.
 */
#include "fcgi/rest/act.h"

static const struct route rows[] = {
	{ METHOD_GET, "/metadata", NEED_PUBLIC, 0, act_metadata,
	    "metadata", "", "http.html#conformance" },
	{ METHOD_GET, "/.well-known/smart-configuration", NEED_PUBLIC,
	    ROUTE_NATIVE, act_smart,
	    "discovery", "", "SMART App Launch 2.2 conformance" },
	{ METHOD_OPTIONS, "/", NEED_PUBLIC, 0, act_options,
	    "options", "", "http.html#conformance" },
	{ METHOD_OPTIONS, "/*", NEED_PUBLIC, ROUTE_NATIVE, act_options,
	    "options", "", "Fetch, CORS preflight" },
	{ METHOD_GET, "/T/I", NEED_READ, ROUTE_NATIVE, act_read,
	    "read", "read", "http.html#read" },
	{ METHOD_GET, "/T/I/_history/V", NEED_READ, ROUTE_NATIVE, act_vread,
	    "vread", "vread", "http.html#vread" },
	{ METHOD_GET, "/T/I/_history", NEED_READ, 0, act_history,
	    "history", "history-instance", "http.html#history" },
	{ METHOD_GET, "/T/_history", NEED_READ, 0, act_history,
	    "history-type", "history-type", "http.html#history" },
	{ METHOD_GET, "/_history", NEED_READ, 0, act_history,
	    "history-system", "history-system", "http.html#history" },
	{ METHOD_POST, "/", NEED_TOKEN, ROUTE_BODY | ROUTE_ALONE, act_bundle,
	    "bundle", "transaction", "http.html#transaction" },
	{ METHOD_POST, "/T", NEED_CREATE, ROUTE_BODY, act_create,
	    "create", "create", "http.html#create" },
	{ METHOD_PUT, "/T/I", NEED_UPDATE, ROUTE_BODY, act_update,
	    "update", "update", "http.html#update" },
	{ METHOD_PUT, "/T", NEED_UPDATE, ROUTE_BODY, act_update_if,
	    "update-if", "", "http.html#cond-update" },
	{ METHOD_DELETE, "/T/I", NEED_DELETE, 0, act_delete,
	    "delete", "delete", "http.html#delete" },
	{ METHOD_DELETE, "/T", NEED_DELETE, 0, act_delete_if,
	    "delete-if", "", "http.html#cdelete" },
	{ METHOD_GET, "/Patient/$everything", NEED_READ, 0, act_everything,
	    "everything", "", "patient-operations.html#everything" },
	{ METHOD_GET, "/Patient/I/$everything", NEED_READ, 0, act_everything,
	    "everything", "", "patient-operations.html#everything" },
	{ METHOD_GET, "/T", NEED_SEARCH, 0, act_search,
	    "search", "search-type", "http.html#search" },
	{ METHOD_POST, "/T/_search", NEED_SEARCH, ROUTE_FORM, act_search,
	    "search", "search-type", "http.html#search" },
	{ METHOD_GET, "/C/I/T", NEED_SEARCH, 0, act_search,
	    "compartment", "", "http.html#vsearch" },
	{ METHOD_POST, "/C/I/T/_search", NEED_SEARCH, ROUTE_FORM, act_search,
	    "compartment", "", "http.html#vsearch" },
	{ METHOD_GET, "/C/I/*", NEED_SEARCH, 0, act_search,
	    "compartment-all", "", "http.html#vsearch" },
	{ METHOD_POST, "/C/I/*/_search", NEED_SEARCH, ROUTE_FORM, act_search,
	    "compartment-all", "", "http.html#vsearch" },
	{ METHOD_GET, "/", NEED_SEARCH, 0, act_search,
	    "search-all", "search-system", "http.html#search" },
	{ METHOD_GET, "/_search", NEED_SEARCH, 0, act_search,
	    "search-all", "search-system", "http.html#search" },
	{ METHOD_POST, "/_search", NEED_SEARCH, ROUTE_FORM, act_search,
	    "search-all", "search-system", "http.html#search" },
};

const struct route_table rest_routes = { rows, N_ELEM(rows) };
