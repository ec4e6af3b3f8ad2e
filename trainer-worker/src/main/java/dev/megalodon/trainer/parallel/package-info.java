/** Collectives between ranks: operations, the rings they run on, and the transports under them. */
@NullMarked
package dev.megalodon.trainer.parallel;

import org.jspecify.annotations.NullMarked;
