package dev.megalodon.trainer.job;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.contract.WorkerEnvironment;
import dev.megalodon.trainer.exit.WorkerExit;
import java.util.Map;

/**
 * Which worker of which job this process is.
 *
 * @param namespace of the job
 * @param jobName of the job
 * @param jobUid of the job object
 * @param rank 0 to worldSize − 1
 * @param worldSize ranks of the job
 * @param incarnation which pod of the job, counted from 1
 * @param rendezvousHost DNS name or address of rank 0
 * @param address where peers send to
 */
public record WorkerIdentity(
    String namespace,
    String jobName,
    String jobUid,
    int rank,
    int worldSize,
    long incarnation,
    String rendezvousHost,
    String address) {
  /** Stands for namespace and UID of a job that nobody has created in a cluster. */
  public static final String LOCAL = "local";

  private static final int FOLDER_UID_LENGTH = 8;

  /**
   * Reads the variables that the operator sets.
   *
   * @throws WorkerExit {@code BAD_SPEC} naming the variable that is missing or not a number
   */
  public static WorkerIdentity from(Map<String, String> environment) {
    return new WorkerIdentity(
        text(environment, WorkerEnvironment.NAMESPACE),
        text(environment, WorkerEnvironment.JOB_NAME),
        text(environment, WorkerEnvironment.JOB_UID),
        Math.toIntExact(number(environment, WorkerEnvironment.RANK)),
        Math.toIntExact(number(environment, WorkerEnvironment.WORLD_SIZE)),
        number(environment, WorkerEnvironment.INCARNATION),
        text(environment, WorkerEnvironment.RENDEZVOUS_HOST),
        text(environment, WorkerEnvironment.POD_IP));
  }

  /** Whether this process was started by hand, on a machine that is all the job has. */
  public boolean isLocal() {
    return jobUid.equals(LOCAL);
  }

  /** The job's folder, relative to the checkpoint volume's root. */
  public String checkpointFolder() {
    return "%s/%s-%s"
        .formatted(
            namespace, jobName, jobUid.substring(0, Math.min(FOLDER_UID_LENGTH, jobUid.length())));
  }

  private static String text(Map<String, String> environment, String name) {
    String value = environment.get(name);
    if (value == null || value.isBlank()) {
      throw new WorkerExit(
          ExitCode.BAD_SPEC,
          "the environment variable %s is not set: run this in a worker pod, or with --local"
              .formatted(name));
    }
    return value;
  }

  private static long number(Map<String, String> environment, String name) {
    String value = text(environment, name);
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new WorkerExit(
          ExitCode.BAD_SPEC,
          "the environment variable %s is '%s', not a number".formatted(name, value),
          e);
    }
  }
}
