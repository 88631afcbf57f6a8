/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch.c -- time limits and signals of one worker.  (L4)
 *
 * The handlers call nothing but clock_gettime, shutdown and close, which
 * signal-safety(7) lists.
 */
#include "fcgi/watch.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

/* The only mutable state of this kind: what the two handlers read. */
static struct {
	atomic_int	 fd;		/* to be shut down, or -1 */
	atomic_llong	 deadline;	/* clock_mono, us */
	atomic_int	 listen_fd;
	atomic_bool	 draining;
	int64_t		 tick_us;
} watch = { .fd = -1, .listen_fd = -1 };

static void
on_tick(int sig)
{
	int fd = atomic_load(&watch.fd);

	(void)sig;
	if (fd >= 0 &&
	    clock_mono() + watch.tick_us > atomic_load(&watch.deadline)) {
		(void)shutdown(fd, SHUT_RDWR);
		atomic_store(&watch.fd, -1);
	}
}

/*
 * Closing our seat at the listening socket leaves no gap between the look at
 * draining and the accept: an accept begun in it finds no socket.
 */
static void
on_term(int sig)
{
	int fd = atomic_exchange(&watch.listen_fd, -1);

	(void)sig;
	atomic_store(&watch.draining, true);
	if (fd >= 0)
		(void)close(fd);
}

static void
handle(int sig, void (*fn)(int))
{
	struct sigaction sa;
	sigset_t one;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = fn;
	sa.sa_flags = SA_RESTART;
	sigemptyset(&sa.sa_mask);
	sigemptyset(&one);
	sigaddset(&one, sig);
	if (sigaction(sig, &sa, NULL) == -1 ||
	    sigprocmask(SIG_UNBLOCK, &one, NULL) == -1)
		panic("event=signal");
}

void
watch_start(int listen_fd, int64_t shortest_ms)
{
	struct itimerval every;
	int64_t ms = shortest_ms / 10;

	ms = ms < 2 ? 2 : ms > 1000 ? 1000 : ms;
	watch.tick_us = ms * 1000;
	atomic_store(&watch.listen_fd, listen_fd);
	every.it_interval.tv_sec = ms / 1000;
	every.it_interval.tv_usec = ms % 1000 * 1000;
	every.it_value = every.it_interval;
	/* Reads go on after both; an accept goes on to find no socket. */
	handle(SIGALRM, on_tick);
	handle(SIGTERM, on_term);
	if (setitimer(ITIMER_REAL, &every, NULL) == -1)
		panic("event=timer");
}

void
watch_arm(int fd, int64_t limit_ms)
{
	atomic_store(&watch.deadline, clock_mono() + limit_ms * 1000);
	atomic_store(&watch.fd, fd);
}

void
watch_disarm(void)
{
	atomic_store(&watch.fd, -1);
}

bool
watch_draining(void)
{
	return atomic_load(&watch.draining);
}
