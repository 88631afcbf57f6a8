/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.c -- files of private keys, and the memory they are read to.  (L3)
 *
 * Secrets lie in pages of sodium_malloc alone: no struct buf, no Jansson
 * tree ever holds one.  A file is read by making the text its seed would
 * give and comparing all of it: an edited kid or public key cannot pass.
 */
#include "auth/keys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_LEN	64	/* seed and public key, libsodium's form */
#define B64_LEN		43	/* 32 bytes in base64url */
#define FILE_MAX	256	/* bytes; ours have 210 */
#define OTHERS		077	/* permission bits nobody may have */

/* --- memory --------------------------------------------------------------- */

static void
drop_secret(void *p)
{
	sodium_free(p);
}

void *
keys_secret(struct arena *a, size_t len)
{
	void *p = sodium_malloc(len);

	if (p != NULL)
		arena_defer(a, drop_secret, p);
	return p;
}

/* --- the folder --------------------------------------------------------- */

/* NULL: sound.  what is "the folder" or "the key file". */
static const char *
fault_of(const struct stat *st, bool mine)
{
	if ((st->st_mode & OTHERS) != 0)
		return "others than its owner may use it";
	if (mine && st->st_uid != geteuid())
		return "it belongs to another user";
	return NULL;
}

static enum err
say(struct arena *a, enum err err, const char *path, const char *what,
    const char *remedy, const char **why_out)
{
	*why_out = arena_printf(a, "%s: %s; %s", path, what, remedy);
	return err;
}

static bool
is_key_name(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && (strcmp(name + len - 4, ".jwk") == 0 ||
	    strcmp(name + len - 4, ".pem") == 0);
}

