/* SPDX-License-Identifier: Apache-2.0 */
/*
 * def.h -- the FHIR definitions, compiled from the *.tbl files.  (L1)
 *
 * Read-only sorted arrays; everything handed out lives as long as the
 * process.  Type and parameter numbers are on disk: frozen, append-only.
 * The tables are written in our own notation (tables.txt explains it) and
 * compiled by mktab at build time; a second FHIR release would be a second
 * set of tables behind the same functions.
 *
 * Spec: DSTU2 1.0.2 resourcelist.html, searchparameter-registry.html,
 * compartments.html; Argonaut Data Query 1.0.0.
 */
#ifndef FHIR_DEF_H
#define FHIR_DEF_H

#include "base/arena.h"
#include "base/bytes.h"

#define DEF_RELEASE	"1.0.2"
#define DEF_TYPES	94		/* concrete resource types, 1..94 */
#define DEF_TYPE_MAX	127		/* room in every bitmap */
#define DEF_NAME_LEN	32		/* longest name and its NUL: names stand
					 * in their rows, so that the rows need
					 * no relocation at start */

#define DEF_SHAPE_MAX	512		/* elements of one shape: bitmaps */

/* A set of resource types by number. */
struct typeset { uint64_t bits[2]; };

static inline bool
typeset_has(struct typeset s, uint16_t type)
{
	return type <= DEF_TYPE_MAX && (s.bits[type >> 6] >> (type & 63) & 1);
}

static inline void
typeset_add(struct typeset *s, uint16_t type)
{
	if (type <= DEF_TYPE_MAX)
		s->bits[type >> 6] |= (uint64_t)1 << (type & 63);
}

static inline bool
typeset_empty(struct typeset s)
{
	return (s.bits[0] | s.bits[1]) == 0;
}

/* --- types ------------------------------------------------------------- */

struct def_type {
	uint16_t	 num;		/* 1..94; on disk */
	const char	*name;		/* "Observation" */
};

/* NULL when there is no such type; names are case-sensitive. */
const struct def_type	*def_type(struct bytes name);
const struct def_type	*def_type_num(uint16_t num);

/* All type names, sorted, NULL at the end: for text_near. */
const char *const	*def_type_names(void);

/* --- elements ---------------------------------------------------------- */

/*
 * Data types.  Profiled quantities (Age, Count, Money, Duration, Distance,
 * SimpleQuantity) are DT_QUANTITY, with a shape of their own.  Resource types
 * do not stand here.
 */
enum def_dt {
	DT_NONE,
	/* primitives */
	DT_BOOLEAN, DT_INTEGER, DT_UNSIGNEDINT, DT_POSITIVEINT, DT_DECIMAL,
	DT_STRING, DT_CODE, DT_ID, DT_MARKDOWN, DT_URI, DT_OID, DT_UUID,
	DT_BASE64, DT_DATE, DT_DATETIME, DT_INSTANT, DT_TIME, DT_XHTML,
	/* complex */
	DT_ADDRESS, DT_ANNOTATION, DT_ATTACHMENT, DT_CODEABLECONCEPT,
	DT_CODING, DT_CONTACTPOINT, DT_ELEMENTDEFINITION, DT_EXTENSION,
	DT_HUMANNAME, DT_IDENTIFIER, DT_META, DT_NARRATIVE, DT_PERIOD,
	DT_QUANTITY, DT_RANGE, DT_RATIO, DT_REFERENCE, DT_SAMPLEDDATA,
	DT_SIGNATURE, DT_TIMING,
	/* structure */
	DT_BACKBONE,		/* children stand in the same table */
	DT_RESOURCE,		/* whole: contained, entry.resource */
	DT__MAX
};

/* The name in the specification: "CodeableConcept"; DT_NONE: "". */
const char	*def_dt_name(enum def_dt dt);

/*
 * One element as it stands in JSON: a choice ("value[x]") has one row per
 * allowed type, under its JSON name ("valueQuantity").
 */
struct def_elem {
	char		 name[DEF_NAME_LEN]; /* JSON member: "valueQuantity" */
	enum def_dt	 dt;
	uint16_t	 shape;		/* DT_BACKBONE: whose children; the
					 * shape of complex types otherwise */
	uint16_t	 min;		/* a choice: of the whole choice */
	uint16_t	 max;		/* 0: unbounded ("*") */
	uint16_t	 choice;	/* 0, or a number shared by the rows of
					 * one choice within its shape */
	bool		 summary, modifier;
	struct typeset	 targets;	/* DT_REFERENCE: allowed types; empty:
					 * any */
	uint16_t	 binding;	/* required: def_binding, or 0 */
};

/*
 * A shape is the list of children of a resource, a data type or a backbone
 * element.  Shape numbers are not on disk.
 */
struct def_shape {
	const char		*path;	/* "Observation.component" */
	const struct def_elem	*elem;	/* in the order of the specification */
	uint16_t		 n;
	uint16_t		 num;	/* for def_shape_num, rules_of */
};

const struct def_shape	*def_shape_type(uint16_t type);
const struct def_shape	*def_shape_dt(enum def_dt dt);	/* NULL: primitive;
					 * DT_NONE: Element, what stands in
					 * the "_x" beside a primitive x */
const struct def_shape	*def_shape_num(uint16_t shape);

/* The value set of a required binding, as our tables name it; 0: NULL. */
const char	*def_binding(uint16_t binding);

/* NULL when shape has no such member. */
const struct def_elem	*def_elem(const struct def_shape *shape,
			    struct bytes name);

/* Of shape's members the one nearest to name, for "did you mean"; or NULL. */
const char		*def_elem_near(struct arena *a,
			    const struct def_shape *shape, struct bytes name);

