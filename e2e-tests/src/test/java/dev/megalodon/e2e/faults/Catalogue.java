package dev.megalodon.e2e.faults;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/** Every fault there is. */
final class Catalogue {
  /** A frozen rank or a cut node must be given up by itself within this. */
  private static final Duration PATIENCE = Duration.ofSeconds(75);

  /** In a soak everything is over sooner; whatever it does to the job then must be right too. */
  private static final Duration SHORT = Duration.ofSeconds(12);

  private Catalogue() {}

  /** The rows of the table. */
  static List<Fault> suite(Duration outage) {
    return List.of(
        KillRanks.one(1),
        KillRanks.one(0),
        KillRanks.all(),
        new FreezeRank(1, PATIENCE),
        new FreezeRank(0, PATIENCE),
        new ExhaustMemory(1),
        new ChangeText(1),
        new RemovePod(1, RemovePod.Way.DELETE),
        new RemovePod(1, RemovePod.Way.EVICT),
        new CorruptCheckpoint(),
        new Suspend(),
        new FillVolume(SHORT),
        new DrainNode(),
        HurtNode.kubeletStopped(outage),
        HurtNode.networkCut(PATIENCE),
        HurtNode.networkSlow(outage),
        new KillOperator(),
        new UpgradeOperator(),
        Outage.killing(Outage.Part.OPERATOR, outage, 1),
        Outage.of(Outage.Part.API_SERVER, outage),
        Outage.killing(Outage.Part.API_SERVER, outage, 1));
  }

  /** Any fault that a job can survive on the usual volume. */
  static Fault random(RandomGenerator random) {
    int rank = random.nextInt(Scene.RANKS);
    return switch (random.nextInt(16)) {
      case 0, 1 -> KillRanks.one(rank);
      case 2 -> KillRanks.one(0);
      case 3 -> KillRanks.all();
      case 4 -> new FreezeRank(rank, SHORT);
      case 5 -> new ExhaustMemory(rank);
      case 6 -> new RemovePod(rank, RemovePod.Way.DELETE);
      case 7 -> new RemovePod(rank, RemovePod.Way.EVICT);
      case 8 -> new CorruptCheckpoint();
      case 9 -> new Suspend();
      case 10 -> new DrainNode();
      case 11 -> HurtNode.kubeletStopped(SHORT);
      case 12 -> HurtNode.networkCut(SHORT);
      case 13 -> HurtNode.networkSlow(SHORT);
      case 14 -> new KillOperator();
      default -> Outage.of(Outage.Part.API_SERVER, SHORT);
    };
  }
}
