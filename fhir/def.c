/* SPDX-License-Identifier: Apache-2.0 */
/*
 * def.c -- the FHIR definitions, found by binary search.  (L1)
 *
 * The arrays come from mktab (tables.c).  Nothing is built at start and
 * nothing is written: all processes share the pages of the file.
 *
 * Not here: meaning.  What a path or an owner rule does is extract.c's.
 */
#include "fhir/def.h"

#include "base/text.h"
#include "fhir/def_tables.h"

/*
 * memcmp order of key against a NUL-ended name, as the tables are sorted.
 * Byte by byte: names differ early, so strlen and memcmp would cost more.
 */
static int
compare(struct bytes key, const char *name)
{
	for (size_t i = 0; i < key.len; i++) {
		if (name[i] == '\0')
			return 1;
		if (key.p[i] != (uint8_t)name[i])
			return key.p[i] < (uint8_t)name[i] ? -1 : 1;
	}
	return name[key.len] == '\0' ? 0 : -1;
}

const struct def_type *
def_type(struct bytes name)
{
	size_t	lo = 0, hi = deft_n_type;

	while (lo < hi) {
		size_t	mid = (lo + hi) / 2;
		const struct def_type *t = &deft_type[deft_type_order[mid]];
		int	c = compare(name, t->name);

		if (c == 0)
			return t;
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

const struct def_type *
def_type_num(uint16_t num)
{
	if (num == 0 || num > deft_n_type)
		return NULL;
	return &deft_type[num];
}

const char *const *
def_type_names(void)
{
	return deft_type_names;
}

const char *
def_dt_name(enum def_dt dt)
{
	static const char *const names[DT__MAX] = DEF_DT_NAMES;

	return dt < DT__MAX ? names[dt] : "";
}

const char *
def_kind_name(enum param_kind kind)
{
	static const char *const names[PK__MAX] = DEF_KIND_NAMES;

	return kind < PK__MAX ? names[kind] : "";
}

const struct def_shape *
def_shape_num(uint16_t shape)
{
	if (shape == 0 || shape > deft_n_shape)
		return NULL;
	return &deft_shape[shape];
}

const struct def_shape *
def_shape_type(uint16_t type)
{
	if (type == 0 || type > deft_n_type)
		return NULL;
	return def_shape_num(deft_type_shape[type]);
}

const struct def_shape *
def_shape_dt(enum def_dt dt)
{
	return dt < DT__MAX ? def_shape_num(deft_dt_shape[dt]) : NULL;
}

const struct def_elem *
def_elem(const struct def_shape *shape, struct bytes name)
{
	const uint16_t	*order = &deft_elem_order[shape->elem - deft_elem];
	size_t		 lo = 0, hi = shape->n;

	while (lo < hi) {
		size_t	mid = (lo + hi) / 2;
		const struct def_elem *e = &shape->elem[order[mid]];
		int	c = compare(name, e->name);

		if (c == 0)
			return e;
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

const char *
def_elem_near(struct arena *a, const struct def_shape *shape,
    struct bytes name)
{
	const char	**names = arena_array(a, shape->n + 1u,
			    sizeof(*names));

	for (size_t i = 0; i < shape->n; i++)
		names[i] = shape->elem[i].name;
	return text_near(name, names);
}

const char *
def_binding(uint16_t binding)
{
	return binding <= deft_n_binding ? deft_binding[binding] : NULL;
}

const struct def_param *
def_params(uint16_t type, size_t *n_out)
{
	*n_out = 0;
	if (type > deft_n_type)
		return NULL;
	*n_out = (size_t)(deft_param_first[type + 1] - deft_param_first[type]);
	return &deft_param[deft_param_first[type]];
}

static const struct def_param *
find_param(uint16_t type, struct bytes code)
{
	size_t			 lo = 0, hi;
	const struct def_param	*p = def_params(type, &hi);

	while (lo < hi) {
		size_t	mid = (lo + hi) / 2;
		int	c = compare(code, p[mid].code);

		if (c == 0)
			return &p[mid];
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

/* Those of every type, and only those, begin with "_" (mktab sees to it). */
const struct def_param *
def_param(uint16_t type, struct bytes code)
{
	if (code.len > 0 && code.p[0] == '_')
		return find_param(0, code);
	return find_param(type, code);
}

const struct def_param *
def_param_num(uint16_t num)
{
	if (num > deft_max_param || deft_param_row[num] == 0)
		return NULL;
	return &deft_param[deft_param_row[num] - 1];
}

static const char *
text_at(uint32_t at)
{
	return at == 0 ? NULL : &deft_text[at];
}

const struct def_path *
def_paths(const struct def_param *param)
{
	return &deft_path[param->path_at];
}

const uint16_t *
def_parts(const struct def_param *param)
{
	return &deft_part[param->part_at];
}

const char *
def_param_url(const struct def_param *param)
{
	return text_at(param->url_at);
}

const struct def_step *
def_steps(const struct def_path *path)
{
	return &deft_step[path->step_at];
}

const char *
def_system(const struct def_path *path)
{
	return text_at(path->system_at);
}

const char *
def_step_url(const struct def_step *step)
{
	return text_at(step->url_at);
}

const char *const *
def_param_codes(uint16_t type)
{
	if (type > deft_n_type)
		type = 0;
	return &deft_code[deft_code_first[type]];
}

const struct def_owner *
def_owner(uint16_t type)
{
	if (type == 0 || type > deft_n_type)
		return NULL;
	return &deft_owner[type];
}

static const struct def_member *
member(uint16_t compartment, uint16_t type)
{
	size_t	lo = 0, hi = deft_n_member;

	while (lo < hi) {
		size_t	mid = (lo + hi) / 2;
		const struct def_member *m = &deft_member[mid];

		if (m->compartment == compartment && m->type == type)
			return m;
		if (compartment < m->compartment ||
		    (compartment == m->compartment && type < m->type))
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

const char *const *
def_compartment(uint16_t compartment, uint16_t type, size_t *n_out)
{
	const struct def_member *m = member(compartment, type);

	*n_out = m == NULL ? 0 : m->n_code;
	return m == NULL ? NULL : m->code;
}

bool
def_compartment_chain(uint16_t compartment, uint16_t type,
    const struct def_param **link_out, const struct def_param **to_out)
{
	const struct def_member *m = member(compartment, type);

	if (m == NULL || m->to == NULL)
		return false;
	*link_out = m->link;
	*to_out = m->to;
	return true;
}
