/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.c -- the walk of a resource beside the tables.  (L1)
 *
 * Members, how often, of what JSON type; the rest is the other check*.c's.
 * A walk goes on after a fault, but not into what it cannot make sense of,
 * and ends when the caller's room for issues is full.
 *
 * Spec: DSTU2 json.html, elementdefinition.html.
 */
#include "fhir/check_part.h"

#include "base/text.h"

/* An object under the walk, and which elements of its shape it has. */
struct object {
	const struct def_shape	*shape;
	const struct spot	*at;
	const json_t		*obj;
	bool			 partners;	/* it has a "_x" */
	uint64_t		 seen[DEF_SHAPE_MAX / 64];
};

static void	check_object(struct check_walk *w,
		    const struct def_shape *shape, const struct spot *at,
		    const json_t *obj);
static void	check_inside(struct check_walk *w, const struct spot *at,
		    const json_t *v);

/* --- values -------------------------------------------------------------- */

/* One complex value of e. */
static void
check_complex(struct check_walk *w, const struct def_elem *e,
    const struct spot *at, const json_t *v)
{
	if (!json_is_object(v)) {
		check_fault(w, F_TYPE, at, "%s where an object belongs: %s",
		    check_kind(v), def_dt_name(e->dt));
		return;
	}
	if (e->dt == DT_RESOURCE) {
		check_inside(w, at, v);
		return;
	}
	check_object(w, def_shape_num(e->shape), at, v);
	if (e->dt == DT_EXTENSION)
		check_extension(w, at, v);
	if (e->binding != 0)
		check_bind(w, e, at, v);
	if (e->dt == DT_REFERENCE)
		check_ref(w, e, at, v);
}

/* The id and the extensions of a primitive: what stands below "_x". */
static void
check_partner(struct check_walk *w, const struct spot *at, const json_t *p)
{
	if (!json_is_object(p))
		check_fault(w, F_TYPE, at, "%s where an object with id or "
		    "extension belongs, in \"_%s\"", check_kind(p), at->name);
	else
		check_object(w, def_shape_dt(DT_NONE), at, p);
}

/* One value, its partner, or both; p is NULL where there is none. */
static void
check_one(struct check_walk *w, const struct def_elem *e,
    const struct spot *at, const json_t *v, const json_t *p)
{
	bool	no_value = v == NULL || json_is_null(v);
	bool	no_partner = p == NULL || json_is_null(p);

	if (e->dt >= DT_ADDRESS) {
		check_complex(w, e, at, v);
		return;
	}
	if (no_value && no_partner)
		check_fault(w, F_NULL, at, "null, and nothing in \"_%s\" in "
		    "its place: leave both out", e->name);
	if (!no_value)
		check_prim(w, e, at, v);
	if (!no_partner) {
		check_partner(w, at, p);
		if (no_value && json_object_get(p, "extension") == NULL)
			check_fault(w, F_ELE_1, at,
			    "an element has a value or children");
	}
}

/*
 * Values of an element that may repeat; v or p may be NULL.  DSTU2 has no
 * element that may stand twice and not three times.
 */
static void
check_list(struct check_walk *w, const struct def_elem *e,
    const struct spot *at, const json_t *v, const json_t *p)
{
	size_t	n = json_array_size(v), np = json_array_size(p);

	if ((v != NULL && !json_is_array(v)) ||
	    (p != NULL && !json_is_array(p))) {
		check_fault(w, F_ARRAY, at, "may repeat: write it as an "
		    "array, [ ... ], even of one");
		return;
	}
	if (v != NULL && p != NULL && n != np) {
		check_fault(w, F_NULL, at, "%zu values here and %zu in "
		    "\"_%s\": fill the shorter with null", n, np, e->name);
		return;
	}
	if (n < np)
		n = np;
	for (size_t i = 0; i < n && w->room > 0; i++)
		check_one(w, e, SPOT_ITEM(at->up, e->name, i),
		    json_array_get(v, i), json_array_get(p, i));
}