/* --- search parameters ------------------------------------------------- */

enum param_kind {
	PK_NUMBER, PK_DATE, PK_STRING, PK_TOKEN, PK_REFERENCE, PK_COMPOSITE,
	PK_QUANTITY, PK_URI, PK__MAX
};

const char	*def_kind_name(enum param_kind kind);	/* "token" */

/*
 * One step into JSON: a member, and for extensions the url it must have.
 * Rows name each other and their texts by number, not by pointer (a pointer
 * is a relocation at every start): fields ending in _at are for def.c.
 */
struct def_step {
	char		 name[DEF_NAME_LEN]; /* "component", "extension" */
	uint32_t	 url_at;	/* def_step_url */
	bool		 first;		/* of a list, and no other */
};

/*
 * dt fits the kind of the parameter: number: integers, decimal, Quantity
 * (its value); date: date, dateTime, instant, Period, Timing; string:
 * string, markdown, HumanName, Address; token: code, Coding,
 * CodeableConcept, Identifier, ContactPoint, boolean, integers, id, string,
 * dateTime (its presence is the code "true": Patient.deceased) and the one
 * backbone element that is a place (Location.position: near.h);
 * reference: Reference, uri, and the one backbone element that holds a
 * resource (Bundle.entry); quantity: Quantity; uri: uri, oid.
 */
struct def_path {
	uint16_t	 step_at;	/* def_steps */
	uint16_t	 n_step;
	enum def_dt	 dt;		/* of what stands there */
	uint32_t	 system_at;	/* def_system */
};

struct def_param {
	uint16_t	 num;		/* on disk; 1.. */
	uint16_t	 type;		/* 0: every type (_id, _tag ...) */
	char		 code[DEF_NAME_LEN]; /* "value-quantity" */
	enum param_kind	 kind;
	uint16_t	 path_at;	/* def_paths: all indexed... */
	uint16_t	 n_path;
	bool		 first_only;	/* ...or the first that is there
					 * (Argonaut Goal date) */
	struct typeset	 targets;	/* PK_REFERENCE: allowed types; empty:
					 * any.  A reference to another type
					 * is no value of this parameter */
	uint16_t	 part_at;	/* PK_COMPOSITE, def_parts: the values
					 * pair within one element: only paths
					 * of the parts that differ in nothing
					 * but the last step */
	uint16_t	 n_part;
	bool		 argonaut;	/* our own or Argonaut's definition, not
					 * the DSTU2 registry's */
	uint32_t	 url_at;	/* def_param_url */
};

/* The parameter of a type or of every type; NULL when there is none. */
const struct def_param	*def_param(uint16_t type, struct bytes code);
const struct def_param	*def_param_num(uint16_t num);

/* Where its values stand (n_path), and its parts by number (n_part). */
const struct def_path	*def_paths(const struct def_param *param);
const uint16_t		*def_parts(const struct def_param *param);

/* The url of its SearchParameter, or NULL. */
const char		*def_param_url(const struct def_param *param);

const struct def_step	*def_steps(const struct def_path *path);

/*
 * The ContactPoint.system a value must have ("email"), the type of the Bundle
 * whose entry it is ("document"), or NULL.
 */
const char		*def_system(const struct def_path *path);

/* The url the extension must have, or NULL. */
const char		*def_step_url(const struct def_step *step);

/* The parameters of one type (0: of every type), by code; *n_out of them. */
const struct def_param	*def_params(uint16_t type, size_t *n_out);

/* Codes valid for a type, those of every type included, NULL at the end. */
const char *const	*def_param_codes(uint16_t type);

/* Numbers the code below refers to; generated rows keep them. */
#define PARAM_ID		1
#define PARAM_LASTUPDATED	2
#define PARAM_TAG		3
#define PARAM_PROFILE		4
#define PARAM_SECURITY		5
#define PARAM_CONTENT		6
#define PARAM_TEXT		7
#define PARAM_LIST		8
#define PARAM_QUERY		9
#define PARAM_NEAR		470
#define PARAM_NEAR_DISTANCE	471

/* --- owners and compartments ------------------------------------------- */

enum owner_rule {
	OWN_NONE,	/* invisible to every patient view */
	OWN_SELF,	/* the Patient itself */
	OWN_SUBJECT,	/* the first group of paths that has a reference */
	OWN_ALL,	/* every patient named */
	OWN_TARGET,	/* the owners of what it points to */
	OWN_REFERRER,	/* the owners of what refers to it (Binary) */
	OWN_SHARED	/* no patient by nature */
};

struct def_owner {
	uint16_t		 type;
	enum owner_rule		 rule;
	const struct def_path	*subject;	/* OWN_SUBJECT, OWN_ALL,
						 * OWN_TARGET: where to look */
	uint16_t		 n_subject;
	const struct def_path	*other;		/* OWN_SUBJECT: looked at only
						 * where subject is absent */
	uint16_t		 n_other;
};

const struct def_owner	*def_owner(uint16_t type);

/*
 * The codes of the parameters that put type into the compartment of
 * compartment (a type number); *n_out 0: not in it.
 */
const char *const	*def_compartment(uint16_t compartment, uint16_t type,
			    size_t *n_out);

/*
 * A type without such a code that a chained parameter puts there: by *link_out
 * it refers to what refers by *to_out to the compartment's own resource.
 * false: there is none
 */
bool		def_compartment_chain(uint16_t compartment, uint16_t type,
		    const struct def_param **link_out,
		    const struct def_param **to_out);

/* 64-bit digest of everything above that decides what stands on disk. */
extern const uint64_t	 def_digest;

#endif
