/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words, texts of tokens and what is contained, beside the plain values.
 *
 * Requirements S08, S17; DSTU2 search.html#text, #content, #contained, #list.
 */
#include "tests/unit/fhir_extract.h"

static struct extra
extra_of(struct arena *a, const char *json)
{
	const struct json_limits lim = { 8 << 20, 64, 1000000 };
	static const struct base_urls urls = {
		.base = { (const uint8_t *)"https://h/fhir", 14 } };
	const struct extract x = { .urls = &urls };
	struct issues is = issues_on(a);
	struct json_doc doc;
	struct extra out;

	if (json_doc(a, bytes_str(json), bytes_of(NULL, 0), &lim, &is,
	    &doc) != OK)
		fail_msg("%s: %s", is.first->text, json);
	assert_int_equal(extract_extra(a, &x, doc.type, doc.tree, &out), OK);
	return out;
}

/* "amy fever": the values of one parameter in their order. */
static const char *
told(struct arena *a, const struct values *v, uint16_t param)
{
	const char *text = "";
	size_t i;

	for (i = 0; i < v->n; i++)
		if (v->v[i].param == param)
			text = arena_printf(a, "%s%s%.*s", text,
			    text[0] == '\0' ? "" : " ",
			    BYTES_FMT(v->v[i].more));
	return text;
}

/* Those of the narrative, or all. */
static const char *
words(struct arena *a, const struct extra *x, bool narrative)
{
	const char *text = "";
	size_t i;

	for (i = 0; i < x->n_word; i++)
		if (!narrative || x->word[i].narrative)
			text = arena_printf(a, "%s%s%.*s", text,
			    text[0] == '\0' ? "" : " ",
			    BYTES_FMT(x->word[i].text));
	return text;
}

static void
same_words(const char *json, const char *text, const char *content)
{
	struct arena *a = arena_new(0);
	struct extra x = extra_of(a, json);

	assert_string_equal(words(a, &x, true), text);
	assert_string_equal(words(a, &x, false), content);
	arena_free(&a);
}

#define DIV(s)	"{\"resourceType\":\"Basic\",\"text\":{\"status\":" \
	"\"generated\",\"div\":\"<div xmlns='http://www.w3.org/1999/xhtml'>" \
	s "</div>\"}}"

static void
reads_the_words_of_a_narrative(void **state)
{
	(void)state;
	same_words(DIV("Fever, <b class='x>y'>SEVERE</b> fever"),
	    "fever severe", "fever generated severe");
	same_words(DIV("caf&eacute; &#109;igr&#xe4;ne &amp; a&nbsp;b&szlig; "
	    "&AElig;gir <!-- not <i>this</i> --> &unknown; x&y"),
	    "a aegir bss cafe migrane x y",
	    "a aegir bss cafe generated migrane x y");
	same_words(DIV("a<br/>b<p title=\\\"c > d\\\">e</p> <"),
	    "a b e", "a b e generated");
}

static void
reads_what_people_would_read(void **state)
{
	(void)state;
	same_words("{\"resourceType\":\"Observation\",\"id\":\"not-me\","
	    "\"meta\":{\"profile\":[\"http://p/x\"]},\"status\":\"final\","
	    "\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":"
	    "\"8302-2\",\"display\":\"Body height\"}]},\"subject\":{"
	    "\"reference\":\"Patient/x\",\"display\":\"Amy Shaw\"},"
	    "\"effectiveDateTime\":\"2015-01-14\",\"valueQuantity\":{"
	    "\"value\":12.5,\"unit\":\"cm\"},\"comments\":\"Ask\\nagain: "
	    "http://a.example/b\"}", "", "2 8302 a again amy ask b body cm "
	    "example final height http shaw");
}

/* There is an end to it, and the empty word says that it was reached. */
static void
keeps_so_many_words_and_says_so(void **state)
{
	struct arena *a = arena_new(0);
	struct buf b = buf_on(a, 4 << 20);
	struct bytes json;
	struct extra x;
	unsigned i;

	(void)state;
	buf_str(&b, "{\"resourceType\":\"Basic\",\"code\":{\"text\":\"");
	for (i = 0; i < EXTRA_WORDS + 500; i++)
		buf_printf(&b, "w%u w%u ", i, i / 2);
	buf_str(&b, "\"}}");
	buf_u8(&b, 0);
	assert_int_equal(buf_end(&b, &json), OK);
	x = extra_of(a, (const char *)json.p);
	assert_int_equal(x.n_word, EXTRA_WORDS + 1);
	assert_int_equal(x.word[0].text.len, 0);
	assert_false(x.word[0].narrative);
	assert_true(x.word[1].text.len > 0);
	arena_free(&a);
}

