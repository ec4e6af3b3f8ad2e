package dev.megalodon.crds.contract;

/**
 * Where the time of a rank's steps goes, smoothed over the last steps.
 *
 * @param rank the rank
 * @param computeSeconds seconds of a step in which it computes
 * @param waitSeconds seconds of a step in which it waits for other ranks and their messages
 */
public record RankTimes(int rank, double computeSeconds, double waitSeconds) {}
