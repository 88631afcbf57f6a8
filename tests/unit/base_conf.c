/* SPDX-License-Identifier: Apache-2.0 */
#include "base/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define BASE	"base-url = https://fhir.clinic.test/dstu2\n"

static int
open_arena(void **state)
{
	*state = arena_new(0);
	return 0;
}

static int
close_arena(void **state)
{
	arena_free((struct arena **)state);
	return 0;
}

static const struct conf *
good(struct arena *a, const char *text)
{
	struct conf	*c = NULL;
	const char	*why = "?";

	if (conf_parse(a, "/etc/t.conf", "/etc", bytes_str(text), &c, &why) !=
	    OK)
		fail_msg("%s", why);
	return c;
}

static void
bad(struct arena *a, const char *text, const char *want)
{
	struct conf	*c = NULL;
	const char	*why = NULL;

	assert_int_equal(conf_parse(a, "/etc/t.conf", "/etc", bytes_str(text),
	    &c, &why), ERR_CONFIG);
	assert_null(c);
	assert_string_equal(why, want);
}

/* Does the base-url stand, with a reason holding part where it does not? */
static void
url(struct arena *a, const char *text, const char *part)
{
	struct conf	*c;
	const char	*why = NULL, *file;
	enum err	 e;

	file = arena_printf(a, "base-url = %s\n", text);
	e = conf_parse(a, "f", "/", bytes_str(file), &c, &why);
	if (part == NULL && e != OK)
		fail_msg("%s: %s", text, why);
	if (part != NULL && (e != ERR_CONFIG || strstr(why, part) == NULL))
		fail_msg("%s: %s", text, e == OK ? "accepted" : why);
}

static void
defaults_hold(void **state)
{
	const struct conf	*c = good(*state, BASE);
	int			 i;

	assert_bytes(c->text[CONF_BASE_URL], "https://fhir.clinic.test/dstu2");
	assert_int_equal(c->num[CONF_PAGE], 50);
	assert_int_equal(c->num[CONF_TLS_FRONT], 0);
	assert_bytes(c->text[CONF_DATA_DIR], "/etc");
	assert_bytes(c->text[CONF_ISSUER], "");
	assert_int_equal(c->n_list[CONF_BASE_ALIAS], 0);
	for (i = 0; i < CONF__MAX; i++)
		assert_int_equal(c->given[i], i == CONF_BASE_URL);
	assert_string_equal(conf_below(*state, c, "store"), "/etc/store");
}

static void
comments_and_space(void **state)
{
	const struct conf	*c = good(*state, "# a note\n\n \t# more\n"
	    "  base-url\t=  https://h.test/  \r\npage-entries=7\n"
	    "data-dir = var/lib\nbase-alias = https://A.test/x http://b.test");

	assert_bytes(c->text[CONF_BASE_URL], "https://h.test");
	assert_int_equal(c->num[CONF_PAGE], 7);
	assert_bytes(c->text[CONF_DATA_DIR], "/etc/var/lib");
	assert_int_equal(c->n_list[CONF_BASE_ALIAS], 2);
	assert_bytes(c->list[CONF_BASE_ALIAS][0], "https://a.test/x");
	assert_bytes(c->list[CONF_BASE_ALIAS][1], "http://b.test");
	assert_true(c->given[CONF_PAGE]);
}

/* CNF-04 */
static void
unknown_key_names_the_nearest(void **state)
{
	bad(*state, "\nbase-ulr = https://h.test\n", "/etc/t.conf:2: "
	    "unknown key \"base-ulr\"; did you mean \"base-url\"?");
	bad(*state, "zzzzzzzz = 1\n", "/etc/t.conf:1: "
	    "unknown key \"zzzzzzzz\"; tiphys.conf(5) has them all");
}

