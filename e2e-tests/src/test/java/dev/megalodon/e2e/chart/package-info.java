/** The Helm chart: held to a real API server without nodes, and once, installed on the cluster. */
@NullMarked
package dev.megalodon.e2e.chart;

import org.jspecify.annotations.NullMarked;
