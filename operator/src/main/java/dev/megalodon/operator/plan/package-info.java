/** Decides: a snapshot and the time in, actions and the new status out. Sees no client. */
@NullMarked
package dev.megalodon.operator.plan;

import org.jspecify.annotations.NullMarked;