static void
check_elem(struct check_walk *w, const struct def_elem *e,
    const struct spot *up, const json_t *v, const json_t *p)
{
	struct spot	at = { up, e->name, SPOT_ONE, false };

	if (e->max != 1)
		check_list(w, e, &at, v, p);
	else if (json_is_array(v) || json_is_array(p))
		check_fault(w, F_ARRAY, &at,
		    "stands once: write it without [ ]");
	else
		check_one(w, e, &at, v, p);
}

/* --- members ------------------------------------------------------------- */

static void
unknown(struct check_walk *w, const struct def_shape *shape,
    const struct spot *up, const char *name)
{
	struct spot	 at = { up, name, SPOT_ONE, false };
	const char	*near = def_elem_near(w->arena, shape,
			    bytes_str(name));
	const char	*choice = check_choice(w, shape, name);

	if (choice != NULL)
		check_fault(w, F_ELEMENT, &at, "%s", choice);
	else if (strcmp(name, "modifierExtension") == 0)
		check_fault(w, F_ELEMENT, &at, "%s has no modifierExtension: "
		    "only resources and their own parts have", shape->path);
	else if (near != NULL)
		check_fault(w, F_ELEMENT, &at, "%s has no such element: did "
		    "you mean \"%s\"?", shape->path, near);
	else
		check_fault(w, F_ELEMENT, &at, "%s has no such element; an "
		    "addition belongs in an extension", shape->path);
}

/* fhir_comments, which DSTU2 allows in every object: strings. */
static void
check_comments(struct check_walk *w, const struct spot *up, const json_t *v)
{
	struct spot	at = { up, "fhir_comments", SPOT_ONE, false };
	bool		ok = json_is_array(v);

	for (size_t i = 0; ok && i < json_array_size(v); i++)
		ok = json_is_string(json_array_get(v, i)) &&
		    !json_is_num(json_array_get(v, i));
	if (!ok)
		check_fault(w, F_TYPE, &at, "comments are an array of "
		    "strings");
}

static bool
saw(const struct object *o, size_t i)
{
	return o->seen[i / 64] >> i % 64 & 1;
}

/* The rows of one choice lie side by side: its first one. */
static size_t
first_of(const struct def_shape *shape, size_t i)
{
	while (i > 0 && shape->elem[i].choice != 0 &&
	    shape->elem[i - 1].choice == shape->elem[i].choice)
		i--;
	return i;
}

/* Row i is there; of a choice no other may be. */
static void
see(struct check_walk *w, struct object *o, size_t i)
{
	const struct def_elem	*e = &o->shape->elem[i];

	for (size_t j = first_of(o->shape, i); e->choice != 0 &&
	    j < o->shape->n && o->shape->elem[j].choice == e->choice; j++)
		if (saw(o, j))
			check_fault(w, F_CHOICE, SPOT(o->at, e->name),
			    "\"%s\" stands here already: one of them",
			    o->shape->elem[j].name);
	o->seen[i / 64] |= (uint64_t)1 << i % 64;
}

static const json_t *
partner_of(const struct object *o, const struct def_elem *e)
{
	char	under[DEF_NAME_LEN + 1] = "_";

	memcpy(under + 1, e->name, strlen(e->name) + 1);
	return json_object_get(o->obj, under);
}

/*
 * One member.  A primitive and its "_x" are one element: whichever comes
 * first in the object does the work for both.
 */
