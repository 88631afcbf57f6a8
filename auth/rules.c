/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.c -- a set of rights becomes the rules of a view.  (L3)
 *
 * Types with the same rights share a rule, and rules come in the order of
 * the first type number: equal rights give equal views, byte for byte, in
 * whatever words they were asked for.  Paging cursors are sealed with that
 * digest, so they survive a refreshed token.
 */
#include <sodium.h>
#include <stdlib.h>

#include "auth/scope.h"

/* One rule for all types whose ops in by_type equal those of first. */
static struct view_rule
rule_of(const uint8_t by_type[static DEF_TYPE_MAX + 1], uint16_t first,
    enum view_reach reach)
{
	struct view_rule r = { .ops = by_type[first], .reach = reach };
	uint16_t t;

	for (t = first; t <= DEF_TYPE_MAX; t++)
		if (by_type[t] == r.ops)
			typeset_add(&r.types, t);
	return r;
}

/* At most one rule for each mask of five interactions. */
#define RULES_MAX	31

static size_t
add_rules(const uint8_t by_type[static DEF_TYPE_MAX + 1],
    enum view_reach reach, struct view_rule *rule)
{
	bool done[RULES_MAX + 1] = { [0] = true };
	size_t n = 0;
	uint16_t t;

	for (t = 1; t <= DEF_TYPE_MAX; t++) {
		if (done[by_type[t] & RULES_MAX])
			continue;
		done[by_type[t] & RULES_MAX] = true;
		rule[n++] = rule_of(by_type, t, reach);
	}
	return n;
}

/* --- granular rights ------------------------------------------------------ */

static int
cmp_part(const void *a, const void *b)
{
	const struct scope_part *x = a, *y = b;

	if (x->context != y->context)
		return x->context < y->context ? -1 : 1;
	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return bytes_cmp(x->where, y->where);
}

/* What whole types leave of the parts, in one order. */
static void
sorted_parts(struct arena *a, const struct scope_set *set,
    struct scope_part **out, size_t *n_out)
{
	struct scope_set left = *set;
	size_t i;

	left.n_part = 0;
	for (i = 0; i < set->n_part; i++)
		scope_add_part(&left, &set->part[i]);
	*out = arena_array(a, left.n_part, sizeof **out);
	if (left.n_part > 0)
		memcpy(*out, left.part, left.n_part * sizeof **out);
	if (left.n_part > 1)
		qsort(*out, left.n_part, sizeof **out, cmp_part);
	*n_out = left.n_part;
}

/* What is nobody's by nature stands in no relation: it is reached whole. */
static enum view_reach
user_reach(const struct rights *rights, uint16_t type)
{
	if (rights->reach == REACH_RELATION &&
	    def_owner(type)->rule == OWN_SHARED)
		return REACH_ALL;
	return rights->reach;
}

static enum err
add_parts(struct arena *a, const struct scope_set *set,
    const struct rights *rights, struct view *v, bool *patient_out)
{
	struct issues is = issues_on(a);
	struct scope_part *part;
	struct criterion *where;
	struct view_rule *r;
	size_t i, n;
	enum err e;

	sorted_parts(a, set, &part, &n);
	for (i = 0; i < n; i++) {
		r = &v->rule[v->n_rule];
		*r = (struct view_rule){ .ops = part[i].ops,
		    .reach = part[i].context == SCOPE_PATIENT ?
		    REACH_PATIENTS : user_reach(rights, part[i].type) };
		typeset_add(&r->types, part[i].type);
		e = scope_where(a, part[i].type, part[i].where, rights,
		    &is, &where, &r->n_where);
		/* It was a search when the set was made; now it is none:
		 * a URL of this server may be that of no resource. */
		if (e != OK || r->n_where == 0)
			return ERR_VALUE;
		r->where = where;
		*patient_out = *patient_out ||
		    part[i].context == SCOPE_PATIENT;
		v->n_rule++;
	}
	return OK;
}

const char *
scope_view_why(enum err e)
{
	return e == ERR_VALUE ? "a scope is restricted by what is no search "
	    "here: name resources of this server as Type/id" :
	    "a patient/ scope without a patient";
}

