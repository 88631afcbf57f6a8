/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of the specification as def.h gives them: numbers that never
 * move, look-ups that find what is there and nothing else.  Whether the
 * tables are right is asked by tests/suites/tables.
 */
#include <stdio.h>

#include "base/attr.h"
#include "fhir/def_tables.h"
#include "tests/unit/unit.h"

static uint16_t
type_of(const char *name)
{
	const struct def_type	*t = def_type(bytes_str(name));

	assert_non_null(t);
	return t->num;
}

static const struct def_param *
param_of(const char *type, const char *code)
{
	const struct def_param	*p = def_param(type_of(type),
				    bytes_str(code));

	assert_non_null(p);
	return p;
}

/* "a.b" of a path, for comparison. */
static void
assert_path(const struct def_path *p, const char *want)
{
	char	text[256] = "";
	size_t	n = 0;

	for (uint16_t i = 0; i < p->n_step; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s",
		    i == 0 ? "" : ".", def_steps(p)[i].name);
	assert_string_equal(text, want);
}

/* --- numbers ------------------------------------------------------------- */

static const struct frozen {
	uint16_t	 num;
	const char	*type, *code;	/* code NULL: a type */
} frozen[] = {
#define TYPE(num, name)		{ num, name, NULL },
#define PARAM(num, type, code)	{ num, type, code },
#include "tests/unit/fhir_def_frozen.tbl"
#undef TYPE
#undef PARAM
};

static void
numbers_on_disk_never_move(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ELEM(frozen); i++) {
		const struct frozen	*f = &frozen[i];
		const struct def_param	*p;

		if (f->code == NULL) {
			assert_non_null(def_type_num(f->num));
			assert_string_equal(def_type_num(f->num)->name,
			    f->type);
			continue;
		}
		p = def_param_num(f->num);
		assert_non_null(p);
		assert_int_equal(p->num, f->num);
		assert_string_equal(p->code, f->code);
		assert_string_equal(p->type == 0 ? "*" :
		    def_type_num(p->type)->name, f->type);
	}
}

/* Without this a new row could take a number unseen. */
static void
every_number_is_in_the_frozen_list(void **state)
{
	size_t	n_type = 0, n_param = 0;

	(void)state;
	for (size_t i = 0; i < N_ELEM(frozen); i++)
		if (frozen[i].code == NULL)
			n_type++;
		else
			n_param++;
	assert_int_equal(n_type, deft_n_type);
	assert_int_equal(n_param, deft_max_param);
}

static void
the_numbers_code_refers_to_are_kept(void **state)
{
	static const char *const code[] = {
		[PARAM_ID] = "_id", [PARAM_LASTUPDATED] = "_lastUpdated",
		[PARAM_TAG] = "_tag", [PARAM_PROFILE] = "_profile",
		[PARAM_SECURITY] = "_security", [PARAM_CONTENT] = "_content",
		[PARAM_TEXT] = "_text", [PARAM_LIST] = "_list",
		[PARAM_QUERY] = "_query",
	};

	(void)state;
	for (uint16_t n = 1; n < N_ELEM(code); n++)
		assert_string_equal(def_param_num(n)->code, code[n]);
}

static void
numbers_out_of_range_find_nothing(void **state)
{
	size_t	n = 1;

	(void)state;
	assert_null(def_type_num(0));
	assert_null(def_type_num(DEF_TYPES + 1));
	assert_null(def_type_num(UINT16_MAX));
	assert_null(def_param_num(0));
	assert_null(def_param_num((uint16_t)(deft_max_param + 1)));
	assert_null(def_param_num(UINT16_MAX));
	assert_null(def_owner(0));
	assert_null(def_owner(UINT16_MAX));
	assert_null(def_shape_num(0));
	assert_null(def_shape_num(UINT16_MAX));
	assert_null(def_shape_type(0));
	assert_null(def_shape_type(UINT16_MAX));
	assert_null(def_binding(0));
	assert_null(def_binding(UINT16_MAX));
	assert_null(def_params(UINT16_MAX, &n));
	assert_int_equal(n, 0);
}

