/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Units of measure: the published factors, exactly; the grammar; what was
 * meant.  (S09, issue 4: "tested against published factors")
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "fhir/ucum.h"

#define S(text)	bytes_str(text)

static struct ucum
unit(const char *text)
{
	struct ucum	u;
	enum err	e = ucum_parse(S(text), &u);

	if (e != OK)
		fail_msg("%s: error %d", text, (int)e);
	return u;
}

static struct dec
number(const char *text)
{
	struct dec	d;

	assert_int_equal(prim_dec(S(text), &d), OK);
	return d;
}

/* --- the published factors ------------------------------------------------ */

/* a of one unit is b of the other: NIST SP 811, UCUM 2.0 tables. */
static const struct same {
	const char	*a, *one, *b, *other;
} same[] = {
	/* mass: NIST SP 811 B.8 */
	{ "1", "kg", "1000", "g" }, { "1", "mg", "0.001", "g" },
	{ "1", "ug", "0.000001", "g" }, { "1", "ng", "1e-9", "g" },
	{ "1", "pg", "1e-12", "g" }, { "1", "fg", "1e-15", "g" },
	{ "1", "t", "1000", "kg" }, { "1", "[lb_av]", "453.59237", "g" },
	{ "1", "[oz_av]", "28.349523125", "g" },
	{ "16", "[oz_av]", "1", "[lb_av]" },
	{ "1", "[gr]", "64.79891", "mg" }, { "7000", "[gr]", "1", "[lb_av]" },
	{ "1", "[dr_av]", "1.7718451953125", "g" },
	{ "1", "[stone_av]", "6.35029318", "kg" },
	{ "1", "[ston_av]", "907.18474", "kg" },
	{ "1", "[lton_av]", "1016.0469088", "kg" },
	{ "1", "[scwt_av]", "45.359237", "kg" },
	{ "1", "[lcwt_av]", "50.80234544", "kg" },
	{ "1", "[oz_tr]", "31.1034768", "g" },
	{ "1", "[lb_tr]", "373.2417216", "g" },
	{ "1", "[pwt_tr]", "1.55517384", "g" },
	{ "1", "[oz_ap]", "31.1034768", "g" },
	{ "1", "[dr_ap]", "3.8879346", "g" },
	{ "1", "[sc_ap]", "1.2959782", "g" },
	{ "1", "[lb_ap]", "12", "[oz_ap]" }, { "1", "[car_m]", "200", "mg" },
	{ "1", "u", "1.6605402e-24", "g" },
	/* length */
	{ "1", "km", "1000", "m" }, { "1", "cm", "0.01", "m" },
	{ "1", "mm", "0.1", "cm" }, { "1", "um", "1e-6", "m" },
	{ "1", "nm", "1e-9", "m" }, { "1", "Ao", "0.1", "nm" },
	{ "1", "[in_i]", "2.54", "cm" }, { "1", "[ft_i]", "30.48", "cm" },
	{ "12", "[in_i]", "1", "[ft_i]" }, { "1", "[yd_i]", "0.9144", "m" },
	{ "1", "[mi_i]", "1.609344", "km" }, { "1", "[nmi_i]", "1852", "m" },
	{ "1", "[hd_i]", "10.16", "cm" }, { "3937", "[ft_us]", "1200", "m" },
	{ "12", "[in_us]", "1", "[ft_us]" },
	{ "3", "[ft_us]", "1", "[yd_us]" }, { "3", "[Ch]", "1", "mm" },
	/* area */
	{ "1", "m2", "10000", "cm2" }, { "1", "ar", "100", "m2" },
	{ "1", "har", "10000", "m2" }, { "1", "[sin_i]", "6.4516", "cm2" },
	{ "1", "[sft_i]", "929.0304", "cm2" },
	{ "1", "[syd_i]", "0.83612736", "m2" }, { "1", "b", "1e-28", "m2" },
	/* volume */
	{ "1", "L", "1", "l" }, { "1", "L", "1", "dm3" },
	{ "1", "m3", "1000", "L" }, { "1", "mL", "1", "cm3" },
	{ "1", "dL", "100", "mL" }, { "1", "uL", "1", "mm3" },
	{ "1", "fL", "1", "um3" }, { "1", "[cin_i]", "16.387064", "mL" },
	{ "1", "[cft_i]", "28.316846592", "L" },
	{ "1", "[cyd_i]", "764.554857984", "L" },
	{ "1", "[gal_us]", "3.785411784", "L" },
	{ "4", "[qt_us]", "1", "[gal_us]" },
	{ "1", "[qt_us]", "946.352946", "mL" },
	{ "1", "[pt_us]", "473.176473", "mL" },
	{ "1", "[gil_us]", "118.29411825", "mL" },
	{ "1", "[foz_us]", "29.5735295625", "mL" },
	{ "1", "[fdr_us]", "3.6966911953125", "mL" },
	{ "60", "[min_us]", "1", "[fdr_us]" },
	{ "1", "[tbs_us]", "14.78676478125", "mL" },
	{ "1", "[tsp_us]", "4.92892159375", "mL" },
	{ "3", "[tsp_us]", "1", "[tbs_us]" },
	{ "1", "[cup_us]", "236.5882365", "mL" },
	{ "1", "[foz_m]", "30", "mL" }, { "1", "[cup_m]", "240", "mL" },
	{ "1", "[tsp_m]", "5", "mL" }, { "1", "[tbs_m]", "15", "mL" },
	{ "1", "[gal_br]", "4.54609", "L" },
	{ "1", "[qt_br]", "1.1365225", "L" },
	{ "1", "[pt_br]", "568.26125", "mL" },
	{ "1", "[gil_br]", "142.0653125", "mL" },
	{ "1", "[foz_br]", "28.4130625", "mL" },
	{ "8", "[fdr_br]", "1", "[foz_br]" },
	{ "60", "[min_br]", "1", "[fdr_br]" }, { "20", "[drp]", "1", "mL" },
	/* time */
	{ "1", "min", "60", "s" }, { "1", "h", "3600", "s" },
	{ "1", "d", "24", "h" }, { "1", "wk", "7", "d" },
	{ "1", "a", "365.25", "d" }, { "1", "a_j", "365.25", "d" },
	{ "1", "a_g", "365.2425", "d" }, { "1", "a_t", "365.24219", "d" },
	{ "12", "mo", "1", "a" }, { "1", "mo", "30.4375", "d" },
	{ "12", "mo_g", "1", "a_g" }, { "1", "mo_s", "29.53059", "d" },
	{ "1", "ms", "0.001", "s" }, { "60", "/min", "1", "Hz" },
	{ "1", "/h", "24", "/d" }, { "1", "{beats}/min", "1", "/min" },
	/* temperature */
	{ "0", "Cel", "273.15", "K" }, { "37", "Cel", "310.15", "K" },
	{ "-273.15", "Cel", "0", "K" }, { "37", "Cel", "98.6", "[degF]" },
	{ "100", "Cel", "212", "[degF]" }, { "0", "Cel", "32", "[degF]" },
	{ "-40", "Cel", "-40", "[degF]" },
	{ "38.5", "Cel", "101.3", "[degF]" },
	{ "-459.67", "[degF]", "0", "K" }, { "1.8", "[degR]", "1", "K" },
	{ "37000", "mCel", "37", "Cel" },
	/* pressure */
	{ "1", "mm[Hg]", "133.3220", "Pa" },
	{ "120", "mm[Hg]", "15.99864", "kPa" },
	{ "1", "cm[H2O]", "98.0665", "Pa" },
	{ "1", "m[H2O]", "9.80665", "kPa" }, { "1", "atm", "101325", "Pa" },
	{ "1", "bar", "100000", "Pa" }, { "1", "mbar", "1", "hPa" },
	{ "1", "att", "98066.5", "Pa" },
	{ "1", "[in_i'Hg]", "25.4", "mm[Hg]" },
	{ "1", "[in_i'H2O]", "2.54", "cm[H2O]" },
	{ "64516", "[psi]", "444822161.52605", "Pa" },
	{ "1", "[PRU]", "1", "mm[Hg].s/mL" },
	{ "1", "[wood'U]", "1", "mm[Hg].min/L" },
	{ "60", "[PRU]", "1000", "[wood'U]" },
	/* force, energy, power */
	{ "1", "N", "1", "kg.m/s2" }, { "1", "dyn", "1e-5", "N" },
	{ "1", "gf", "9.80665e-3", "N" },
	{ "1", "[lbf_av]", "4.4482216152605", "N" },
	{ "1", "[g]", "9.80665", "m/s2" }, { "1", "J", "1", "N.m" },
	{ "1", "erg", "1e-7", "J" }, { "1", "cal", "4.184", "J" },
	{ "1", "kcal", "4184", "J" }, { "1", "[Cal]", "1", "kcal" },
	{ "1", "cal_th", "4.184", "J" }, { "1", "cal_IT", "4.1868", "J" },
	{ "1", "cal_[15]", "4.18580", "J" },
	{ "1", "cal_[20]", "4.18190", "J" }, { "1", "cal_m", "4.19002", "J" },
	{ "1", "[Btu]", "1054.35", "J" }, { "1", "W", "1", "J/s" },
	{ "1", "eV", "1.60217733e-19", "J" }, { "1", "W.h", "3600", "J" },
	{ "1", "P", "0.1", "Pa.s" }, { "1", "cP", "1", "mPa.s" },
	{ "1", "St", "1", "cm2/s" }, { "1", "cSt", "1", "mm2/s" },
	/* electricity, light */
	{ "1", "A", "1", "C/s" }, { "1", "V", "1", "W/A" },
	{ "1", "Ohm", "1", "V/A" }, { "1", "S", "1", "A/V" },
	{ "1", "mho", "1", "S" }, { "1", "F", "1", "C/V" },
	{ "1", "Wb", "1", "V.s" }, { "1", "T", "1", "Wb/m2" },
	{ "1", "H", "1", "Wb/A" }, { "1", "lx", "1", "lm/m2" },
	/* radiation */
	{ "1", "Bq", "1", "/s" }, { "1", "Ci", "37", "GBq" },
	{ "1", "mCi", "37", "MBq" }, { "1", "Gy", "1", "J/kg" },
	{ "1", "RAD", "0.01", "Gy" }, { "1", "rad", "1000", "mrad" },
	{ "1", "REM", "10", "mSv" }, { "1", "R", "2.58e-4", "C/kg" },
	/* substance and activity */
	{ "1", "mol", "1000", "mmol" }, { "1", "mmol/L", "1", "umol/mL" },
	{ "1", "mmol/L", "1", "mol/m3" },
	{ "140", "mmol/L", "0.14", "mol/L" }, { "1", "kat", "1", "mol/s" },
	{ "1", "U", "1", "umol/min" }, { "60", "U", "1", "umol/s" },
	{ "6", "U/L", "100", "nkat/L" }, { "1", "meq/L", "1", "ueq/mL" },
	{ "1", "mosm/kg", "1", "osm/t" }, { "1", "[IU]", "1", "[iU]" },
	{ "1", "k[iU]", "1000", "[iU]" }, { "1", "u[iU]/mL", "1", "m[iU]/L" },
	{ "1", "m[IU]/mL", "1", "[iU]/L" },
	/* concentration and the like */
	{ "1", "g/dL", "10", "g/L" }, { "100", "mg/dL", "1", "g/L" },
	{ "1", "ng/mL", "1", "ug/L" }, { "1", "ug/dL", "10", "ng/mL" },
	{ "1", "pg/mL", "1", "ng/L" }, { "1", "mg/L", "1", "ug/mL" },
	{ "1", "g%", "1", "g/dL" }, { "1", "%", "0.01", "1" },
	{ "1", "%", "10", "[ppth]" }, { "1", "[ppm]", "1000", "[ppb]" },
	{ "1", "[ppb]", "1000", "[pptr]" },
	{ "1", "%", "1", "{percent}/100" }, { "1", "10*3/uL", "1", "10*9/L" },
	{ "1", "10^3/uL", "1", "10*3/uL" },
	{ "4.5", "10*6/uL", "4.5", "10*12/L" }, { "1", "/uL", "1", "10*6/L" },
	{ "1", "/[HPF]", "100", "/[LPF]" }, { "1", "mL/min", "60", "mL/h" },
	{ "1", "mL/min/{1.73_m2}", "1", "mL/min" },
	{ "1", "mL/kg/h", "1", "L/t/h" }, { "1", "kg/m2", "0.1", "g/cm2" },
	{ "1", "mm/h", "24", "mm/d" }, { "1", "[MET]", "3.5", "mL/kg/min" },
	{ "1", "[diop]", "1", "/m" }, { "1", "[kn_i]", "1852", "m/h" },
	{ "1", "[S]", "1e-13", "s" }, { "60", "'", "1", "deg" },
	{ "60", "''", "1", "'" }, { "1", "By", "8", "bit" },
	{ "2", "(mg.L)/(dL.s)", "20", "mg/s" }, { "1", "m/s/s", "1", "m/s2" },
	{ "1", "mg/(kg.d)", "1", "mg/kg/d" }, { "1", "10*-3", "0.001", "1" },
	{ "1", "dB", "0.1", "B" },
};

