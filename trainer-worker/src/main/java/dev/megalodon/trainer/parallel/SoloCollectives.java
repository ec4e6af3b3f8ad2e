package dev.megalodon.trainer.parallel;

import java.util.List;

/** Collectives of a single rank, which need no network. */
public final class SoloCollectives {
  private SoloCollectives() {}

  /** A group of one. */
  public static Collectives open() {
    return open(1);
  }

  /**
   * A group of one.
   *
   * @param epoch greater than that of every group before
   */
  public static Collectives open(long epoch) {
    Network network = new InMemoryHub().member("solo");
    Group group = new Group(epoch, 0, List.of(new Peer(network.endpoint(), 0)));
    return new RingCollectives(network.open(group), group, CollectiveSettings.DEFAULT);
  }
}
