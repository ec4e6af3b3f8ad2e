@NullMarked
package dev.megalodon.trainer.progress;

import org.jspecify.annotations.NullMarked;
