/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_crash.c -- loads are killed; the store is whole and forgets nothing.
 *
 * Attack cases DB-01 (kill -9), DB-05 (disk full), map growth between
 * processes.  TIPHYS_CRASH_ROUNDS sets the number of kills (default 40; the
 * long form of the catalogue is 10000).
 */
#include "tests/unit/store_kit.h"

#include <signal.h>
#include <sys/resource.h>
#include <time.h>

#include "base/text.h"

#define WRITERS	2

static void
report(void *arg UNUSED, const char *where, const char *what)
{
	fprintf(stderr, "%s: %s\n", where, what);
}

static void
must_be_whole(struct store *s, struct arena *a)
{
	struct extract x = kit_extract(a);
	uint64_t faults = 1;

	assert_int_equal(maint_check(s, a, &x, &kit_limits, report, NULL,
	    NULL, &faults), OK);
	assert_int_equal(faults, 0);
}

/* What a writer does over and over: create, change, move, delete, claim. */
static size_t
some_changes(struct arena *a, unsigned who, uint64_t i, struct change c[4])
{
	char *fill = arena_alloc(a, 2000);

	memset(fill, 'x', 1 + i * 37 % 1900);
	c[0] = kit_put(a, arena_printf(a, "{\"resourceType\":\"Observation\","
	    "\"id\":\"%u-%u\",\"status\":\"final\",\"code\":{\"text\":\"x\"},"
	    "\"comments\":\"%s\",\"subject\":{\"reference\":"
	    "\"Patient/p%u\"}}", who, (unsigned)(i % 50), fill,
	    (unsigned)(i % 3)));
	c[1] = kit_put(a, arena_printf(a, "{\"resourceType\":"
	    "\"DocumentReference\",\"id\":\"%u-%u\",\"description\":\"%u\","
	    "\"subject\":{\"reference\":\"Patient/p%u\"},\"content\":"
	    "[{\"attachment\":{\"url\":\"Binary/b%u\"}}]}", who,
	    (unsigned)(i % 5), (unsigned)i, (unsigned)(i % 4),
	    (unsigned)(i % 3)));
	c[2] = kit_put(a, arena_printf(a, "{\"resourceType\":\"Binary\","
	    "\"id\":\"b%u\",\"contentType\":\"text/plain\",\"content\":"
	    "\"aGk=\"}", (unsigned)(i % 3)));
	c[3] = kit_delete("Observation", arena_printf(a, "%u-%u", who,
	    (unsigned)(i % 50)));
	return i % 4 == 3 ? 4 : 3;
}

struct batch {
	struct change	*c;
	size_t		 n, i;
};

static enum err
write_entry(struct write *w, void *arg)
{
	struct batch *b = arg;
	struct change_result r;
	enum err e;

	e = write_change(w, &b->c[b->i], &r);
	/* Half of what was done in parts is taken back. */
	return e == OK && b->i % 2 != 0 ? ERR_USAGE : e;
}

/* Each entry for itself, as a batch; read in between. */
static enum err
write_batch(struct write *w, void *arg)
{
	struct batch *b = arg;
	struct change_result r;
	struct snapshot *t;
	enum err e = OK;

	for (b->i = 0; b->i < b->n && (e == OK || e == ERR_USAGE); b->i++) {
		e = write_part(w, write_entry, b);
		if (e == ERR_USAGE)
			e = write_change(w, &b->c[b->i], &r);
		if (e == OK)
			e = write_snapshot(w, &t);
	}
	return e;
}

/* Write until killed; each number goes out once it is on disk. */
static void
writer(const struct conf *conf, unsigned who, int out)
{
	struct arena *p = arena_new(0), *a = arena_new(0);
	struct change_result r[4];
	struct change c[4];
	const char *why = "";
	struct store *s;
	struct bytes name, val;
	size_t n;

	if (store_open(p, conf, STORE_WRITE, &s, &why) != OK)
		_exit(1);
	for (uint64_t i = 1;; i++) {
		n = some_changes(a, who, i, c);
		name = bytes_of(who == 0 ? "w0" : "w1", 2);
		val = bytes_of(&i, sizeof(i));
		if (store_write(s, a, NULL, (struct instant){ (int64_t)i },
		    write_batch, &(struct batch){ .c = c, .n = n }) != OK)
			_exit(4);
		if (maint_load(s, a, c, n, (struct instant){ (int64_t)i },
		    name, val, r) != OK)
			_exit(2);
		if (write(out, &i, sizeof(i)) != sizeof(i))
			_exit(3);
		arena_reset(a);
	}
}

/* The last number a writer gave out. */
static uint64_t
last_of(int in)
{
	uint64_t i, last = 0;

	while (read(in, &i, sizeof(i)) == sizeof(i))
		last = i;
	return last;
}

