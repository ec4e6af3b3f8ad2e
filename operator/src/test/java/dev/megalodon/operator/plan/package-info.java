/** Tests of the planner. */
@NullMarked
package dev.megalodon.operator.plan;

import org.jspecify.annotations.NullMarked;
