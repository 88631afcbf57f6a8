/* SPDX-License-Identifier: Apache-2.0 */
/*
 * synth_codes.c -- what a clinic meets, prescribes and measures.  (L5)
 *
 * Codes and how often they are met; plausible, and not medical advice.
 */
#include "base/attr.h"
#include "cli/synth.h"

const char *const synth_systems[] = {
	[SYS_SNOMED] = "http://snomed.info/sct",
	[SYS_LOINC] = "http://loinc.org",
	[SYS_RXNORM] = "http://www.nlm.nih.gov/research/umls/rxnorm",
	[SYS_CVX] = "http://hl7.org/fhir/sid/cvx",
	[SYS_NDC] = "http://hl7.org/fhir/sid/ndc",
	[SYS_UCUM] = "http://unitsofmeasure.org",
	[SYS_ARGONAUT] = "http://argonaut.hl7.org",
	[SYS_OBS_CATEGORY] = "http://hl7.org/fhir/observation-category",
	[SYS_RACE] = "http://hl7.org/fhir/v3/Race",
	[SYS_ETHNICITY] = "http://hl7.org/fhir/v3/Ethnicity",
	[SYS_NULL] = "http://hl7.org/fhir/v3/NullFlavor",
	[SYS_ROLE] = "http://hl7.org/fhir/v3/RoleCode",
	[SYS_MARITAL] = "http://hl7.org/fhir/v3/MaritalStatus",
	[SYS_LANGUAGE] = "urn:ietf:bcp:47",
	[SYS_HL7_FLAG] = "http://hl7.org/fhir/v2/0078",
	[SYS_SECTION] =
	    "http://hl7.org/fhir/ValueSet/diagnostic-service-sections",
	[SYS_PARTICIPATION] = "http://hl7.org/fhir/v3/ParticipationType",
	[SYS_PRACTITIONER] = "http://hl7.org/fhir/practitioner-role",
	[SYS_ORGANIZATION] = "http://hl7.org/fhir/organization-type",
	[SYS_IDENTIFIER] = "http://hl7.org/fhir/v2/0203",
	[SYS_REASON] = "http://hl7.org/fhir/v3/ActReason",
	[SYS_CONDITION_CATEGORY] = "http://hl7.org/fhir/condition-category",
	[SYS_FORMAT] = "urn:oid:1.3.6.1.4.1.19376.1.2.3",
	[SYS_CONTACT] = "http://hl7.org/fhir/patient-contact-relationship",
};

#define SCT(code, text)		{ SYS_SNOMED, code, text }
#define BIT(panel)		(1u << (panel))

/* --- drugs -------------------------------------------------------------- */

enum {
	DRUG_AMLODIPINE, DRUG_LISINOPRIL, DRUG_METFORMIN, DRUG_SIMVASTATIN,
	DRUG_ALBUTEROL, DRUG_FLUTICASONE, DRUG_CLOPIDOGREL, DRUG_ASPIRIN,
	DRUG_LEVOTHYROXINE, DRUG_SERTRALINE, DRUG_NAPROXEN, DRUG_OMEPRAZOLE,
	DRUG_WARFARIN, DRUG_HYDROCORTISONE, DRUG_AMOXICILLIN,
	DRUG_IBUPROFEN, DRUG_ACETAMINOPHEN, DRUG_LORATADINE, DRUG_CEFUROXIME,
	DRUG_PREDNISONE
};

