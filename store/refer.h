/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refer.h -- who refers to a resource, for referential integrity.  (L2)
 *
 * Internal to store/: the door is write_referred.
 */
#ifndef STORE_REFER_H
#define STORE_REFER_H

#include "store/gate.h"

/* in	v	NULL: all;  as write_referred */
enum err	refer_ask(struct snapshot *t, struct arena *a,
		    const struct view *v, uint16_t type, struct bytes id,
		    bool *out) NODISCARD;

#endif