static void
check_member(struct check_walk *w, struct object *o, const char *name,
    const json_t *v)
{
	const char		*bare = name[0] == '_' ? name + 1 : name;
	const struct def_elem	*e = def_elem(o->shape, bytes_str(bare));
	const json_t		*p = NULL;

	if (e == NULL || (bare != name && e->dt >= DT_ADDRESS)) {
		unknown(w, o->shape, o->at, name);
		return;
	}
	if (o->partners && saw(o, (size_t)(e - o->shape->elem)))
		return;
	see(w, o, (size_t)(e - o->shape->elem));
	if (bare != name) {
		p = v;
		v = json_object_get(o->obj, bare);
	} else if (o->partners && e->dt < DT_ADDRESS) {
		p = partner_of(o, e);
	}
	check_elem(w, e, o->at, v, p);
}

static void
check_missing(struct check_walk *w, const struct object *o)
{
	const struct def_shape	*shape = o->shape;
	size_t			 i, j;
	bool			 any;

	for (i = 0; i < shape->n; i++) {
		const struct def_elem	*e = &shape->elem[i];

		if (e->min == 0 || first_of(shape, i) != i)
			continue;
		any = saw(o, i);
		for (j = i + 1; e->choice != 0 && j < shape->n &&
		    shape->elem[j].choice == e->choice; j++)
			any |= saw(o, j);
		if (!any)
			check_fault(w, F_MIN, SPOT(o->at, e->name),
			    e->choice == 0 ? "must stand here: %s" :
			    "must stand here, or another type of it: %s",
			    def_dt_name(e->dt));
	}
}

/* --- rules --------------------------------------------------------------- */

/* A rule about one member: on each of its values. */
static void
check_values(struct check_walk *w, const struct rule *r,
    const struct def_elem *e, const struct spot *up, const json_t *obj)
{
	const json_t	*v = json_object_get(obj, e->name);

	if (v == NULL)
		return;
	if (!json_is_array(v)) {
		if (!rule_holds(w->arena, r, v))
			check_broken(w, r, SPOT(up, e->name));
		return;
	}
	for (size_t i = 0; i < json_array_size(v); i++)
		if (!rule_holds(w->arena, r, json_array_get(v, i)))
			check_broken(w, r, SPOT_ITEM(up, e->name, i));
}

static void
check_rules(struct check_walk *w, const struct def_shape *shape,
    const struct spot *at, const json_t *obj)
{
	size_t			 n;
	const struct rule	*r = rules_of(shape->num, &n);
	const struct def_elem	*e;

	for (; n > 0; n--, r++) {
		e = rule_elem(r);
		if (e != NULL)
			check_values(w, r, e, at, obj);
		else if (!rule_holds(w->arena, r, obj))
			check_broken(w, r, at);
	}
}

/* --- objects and resources ----------------------------------------------- */

/* The number of members that are children: no id, no comments. */
static size_t
check_members(struct check_walk *w, struct object *o)
{
	void		*it = json_object_iter((json_t *)o->obj);
	size_t		 children = 0;
	const char	*name;

	for (; it != NULL && w->room > 0;
	    it = json_object_iter_next((json_t *)o->obj, it)) {
		name = json_object_iter_key(it);
		if (strcmp(name, "fhir_comments") == 0) {
			check_comments(w, o->at, json_object_iter_value(it));
			continue;
		}
		if (o->at->resource && strcmp(name, "resourceType") == 0)
			continue;
		children += strcmp(name, "id") != 0;
		check_member(w, o, name, json_object_iter_value(it));
	}
	return children;
}

static bool
has_partners(const json_t *obj)
{
	void	*it = json_object_iter((json_t *)obj);

	for (; it != NULL; it = json_object_iter_next((json_t *)obj, it))
		if (json_object_iter_key(it)[0] == '_')
			return true;
	return false;
}

static void
check_object(struct check_walk *w, const struct def_shape *shape,
    const struct spot *at, const json_t *obj)
{
	struct object	o = { shape, at, obj, has_partners(obj), { 0 } };
	size_t		children;

	if (w->depth == CHECK_DEPTH) {
		check_fault(w, F_DEPTH, at, "nested deeper than %d levels",
		    CHECK_DEPTH);
		return;
	}
	w->depth++;
	children = check_members(w, &o);
	if (w->room > 0) {
		check_missing(w, &o);
		if (children == 0 && !at->resource &&
		    shape != def_shape_dt(DT_NONE))
			check_fault(w, F_ELE_1, at,
			    "an element has a value or children");
		check_rules(w, shape, at, obj);
	}
	w->depth--;
}

