package dev.megalodon.operator.observe;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * One worker pod as the API server shows it.
 *
 * @param name name of the pod, never used twice
 * @param rank rank it runs
 * @param incarnation incarnation it is
 * @param life how far it is
 * @param readySince since when it is ready; empty if it is not
 * @param startedAt when its worker's container started
 * @param terminationDue for a pod being deleted: when its grace period is over
 * @param unreachableSince since when its node does not answer
 * @param address its IP address
 * @param node node it was placed on
 * @param termination how its worker's container ended
 * @param disruption reason of its DisruptionTarget condition: the cluster takes it away
 * @param reason the pod's own reason, such as Evicted
 * @param message the sentence that goes with disruption or reason; may be empty
 * @param blocker why it does not run yet
 * @param membership its place in a pod group; empty without a queue
 */
public record WorkerPod(
    String name,
    int rank,
    long incarnation,
    Life life,
    Optional<Instant> readySince,
    Optional<Instant> startedAt,
    Optional<Instant> terminationDue,
    Optional<Instant> unreachableSince,
    Optional<String> address,
    Optional<String> node,
    Optional<Termination> termination,
    Optional<String> disruption,
    Optional<String> reason,
    String message,
    Optional<Blocker> blocker,
    Optional<GroupMembership> membership) {

  /** Reason of a pod that the operator declared failed because its node is gone. */
  public static final String NODE_LOST = "NodeLost";

  /** Reason of a pod that the operator declared failed because its worker keeps others waiting. */
  public static final String STALLED = "Stalled";

  /** Reason of a pod that the operator declared failed because it never will be placed. */
  public static final String WITHDRAWN = "Withdrawn";

  private static final Set<String> DECLARED = Set.of(NODE_LOST, STALLED);

  /** How far a pod is. */
  public enum Life {
    /** Not placed, or its containers have not started. */
    PENDING,
    /** Its containers run. */
    RUNNING,
    /** Its containers ended well. */
    SUCCEEDED,
    /** Its containers ended badly. */
    FAILED
  }

  /** Whether its containers run or may still start. */
  public boolean isLive() {
    return life == Life.PENDING || life == Life.RUNNING;
  }

  /** Whether its containers may run, also where the operator declared it failed before it ended. */
  public boolean mayRun() {
    boolean declaredDead = life == Life.FAILED && reason.filter(DECLARED::contains).isPresent();
    return isLive() || declaredDead && termination.isEmpty();
  }

  /** Whether somebody asked for its deletion. */
  public boolean isDeleting() {
    return terminationDue.isPresent();
  }

  /** Whether its node is silent, which may be the cluster's error: its worker may answer. */
  public boolean seemsUnreachable() {
    return life == Life.RUNNING && unreachableSince.isPresent() && !isDeleting();
  }

  /** Whether a queue's finalizer keeps it. */
  public boolean isHeld() {
    return membership.filter(GroupMembership::held).isPresent();
  }

  /** Whether it is dead and deleted, and exists only because a queue's finalizer keeps it. */
  public boolean isOnlyHeld() {
    return isHeld() && isDeleting() && !isLive();
  }

  /** Whether it says that its group ends with the last of its pods. */
  public boolean endsGroup() {
    return membership.filter(GroupMembership::over).isPresent();
  }

  /** Whether no node was found for it: no kubelet will ever say what became of it. */
  public boolean wasNeverPlaced() {
    return life == Life.PENDING && node.isEmpty();
  }

  /** Whether its queue has yet to admit it. */
  public boolean isQueued() {
    return blocker.filter(why -> why.reason().equals(Blocker.WAITING_FOR_QUEUE)).isPresent();
  }

  /** Whether it is ready and stays. */
  public boolean isReady() {
    return life == Life.RUNNING && readySince.isPresent() && !isDeleting();
  }
}
