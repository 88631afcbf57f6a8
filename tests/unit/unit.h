/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit.h -- cmocka, with the headers it wants before it.
 */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bytes.h"

/* A struct bytes holds exactly the text s. */
#define assert_bytes(b, s) do {						      \
	struct bytes	b_ = (b), s_ = bytes_str(s);			      \
									      \
	assert_int_equal(b_.len, s_.len);				      \
	if (s_.len > 0)							      \
		assert_memory_equal(b_.p, s_.p, s_.len);		      \
} while (0)

#endif
