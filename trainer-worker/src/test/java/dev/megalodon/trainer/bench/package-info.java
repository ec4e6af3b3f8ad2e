/** Measures chunk groups between processes. Tools, not tests. */
@NullMarked
package dev.megalodon.trainer.bench;

import org.jspecify.annotations.NullMarked;
