/** Asks workers how far they are, off the reconcile thread. */
@NullMarked
package dev.megalodon.operator.progress;

import org.jspecify.annotations.NullMarked;
