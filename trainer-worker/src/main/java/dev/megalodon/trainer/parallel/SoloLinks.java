package dev.megalodon.trainer.parallel;

import java.util.List;

/** Links of a rank that is alone, which need no network. */
public final class SoloLinks {
  private SoloLinks() {}

  /** A group of one. */
  public static EpochLinks open() {
    return open(1);
  }

  /**
   * A group of one.
   *
   * @param epoch greater than that of every group before
   */
  public static EpochLinks open(long epoch) {
    Network network = new InMemoryHub().member("solo");
    Group group = new Group(epoch, 0, List.of(new Peer(network.endpoint(), 0)));
    return new EpochLinks(network.open(group), group, CollectiveSettings.DEFAULT);
  }
}
