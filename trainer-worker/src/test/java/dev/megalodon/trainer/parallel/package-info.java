@NullMarked
package dev.megalodon.trainer.parallel;

import org.jspecify.annotations.NullMarked;
