/** Several ranks in one test process. */
@NullMarked
package dev.megalodon.trainer.ranks;

import org.jspecify.annotations.NullMarked;