/* --- the view ------------------------------------------------------------- */

/* user/ by a relation: its types in two halves. */
static size_t
add_user_rules(const struct scope_set *set, const struct rights *rights,
    struct view_rule *rule)
{
	uint8_t shared[DEF_TYPE_MAX + 1] = { 0 };
	uint8_t owned[DEF_TYPE_MAX + 1] = { 0 };
	uint16_t t;
	size_t n;

	for (t = 1; t <= DEF_TYPES; t++)
		*(user_reach(rights, t) == REACH_ALL ? &shared[t] :
		    &owned[t]) = set->user[t];
	n = add_rules(shared, REACH_ALL, rule);
	return n + add_rules(owned, rights->reach, rule + n);
}

enum err
scope_view(struct arena *a, const struct scope_set *set,
    struct bytes patient, const struct rights *rights,
    struct view *view_out)
{
	struct view v = { .n_rule = 0 };
	bool of_patient;
	enum err e;

	if ((set->contexts & SCOPE_PATIENT) != 0 && patient.len == 0)
		return ERR_FORBIDDEN;
	v.rule = arena_array(a, (size_t)3 * RULES_MAX + set->n_part,
	    sizeof *v.rule);
	v.n_rule = add_rules(set->patient, REACH_PATIENTS, v.rule);
	of_patient = v.n_rule > 0;
	v.n_rule += add_user_rules(set, rights, v.rule + v.n_rule);
	e = add_parts(a, set, rights, &v, &of_patient);
	/* Rights over a patient nobody named must never meet a view. */
	if (e == OK && of_patient && patient.len == 0)
		e = ERR_FORBIDDEN;
	if (e != OK)
		return e;
	if (of_patient) {
		v.patient = arena_array(a, 1, sizeof *v.patient);
		v.patient[0] = arena_copy(a, patient);
		v.n_patient = 1;
	}
	if (rights->reach == REACH_RELATION) {
		v.relation = rights->care;
		v.relation.bound = true;
	}
	*view_out = v;
	return OK;
}

/* --- digests -------------------------------------------------------------- */

static void
feed_u64(crypto_generichash_state *h, uint64_t v)
{
	uint8_t be[8];
	int i;

	for (i = 0; i < 8; i++)
		be[i] = (uint8_t)(v >> (56 - 8 * i));
	crypto_generichash_update(h, be, sizeof be);
}

/* With its length, so that no two lists of texts look alike. */
static void
feed(crypto_generichash_state *h, struct bytes text)
{
	feed_u64(h, text.len);
	if (text.len > 0)
		crypto_generichash_update(h, text.p, text.len);
}

void
scope_seal(struct view *view, struct bytes user, struct bytes client)
{
	crypto_generichash_state h;
	const struct view_rule *r;
	size_t i, j;

	crypto_generichash_init(&h, NULL, 0, sizeof view->principal);
	feed(&h, user);
	feed(&h, client);
	crypto_generichash_final(&h, view->principal,
	    sizeof view->principal);

	crypto_generichash_init(&h, NULL, 0, sizeof view->digest);
	feed(&h, bytes_of(view->principal, sizeof view->principal));
	feed_u64(&h, view->n_rule);
	for (i = 0; i < view->n_rule; i++) {
		r = &view->rule[i];
		feed_u64(&h, r->types.bits[0]);
		feed_u64(&h, r->types.bits[1]);
		feed_u64(&h, r->ops);
		feed_u64(&h, (uint64_t)r->reach);
		feed_u64(&h, r->n_where);
		for (j = 0; j < r->n_where; j++) {
			feed(&h, r->where[j].name);
			feed(&h, r->where[j].text);
		}
	}
	feed_u64(&h, view->n_patient);
	for (i = 0; i < view->n_patient; i++)
		feed(&h, view->patient[i]);
	feed(&h, view->relation.practitioner);
	feed_u64(&h, view->relation.bound);
	crypto_generichash_final(&h, view->digest, sizeof view->digest);
}