/* CNF-04 */
static void
wrong_lines(void **state)
{
	bad(*state, BASE "user = a\nuser = a\n",
	    "/etc/t.conf:3: user stands here a second time");
	bad(*state, BASE "user\n",
	    "/etc/t.conf:2: \"key = value\" is wanted");
	bad(*state, BASE "user =\n",
	    "/etc/t.conf:2: user has no value; leave the line out instead");
	bad(*state, BASE "user = a\x01\n",
	    "/etc/t.conf:2: control characters have no place here");
	bad(*state, BASE "user = \xff\n",
	    "/etc/t.conf: the file is not UTF-8");
	bad(*state, "",
	    "/etc/t.conf: base-url is missing and has no default");
}

/* CNF-04 */
static void
wrong_values(void **state)
{
	const char	*pages = "/etc/t.conf:2: page-entries: a number from "
			    "1 to 1000 entries is wanted";

	bad(*state, BASE "page-entries = 0\n", pages);
	bad(*state, BASE "page-entries = 1001\n", pages);
	bad(*state, BASE "page-entries = -1\n", pages);
	bad(*state, BASE "page-entries = 5k\n", pages);
	bad(*state, BASE "page-entries = 99999999999999999999\n", pages);
	bad(*state, BASE "tls-front = true\n",
	    "/etc/t.conf:2: tls-front: \"yes\" or \"no\" is wanted");
	bad(*state, BASE "user = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
	    "/etc/t.conf:2: user: 0 to 32 bytes are wanted");
}

/* The later line is named, also against a default. */
static void
keys_that_contradict(void **state)
{
	bad(*state, BASE "page-entries = 50\npage-entries-max = 20\n",
	    "/etc/t.conf:3: page-entries (50) is more than page-entries-max "
	    "(20)");
	bad(*state, BASE "page-entries-max = 20\n# here:\n"
	    "page-entries = 21\n", "/etc/t.conf:4: page-entries (21) is more "
	    "than page-entries-max (20)");
	bad(*state, BASE "map-bytes-max = 1048576\n", "/etc/t.conf:2: "
	    "map-bytes (268435456) is more than map-bytes-max (1048576)");
	bad(*state, BASE "request-bytes = 4194303\n", "/etc/t.conf:2: "
	    "request-bytes (4194303) is less than four times page-bytes "
	    "(1048576)");
}

static void
list_is_bounded(void **state)
{
	struct arena	*a = *state;
	const char	*s = BASE "base-alias =";
	int		 i;

	for (i = 0; i < 16; i++)
		s = arena_printf(a, "%s https://a%d.test", s, i);
	assert_int_equal(good(a, s)->n_list[CONF_BASE_ALIAS], 16);
	bad(a, arena_printf(a, "%s https://b.test", s),
	    "/etc/t.conf:2: base-alias: at most 16 URLs");
}

/* CNF-03 */
static void
plain_http_only_on_loopback(void **state)
{
	url(*state, "http://localhost:8080/fhir", NULL);
	url(*state, "http://127.0.0.1", NULL);
	url(*state, "http://127.255.3.9:1/x", NULL);
	url(*state, "http://[::1]:8080/fhir", NULL);
	url(*state, "http://clinic.test", "https is wanted");
	url(*state, "http://10.0.0.1", "https is wanted");
	url(*state, "http://127.evil.test", "https is wanted");
	url(*state, "http://127.0.0.1.evil.test", "https is wanted");
	url(*state, "http://127.0.0.256", "https is wanted");
	url(*state, "http://127.0.1", "https is wanted");
	url(*state, "http://localhost.evil.test", "https is wanted");
	url(*state, "http://[::2]", "https is wanted");
	url(*state, "http://clinic.test\ntls-front = yes", NULL);
	url(*state, "https://c.test\nissuer = http://c.test",
	    "issuer: https is wanted");
}

/* CNF-07 */
static void
sample_hosts_are_refused(void **state)
{
	url(*state, "https://example.org", "documentation");
	url(*state, "https://fhir.example.com/x", "documentation");
	url(*state, "https://FHIR.Example.NET", "documentation");
	url(*state, "https://a.example", "documentation");
	url(*state, "https://fhir.invalid:443", "documentation");
	url(*state, "https://example.org./", "documentation");
	url(*state, "https://c.test\nissuer = https://example.org",
	    "issuer: this is a host of documentation");
	url(*state, "https://myexample.org", NULL);
	url(*state, "https://example.org.clinic.test", NULL);
}

