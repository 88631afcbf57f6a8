/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract_conv.c -- from an element to values: strings, tokens, links.  (L1)
 *
 * The table at the end says which converter takes which data type under
 * which kind of parameter; where it has no row the specification gives the
 * pair no meaning (a string search on a Period) and nothing is indexed.
 *
 * Spec: DSTU2 search.html#string, #token, #reference, #uri.
 */
#include "base/text.h"
#include "fhir/extract_conv.h"
#include "fhir/near.h"

/* --- strings ------------------------------------------------------------- */

static void
add_string(struct walk *w, struct bytes text)
{
	struct bytes folded;
	struct value *v;

	if (text.len == 0)
		return;
	if (text_fold(w->arena, text, &folded) != OK) {
		walk_warn(w, "UTF-8 text");
		return;
	}
	v = walk_add(w);
	v->text = text;
	v->more = folded;
}

/* The member, a string or an array of them. */
static void
add_strings(struct walk *w, const json_t *at, const char *member)
{
	const json_t *v = json_object_get(at, member);
	size_t i;

	if (walk_is_text(v))
		add_string(w, json_text(v));
	for (i = 0; i < json_array_size(v); i++)
		if (walk_is_text(json_array_get(v, i)))
			add_string(w, json_text(json_array_get(v, i)));
}

static void
conv_string(struct walk *w, const json_t *at)
{
	if (!walk_is_text(at))
		walk_warn(w, "a string");
	else
		add_string(w, json_text(at));
}

/* Every member of a complex type that the search looks at. */
static void
conv_parts(struct walk *w, const json_t *at, const char *const *parts)
{
	if (!json_is_object(at)) {
		walk_warn(w, "an object");
		return;
	}
	for (; *parts != NULL; parts++)
		add_strings(w, at, *parts);
}

static void
conv_name(struct walk *w, const json_t *at)
{
	static const char *const parts[] = {
		"family", "given", "prefix", "suffix", "text", NULL
	};

	conv_parts(w, at, parts);
}

static void
conv_address(struct walk *w, const json_t *at)
{
	static const char *const parts[] = {
		"line", "city", "district", "state", "postalCode", "country",
		"text", NULL
	};

	conv_parts(w, at, parts);
}

/* --- tokens -------------------------------------------------------------- */

/* Without a code, too: "system|" and :missing ask about the element. */
static void
add_token(struct walk *w, struct bytes system, struct bytes code)
{
	struct value *v;

	v = walk_add(w);
	v->text = code;
	v->more = system;
}

/*
 * A code, string, id or uri by itself.  Reading: a code element has no system
 * in the instance, so it is indexed without one.
 */
static void
conv_code(struct walk *w, const json_t *at)
{
	if (!walk_is_text(at))
		walk_warn(w, "a string");
	else
		add_token(w, bytes_of(NULL, 0), json_text(at));
}

static void
conv_digits(struct walk *w, const json_t *at)
{
	if (!json_is_num(at))
		walk_warn(w, "a number");
	else
		add_token(w, bytes_of(NULL, 0), json_text(at));
}

static void
conv_boolean(struct walk *w, const json_t *at)
{
	if (!json_is_boolean(at))
		walk_warn(w, "true or false");
	else
		add_token(w, bytes_of(NULL, 0),
		    bytes_str(json_is_true(at) ? "true" : "false"));
}

/* A time under a token parameter answers whether: Patient.deceased[x]. */
static void
conv_whether(struct walk *w, const json_t *at)
{
	if (!walk_is_text(at))
		walk_warn(w, "a date");
	else
		add_token(w, bytes_of(NULL, 0), bytes_str("true"));
}

static void
conv_coding(struct walk *w, const json_t *at)
{
	if (!json_is_object(at))
		walk_warn(w, "an object");
	else
		add_token(w, walk_text(at, "system"), walk_text(at, "code"));
}

