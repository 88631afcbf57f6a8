/* SPDX-License-Identifier: Apache-2.0 */
/*
 * def_tables.h -- what mktab writes and def.c reads; for nobody else.  (L1)
 *
 * tables.c holds these arrays.  Names stand inside the rows and rows refer to
 * each other by number where they can: a pointer in a position-independent
 * program is a relocation at every start.
 */
#ifndef FHIR_DEF_TABLES_H
#define FHIR_DEF_TABLES_H

#include "fhir/def.h"

/* One truth for the words of the tables, mktab and the functions of def.c. */
#define DEF_DT_NAMES {							\
	[DT_NONE] = "", [DT_BOOLEAN] = "boolean",			\
	[DT_INTEGER] = "integer", [DT_UNSIGNEDINT] = "unsignedInt",	\
	[DT_POSITIVEINT] = "positiveInt", [DT_DECIMAL] = "decimal",	\
	[DT_STRING] = "string", [DT_CODE] = "code", [DT_ID] = "id",	\
	[DT_MARKDOWN] = "markdown", [DT_URI] = "uri", [DT_OID] = "oid",	\
	[DT_UUID] = "uuid", [DT_BASE64] = "base64Binary",		\
	[DT_DATE] = "date", [DT_DATETIME] = "dateTime",			\
	[DT_INSTANT] = "instant", [DT_TIME] = "time",			\
	[DT_XHTML] = "xhtml", [DT_ADDRESS] = "Address",			\
	[DT_ANNOTATION] = "Annotation", [DT_ATTACHMENT] = "Attachment",	\
	[DT_CODEABLECONCEPT] = "CodeableConcept",			\
	[DT_CODING] = "Coding", [DT_CONTACTPOINT] = "ContactPoint",	\
	[DT_ELEMENTDEFINITION] = "ElementDefinition",			\
	[DT_EXTENSION] = "Extension", [DT_HUMANNAME] = "HumanName",	\
	[DT_IDENTIFIER] = "Identifier", [DT_META] = "Meta",		\
	[DT_NARRATIVE] = "Narrative", [DT_PERIOD] = "Period",		\
	[DT_QUANTITY] = "Quantity", [DT_RANGE] = "Range",		\
	[DT_RATIO] = "Ratio", [DT_REFERENCE] = "Reference",		\
	[DT_SAMPLEDDATA] = "SampledData", [DT_SIGNATURE] = "Signature",	\
	[DT_TIMING] = "Timing", [DT_BACKBONE] = "BackboneElement",	\
	[DT_RESOURCE] = "Resource"					\
}

#define DEF_KIND_NAMES {						\
	[PK_NUMBER] = "number", [PK_DATE] = "date",			\
	[PK_STRING] = "string", [PK_TOKEN] = "token",			\
	[PK_REFERENCE] = "reference", [PK_COMPOSITE] = "composite",	\
	[PK_QUANTITY] = "quantity", [PK_URI] = "uri"			\
}

#define DEF_RULE_NAMES {						\
	[OWN_NONE] = "none", [OWN_SELF] = "self",			\
	[OWN_SUBJECT] = "subject", [OWN_ALL] = "all",			\
	[OWN_TARGET] = "target", [OWN_REFERRER] = "referrer",		\
	[OWN_SHARED] = "shared"						\
}

/* Types: rows by number from 1, their numbers in the order of the names. */
extern const uint16_t		 deft_n_type;
extern const struct def_type	 deft_type[];		/* [num] */
extern const uint16_t		 deft_type_order[];
extern const char *const	 deft_type_names[];	/* sorted, NULL */
extern const uint16_t		 deft_type_shape[];	/* [num] */

/*
 * Shapes from 1; their elements lie in one array.  deft_elem_order stands
 * beside it and gives, within each shape, the elements sorted by name.
 */
extern const uint16_t		 deft_n_shape;
extern const struct def_shape	 deft_shape[];
extern const uint16_t		 deft_dt_shape[DT__MAX];
extern const struct def_elem	 deft_elem[];
extern const uint16_t		 deft_elem_order[];
extern const uint16_t		 deft_n_binding;
extern const char *const	 deft_binding[];	/* [0] is NULL */

/* Texts the rows refer to by where they begin; [0] is no text. */
extern const char		 deft_text[];
extern const struct def_step	 deft_step[];
extern const struct def_path	 deft_path[];
extern const uint16_t		 deft_part[];

/*
 * Parameters sorted by type and code; those of type t are
 * [deft_param_first[t], deft_param_first[t + 1]).
 */
extern const uint16_t		 deft_max_param;	/* greatest number */
extern const struct def_param	 deft_param[];
extern const uint16_t		 deft_param_first[];	/* 0..n_type + 1 */
extern const uint16_t		 deft_param_row[]; /* [num]: row + 1 or 0 */
extern const char *const	 deft_code[];	/* lists, NULL after each */
extern const uint16_t		 deft_code_first[];	/* [type] */

extern const struct def_owner	 deft_owner[];		/* [num] */

struct def_member {
	uint16_t		 compartment, type;
	const char *const	*code;
	uint16_t		 n_code;
	const struct def_param	*link, *to;	/* a chain, or NULL */
};

extern const uint16_t		 deft_n_member;
extern const struct def_member	 deft_member[];	/* by compartment, type */

#endif