static void
published_factors_are_exact(void **state)
{
	(void)state;
	assert_true(N_ELEM(same) >= 150);
	for (size_t i = 0; i < N_ELEM(same); i++) {
		struct ucum	u = unit(same[i].one), v = unit(same[i].other);
		struct dec	a = ucum_scale(&u, number(same[i].a));
		struct dec	b = ucum_scale(&v, number(same[i].b));

		if (!ucum_same(&u, &v) || dec_cmp(&a, &b) != 0)
			fail_msg("%s %s is not %s %s", same[i].a, same[i].one,
			    same[i].b, same[i].other);
		/* and no other number: one digit more differs */
		b = prim_dec_next(b);
		assert_int_not_equal(dec_cmp(&a, &b), 0);
	}
}

/* --- what is no unit, and what is too much -------------------------------- */

static void
only_ucum_is_read(void **state)
{
	static const char *const good[] = { "1", "10*", "10*-12", "m", "m2",
	    "m+2", "m-2", "/m", "/100{WBC}", "{cells}/uL", "{a}", "{a}.{b}",
	    "mL/min/{1.73_m2}", "kg{wet'tis}", "(g/m)/s", "((((g))))",
	    "umol/g{creat}", "g.m/s2", "[in_i'H2O]", "mm[Hg]", "10.mL",
	    "/(10*3.L)", "dB[SPL]", "m[iU]/L", "%", "%{sat}", "Cel{oral}",
	    "[degF]", "[pH]", "100.mg", "{'\"'}" };
	static const char *const bad[] = { "", " ", "mg ", " mg", "m g",
	    "mmHg", "bpm", "lbs", "in", "[in", "in]", "[]", "{", "}", "{a",
	    "a}", "{{a}}",
	    "m0", "m-", "m+", "m--1", "0", "0.m", "m..s", "m//s", "m/", "m.",
	    "()", "(m", "m)", "(", ")", "m(s)", "k[in_i]", "kmin", "k", "da",
	    "kkg", "mm[Hg", "10**", "m^2", "m\303\251", "\302\265g",
	    "{\303\251}",
	    "{a b}", "x", "MG", "Kg", "1.5.", ".m", "m\001" };
	struct ucum	u;

	(void)state;
	for (size_t i = 0; i < N_ELEM(good); i++)
		(void)unit(good[i]);
	for (size_t i = 0; i < N_ELEM(bad); i++)
		if (ucum_parse(S(bad[i]), &u) != ERR_SYNTAX)
			fail_msg("'%s' is no syntax error", bad[i]);
	assert_int_equal(ucum_parse(bytes_of("m\0s", 3), &u), ERR_SYNTAX);
	assert_int_equal(ucum_parse(bytes_of(NULL, 0), &u), ERR_SYNTAX);
}