/* Any of its codings; the text alone is no token in DSTU2, but an element. */
static void
conv_concept(struct walk *w, const json_t *at)
{
	const json_t *codings = json_object_get(at, "coding");
	size_t i;

	if (!json_is_object(at) ||
	    (codings != NULL && !json_is_array(codings))) {
		walk_warn(w, "a CodeableConcept, its coding an array");
		return;
	}
	if (json_array_size(codings) == 0)
		add_token(w, bytes_of(NULL, 0), bytes_of(NULL, 0));
	for (i = 0; i < json_array_size(codings); i++)
		conv_coding(w, json_array_get(codings, i));
}

static void
conv_identifier(struct walk *w, const json_t *at)
{
	if (!json_is_object(at))
		walk_warn(w, "an object");
	else
		add_token(w, walk_text(at, "system"), walk_text(at, "value"));
}

/*
 * Reading: a ContactPoint is matched by its value; its "system" is a kind of
 * device, not a namespace, so the token has none.
 */
static void
conv_contact(struct walk *w, const json_t *at)
{
	const char *system = def_system(w->path);

	if (!json_is_object(at)) {
		walk_warn(w, "an object");
		return;
	}
	if (system != NULL && !bytes_is(walk_text(at, "system"), system))
		return;
	add_token(w, bytes_of(NULL, 0), walk_text(at, "value"));
}

/* Location.position, of which near asks. */
static void
conv_place(struct walk *w, const json_t *at)
{
	const json_t *lat = json_object_get(at, "latitude");
	const json_t *lon = json_object_get(at, "longitude");
	struct near_place p;
	struct dec y, x;
	uint8_t *text;

	if (!json_is_num(lat) || prim_dec(json_text(lat), &y) != OK ||
	    !json_is_num(lon) || prim_dec(json_text(lon), &x) != OK ||
	    near_place(&y, &x, &p) != OK) {
		walk_warn(w, "a latitude from -90 to 90 and a longitude from "
		    "-180 to 180");
		return;
	}
	text = arena_alloc(w->arena, NEAR_LEN);
	near_put(&p, text);
	walk_add(w)->text = bytes_of(text, NEAR_LEN);
}

/* --- links --------------------------------------------------------------- */

/* "#id", where what it names stands inside and is of a type allowed. */
static void
add_inside(struct walk *w, const struct ref *r)
{
	struct typeset t = w->param->targets;
	const struct contained_values *in;
	struct value *v;

	in = contained_find(w->inside, w->n_inside, r->id);
	if (in == NULL || ((t.bits[0] | t.bits[1]) != 0 &&
	    !typeset_has(t, in->type)))
		return;
	v = walk_add(w);
	v->text = r->url;
	v->type = in->type;
}

/*
 * Reading: a target of a type the parameter does not allow is no value of
 * it: "patient" over a subject that is a Group finds nothing.
 */
static void
add_reference(struct walk *w, struct bytes text)
{
	struct typeset t = w->param->targets;
	struct value *v;
	struct ref r;

	if (prim_ref(text, w->x->urls, false, &r) != OK) {
		walk_warn(w, "a reference: [type]/[id], #[id] or a URL");
		return;
	}
	if (r.kind == REF_CONTAINED) {
		if (w->n_inside > 0)
			add_inside(w, &r);
		return;		/* no resource of its own: no target */
	}
	if (w->only_inside)
		return;
	if (r.kind == REF_LOCAL && (t.bits[0] | t.bits[1]) != 0 &&
	    !typeset_has(t, r.type))
		return;
	v = walk_add(w);
	if (r.kind == REF_LOCAL) {
		v->text = r.id;
		v->type = r.type;
	} else {
		v->text = r.url;
	}
}

static void
conv_reference(struct walk *w, const json_t *at)
{
	const json_t *v = json_object_get(at, "reference");

	if (!json_is_object(at) || (v != NULL && !walk_is_text(v)))
		walk_warn(w, "a Reference");
	else if (v != NULL)
		add_reference(w, json_text(v));
}

/* A uri under a reference parameter: ConceptMap.sourceUri. */
static void
conv_link(struct walk *w, const json_t *at)
{
	if (!walk_is_text(at))
		walk_warn(w, "a URI");
	else
		add_reference(w, json_text(at));
}

