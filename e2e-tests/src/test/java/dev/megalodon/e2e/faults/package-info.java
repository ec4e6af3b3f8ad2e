/**
 * Faults against jobs on the real cluster. A {@link dev.megalodon.e2e.faults.Fault} hurts one job
 * or the cluster below it; {@link dev.megalodon.e2e.faults.FaultRun} measures what came of it, and
 * {@link dev.megalodon.e2e.faults.Soak} throws them at random.
 */
@NullMarked
package dev.megalodon.e2e.faults;

import org.jspecify.annotations.NullMarked;