static void
what_cannot_be_computed_is_an_error(void **state)
{
	static const char *const far[] = { "m100", "m-100", "m99.m99",
	    "99999999999999999999", "[lb_av]99", "Cel.m", "Cel/min", "m.Cel",
	    "/Cel", "Cel2", "(Cel)", "[degF]2", "2.Cel",
	    "(((((((((m)))))))))", "g.m.s.K.C.cd.rad",
	    "999999999999999999.999999999999999999" };
	char		 text[UCUM_LEN_MAX + 2];
	struct ucum	 u;

	(void)state;
	for (size_t i = 0; i < N_ELEM(far); i++)
		if (ucum_parse(S(far[i]), &u) != ERR_VALUE)
			fail_msg("'%s' is no value error", far[i]);
	memset(text, 'm', sizeof(text));
	assert_int_equal(ucum_parse(bytes_of(text, UCUM_LEN_MAX + 1), &u),
	    ERR_VALUE);
	assert_int_equal(ucum_parse(bytes_of(text, UCUM_LEN_MAX), &u),
	    ERR_SYNTAX);
}

/* --- dimensions ----------------------------------------------------------- */

static void
what_differs_in_kind_is_not_compared(void **state)
{
	static const char *const pairs[][2] = {
	{ "mmol/L", "mg/dL" },		/* wants a molar mass */
	{ "mmol/L", "meq/L" },		/* wants a valence */
	{ "mmol/L", "mosm/L" }, { "U/L", "[iU]/L" }, { "[iU]", "[arb'U]" },
	{ "g", "m" }, { "m", "m2" }, { "Cel", "J" }, { "[pH]", "1" },
	{ "deg", "rad" }, { "dB", "1" }, { "mm[Hg]", "mm" }, { "B", "Np" },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEM(pairs); i++) {
		struct ucum	a = unit(pairs[i][0]), b = unit(pairs[i][1]);

		assert_false(ucum_same(&a, &b));
	}
}

