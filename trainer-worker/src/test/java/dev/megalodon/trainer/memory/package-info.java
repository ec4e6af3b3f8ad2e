@NullMarked
package dev.megalodon.trainer.memory;

import org.jspecify.annotations.NullMarked;