const struct synth_drug synth_drugs[] = {
	[DRUG_AMLODIPINE] = { "197361", "Amlodipine 5 MG Oral Tablet",
	    "1 tablet in the morning", 1, 90 },
	[DRUG_LISINOPRIL] = { "314076", "Lisinopril 10 MG Oral Tablet",
	    "1 tablet in the morning", 1, 90 },
	[DRUG_METFORMIN] = { "860975", "24 HR Metformin hydrochloride 500 "
	    "MG Extended Release Oral Tablet", "1 tablet with a meal, twice "
	    "a day", 2, 90 },
	[DRUG_SIMVASTATIN] = { "312961", "Simvastatin 20 MG Oral Tablet",
	    "1 tablet in the evening", 1, 90 },
	[DRUG_ALBUTEROL] = { "745679", "200 ACTUAT Albuterol 0.09 MG/ACTUAT "
	    "Metered Dose Inhaler", "2 puffs when short of breath", 4, 30 },
	[DRUG_FLUTICASONE] = { "895994", "120 ACTUAT Fluticasone propionate "
	    "0.044 MG/ACTUAT Metered Dose Inhaler", "2 puffs twice a day, "
	    "then rinse the mouth", 2, 30 },
	[DRUG_CLOPIDOGREL] = { "309362", "Clopidogrel 75 MG Oral Tablet",
	    "1 tablet in the morning", 1, 90 },
	[DRUG_ASPIRIN] = { "243670", "Aspirin 81 MG Oral Tablet",
	    "1 tablet in the morning", 1, 90 },
	[DRUG_LEVOTHYROXINE] = { "892246", "Levothyroxine Sodium 0.1 MG Oral "
	    "Tablet", "1 tablet on an empty stomach", 1, 90 },
	[DRUG_SERTRALINE] = { "312941", "Sertraline 50 MG Oral Tablet",
	    "1 tablet in the morning", 1, 30 },
	[DRUG_NAPROXEN] = { "849574", "Naproxen sodium 220 MG Oral Tablet",
	    "1 tablet with food when it hurts", 2, 30 },
	[DRUG_OMEPRAZOLE] = { "198051", "Omeprazole 20 MG Delayed Release "
	    "Oral Capsule", "1 capsule before breakfast", 1, 30 },
	[DRUG_WARFARIN] = { "855332", "Warfarin Sodium 5 MG Oral Tablet",
	    "1 tablet in the evening", 1, 30 },
	[DRUG_HYDROCORTISONE] = { "106258", "Hydrocortisone 10 MG/ML Topical "
	    "Cream", "a thin layer on the skin", 2, 14 },
	[DRUG_AMOXICILLIN] = { "308192", "Amoxicillin 500 MG Oral Tablet",
	    "1 tablet three times a day until all are taken", 3, 10 },
	[DRUG_IBUPROFEN] = { "310965", "Ibuprofen 200 MG Oral Tablet",
	    "1 tablet with food when it hurts", 3, 7 },
	[DRUG_ACETAMINOPHEN] = { "313782", "Acetaminophen 325 MG Oral Tablet",
	    "1 tablet against fever", 4, 5 },
	[DRUG_LORATADINE] = { "311372", "Loratadine 10 MG Oral Tablet",
	    "1 tablet a day", 1, 30 },
	[DRUG_CEFUROXIME] = { "309097", "Cefuroxime 250 MG Oral Tablet",
	    "1 tablet twice a day until all are taken", 2, 7 },
	[DRUG_PREDNISONE] = { "312617", "predniSONE 5 MG Oral Tablet",
	    "1 tablet in the morning", 1, 5 },
};
const size_t synth_n_drug = N_ELEM(synth_drugs);

/* --- conditions --------------------------------------------------------- */

