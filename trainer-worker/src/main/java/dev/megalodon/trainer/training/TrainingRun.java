package dev.megalodon.trainer.training;

import dev.megalodon.kernels.Device;
import dev.megalodon.trainer.job.TrainingPlan;
import dev.megalodon.trainer.progress.CheckpointRequests;
import dev.megalodon.trainer.progress.ProgressBoard;
import dev.megalodon.trainer.progress.WorkerMetrics;
import java.time.Clock;
import java.time.Duration;

/**
 * What a training loop is made of.
 *
 * @param plan what to do
 * @param rank this rank
 * @param worldSize number of ranks
 * @param device what computes
 * @param numerics says what the bits of the results depend on, for the manifest
 * @param text what is trained on
 * @param board what this worker says of itself
 * @param metrics the same in numbers
 * @param stop asks to leave
 * @param checkpointRequests asks for checkpoints between those that are due
 * @param clock for time stamps
 * @param bounds how long things may take
 * @param faults where tests break things
 */
public record TrainingRun(
    TrainingPlan plan,
    int rank,
    int worldSize,
    Device device,
    String numerics,
    TrainingText text,
    ProgressBoard board,
    WorkerMetrics metrics,
    StopSignal stop,
    CheckpointRequests checkpointRequests,
    Clock clock,
    Bounds bounds,
    Faults faults) {

  /**
   * How long things may take.
   *
   * @param volumePatience how long a file that another node wrote may take to appear
   * @param finalCheckpoint how long to try to write the last checkpoint
   * @param pauseBetweenTries between two tries
   */
  public record Bounds(
      Duration volumePatience, Duration finalCheckpoint, Duration pauseBetweenTries) {
    /** What suits network file systems and disks that somebody must make room on. */
    public static final Bounds DEFAULT =
        new Bounds(Duration.ofSeconds(60), Duration.ofMinutes(10), Duration.ofSeconds(5));
  }

  /** How far a step is when it is not done. */
  public enum StepPhase {
    /** The gradients are summed, on their owners and buddies; the norm is not known. */
    REDUCED,
    /** The norm is known; nothing is updated. */
    NORM_KNOWN,
    /** The own slices are updated; those of others are not here. */
    UPDATED
  }

  /** Points at which a test may break the process. */
  @FunctionalInterface
  public interface Faults {
    /** Nothing breaks. */
    Faults NONE = step -> {};

    /** Called when a step is done, before anything of it is saved. */
    void afterStep(long step);

    /** Called inside a step that is being made, counted from 1. */
    default void within(long step, StepPhase phase) {}
  }
}
