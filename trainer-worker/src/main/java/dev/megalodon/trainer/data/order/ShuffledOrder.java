package dev.megalodon.trainer.data.order;

/**
 * Windows that do not overlap, in a random order, each once before any comes again. An epoch e of
 * source s has W = max(1, ⌊positions / L⌋) windows, at c + i·L for i = 0 … W − 1, in the order of a
 * permutation keyed by (seed, s, e). Where the cut c lies, 0 … min(L, positions) − 1, comes from
 * the same key: so epochs see the text in different cuts, and each leaves out fewer than 2·L tokens
 * at the two ends. The source's ordinal-th window is window (ordinal mod W) of epoch (ordinal / W).
 */
final class ShuffledOrder implements WindowOrder {
  private final Extent extent;
  private final long seed;
  private final Mixture mixture;

  ShuffledOrder(Extent extent, long seed) {
    this.extent = extent;
    this.seed = seed;
    this.mixture = extent.mixture(seed);
  }

  @Override
  public Window window(long step, int index) {
    Mixture.Draw draw = mixture.draw(extent.number(step, index));
    return new Window(draw.source(), offset(draw.source(), draw.ordinal()));
  }

  private long offset(int source, long ordinal) {
    long length = extent.sequenceLength();
    long positions = extent.positions(source);
    long windows = Math.max(1, positions / length);
    long key = Mixer.mix(seed, source, ordinal / windows);
    long cut = Mixer.below(Math.min(length, positions), key);
    return cut + new KeyedPermutation(windows, key).at(ordinal % windows) * length;
  }
}