/* --- types and parameters ------------------------------------------------ */

static void
every_type_is_found_by_its_name(void **state)
{
	(void)state;
	for (uint16_t t = 1; t <= DEF_TYPES; t++)
		assert_int_equal(type_of(def_type_num(t)->name), t);
}

static void
a_type_name_is_exact(void **state)
{
	static const char *const wrong[] = { "", "observation", "Observatio",
	    "Observations", "OBSERVATION", "*", "Resource", "DomainResource",
	    "Quantity", "Accoun", "A", "VisionPrescription2", "zzz" };

	(void)state;
	for (size_t i = 0; i < N_ELEM(wrong); i++)
		assert_null(def_type(bytes_str(wrong[i])));
	assert_null(def_type(bytes_of("Patient\0", 8)));
	assert_null(def_type(bytes_of(NULL, 0)));
}

static void
type_names_are_sorted_and_end(void **state)
{
	const char *const	*name = def_type_names();
	size_t			 n;

	(void)state;
	for (n = 1; name[n] != NULL; n++)
		assert_true(strcmp(name[n - 1], name[n]) < 0);
	assert_int_equal(n, DEF_TYPES);
}

static void
every_parameter_is_found_by_its_code(void **state)
{
	(void)state;
	for (uint16_t t = 0; t <= DEF_TYPES; t++) {
		size_t			 n;
		const struct def_param	*p = def_params(t, &n);

		for (size_t i = 0; i < n; i++) {
			assert_int_equal(p[i].type, t);
			assert_ptr_equal(def_param(t, bytes_str(p[i].code)),
			    &p[i]);
			assert_ptr_equal(def_param_num(p[i].num), &p[i]);
		}
	}
}

static void
a_parameter_belongs_to_its_type(void **state)
{
	(void)state;
	assert_null(def_param(type_of("Patient"), bytes_str("code")));
	assert_null(def_param(type_of("Observation"), bytes_str("Code")));
	assert_null(def_param(type_of("Observation"), bytes_str("")));
	assert_null(def_param(type_of("Observation"), bytes_str("_ids")));
	assert_null(def_param(0, bytes_str("code")));
	assert_null(def_param(UINT16_MAX, bytes_str("code")));
	assert_int_equal(param_of("Observation", "_id")->num, PARAM_ID);
	assert_int_equal(param_of("Binary", "_tag")->num, PARAM_TAG);
}

static void
the_codes_of_a_type_hold_those_of_every_type(void **state)
{
	(void)state;
	for (uint16_t t = 0; t <= DEF_TYPES; t++) {
		const char *const	*code = def_param_codes(t);
		size_t			 every, own = 0, n;

		(void)def_params(0, &every);
		if (t != 0)
			(void)def_params(t, &own);
		for (n = 0; code[n] != NULL; n++)
			assert_non_null(def_param(t, bytes_str(code[n])));
		assert_int_equal(n, every + own);
	}
}

/* --- paths --------------------------------------------------------------- */

/* Requirement 1.3: 8480-6 finds the blood pressure panel. */
static void
observation_code_looks_into_components(void **state)
{
	const struct def_param	*p = param_of("Observation", "code");
	const struct def_path	*path = def_paths(p);

	(void)state;
	assert_int_equal(p->n_path, 2);
	assert_path(&path[0], "code");
	assert_path(&path[1], "component.code");
	assert_false(p->first_only);
}

static void
a_choice_is_one_path_per_fitting_type(void **state)
{
	const struct def_param	*p = param_of("Condition", "onset");
	const struct def_path	*path = def_paths(p);

	(void)state;
	assert_int_equal(p->n_path, 2);
	assert_path(&path[0], "onsetDateTime");
	assert_int_equal(path[0].dt, DT_DATETIME);
	assert_path(&path[1], "onsetPeriod");
	assert_int_equal(path[1].dt, DT_PERIOD);
}