static void
finds_texts_of_tokens(void **state)
{
	struct arena *a = arena_new(0);
	struct extra x = extra_of(a, "{\"resourceType\":\"Observation\","
	    "\"status\":\"final\",\"identifier\":[{\"type\":{\"text\":"
	    "\"Order No\"},\"value\":\"1\"}],\"code\":{\"coding\":[{\"code\":"
	    "\"1\",\"display\":\"Höhe\"},{\"code\":\"2\"}],\"text\":"
	    "\"Größe\"}}");
	uint16_t type = def_type(bytes_str("Observation"))->num;

	(void)state;
	assert_string_equal(told(a, &x.text, def_param(type,
	    bytes_str("code"))->num), "grosse hohe");
	assert_string_equal(told(a, &x.text, def_param(type,
	    bytes_str("identifier"))->num), "order no");
	assert_string_equal(told(a, &x.text, def_param(type,
	    bytes_str("status"))->num), "");
	arena_free(&a);
}

static void
takes_out_what_is_contained(void **state)
{
	struct arena *a = arena_new(0);
	struct extra x = extra_of(a, "{\"resourceType\":\"Observation\","
	    "\"status\":\"final\",\"contained\":[{\"resourceType\":"
	    "\"Practitioner\",\"id\":\"z\",\"name\":{\"family\":[\"Shaw\"]}},"
	    "{\"resourceType\":\"Patient\",\"id\":\"a\",\"careProvider\":[{"
	    "\"reference\":\"#z\"}]}],\"code\":{\"text\":\"x\"},\"subject\":{"
	    "\"reference\":\"#a\"},\"performer\":[{\"reference\":\"#z\"},{"
	    "\"reference\":\"#nobody\"},{\"reference\":\"Patient/1\"}]}");
	const struct values *in;

	(void)state;
	assert_int_equal(x.n_contained, 2);
	assert_true(bytes_is(x.contained[0].id, "a"));
	assert_true(bytes_is(x.contained[1].id, "z"));
	in = &x.contained[0].values;
	assert_int_equal(in->n, 1);
	assert_true(bytes_is(in->v[0].text, "#z"));
	assert_int_equal(in->v[0].type,
	    def_type(bytes_str("Practitioner"))->num);
	/* patient, performer, subject: each once, nobody not at all. */
	assert_int_equal(x.link.n, 3);
	assert_true(bytes_is(x.link.v[0].text, "#a") ||
	    bytes_is(x.link.v[0].text, "#z"));
	arena_free(&a);
}

static void
lists_what_is_not_deleted(void **state)
{
	struct arena *a = arena_new(0);
	struct extra x = extra_of(a, "{\"resourceType\":\"List\",\"status\":"
	    "\"current\",\"mode\":\"changes\",\"entry\":[{\"item\":{"
	    "\"reference\":\"Condition/1\"}},{\"deleted\":true,\"item\":{"
	    "\"reference\":\"Condition/2\"}},{\"item\":{\"reference\":"
	    "\"https://h/fhir/Condition/1\"}},{\"item\":{\"reference\":"
	    "\"http://far.example/Condition/3\"}}]}");

	(void)state;
	assert_int_equal(x.link.n, 1);
	assert_int_equal(x.link.v[0].param, PARAM_LIST);
	assert_true(bytes_is(x.link.v[0].text, "1"));
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_words_of_a_narrative),
		cmocka_unit_test(reads_what_people_would_read),
		cmocka_unit_test(keeps_so_many_words_and_says_so),
		cmocka_unit_test(finds_texts_of_tokens),
		cmocka_unit_test(takes_out_what_is_contained),
		cmocka_unit_test(lists_what_is_not_deleted),
	};

	return cmocka_run_group_tests_name("fhir_extra", tests, NULL, NULL);
}
