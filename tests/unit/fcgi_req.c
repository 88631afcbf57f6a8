/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi_req.c -- variables and bodies, the odd ones above all.  (L4)
 *
 * Attack cases HTTP-04, -09, -10, -12, -13, -19, CGI-04, -05, -06, -11.
 */
#include "tests/unit/unit.h"

#include "base/attr.h"
#include "fcgi/req.h"

static struct arena *a;
static struct conf *conf;

static int
setup(void **state)
{
	const char *why;

	(void)state;
	a = arena_new(0);
	return conf_parse(a, "test", "/tmp",
	    bytes_str("base-url = http://127.0.0.1/fhir\n"
	    "body-bytes = 1024\n"), &conf, &why) == OK ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

/* --- variables ----------------------------------------------------------- */

#define MAX_ENV	12

static enum err
env(struct req *rq, const char *const *more)
{
	char *envp[MAX_ENV + 4] = { "GATEWAY_INTERFACE=CGI/1.1",
	    "REQUEST_METHOD=GET", "REQUEST_URI=/fhir/Patient/1" };
	struct issues is = issues_on(a);
	size_t n = 3, i;

	for (i = 0; more[i] != NULL; i++) {
		/* One that stands there already is replaced. */
		if (strncmp(more[i], "REQUEST_METHOD=", 15) == 0)
			envp[1] = arena_str(a, bytes_str(more[i]));
		else if (strncmp(more[i], "REQUEST_URI=", 12) == 0)
			envp[2] = arena_str(a, bytes_str(more[i]));
		else
			envp[n++] = arena_str(a, bytes_str(more[i]));
	}
	envp[n] = NULL;
	memset(rq, 0, sizeof(*rq));
	rq->arena = a;
	rq->conf = conf;
	memcpy(rq->id, "own", 4);
	return req_env(rq, envp, &is);
}

#define ENV(rq, ...)	env((rq), (const char *const []){ __VA_ARGS__, NULL })

static void
test_env_plain(void **state)
{
	struct req rq;

	(void)state;
	assert_int_equal(ENV(&rq, "HTTP_ACCEPT=application/json",
	    "HTTP_X_REQUEST_ID=abc-1"), OK);
	assert_int_equal(rq.method, METHOD_GET);
	assert_int_equal(rq.target.n_seg, 2);
	assert_int_equal(rq.media, MEDIA_JSON);
	assert_string_equal(rq.id, "abc-1");
	assert_false(rq.sized);
}

static void
test_env_never_looks_elsewhere(void **state)
{
	struct req rq;

	(void)state;
	/* CGI-11, HTTP-04, HTTP-10, TOK-27 */
	assert_int_equal(ENV(&rq, "PATH_INFO=/Patient/2",
	    "SCRIPT_NAME=/other", "HTTP_X_HTTP_METHOD_OVERRIDE=DELETE",
	    "REMOTE_USER=admin", "REDIRECT_HTTP_AUTHORIZATION=Bearer x",
	    "HTTP_HOST=evil", "QUERY_STRING=a=b"), OK);
	assert_int_equal(rq.method, METHOD_GET);
	assert_bytes(rq.target.seg[1], "1");
	assert_bytes(rq.var[VAR_AUTH], "");
	assert_int_equal(rq.n_pair, 0);
}

static void
test_env_twice_is_refused(void **state)
{
	struct req rq;

	(void)state;
	/* CGI-04 */
	assert_int_equal(ENV(&rq, "HTTP_AUTHORIZATION=Bearer a",
	    "HTTP_AUTHORIZATION=Bearer b"), ERR_SYNTAX);
	assert_int_equal(ENV(&rq, "CONTENT_LENGTH=1", "CONTENT_LENGTH=1"),
	    ERR_SYNTAX);
	assert_int_equal(ENV(&rq, "REMOTE_USER=a", "REMOTE_USER=b"), OK);
}

static void
test_env_methods(void **state)
{
	static const char *const odd[] = { "TRACE", "CONNECT", "FOO", "get",
	    "", "GET ", "PROPFIND" };
	struct req rq;
	size_t i;

	(void)state;
	/* HTTP-09 */
	for (i = 0; i < N_ELEM(odd); i++)
		assert_int_equal(ENV(&rq, arena_printf(a,
		    "REQUEST_METHOD=%s", odd[i])), ERR_METHODUNK);
	assert_int_equal(ENV(&rq, "REQUEST_METHOD=PUT"), OK);
	assert_int_equal(rq.method, METHOD_PUT);
}

static void
test_env_stranger(void **state)
{
	char *envp[] = { "REQUEST_METHOD=GET", "REQUEST_URI=/fhir", NULL };
	struct issues is = issues_on(a);
	struct req rq = { .arena = a, .conf = conf };

	(void)state;
	assert_int_equal(req_env(&rq, envp, &is), ERR_SYNTAX);
	assert_true(req_stranger(&rq));
}

static void
test_env_lengths(void **state)
{
	static const char *const bad[] = { "-5", "1x", " 1", "+1", "0x10",
	    "9223372036854775808", "18446744073709551617" };
	struct req rq;
	size_t i;

	(void)state;
	/* CGI-05 */
	for (i = 0; i < N_ELEM(bad); i++)
		assert_int_equal(ENV(&rq, arena_printf(a,
		    "CONTENT_LENGTH=%s", bad[i])), ERR_SYNTAX);
	assert_int_equal(ENV(&rq, "CONTENT_LENGTH="), OK);
	assert_false(rq.sized);
	assert_int_equal(ENV(&rq, "CONTENT_LENGTH=12"), OK);
	assert_int_equal(rq.length, 12);
}

static void
test_env_limits(void **state)
{
	char *big = arena_alloc(a, 40001);
	struct req rq;
	struct issues is = issues_on(a);
	char **envp = arena_array(a, REQ_ENV_MAX + 3, sizeof(*envp));
	size_t i;

	(void)state;
	/* HTTP-19: header fields of 40 KB; 201 variables */
	memset(big, 'a', 40000);
	memcpy(big, "HTTP_X_BIG=", 11);
	assert_int_equal(ENV(&rq, big), ERR_HEADERS);
	assert_false(req_stranger(&rq));
	memcpy(big, "NOT_HEADER=", 11);
	assert_int_equal(ENV(&rq, big), OK);
	for (i = 0; i < REQ_ENV_MAX + 1; i++)
		envp[i] = arena_printf(a, "V%zu=1", i);
	memset(&rq, 0, sizeof(rq));
	rq.arena = a;
	rq.conf = conf;
	assert_int_equal(req_env(&rq, envp, &is), ERR_HEADERS);
}

static void
test_env_parameters(void **state)
{
	struct buf b = buf_on(a, 8000);
	struct bytes uri;
	struct req rq;
	int i;

	(void)state;
	assert_int_equal(ENV(&rq, "REQUEST_URI=/fhir/Patient?name=a%20b"
	    "&_format=application/json+fhir&_pretty=true"), OK);
	assert_int_equal(rq.n_pair, 3);
	assert_bytes(rq.pair[0].value, "a b");
	assert_int_equal(rq.media, MEDIA_JSON_FHIR);
	assert_true(rq.pretty);
	/* HTTP-19: beyond search-params */
	buf_str(&b, "REQUEST_URI=/fhir/Patient?");
	for (i = 0; i < 101; i++)
		buf_str(&b, "a=1&");
	buf_str(&b, "a=1");
	assert_int_equal(buf_end(&b, &uri), OK);
	assert_int_equal(ENV(&rq, arena_str(a, uri)), ERR_USAGE);
}

static void
test_env_encoding(void **state)
{
	struct req rq;

	(void)state;
	/* HTTP-13 */
	assert_int_equal(ENV(&rq, "HTTP_CONTENT_ENCODING=gzip"), ERR_MEDIA);
	assert_int_equal(ENV(&rq, "HTTP_CONTENT_ENCODING=identity"), OK);
}

static void
test_env_odd_request_id_is_ours(void **state)
{
	static const char *const odd[] = { "a b", "a\r\nX: y", "\"", "a/b",
	    "0123456789012345678901234567890123456789"
	    "0123456789012345678901234" };
	struct req rq;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(odd); i++) {
		assert_int_equal(ENV(&rq, arena_printf(a,
		    "HTTP_X_REQUEST_ID=%s", odd[i])), OK);
		assert_string_equal(rq.id, "own");
	}
}