/* Errata 1.5 no. 3. */
static void
goal_date_is_the_first_that_is_there(void **state)
{
	const struct def_param	*p = param_of("Goal", "date");
	const struct def_path	*path = def_paths(p);

	(void)state;
	assert_true(p->first_only);
	assert_true(p->argonaut);
	assert_int_equal(p->n_path, 3);
	assert_path(&path[0], "statusDate");
	assert_path(&path[1], "targetDate");
	assert_path(&path[2], "startDate");
}

/* Errata 1.5 no. 7: both urls. */
static void
race_is_found_in_every_form_of_the_extension(void **state)
{
	const struct def_param	*p = param_of("Patient", "race");
	const struct def_path	*path = def_paths(p);

	(void)state;
	assert_int_equal(p->n_path, 5);
	assert_path(&path[0], "extension.valueCodeableConcept");
	assert_string_equal(def_step_url(&def_steps(&path[0])[0]),
	    "http://hl7.org/fhir/StructureDefinition/us-core-race");
	assert_path(&path[1], "extension.extension.valueCoding");
	assert_string_equal(def_step_url(&def_steps(&path[1])[0]),
	    "http://fhir.org/guides/argonaut/StructureDefinition/argo-race");
	assert_string_equal(def_step_url(&def_steps(&path[1])[1]),
	    "ombCategory");
	assert_null(def_step_url(&def_steps(&path[1])[2]));
	assert_string_equal(def_step_url(&def_steps(&path[2])[1]), "detailed");
}

static void
an_email_is_a_contact_of_that_system(void **state)
{
	const struct def_param	*p = param_of("Patient", "email");
	const struct def_path	*path = def_paths(p);

	(void)state;
	assert_int_equal(p->n_path, 1);
	assert_path(&path[0], "telecom");
	assert_string_equal(def_system(&path[0]), "email");
	assert_null(def_system(def_paths(param_of("Patient", "telecom"))));
}

/* CMP: "patient" never means the Device or Group that subject may be. */
static void
a_patient_parameter_names_patients_alone(void **state)
{
	uint16_t	patient = type_of("Patient");
	size_t		seen = 0;

	(void)state;
	for (uint16_t t = 1; t <= DEF_TYPES; t++) {
		const struct def_param	*p = def_param(t,
					    bytes_str("patient"));
		struct typeset		 want = { { 0, 0 } };

		if (p == NULL)
			continue;
		seen++;
		typeset_add(&want, patient);
		assert_memory_equal(&p->targets, &want, sizeof(want));
	}
	assert_true(seen > 40);
}

static void
composite_parts_are_parameters_of_the_type(void **state)
{
	size_t	seen = 0;

	(void)state;
	for (uint16_t num = 1; num <= deft_max_param; num++) {
		const struct def_param	*p = def_param_num(num);

		if (p->n_part == 0)
			continue;
		seen++;
		assert_int_equal(p->kind, PK_COMPOSITE);
		assert_int_equal(p->n_part, 2);
		assert_int_equal(p->n_path, 0);
		for (uint16_t i = 0; i < p->n_part; i++)
			assert_int_equal(def_param_num(def_parts(p)[i])->type,
			    p->type);
	}
	assert_int_equal(seen, 13);
}

/* --- elements ------------------------------------------------------------ */

static void
every_element_is_found_in_its_shape(void **state)
{
	(void)state;
	for (uint16_t s = 1; s <= deft_n_shape; s++) {
		const struct def_shape	*shape = def_shape_num(s);

		for (uint16_t i = 0; i < shape->n; i++)
			assert_ptr_equal(def_elem(shape,
			    bytes_str(shape->elem[i].name)),
			    &shape->elem[i]);
		assert_null(def_elem(shape, bytes_str("")));
		assert_null(def_elem(shape, bytes_str("value[x]")));
	}
}

