/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xhtml.c -- fuzz target: narrative.
 *
 * What is taken can stand in another div and is taken there, too; it holds
 * nothing that begins a comment, a declaration or an instruction, and no
 * element that runs.  What is refused is refused at a character of it.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "base/text.h"
#include "fhir/xhtml.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct verdict {
	size_t	faults, len;
};

static bool
note_fault(void *arg, enum xhtml_fault fault, size_t at, struct bytes name,
    const char *want)
{
	struct verdict	*v = arg;

	if (fault > XHTML_ACTIVE || at == 0 || at > v->len + 1 ||
	    name.len > v->len || want == NULL)
		abort();
	return ++v->faults < 20;
}

static size_t
faults_of(struct bytes text)
{
	struct verdict	v = { 0, text.len };

	xhtml_read(text, note_fault, NULL, &v);
	return v.faults;
}

/* In any case of letters, as a browser would. */
static bool
holds(struct bytes text, const char *word)
{
	size_t	n = strlen(word);

	for (size_t i = 0; i + n <= text.len; i++)
		if (text_caseeq(bytes_sub(text, i, n), bytes_str(word)))
			return true;
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const never[] = { "<!", "<?", "<script", "<iframe",
		"<object", "<style", "<svg" };
	struct bytes	 text = bytes_of(data, size);
	struct arena	*a;

	if (!text_utf8(text) || faults_of(text) > 0)
		return 0;
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (holds(text, never[i]))
			abort();
	a = arena_new(0);
	if (faults_of(bytes_str(arena_printf(a, "<div>%.*s</div>",
	    BYTES_FMT(text)))) > 1 ||	/* one deeper may be too deep */
	    faults_of(bytes_str(arena_printf(a, "%.*s%.*s", BYTES_FMT(text),
	    BYTES_FMT(text)))) != 1)
		abort();
	arena_free(&a);
	return 0;
}
