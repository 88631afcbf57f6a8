/* SPDX-License-Identifier: Apache-2.0 */
#include "fhir/issue.h"

#include "tests/unit/unit.h"

static int
open_arena(void **state)
{
	*state = arena_new(0);
	return 0;
}

static int
close_arena(void **state)
{
	arena_free((struct arena **)state);
	return 0;
}

static struct bytes
json(struct arena *a, const struct issues *is, enum err err)
{
	struct buf	b = buf_on(a, 10000);
	struct bytes	out;

	issues_json(is, err, &b);
	assert_int_equal(buf_end(&b, &out), OK);
	return out;
}

/* R22: an outcome has an issue even where nobody explained anything. */
static void
error_alone_makes_an_issue(void **state)
{
	struct issues	is = issues_on(*state);
	const char	*want = "{\"resourceType\":\"OperationOutcome\","
	    "\"issue\":[{\"severity\":\"error\",\"code\":\"not-found\","
	    "\"diagnostics\":\"no such resource\"}]}";

	assert_bytes(json(*state, &is, ERR_NOTFOUND), want);
	assert_bytes(json(*state, NULL, ERR_NOTFOUND), want);
	assert_bytes(json(*state, &is, OK),
	    "{\"resourceType\":\"OperationOutcome\",\"issue\":["
	    "{\"severity\":\"information\",\"code\":\"informational\","
	    "\"diagnostics\":\"success\"}]}");
}

static void
members_in_order(void **state)
{
	struct issues	is = issues_on(*state);

	assert_int_equal(issue_add(&is, ERR_VALUE, "search-value", "?date",
	    "a date is %s", "YYYY"), ERR_VALUE);
	issue_warn(&is, ERR_RULE, NULL, NULL, "odd");
	assert_int_equal(is.n, 2);
	assert_bytes(json(*state, &is, ERR_VALUE),
	    "{\"resourceType\":\"OperationOutcome\",\"issue\":["
	    "{\"severity\":\"error\",\"code\":\"value\","
	    "\"details\":{\"text\":\"search-value\"},"
	    "\"diagnostics\":\"a date is YYYY\",\"location\":[\"?date\"]},"
	    "{\"severity\":\"warning\",\"code\":\"invariant\","
	    "\"diagnostics\":\"odd\"}]}");
}

/* R22: the code of a row of err.h, or a closer one. */
static void
closer_code_wins(void **state)
{
	struct issues	is = issues_on(*state);

	issue_put(&is, &(struct issue){ .severity = SEV_ERROR,
	    .err = ERR_RULE, .code = "required", .rule = "min",
	    .place = "Patient.link[0].other" }, "%d wanted", 1);
	assert_bytes(json(*state, &is, ERR_RULE),
	    "{\"resourceType\":\"OperationOutcome\",\"issue\":["
	    "{\"severity\":\"error\",\"code\":\"required\","
	    "\"details\":{\"text\":\"min\"},"
	    "\"diagnostics\":\"1 wanted\","
	    "\"location\":[\"Patient.link[0].other\"]}]}");
}

/* Callers format from the stack; what they passed may change at once. */
static void
texts_are_copied(void **state)
{
	struct issues	is = issues_on(*state);
	char		rule[] = "r1", place[] = "p1", text[] = "t1";

	(void)issue_add(&is, ERR_VALUE, rule, place, "%s", text);
	rule[0] = place[0] = text[0] = 'x';
	assert_string_equal(is.first->rule, "r1");
	assert_string_equal(is.first->place, "p1");
	assert_string_equal(is.first->text, "t1");
}

static void
texts_are_escaped(void **state)
{
	struct issues	is = issues_on(*state);

	(void)issue_add(&is, ERR_SYNTAX, NULL, NULL, "a \"b\"\n");
	assert_bytes(json(*state, &is, ERR_SYNTAX),
	    "{\"resourceType\":\"OperationOutcome\",\"issue\":["
	    "{\"severity\":\"error\",\"code\":\"structure\","
	    "\"diagnostics\":\"a \\\"b\\\"\\n\"}]}");
}

/* FHIR has no empty strings: the error's own text takes their place. */
static void
empty_text_is_replaced(void **state)
{
	struct issues	is = issues_on(*state);

	(void)issue_add(&is, ERR_GONE, NULL, NULL, "%s", "");
	assert_bytes(json(*state, &is, ERR_GONE),
	    "{\"resourceType\":\"OperationOutcome\",\"issue\":["
	    "{\"severity\":\"error\",\"code\":\"not-found\","
	    "\"diagnostics\":\"resource was deleted\"}]}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(error_alone_makes_an_issue),
		cmocka_unit_test(members_in_order),
		cmocka_unit_test(closer_code_wins),
		cmocka_unit_test(texts_are_copied),
		cmocka_unit_test(texts_are_escaped),
		cmocka_unit_test(empty_text_is_replaced)
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
