/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle.c -- put an envelope around stored bytes.  (L1)
 *
 * A page of search results is the hot path: one pass adds up the size, one
 * reservation makes room, one pass copies.  Both passes are the same code
 * (struct pen without and with a place to write), so they cannot disagree.
 * Bodies are trusted to be complete JSON objects and are not looked at.
 *
 * Spec: DSTU2 bundle.html with its rules bdl-1 to bdl-7: fullUrl stands
 * exactly where a resource stands, search only in searchsets, request only
 * in histories; a history has no response (bdl-4).
 */
#include "fhir/bundle.h"

#include "fhir/def.h"

struct pen {
	uint8_t	*p;	/* NULL: only count */
	size_t	 len;	/* bytes written, or needed */
};

static void
put(struct pen *w, const void *p, size_t len)
{
	if (w->p != NULL && len > 0)
		memcpy(w->p + w->len, p, len);
	w->len += len;
}

#define LIT(w, s)	put(w, s, sizeof(s) - 1)

static void
put_str(struct pen *w, const char *s)
{
	put(w, s, strlen(s));
}

static void
put_bytes(struct pen *w, struct bytes b)
{
	put(w, b.p, b.len);
}

static void
put_u64(struct pen *w, uint64_t v)
{
	uint8_t	room[BYTES_DEC];

	put_bytes(w, bytes_dec(v, room));
}

static void
put_type_id(struct pen *w, const char *type, struct bytes id)
{
	put_str(w, type);
	LIT(w, "/");
	put_bytes(w, id);
}

static void
put_search(struct pen *w, enum entry_mode mode)
{
	switch (mode) {
	case ENTRY_MATCH:
		LIT(w, ",\"search\":{\"mode\":\"match\"}");
		break;
	case ENTRY_INCLUDE:
		LIT(w, ",\"search\":{\"mode\":\"include\"}");
		break;
	case ENTRY_OUTCOME:
		LIT(w, ",\"search\":{\"mode\":\"outcome\"}");
		break;
	}
}

/*
 * How this version came about.  Reading: version 1 is told as POST, since
 * the store does not keep whether the client chose the id.
 */
static void
put_request(struct pen *w, const struct bundle_entry *e, const char *type)
{
	if (e->deleted)
		LIT(w, "\"request\":{\"method\":\"DELETE\",\"url\":\"");
	else if (e->version == 1)
		LIT(w, ",\"request\":{\"method\":\"POST\",\"url\":\"");
	else
		LIT(w, ",\"request\":{\"method\":\"PUT\",\"url\":\"");
	if (!e->deleted && e->version == 1)
		put_str(w, type);
	else
		put_type_id(w, type, e->id);
	LIT(w, "\"}");
}

static void
put_entry(struct pen *w, const struct bundle *b,
    const struct bundle_entry *e)
{
	const struct def_type	*def = def_type_num(e->type);
	const char		*type = def == NULL ? "Resource" : def->name;

	LIT(w, "{");
	if (!e->deleted) {
		LIT(w, "\"fullUrl\":\"");
		put_bytes(w, b->base);
		LIT(w, "/");
		put_type_id(w, type, e->id);
		LIT(w, "\",\"resource\":");
		put_bytes(w, e->body);
	}
	switch (b->kind) {
	case BUNDLE_SEARCHSET:
		put_search(w, e->mode);
		break;
	case BUNDLE_HISTORY:
		put_request(w, e, type);
		break;
	}
	LIT(w, "}");
}

static void
put_links(struct pen *w, const struct bundle *b)
{
	size_t	i;

	if (b->n_link == 0)
		return;
	LIT(w, ",\"link\":[");
	for (i = 0; i < b->n_link; i++) {
		if (i > 0)
			LIT(w, ",");
		LIT(w, "{\"relation\":\"");
		put_str(w, b->link[i].relation);
		LIT(w, "\",\"url\":\"");
		put_bytes(w, b->link[i].url);
		LIT(w, "\"}");
	}
	LIT(w, "]");
}

static void
put_bundle(struct pen *w, const struct bundle *b,
    const char now[static INSTANT_LEN])
{
	size_t	i;

	LIT(w, "{\"resourceType\":\"Bundle\"");
	if (b->id.len > 0) {
		LIT(w, ",\"id\":\"");
		put_bytes(w, b->id);
		LIT(w, "\"");
	}
	LIT(w, ",\"meta\":{\"lastUpdated\":\"");
	put(w, now, INSTANT_LEN);
	if (b->kind == BUNDLE_SEARCHSET)
		LIT(w, "\"},\"type\":\"searchset\",\"total\":");
	else
		LIT(w, "\"},\"type\":\"history\",\"total\":");
	put_u64(w, b->total);
	put_links(w, b);
	if (b->n_entry > 0) {
		LIT(w, ",\"entry\":[");
		for (i = 0; i < b->n_entry; i++) {
			if (i > 0)
				LIT(w, ",");
			put_entry(w, b, &b->entry[i]);
		}
		LIT(w, "]");
	}
	LIT(w, "}");
}

void
bundle_json(const struct bundle *b, struct buf *out)
{
	struct pen	w = { 0 };
	char		now[INSTANT_LEN];

	clock_iso(b->now, now);
	put_bundle(&w, b, now);
	w = (struct pen){ .p = buf_room(out, w.len) };
	if (w.p == NULL)
		return;
	put_bundle(&w, b, now);
	out->len += w.len;
}
