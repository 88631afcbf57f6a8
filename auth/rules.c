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

enum err
scope_view(struct arena *a, const struct scope_set *set,
    struct bytes patient, struct view *view_out)
{
	struct view v = { .n_rule = 0 };
	size_t n_patient;

	if ((set->contexts & SCOPE_PATIENT) != 0 && patient.len == 0)
		return ERR_FORBIDDEN;
	v.rule = arena_array(a, (size_t)2 * RULES_MAX, sizeof *v.rule);
	n_patient = add_rules(set->patient, REACH_PATIENTS, v.rule);
	v.n_rule = n_patient;
	v.n_rule += add_rules(set->user, REACH_ALL, v.rule + n_patient);
	/* Rights over a patient nobody named must never meet a view. */
	if (n_patient > 0 && patient.len == 0)
		return ERR_FORBIDDEN;
	if (n_patient > 0) {
		v.patient = arena_array(a, 1, sizeof *v.patient);
		v.patient[0] = arena_copy(a, patient);
		v.n_patient = 1;
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
	size_t i;

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
	}
	feed_u64(&h, view->n_patient);
	for (i = 0; i < view->n_patient; i++)
		feed(&h, view->patient[i]);
	crypto_generichash_final(&h, view->digest, sizeof view->digest);
}
