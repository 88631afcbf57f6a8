/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.h -- what searches and histories have in common: pages.  (L5)
 */
#ifndef REST_PAGE_H
#define REST_PAGE_H

#include "fcgi/rest/act.h"
#include "fhir/bundle.h"

/* The limits of the configuration, a nonce and the CPU budget, from now. */
struct page_ask	page_ask(struct call *c, uint64_t count, struct bytes cursor);

/* What the configuration lets a query be. */
struct query_limits	page_limits(const struct call *c);

/*
 * Entries on a page: _count, or as the configuration has it; at most its
 * page-entries-max.
 * err	ERR_VALUE  no number
 */
enum err	page_count(struct call *c, uint64_t *out) NODISCARD;

/*
 * Write the Bundle of a page into the answer, with its links: absolute, from
 * base-url and nothing the client sent but the query itself.  Warnings said
 * so far go along as an entry of mode outcome.
 *
 * in	path	below base-url, without "/" in front
 *	query	canonical, percent-encoded, without cursor; may be ""
 *	cursor	the one this page was asked by, or ""
 * err	ERR_COSTLY  larger than a quarter of request-bytes
 */
enum err	page_bundle(struct call *c, enum bundle_kind kind,
		    struct bytes path, struct bytes query,
		    struct bytes cursor, const struct page *p) NODISCARD;

#endif
