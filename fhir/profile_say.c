/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile_say.c -- what a profile finds, as issues.  (L1)
 *
 * The key of a fault is that of its profile and of its row or rule; it is
 * made only here, when there is something to say.
 */
#include "fhir/profile_part.h"

#include "fhir/def_tables.h"
#include "fhir/profile.h"

static const char *
key_of(const struct judge *j, const char *part)
{
	return arena_printf(j->w->arena, "%s/%s", profile_name(j->profile),
	    part);
}

void
profile_say(const struct judge *j, const struct profile_row *r,
    const char *code, const struct spot *at, const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	check_vsay(j->w, (struct issue){ .err = ERR_RULE, .code = code,
	    .rule = key_of(j, &deft_text[r->path_at]) }, at, fmt, ap);
	va_end(ap);
}

void
profile_say_key(const struct judge *j, const char *key, const char *code,
    const struct spot *at, const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	check_vsay(j->w, (struct issue){ .err = ERR_RULE, .code = code,
	    .rule = key_of(j, key) }, at, fmt, ap);
	va_end(ap);
}

void
profile_warn(const struct judge *j, const struct profile_row *r,
    const struct spot *at, const char *text)
{
	check_say(j->w, (struct issue){ .severity = SEV_WARNING,
	    .err = ERR_RULE, .code = "code-invalid",
	    .rule = key_of(j, &deft_text[r->path_at]) }, at,
	    "%s; right only where none of it fits", text);
}

void
profile_broken(const struct judge *j, const struct rule *rule,
    const struct spot *at)
{
	check_say(j->w, (struct issue){ .err = ERR_RULE, .code = "invariant",
	    .severity = rule->warning ? SEV_WARNING : SEV_ERROR,
	    .rule = key_of(j, rule_key(rule)) }, at, "%s", rule_text(rule));
}

void
profile_unknown(struct check_walk *w, const struct spot *at)
{
	check_say(w, (struct issue){ .severity = SEV_WARNING,
	    .err = ERR_RULE, .code = "not-supported", .rule = "profile" },
	    at, "this server does not know the profile: nothing was judged "
	    "by it");
}
