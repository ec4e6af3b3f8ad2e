package dev.megalodon.e2e.faults;

import java.time.Instant;
import java.util.Optional;

/**
 * When what happened to a job.
 *
 * @param injected when the fault began
 * @param ended when it was over
 * @param stepped when the first step of a newer epoch was finished
 * @param beforeEnd whether that was before the fault was over
 * @param runningAfter whether the job still had steps to make when it was over
 * @param injection the fault
 */
record Timeline(
    Instant injected,
    Instant ended,
    Optional<Instant> stepped,
    boolean beforeEnd,
    boolean runningAfter,
    Injection injection) {}