static void
an_element_knows_its_type_and_its_children(void **state)
{
	const struct def_shape	*s = def_shape_type(type_of("Observation"));
	const struct def_elem	*e = def_elem(s, bytes_str("component"));

	(void)state;
	assert_int_equal(e->dt, DT_BACKBONE);
	assert_int_equal(e->max, 0);
	s = def_shape_num(e->shape);
	assert_string_equal(s->path, "Observation.component");
	e = def_elem(s, bytes_str("referenceRange"));
	assert_string_equal(def_shape_num(e->shape)->path,
	    "Observation.referenceRange");
	e = def_elem(s, bytes_str("valueQuantity"));
	assert_int_equal(e->dt, DT_QUANTITY);
	assert_ptr_equal(def_shape_num(e->shape), def_shape_dt(DT_QUANTITY));
	assert_true(e->choice != 0);
	assert_int_equal(e->choice,
	    def_elem(s, bytes_str("valueString"))->choice);
}

static void
a_required_binding_has_a_name(void **state)
{
	const struct def_shape	*s = def_shape_type(type_of("Observation"));

	(void)state;
	assert_string_equal(def_binding(def_elem(s,
	    bytes_str("status"))->binding), "observation-status");
	assert_null(def_binding(def_elem(s, bytes_str("code"))->binding));
}

static void
every_data_type_and_kind_has_a_name(void **state)
{
	(void)state;
	for (int d = DT_NONE + 1; d < DT__MAX; d++) {
		assert_true(def_dt_name((enum def_dt)d)[0] != '\0');
		assert_int_equal(def_shape_dt((enum def_dt)d) != NULL,
		    d >= DT_ADDRESS && d < DT_BACKBONE);
	}
	for (int k = 0; k < PK__MAX; k++)
		assert_true(def_kind_name((enum param_kind)k)[0] != '\0');
	assert_string_equal(def_dt_name(DT__MAX), "");
	assert_string_equal(def_kind_name(PK__MAX), "");
}

/* --- compartments -------------------------------------------------------- */

static void
a_compartment_names_its_parameters(void **state)
{
	size_t			 n;
	uint16_t		 patient = type_of("Patient");
	const char *const	*code = def_compartment(patient,
				    type_of("Observation"), &n);

	(void)state;
	assert_int_equal(n, 2);
	assert_string_equal(code[0], "subject");
	assert_string_equal(code[1], "performer");
	assert_null(def_compartment(patient, type_of("Practitioner"), &n));
	assert_int_equal(n, 0);
	assert_null(def_compartment(patient, 0, &n));
	assert_null(def_compartment(type_of("Slot"), patient, &n));
	assert_null(def_compartment(UINT16_MAX, UINT16_MAX, &n));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_on_disk_never_move),
		cmocka_unit_test(every_number_is_in_the_frozen_list),
		cmocka_unit_test(the_numbers_code_refers_to_are_kept),
		cmocka_unit_test(numbers_out_of_range_find_nothing),
		cmocka_unit_test(every_type_is_found_by_its_name),
		cmocka_unit_test(a_type_name_is_exact),
		cmocka_unit_test(type_names_are_sorted_and_end),
		cmocka_unit_test(every_parameter_is_found_by_its_code),
		cmocka_unit_test(a_parameter_belongs_to_its_type),
		cmocka_unit_test(the_codes_of_a_type_hold_those_of_every_type),
		cmocka_unit_test(observation_code_looks_into_components),
		cmocka_unit_test(a_choice_is_one_path_per_fitting_type),
		cmocka_unit_test(goal_date_is_the_first_that_is_there),
		cmocka_unit_test(race_is_found_in_every_form_of_the_extension),
		cmocka_unit_test(an_email_is_a_contact_of_that_system),
		cmocka_unit_test(a_patient_parameter_names_patients_alone),
		cmocka_unit_test(composite_parts_are_parameters_of_the_type),
		cmocka_unit_test(every_element_is_found_in_its_shape),
		cmocka_unit_test(an_element_knows_its_type_and_its_children),
		cmocka_unit_test(a_required_binding_has_a_name),
		cmocka_unit_test(every_data_type_and_kind_has_a_name),
		cmocka_unit_test(a_compartment_names_its_parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
