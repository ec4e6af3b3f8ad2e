/** Collectives' transport over Aeron: UDP between pods, shared memory between ranks of one pod. */
@NullMarked
package dev.megalodon.trainer.parallel.aeron;

import org.jspecify.annotations.NullMarked;
