package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.cluster.Await;
import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.jobs.TinyJob.Setting;
import dev.megalodon.e2e.jobs.Workspace;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One job after the other, each of which may be hurt while it runs. */
final class SoakLane {
  /** However often it is hurt: longer than a soak of reasonable length could hold one up. */
  private static final Duration JOB = Duration.ofMinutes(30);

  private static final Duration VICTIM = Duration.ofMinutes(2);

  private final EmbeddedCluster cluster;
  private final Workspace workspace;
  private final Trial trial;
  private final int number;
  private volatile Optional<Scene> current = Optional.empty();

  SoakLane(EmbeddedCluster cluster, Workspace workspace, Trial trial, int number) {
    this.cluster = cluster;
    this.workspace = workspace;
    this.trial = trial;
    this.number = number;
  }

  /** Trains until the time is over and the last job is complete. */
  List<SoakOutcome> train(Instant end) {
    List<SoakOutcome> outcomes = new ArrayList<>();
    for (int job = 0; Instant.now().isBefore(end); job++) {
      outcomes.add(train("soak-%d-%d".formatted(number, job)));
    }
    return outcomes;
  }

  private SoakOutcome train(String job) {
    var wanted = trial.job(job).with(Setting.MAX_RESTARTS, 1000).with(Setting.BACKOFF_SECONDS, 5);
    Await.until(job + " to be accepted", VICTIM, () -> workspace.apply(wanted).status() == 0);
    current = Optional.of(new Scene(cluster, workspace, job));
    Await.until(job + " to be complete or failed", JOB, () -> isOver(job));
    current = Optional.empty();
    SoakOutcome outcome = SoakOutcome.of(workspace, job, trial.reference());
    System.out.println(outcome);
    return outcome;
  }

  /** Also while the API server is away. */
  private boolean isOver(String job) {
    try {
      return workspace
          .condition(job, "Complete")
          .or(() -> workspace.condition(job, "Failed"))
          .isPresent();
    } catch (KubernetesClientException away) {
      return false;
    }
  }

  /** Waits for a job that is in the middle of its training; none if the time is over before. */
  Optional<Scene> awaitVictim(Instant end) {
    Instant bound = Instant.now().plus(VICTIM);
    return Await.until(
        "a job of lane %d to hurt".formatted(number),
        VICTIM,
        () -> {
          Optional<Scene> victim = current.filter(this::isInTheMiddle);
          boolean over = Instant.now().isAfter(end) || Instant.now().isAfter(bound.minusSeconds(1));
          return victim.isPresent() || over ? Optional.of(victim) : Optional.empty();
        });
  }

  private boolean isInTheMiddle(Scene scene) {
    long step = workspace.steps(scene.job()).newest();
    return step >= FaultRun.HURT_AT && step < trial.steps();
  }
}
