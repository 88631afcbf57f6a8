/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mktab_own.c -- owner.tbl and compartment.tbl: whose a resource is.
 */
#include <stdlib.h>

#include "fhir/mktab.h"

static const char *const	rule_names[] = DEF_RULE_NAMES;

static void
add_paths(const struct tables *tb, struct paths *out, struct place at,
    int type, char *text)
{
	for (char *next; text != NULL; text = next) {
		next = cut(text, "|");
		path_add(tb, out, at, tb->types[type].shape, text,
		    (uint64_t)1 << DT_REFERENCE);
	}
}

/* A path that decides an owner must be able to name a patient. */
static void
need_patient(const struct tables *tb, struct place at,
    const struct paths *paths)
{
	uint16_t	patient = (uint16_t)type_need(tb, at, "Patient");

	for (int i = 0; i < paths->n; i++) {
		struct typeset	t = paths->p[i].targets;

		if ((t.bits[0] | t.bits[1]) != 0 && !typeset_has(t, patient))
			die(at, "path %d never refers to a Patient", i + 1);
	}
}

static void
set_owner(const struct tables *tb, struct owner *o, int type, char *text)
{
	bool	 follows = o->rule == OWN_SUBJECT || o->rule == OWN_ALL;
	char	*other = cut(text, " else ");

	if ((follows || o->rule == OWN_TARGET) != (*text != '\0'))
		die(o->at, "paths stand with subject, all and target, "
		    "and with them alone");
	if (other != NULL && o->rule != OWN_SUBJECT)
		die(o->at, "'else' stands with subject alone");
	if ((o->rule == OWN_SELF) !=
	    (strcmp(tb->types[type].name, "Patient") == 0))
		die(o->at, "'self' stands for Patient alone");
	if (*text != '\0')
		add_paths(tb, &o->subject, o->at, type, text);
	if (other != NULL)
		add_paths(tb, &o->other, o->at, type, other);
	if (follows) {
		need_patient(tb, o->at, &o->subject);
		need_patient(tb, o->at, &o->other);
	}
}

void
owners_read(struct tables *tb, const char *dir)
{
	struct reader	r;

	for (int i = 0; i <= tb->n_types; i++)
		GROW(tb->owners, i);
	for (reader_open(&r, dir, "owner.tbl"); reader_line(&r);) {
		char		*name = reader_word(&r);
		char		*rule = reader_word(&r);
		int		 type = type_need(tb, r.at, name), k;
		struct owner	*o = &tb->owners[type];

		if (rule == NULL || r.note == NULL || *r.note == '\0')
			die(r.at, "want: TYPE RULE [PATHS] # REASON");
		k = find_name(rule_names, (int)N_ELEM(rule_names), rule);
		if (k < 0)
			die(r.at, "'%s' is no owner rule", rule);
		if (o->given)
			die(r.at, "%s stands twice", name);
		*o = (struct owner){ .at = r.at, .given = true,
		    .rule = (enum owner_rule)k };
		set_owner(tb, o, type, reader_rest(&r));
	}
	for (int t = 1; t <= tb->n_types; t++)
		if (!tb->owners[t].given)
			die(r.at, "no row for %s", tb->types[t].name);
}

static struct param *
reference_need(const struct tables *tb, struct place at, int type,
    const char *code)
{
	struct param	*p = param_find(tb, type, code);

	if (p == NULL || p->kind != PK_REFERENCE)
		die(at, "%s has no reference parameter '%s'",
		    tb->types[type].name, code);
	return p;
}

/* "self" is the compartment's own resource, found by its id. */
static void
add_code(const struct tables *tb, struct member *m, char *code)
{
	char		*chain = strchr(code, '.');
	struct param	*p;

	if (strcmp(code, "self") == 0 && m->type == m->compartment)
		return;
	if (chain != NULL)
		*chain = '\0';
	p = reference_need(tb, m->at, m->type, code);
	if (chain == NULL) {
		GROW(m->param, m->n);
		m->param[m->n++] = p;
		return;
	}
	m->n_chain++;
	m->link = p;
	m->chain = chain + 1;
}

/*
 * A chained code ("target.patient") beside others is left out of the compiled
 * table: a compartment search asks the resource itself.  The only one of its
 * type is followed; it leads to one type.
 */
static void
end_member(const struct tables *tb, struct member *m)
{
	int	to = 0;

	if (m->n > 0 || m->n_chain == 0)
		return;
	for (int t = 1; t <= tb->n_types; t++)
		if (typeset_has(m->link->targets, (uint16_t)t))
			to = to == 0 ? t : -1;
	if (m->n_chain > 1 || to <= 0)
		die(m->at, "chains alone: want one, by a parameter of one "
		    "target");
	m->to = reference_need(tb, m->at, to, m->chain);
}

static int
by_compartment_and_type(const void *a, const void *b)
{
	const struct member	*m = a, *n = b;

	if (m->compartment != n->compartment)
		return m->compartment - n->compartment;
	return m->type - n->type;
}

void
compartments_read(struct tables *tb, const char *dir)
{
	struct reader	r;
	int		compartment = 0;

	for (reader_open(&r, dir, "compartment.tbl"); reader_line(&r);) {
		struct member	m = { .at = r.at };
		char		*word;

		if (r.indent == 0) {
			compartment = type_need(tb, r.at, reader_rest(&r));
			continue;
		}
		word = reader_word(&r);
		if (compartment == 0)
			die(r.at, "a member of no compartment");
		m.compartment = compartment;
		m.type = type_need(tb, r.at, word);
		for (word = reader_word(&r); word != NULL;
		    word = reader_word(&r))
			add_code(tb, &m, word);
		end_member(tb, &m);
		GROW(tb->members, tb->n_members);
		tb->members[tb->n_members++] = m;
	}
	qsort(tb->members, (size_t)tb->n_members, sizeof(*tb->members),
	    by_compartment_and_type);
	for (int i = 1; i < tb->n_members; i++)
		if (by_compartment_and_type(&tb->members[i - 1],
		    &tb->members[i]) == 0)
			die(tb->members[i].at, "%s stands twice",
			    tb->types[tb->members[i].type].name);
}
