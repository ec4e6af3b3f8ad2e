package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.cluster.PodProcess;
import dev.megalodon.e2e.faults.Expectation.Charge;
import java.util.List;
import java.util.Set;

/**
 * SIGKILL to ranks' processes: they can neither save nor say anything.
 *
 * @param name the fault's name
 * @param ranks who is killed
 */
record KillRanks(String name, Set<Integer> ranks) implements Fault {
  static KillRanks one(int rank) {
    return new KillRanks("kill -9 of rank " + rank, Set.of(rank));
  }

  static KillRanks all() {
    return new KillRanks("kill -9 of all ranks", Scene.allRanks());
  }

  @Override
  public Expectation expectation() {
    return ranks.size() == Scene.RANKS
        ? Expectation.reloaded(0)
        : Expectation.survived(Charge.CHARGED);
  }

  @Override
  public Set<Integer> victims(Scene scene) {
    return ranks;
  }

  @Override
  public Injection inject(Scene scene) {
    // Found before the first is killed, so that all die at once.
    List<PodProcess> processes = ranks.stream().map(scene::process).toList();
    processes.forEach(PodProcess::kill);
    return Injection.done();
  }
}