/* --- bodies -------------------------------------------------------------- */

struct source {
	const char	*text;
	size_t		 at, step;
	bool		 breaks;	/* the peer goes away at the end */
};

static bool
from_source(void *arg, void *buf, size_t n, size_t *got_out)
{
	struct source *s = arg;
	size_t left = strlen(s->text) - s->at;

	if (left == 0 && s->breaks)
		return false;
	n = n < s->step ? n : s->step;
	n = n < left ? n : left;
	memcpy(buf, s->text + s->at, n);
	s->at += n;
	*got_out = n;
	return true;
}

static enum err
body(struct req *rq, const char *length, const char *text, bool breaks)
{
	struct source s = { .text = text, .step = 3, .breaks = breaks };
	struct issues is = issues_on(a);

	assert_int_equal(ENV(rq, "REQUEST_METHOD=POST", length), OK);
	return req_body(rq, from_source, &s, &is);
}

static void
test_body_as_announced(void **state)
{
	struct req rq;

	(void)state;
	assert_int_equal(body(&rq, "CONTENT_LENGTH=7", "a=b&c=d", false), OK);
	assert_bytes(rq.body, "a=b&c=d");
	assert_int_equal(body(&rq, "CONTENT_LENGTH=0", "", false), OK);
	assert_int_equal(rq.body.len, 0);
}

