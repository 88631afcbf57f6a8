/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act_tags.c -- $meta, $meta-add, $meta-delete.  (L5)
 *
 * Profiles, labels and tags of a resource or of one of its versions are
 * changed without a new version.  Of a type and of all, $meta is a search:
 * it holds what the resources of the view have, and nothing of others.
 *
 * Whom a label is to keep out cannot take it off: only who may change every
 * resource of the type removes labels (WRT-06).
 *
 * Spec: DSTU2 resource-operations.html#meta, #meta-add, #meta-delete;
 * requirement R20.
 */
#include "fcgi/rest/page.h"
#include "fcgi/rest/write.h"
#include "fhir/json_scan.h"
#include "fhir/tags.h"

static enum err
answer(struct call *c, const struct tag_items *items)
{
	struct buf b = buf_on(c->arena, SIZE_MAX / 4);

	buf_str(&b, "{\"resourceType\":\"Parameters\"");
	if (items->n > 0) {
		buf_str(&b, ",\"parameter\":[{\"name\":\"return\","
		    "\"valueMeta\":");
		tags_put(items, &b);
		buf_str(&b, "}]");
	}
	buf_str(&b, "}");
	return buf_end(&b, &c->rs->body);
}

/* --- $meta ---------------------------------------------------------------- */

static enum err
of_one(struct call *c, struct snapshot *t, struct tag_items *items)
{
	struct resource r;
	enum err e;

	e = c->at.version != 0 ?
	    store_vread(t, c->view, c->at.type, c->at.id, c->at.version, &r) :
	    store_read(t, c->view, c->at.type, c->at.id, &r);
	if (e == OK && r.deleted)
		e = ERR_GONE;
	if (e == OK)
		tags_collect(c->arena, tags_of(arena_copy(c->arena, r.body)),
		    items);
	return e;
}

struct collecting {
	struct call		*c;
	struct tag_items	*items;
};

static enum err
costly(struct call *c)
{
	return issue_add(&c->rs->is, ERR_COSTLY, "meta", NULL,
	    "this is of more than one request may look at; ask of a type, or "
	    "of an instance");
}

/* The answer takes as much again, and a buffer twice its size. */
static enum err
collect(void *arg, struct bytes body)
{
	struct collecting *x = arg;
	struct arena *a = x->c->arena;

	tags_collect(a, arena_copy(a, tags_of(body)), x->items);
	return arena_used(a) > (size_t)x->c->server->conf->num[CONF_MEM] / 4 ?
	    ERR_COSTLY : OK;
}

static enum err
of_many(struct call *c, struct snapshot *t, struct tag_items *items)
{
	const struct page_ask ask = page_ask(c, 0, bytes_of(NULL, 0));
	struct collecting x = { c, items };
	enum err e;

	e = store_tags(t, c->arena, c->view, c->at.type, &ask, collect, &x);
	return e == ERR_COSTLY ? costly(c) : e;
}

enum err
act_tags(struct call *c)
{
	static const char *const none[] = { NULL };
	struct tag_items items = { .n = 0 };
	struct snapshot *t;
	enum err e;

	e = act_params(c, none);
	if (e == OK)
		e = act_begin(c, &t);
	if (e != OK)
		return e;
	e = c->at.id.len > 0 ? of_one(c, t, &items) : of_many(c, t, &items);
	act_end(c, t);
	return e == OK ? answer(c, &items) : e;
}

/* --- $meta-add, $meta-delete --------------------------------------------- */

struct tags {
	struct draft		draft;	/* first: what the commit looks at */
	struct tag_items	items;
	bool			remove;
};

static enum err
wrong(struct call *c)
{
	return issue_add(&c->rs->is, ERR_VALUE, "meta", "Parameters.parameter",
	    "one parameter with the name \"meta\" and a valueMeta is wanted");
}

