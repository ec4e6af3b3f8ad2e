/** The step loop: epochs, steps, evaluation, checkpoints, leaving on notice. */
@NullMarked
package dev.megalodon.trainer.training;

import org.jspecify.annotations.NullMarked;
