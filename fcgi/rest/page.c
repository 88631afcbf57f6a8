/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.c -- what searches and histories have in common: pages.  (L5)
 */
#include "fcgi/rest/page.h"

#include <sodium.h>

#include "base/clock.h"
#include "base/text.h"

#define LINKS	5		/* self, first, previous, next, last */

/*
 * Asked every thousand rows; the clock, a system call, starts at the first
 * question, which most searches never come to.
 */
struct budget {
	int64_t	 us;		/* of CPU that searches may take */
	int64_t	*end;		/* clock_cpu; 0: not started */
};

static bool
spent(void *arg)
{
	struct budget *b = arg;
	int64_t now = clock_cpu();

	if (*b->end == 0)
		*b->end = now + b->us;
	return now > *b->end;
}

struct page_ask
page_ask(struct call *c, uint64_t count, struct bytes cursor)
{
	const int64_t *num = c->server->conf->num;
	struct budget *budget = arena_alloc(c->arena, sizeof(*budget));
	struct page_ask ask = {
		.count = count,
		.cursor = cursor,
		.max_rows = (uint64_t)num[CONF_ROWS],
		.max_include = (uint64_t)num[CONF_INCLUDES],
		/* The rest is for the page and the answer made of it. */
		.max_memory = (uint64_t)num[CONF_MEM] / 2,
		.max_bytes = (uint64_t)num[CONF_PAGE_BYTES],
		.spent = spent,
		.now = c->rq->now,
		.lifetime_ms = (uint64_t)num[CONF_CURSOR_S] * 1000
	};

	budget->us = num[CONF_CPU_MS] * 1000;
	/* One for all entries of a Bundle together (BAT-08). */
	budget->end = c->bundle != NULL ? &c->bundle->cpu_end : &c->cpu_end;
	ask.spent_arg = budget;
	randombytes_buf(ask.nonce, sizeof(ask.nonce));
	return ask;
}

struct query_limits
page_limits(const struct call *c)
{
	const int64_t *num = c->server->conf->num;

	return (struct query_limits){
		.params = (size_t)num[CONF_PARAMS],
		.values = (size_t)num[CONF_VALUES],
		.depth = (size_t)num[CONF_DEPTH],
		.zone = (int)num[CONF_ZONE]
	};
}

enum err
page_count(struct call *c, uint64_t *out)
{
	const int64_t *num = c->server->conf->num;
	struct bytes text = req_param(c->rq, "_count");
	size_t i;

	*out = (uint64_t)num[CONF_PAGE];
	for (i = 0; i < c->rq->n_pair; i++) {
		if (bytes_is(c->rq->pair[i].name, "_count") &&
		    !text_u64(text, UINT64_MAX, out))
			return issue_add(&c->rs->is, ERR_VALUE,
			    "search-count", "?_count",
			    "is one number of entries, 0 or more");
	}
	if (*out > (uint64_t)num[CONF_PAGE_MAX])
		*out = (uint64_t)num[CONF_PAGE_MAX];
	return OK;
}

static struct bytes
url(struct call *c, struct bytes path, struct bytes query,
    struct bytes cursor)
{
	struct buf b = buf_on(c->arena, SIZE_MAX / 4);
	struct bytes out = { .len = 0 };

	buf_add(&b, c->server->conf->text[CONF_BASE_URL]);
	buf_u8(&b, '/');
	buf_add(&b, path);
	if (query.len > 0) {
		buf_u8(&b, '?');
		buf_add(&b, query);
	}
	if (cursor.len > 0) {
		buf_str(&b, query.len > 0 ? "&_cursor=" : "?_cursor=");
		buf_pct(&b, cursor);
	}
	return buf_end(&b, &out) == OK ? out : bytes_of(NULL, 0);
}

/* What there is to say about the search beside its result. */
static void
outcome(struct call *c, struct bundle_entry *e)
{
	struct buf b = buf_on(c->arena, SIZE_MAX / 4);

	e->type = def_type(bytes_str("OperationOutcome"))->num;
	e->id = bytes_str(c->rq->id);
	e->mode = ENTRY_OUTCOME;
	issues_json(&c->rs->is, OK, &b);
	if (buf_end(&b, &e->body) != OK)
		e->body = bytes_str("{\"resourceType\":"
		    "\"OperationOutcome\"}");
}

static const struct bundle_entry *
entries(struct call *c, const struct page *p, size_t *n_out)
{
	struct bundle_entry *e = arena_array(c->arena, p->n_entry + 1,
	    sizeof(*e));
	size_t i;

	for (i = 0; i < p->n_entry; i++) {
		e[i].type = p->entry[i].type;
		e[i].id = p->entry[i].id;
		e[i].version = p->entry[i].version;
		e[i].updated = p->entry[i].updated;
		e[i].deleted = p->entry[i].deleted;
		e[i].mode = i < p->n_match ? ENTRY_MATCH : ENTRY_INCLUDE;
		e[i].body = p->entry[i].body;
	}
	if (c->rs->is.n > 0)
		outcome(c, &e[i++]);
	*n_out = i;
	return e;
}

enum err
page_bundle(struct call *c, enum bundle_kind kind, struct bytes path,
    struct bytes query, struct bytes cursor, const struct page *p)
{
	const struct { const char *relation; struct bytes cursor; } other[] = {
		{ "first", p->first }, { "previous", p->previous },
		{ "next", p->next }, { "last", p->last }
	};
	struct bundle_link link[LINKS];
	struct bundle b = {
		.kind = kind,
		.base = c->server->conf->text[CONF_BASE_URL],
		.total = p->total,
		.link = link,
		.now = c->rq->now,
		.id = bytes_str(c->rq->id)
	};
	/*
	 * A quarter of what a request may use, as a buffer takes twice its
	 * size while it grows: beyond is a refusal, not a trap.
	 */
	struct buf out = buf_on(c->arena,
	    (size_t)c->server->conf->num[CONF_MEM] /
	    (c->bundle != NULL ? 16 : 4));
	size_t i;

	b.entry = entries(c, p, &b.n_entry);
	link[b.n_link++] = (struct bundle_link){ "self",
	    url(c, path, query, cursor) };
	for (i = 0; i < N_ELEM(other); i++) {
		if (other[i].cursor.len > 0)
			link[b.n_link++] = (struct bundle_link){
			    other[i].relation,
			    url(c, path, query, other[i].cursor) };
	}
	bundle_json(&b, &out);
	if (buf_end(&out, &c->rs->body) == OK)
		return OK;
	return issue_add(&c->rs->is, ERR_COSTLY, "page-size", "?_count",
	    "the page is too large; ask for fewer entries or for less by "
	    "_include");
}
