/** The Helm chart, held to a real API server; nothing runs there. */
@NullMarked
package dev.megalodon.e2e.chart;

import org.jspecify.annotations.NullMarked;
