/** Tests of the model. */
@NullMarked
package dev.megalodon.trainer.model;

import org.jspecify.annotations.NullMarked;
