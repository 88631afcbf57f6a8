/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mktab_elem.c -- types.tbl and elements.tbl: what stands where in JSON.
 *
 * A block that begins "Name : Base" starts with the children of Base; a
 * BackboneElement or Element with children of its own becomes a shape named
 * by its path.
 */
#include <ctype.h>

#include "fhir/mktab.h"

#define DEPTH_MAX	12	/* of nested backbone elements */

static const char	*const dt_names[DT__MAX] = DEF_DT_NAMES;

/* Quantity under rules of their own: shapes, but no data types of JSON. */
static const char *const profiled[] = { "Age", "Count", "Distance",
    "Duration", "Money", "SimpleQuantity" };

void
types_read(struct tables *tb, const char *dir)
{
	struct reader	r;

	GROW(tb->types, 0);
	for (reader_open(&r, dir, "types.tbl"); reader_line(&r);) {
		int	 num = reader_number(&r, reader_word(&r), DEF_TYPE_MAX);
		char	*name = reader_word(&r);

		if (num != tb->n_types + 1)
			die(r.at, "type number %d where %d is due", num,
			    tb->n_types + 1);
		if (name == NULL || *reader_rest(&r) != '\0')
			die(r.at, "want: NUMBER NAME");
		if (type_find(tb, name) != 0)
			die(r.at, "type %s stands twice", name);
		GROW(tb->types, ++tb->n_types);
		tb->types[tb->n_types] = (struct type){
		    .name = name, .at = r.at };
	}
	if (tb->n_types < DEF_TYPES)
		die(r.at, "%d types, DSTU2 has %d", tb->n_types, DEF_TYPES);
}

int
type_find(const struct tables *tb, const char *name)
{
	for (int i = 1; i <= tb->n_types; i++)
		if (strcmp(tb->types[i].name, name) == 0)
			return i;
	return 0;
}

int
type_need(const struct tables *tb, struct place at, const char *name)
{
	int	num = type_find(tb, name);

	if (num == 0)
		die(at, "no resource type is called '%s'", name);
	return num;
}

struct typeset
type_list(const struct tables *tb, struct place at, char *names)
{
	struct typeset	set = { { 0, 0 } };

	for (char *next; names != NULL; names = next) {
		next = cut(names, "|");
		typeset_add(&set, (uint16_t)type_need(tb, at, names));
	}
	return set;
}

int
shape_find(const struct tables *tb, const char *path)
{
	for (int i = 1; i <= tb->n_shapes; i++)
		if (strcmp(tb->shapes[i].path, path) == 0)
			return i;
	return 0;
}

struct elem *
elem_find(const struct tables *tb, int shape, const char *name)
{
	for (int i = 0; i < tb->shapes[shape].n; i++)
		if (strcmp(tb->shapes[shape].elem[i].name, name) == 0)
			return &tb->shapes[shape].elem[i];
	return NULL;
}

static void
add_elem(struct tables *tb, int shape, struct elem e)
{
	struct shape	*s = &tb->shapes[shape];

	if (strlen(e.name) >= DEF_NAME_LEN)
		die(e.at, "name longer than %d", DEF_NAME_LEN - 1);
	if (elem_find(tb, shape, e.name) != NULL)
		die(e.at, "element %s stands twice", e.name);
	if (s->n == DEF_SHAPE_MAX)
		die(e.at, "more than %d elements", DEF_SHAPE_MAX);
	GROW(s->elem, s->n);
	s->elem[s->n++] = e;
}

/* A new shape with the children of base, which may be NULL. */
static int
add_shape(struct tables *tb, struct place at, const char *path,
    const char *base)
{
	int	from = base == NULL ? 0 : shape_find(tb, base);

	if (base != NULL && from == 0)
		die(at, "base %s does not stand above", base);
	if (shape_find(tb, path) != 0)
		die(at, "%s stands twice", path);
	GROW(tb->shapes, ++tb->n_shapes);
	tb->shapes[tb->n_shapes].path = path;
	for (int i = 0; from != 0 && i < tb->shapes[from].n; i++)
		add_elem(tb, tb->n_shapes, tb->shapes[from].elem[i]);
	return tb->n_shapes;
}

