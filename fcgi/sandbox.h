/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox.h -- give away what a server does not need.  (L4)
 *
 * Attack cases CNF-05, DOS-06, MEM-05.
 */
#ifndef FCGI_SANDBOX_H
#define FCGI_SANDBOX_H

#include "base/conf.h"

/*
 * Started by root: become conf's user (www-data where none is set) with its
 * groups and conf's group.  Started by somebody else: conf's user must be
 * that one.  Exits 78 otherwise: nothing is ever served as root.
 */
void	sandbox_user(const struct conf *conf);

/*
 * For a process that talks to a web server: no core, no ptrace, no new
 * privileges, bounded memory.  parent: end (SIGTERM) when this process does;
 * 0: no matter.
 */
void	sandbox_worker(const struct conf *conf, int parent);

#endif
