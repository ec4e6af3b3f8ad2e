/** Checkpoints on a shared volume: written atomically, verified before they are believed. */
@NullMarked
package dev.megalodon.trainer.checkpoint;

import org.jspecify.annotations.NullMarked;
