package dev.megalodon.kernels.operations;

import java.util.List;

/** Sizes of the inputs of one run. */
public record Sizes(
    int batch, int length, int width, int heads, int groups, int modes, int vocabulary) {
  /** One of everything; four columns, because a layer norm of two has no gradient to speak of. */
  public static final Sizes SINGLE = new Sizes(1, 1, 4, 1, 1, 1, 2);

  /** Nothing fits a vector. */
  public static final Sizes ODD = new Sizes(2, 37, 24, 3, 4, 5, 11);

  /** One step into a second block of channels and a second tile of steps. */
  public static final Sizes OVERHANGING = new Sizes(3, 65, 66, 1, 3, 3, 97);

  /** Everything fits. */
  public static final Sizes ROUND = new Sizes(2, 128, 128, 2, 32, 16, 256);

  /** More rows than one block of sums takes, groups larger than a vector. */
  public static final Sizes LONG = new Sizes(1, 301, 200, 5, 5, 4, 300);

  /** One group, more channels than a row of a tile. */
  public static final Sizes WIDE = new Sizes(2, 33, 520, 4, 1, 2, 33);

  /** All of the above. */
  public static List<Sizes> all() {
    return List.of(SINGLE, ODD, OVERHANGING, ROUND, LONG, WIDE);
  }
}
