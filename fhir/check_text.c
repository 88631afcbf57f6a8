/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_text.c -- what the reader of narrative finds, as faults.  (L1)
 */
#include "fhir/check_part.h"

#include "fhir/xhtml.h"

#define NAME_SHOWN	32	/* characters of a name in a message */

struct narrative {
	struct check_walk	*w;
	const struct spot	*at;
};

static bool
say(void *arg, enum xhtml_fault found, size_t at, struct bytes name,
    const char *want)
{
	static const enum fault	faults[] = {
		[XHTML_FORM] = F_XHTML, [XHTML_ELEMENT] = F_TXT_1,
		[XHTML_EMPTY] = F_TXT_2, [XHTML_ATTRIBUTE] = F_TXT_3,
		[XHTML_ACTIVE] = F_TXT_1
	};
	struct narrative	*n = arg;

	name = bytes_sub(name, 0, NAME_SHOWN);
	if (name.len > 0)
		check_fault(n->w, faults[found], n->at,
		    "character %zu, \"%.*s\": %s", at, BYTES_FMT(name), want);
	else
		check_fault(n->w, faults[found], n->at, "character %zu: %s",
		    at, want);
	return n->w->room > 0;
}

static void
image(void *arg, struct bytes id)
{
	struct narrative	*n = arg;

	check_used(n->w, id);
}

void
check_narrative(struct check_walk *w, const struct spot *at,
    struct bytes div)
{
	struct narrative	n = { w, at };

	xhtml_read(div, say, image, &n);
}
