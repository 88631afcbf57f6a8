/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conformance.c -- write the Conformance resource.  (L1)
 *
 * Members in the order of the specification; a list is opened by its first
 * member, so none is ever empty (interop 26).
 */
#include "fhir/conformance.h"

#include "fhir/query.h"

#define ARGO	"http://fhir.org/guides/argonaut/StructureDefinition/"

/* Argonaut Data Query 1.0.0, all profiles of resources. */
static const char *const	profiles[] = {
	"argo-allergyintolerance", "argo-careplan", "argo-careteam",
	"argo-condition", "argo-device", "argo-diagnosticreport",
	"argo-documentreference", "argo-goal", "argo-immunization",
	"argo-medication", "argo-medicationorder",
	"argo-medicationstatement", "argo-observationresults",
	"argo-patient", "argo-procedure", "argo-smokingstatus",
	"argo-vitalsigns"
};

static const struct {
	unsigned	 op;
	const char	*code;
} interactions[] = {
	{ CONF_READ, "read" }, { CONF_VREAD, "vread" },
	{ CONF_UPDATE, "update" }, { CONF_DELETE, "delete" },
	{ CONF_HISTORY, "history-instance" },
	{ CONF_HISTORY_TYPE, "history-type" },
	{ CONF_CREATE, "create" }, { CONF_SEARCH, "search-type" }
};

/*
 * A list that opens itself: before each member call next, after the last
 * close.  What was never opened is not closed.
 */
struct list {
	struct buf	*out;
	const char	*open;		/* ",\"profile\":[" */
	bool		 begun;
};

static void
next(struct list *l)
{
	buf_str(l->out, l->begun ? "," : l->open);
	l->begun = true;
}

static void
close_list(const struct list *l)
{
	if (l->begun)
		buf_str(l->out, "]");
}

static void
put_profiles(struct buf *out)
{
	struct list	l = { out, ",\"profile\":[", false };
	size_t		i;

	for (i = 0; i < N_ELEM(profiles); i++) {
		next(&l);
		buf_printf(out, "{\"reference\":\"" ARGO "%s\"}",
		    profiles[i]);
	}
	close_list(&l);
}

/* --- security ------------------------------------------------------------- */

static void
put_oauth_uri(struct list *l, const char *name, struct bytes url)
{
	if (url.len == 0)
		return;
	next(l);
	buf_printf(l->out, "{\"url\":\"%s\",\"valueUri\":", name);
	buf_json(l->out, url);
	buf_str(l->out, "}");
}

/* SMART: an app finds the authorization server by this extension. */
static void
put_oauth(struct buf *out, const struct conformance_oauth *o)
{
	struct list	l = { out, "\"extension\":[", false };

	buf_str(out, "\"extension\":[{\"url\":\"http://fhir-registry."
	    "smarthealthit.org/StructureDefinition/oauth-uris\",");
	put_oauth_uri(&l, "authorize", o->authorize);
	put_oauth_uri(&l, "token", o->token);
	put_oauth_uri(&l, "register", o->registration);
	put_oauth_uri(&l, "manage", o->manage);
	put_oauth_uri(&l, "introspect", o->introspect);
	put_oauth_uri(&l, "revoke", o->revoke);
	close_list(&l);
	buf_str(out, "}],");
}

static void
put_security(struct buf *out, const struct conformance_oauth *oauth)
{
	buf_str(out, ",\"security\":{");
	if (oauth != NULL && oauth->authorize.len > 0 && oauth->token.len > 0)
		put_oauth(out, oauth);
	buf_str(out, "\"cors\":true,\"service\":[{\"coding\":[{"
	    "\"system\":\"http://hl7.org/fhir/restful-security-service\","
	    "\"code\":\"SMART-on-FHIR\"}],"
	    "\"text\":\"OAuth2 using the SMART on FHIR profile\"}],"
	    "\"description\":\"Every request but this one needs an access "
	    "token: Authorization: Bearer.\"}");
}

/* --- one type ------------------------------------------------------------- */

static void
put_interactions(struct buf *out, unsigned ops)
{
	struct list	l = { out, ",\"interaction\":[", false };
	size_t		i;

	for (i = 0; i < N_ELEM(interactions); i++)
		if (ops & interactions[i].op) {
			next(&l);
			buf_printf(out, "{\"code\":\"%s\"}",
			    interactions[i].code);
		}
	close_list(&l);
}

static void
put_targets(struct buf *out, const struct def_param *p)
{
	struct list		 l = { out, ",\"target\":[", false };
	const struct def_type	*t;
	uint16_t		 num;

	for (num = 1; num <= DEF_TYPE_MAX; num++) {
		t = typeset_has(p->targets, num) ? def_type_num(num) : NULL;
		if (t == NULL)
			continue;
		next(&l);
		buf_printf(out, "\"%s\"", t->name);
	}
	close_list(&l);
}

static void
put_param(struct buf *out, const struct def_param *p)
{
	struct list		 l = { out, ",\"modifier\":[", false };
	const char *const	*m;

	buf_printf(out, "{\"name\":\"%s\"", p->code);
	buf_json_member(out, "definition", bytes_str(def_param_url(p)));
	buf_printf(out, ",\"type\":\"%s\"", def_kind_name(p->kind));
	if (p->kind == PK_REFERENCE)
		put_targets(out, p);
	for (m = query_modifiers(p); *m != NULL; m++) {
		next(&l);
		buf_printf(out, "\"%s\"", *m);
	}
	close_list(&l);
	buf_str(out, "}");
}

