/** What Prometheus is told beside the SDK's own numbers; {@code METRICS.md} lists all of them. */
@NullMarked
package dev.megalodon.operator.metrics;

import org.jspecify.annotations.NullMarked;
