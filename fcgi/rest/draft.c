/* SPDX-License-Identifier: Apache-2.0 */
/*
 * draft.c -- what a write is asked to do, judged before the lock.  (L5)
 */
#include <sodium.h>

#include "base/text.h"
#include "fcgi/rest/write.h"

struct draft *
draft_of(struct call *c)
{
	if (c->own == NULL)
		c->own = arena_alloc(c->arena, sizeof(struct draft));
	return c->own;
}

struct bytes
draft_id(struct call *c)
{
	uint8_t *p = arena_alloc(c->arena, ID_HEX / 2);

	randombytes_buf(p, ID_HEX / 2);
	return text_hex(c->arena, bytes_of(p, ID_HEX / 2));
}

enum err
draft_read(struct call *c, struct draft *d, struct bytes id)
{
	const struct check check = {
		.mode = c->at.route->need == NEED_CREATE ? CHECK_CREATE :
		    d->criteria != NULL ? CHECK_CREATE : CHECK_UPDATE,
		.urls = &rest_of(c)->urls
	};
	const struct json_limits lim = act_limits(c);
	const struct extract x = rest_extract(c);
	const struct change_from from = { .text = d->text, .id = id,
	    .type = c->at.type, .own = check.mode == CHECK_UPDATE,
	    .lim = &lim, .x = &x, .check = &check };

	if (d->text.len == 0)
		return issue_add(&c->rs->is, ERR_SYNTAX, "http-body",
		    c->bundle != NULL ? "resource" : NULL,
		    "there is no resource; it is what is to be written");
	return change_read(c->arena, &from, &c->rs->is, &d->change);
}

/* --- who may write what ------------------------------------------------- */

/*
 * AuditEvent and Provenance are records of what happened: they are added to
 * and never altered (WRT-11), and AuditEvent is the server's alone.
 * Definitions steer what others see of the server; they and Subscription,
 * which this server does not act on (WRT-10), are no user's (WRT-09).
 */
static const struct {
	const char	*type;
	unsigned	 never;		/* ops nobody has */
	unsigned	 system;	/* ops of a system/ scope alone */
} kept[] = {
	{ "AuditEvent", VIEW_CREATE | VIEW_UPDATE | VIEW_DELETE, 0 },
	{ "Provenance", VIEW_UPDATE | VIEW_DELETE, 0 },
	{ "Subscription", VIEW_CREATE | VIEW_UPDATE, VIEW_DELETE },
	{ "Conformance", 0, VIEW_CREATE | VIEW_UPDATE | VIEW_DELETE },
	{ "ImplementationGuide", 0, VIEW_CREATE | VIEW_UPDATE | VIEW_DELETE },
	{ "NamingSystem", 0, VIEW_CREATE | VIEW_UPDATE | VIEW_DELETE },
	{ "OperationDefinition", 0, VIEW_CREATE | VIEW_UPDATE | VIEW_DELETE },
	{ "SearchParameter", 0, VIEW_CREATE | VIEW_UPDATE | VIEW_DELETE },
	{ "StructureDefinition", 0, VIEW_CREATE | VIEW_UPDATE | VIEW_DELETE },
};

bool
write_by_system(const struct call *c)
{
	struct bytes one, rest = c->login.scope;
	bool more = true;

	while (more) {
		more = bytes_cut(rest, ' ', &one, &rest);
		if (bytes_starts(one, bytes_str("system/")))
			return true;
	}
	return false;
}

unsigned
write_never(uint16_t type)
{
	size_t i;

	for (i = 0; i < N_ELEM(kept); i++)
		if (strcmp(kept[i].type, def_type_num(type)->name) == 0)
			return kept[i].never;
	return 0;
}

enum err
write_type(struct call *c, enum view_op op)
{
	const char *name = def_type_num(c->at.type)->name;
	size_t i;

	for (i = 0; i < N_ELEM(kept); i++) {
		if (strcmp(kept[i].type, name) != 0)
			continue;
		if (kept[i].never & op) {
			if (op == VIEW_CREATE)
				return ERR_FORBIDDEN;
			c->rs->allow = "GET, HEAD, OPTIONS";
			return issue_add(&c->rs->is, ERR_METHOD, "kept",
			    NULL, "%s is added to and never altered", name);
		}
		if ((kept[i].system & op) && !write_by_system(c))
			return ERR_FORBIDDEN;
	}
	return OK;
}

