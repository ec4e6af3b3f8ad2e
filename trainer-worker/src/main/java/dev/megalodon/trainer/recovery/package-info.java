/**
 * What a job goes on from when ranks were lost: the state that living ranks hold, or a checkpoint,
 * or the beginning.
 */
@NullMarked
package dev.megalodon.trainer.recovery;

import org.jspecify.annotations.NullMarked;
