/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth_keys.c -- files of private keys: whole, private, our own.  (L3)
 */
#include "tests/unit/unit.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/keys.h"
#include "base/text.h"

/* RFC 8037 appendix A. */
#define RFC_D	"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
#define RFC_KID	"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new(0);
	return sodium_init() < 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static struct bytes
unb64(const char *text)
{
	struct bytes out;

	assert_int_equal(text_unb64url(a, bytes_str(text), &out), OK);
	return out;
}

static const char *
fresh_dir(void)
{
	char *dir = arena_str(a, bytes_str("/tmp/tiphys-keys-XXXXXX"));

	assert_non_null(mkdtemp(dir));
	return dir;
}

static const char *
made_key(const char *dir)
{
	char kid[JOSE_KID_LEN + 1];
	uint8_t pub[32];

	assert_int_equal(keys_write(a, dir, unb64(RFC_D).p, kid, pub), OK);
	assert_string_equal(kid, RFC_KID);
	return arena_printf(a, "%s/%s.jwk", dir, kid);
}

static enum err
read_key(const char *dir)
{
	const uint8_t *secret;
	enum err e = keys_read(a, dir, bytes_str(RFC_KID), &secret);

	if (e == OK)
		assert_memory_equal(secret, unb64(RFC_D).p, 32);
	return e;
}

static void
clean(const char *dir, const char *path)
{
	(void)unlink(path);
	assert_int_equal(rmdir(dir), 0);
}

static void
key_file_is_private_and_never_overwritten(void **state)
{
	const char *dir = fresh_dir(), *path = made_key(dir), *why;
	char kid[JOSE_KID_LEN + 1];
	uint8_t pub[32];
	struct stat st;

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(read_key(dir), OK);
	assert_true(keys_has(a, dir, bytes_str(RFC_KID)));
	assert_false(keys_has(a, dir, bytes_str("../" RFC_KID)));
	assert_int_equal(keys_write(a, dir, unb64(RFC_D).p, kid, pub),
	    ERR_CONFLICT);
	assert_int_equal(keys_check(a, dir, true, false, &why), OK);
	clean(dir, path);
}

static void
open_key_is_refused(void **state)		/* CRY-03, DB-09 */
{
	const char *dir = fresh_dir(), *path = made_key(dir), *why = NULL;

	(void)state;
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(read_key(dir), ERR_CONFIG);
	assert_int_equal(keys_check(a, dir, true, false, &why), ERR_CONFIG);
	assert_non_null(strstr(why, path));
	assert_int_equal(keys_check(a, dir, false, false, &why), ERR_CONFIG);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(chmod(dir, 0710), 0);
	assert_int_equal(keys_check(a, dir, true, false, &why), ERR_CONFIG);
	assert_int_equal(keys_check(a, dir, false, false, &why), ERR_CONFIG);
	assert_int_equal(chmod(dir, 0700), 0);
	assert_int_equal(keys_check(a, dir, false, false, &why), OK);
	clean(dir, path);
}

static void
linked_key_is_refused(void **state)
{
	const char *dir = fresh_dir(), *path = made_key(dir), *why = NULL;
	const char *other = arena_printf(a, "%s/real", dir);
	const char *alias = arena_printf(a, "%s-link", dir);

	(void)state;
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(read_key(dir), ERR_CONFIG);
	assert_int_equal(keys_check(a, dir, true, false, &why), ERR_CONFIG);
	assert_false(keys_has(a, dir, bytes_str(RFC_KID)));
	assert_int_equal(unlink(other), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(dir, alias), 0);
	assert_int_equal(keys_check(a, alias, true, false, &why),
	    ERR_CONFIG);
	assert_int_equal(unlink(alias), 0);
	clean(dir, path);
	assert_int_equal(keys_check(a, dir, true, false, &why),
	    ERR_NOTFOUND);
	assert_int_equal(read_key(dir), ERR_NOTFOUND);
}

static void
changed_key_is_refused(void **state)
{
	const char *dir = fresh_dir(), *path = made_key(dir);
	char text[256];
	size_t n, i;
	FILE *f;

	(void)state;
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof text, f);
	fclose(f);
	for (i = 0; i < n; i += 7) {
		char old = text[i];

		text[i] = old == 'A' ? 'B' : 'A';
		f = fopen(path, "w");
		assert_non_null(f);
		assert_int_equal(fwrite(text, 1, n, f), n);
		fclose(f);
		assert_int_equal(read_key(dir), ERR_CONFIG);
		text[i] = old;
	}
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(read_key(dir), ERR_CONFIG);
	clean(dir, path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_file_is_private_and_never_overwritten),
		cmocka_unit_test(open_key_is_refused),
		cmocka_unit_test(linked_key_is_refused),
		cmocka_unit_test(changed_key_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