const struct synth_ill synth_ills[ILL_N] = {
	[ILL_PRESSURE] = { SCT("38341003", "Hypertensive disorder"),
	    30, 0, 60, 620, 6, DRUG_AMLODIPINE, DRUG_LISINOPRIL,
	    BIT(PANEL_METABOLIC), -1, "Blood pressure below 130 over 80",
	    SCT("386463000", "Prescribed activity/exercise education") },
	[ILL_DIABETES] = { SCT("44054006", "Diabetes mellitus type 2"),
	    35, 0, 30, 240, 4, DRUG_METFORMIN, -1,
	    BIT(PANEL_A1C) | BIT(PANEL_METABOLIC) | BIT(PANEL_KIDNEY), -1,
	    "Hemoglobin A1c below 7 percent",
	    SCT("160670007", "Diabetic diet") },
	[ILL_LIPIDS] = { SCT("55822004", "Hyperlipidemia"),
	    30, 0, 60, 450, 12, DRUG_SIMVASTATIN, -1, BIT(PANEL_LIPIDS), -1,
	    "LDL cholesterol below 100 milligrams per deciliter",
	    SCT("443288003", "Lifestyle education regarding diet") },
	[ILL_ASTHMA] = { SCT("195967001", "Asthma"),
	    4, 0, 90, 70, 12, DRUG_FLUTICASONE, DRUG_ALBUTEROL, 0, -1,
	    "No night awake for lack of breath",
	    SCT("699728000", "Asthma management") },
	[ILL_LUNG] = { SCT("13645005", "Chronic obstructive lung disease"),
	    50, 0, 20, 130, 6, DRUG_FLUTICASONE, DRUG_ALBUTEROL,
	    BIT(PANEL_BLOOD), -1, "Walk to the shop and back without a rest",
	    SCT("15081005", "Pulmonary rehabilitation") },
	[ILL_HEART] = { SCT("53741008", "Coronary arteriosclerosis"),
	    45, 0, 20, 240, 6, DRUG_CLOPIDOGREL, DRUG_ASPIRIN,
	    BIT(PANEL_LIPIDS) | BIT(PANEL_METABOLIC), 0,
	    "Climb two flights of stairs without pain",
	    SCT("229065009", "Exercise therapy") },
	[ILL_OBESITY] = { SCT("414916001", "Obesity"),
	    18, 0, 0, 0, 0, -1, -1, 0, -1,
	    "Lose 5 percent of body weight in a year",
	    SCT("226234005", "Healthy diet") },
	[ILL_THYROID] = { SCT("40930008", "Hypothyroidism"),
	    30, 'F', 20, 110, 12, DRUG_LEVOTHYROXINE, -1, BIT(PANEL_THYROID),
	    -1, "TSH within the usual range",
	    SCT("386463000", "Prescribed activity/exercise education") },
	[ILL_MOOD] = { SCT("35489007", "Depressive disorder"),
	    16, 0, 70, 90, 6, DRUG_SERTRALINE, -1, 0, -1,
	    "See friends at least once a week",
	    SCT("226060000", "Stress management") },
	[ILL_JOINT] = { SCT("239872002", "Osteoarthritis of hip"),
	    45, 0, 40, 280, 0, DRUG_NAPROXEN, -1, 0, 1,
	    "Walk for half an hour each day",
	    SCT("229065009", "Exercise therapy") },
	[ILL_REFLUX] = { SCT("235595009", "Gastroesophageal reflux disease"),
	    20, 0, 50, 160, 0, DRUG_OMEPRAZOLE, -1, 0, -1,
	    "Sleep through without heartburn",
	    SCT("226234005", "Healthy diet") },
	[ILL_RHYTHM] = { SCT("49436004", "Atrial fibrillation"),
	    55, 0, 10, 120, 3, DRUG_WARFARIN, -1, BIT(PANEL_BLOOD), 2,
	    "Pulse at rest below 100",
	    SCT("386463000", "Prescribed activity/exercise education") },
	[ILL_BONE] = { SCT("64859006", "Osteoporosis"),
	    55, 'F', 50, 300, 0, -1, -1, 0, -1,
	    "No fall within a year",
	    SCT("229065009", "Exercise therapy") },
	[ILL_SKIN] = { SCT("24079001", "Atopic dermatitis"),
	    1, 0, 110, 30, 0, DRUG_HYDROCORTISONE, -1, 0, -1,
	    "No scratching at night",
	    SCT("386463000", "Prescribed activity/exercise education") },
};

