/** Tests of how workers are asked. */
@NullMarked
package dev.megalodon.operator.progress;

import org.jspecify.annotations.NullMarked;
