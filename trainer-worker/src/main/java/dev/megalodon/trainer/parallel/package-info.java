/**
 * Collectives between ranks: the operations, the ring they run on, and what a transport under them
 * has to do. {@link dev.megalodon.trainer.parallel.aeron} carries them between processes.
 */
@NullMarked
package dev.megalodon.trainer.parallel;

import org.jspecify.annotations.NullMarked;
