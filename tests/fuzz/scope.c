/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scope.c -- fuzz the grammar of scopes and the rules made of it.
 *
 * Beyond not crashing: a refusal has one issue of clean text; what is
 * accepted gives a view that is bounded, the same for the same rights, and
 * nothing where user and patient are missing.
 */
#include <stdlib.h>

#include "auth/auth.h"
#include "auth/scope.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

static void
check_issue(const struct issues *is)
{
	const char *s;

	must(is->n == 1 && is->first->text[0] != '\0');
	for (s = is->first->text; *s != '\0'; s++)
		must(*s >= ' ' && *s < 0x7f);
}

/* Rights met with themselves are themselves, whatever their spelling. */
static void
check_meet(struct arena *a, const struct scope_set *set)
{
	static const struct rights all = { .reach = REACH_ALL };
	struct scope_set twice = *set;
	struct view v, w;
	size_t i;

	scope_meet(a, &twice, set);
	must(twice.contexts == set->contexts);
	must(twice.n_part <= set->n_part);
	must(scope_view(a, set, bytes_str("p"), &all, &v) == OK);
	must(scope_view(a, &twice, bytes_str("p"), &all, &w) == OK);
	must(v.n_patient <= 1 && w.n_patient <= 1);
	must(v.n_rule <= 62 + SCOPE_PARTS_MAX);
	for (i = 0; i < v.n_rule; i++)
		must(v.rule[i].ops != 0 && v.rule[i].reach != REACH_NONE);
	for (i = 1; i <= DEF_TYPES; i++)
		must(view_reach(&v, (uint16_t)i, VIEW_READ) ==
		    view_reach(&w, (uint16_t)i, VIEW_READ));
	scope_limit(&twice, REACH_NONE);
	memset(twice.patient, 0, sizeof twice.patient);
	twice.n_part = 0;
	must(scope_view(a, &twice, bytes_str("p"), &all, &w) == OK);
	must(w.n_rule == 0 && w.n_patient == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new(0);
	struct issues is = issues_on(a);
	const struct rights all = { .reach = REACH_ALL };
	struct scope_set set;
	struct view v;
	enum err e;

	e = scope_parse(bytes_of(data, len), &is, &set);
	if (e == OK) {
		must(is.n == 0);
		check_meet(a, &set);
		e = auth_scope(a, bytes_of(data, len), bytes_str(""),
		    &all, &is, &v);
		must((e == ERR_FORBIDDEN) ==
		    ((set.contexts & SCOPE_PATIENT) != 0));
	} else {
		must(e == ERR_VALUE || e == ERR_USAGE);
		check_issue(&is);
	}
	arena_free(&a);
	return 0;
}