static void
put_includes(struct buf *out, const struct def_type *t)
{
	struct list		 l = { out, ",\"searchInclude\":[", false };
	size_t			 n, i;
	const struct def_param	*p = def_params(t->num, &n);

	next(&l);
	buf_str(out, "\"*\"");
	for (i = 0; i < n; i++)
		if (p[i].kind == PK_REFERENCE && query_param_ok(&p[i])) {
			next(&l);
			buf_printf(out, "\"%s:%s\"", t->name, p[i].code);
		}
	close_list(&l);
}

/*
 * What refers to the type by its definition; what may refer to anything goes
 * without saying, as "*".
 */
static void
put_revincludes(struct buf *out, const struct def_type *t)
{
	struct list		 l = { out, ",\"searchRevInclude\":[", false };
	const struct def_type	*from;
	const struct def_param	*p;
	size_t			 n, i;
	uint16_t		 num;

	next(&l);
	buf_str(out, "\"*\"");
	for (num = 1; num <= DEF_TYPES; num++) {
		from = def_type_num(num);
		p = def_params(num, &n);
		for (i = 0; i < n; i++)
			if (p[i].kind == PK_REFERENCE &&
			    query_param_ok(&p[i]) &&
			    typeset_has(p[i].targets, t->num)) {
				next(&l);
				buf_printf(out, "\"%s:%s\"", from->name,
				    p[i].code);
			}
	}
	close_list(&l);
}

/* Those of every type first, then the type's own; codes differ (cnf-12). */
static void
put_params(struct buf *out, const struct def_type *t)
{
	struct list	l = { out, ",\"searchParam\":[", false };
	const uint16_t	group[] = { 0, t->num };
	size_t		g, n, i;

	for (g = 0; g < N_ELEM(group); g++) {
		const struct def_param	*p = def_params(group[g], &n);

		for (i = 0; i < n; i++)
			if (query_param_ok(&p[i])) {
				next(&l);
				put_param(out, &p[i]);
			}
	}
	/* These are of no kind: what they take is a text of their own. */
	buf_str(out, ",{\"name\":\"_filter\",\"type\":\"string\"},"
	    "{\"name\":\"_has\",\"type\":\"string\"}");
	close_list(&l);
}

static const char *
word(bool yes)
{
	return yes ? "true" : "false";
}

static void
put_type(struct buf *out, const struct conformance *c,
    const struct def_type *t, unsigned ops)
{
	buf_printf(out, "{\"type\":\"%s\"", t->name);
	put_interactions(out, ops);
	buf_printf(out, ",\"versioning\":\"%s\",\"readHistory\":%s,"
	    "\"updateCreate\":%s,\"conditionalCreate\":%s,"
	    "\"conditionalUpdate\":%s,\"conditionalDelete\":\"%s\"",
	    ops & CONF_UPDATE ? "versioned-update" : "versioned",
	    word(ops & (CONF_VREAD | CONF_HISTORY)),
	    word(c->update_create && (ops & CONF_UPDATE)),
	    word(ops & CONF_CREATE), word(ops & CONF_UPDATE),
	    !(ops & CONF_DELETE) ? "not-supported" :
	    c->delete_all ? "multiple" : "single");
	if (ops & CONF_SEARCH) {
		put_includes(out, t);
		put_revincludes(out, t);
		put_params(out, t);
	}
	buf_str(out, "}");
}

/* What is asked of the server as a whole. */
static void
put_system(struct buf *out, const struct conformance *c)
{
	struct list	l = { out, ",\"interaction\":[", false };
	bool		transaction = false;
	size_t		i;

	for (i = 0; i < c->n_system; i++) {
		next(&l);
		buf_printf(out, "{\"code\":\"%s\"}", c->system[i]);
		transaction |= strcmp(c->system[i], "transaction") == 0;
	}
	close_list(&l);
	buf_printf(out, ",\"transactionMode\":\"%s\"",
	    transaction ? "both" : "not-supported");
}

static void
put_operations(struct buf *out, const struct conformance *c)
{
	struct list	l = { out, ",\"operation\":[", false };
	size_t		i;

	for (i = 0; i < c->n_operation; i++) {
		next(&l);
		buf_printf(out, "{\"name\":\"%.*s\",\"definition\":"
		    "{\"reference\":\"http://hl7.org/fhir/"
		    "OperationDefinition/%.*s-%.*s\"}}",
		    BYTES_FMT(c->operation[i].name),
		    BYTES_FMT(c->operation[i].type),
		    BYTES_FMT(c->operation[i].name));
	}
	close_list(&l);
}

void
conformance_json(const struct conformance *c, struct buf *out)
{
	struct list	l = { out, ",\"resource\":[", false };
	size_t		i;

	buf_str(out, "{\"resourceType\":\"Conformance\"");
	buf_printf(out, ",\"name\":\"Tiphys\",\"status\":\"active\","
	    "\"date\":\"%s\",\"kind\":\"instance\"", c->date);
	buf_str(out, ",\"software\":{\"name\":\"Tiphys\"}"
	    ",\"implementation\":{\"description\":");
	buf_json(out, bytes_str(c->description));
	buf_json_member(out, "url", c->base);
	buf_str(out, "},\"fhirVersion\":\"" DEF_RELEASE "\","
	    "\"acceptUnknown\":\"no\",\"format\":[\"json\","
	    "\"application/json\",\"application/json+fhir\"]");
	put_profiles(out);
	buf_str(out, ",\"rest\":[{\"mode\":\"server\"");
	put_security(out, c->oauth);
	for (i = 0; i < c->n_type; i++) {
		const struct def_type	*t = def_type_num(c->type[i].type);

		if (t == NULL || c->type[i].ops == 0)
			continue;
		next(&l);
		put_type(out, c, t, c->type[i].ops);
	}
	close_list(&l);
	put_system(out, c);
	put_operations(out, c);
	buf_str(out, "}]}");
}
