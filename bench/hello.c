/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hello.c -- the least a FastCGI program can do: the baseline of bench/run.
 *
 * usage: hello SOCKET WORKERS ANSWER
 *
 * Pre-forks WORKERS processes that send the bytes of the file ANSWER (header
 * block and body, as CGI) to whoever asks, by libfcgi and nothing else.  Knows
 * no request, no token, no store.  Ends with its parent or at SIGTERM.
 */
#include <fcgiapp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BACKLOG	1024		/* that of tiphys-fhir */

struct answer {
	char	*p;
	int	 len;
};

static struct answer
slurp(const char *path)
{
	struct answer a = { NULL, 0 };
	FILE *f = fopen(path, "rb");
	struct stat st;

	if (f == NULL || fstat(fileno(f), &st) == -1) {
		perror(path);
		exit(1);
	}
	a.len = (int)st.st_size;
	a.p = malloc((size_t)a.len);
	if (a.p == NULL || fread(a.p, 1, (size_t)a.len, f) != (size_t)a.len) {
		perror(path);
		exit(1);
	}
	(void)fclose(f);
	return a;
}

static void
work(int fd, struct answer a)
{
	FCGX_Request r;

	if (FCGX_InitRequest(&r, fd, 0) != 0)
		exit(1);
	while (FCGX_Accept_r(&r) == 0) {
		(void)FCGX_PutStr(a.p, a.len, r.out);
		FCGX_Finish_r(&r);
	}
	exit(1);
}

int
main(int argc, char **argv)
{
	struct answer a;
	int fd, i, n;

	if (argc != 4) {
		(void)fprintf(stderr, "usage: hello SOCKET WORKERS ANSWER\n");
		return 64;
	}
	n = (int)strtol(argv[2], NULL, 10);
	a = slurp(argv[3]);
	(void)signal(SIGPIPE, SIG_IGN);
	if (FCGX_Init() != 0)
		return 1;
	fd = FCGX_OpenSocket(argv[1], BACKLOG);
	if (fd == -1) {
		perror(argv[1]);
		return 1;
	}
	for (i = 0; i < n; i++) {
		if (fork() != 0)
			continue;
		(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
		work(fd, a);
	}
	while (wait(NULL) > 0)
		;
	return 1;
}
