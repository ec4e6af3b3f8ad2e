package dev.megalodon.operator.plan;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What one pass decided. The order is the protocol: what is in {@code first} is accepted by the API
 * server before the status is written, and the status is written before anything in {@code then}.
 *
 * @param first clean-up that a final status waits for
 * @param status the status to write; empty if nothing in it changed
 * @param then everything whose reason is in the status by now
 * @param notices events to tell
 * @param wakeAt when to look again even if nothing happens
 */
public record Plan(
    List<Action> first,
    Optional<MegalodonTrainingJobStatus> status,
    List<Action> then,
    List<Notice> notices,
    Optional<Instant> wakeAt) {

  /** Copies the collections. */
  public Plan {
    first = List.copyOf(first);
    then = List.copyOf(then);
    notices = List.copyOf(notices);
  }

  /** Nothing to do, now or later. */
  public static Plan nothing() {
    return new Plan(List.of(), Optional.empty(), List.of(), List.of(), Optional.empty());
  }

  /** Whether pods are to be made, so that what they mount must exist. */
  public boolean createsPods() {
    return then.stream().anyMatch(Action.CreatePod.class::isInstance);
  }
}
