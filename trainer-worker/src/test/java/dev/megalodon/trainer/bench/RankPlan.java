package dev.megalodon.trainer.bench;

import java.util.List;

/**
 * What one rank of a bench is to do.
 *
 * @param rank position in the chunk group
 * @param addresses IP addresses by rank
 * @param ports UDP ports by rank
 * @param heldBackMicros for how long the transport itself holds messages back
 * @param steps steps to measure with each exchange
 * @param workload what a step is, see {@link ChunkExchangeRank}
 * @param result file to write the {@link RankResult} to
 */
record RankPlan(
    int rank,
    List<String> addresses,
    List<Integer> ports,
    long heldBackMicros,
    int steps,
    String workload,
    String result) {}
