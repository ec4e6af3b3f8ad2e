package dev.megalodon.operator.plan;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What one pass decided. The order is the protocol: what is in {@code first} is accepted by the API
 * server before the status is written; the status is written before {@code create} and {@code
 * then}.
 *
 * @param first clean-up that a final status waits for
 * @param status the status to write; empty if nothing in it changed
 * @param create pods to create, whose incarnations are in the status by now
 * @param then everything else whose reason is in the status by now
 * @param notices events to tell
 * @param wakeAt when to look again even if nothing happens
 */
public record Plan(
    List<Action> first,
    Optional<MegalodonTrainingJobStatus> status,
    List<CreatePod> create,
    List<Action> then,
    List<Notice> notices,
    Optional<Instant> wakeAt) {

  /** Copies the collections. */
  public Plan {
    first = List.copyOf(first);
    create = List.copyOf(create);
    then = List.copyOf(then);
    notices = List.copyOf(notices);
  }

  /** Nothing to do, now or later. */
  public static Plan nothing() {
    return new Plan(List.of(), Optional.empty(), List.of(), List.of(), List.of(), Optional.empty());
  }

  /**
   * Creates the pod of one incarnation. A pod of that name is never created twice.
   *
   * @param rank its rank
   * @param incarnation its incarnation
   * @param worldSize ranks that it trains with, itself included
   * @param group group of pods that its queue admits together; empty without a queue
   */
  public record CreatePod(int rank, long incarnation, int worldSize, Optional<String> group) {

    /** A pod of a job without a queue. */
    public CreatePod(int rank, long incarnation, int worldSize) {
      this(rank, incarnation, worldSize, Optional.empty());
    }
  }
}
