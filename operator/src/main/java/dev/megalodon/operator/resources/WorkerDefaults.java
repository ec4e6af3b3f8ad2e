package dev.megalodon.operator.resources;

import java.util.List;
import java.util.Optional;

/**
 * What whoever installed the operator says about worker pods.
 *
 * @param image image of jobs that name none
 * @param imagePullPolicy pull policy of jobs that name none; empty: Kubernetes' rule
 * @param imagePullSecrets secrets in the job's namespace that images are pulled with
 * @param sharedMemory size of {@code /dev/shm}, a Kubernetes quantity
 * @param userId user and group that workers run as
 * @param logFormat how workers write their logs, {@code text} or {@code json}
 */
public record WorkerDefaults(
    String image,
    Optional<String> imagePullPolicy,
    List<String> imagePullSecrets,
    String sharedMemory,
    long userId,
    String logFormat) {}
