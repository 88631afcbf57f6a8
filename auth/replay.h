/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay.h -- replay/: proofs that were used, and must not be again.  (L3)
 *
 * Internal to auth/.  tiphys-fhir alone writes and reads it.  One LMDB
 * environment for each boot of the machine, named by the kernel's boot id:
 *
 * database   key              value
 *
 * used       name 32          iat be64
 * due        iat be64, name   "": the same by age, so that the old go first
 * meta       "floor"          be64: proofs of this second and before are
 *                             refused, known or not
 *
 * It is not synced (ENV_LOOSE): a proof lives two minutes, and a sync costs
 * each request a wait for the disk.  What the killing of processes leaves is
 * whole; what a power cut leaves is thrown away with its boot id, and the
 * new environment's floor lies a minute ahead of its birth, so that nothing
 * used before the cut can be used after it.  That minute without DPoP after
 * a power cut or reboot is the price.
 */
#ifndef AUTH_REPLAY_H
#define AUTH_REPLAY_H

#include "auth/dpop.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"

#define REPLAY_BOOT_LEN	36	/* bytes of a boot id */

struct replay;

/*
 * in	dir	data-dir/replay: made where the folder above lets us
 *	boot	this boot's id; NULL: asked of the kernel
 * err	ERR_CONFIG, ERR_STORE; *why_out in a
 */
enum err	replay_open(struct arena *a, const char *dir,
		    const char *boot, struct instant now,
		    struct replay **out, const char **why_out) NODISCARD;

/*
 * Use a proof that was checked.
 * err	ERR_LOGIN  it was used, or is too old to know; *why_out a constant
 *	ERR_FULL, ERR_STORE, ERR_BUSY: never an open door
 * cost	a write transaction without a sync: some 30 us
 */
enum err	replay_use(struct replay *r, const struct dpop *d,
		    struct instant now, const char **why_out) NODISCARD;

#endif
