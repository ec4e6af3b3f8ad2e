/** How a worker ends early: the exit code and the one sentence that says why. */
@NullMarked
package dev.megalodon.trainer.exit;

import org.jspecify.annotations.NullMarked;
