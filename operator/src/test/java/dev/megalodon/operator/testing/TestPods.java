package dev.megalodon.operator.testing;

import dev.megalodon.operator.observe.Blocker;
import dev.megalodon.operator.observe.GroupMembership;
import dev.megalodon.operator.observe.Termination;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.observe.WorkerPod.Life;
import java.time.Instant;
import java.util.Optional;

/** Builds worker pods as the planner sees them; immutable, each change gives another. */
public record TestPods(WorkerPod pod) {

  /** A pod that was just created. */
  public static TestPods pending(int rank, long incarnation) {
    return new TestPods(
        new WorkerPod(
            "story-" + rank + "-" + incarnation,
            rank,
            incarnation,
            Life.PENDING,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of("10.0.0." + (rank + 1)),
            Optional.of("node-" + rank),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            "",
            Optional.empty(),
            Optional.empty()));
  }

  /** A pod that runs and is ready since then. */
  public static TestPods ready(int rank, long incarnation, Instant since) {
    WorkerPod pod = pending(rank, incarnation).pod;
    return new TestPods(
        change(
            pod,
            Life.RUNNING,
            Optional.of(since),
            Optional.of(since),
            pod.terminationDue(),
            pod.unreachableSince(),
            pod.termination()));
  }

  /** Its container ended. */
  public TestPods ended(int exitCode, String reason, String message, Instant at) {
    return new TestPods(
        change(
            pod,
            exitCode == 0 ? Life.SUCCEEDED : Life.FAILED,
            Optional.empty(),
            pod.startedAt(),
            pod.terminationDue(),
            pod.unreachableSince(),
            Optional.of(new Termination(exitCode, reason, message, Optional.of(at)))));
  }

  /** It is being deleted, its grace period over then. */
  public TestPods deleting(Instant due) {
    return new TestPods(
        change(
            pod,
            pod.life(),
            pod.readySince(),
            pod.startedAt(),
            Optional.of(due),
            pod.unreachableSince(),
            pod.termination()));
  }

  /** It runs and answers no probe. */
  public TestPods notReady() {
    return new TestPods(
        change(
            pod,
            pod.life(),
            Optional.empty(),
            pod.startedAt(),
            pod.terminationDue(),
            pod.unreachableSince(),
            pod.termination()));
  }

  /** Its node does not answer since then. */
  public TestPods unreachable(Instant since) {
    return new TestPods(
        change(
            pod,
            pod.life(),
            Optional.empty(),
            pod.startedAt(),
            pod.terminationDue(),
            Optional.of(since),
            pod.termination()));
  }

  /** The cluster takes it away. */
  public TestPods disrupted(String reason, String message) {
    return new TestPods(
        new WorkerPod(
            pod.name(),
            pod.rank(),
            pod.incarnation(),
            pod.life(),
            pod.readySince(),
            pod.startedAt(),
            pod.terminationDue(),
            pod.unreachableSince(),
            pod.address(),
            pod.node(),
            pod.termination(),
            Optional.of(reason),
            pod.reason(),
            message,
            pod.blocker(),
            pod.membership()));
  }

  /** The operator wrote that it failed; its container has not ended. */
  public TestPods declaredDead(String reason, String message) {
    return new TestPods(
        new WorkerPod(
            pod.name(),
            pod.rank(),
            pod.incarnation(),
            Life.FAILED,
            pod.readySince(),
            pod.startedAt(),
            pod.terminationDue(),
            pod.unreachableSince(),
            pod.address(),
            pod.node(),
            pod.termination(),
            pod.disruption(),
            Optional.of(reason),
            message,
            pod.blocker(),
            pod.membership()));
  }

  /** It does not start, and this is why. */
  public TestPods blocked(String reason, String message) {
    return new TestPods(
        new WorkerPod(
            pod.name(),
            pod.rank(),
            pod.incarnation(),
            pod.life(),
            pod.readySince(),
            pod.startedAt(),
            pod.terminationDue(),
            pod.unreachableSince(),
            pod.address(),
            pod.node(),
            pod.termination(),
            pod.disruption(),
            pod.reason(),
            pod.message(),
            Optional.of(new Blocker(reason, message)),
            pod.membership()));
  }

  /** Its queue has yet to admit it, so no scheduler looks at it. */
  public TestPods queued() {
    return blocked(Blocker.WAITING_FOR_QUEUE, "admission by Kueue is pending in queue team")
        .on(Optional.empty());
  }

  /** Its queue admitted it and it was placed. */
  public TestPods admitted() {
    return on(Optional.of("node-" + pod.rank()));
  }

  private TestPods on(Optional<String> node) {
    return new TestPods(
        new WorkerPod(
            pod.name(),
            pod.rank(),
            pod.incarnation(),
            pod.life(),
            pod.readySince(),
            pod.startedAt(),
            pod.terminationDue(),
            pod.unreachableSince(),
            pod.address(),
            node,
            pod.termination(),
            pod.disruption(),
            pod.reason(),
            pod.message(),
            node.isPresent() ? Optional.empty() : pod.blocker(),
            pod.membership()));
  }

  /** It is in a group of pods that Kueue admits. */
  public TestPods member(GroupMembership membership) {
    return new TestPods(
        new WorkerPod(
            pod.name(),
            pod.rank(),
            pod.incarnation(),
            pod.life(),
            pod.readySince(),
            pod.startedAt(),
            pod.terminationDue(),
            pod.unreachableSince(),
            pod.address(),
            pod.node(),
            pod.termination(),
            pod.disruption(),
            pod.reason(),
            pod.message(),
            pod.blocker(),
            Optional.of(membership)));
  }

  private static WorkerPod change(
      WorkerPod pod,
      Life life,
      Optional<Instant> readySince,
      Optional<Instant> startedAt,
      Optional<Instant> terminationDue,
      Optional<Instant> unreachableSince,
      Optional<Termination> termination) {
    return new WorkerPod(
        pod.name(),
        pod.rank(),
        pod.incarnation(),
        life,
        readySince,
        startedAt,
        terminationDue,
        unreachableSince,
        pod.address(),
        pod.node(),
        termination,
        pod.disruption(),
        pod.reason(),
        pod.message(),
        pod.blocker(),
        pod.membership());
  }
}