/*
 * Only a caller who may see whatever could be there: to anybody else an id
 * that is taken and one that is free would not look alike (WRT-02).
 */
bool
write_client_ids(const struct call *c)
{
	return c->server->conf->num[CONF_UPDATE_CREATE] != 0 &&
	    view_whole(c->view, c->at.type, VIEW_CREATE) &&
	    view_whole(c->view, c->at.type, VIEW_UPDATE);
}

/* --- conditions ----------------------------------------------------------- */

/*
 * W/"3", "3" or 3: the tag of one version.  One that is none of ours is the
 * tag of no version, and met by nothing.
 */
static bool
tag_version(struct bytes tag, uint64_t *out)
{
	bool weak = bytes_starts(tag, bytes_of("W/", 2)), quoted;

	if (weak)
		tag = bytes_from(tag, 2);
	quoted = tag.len > 2 && tag.p[0] == '"' && tag.p[tag.len - 1] == '"';
	if (quoted)
		tag = bytes_sub(tag, 1, tag.len - 2);
	if (tag.len > 0 && tag.p[0] != '0' && (quoted || !weak) &&
	    text_u64(tag, INT64_MAX, out))
		return true;
	*out = UINT64_MAX;
	return quoted && memchr(tag.p, '"', tag.len) == NULL;
}

static enum prefer
prefer_of(const struct req *rq)
{
	if (req_prefers(rq, "return", "minimal"))
		return PREFER_MINIMAL;
	if (req_prefers(rq, "return", "representation"))
		return PREFER_WHOLE;
	if (req_prefers(rq, "return", "OperationOutcome"))
		return PREFER_OUTCOME;
	return PREFER_NONE;
}

/*
 * A condition that means nothing here, or says nothing, is refused: the
 * client believes the write guarded by it.
 */
static enum err
conditions_fit(struct call *c)
{
	static const struct { enum req_var var; const char *name; } all[] = {
		{ VAR_MATCH, "If-Match" }, { VAR_NONE_MATCH, "If-None-Match" },
		{ VAR_NONE_EXIST, "If-None-Exist" }
	};
	const struct bytes *var = c->rq->var;
	bool create = c->at.route->need == NEED_CREATE;
	size_t i;

	for (i = 0; i < N_ELEM(all); i++)
		if (var[all[i].var].p != NULL && var[all[i].var].len == 0)
			return issue_add(&c->rs->is, ERR_VALUE, "condition",
			    NULL, "%s is empty; leave it out, if there is no "
			    "condition", all[i].name);
	if (create && var[VAR_MATCH].len > 0)
		return issue_add(&c->rs->is, ERR_USAGE, "condition", NULL,
		    "If-Match is of a resource that is there; a creation has "
		    "If-None-Exist");
	if (!create && var[VAR_NONE_EXIST].len > 0)
		return issue_add(&c->rs->is, ERR_USAGE, "condition", NULL,
		    "If-None-Exist is of a creation by POST; an update or "
		    "deletion has If-Match, or criteria in its URL");
	return OK;
}

enum err
write_conditions(struct call *c, struct draft *d)
{
	struct bytes match = c->rq->var[VAR_MATCH];
	struct bytes none = c->rq->var[VAR_NONE_MATCH];
	enum err e = conditions_fit(c);

	if (e != OK)
		return e;
	d->prefer = prefer_of(c->rq);
	d->if_there = bytes_is(match, "*");
	d->if_none = bytes_is(none, "*");
	if (none.len > 0 && !d->if_none)
		return issue_add(&c->rs->is, ERR_VALUE, "if-none-match", NULL,
		    "of a write If-None-Match is *: there must be nothing "
		    "yet; which version it replaces If-Match says");
	if (match.len > 0 && !d->if_there &&
	    !tag_version(match, &d->if_version))
		return issue_add(&c->rs->is, ERR_VALUE, "if-match", NULL,
		    "If-Match is the ETag of the version that is meant, as "
		    "in W/\"3\"");
	if (match.len == 0 && c->at.route->need != NEED_CREATE &&
	    !d->if_none && !d->replay &&
	    c->server->conf->num[CONF_IF_MATCH] != 0)
		return issue_add(&c->rs->is, ERR_VERSION, "if-match", NULL,
		    "If-Match is demanded here: read the resource and send "
		    "its ETag");
	return OK;
}
