/** Tests of event files. */
@NullMarked
package dev.megalodon.trainer.tensorboard;

import org.jspecify.annotations.NullMarked;
