/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_say.c -- what the validation says about a fault.  (L1)
 *
 * The one place where a fault becomes text: everything here runs only once
 * something is wrong.  Names of members are quoted, values are not: they are
 * a patient's.
 */
#include "fhir/check_part.h"

#include "base/text.h"

static const struct {
	const char	*key, *code;
	enum err	 err;
} faults[FAULT__MAX] = {
#define X(name, key, code, err) [name] = { key, code, err },
	CHECK_FAULTS(X)
#undef X
};

void
check_vsay(struct check_walk *w, struct issue what, const struct spot *at,
    const char *fmt, va_list ap)
{
	if (w->room == 0)
		return;
	if (what.severity == SEV_ERROR) {
		w->syntax |= what.err == ERR_SYNTAX;
		w->rule |= what.err != ERR_SYNTAX;
	}
	what.place = spot_text(w->arena, at);
	if (w->told != NULL && strcmp(w->told, what.place) == 0)
		return;
	w->room--;
	issue_vput(w->is, &what, fmt, ap);
	if (w->room == 0)
		issue_put(w->is, &(struct issue){ .severity = SEV_INFO,
		    .code = "informational" },
		    "there may be more: mend these first");
}

void
check_say(struct check_walk *w, struct issue what, const struct spot *at,
    const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	check_vsay(w, what, at, fmt, ap);
	va_end(ap);
}

void
check_fault(struct check_walk *w, enum fault fault, const struct spot *at,
    const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	check_vsay(w, (struct issue){ .err = faults[fault].err,
	    .code = faults[fault].code, .rule = faults[fault].key }, at,
	    fmt, ap);
	va_end(ap);
}

void
check_form(struct check_walk *w, enum def_dt dt, const struct spot *at,
    const char *want)
{
	check_say(w, (struct issue){ .err = ERR_RULE, .code = "value",
	    .rule = def_dt_name(dt) }, at, "not %s", want);
}

void
check_broken(struct check_walk *w, const struct rule *rule,
    const struct spot *at)
{
	check_say(w, (struct issue){ .err = ERR_RULE, .code = "invariant",
	    .severity = rule->warning ? SEV_WARNING : SEV_ERROR,
	    .rule = rule_key(rule) }, at, "%s", rule_text(rule));
}

/* --- the types of a choice ----------------------------------------------- */

static bool
upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* "value" of valueRatio and valueRange: what rows i..end begin with. */
static size_t
stem_of(const struct def_shape *shape, size_t i, size_t end)
{
	const char	*name = shape->elem[i].name;
	size_t		 n = strlen(name);
	bool		 word = false;	/* all go on with a capital */

	for (size_t j = i + 1; j < end; j++) {
		const char	*other = shape->elem[j].name;
		size_t		 k = 0;

		while (k < n && name[k] == other[k])
			k++;
		n = k;
	}
	while (n > 0 && !word) {
		word = true;
		for (size_t j = i; j < end; j++)
			word &= upper(shape->elem[j].name[n]);
		n -= !word;
	}
	return n;
}

/* "valueQuantity, valueString": rows i..end. */
static const char *
rows_text(struct arena *a, const struct def_shape *shape, size_t i,
    size_t end)
{
	const char	*list = shape->elem[i].name;

	while (++i < end)
		list = arena_printf(a, "%s, %s", list, shape->elem[i].name);
	return list;
}

const char *
check_choice(struct check_walk *w, const struct def_shape *shape,
    const char *name)
{
	size_t	i, end, n;

	for (i = 0; i < shape->n; i = end) {
		const struct def_elem	*e = &shape->elem[i];

		for (end = i + 1; e->choice != 0 && end < shape->n &&
		    shape->elem[end].choice == e->choice; end++)
			continue;
		n = e->choice == 0 ? 0 : stem_of(shape, i, end);
		if (n > 0 && strncmp(name, e->name, n) == 0 &&
		    (name[n] == '\0' || name[n] == '[' || upper(name[n])))
			return arena_printf(w->arena, "no %.*s[x] of this "
			    "type: one of %s", (int)n, name,
			    rows_text(w->arena, shape, i, end));
	}
	return NULL;
}

const char *
check_kind(const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "an array";
	case JSON_STRING:
		return json_is_num(v) ? "a number" : "a string";
	case JSON_NULL:
		return "null";
	default:
		return "true or false";
	}
}
