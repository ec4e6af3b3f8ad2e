/** What a rank needs in memory, told before anything is allocated. */
@NullMarked
package dev.megalodon.trainer.memory;

import org.jspecify.annotations.NullMarked;
