package dev.megalodon.operator.plan;

import java.time.Duration;

/**
 * How long things may take, and how much is kept.
 *
 * @param nodeLost a pod whose node does not answer is replaced after this long, unless its worker
 *     is heard of
 * @param nodeAway it is replaced after this long even so: nobody can end or restart it there
 * @param stuckTerminating a pod this long past its grace period is removed by force
 * @param stalled a worker that its peers miss for this long is replaced
 * @param join a new worker may take this long to join them
 * @param freshAnswer what workers said longer ago than this is not acted on
 * @param straggling a rank that is slow for this long is named
 * @param completion after rank 0 is done, the others may take this long to end
 * @param healthy a worker that was ready for this long has its back-off reset
 * @param refused a pod that the API server refused is asked for again after this long
 * @param keptFailedPods superseded dead pods kept for their logs, over all ranks of a job
 */
public record Limits(
    Duration nodeLost,
    Duration nodeAway,
    Duration stuckTerminating,
    Duration stalled,
    Duration join,
    Duration freshAnswer,
    Duration straggling,
    Duration completion,
    Duration healthy,
    Duration refused,
    int keptFailedPods) {}