/* The first key file that is not as it should be; what is wrong, or NULL. */
static const char *
bad_file(DIR *folder, bool mine, const char **name_out)
{
	const struct dirent *d;
	const char *what;
	struct stat st;

	for (d = readdir(folder); d != NULL; d = readdir(folder)) {
		if (!is_key_name(d->d_name) || fstatat(dirfd(folder),
		    d->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		*name_out = d->d_name;
		what = S_ISREG(st.st_mode) ? fault_of(&st, mine) :
		    "it is not a regular file";
		if (what != NULL)
			return what;
	}
	return NULL;
}

static enum err
check_files(struct arena *a, const char *dir, bool mine,
    const char **why_out)
{
	const char *what, *name = "";
	enum err e = OK;
	DIR *folder = opendir(dir);

	/* Another user's keys: that we cannot look is as it should be. */
	if (folder == NULL && errno == EACCES && !mine)
		return OK;
	if (folder == NULL)
		return say(a, ERR_STORE, dir, strerror(errno),
		    "make it readable to its owner", why_out);
	what = bad_file(folder, mine, &name);
	if (what != NULL)
		e = say(a, ERR_CONFIG, arena_printf(a, "%s/%s", dir, name),
		    what, "chmod 600, and make a new key if others may have "
		    "read it", why_out);
	closedir(folder);
	return e;
}

enum err
keys_check(struct arena *a, const char *dir, bool mine, bool create,
    const char **why_out)
{
	const char *what;
	struct stat st;

	if (create && mkdir(dir, 0700) != 0 && errno != EEXIST)
		return say(a, ERR_STORE, dir, strerror(errno),
		    "make the folder above it writable", why_out);
	if (lstat(dir, &st) != 0 && !mine)
		return OK;	/* kept elsewhere, as it may be */
	if (lstat(dir, &st) != 0)
		return say(a, ERR_NOTFOUND, dir, strerror(errno),
		    "make it with \"tiphys init\"", why_out);
	if (!S_ISDIR(st.st_mode))
		return say(a, ERR_CONFIG, dir, "it is not a folder",
		    "put a real folder there, no link", why_out);
	what = fault_of(&st, mine);
	if (what != NULL)
		return say(a, ERR_CONFIG, dir, what,
		    "chmod 700, and make a new key if others may have "
		    "read one", why_out);
	return check_files(a, dir, mine, why_out);
}

/* --- files ---------------------------------------------------------------- */

static char *
file_of(struct arena *a, const char *dir, struct bytes kid)
{
	return arena_printf(a, "%s/%.*s.jwk", dir, BYTES_FMT(kid));
}

bool
keys_has(struct arena *a, const char *dir, struct bytes kid)
{
	struct stat st;

	return jose_kid_ok(kid) && lstat(file_of(a, dir, kid), &st) == 0 &&
	    S_ISREG(st.st_mode);
}

static void
b64(char out[static B64_LEN + 1], const uint8_t in[static JOSE_KEY_LEN])
{
	sodium_bin2base64(out, B64_LEN + 1, in, JOSE_KEY_LEN,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/*
 * The text of the file of a key; its length.  text has FILE_MAX bytes and
 * is secret memory, and so is d's.
 */
static size_t
write_text(char *text, char *d, const uint8_t *secret,
    char kid_out[static JOSE_KID_LEN + 1])
{
	const uint8_t *pub = secret + JOSE_KEY_LEN;
	char x[B64_LEN + 1];

	jose_kid(pub, kid_out);
	b64(x, pub);
	b64(d, secret);
	return (size_t)snprintf(text, FILE_MAX, "{\"kty\":\"OKP\","
	    "\"crv\":\"Ed25519\",\"alg\":\"EdDSA\",\"use\":\"sig\","
	    "\"kid\":\"%s\",\"x\":\"%s\",\"d\":\"%s\"}\n", kid_out, x, d);
}

static bool
write_all(int fd, const char *p, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return fsync(fd) == 0;
}

static bool
sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok;

	if (fd < 0)
		return false;
	ok = fsync(fd) == 0;
	close(fd);
	return ok;
}

static enum err
from_errno(int no)
{
	return no == ENOSPC || no == EDQUOT ? ERR_FULL : ERR_STORE;
}

/*
 * By a name of its own first, then link(2): the file under its real name
 * is whole from the first moment, and an older one is never overwritten.
 */
enum err
keys_put(struct arena *a, const char *dir, const char *name,
    const char *text, size_t len)
{
	const char *path = arena_printf(a, "%s/%s", dir, name);
	const char *temp = arena_printf(a, "%s.new", path);
	enum err e = OK;
	int fd;

	(void)unlink(temp);	/* left by a killed run */
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (fd < 0)
		return from_errno(errno);
	if (!write_all(fd, text, len))
		e = from_errno(errno);
	close(fd);
	if (e == OK && link(temp, path) != 0)
		e = errno == EEXIST ? ERR_CONFLICT : from_errno(errno);
	(void)unlink(temp);
	if (e == OK && !sync_dir(dir))
		e = ERR_STORE;
	return e;
}

enum err
keys_write(struct arena *a, const char *dir,
    const uint8_t seed[static JOSE_KEY_LEN],
    char kid_out[static JOSE_KID_LEN + 1],
    uint8_t pub_out[static JOSE_KEY_LEN])
{
	uint8_t *secret = keys_secret(a, SECRET_LEN);
	char *text = keys_secret(a, FILE_MAX);
	char *d = keys_secret(a, B64_LEN + 1);
	size_t len;

	if (secret == NULL || text == NULL || d == NULL)
		return ERR_NOMEM;
	crypto_sign_seed_keypair(pub_out, secret, seed);
	len = write_text(text, d, secret, kid_out);
	return keys_put(a, dir, arena_printf(a, "%s.jwk", kid_out), text,
	    len);
}

enum err
keys_slurp(const char *path, char *text, size_t cap, size_t *len_out)
{
	struct stat st;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? ERR_NOTFOUND : ERR_CONFIG;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    fault_of(&st, true) != NULL) {
		close(fd);
		return ERR_CONFIG;
	}
	n = read(fd, text, cap);
	close(fd);
	if (n <= 0 || (size_t)n == cap)
		return ERR_CONFIG;
	*len_out = (size_t)n;
	return OK;
}

/* Where d stands: the last B64_LEN bytes before the quote, brace and LF. */
static bool
seed_of(const char *text, size_t len, uint8_t *seed)
{
	const size_t tail = B64_LEN + 3;
	size_t n;

	return len > tail && sodium_base642bin(seed, JOSE_KEY_LEN,
	    text + len - tail, B64_LEN, NULL, &n, NULL,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
	    n == JOSE_KEY_LEN;
}

enum err
keys_read(struct arena *a, const char *dir, struct bytes kid,
    const uint8_t **secret_out)
{
	uint8_t *secret = keys_secret(a, SECRET_LEN);
	uint8_t *seed = keys_secret(a, JOSE_KEY_LEN);
	char *text = keys_secret(a, FILE_MAX);
	char *want = keys_secret(a, FILE_MAX);
	char *d = keys_secret(a, B64_LEN + 1);
	char name[JOSE_KID_LEN + 1];
	uint8_t pub[JOSE_KEY_LEN];
	size_t len;
	enum err e;

	if (secret == NULL || seed == NULL || text == NULL || want == NULL ||
	    d == NULL)
		return ERR_NOMEM;
	if (!jose_kid_ok(kid))
		return ERR_NOTFOUND;
	e = keys_slurp(file_of(a, dir, kid), text, FILE_MAX, &len);
	if (e != OK)
		return e;
	if (!seed_of(text, len, seed))
		return ERR_CONFIG;
	crypto_sign_seed_keypair(pub, secret, seed);
	if (write_text(want, d, secret, name) != len ||
	    sodium_memcmp(want, text, len) != 0 || !bytes_is(kid, name))
		return ERR_CONFIG;
	*secret_out = secret;
	return OK;
}
