/** Tests of the writers. */
@NullMarked
package dev.megalodon.operator.act;

import org.jspecify.annotations.NullMarked;
