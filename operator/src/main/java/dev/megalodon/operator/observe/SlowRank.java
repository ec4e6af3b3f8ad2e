package dev.megalodon.operator.observe;

import java.time.Duration;

/**
 * A rank that computes for much longer than the others.
 *
 * @param rank the rank
 * @param ratio how many times as long as the median of the others
 * @param computeSeconds seconds of a step in which it computes
 * @param lasting for how long every answer has said so
 */
public record SlowRank(int rank, double ratio, double computeSeconds, Duration lasting) {}
