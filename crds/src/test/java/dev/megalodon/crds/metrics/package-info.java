/** Holds what programs export to the table of metrics. */
@NullMarked
package dev.megalodon.crds.metrics;

import org.jspecify.annotations.NullMarked;
