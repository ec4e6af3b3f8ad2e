package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.cluster.Await;
import dev.megalodon.e2e.faults.Expectation.Outcome;
import dev.megalodon.e2e.jobs.TinyJob;
import dev.megalodon.e2e.jobs.Workspace;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One fault against one job: starts it, hurts it in the middle of a step, waits within bounds for
 * it to go on and to end, and says what came of it.
 */
final class FaultRun {
  /** Two checkpoints are there, and the third is not near. */
  static final long HURT_AT = 2 * TinyJob.EVERY_STEPS + TinyJob.EVERY_STEPS / 2;

  private static final Duration RECOVERY = Duration.ofSeconds(120);
  private static final Duration FELT = Duration.ofSeconds(120);
  private static final Duration END = Duration.ofMinutes(4);

  private final Scene scene;
  private final Fault fault;
  private final Reference reference;

  FaultRun(Scene scene, Fault fault, Reference reference) {
    this.scene = scene;
    this.fault = fault;
    this.reference = reference;
  }

  /** Does all of it with a new job. */
  FaultRow run(TinyJob job) {
    workspace().apply(fault.prepare(job, workspace())).successful();
    workspace().awaitStep(scene.job(), HURT_AT);
    Before before = Before.of(scene, fault.victims(scene));
    try (Watch watch = Watch.over(scene)) {
      Timeline timeline = hurt(before, watch);
      // Before the end: afterwards no process can be asked when it was started.
      Parts parts = Parts.of(watch, before, timeline.injected());
      awaitEnd();
      return new Verdict(fault, Evidence.of(scene, before, watch), timeline, reference).row(parts);
    }
  }

  private Workspace workspace() {
    return scene.workspace();
  }

  private Timeline hurt(Before before, Watch watch) {
    Instant start = Instant.now();
    Injection injection = fault.inject(scene);
    Instant injected = injection.begun().orElse(start);
    Instant ended;
    Optional<Instant> alone;
    try {
      alone = hold(before, watch);
    } finally {
      injection.end().run();
      ended = Instant.now();
    }
    boolean running = !isOver(before);
    Optional<Instant> recovered = alone.or(() -> awaitNewEpoch(before, RECOVERY));
    return new Timeline(injected, ended, recovered, alone.isPresent(), running, injection);
  }

  /** Lets the fault last; the answer is when training went on by itself, if it did. */
  private Optional<Instant> hold(Before before, Watch watch) {
    Hold hold = fault.hold();
    if (hold.untilRecovered()) {
      return awaitNewEpoch(before, hold.time());
    }
    sleep(hold.time());
    Instant end = Instant.now().plus(FELT);
    while (!fault.isFelt(watch) && !isOver(before) && Instant.now().isBefore(end)) {
      sleep(Duration.ofMillis(100));
    }
    return Optional.empty();
  }

  private Optional<Instant> awaitNewEpoch(Before before, Duration bound) {
    Outcome outcome = fault.expectation().outcome();
    if (outcome == Outcome.UNNOTICED || outcome == Outcome.FAILED) {
      return Optional.empty();
    }
    Instant end = Instant.now().plus(bound);
    while (Instant.now().isBefore(end)) {
      Optional<Instant> stepped = before.stepsNow().firstOutsideAt(before.epochs());
      if (stepped.isPresent() || isOver(before)) {
        return stepped;
      }
      sleep(Duration.ofMillis(100));
    }
    return Optional.empty();
  }

  /** Whether the job has made its last step. */
  private boolean isOver(Before before) {
    return before.stepsNow().newest() >= reference.steps();
  }

  private void awaitEnd() {
    Await.until(
        scene.job() + " to be complete or failed",
        END,
        () ->
            workspace()
                .condition(scene.job(), "Complete")
                .or(() -> workspace().condition(scene.job(), "Failed")));
  }

  private static void sleep(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
