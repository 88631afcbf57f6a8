/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain.c -- tiphys token explain: why may this token see this?  (L5)
 *
 * Three questions in the order the server asks them: is the token good, does
 * one of its scopes cover the type, does the view hold the resource.  The
 * answer names check, scope, and owner rule.  It looks behind the gate, so
 * it is the administrator's alone; nothing of the record is printed.
 */
#include "auth/auth.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/token.h"
#include "fhir/prim.h"

#define LIST_MAX	((size_t)65536)	/* bytes of a list of owners */

/* What the answer is made of. */
struct answer {
	const char	*reference;	/* as it was understood */
	bool		 may;
	const char	*because;
	struct bytes	 scope;		/* the word that decides, or "" */
	const char	*rule;		/* the owner rule, or NULL */
	struct bytes	 owners;	/* Patient ids, or "" */
	struct bytes	 patient, user, grant;
};

static enum err
print(struct cli *c, const struct answer *a)
{
	static const struct out_col col[] = {
		{ "reference", OUT_TEXT },
		{ "visible", OUT_BOOL },
		{ "because", OUT_TEXT },
		{ "scope", OUT_TEXT },
		{ "rule", OUT_TEXT },
		{ "owners", OUT_TEXT },
		{ "patient", OUT_TEXT },
		{ "user", OUT_TEXT },
		{ "grant", OUT_TEXT },
	};

	out_record(&c->out, col, N_ELEM(col));
	out_str(&c->out, a->reference);
	out_bool(&c->out, a->may);
	out_str(&c->out, a->because);
	out_cell(&c->out, a->scope);
	out_str(&c->out, a->rule);
	out_cell(&c->out, a->owners);
	out_cell(&c->out, a->patient);
	out_cell(&c->out, a->user);
	out_cell(&c->out, a->grant);
	out_end(&c->out);
	return a->may ? OK : ERR_FORBIDDEN;
}

/* --- the reference ------------------------------------------------------ */

static enum err
parse_reference(struct cli *c, struct ref *ref_out)
{
	const struct base_urls urls = prim_urls(c->conf);
	struct ref ref;

	if (prim_ref(bytes_str(c->operand[0]), &urls, false, &ref) != OK ||
	    ref.kind != REF_LOCAL)
		return cli_fail(c, ERR_USAGE, c->operand[0],
		    "is no reference to a resource of this server",
		    "give it as Observation/123 or as its address");
	*ref_out = ref;
	return OK;
}

/* --- the scope ---------------------------------------------------------- */

/* Does this word, taken alone, let read the type? */
static bool
covers(struct cli *c, struct bytes word, const struct login *l,
    uint16_t type)
{
	static const struct rights all = { .reach = REACH_ALL };
	struct issues is = issues_on(c->arena);
	struct view v;

	return auth_scope(c->arena, word, l->patient, &all, &is,
	    &v) == OK && view_reach(&v, type, VIEW_READ) != REACH_NONE;
}

/*
 * The word of the token's scope that gives what the view gives: a user/
 * word before a patient/ word, as the wider reach decides.
 */
static struct bytes
deciding_scope(struct cli *c, const struct login *l, uint16_t type)
{
	struct bytes word, rest = l->scope, found = { .len = 0 };
	bool more = l->scope.len > 0, narrow;

	while (more) {
		more = bytes_cut(rest, ' ', &word, &rest);
		if (!covers(c, word, l, type))
			continue;
		narrow = bytes_starts(word, bytes_str("patient/"));
		if (found.len == 0 || !narrow)
			found = word;
		if (!narrow)
			break;
	}
	return found;
}

/* --- the record --------------------------------------------------------- */

static const char *
say_kind(enum owner_kind kind)
{
	switch (kind) {
	case OWNER_ONE:
		return "it belongs to one patient";
	case OWNER_MANY:
		return "it belongs to several patients";
	case OWNER_SHARED:
		return "it is shared: no patient's by nature";
	case OWNER_UNOWNED:
		return "it belongs to no patient, so no patient view "
		    "holds it";
	}
	return "";
}

