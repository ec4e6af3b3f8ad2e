package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.cluster.Await;
import java.time.Duration;
import java.util.Set;

/** The job is suspended, and resumed once its pods are gone. */
record Suspend() implements Fault {
  private static final Duration BOUND = Duration.ofSeconds(90);

  @Override
  public String name() {
    return "suspended and resumed";
  }

  @Override
  public Expectation expectation() {
    return Expectation.handedOver();
  }

  @Override
  public Set<Integer> victims(Scene scene) {
    return Scene.allRanks();
  }

  @Override
  public Hold hold() {
    return Hold.outage(Duration.ofSeconds(1));
  }

  @Override
  public Injection inject(Scene scene) {
    suspend(scene, true);
    return Injection.endedBy(() -> resume(scene));
  }

  private static void resume(Scene scene) {
    try {
      Await.until(
          scene.job() + " to be suspended",
          BOUND,
          () -> scene.workspace().condition(scene.job(), "Suspended"));
    } finally {
      suspend(scene, false);
    }
  }

  private static void suspend(Scene scene, boolean wanted) {
    String patch = "{\"spec\":{\"suspend\":%s}}".formatted(wanted);
    scene
        .workspace()
        .kubectl("patch", "mtj", scene.job(), "--type=merge", "-p", patch)
        .successful();
  }
}
