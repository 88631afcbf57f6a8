/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pass.c -- passwords: one Argon2id hash at a time on the machine.  (L3)
 *
 * A hash takes 64 MiB and a quarter of a second.  Byte 0 of guard/hash.lock
 * is the turn: who holds it hashes, and then keeps it for as long again, so
 * that a flood of guesses takes half of one core and no more.  Bytes 1 to 20
 * are the places in the queue: without a free one the answer is 429 at once.
 * The locks are of open file descriptions: they end with the last descriptor,
 * so a killed process blocks nobody, CGI processes honour them like workers,
 * and a place can be handed to another process with the request it is for.
 * So a worker of a pool never waits: it takes a place and gives way (ERR_BUSY),
 * and the process that waits for all of them comes here with that place.
 *
 * Attacks LOG-01, LOG-05, LOG-06.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <time.h>
#include <unistd.h>

#include "auth/smart_in.h"
#include "base/text.h"

#define QUEUE	20
#define REPEATED 6	/* characters that make no password by repetition */

/* A hash of no password: what is compared for users that do not exist. */
static const char no_one[] = "tiphys: no password is hashed to this";

static bool
lock(int fd, int cmd, short type, off_t at)
{
	struct flock fl = { .l_type = type, .l_whence = SEEK_SET,
	    .l_start = at, .l_len = 1 };
	int r;

	do
		r = fcntl(fd, cmd, &fl);
	while (r != 0 && errno == EINTR);
	return r == 0;
}

/* The turn or a place given back; closing would do it, too. */
static void
unlock(int fd, off_t at)
{
	(void)lock(fd, F_OFD_SETLK, F_UNLCK, at);
}

/* The place taken, 1 to QUEUE; 0: all are. */
static off_t
enter(int fd)
{
	off_t at;

	for (at = 1; at <= QUEUE; at++)
		if (lock(fd, F_OFD_SETLK, F_WRLCK, at))
			return at;
	return 0;
}

static void
pause_us(int64_t us)
{
	struct timespec ts = { .tv_sec = us / 1000000,
	    .tv_nsec = us % 1000000 * 1000 };

	while (nanosleep(&ts, &ts) != 0 && errno == EINTR)
		continue;
}

struct hashing {
	struct bytes	password, hash;		/* to verify; or "" */
	char		made[crypto_pwhash_STRBYTES];
	bool		ok;
};

static enum err
hash_one(const struct smart *s, struct hashing *h)
{
	char known[crypto_pwhash_STRBYTES] = "";
	const char *pass = (const char *)h->password.p;

	if (h->hash.len > 0 && h->hash.len < sizeof known) {
		memcpy(known, h->hash.p, h->hash.len);
		h->ok = crypto_pwhash_str_verify(known, pass,
		    h->password.len) == 0;
		return OK;
	}
	return crypto_pwhash_str(h->made, pass, h->password.len,
	    (unsigned long long)s->pass_passes, (size_t)s->pass_mem) == 0 ?
	    OK : ERR_NOMEM;
}

static enum err
full(struct smart_call *c)
{
	c->error.retry_s = 5;
	return smart_fail(c, ERR_THROTTLED, FAULT_SLOW, NULL,
	    "too many people are signing in just now; try again in some "
	    "seconds");
}