/* A whole resource, with what it contains. */
static void
check_whole(struct check_walk *w, uint16_t type, const struct spot *at,
    const json_t *resource)
{
	struct inner	*inner = w->inner;
	size_t		 n_inner = w->n_inner;

	check_inner(w, at, resource);
	check_object(w, def_shape_type(type), at, resource);
	check_profiles(w, type, at, resource);
	check_inner_end(w, at, resource);
	w->inner = inner;
	w->n_inner = n_inner;
}

/* A resource in another: contained, of an entry, of a parameter. */
static void
check_inside(struct check_walk *w, const struct spot *up, const json_t *v)
{
	const json_t		*name = json_object_get(v, "resourceType");
	const struct def_type	*type;
	struct spot		 at = { up->up, up->name, up->index, true };
	const char		*near;

	if (!json_is_string(name) || json_is_num(name)) {
		check_fault(w, F_RESOURCE, up, "a resource says what it is: "
		    "\"resourceType\" must stand here");
		return;
	}
	type = def_type(json_text(name));
	if (type == NULL) {
		near = text_near(json_text(name), def_type_names());
		check_fault(w, F_RESOURCE, up, near == NULL ?
		    "no resource type of DSTU2" :
		    "no resource type of DSTU2: did you mean \"%s\"?", near);
		return;
	}
	/* What is contained shares the list of its container. */
	if (strcmp(up->name, "contained") == 0) {
		check_object(w, def_shape_type(type->num), &at, v);
		check_profiles(w, type->num, &at, v);
	} else {
		check_whole(w, type->num, &at, v);
	}
}

static bool
subsetted(const json_t *tree)
{
	const json_t	*tags = json_object_get(json_object_get(tree, "meta"),
			    "tag"), *code;

	for (size_t i = 0; i < json_array_size(tags); i++) {
		code = json_object_get(json_array_get(tags, i), "code");
		if (code != NULL && bytes_is(json_text(code), "SUBSETTED"))
			return true;
	}
	return false;
}

static void
check_mode(struct check_walk *w, const struct spot *at, const json_t *tree)
{
	if (w->how->mode == CHECK_STORED)
		return;
	if (w->how->mode == CHECK_UPDATE &&
	    json_object_get(tree, "id") == NULL)
		check_fault(w, F_ID, SPOT(at, "id"),
		    "an update names its resource: the id of the url must "
		    "stand here");
	if (subsetted(tree))
		check_fault(w, F_SUBSETTED, SPOT(at, "meta"),
		    "tagged SUBSETTED, a part of a resource: read the whole "
		    "and send that, without the tag");
}

enum err
check_resource(struct arena *a, const struct check *how, uint16_t type,
    const json_t *tree, struct issues *is)
{
	const struct def_shape	*shape = def_shape_type(type);
	struct check_walk	 w = { .arena = a, .how = how, .is = is,
		.room = how->max > 0 ? how->max : CHECK_ISSUES };
	struct spot		 at = { NULL, "Resource", SPOT_ONE, true };

	if (is->last != NULL)
		w.told = is->last->place;
	if (how->mode == CHECK_DELETE)
		return OK;
	if (shape == NULL || !json_is_object(tree)) {
		check_fault(&w, F_RESOURCE, &at, "no resource of DSTU2");
		return ERR_SYNTAX;
	}
	at.name = shape->path;
	check_mode(&w, &at, tree);
	check_whole(&w, type, &at, tree);
	return w.syntax ? ERR_SYNTAX : w.rule ? ERR_RULE : OK;
}
