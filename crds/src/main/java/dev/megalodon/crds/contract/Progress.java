package dev.megalodon.crds.contract;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a worker answers to {@code GET /progress}, as JSON with these names.
 *
 * @param jobUid UID of the job, so that an answer of another job's pod is not believed
 * @param rank rank that answers
 * @param incarnation its incarnation
 * @param phase what it does
 * @param epoch rendezvous epoch, 0 before the first
 * @param step steps finished, 0 to totalSteps
 * @param totalSteps steps of the whole run
 * @param tokens tokens trained on so far, over all ranks
 * @param loss mean training loss of the last finished step, nats per token; absent before the first
 * @param heldOutLoss newest loss on held-out data, nats per token; absent before the first
 *     evaluation
 * @param initialHeldOutLoss loss on held-out data before the first step
 * @param tokensPerSecond smoothed over the last steps, all ranks together
 * @param etaSeconds seconds to the end at that speed; absent when not known
 * @param checkpointStep step of the newest committed checkpoint; absent before the first
 * @param checkpointUri its folder
 * @param checkpointDigest SHA-256 of its manifest, {@code sha256:…}
 * @param checkpointTime when it was committed, RFC 3339
 * @param resumedFromStep step that this epoch started from
 * @param message one line for people
 * @param recovery how the newest epoch after a loss came about; absent before the first loss
 * @param checkpointFailure why the newest checkpoint could not be written; absent once one was
 * @param absent ranks that all others wait for, as this worker knows it; empty while training
 * @param ranks how long ranks compute and wait, on rank 0; the slowest first, at most {@link
 *     #MOST_RANKS}
 */
public record Progress(
    String jobUid,
    int rank,
    long incarnation,
    Phase phase,
    long epoch,
    long step,
    long totalSteps,
    long tokens,
    @Nullable Double loss,
    @Nullable Double heldOutLoss,
    @Nullable Double initialHeldOutLoss,
    @Nullable Double tokensPerSecond,
    @Nullable Long etaSeconds,
    @Nullable Long checkpointStep,
    @Nullable String checkpointUri,
    @Nullable String checkpointDigest,
    @Nullable String checkpointTime,
    long resumedFromStep,
    String message,
    @Nullable Recovery recovery,
    @Nullable String checkpointFailure,
    List<AbsentRank> absent,
    List<RankTimes> ranks) {

  /** Entries of {@link #ranks} at most. */
  public static final int MOST_RANKS = 32;

  /** Copies the lists; one that an older worker did not send is empty. */
  public Progress {
    absent = absent == null ? List.of() : List.copyOf(absent);
    ranks = ranks == null ? List.of() : List.copyOf(ranks);
  }

  /** A worker of which nothing is known but who it is. */
  public static Progress starting(String jobUid, int rank, long incarnation, long totalSteps) {
    return new Progress(
        jobUid,
        rank,
        incarnation,
        Phase.STARTING,
        0,
        0,
        totalSteps,
        0,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        0,
        "starting",
        null,
        null,
        List.of(),
        List.of());
  }

  /** What a worker does. */
  public enum Phase {
    /** The process is up and reads its job. */
    STARTING,
    /** Waits for the other ranks. */
    RENDEZVOUS,
    /** Loads a checkpoint or initialises. */
    LOADING,
    /** Runs steps. */
    TRAINING,
    /** Writes the last checkpoint. */
    FINISHING,
    /** All is done. */
    COMPLETE
  }
}