/* A place on a description of its own, so that it can leave this process. */
static enum err
give_way(const struct smart *s, struct smart_call *c)
{
	int fd = open(s->hash_path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return ERR_STORE;
	if (enter(fd) == 0) {
		(void)close(fd);
		return full(c);
	}
	*c->place = fd;
	return ERR_BUSY;
}

/* Out of the queue: who waits next is already in it. */
static void
leave(const struct smart *s, const struct smart_call *c, off_t own)
{
	off_t at;

	if (own != 0)
		unlock(s->hash_fd, own);
	for (at = 1; own == 0 && at <= QUEUE; at++)
		unlock(*c->place, at);
}

static enum err
in_turn(struct smart *s, struct smart_call *c, struct hashing *h)
{
	int64_t start = 0;
	off_t own = 0;
	enum err e;

	if (c->place != NULL && *c->place < 0)
		return give_way(s, c);
	if (c->place == NULL)
		own = enter(s->hash_fd);
	if (c->place == NULL && own == 0)
		return full(c);
	if (!lock(s->hash_fd, F_OFD_SETLKW, F_WRLCK, 0)) {
		leave(s, c, own);
		return ERR_STORE;
	}
	if (c->mono != NULL)
		start = c->mono();
	e = hash_one(s, h);
	leave(s, c, own);
	if (c->mono != NULL)
		pause_us(c->mono() - start);
	unlock(s->hash_fd, 0);
	return e;
}

enum err
pass_check(struct smart *s, struct smart_call *c, struct bytes hash,
    struct bytes password, bool *ok_out)
{
	/* As much work for nobody: a hash is made, and thrown away. */
	struct hashing h = { .password = hash.len > 0 ? password :
	    bytes_of(no_one, sizeof no_one - 1), .hash = hash };
	enum err e;

	e = in_turn(s, c, &h);
	if (e == OK)
		*ok_out = hash.len > 0 && h.ok;
	return e;
}

enum err
pass_make(struct smart *s, struct smart_call *c, struct bytes password,
    struct bytes *hash_out)
{
	struct hashing h = { .password = password };
	enum err e;

	e = in_turn(s, c, &h);
	if (e == OK)
		*hash_out = arena_copy(c->a, bytes_str(h.made));
	return e;
}

enum err
smart_hash_once(int64_t memory, int64_t passes)
{
	const struct smart s = { .pass_mem = memory,
	    .pass_passes = passes };
	struct hashing h = { .password = bytes_of(no_one,
	    sizeof no_one - 1) };

	if (sodium_init() < 0)
		return ERR_CONFIG;
	return hash_one(&s, &h);
}

/* --- what may be a password ------------------------------------------- */

static size_t
characters(struct bytes text)
{
	size_t i, n = 0;

	for (i = 0; i < text.len; i++)
		if ((text.p[i] & 0xC0) != 0x80)
			n++;
	return n;
}

/* A run up or down: abcdef, 987654. */
static bool
is_run(struct bytes text)
{
	size_t i;
	int step;

	if (text.len < 2)
		return true;
	step = text.p[1] - text.p[0];
	if (step < -1 || step > 1)
		return false;
	for (i = 2; i < text.len; i++)
		if (text.p[i] - text.p[i - 1] != step)
			return false;
	return true;
}

/* A few characters again and again: xyzxyzxyzxyz. */
static bool
repeats(struct bytes text)
{
	size_t every;

	for (every = 1; every <= REPEATED && 2 * every <= text.len; every++)
		if (memcmp(text.p, text.p + every, text.len - every) == 0)
			return true;
	return false;
}

const char *
pass_fault(struct bytes password, struct bytes name, struct bytes site,
    bool second)
{
	const size_t least = second ? SMART_PASS_MIN2 : SMART_PASS_MIN;

	if (password.len > SMART_PASS_MAX)
		return "is longer than 1024 bytes";
	if (!text_utf8(password) ||
	    memchr(password.p, '\0', password.len) != NULL)
		return "is not UTF-8 text";
	if (characters(password) < least)
		return second ? "has less than 8 characters" :
		    "has less than 15 characters (8 would do with a second "
		    "factor)";
	if (is_run(password) || repeats(password) || (name.len > 0 &&
	    text_caseeq(bytes_sub(password, 0, name.len), name)))
		return "is too easy to guess: a few characters repeated, a "
		    "sequence, or the user's name";
	if (pass_common(password, name, site))
		return "is made of words that are guessed first, such as "
		    "\"password\", names and years; take several words that "
		    "have nothing to do with each other";
	return NULL;
}
