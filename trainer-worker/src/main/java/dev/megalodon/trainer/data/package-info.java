/** Byte-level training text: memory-mapped files, deterministic windows, held-out windows. */
@NullMarked
package dev.megalodon.trainer.data;

import org.jspecify.annotations.NullMarked;