/* {"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{}}]} */
static enum err
given(struct call *c, struct tag_items *items)
{
	const struct json_limits lim = act_limits(c);
	const struct check check = { .mode = CHECK_STORED,
	    .urls = &rest_of(c)->urls };
	struct bytes list = { .len = 0 }, one, value = list, name = list;
	struct json_member m;
	struct json_doc doc;
	size_t at = 0;
	enum err e;

	e = json_doc(c->arena, c->rq->body, bytes_of(NULL, 0), &lim,
	    &c->rs->is, &doc);
	if (e == OK && strcmp(def_type_num(doc.type)->name, "Parameters") != 0)
		return wrong(c);
	if (e == OK)
		e = check_resource(c->arena, &check, doc.type, doc.tree,
		    &c->rs->is);
	if (e != OK)
		return e;
	while (json_next(doc.text, &at, &m))
		if (json_name_is(m.name, "parameter"))
			list = m.value;
	at = 0;
	if (list.len == 0 || !json_item(list, &at, &one) ||
	    json_item(list, &at, &value))
		return wrong(c);
	value = bytes_of(NULL, 0);
	for (at = 0; json_next(one, &at, &m);) {
		if (json_name_is(m.name, "name"))
			name = json_string_text(c->arena, m.value);
		else if (json_name_is(m.name, "valueMeta"))
			value = m.value;
	}
	if (!bytes_is(name, "meta") || value.len == 0)
		return wrong(c);
	tags_collect(c->arena, value, items);
	return OK;
}

/* The text as it is to be, as a change of meta alone. */
static enum err
change_of(struct call *c, const struct tags *tags, struct change *out)
{
	static const struct json_limits any = { SIZE_MAX, 512, SIZE_MAX };
	const struct extract x = rest_extract(c);
	struct change_from from = { .id = c->at.id, .lim = &any, .x = &x };
	struct issues ignored = issues_on(c->arena);
	struct snapshot *t;
	struct resource r;
	enum err e;

	e = write_snapshot(c->write, &t);
	if (e == OK)
		e = c->at.version != 0 ? store_vread(t, c->view, c->at.type,
		    c->at.id, c->at.version, &r) :
		    store_read(t, c->view, c->at.type, c->at.id, &r);
	if (e == OK && r.deleted)
		e = ERR_GONE;
	if (e == OK)
		e = tags_change(c->arena, arena_copy(c->arena, r.body),
		    &tags->items, tags->remove, &from.text);
	if (e == OK && change_read(c->arena, &from, &ignored, out) != OK)
		e = ERR_STORE;
	out->kind = CHANGE_META;
	out->of_version = c->at.version;
	return e;
}

static enum err
apply(struct call *c, struct draft *d)
{
	struct tag_items items = { .n = 0 };
	struct change_result r;
	struct change change;
	enum err e;

	e = change_of(c, (const struct tags *)d, &change);
	if (e == OK)
		e = write_one(c, d, &change, &r);
	if (e != OK)
		return e;
	tags_collect(c->arena, tags_of(json_final(c->arena, change.doc->head,
	    change.doc->tail, r.version, r.updated)), &items);
	return answer(c, &items);
}

static enum err
alter(struct call *c, bool remove)
{
	static const char *const none[] = { NULL };
	struct tags *tags = arena_alloc(c->arena, sizeof *tags);
	enum err e;

	c->own = &tags->draft;
	tags->remove = remove;
	e = act_params(c, none);
	if (e == OK)
		e = write_type(c, VIEW_UPDATE);
	/* The answer, and what the change is made of, is the resource's. */
	if (e == OK && view_reach(c->view, c->at.type, VIEW_READ) ==
	    REACH_NONE)
		e = ERR_FORBIDDEN;
	if (e == OK)
		e = given(c, &tags->items);
	if (e == OK && !remove && tags_subsetted(&tags->items))
		e = issue_add(&c->rs->is, ERR_RULE, "subsetted",
		    "Parameters.parameter[0].valueMeta.tag", "SUBSETTED says "
		    "that a part of a resource was sent; what is stored is "
		    "whole");
	if (e == OK && remove && tags_has(&tags->items, TAGS_SECURITY) &&
	    !view_whole(c->view, c->at.type, VIEW_UPDATE))
		e = ERR_FORBIDDEN;
	if (e != OK)
		return e;
	write_later(c, &tags->draft, apply);
	return OK;
}

enum err
act_tags_add(struct call *c)
{
	return alter(c, false);
}

enum err
act_tags_delete(struct call *c)
{
	return alter(c, true);
}
