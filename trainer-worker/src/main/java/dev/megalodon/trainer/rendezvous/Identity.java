package dev.megalodon.trainer.rendezvous;

/**
 * Who a process is among the processes of all jobs.
 *
 * @param jobUid UID of the job object
 * @param rank this process's rank
 * @param worldSize number of ranks of the job
 * @param incarnation which pod of the job this is, counted from 1
 * @param specDigest digest of what all ranks must agree on; a rank with another one is refused
 * @param secret proves that a process belongs to the job
 */
public record Identity(
    String jobUid, int rank, int worldSize, long incarnation, String specDigest, JobSecret secret) {
  /** Checks the numbers. */
  public Identity {
    if (rank < 0 || rank >= worldSize || incarnation < 1) {
      throw new IllegalArgumentException(
          "rank %d of %d in incarnation %d cannot be: ranks count from 0, incarnations from 1"
              .formatted(rank, worldSize, incarnation));
    }
  }
}
