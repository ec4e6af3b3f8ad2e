package dev.megalodon.operator.observe;

import dev.megalodon.crds.contract.Progress;
import java.time.Instant;

/**
 * What a worker answered, and when.
 *
 * @param progress the answer
 * @param at when it came
 */
public record ObservedProgress(Progress progress, Instant at) {}