static void
names_are_base_units(void **state)
{
	static const char *const rows[][2] = {
	{ "mg/dL", "g.m-3" }, { "mm[Hg]", "g.m-1.s-2" }, { "%", "1" },
	{ "{beats}/min", "s-1" }, { "Cel", "K" }, { "kat", "s-1.mol" },
	{ "[iU]/mL", "m-3.[iU]" }, { "cm", "m" }, { "[IU]", "[iU]" },
	};
	char	room[UCUM_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < N_ELEM(rows); i++) {
		struct ucum	u = unit(rows[i][0]);
		struct bytes	name = ucum_name(&u, room);

		if (!bytes_is(name, rows[i][1]))
			fail_msg("%s: %.*s", rows[i][0], BYTES_FMT(name));
	}
}

/* --- rounding ------------------------------------------------------------- */

/* 61/60 has no end, and is the same by whatever way one comes to it. */
static void
endless_fractions_meet(void **state)
{
	struct ucum	min = unit("/min"), h = unit("/h"), f = unit("[degF]");
	struct ucum	week = unit("/wk");
	struct dec	a = ucum_scale(&min, number("61"));
	struct dec	b = ucum_scale(&h, number("3660"));
	struct dec	c = ucum_scale(&week, number("614880"));

	(void)state;
	assert_int_equal(dec_cmp(&a, &b), 0);
	assert_int_equal(dec_cmp(&a, &c), 0);
	b = ucum_scale(&h, number("3660.0000000000000000000000001"));
	assert_true(dec_cmp(&a, &b) < 0);
	b = ucum_scale(&h, number("3659.9999999999999999999999999"));
	assert_true(dec_cmp(&a, &b) > 0);
	/* up, from either side of zero */
	a = ucum_scale(&min, number("1"));
	b = number("0.01666666666666666666666666666666666");
	assert_true(dec_cmp(&a, &b) > 0);
	a = ucum_scale(&min, number("-1"));
	b = number("-0.01666666666666666666666666666666666");
	assert_true(dec_cmp(&a, &b) >= 0);
	a = ucum_scale(&f, number("99"));
	b = ucum_scale(&f, number("99.00000000000000000000000000001"));
	assert_true(dec_cmp(&a, &b) < 0);
}

