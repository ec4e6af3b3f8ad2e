package dev.megalodon.trainer.parallel;

import java.util.List;

/** Links of a rank that is alone, which need no network. */
public final class SoloLinks {
  private SoloLinks() {}

  /** A group of one. */
  public static EpochLinks open() {
    return open(1, new StepClock(Ticker.SYSTEM));
  }

  /**
   * A group of one.
   *
   * @param epoch greater than that of every group before
   * @param clock is told when this rank waits, which it never does
   */
  public static EpochLinks open(long epoch, StepClock clock) {
    Network network = new InMemoryHub().member("solo");
    Group group = new Group(epoch, 0, List.of(new Peer(network.endpoint(), 0)));
    return new EpochLinks(network.open(group), group, CollectiveSettings.DEFAULT, clock);
  }
}
