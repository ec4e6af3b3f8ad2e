/** Tests of what Prometheus is told. */
@NullMarked
package dev.megalodon.operator.metrics;

import org.jspecify.annotations.NullMarked;
