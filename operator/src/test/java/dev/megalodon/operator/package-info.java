/** Tests of the operator as a whole. */
@NullMarked
package dev.megalodon.operator;

import org.jspecify.annotations.NullMarked;
