/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.c -- fuzz the languages inside values: _filter, _text, composites.
 *
 * The first byte picks the type and the parameter, the rest is the value as
 * it stands, encoded here; so what is found is about these languages and not
 * about escapes.  Otherwise as query.c.
 */
#pragma push_macro("LLVMFuzzerTestOneInput")
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput	fuzz_whole_query
#include "tests/fuzz/query.c"
#undef LLVMFuzzerTestOneInput
#pragma pop_macro("LLVMFuzzerTestOneInput")

#include "base/buf.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct {
		const char	*type, *name;
	} rows[] = {
		{ "Observation", "_filter" }, { "Patient", "_filter" },
		{ "Patient", "_text" }, { "Observation", "_content" },
		{ "Observation", "code-value-quantity" },
		{ "Observation", "_list" }
	};
	struct arena	*a;
	struct buf	 b;
	struct bytes	 text;
	struct query	 q;
	size_t		 i;

	if (len == 0)
		return 0;
	a = arena_new(0);
	b = buf_on(a, 1 << 20);
	i = data[0] % N_ELEM(rows);
	buf_printf(&b, "%s=", rows[i].name);
	buf_pct(&b, bytes_of(data + 1, len - 1));
	if (buf_end(&b, &text) == OK && parse(a,
	    def_type(bytes_str(rows[i].type))->num, text, &limits, &q) == OK)
		look(&q);
	arena_free(&a);
	return 0;
}