/*
 * Bundle.entry: what it holds, of a Bundle of the type that the path names.
 *
 * Reading: it is known by its id, as a reference of this server would name
 * it, and by a fullUrl that is not of this server.  One of another server
 * says whose the id is: then it is not known by the id, or what has that id
 * here by chance would be taken for it.  A urn: is of no server.  As any
 * reference it leads to what is stored under that id, not into the Bundle:
 * that has no place, owner or version of its own.
 */
static void
conv_entry(struct walk *w, const json_t *at)
{
	const json_t *held = json_object_get(at, "resource");
	const struct def_type *type = def_type(walk_text(held,
	    "resourceType"));
	struct bytes id = walk_text(held, "id"), url = walk_text(at, "fullUrl");
	const char *kind = def_system(w->path);
	bool foreign, urn, known = json_id_ok(id);
	struct value *v;
	struct ref r;

	if (w->only_inside || type == NULL ||
	    !typeset_has(w->param->targets, type->num) || (kind != NULL &&
	    !bytes_is(walk_text(w->tree, "type"), kind)))
		return;
	foreign = prim_ref(url, w->x->urls, false, &r) == OK &&
	    r.kind == REF_FOREIGN;
	urn = text_caseeq(bytes_sub(url, 0, 4), bytes_str("urn:"));
	if (known && (!foreign || urn)) {
		v = walk_add(w);
		v->text = id;
		v->type = type->num;
	}
	if (url.len > 0 && (!known || foreign))
		add_reference(w, url);
}

static void
conv_uri(struct walk *w, const json_t *at)
{
	if (!walk_is_text(at))
		walk_warn(w, "a URI");
	else
		walk_add(w)->text = json_text(at);
}

/* --- which takes what ---------------------------------------------------- */

static void (*const converter[PK__MAX][DT__MAX])(struct walk *,
    const json_t *) = {
	[PK_STRING] = {
		[DT_STRING] = conv_string, [DT_MARKDOWN] = conv_string,
		[DT_CODE] = conv_string, [DT_ID] = conv_string,
		[DT_URI] = conv_string,
		[DT_HUMANNAME] = conv_name, [DT_ADDRESS] = conv_address,
	},
	[PK_TOKEN] = {
		[DT_STRING] = conv_code, [DT_CODE] = conv_code,
		[DT_ID] = conv_code, [DT_URI] = conv_code,
		[DT_OID] = conv_code, [DT_UUID] = conv_code,
		[DT_INTEGER] = conv_digits,
		[DT_UNSIGNEDINT] = conv_digits,
		[DT_POSITIVEINT] = conv_digits,
		[DT_BOOLEAN] = conv_boolean,
		[DT_DATE] = conv_whether, [DT_DATETIME] = conv_whether,
		[DT_INSTANT] = conv_whether,
		[DT_CODING] = conv_coding,
		[DT_CODEABLECONCEPT] = conv_concept,
		[DT_IDENTIFIER] = conv_identifier,
		[DT_CONTACTPOINT] = conv_contact,
		[DT_BACKBONE] = conv_place,
	},
	[PK_REFERENCE] = {
		[DT_REFERENCE] = conv_reference, [DT_URI] = conv_link,
		[DT_BACKBONE] = conv_entry,
	},
	[PK_URI] = {
		[DT_URI] = conv_uri, [DT_OID] = conv_uri,
		[DT_UUID] = conv_uri, [DT_STRING] = conv_uri,
	},
	[PK_DATE] = {
		[DT_DATE] = conv_date, [DT_DATETIME] = conv_date,
		[DT_INSTANT] = conv_date, [DT_PERIOD] = conv_period,
		[DT_TIMING] = conv_timing,
	},
	[PK_NUMBER] = {
		[DT_INTEGER] = conv_number, [DT_UNSIGNEDINT] = conv_number,
		[DT_POSITIVEINT] = conv_number, [DT_DECIMAL] = conv_number,
		[DT_QUANTITY] = conv_number_quantity,
	},
	[PK_QUANTITY] = {
		[DT_QUANTITY] = conv_quantity, [DT_RANGE] = conv_range,
	},
};

void
walk_convert(struct walk *w, const json_t *at)
{
	if (converter[w->param->kind][w->path->dt] != NULL)
		converter[w->param->kind][w->path->dt](w, at);
}