static struct bytes
list_owners(struct cli *c, const struct store_why *w)
{
	struct bytes list = text_join(c->arena, w->owner, w->n_owner);

	return list.len <= LIST_MAX ? list : bytes_str("(too many to list)");
}

static const char *
say_record(struct cli *c, const struct store_why *w, enum view_reach reach)
{
	if (!w->exists)
		return "there is no such resource: 404";
	if (w->in_view && w->deleted)
		return "the view holds it, and it was deleted: 410";
	if (w->in_view && reach == REACH_ALL)
		return "the scope reaches every resource of the type";
	if (w->in_view)
		return arena_printf(c->arena, "%s, and the view of the "
		    "token's patient holds it", say_kind(w->kind));
	return arena_printf(c->arena, "%s; the view of the token's patient "
	    "does not hold it: 404, as if it were not there",
	    say_kind(w->kind));
}

static enum err
ask_store(struct cli *c, const struct view *v, const struct ref *ref,
    struct store_why *why_out)
{
	const char *why = NULL;
	struct snapshot *t;
	struct store *s;
	enum err e;

	e = store_open(c->arena, c->conf, STORE_READ, &s, &why);
	if (e != OK)
		return cli_fail(c, e, NULL, why != NULL ? why : err_text(e),
		    NULL);
	e = store_begin(s, c->arena, &t);
	if (e == OK)
		e = store_explain(t, c->arena, v, ref->type, ref->id,
		    why_out);
	/* The texts are borrowed from the snapshot: it ends with us. */
	if (e == ERR_NOTFOUND) {
		*why_out = (struct store_why){ .exists = false };
		return OK;
	}
	return e == OK ? OK : cli_fail(c, e, "store", err_text(e), NULL);
}

/* --- the command -------------------------------------------------------- */

static enum err
explain_record(struct cli *c, const struct login *l, const struct ref *ref,
    struct answer *a)
{
	enum view_reach reach;
	struct store_why w;
	enum err e;

	reach = view_reach(l->view, ref->type, VIEW_READ);
	a->patient = l->patient;
	a->user = l->user;
	a->grant = l->grant;
	a->scope = deciding_scope(c, l, ref->type);
	if (reach == REACH_NONE) {
		a->because = a->scope.len == 0 ?
		    "no scope of the token lets read this type: 403" :
		    "the scope names the type, but the grant or the user's "
		    "rights do not give it: 403";
		return OK;
	}
	e = ask_store(c, l->view, ref, &w);
	if (e != OK)
		return e;
	a->may = w.exists && w.in_view && !w.deleted;
	a->because = say_record(c, &w, reach);
	if (w.exists) {
		a->rule = w.rule;
		a->owners = list_owners(c, &w);
	}
	return OK;
}

enum err
token_explain(struct cli *c)
{
	struct answer a = { .may = false };
	enum login_fault fault;
	struct bytes token;
	struct login l;
	struct auth *g;
	struct ref ref = { .kind = REF_FOREIGN };
	enum err e;

	e = parse_reference(c, &ref);
	if (e == OK)
		e = token_read(c, cli_value(c, "token-file", NULL),
		    &token);
	if (e == OK)
		e = token_guard(c, AUTH_READ, &g);
	if (e != OK)
		return e;
	a.reference = arena_printf(c->arena, "%s/%.*s",
	    def_type_num(ref.type)->name, BYTES_FMT(ref.id));
	e = auth_login(g, c->arena, bytes_str(arena_printf(c->arena,
	    "Bearer %.*s", BYTES_FMT(token))), clock_now(), &fault, &l);
	if (e == ERR_LOGIN || e == ERR_USAGE) {
		a.because = arena_printf(c->arena,
		    "the token is refused: %s: 401", l.why);
		return print(c, &a);
	}
	if (e != OK)
		return cli_fail(c, e, "grants", err_text(e), NULL);
	e = explain_record(c, &l, &ref, &a);
	return e == OK ? print(c, &a) : e;
}
