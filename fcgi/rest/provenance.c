/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provenance.c -- who wrote what, by which program, and when.  (L5)
 *
 * Each write-set leaves a Provenance of its own in the same transaction: it
 * names the versions that were made, the user and the client.  One for each
 * owner, so that whoever may read the Provenance of a patient sees what was
 * done to that patient's record and nothing of others'.
 *
 * A real resource rather than a note in the record's header: it is found by
 * search and _include, kept by backup and export, and seen through the gate
 * like any other.
 *
 * Spec: DSTU2 provenance.html; v3-DataOperation; requirement Z20.
 */
#include "fcgi/rest/write.h"

#include <jansson.h>

#include "base/text.h"

#define ROLES	"http://hl7.org/fhir/provenance-participant-role"
#define DEEDS	"http://hl7.org/fhir/v3/DataOperation"

/* The deeds of a write-set, and which of them were told of already. */
struct story {
	struct call		*whole;
	const struct deed	**deed;
	bool			*told;
	size_t			 n;
};

/* One patient's, or none of one: others have a story each. */
static bool
same_owner(const struct deed *a, const struct deed *b)
{
	return a == b || (a->owners != NULL && b->owners != NULL &&
	    a->owners->kind == OWNER_ONE && b->owners->kind == OWNER_ONE &&
	    bytes_eq(a->owners->id[0], b->owners->id[0]));
}

static const char *
activity(const struct deed *d)
{
	return d->kind == CHANGE_DELETE ? "DELETE" :
	    d->created ? "CREATE" : "UPDATE";
}

static void
put_activity(struct story *s, size_t first, struct buf *b)
{
	const char *code = activity(s->deed[first]);
	size_t i;

	for (i = first + 1; i < s->n; i++) {
		if (same_owner(s->deed[first], s->deed[i]) &&
		    strcmp(activity(s->deed[i]), code) != 0)
			return;		/* of several kinds: none is true */
	}
	buf_printf(b, ",\"activity\":{\"coding\":[{\"system\":\"" DEEDS "\","
	    "\"code\":\"%s\"}]}", code);
}

static void
put_targets(struct story *s, size_t first, struct buf *b)
{
	const struct deed *d;
	const char *comma = "";
	size_t i;

	buf_str(b, "{\"resourceType\":\"Provenance\",\"target\":[");
	for (i = first; i < s->n; i++) {
		d = s->deed[i];
		if (s->told[i] || !same_owner(s->deed[first], d))
			continue;
		s->told[i] = true;
		buf_printf(b, "%s{\"reference\":\"%s/%.*s/_history/%llu\"}",
		    comma, def_type_num(d->type)->name, BYTES_FMT(d->id),
		    (unsigned long long)d->version);
		comma = ",";
	}
	buf_str(b, "]");
}

/* Whose names the user and the client are. */
static struct bytes
realm(const struct call *c)
{
	const struct conf *conf = c->server->conf;

	return conf->text[conf->text[CONF_ISSUER].len > 0 ? CONF_ISSUER :
	    CONF_BASE_URL];
}

/*
 * Another spelling of our name is meant to be read as it: a URI without
 * its last slash, whatever the case.
 */
static bool
our_name(const struct call *c, struct bytes system)
{
	struct bytes own = realm(c);

	while (system.len > 0 && system.p[system.len - 1] == '/')
		system.len--;
	while (own.len > 0 && own.p[own.len - 1] == '/')
		own.len--;
	return text_caseeq(system, own);
}

enum err
provenance_claim(struct call *c, const struct draft *d)
{
	const json_t *agents, *system;
	size_t i;

	if (strcmp(def_type_num(c->at.type)->name, "Provenance") != 0 ||
	    (d->replay && write_by_system(c)))
		return OK;
	agents = json_object_get(d->change.doc->tree, "agent");
	for (i = 0; i < json_array_size(agents); i++) {
		system = json_object_get(json_object_get(json_array_get(
		    agents, i), "userId"), "system");
		if (json_is_string(system) &&
		    our_name(c, json_text(system)))
			return issue_add(&c->rs->is, ERR_RULE, "provenance",
			    arena_printf(c->arena,
			    "Provenance.agent[%zu].userId.system", i),
			    "who used this server is told by the server "
			    "alone; name the agent by actor, or by another "
			    "system");
	}
	return OK;
}

static void
put_agent(struct call *c, const char *role, struct bytes name,
    struct bytes practitioner, struct buf *b)
{
	buf_printf(b, "{\"role\":{\"system\":\"" ROLES "\",\"code\":\"%s\"}",
	    role);
	if (practitioner.len > 0)
		buf_printf(b, ",\"actor\":{\"reference\":\"Practitioner/%.*s"
		    "\"}", BYTES_FMT(practitioner));
	buf_str(b, ",\"userId\":{\"system\":");
	buf_json(b, realm(c));
	buf_str(b, ",\"value\":");
	buf_json(b, name);
	buf_str(b, "}}");
}

static struct bytes
text_of(struct story *s, size_t first)
{
	struct call *c = s->whole;
	struct buf b = buf_on(c->arena, SIZE_MAX / 4);
	struct bytes out = { .len = 0 };
	char now[INSTANT_LEN];

	put_targets(s, first, &b);
	clock_iso(write_time(c->write), now);
	buf_printf(&b, ",\"recorded\":\"%.*s\"", INSTANT_LEN, now);
	put_activity(s, first, &b);
	buf_str(&b, ",\"agent\":[");
	put_agent(c, "enterer", c->login.user,
	    c->view->relation.practitioner, &b);
	buf_str(&b, ",");
	put_agent(c, "assembler", c->login.client, bytes_of(NULL, 0), &b);
	buf_str(&b, "]}");
	return buf_end(&b, &out) == OK ? out : bytes_of(NULL, 0);
}

static enum err
tell(struct story *s, size_t first)
{
	static const struct json_limits any = { SIZE_MAX, 64, SIZE_MAX };
	struct call *c = s->whole;
	struct issues ignored = issues_on(c->arena);
	const struct extract x = rest_extract(c);
	const struct change_from from = { .text = text_of(s, first),
	    .id = draft_id(c), .lim = &any, .x = &x };
	struct change_result r;
	struct change change;

	if (change_read(c->arena, &from, &ignored, &change) != OK)
		return ERR_BUG;
	change.create = change.own = true;
	return write_change(c->write, &change, &r);
}

/*
 * All deeds of the calls.  A client's Provenance is one, too, or nobody could
 * tell whose word it is; ours are none.
 */
static void
gather(struct story *s, struct call *const *calls, size_t n)
{
	const struct draft *d;
	size_t i, j, max = 0;

	for (i = 0; i < n; i++) {
		d = calls[i]->own;	/* none of an entry that reads */
		max += d == NULL ? 0 : d->n_deed;
	}
	s->deed = arena_array(s->whole->arena, max, sizeof *s->deed);
	s->told = arena_array(s->whole->arena, max, sizeof *s->told);
	for (i = 0; i < n; i++) {
		d = calls[i]->own;
		for (j = 0; d != NULL && j < d->n_deed; j++)
			s->deed[s->n++] = &d->deed[j];
	}
}

enum err
provenance_add(struct call *whole, struct call *const *calls, size_t n)
{
	struct story s = { .whole = whole };
	enum err e = OK;
	size_t i;

	if (whole->server->conf->num[CONF_PROVENANCE] == 0)
		return OK;
	gather(&s, calls, n);
	for (i = 0; i < s.n && e == OK; i++)
		if (!s.told[i])
			e = tell(&s, i);
	return e;
}