static void
check_round(const struct conf *conf, const uint64_t acked[WRITERS])
{
	struct arena *a = arena_new(0), *b = arena_new(0);
	const char *why = "";
	struct snapshot *t;
	struct bytes val;
	struct store *s;
	uint64_t noted;

	if (store_open(a, conf, STORE_READ, &s, &why) != OK)
		fail_msg("%s", why);
	assert_int_equal(store_begin(s, b, &t), OK);
	for (unsigned w = 0; w < WRITERS; w++) {
		if (acked[w] == 0)
			continue;
		assert_int_equal(maint_note_get(t, bytes_of(w == 0 ? "w0" :
		    "w1", 2), &val), OK);
		memcpy(&noted, val.p, sizeof(noted));
		assert_true(noted == acked[w] || noted == acked[w] + 1);
	}
	arena_free(&b);
	must_be_whole(s, a);
	arena_free(&a);
}

static void
nap(long us)
{
	struct timespec ts = { 0, us * 1000 };

	(void)nanosleep(&ts, NULL);
}

/* Two writers at once, both killed at some moment; what they did. */
static uint64_t
one_round(const struct conf *conf, unsigned round)
{
	uint64_t acked[WRITERS];
	int fd[WRITERS][2], status;
	pid_t pid[WRITERS];

	for (unsigned w = 0; w < WRITERS; w++) {
		assert_int_equal(pipe(fd[w]), 0);
		pid[w] = fork();
		if (pid[w] == 0)
			writer(conf, w, fd[w][1]);
		assert_true(pid[w] > 0);
		close(fd[w][1]);
	}
	nap(3000 + (long)(round * 7919 % 25000));
	for (unsigned w = 0; w < WRITERS; w++)
		kill(pid[w], SIGKILL);
	for (unsigned w = 0; w < WRITERS; w++) {
		assert_int_equal(waitpid(pid[w], &status, 0), pid[w]);
		assert_true(WIFSIGNALED(status));
		acked[w] = last_of(fd[w][0]);
		close(fd[w][0]);
	}
	check_round(conf, acked);
	return acked[0] + acked[1];
}

static void
test_kill_loaders(void **state UNUSED)	/* DB-01 */
{
	const char *rounds = getenv("TIPHYS_CRASH_ROUNDS");
	struct arena *a = arena_new(0), *b = arena_new(0);
	struct conf *c = kit_conf(a, kit_dir(a), "");
	uint64_t n = 40, done = 0;

	if (rounds != NULL)
		assert_true(text_u64(bytes_str(rounds), 1000000, &n));
	(void)kit_store_conf(b, c);
	arena_free(&b);
	for (unsigned i = 0; i < n; i++)
		done += one_round(c, i);
	assert_true(done >= n / 2);	/* kills that meet work */
	arena_free(&a);
}

/* The very first opening, cut at some moment: absent or whole.  DB-04 */
static void
test_kill_creation(void **state UNUSED)
{
	struct arena *a;
	struct conf *c;
	const char *why;
	struct store *s;
	int status;
	pid_t pid;

	for (unsigned i = 0; i < 20; i++) {
		a = arena_new(0);
		c = kit_conf(a, kit_dir(a), "");
		why = "";
		pid = fork();
		if (pid == 0) {
			(void)!store_create(c, kit_seed, a, &why);
			_exit(0);
		}
		nap((long)i * 300);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		s = kit_store_conf(a, c);
		(void)kit_apply(s, a, kit_put(a,
		    "{\"resourceType\":\"Patient\",\"id\":\"p\"}"));
		must_be_whole(s, a);
		arena_free(&a);
	}
}

/* A disk that fills up: refused, read on, whole, and on again later. */
static void
fill(const struct conf *conf)
{
	struct rlimit lim = { 3 << 20, RLIM_INFINITY };
	struct arena *p = arena_new(0), *a = arena_new(0);
	struct change_result r[4];
	struct change c[4];
	const char *why = "";
	struct store *s;
	enum err e = OK;

	signal(SIGXFSZ, SIG_IGN);
	if (store_open(p, conf, STORE_WRITE, &s, &why) != OK ||
	    setrlimit(RLIMIT_FSIZE, &lim) != 0)
		_exit(1);
	for (uint64_t i = 0; i < 20000 && e == OK; i++) {
		e = store_apply(s, a, NULL, c, some_changes(a, 0, i * 51, c),
		    (struct instant){ 1 }, r);
		arena_reset(a);
	}
	if (e != ERR_FULL)
		_exit(2);
	must_be_whole(s, a);
	lim.rlim_cur = RLIM_INFINITY;
	if (setrlimit(RLIMIT_FSIZE, &lim) != 0)
		_exit(3);
	arena_reset(a);
	e = store_apply(s, a, NULL, c, some_changes(a, 1, 1, c),
	    (struct instant){ 1 }, r);
	_exit(e == OK ? 0 : 4);
}

static void
test_disk_full(void **state UNUSED)	/* DB-05 */
{
	struct arena *a = arena_new(0), *b = arena_new(0);
	struct conf *c = kit_conf(a, kit_dir(a), "");
	struct store *s;
	int status;
	pid_t pid;

	(void)kit_store_conf(b, c);
	arena_free(&b);
	pid = fork();
	if (pid == 0)
		fill(c);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	s = kit_store_conf(a, c);
	must_be_whole(s, a);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kill_loaders),
		cmocka_unit_test(test_kill_creation),
		cmocka_unit_test(test_disk_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
