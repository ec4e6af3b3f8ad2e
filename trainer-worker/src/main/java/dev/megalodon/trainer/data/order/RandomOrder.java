package dev.megalodon.trainer.data.order;

/**
 * Windows at any token, with replacement: the offset is uniform in 0 … positions − 1, from a hash
 * of (seed, step, index). Small texts are seen in many cuts.
 */
final class RandomOrder implements WindowOrder {
  private final Extent extent;
  private final long seed;
  private final Mixture mixture;

  RandomOrder(Extent extent, long seed) {
    this.extent = extent;
    this.seed = seed;
    this.mixture = extent.mixture(seed);
  }

  @Override
  public Window window(long step, int index) {
    int source = mixture.draw(extent.number(step, index)).source();
    long hash = Mixer.mix(seed, step, index);
    return new Window(source, Mixer.below(extent.positions(source), hash));
  }
}
