package dev.megalodon.operator.progress;

/**
 * A worker that can be asked.
 *
 * @param rank its rank
 * @param pod name of its pod
 * @param address IP address of its pod
 */
public record WorkerEndpoint(int rank, String pod, String address) {}
