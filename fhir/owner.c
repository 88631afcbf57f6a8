/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owner.c -- whose a resource is, by its row of owner.tbl.  (L1)
 *
 * Fails closed: whatever could be somebody we do not know (a foreign or
 * contained patient, a group, a reference nobody can read) makes a resource
 * unowned, and no patient view sees it.  What a reference points to is not
 * looked at here: the store follows it.
 */
#include <stdlib.h>

#include "fhir/extract_conv.h"
#include "fhir/owner.h"

/* Who a reference names, as far as the gate is concerned. */
enum who {
	WHO_PATIENT,	/* a patient of this server */
	WHO_OTHER,	/* surely no patient: a practitioner, a device ... */
	WHO_NOBODY,	/* no reference there: a display alone */
	WHO_UNSURE	/* may be a patient that cannot be told */
};

struct census {
	struct arena		*arena;
	const struct extract	*x;
	const json_t		*tree;
	struct refs		 patients;	/* WHO_PATIENT */
	struct refs		 locals;	/* resources of this server */
	size_t			 n, outside, unsure;	/* elements seen */
};

void
refs_add(struct arena *a, struct refs *list, const struct ref *r)
{
	struct ref *bigger;

	if (list->n == list->cap) {
		list->cap = list->cap == 0 ? 8 : list->cap * 2;
		bigger = arena_array(a, list->cap, sizeof(*bigger));
		if (list->n > 0)
			memcpy(bigger, list->r, list->n * sizeof(*bigger));
		list->r = bigger;
	}
	list->r[list->n++] = *r;
}

static int
compare(const void *a, const void *b)
{
	const struct ref *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return bytes_cmp(x->id, y->id);
}

void
refs_sort(struct refs *list)
{
	size_t i, kept = 0;

	if (list->n < 2)
		return;
	qsort(list->r, list->n, sizeof(*list->r), compare);
	for (i = 1; i < list->n; i++)
		if (compare(&list->r[kept], &list->r[i]) != 0)
			list->r[++kept] = list->r[i];
	list->n = kept + 1;
}

/* A type name that surely stands for no patient. */
static bool
harmless(struct bytes name)
{
	const struct def_type *t = def_type(name);

	return t != NULL && !bytes_is(name, "Patient") &&
	    !bytes_is(name, "Group");
}

/* "#id": of what type is the contained resource? */
static enum who
contained(const json_t *tree, struct bytes id)
{
	const json_t *list = json_object_get(tree, "contained");
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const json_t *r = json_array_get(list, i);

		if (bytes_eq(walk_text(r, "id"), id))
			return harmless(walk_text(r, "resourceType")) ?
			    WHO_OTHER : WHO_UNSURE;
	}
	return WHO_UNSURE;
}

/* Does a foreign URL say by [type]/[id] at its end what it is? */
static enum who
foreign(struct bytes url)
{
	/* the segment before head, and the one before that */
	struct bytes head, one = { NULL, 0 }, two = { NULL, 0 };

	while (bytes_cut(url, '/', &head, &url)) {
		if (bytes_is(head, "_history"))
			return harmless(two) ? WHO_OTHER : WHO_UNSURE;
		two = one;
		one = head;
	}
	return harmless(one) ? WHO_OTHER : WHO_UNSURE;
}

static enum who
judge(struct census *c, const json_t *at, struct ref *r)
{
	const json_t *v = json_object_get(at, "reference");

	if (json_is_object(at) && v == NULL)
		return WHO_NOBODY;
	if (json_is_string(at))
		v = at;		/* a path of type uri */
	if (!walk_is_text(v) ||
	    prim_ref(json_text(v), c->x->urls, false, r) != OK)
		return WHO_UNSURE;
	switch (r->kind) {
	case REF_LOCAL:
		if (bytes_is(bytes_str(def_type_num(r->type)->name),
		    "Patient"))
			return WHO_PATIENT;
		return harmless(bytes_str(def_type_num(r->type)->name)) ?
		    WHO_OTHER : WHO_UNSURE;
	case REF_CONTAINED:
		return contained(c->tree, r->id);
	case REF_FOREIGN:
		return foreign(r->url);
	}
	return WHO_UNSURE;
}

static void
count(void *arg, const json_t *at)
{
	struct census *c = arg;
	struct ref r = { .kind = REF_FOREIGN };
	enum who who = judge(c, at, &r);

	c->n++;
	if (who == WHO_UNSURE)
		c->unsure++;
	if (who == WHO_PATIENT)
		refs_add(c->arena, &c->patients, &r);
	if (who == WHO_NOBODY)
		return;
	if (r.kind == REF_LOCAL)
		refs_add(c->arena, &c->locals, &r);
	else
		c->outside++;
}

static void
survey(struct census *c, const struct def_path *path, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		walk_path(c->tree, def_steps(&path[i]), path[i].n_step, count,
		    c);
}

/* The patients found become the owners; nobody: unowned. */
static void
settle(struct census *c, struct owners *out)
{
	size_t i;

	refs_sort(&c->patients);
	out->n = c->patients.n;
	if (out->n == 0)
		return;
	out->kind = out->n == 1 ? OWNER_ONE : OWNER_MANY;
	out->id = arena_array(c->arena, out->n, sizeof(*out->id));
	for (i = 0; i < out->n; i++)
		out->id[i] = c->patients.r[i].id;
}

/* Every patient named, and nobody who might be one unknown to us. */
static void
own_all(struct census *c, const struct def_path *path, size_t n,
    struct owners *out)
{
	survey(c, path, n);
	if (c->unsure == 0)
		settle(c, out);
}

/*
 * Reading: a subject that is there decides even where it is only a display:
 * falling through to a performer would hand the resource to a helper.
 */
static void
own_subject(struct census *c, const struct def_owner *row,
    struct owners *out)
{
	survey(c, row->subject, row->n_subject);
	if (c->n == 0)
		own_all(c, row->other, row->n_other, out);
	else if (c->patients.n == c->n)
		settle(c, out);
}

/*
 * Something outside of this server among the targets may be anybody's: then
 * the targets are not passed on and the resource stays unowned.
 */
static void
own_target(struct census *c, const struct def_owner *row,
    struct owners *out)
{
	survey(c, row->subject, row->n_subject);
	refs_sort(&c->locals);
	if (c->outside > 0)
		return;
	out->target = c->locals.r;
	out->n_target = c->locals.n;
}

enum err
extract_owners(struct arena *a, const struct extract *x, uint16_t type,
    struct bytes id, const json_t *tree, struct owners *out)
{
	const struct def_owner *row = def_owner(type);
	struct census c = { .arena = a, .x = x, .tree = tree };
	struct owners o = { .kind = OWNER_UNOWNED };
	struct refs binary = { 0 };

	if (row == NULL || !json_is_object(tree))
		return ERR_BUG;
	switch (row->rule) {
	case OWN_SELF:
		o.kind = OWNER_ONE;
		o.id = arena_array(a, 1, sizeof(*o.id));
		o.id[0] = id;
		o.n = 1;
		break;
	case OWN_SUBJECT:
		own_subject(&c, row, &o);
		break;
	case OWN_ALL:
		own_all(&c, row->subject, row->n_subject, &o);
		break;
	case OWN_TARGET:
		own_target(&c, row, &o);
		break;
	case OWN_SHARED:
		o.kind = OWNER_SHARED;
		break;
	case OWN_REFERRER:	/* the store knows who names it */
	case OWN_NONE:
		break;
	}
	owner_binaries(a, x, type, tree, &binary);
	o.binary = binary.r;
	o.n_binary = binary.n;
	*out = o;
	return OK;
}