static int
binding_of(struct tables *tb, const char *name)
{
	for (int i = 1; i <= tb->n_bindings; i++)
		if (strcmp(tb->bindings[i], name) == 0)
			return i;
	GROW(tb->bindings, ++tb->n_bindings);
	tb->bindings[tb->n_bindings] = name;
	return tb->n_bindings;
}

/* "code", "Reference(A|B)", "Age": one type of an element. */
static void
set_type(const struct tables *tb, struct elem *e, char *text)
{
	char	*list = strchr(text, '(');
	int	 dt;

	if (list != NULL) {
		*list++ = '\0';
		if (strcmp(text, "Reference") != 0 ||
		    list[strcspn(list, ")")] != ')')
			die(e->at, "only a Reference(A|B) has targets");
		list[strcspn(list, ")")] = '\0';
		e->targets = type_list(tb, e->at, list);
	}
	dt = find_name(dt_names, DT__MAX, text);
	e->profile = NULL;
	if (find_name(profiled, (int)N_ELEM(profiled), text) >= 0) {
		e->profile = print("%s", text);
		dt = DT_QUANTITY;
	}
	if (strcmp(text, "Element") == 0)
		dt = DT_BACKBONE;
	if (dt <= DT_NONE)
		die(e->at, "no data type is called '%s'", text);
	e->dt = (enum def_dt)dt;
}

/* "valueQuantity" of "value" and "Quantity". */
static char *
json_name(const char *choice, const char *type)
{
	return print("%s%c%s", choice, toupper((unsigned char)type[0]),
	    type + 1);
}

/* The end of one type in "A|Reference(B|C)|D". */
static char *
next_type(char *text)
{
	int	depth = 0;

	for (; *text != '\0'; text++) {
		depth += (*text == '(') - (*text == ')');
		if (*text == '|' && depth == 0) {
			*text = '\0';
			return text + 1;
		}
	}
	return NULL;
}

static char *
need_any(const struct tables *tb, struct place at)
{
	if (tb->any_types == NULL)
		die(at, "nothing above says what 'any' is");
	return tb->any_types;
}

static void
add_choice(struct tables *tb, int shape, struct elem e, char *list)
{
	if (strcmp(list, "any") == 0)
		list = print("%s", need_any(tb, e.at));
	e.choice = e.name;
	e.n_choice = ++tb->n_choices;
	for (char *next; list != NULL; list = next) {
		next = next_type(list);
		e.targets = (struct typeset){ { 0, 0 } };
		set_type(tb, &e, list);
		e.name = json_name(e.choice, dt_names[e.dt]);
		add_elem(tb, shape, e);
	}
}

/* "0..1", "1..*" */
static void
set_card(struct elem *e, struct reader *r, char *card)
{
	char	*max = cut(card, "..");

	if (max == NULL)
		die(r->at, "cardinality '%s': want 0..1 or 0..*", card);
	e->min = reader_number(r, card, 1);
	e->max = strcmp(max, "*") == 0 ? 0 : reader_number(r, max, UINT16_MAX);
}

static void
set_flags(struct elem *e, const char *flags)
{
	if (strlen(flags) != 2 || strchr("S-", flags[0]) == NULL ||
	    strchr("M-", flags[1]) == NULL)
		die(e->at, "flags '%s': want S or -, then M or -", flags);
	e->summary = flags[0] == 'S';
	e->modifier = flags[1] == 'M';
}