static void
test_body_of_another_length(void **state)
{
	struct req rq;

	(void)state;
	/* CGI-05: 10 with 3 bytes, 1 with 3 bytes, 3 nobody announced */
	assert_int_equal(body(&rq, "CONTENT_LENGTH=10", "abc", false),
	    ERR_SYNTAX);
	assert_int_equal(body(&rq, "CONTENT_LENGTH=1", "abc", false),
	    ERR_SYNTAX);
	assert_int_equal(body(&rq, "CONTENT_LENGTH=", "abc", false),
	    ERR_SYNTAX);
}

static void
test_body_aborted(void **state)
{
	struct req rq;

	(void)state;
	/* HTTP-12, CGI-06 */
	assert_int_equal(body(&rq, "CONTENT_LENGTH=10", "abc", true),
	    ERR_BUSY);
}

static void
test_body_chunked(void **state)
{
	char *big = arena_alloc(a, 1026);
	struct req rq;

	(void)state;
	assert_int_equal(body(&rq, "HTTP_TRANSFER_ENCODING=chunked", "abc",
	    false), OK);
	assert_bytes(rq.body, "abc");
	memset(big, 'x', 1025);
	assert_int_equal(body(&rq, "HTTP_TRANSFER_ENCODING=chunked", big,
	    false), ERR_TOOBIG);
	big[1024] = '\0';
	assert_int_equal(body(&rq, "HTTP_TRANSFER_ENCODING=chunked", big,
	    false), OK);
	assert_int_equal(rq.body.len, 1024);
}

static void
test_body_announced_too_big(void **state)
{
	struct req rq;

	(void)state;
	assert_int_equal(body(&rq, "CONTENT_LENGTH=1025", "abc", false),
	    ERR_TOOBIG);
	assert_int_equal(body(&rq, "CONTENT_LENGTH=9223372036854775807",
	    "abc", false), ERR_TOOBIG);
}

int
main(void)
{
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		T(test_env_plain),
		T(test_env_never_looks_elsewhere),
		T(test_env_twice_is_refused),
		T(test_env_methods),
		T(test_env_stranger),
		T(test_env_lengths),
		T(test_env_limits),
		T(test_env_parameters),
		T(test_env_encoding),
		T(test_env_odd_request_id_is_ours),
		T(test_body_as_announced),
		T(test_body_of_another_length),
		T(test_body_aborted),
		T(test_body_chunked),
		T(test_body_announced_too_big),
	};

	return cmocka_run_group_tests_name("fcgi_req", tests, NULL, NULL);
}
