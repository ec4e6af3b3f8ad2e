@NullMarked
package dev.megalodon.trainer.verify;

import org.jspecify.annotations.NullMarked;
