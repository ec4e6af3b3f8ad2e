package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.cluster.PodMemory;
import dev.megalodon.e2e.faults.Expectation.Charge;
import java.util.List;
import java.util.Set;

/**
 * A rank's container reaches its memory limit, and the kernel kills what is in it.
 *
 * @param rank whose
 */
record ExhaustMemory(int rank) implements Fault {
  private static final String CAUSE = "OOMKilled";

  @Override
  public String name() {
    return "out of memory";
  }

  @Override
  public Expectation expectation() {
    return Expectation.survived(Charge.CHARGED);
  }

  @Override
  public Set<Integer> victims(Scene scene) {
    return Set.of(rank);
  }

  @Override
  public Injection inject(Scene scene) {
    PodMemory.of(scene.process(rank)).exhaust(scene.cluster());
    return Injection.done().checking(ExhaustMemory::wasSeen);
  }

  private static List<String> wasSeen(Evidence evidence) {
    return evidence.causes().contains(CAUSE)
        ? List.of()
        : List.of("status.attempts has %s, not %s".formatted(evidence.causes(), CAUSE));
  }
}
