/** Ranks as threads of one process, for checks on one machine. */
@NullMarked
package dev.megalodon.trainer.ranks;

import org.jspecify.annotations.NullMarked;
