/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi_cookie.c -- what is read of cookies, and how they are set.
 *
 * Attack case LOG-07.
 */
#include "tests/unit/unit.h"

#include "base/attr.h"
#include "fcgi/cookie.h"

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new(0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static const char *
find(const char *header, bool tls)
{
	return arena_str(a, cookie_find(bytes_str(header), COOKIE_SESSION,
	    tls));
}

static const char *
set(enum cookie which, bool tls, const char *value)
{
	struct buf b = buf_on(a, 1024);
	struct bytes out;

	cookie_set(&b, which, tls, bytes_str(value));
	assert_int_equal(buf_end(&b, &out), OK);
	return arena_str(a, out);
}

static void
test_one_among_others(void **state)
{
	(void)state;
	assert_string_equal(find("a=1; __Host-tiphys=tsb_x; b=2", true),
	    "tsb_x");
	assert_string_equal(find("__Host-tiphys=x", true), "x");
	assert_string_equal(find("b=2;\t__Host-tiphys=x=y", true), "x=y");
}

/* A subdomain can set "tiphys" for us, but no "__Host-tiphys". */
static void
test_names_do_not_mix(void **state)
{
	(void)state;
	assert_string_equal(find("tiphys=evil", true), "");
	assert_string_equal(find("__Host-tiphys=x", false), "");
	assert_string_equal(find("__Host-tiphys-device=x", true), "");
	assert_string_equal(find("x__Host-tiphys=x", true), "");
	assert_string_equal(find("__host-tiphys=x", true), "");
	assert_string_equal(find("tiphys=x", false), "x");
}

static void
test_twice_is_none(void **state)
{
	(void)state;
	assert_string_equal(find("tiphys=a; tiphys=b", false), "");
	assert_string_equal(find("tiphys=a; tiphys=a", false), "");
}

static void
test_odd_headers(void **state)
{
	static const char *const odd[] = { "", ";", "=", "tiphys", "tiphys;",
	    ";;;=;", " ", "tiphys =x", "\"tiphys\"=x" };
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(odd); i++)
		assert_string_equal(find(odd[i], false), "");
}

static void
test_attributes(void **state)
{
	(void)state;
	assert_string_equal(set(COOKIE_SESSION, true, "v"),
	    "Set-Cookie: __Host-tiphys=v; Path=/; HttpOnly; SameSite=Lax; "
	    "Secure\r\n");
	assert_string_equal(set(COOKIE_DEVICE, true, "v"),
	    "Set-Cookie: __Host-tiphys-device=v; Path=/; HttpOnly; "
	    "SameSite=Lax; Secure; Max-Age=31536000\r\n");
	assert_string_equal(set(COOKIE_SESSION, false, "v"),
	    "Set-Cookie: tiphys=v; Path=/; HttpOnly; SameSite=Lax\r\n");
	assert_string_equal(set(COOKIE_SESSION, true, ""),
	    "Set-Cookie: __Host-tiphys=; Path=/; HttpOnly; SameSite=Lax; "
	    "Secure; Max-Age=0\r\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_among_others),
		cmocka_unit_test(test_names_do_not_mix),
		cmocka_unit_test(test_twice_is_none),
		cmocka_unit_test(test_odd_headers),
		cmocka_unit_test(test_attributes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