const struct synth_acute synth_acutes[] = {
	{ SCT("444814009", "Viral sinusitis"), 4, 120, 20, 14, false, false,
	    -1, -1 },
	{ SCT("10509002", "Acute bronchitis"), 1, 120, 16, 14, true, false,
	    DRUG_ACETAMINOPHEN, -1 },
	{ SCT("195662009", "Acute viral pharyngitis"), 2, 120, 16, 9, true,
	    false, DRUG_IBUPROFEN, -1 },
	{ SCT("43878008", "Streptococcal sore throat"), 4, 40, 8, 12, true,
	    false, DRUG_AMOXICILLIN, 2 },
	{ SCT("65363002", "Otitis media"), 0, 10, 40, 10, true, false,
	    DRUG_AMOXICILLIN, -1 },
	{ SCT("68566005", "Urinary tract infectious disease"), 16, 120, 8, 7,
	    true, false, DRUG_CEFUROXIME, -1 },
	{ SCT("44465007", "Sprain of ankle"), 8, 70, 6, 28, false, true,
	    DRUG_IBUPROFEN, 3 },
	{ SCT("284549007", "Laceration of hand"), 3, 90, 5, 16, false, true,
	    DRUG_ACETAMINOPHEN, 4 },
	{ SCT("62106007", "Concussion with no loss of consciousness"), 6, 80,
	    2, 21, false, true, -1, -1 },
	{ SCT("367498001", "Seasonal allergic rhinitis"), 6, 60, 10, 30,
	    false, false, DRUG_LORATADINE, -1 },
	{ SCT("161891005", "Backache"), 20, 90, 12, 25, false, false,
	    DRUG_NAPROXEN, -1 },
	{ SCT("233604007", "Pneumonia"), 60, 120, 3, 30, true, true,
	    DRUG_PREDNISONE, 5 },
};
const size_t synth_n_acute = N_ELEM(synth_acutes);

const struct synth_code synth_acts[] = {
	[SYNTH_ACT_LIST] = SCT("428191000124101",
	    "Documentation of current medications"),
	[SYNTH_ACT_COLON] = SCT("73761001", "Colonoscopy"),
	SCT("117015009", "Throat culture"),
	SCT("274474001", "Bone immobilization"),
	SCT("288086009", "Suture open wound"),
	SCT("399208008", "Plain chest X-ray"),
};

const struct synth_code synth_devices[] = {
	SCT("467178001", "Bare-metal coronary artery stent"),
	SCT("304120007", "Total hip replacement prosthesis"),
	SCT("14106009", "Cardiac pacemaker, device"),
};

/* The first one: there are none. */
const struct synth_code synth_allergens[] = {
	SCT("160244002", "No Known Allergies"),
	{ SYS_RXNORM, "7980", "Penicillin G" },
	{ SYS_RXNORM, "723", "Amoxicillin" },
	{ SYS_RXNORM, "10180", "Sulfamethoxazole" },
	{ SYS_RXNORM, "1191", "Aspirin" },
	{ SYS_RXNORM, "2670", "Codeine" },
	SCT("256349002", "Peanut - dietary"),
	SCT("102263004", "Eggs (edible)"),
	SCT("3718001", "Cow's milk"),
	SCT("256277009", "Grass pollen"),
	SCT("288328004", "Bee venom"),
	SCT("111088007", "Latex"),
};
const size_t synth_n_allergen = N_ELEM(synth_allergens);

/* --- vaccines ----------------------------------------------------------- */

const struct synth_vaccine synth_vaccines[] = {
	{ "08", "Hep B, adolescent or pediatric", "00006-4093-01",
	    "66071002", "Type B viral hepatitis", { 0, 1, 6 }, 0 },
	{ "20", "DTaP", "58160-0810-43", "76902006", "Tetanus",
	    { 2, 4, 6, 15, 48 }, 0 },
	{ "48", "Hib (PRP-T)", "58160-0806-01", "91428005",
	    "Haemophilus influenzae infection", { 2, 4, 12 }, 0 },
	{ "10", "IPV", "49281-0860-78", "398102009",
	    "Acute poliomyelitis", { 2, 4, 6, 48 }, 0 },
	{ "133", "Pneumococcal conjugate PCV 13", "00005-1971-01",
	    "16814004", "Pneumococcal infectious disease", { 2, 4, 6, 12 },
	    0 },
	{ "03", "MMR", "00006-4681-01", "14189004", "Measles", { 12, 48 },
	    0 },
	{ "21", "varicella", "00006-4827-01", "38907003", "Varicella",
	    { 12, 48 }, 0 },
	{ "83", "Hep A, ped/adol, 2 dose", "00006-4095-01", "40468003",
	    "Viral hepatitis, type A", { 12, 18 }, 0 },
	{ "115", "Tdap", "58160-0842-41", "27836007", "Pertussis", { 132 },
	    0 },
	{ "114", "meningococcal MCV4P", "49281-0589-58", "23511006",
	    "Meningococcal infectious disease", { 132, 192 }, 0 },
	{ "165", "HPV9", "00006-4121-01", "240532009",
	    "Human papillomavirus infection", { 132, 138 }, 0 },
	{ "113", "Td (adult) preservative free", "49281-0215-58", "76902006",
	    "Tetanus", { 264, 384, 504, 624, 744 }, 0 },
	{ "121", "zoster", "00006-4963-01", "4740000", "Herpes zoster",
	    { 722 }, 0 },
	{ "33", "pneumococcal polysaccharide PPV23", "54868-4320-09",
	    "16814004", "Pneumococcal infectious disease", { 783 }, 0 },
};
const size_t synth_n_vaccine = N_ELEM(synth_vaccines);

