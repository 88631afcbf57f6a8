/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdalign.h>

#include "tests/unit/unit.h"

static void
zeroed_and_aligned(void **state)
{
	struct arena	*a = arena_new(0);
	size_t		 n, i;

	(void)state;
	for (n = 0; n < 300; n++) {
		uint8_t	*p = arena_alloc(a, n);

		assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
		for (i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, n);
	}
	arena_free(&a);
	assert_null(a);
}

/* The chunk kept at reset is dirty; what it hands out again must not be. */
static void
reset_hands_out_zeroes(void **state)
{
	struct arena	*a = arena_new(0);
	uint8_t		*p;
	int		 i;

	(void)state;
	memset(arena_alloc(a, 4096), 0xff, 4096);
	arena_reset(a);
	assert_int_equal(arena_used(a), 0);
	p = arena_alloc(a, 4096);
	for (i = 0; i < 4096; i++)
		assert_int_equal(p[i], 0);
	arena_free(&a);
}

static void
room_is_aligned_and_counted(void **state)
{
	struct arena	*a = arena_new(0);
	size_t		 n, used = 0;

	(void)state;
	for (n = 1; n < 20000; n += 999) {
		uint8_t	*p = arena_room(a, n);

		assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
		memset(p, 0xff, n);
		assert_true(arena_used(a) >= used + n);
		used = arena_used(a);
	}
	arena_free(&a);
}

static void
many_chunks_and_large_objects(void **state)
{
	struct arena	*a = arena_new(0);
	uint8_t		*p[200];
	size_t		 i;

	(void)state;
	for (i = 0; i < 200; i++) {
		size_t	len = i % 10 == 0 ? 100000 : 3000;

		p[i] = arena_alloc(a, len);
		memset(p[i], (int)i, len);
	}
	for (i = 0; i < 200; i++)
		assert_int_equal(p[i][i % 10 == 0 ? 99999 : 2999], i);
	assert_true(arena_used(a) >= 20 * 100000 + 180 * 3000);
	arena_free(&a);
}

struct order {
	int	seen[4], n;
};

struct mark {
	struct order	*order;
	int		 id;
};

static void
note(void *p)
{
	struct mark	*m = p;

	m->order->seen[m->order->n++] = m->id;
}

static void
releases_run_newest_first(void **state)
{
	struct order	 o = { .n = 0 };
	struct mark	 m[3] = { { &o, 1 }, { &o, 2 }, { &o, 3 } };
	struct arena	*a = arena_new(0);

	(void)state;
	arena_defer(a, note, &m[0]);
	arena_defer(a, note, &m[1]);
	arena_reset(a);
	assert_int_equal(o.n, 2);
	assert_int_equal(o.seen[0], 2);
	assert_int_equal(o.seen[1], 1);
	arena_defer(a, note, &m[2]);
	arena_free(&a);
	assert_int_equal(o.n, 3);	/* each once */
	assert_int_equal(o.seen[2], 3);
}

static void
jump(void *arg)
{
	longjmp(*(jmp_buf *)arg, 1);
}

static void
ceiling_springs_the_trap(void **state)
{
	struct arena	*a = arena_new(1000);
	jmp_buf		 back;

	(void)state;
	arena_trap(a, jump, &back);
	(void)arena_alloc(a, 900);
	if (setjmp(back) == 0) {
		(void)arena_alloc(a, 200);
		fail();
	}
	arena_free(&a);
}

static void
overflow_springs_the_trap(void **state)
{
	struct arena	*a = arena_new(0);
	jmp_buf		 back;

	(void)state;
	arena_trap(a, jump, &back);
	if (setjmp(back) == 0) {
		(void)arena_array(a, SIZE_MAX / 2, 3);
		fail();
	}
	if (setjmp(back) == 0) {
		(void)arena_alloc(a, SIZE_MAX);
		fail();
	}
	arena_free(&a);
}

static void
copies_are_copies(void **state)
{
	char		 src[] = "abc";
	struct arena	*a = arena_new(0);
	struct bytes	 b = arena_copy(a, bytes_str(src));
	char		*s = arena_str(a, bytes_of(src, 2));

	(void)state;
	src[0] = 'x';
	assert_bytes(b, "abc");
	assert_string_equal(s, "ab");
	assert_string_equal(arena_printf(a, "%d-%s", 7, "q"), "7-q");
	assert_string_equal(arena_str(a, bytes_str(NULL)), "");
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(zeroed_and_aligned),
		cmocka_unit_test(reset_hands_out_zeroes),
		cmocka_unit_test(room_is_aligned_and_counted),
		cmocka_unit_test(many_chunks_and_large_objects),
		cmocka_unit_test(releases_run_newest_first),
		cmocka_unit_test(ceiling_springs_the_trap),
		cmocka_unit_test(overflow_springs_the_trap),
		cmocka_unit_test(copies_are_copies),
	};

	return cmocka_run_group_tests_name("base_arena", tests, NULL, NULL);
}