static void
urls_have_one_spelling(void **state)
{
	const struct conf	*c = good(*state,
	    "base-url = HTTPS://Fhir.Test:8443/A/b//\n");

	assert_bytes(c->text[CONF_BASE_URL], "https://fhir.test:8443/A/b");
	url(*state, "ftp://c.test", "absolute URL");
	url(*state, "/relative", "absolute URL");
	url(*state, "https://", "absolute URL");
	url(*state, "https://u:p@c.test", "without a user");
	url(*state, "https://c.test:0", "without a user");
	url(*state, "https://c.test:65536", "without a user");
	url(*state, "https://c.test:", "without a user");
	url(*state, "https://[::1", "without a user");
	url(*state, "https://[]", "without a user");
	url(*state, "https://c.test?q=1", "without a user");
	url(*state, "https://c.test/x?q=1", "query");
	url(*state, "https://c.test/x#f", "query");
	url(*state, "https://c.test/a/../b", "dot segment");
	url(*state, "https://c.test/a/./b", "dot segment");
	url(*state, "https://c.test/a//b", "empty segment");
	url(*state, "https://c.test/%2e", "escape");
	url(*state, "https://c.test/a b", "query");
}

/* --- the file --- */

static const char *
file_with(struct arena *a, const char *text, mode_t mode)
{
	char	*path = arena_str(a, bytes_str("/tmp/tiphys-conf-XXXXXX"));
	int	 fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	(void)close(fd);
	return path;
}

static void
file_is_read(void **state)
{
	const char	*path = file_with(*state, BASE, 0644), *why = NULL;
	struct conf	*c = NULL;

	assert_int_equal(conf_load(*state, path, &c, &why), OK);
	assert_string_equal(c->file, path);
	assert_string_equal(c->dir, "/tmp");
	assert_int_equal(setenv("TIPHYS_CONFIG", path, 1), 0);
	c = NULL;
	assert_int_equal(conf_load(*state, NULL, &c, &why), OK);
	assert_string_equal(c->file, path);
	(void)unsetenv("TIPHYS_CONFIG");
	(void)unlink(path);
}

static void
file_that_is_none(void **state)
{
	const char	*why = NULL;
	struct conf	*c = NULL;

	assert_int_equal(conf_load(*state, "/nonexistent/x", &c, &why),
	    ERR_NOTFOUND);
	assert_non_null(strstr(why, "/nonexistent/x: No such file"));
	assert_int_equal(conf_load(*state, "/tmp", &c, &why), ERR_CONFIG);
	assert_string_equal(why, "/tmp: not a regular file");
	assert_null(c);
}

/* Who may write the configuration may name another store and issuer. */
static void
file_anyone_may_write(void **state)
{
	const char	*path = file_with(*state, BASE, 0646), *why = NULL;
	struct conf	*c = NULL;

	assert_int_equal(conf_load(*state, path, &c, &why), ERR_CONFIG);
	assert_non_null(strstr(why, "everybody may write it"));
	(void)unlink(path);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(defaults_hold),
		cmocka_unit_test(comments_and_space),
		cmocka_unit_test(unknown_key_names_the_nearest),
		cmocka_unit_test(wrong_lines),
		cmocka_unit_test(wrong_values),
		cmocka_unit_test(keys_that_contradict),
		cmocka_unit_test(list_is_bounded),
		cmocka_unit_test(plain_http_only_on_loopback),
		cmocka_unit_test(sample_hosts_are_refused),
		cmocka_unit_test(urls_have_one_spelling),
		cmocka_unit_test(file_is_read),
		cmocka_unit_test(file_that_is_none),
		cmocka_unit_test(file_anyone_may_write),
	};

	return cmocka_run_group_tests_name("base_conf", tests, open_arena,
	    close_arena);
}
