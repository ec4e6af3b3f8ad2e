package dev.megalodon.operator.plan;

import java.time.Duration;

/**
 * How long things may take, and how much is kept.
 *
 * @param nodeLost a pod whose node does not answer is replaced after this long
 * @param stuckTerminating a pod this long past its grace period is removed by force
 * @param completion after rank 0 is done, the others may take this long to end
 * @param healthy a worker that was ready for this long has its back-off reset
 * @param refused a pod that the API server refused is asked for again after this long
 * @param progressInterval time between two status writes that only show progress
 * @param keptFailedPods superseded dead pods kept for their logs, over all ranks of a job
 */
public record Limits(
    Duration nodeLost,
    Duration stuckTerminating,
    Duration completion,
    Duration healthy,
    Duration refused,
    Duration progressInterval,
    int keptFailedPods) {}
