package dev.megalodon.kernels.cpu;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.host.HostElements;
import dev.megalodon.kernels.shape.TimestepNormShape;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Some groups of one sequence, normalized by one thread in tiles of {@link #STEPS} steps. Groups do
 * not influence each other, so results do not depend on how they are cut into ranges.
 *
 * @param shape the whole call
 * @param batch which sequence
 * @param firstGroup first group
 * @param groups number of groups
 */
record GroupRange(TimestepNormShape shape, int batch, int firstGroup, int groups) {
  /** Steps of a tile. */
  static final int STEPS = 32;

  private static final int CHANNELS = 64;

  /** How many ranges a sequence has. */
  static int perSequence(TimestepNormShape shape) {
    return Math.ceilDiv(shape.groups(), groupsOfRange(shape));
  }

  private static int groupsOfRange(TimestepNormShape shape) {
    return Math.max(1, CHANNELS / shape.groupSize());
  }

  /** The range of a number, 0 to batch·perSequence − 1. */
  static GroupRange of(TimestepNormShape shape, long number) {
    int perSequence = perSequence(shape);
    int first = (int) (number % perSequence) * groupsOfRange(shape);
    int groups = Math.min(groupsOfRange(shape), shape.groups() - first);
    return new GroupRange(shape, (int) (number / perSequence), first, groups);
  }

  /** Channels of the range. */
  int width() {
    return groups * shape.groupSize();
  }

  /** Elements of a row in a tile. */
  int stride() {
    return Lanes.padded(width());
  }

  /** First channel. */
  int firstChannel() {
    return firstGroup * shape.groupSize();
  }

  /** Index of the range's first entry in a state. */
  long stateIndex() {
    return (long) batch * shape.groups() + firstGroup;
  }

  /** Steps of the tile that begins at a step. */
  int rows(int step) {
    return Math.min(STEPS, shape.length() - step);
  }

  /** Each channel's group, counted in the range. */
  int[] groupOf() {
    int[] groupOf = new int[stride()];
    for (int k = 0; k < width(); k++) {
      groupOf[k] = k / shape.groupSize();
    }
    return groupOf;
  }

  boolean isPadded(Optional<Tensor> padding, int step) {
    return padding.isPresent()
        && HostElements.getByte(padding.get(), (long) batch * shape.length() + step) != 0;
  }

  void loadTile(Tensor source, int step, float[] tile) {
    long from = shape.index(batch, step, firstGroup);
    Tiles.loadRows(source, from, shape.channels(), rows(step), width(), tile, stride());
  }

  void storeTile(float[] tile, int step, Tensor target) {
    long from = shape.index(batch, step, firstGroup);
    Tiles.storeRows(tile, stride(), rows(step), width(), target, from, shape.channels());
  }

  void loadStatistics(Tensor source, int step, double[] values) {
    for (int r = 0; r < rows(step); r++) {
      long from = shape.statisticsIndex(batch, step + r, firstGroup);
      MemorySegment.copy(source.memory(), JAVA_DOUBLE, 8 * from, values, r * groups, groups);
    }
  }

  void storeStatistics(double[] values, int step, Tensor target) {
    for (int r = 0; r < rows(step); r++) {
      long from = shape.statisticsIndex(batch, step + r, firstGroup);
      MemorySegment.copy(values, r * groups, target.memory(), JAVA_DOUBLE, 8 * from, groups);
    }
  }

  void loadState(Tensor source, double[] values) {
    MemorySegment.copy(source.memory(), JAVA_DOUBLE, 8 * stateIndex(), values, 0, groups);
  }

  void storeState(double[] values, Tensor target) {
    MemorySegment.copy(values, 0, target.memory(), JAVA_DOUBLE, 8 * stateIndex(), groups);
  }
}
