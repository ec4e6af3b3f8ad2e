package dev.megalodon.operator.testing;

import dev.megalodon.operator.observe.Blocker;
import dev.megalodon.operator.observe.GroupMembership;
import dev.megalodon.operator.observe.Termination;
import dev.megalodon.operator.observe.WorkerPod;
import dev.megalodon.operator.observe.WorkerPod.Life;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** Builds worker pods as the planner sees them; immutable, each change gives another. */
public record TestPods(WorkerPod pod) {

  /** A pod that is being changed. */
  private static final class Draft {
    private final WorkerPod pod;
    private Life life;
    private Optional<Instant> readySince;
    private Optional<Instant> startedAt;
    private Optional<Instant> terminationDue;
    private Optional<Instant> unreachableSince;
    private Optional<String> node;
    private Optional<Termination> termination;
    private Optional<String> disruption;
    private Optional<String> reason;
    private String message;
    private Optional<Blocker> blocker;
    private Optional<GroupMembership> membership;

    Draft(WorkerPod pod) {
      this.pod = pod;
      life = pod.life();
      readySince = pod.readySince();
      startedAt = pod.startedAt();
      terminationDue = pod.terminationDue();
      unreachableSince = pod.unreachableSince();
      node = pod.node();
      termination = pod.termination();
      disruption = pod.disruption();
      reason = pod.reason();
      message = pod.message();
      blocker = pod.blocker();
      membership = pod.membership();
    }

    WorkerPod build() {
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
          node,
          termination,
          disruption,
          reason,
          message,
          blocker,
          membership);
    }
  }

  private TestPods with(Consumer<Draft> change) {
    Draft draft = new Draft(pod);
    change.accept(draft);
    return new TestPods(draft.build());
  }

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
    return pending(rank, incarnation)
        .with(
            draft -> {
              draft.life = Life.RUNNING;
              draft.readySince = Optional.of(since);
              draft.startedAt = Optional.of(since);
            });
  }

  /** Its container ended. */
  public TestPods ended(int exitCode, String end, String words, Instant at) {
    return with(
        draft -> {
          draft.life = exitCode == 0 ? Life.SUCCEEDED : Life.FAILED;
          draft.readySince = Optional.empty();
          draft.termination = Optional.of(Termination.of(exitCode, end, words, Optional.of(at)));
        });
  }

  /** It is being deleted, its grace period over then. */
  public TestPods deleting(Instant due) {
    return with(draft -> draft.terminationDue = Optional.of(due));
  }

  /** It runs and answers no probe. */
  public TestPods notReady() {
    return with(draft -> draft.readySince = Optional.empty());
  }

  /** Its node does not answer since then. */
  public TestPods unreachable(Instant since) {
    return with(
        draft -> {
          draft.readySince = Optional.empty();
          draft.unreachableSince = Optional.of(since);
        });
  }

  /** The cluster takes it away. */
  public TestPods disrupted(String disruption, String message) {
    return with(
        draft -> {
          draft.disruption = Optional.of(disruption);
          draft.message = message;
        });
  }

  /** The operator wrote that it failed; its container has not ended. */
  public TestPods declaredDead(String reason, String message) {
    return with(
        draft -> {
          draft.life = Life.FAILED;
          draft.reason = Optional.of(reason);
          draft.message = message;
        });
  }

  /** It does not start, and this is why. */
  public TestPods blocked(String reason, String message) {
    return with(draft -> draft.blocker = Optional.of(new Blocker(reason, message)));
  }

  /** Its queue has yet to admit it, so no scheduler looks at it. */
  public TestPods queued() {
    return blocked(Blocker.WAITING_FOR_QUEUE, "admission by Kueue is pending in queue team")
        .with(draft -> draft.node = Optional.empty());
  }

  /** Its queue admitted it and it was placed. */
  public TestPods admitted() {
    return with(
        draft -> {
          draft.node = Optional.of("node-" + pod.rank());
          draft.blocker = Optional.empty();
        });
  }

  /** It is in a group of pods that Kueue admits. */
  public TestPods member(GroupMembership membership) {
    return with(draft -> draft.membership = Optional.of(membership));
  }
}
