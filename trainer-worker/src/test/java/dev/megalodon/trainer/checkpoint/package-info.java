@NullMarked
package dev.megalodon.trainer.checkpoint;

import org.jspecify.annotations.NullMarked;
