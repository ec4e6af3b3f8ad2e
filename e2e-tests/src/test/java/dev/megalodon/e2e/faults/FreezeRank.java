package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.cluster.PodProcess;
import dev.megalodon.e2e.faults.Expectation.Charge;
import java.time.Duration;
import java.util.Set;

/**
 * SIGSTOP to a rank: its process and its connections stay, and nothing comes from it. The job must
 * go on without its SIGCONT.
 *
 * @param rank who is frozen
 * @param bound for how long at most
 */
record FreezeRank(int rank, Duration bound) implements Fault {
  @Override
  public String name() {
    return "SIGSTOP of rank " + rank;
  }

  @Override
  public Expectation expectation() {
    return Expectation.survived(Charge.ANY);
  }

  @Override
  public Set<Integer> victims(Scene scene) {
    return Set.of(rank);
  }

  @Override
  public Hold hold() {
    return Hold.untilRecovered(bound);
  }

  @Override
  public Injection inject(Scene scene) {
    PodProcess process = scene.process(rank);
    process.freeze();
    return Injection.endedBy(process::thaw);
  }
}