/* An inclusive end is the number right above: it stays above. */
static void
what_lies_above_stays_above(void **state)
{
	static const char *const units[] = { "mg", "[lb_av]", "Cel", "[degF]",
	    "/min", "m[Hg]", "1", "wk", "10*-9" };
	static const char *const numbers[] = { "5", "-5", "0", "0.1", "99",
	    "-40", "-273.15", "1e30", "-1e-30", "1234567890.123456789",
	    "9.99999999999999999999999999999999" };

	(void)state;
	for (size_t i = 0; i < N_ELEM(units); i++)
		for (size_t j = 0; j < N_ELEM(numbers); j++) {
			struct ucum	u = unit(units[i]);
			struct dec	d = number(numbers[j]);
			struct dec	x = ucum_scale(&u, d), y;

			y = ucum_scale(&u, prim_dec_next(d));
			if (dec_cmp(&x, &y) >= 0)
				fail_msg("%s %s", numbers[j], units[i]);
		}
}

static void
open_ends_stay_open(void **state)
{
	struct ucum	u = unit("[degF]");
	struct dec	lo = ucum_scale(&u, prim_dec_min);
	struct dec	hi = ucum_scale(&u, prim_dec_max);

	(void)state;
	assert_int_equal(dec_cmp(&lo, &prim_dec_min), 0);
	assert_int_equal(dec_cmp(&hi, &prim_dec_max), 0);
	lo = ucum_scale(&u, number("-9e9998"));
	assert_true(dec_cmp(&lo, &prim_dec_min) > 0);
	hi = ucum_scale(&u, number("9e9998"));
	assert_true(dec_cmp(&hi, &prim_dec_max) < 0);
	assert_true(dec_cmp(&lo, &hi) < 0);
}