/* --- laboratory --------------------------------------------------------- */

/* Rows of a panel stand together; numbers of them are in synth_panels. */
const struct synth_test synth_tests[] = {
	{ "2345-7", "Glucose", "mg/dL", "mg/dL", 0, 70, 99 },
	{ "3094-0", "Urea nitrogen", "mg/dL", "mg/dL", 0, 7, 20 },
	{ "2160-0", "Creatinine", "mg/dL", "mg/dL", 2, 60, 120 },
	{ "17861-6", "Calcium", "mg/dL", "mg/dL", 1, 85, 105 },
	{ "2951-2", "Sodium", "mmol/L", "mmol/L", 0, 135, 145 },
	{ "2823-3", "Potassium", "mmol/L", "mmol/L", 1, 35, 51 },
	{ "2075-0", "Chloride", "mmol/L", "mmol/L", 0, 98, 107 },
	{ "2028-9", "Carbon dioxide, total", "mmol/L", "mmol/L", 0, 22, 29 },
	/* 8: lipids */
	{ "2093-3", "Cholesterol", "mg/dL", "mg/dL", 0, 125, 200 },
	{ "2571-8", "Triglyceride", "mg/dL", "mg/dL", 0, 40, 150 },
	{ "2085-9", "Cholesterol in HDL", "mg/dL", "mg/dL", 0, 40, 80 },
	{ "13457-7", "Cholesterol in LDL (calculated)", "mg/dL", "mg/dL", 0,
	    50, 130 },
	/* 12: blood */
	{ "6690-2", "Leukocytes", "10*3/uL", "10*3/uL", 1, 45, 110 },
	{ "789-8", "Erythrocytes", "10*6/uL", "10*6/uL", 2, 410, 550 },
	{ "718-7", "Hemoglobin", "g/dL", "g/dL", 1, 120, 165 },
	{ "4544-3", "Hematocrit", "%", "%", 1, 360, 490 },
	{ "777-3", "Platelets", "10*3/uL", "10*3/uL", 0, 150, 400 },
	/* 17: the rest stand alone */
	{ "4548-4", "Hemoglobin A1c/Hemoglobin.total", "%", "%", 1, 40, 56 },
	{ "3016-3", "Thyrotropin", "m[IU]/L", "m[IU]/L", 2, 40, 450 },
	{ "14959-1", "Microalbumin/Creatinine in urine", "mg/g", "mg/g", 1,
	    0, 300 },
};

const struct synth_panel synth_panels[PANEL_N] = {
	[PANEL_METABOLIC] = { "51990-0", "Basic metabolic panel", 0, 8 },
	[PANEL_LIPIDS] = { "57698-3", "Lipid panel", 8, 4 },
	[PANEL_BLOOD] = { "58410-2", "CBC panel by automated count", 12, 5 },
	[PANEL_A1C] = { "4548-4", "Hemoglobin A1c", 17, 1 },
	[PANEL_THYROID] = { "3016-3", "Thyrotropin", 18, 1 },
	[PANEL_KIDNEY] = { "14959-1", "Microalbumin/Creatinine in urine", 19,
	    1 },
};
