/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle_answer.c -- what became of the entries of a Bundle.  (L1)
 *
 * In the order they were sent; a refusal stands as OperationOutcome in the
 * place of the resource, as DSTU2 has no other.
 *
 * Spec: DSTU2 bundle.html (bdl-4, bdl-6), http.html#transaction-response.
 */
#include "fhir/bundle.h"

static void
put_answer(const struct bundle_answer *a, struct buf *out)
{
	char when[INSTANT_LEN];

	buf_str(out, "{");
	if (a->body.len > 0) {
		buf_str(out, "\"fullUrl\":");
		buf_json(out, a->full_url);
		buf_str(out, ",\"resource\":");
		buf_add(out, a->body);
		buf_str(out, ",");
	}
	buf_printf(out, "\"response\":{\"status\":\"%s\"", a->status);
	buf_json_member(out, "location", a->location);
	buf_json_member(out, "etag", a->etag);
	if (a->has_modified) {
		clock_iso(a->modified, when);
		buf_json_member(out, "lastModified",
		    bytes_of(when, sizeof when));
	}
	buf_str(out, "}}");
}

void
bundle_answers(const char *type, struct bytes id,
    const struct bundle_answer *answer, size_t n, struct buf *out)
{
	size_t i;

	buf_str(out, "{\"resourceType\":\"Bundle\",\"id\":");
	buf_json(out, id);
	buf_printf(out, ",\"type\":\"%s\"", type);
	for (i = 0; i < n; i++) {
		buf_str(out, i == 0 ? ",\"entry\":[" : ",");
		put_answer(&answer[i], out);
	}
	buf_str(out, n > 0 ? "]}" : "}");
}