/* Random numbers keep their order in every unit, and in one of two. */
static void
order_is_kept(void **state)
{
	static const char *const units[] = { "g", "ug", "[oz_av]", "/min",
	    "Cel", "[degF]", "m[Hg]", "a" };
	uint64_t	seed = 88172645463325252u;
	struct dec	last = { { 0 } }, last_scaled[N_ELEM(units)];

	(void)state;
	memset(last_scaled, 0, sizeof(last_scaled));
	for (int i = 0; i < 20000; i++) {
		char		text[40];
		struct dec	d;

		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		snprintf(text, sizeof(text), "%s%u.%u", (seed & 1) != 0 ? "-" :
		    "", (unsigned)(seed >> 1 & 0xff), (unsigned)(seed >> 32));
		d = number(text);
		for (size_t k = 0; k < N_ELEM(units); k++) {
			struct ucum	u = unit(units[k]);
			struct dec	s = ucum_scale(&u, d);
			int		want = dec_cmp(&last, &d);
			int		got = dec_cmp(&last_scaled[k], &s);

			if (i > 0 && (want < 0) != (got < 0))
				fail_msg("%s %s", text, units[k]);
			last_scaled[k] = s;
		}
		last = d;
	}
}

/* --- what was meant ------------------------------------------------------- */

static void
common_mistakes_are_known(void **state)
{
	static const char *const rows[][2] = {
	{ "mmHg", "mm[Hg]" }, { "mm Hg", "mm[Hg]" }, { "MMHG", "mm[Hg]" },
	{ "bpm", "/min" }, { "beats/min", "/min" }, { "lbs", "[lb_av]" },
	{ "C", "Cel" }, { "F", "[degF]" }, { "\302\260C", "Cel" },
	{ "kgs", "kg" }, { "inches", "[in_i]" }, { "mcg", "ug" },
	{ "\302\265g", "ug" }, { "IU", "[iU]" }, { "K/uL", "10*3/uL" },
	{ "M/uL", "10*6/uL" }, { "kg/m^2", "kg/m2" }, { "Years", "a" },
	{ "mL/min/1.73m2", "mL/min/{1.73_m2}" }, { "percent", "%" },
	{ "nonsense", NULL }, { "", NULL }, { "mg", NULL },
	};

	(void)state;
	for (size_t i = 0; i < N_ELEM(rows); i++) {
		const char	*got = ucum_near(S(rows[i][0]));

		if (rows[i][1] == NULL)
			assert_null(got);
		else if (got == NULL || strcmp(got, rows[i][1]) != 0)
			fail_msg("%s: %s", rows[i][0], got);
		if (got != NULL)
			(void)unit(got);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(published_factors_are_exact),
		cmocka_unit_test(only_ucum_is_read),
		cmocka_unit_test(what_cannot_be_computed_is_an_error),
		cmocka_unit_test(what_differs_in_kind_is_not_compared),
		cmocka_unit_test(names_are_base_units),
		cmocka_unit_test(endless_fractions_meet),
		cmocka_unit_test(what_lies_above_stays_above),
		cmocka_unit_test(open_ends_stay_open),
		cmocka_unit_test(order_is_kept),
		cmocka_unit_test(common_mistakes_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
