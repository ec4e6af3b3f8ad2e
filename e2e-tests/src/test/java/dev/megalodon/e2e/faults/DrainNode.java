package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.faults.Expectation.Charge;
import java.time.Duration;
import java.util.Set;

/** {@code kubectl drain}: a node is closed and its pods are evicted, until it is opened again. */
record DrainNode() implements Fault {
  private static final Duration BOUND = Duration.ofSeconds(60);

  @Override
  public String name() {
    return "node drained";
  }

  @Override
  public Expectation expectation() {
    return Expectation.survived(Charge.UNCHARGED);
  }

  @Override
  public Set<Integer> victims(Scene scene) {
    return scene.ranksOn(scene.victimNode());
  }

  @Override
  public Hold hold() {
    return Hold.untilRecovered(BOUND);
  }

  @Override
  public boolean isAlone() {
    return true;
  }

  @Override
  public Injection inject(Scene scene) {
    String node = scene.victimNode();
    Injection open =
        Injection.endedBy(() -> scene.cluster().kubectl("uncordon", node).successful());
    try {
      String bound = "--timeout=%ds".formatted(BOUND.toSeconds());
      scene
          .cluster()
          .kubectl("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--force", bound)
          .successful();
      return open;
    } catch (AssertionError e) {
      open.end().run();
      throw e;
    }
  }
}
