/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act.h -- the interactions of tiphys-fhir, one act each.  (L5)
 *
 * An act is called when its row's need is met and the answer's media type is
 * known.  It takes one snapshot, asks the store with the caller's view, ends
 * the snapshot, and leaves a body.  Every row of the table in routes.c names
 * one of these.
 */
#ifndef REST_ACT_H
#define REST_ACT_H

#include "fcgi/route.h"
#include "fcgi/step.h"
#include "fhir/json.h"
#include "fhir/prim.h"

/*
 * What the acts share beyond the server: process lifetime.  The Conformance
 * statement is made when first asked for: a CGI process hardly ever is.
 */
struct rest {
	struct arena		*arena;
	struct base_urls	 urls;
	struct bytes		 conformance;	/* as JSON, or "" */
	struct bytes		 etag;		/* of it */
};

extern const struct route_table	rest_routes;

act_fn	act_bundle, act_tags, act_tags_add, act_tags_delete;
act_fn	act_validate;
act_fn	act_create, act_update, act_update_if, act_delete, act_delete_if;
act_fn	act_read, act_vread, act_history, act_search, act_metadata, act_smart,
	act_options, act_everything;

/* in: a  of the process, holds what *out will hold. */
void	rest_init(struct arena *a, const struct conf *conf,
	    struct rest *out);

static inline struct rest *
rest_of(const struct call *c)
{
	return c->server->own;
}

/*
 * A snapshot to read by: of the transaction, where the call is an entry of
 * one.  It ends with act_end, which counts its work.
 */
enum err	act_begin(struct call *c, struct snapshot **out) NODISCARD;
void		act_end(struct call *c, struct snapshot *t);

/* What one resource may be. */
struct json_limits	act_limits(const struct call *c);

/* How values are read out of what is written. */
static inline struct extract
rest_extract(const struct call *c)
{
	return (struct extract){ .urls = &rest_of(c)->urls,
	    .zone = (int)c->server->conf->num[CONF_ZONE] };
}

/*
 * Refuse every parameter but _format, _pretty and the ones named (NULL at
 * the end): unknown means refused (design 10.1, SRC-14, TOK-10).  One
 * that is empty or given twice is refused as well.
 */
enum err	act_params(struct call *c, const char *const *allowed)
		    NODISCARD;

/*
 * A Binary as what it holds, unless JSON was asked for by name, or a range
 * that holds JSON and not what it holds: then nothing is done.
 * err	ERR_ACCEPT  neither is wanted; ERR_STORE
 */
bool		act_native_wanted(const struct call *c);
enum err	act_native(struct call *c, struct bytes json) NODISCARD;

#endif