/* One element; the shape of its children when it has any, else 0. */
static int
read_elem(struct tables *tb, struct reader *r, int shape)
{
	struct elem	 e = { .at = r->at };
	char		*name = reader_word(r), *card = reader_word(r);
	char		*flags = reader_word(r), *type = reader_word(r);
	char		*binding = reader_word(r), *choice;

	if (type == NULL || *reader_rest(r) != '\0' ||
	    (binding != NULL && binding[0] != '='))
		die(r->at, "want: NAME MIN..MAX FLAGS TYPES [=VALUESET]");
	choice = strstr(name, "[x]");
	e.name = name;
	set_card(&e, r, card);
	set_flags(&e, flags);
	if (binding != NULL)
		e.binding = binding_of(tb, binding + 1);
	if (choice != NULL) {
		*choice = '\0';
		add_choice(tb, shape, e, type);
		return 0;
	}
	if (type[0] == '@') {
		e.dt = DT_BACKBONE;
		e.reuse = type + 1;
		add_elem(tb, shape, e);
		return 0;
	}
	set_type(tb, &e, type);
	if (e.dt == DT_BACKBONE)
		e.shape = add_shape(tb, r->at, print("%s.%s",
		    tb->shapes[shape].path, name), type);
	add_elem(tb, shape, e);
	return e.shape;
}

/* "Observation : DomainResource" */
static int
read_head(struct tables *tb, struct reader *r)
{
	char	*name = reader_rest(r), *base = cut(name, ":");
	int	 shape = add_shape(tb, r->at, name, base);
	int	 dt = find_name(dt_names, DT__MAX, name);
	int	 type = type_find(tb, name);

	if (dt > DT_NONE && dt < DT_BACKBONE)
		tb->dt_shape[dt] = shape;
	else if (type != 0)
		tb->types[type].shape = shape;
	else if (strcmp(name, "Element") == 0)
		tb->dt_shape[DT_NONE] = shape;
	else if (find_name(profiled, (int)N_ELEM(profiled), name) < 0 &&
	    strstr("BackboneElement Resource DomainResource", name) ==
	    NULL)
		die(r->at, "%s is neither a data type nor a resource", name);
	return shape;
}

/* Point every element at the shape of its type, and "@path" at its own. */
static void
link_shapes(struct tables *tb)
{
	for (int s = 1; s <= tb->n_shapes; s++)
		for (int i = 0; i < tb->shapes[s].n; i++) {
			struct elem	*e = &tb->shapes[s].elem[i];

			if (e->reuse != NULL)
				e->shape = shape_find(tb, e->reuse);
			else if (e->profile != NULL)
				e->shape = shape_find(tb, e->profile);
			else if (e->dt != DT_BACKBONE)
				e->shape = tb->dt_shape[e->dt];
			if (e->shape == 0 && (e->reuse != NULL ||
			    (e->dt >= DT_ADDRESS && e->dt < DT_RESOURCE)))
				die(e->at, "%s: its shape stands nowhere",
				    e->name);
		}
}

void
elements_read(struct tables *tb, const char *dir)
{
	struct reader	r;
	int		open[DEPTH_MAX] = { 0 }, depth;

	GROW(tb->bindings, 0);
	GROW(tb->shapes, 0);
	for (reader_open(&r, dir, "elements.tbl"); reader_line(&r);) {
		if (strncmp(r.next, "any =", 5) == 0) {
			tb->any_types = r.next + 5 + strspn(r.next + 5, " ");
			continue;
		}
		depth = r.indent / 2;
		if (r.indent % 2 != 0 || depth >= DEPTH_MAX ||
		    (depth > 0 && open[depth - 1] == 0))
			die(r.at, "indented by %d under nothing", r.indent);
		open[depth] = depth == 0 ? read_head(tb, &r) :
		    read_elem(tb, &r, open[depth - 1]);
		for (int i = depth + 1; i < DEPTH_MAX; i++)
			open[i] = 0;
	}
	link_shapes(tb);
	for (int t = 1; t <= tb->n_types; t++)
		if (tb->types[t].shape == 0)
			die(tb->types[t].at, "%s has no block in elements.tbl",
			    tb->types[t].name);
}
