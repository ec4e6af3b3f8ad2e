/**
 * Holds a device to golden files: numbers that a reference implementation computed in double
 * precision. Files say themselves what they hold; nothing here knows their dimensions.
 */
@NullMarked
package dev.megalodon.trainer.verify;

import org.jspecify.annotations.NullMarked;
