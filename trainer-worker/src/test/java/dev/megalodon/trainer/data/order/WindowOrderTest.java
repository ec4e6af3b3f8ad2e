package dev.megalodon.trainer.data.order;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class WindowOrderTest {
  private static final int LENGTH = 8;
  private static final int BATCH = 6;

  @ParameterizedTest
  @EnumSource(WindowOrder.Kind.class)
  void shouldDependOnSeedStepAndIndexAlone(WindowOrder.Kind kind) {
    Extent extent = one(10_007);
    WindowOrder first = WindowOrder.of(kind, extent, 1);
    WindowOrder other = WindowOrder.of(kind, extent, 1);
    for (long step : new long[] {900, 3, 17, 3, 0, 1L << 40}) {
      for (int index = BATCH - 1; index >= 0; index--) {
        Window window = first.window(step, index);
        assertEquals(window, other.window(step, index));
        assertTrue(window.offset() >= 0 && window.offset() < 10_007 - LENGTH, window.toString());
      }
    }
  }

  /** The offsets that version 0.1 chose: jobs with the default order go on as they began. */
  @Test
  void shouldChooseRandomWindowsAsItAlwaysDid() {
    WindowOrder order = WindowOrder.of(WindowOrder.Kind.RANDOM, one(1_000_000 + LENGTH), 7);
    assertEquals(609394, order.window(0, 0).offset());
    assertEquals(791872, order.window(5, 3).offset());
    assertNotEquals(
        order.window(5, 3),
        WindowOrder.of(WindowOrder.Kind.RANDOM, one(1_000_000 + LENGTH), 8).window(5, 3));
  }

  @Test
  void shouldReachEveryPositionAboutAsOften() {
    int positions = 16;
    int draws = 64_000;
    WindowOrder order = WindowOrder.of(WindowOrder.Kind.RANDOM, one(positions + LENGTH), 9);
    int[] counts = new int[positions];
    for (int i = 0; i < draws; i++) {
      counts[(int) order.window(i / BATCH, i % BATCH).offset()]++;
    }
    double expected = (double) draws / positions;
    double chiSquared =
        Arrays.stream(counts).mapToDouble(n -> (n - expected) * (n - expected) / expected).sum();
    // 15 degrees of freedom: 44.3 is passed once in 10,000 seeds.
    assertTrue(chiSquared < 44.3, "chi squared " + chiSquared);
  }

  @ParameterizedTest
  @ValueSource(longs = {LENGTH + 1, LENGTH + 5, 3 * LENGTH, 3 * LENGTH + 1, 805, 10_007})
  void shouldShowEachShuffledWindowOnceAnEpoch(long tokens) {
    WindowOrder order = WindowOrder.of(WindowOrder.Kind.SHUFFLED, one(tokens), 3);
    int windows = (int) Math.max(1, (tokens - LENGTH) / LENGTH);
    List<List<Long>> epochs = new ArrayList<>();
    for (int epoch = 0; epoch < 3; epoch++) {
      epochs.add(offsets(order, (long) epoch * windows, windows));
      Set<Long> different = new HashSet<>(epochs.getLast());
      assertEquals(windows, different.size(), "epoch " + epoch);
      assertEquals(1, different.stream().map(offset -> offset % LENGTH).distinct().count());
      assertTrue(different.stream().allMatch(offset -> offset >= 0 && offset + LENGTH < tokens));
    }
    if (windows > 10) {
      assertNotEquals(epochs.get(0), epochs.get(0).stream().sorted().toList());
      assertNotEquals(epochs.get(0), epochs.get(1));
    }
  }

  private static List<Long> offsets(WindowOrder order, long from, int count) {
    List<Long> offsets = new ArrayList<>();
    for (long n = from; n < from + count; n++) {
      offsets.add(order.window(n / BATCH, (int) (n % BATCH)).offset());
    }
    return offsets;
  }

  @Test
  void shouldReadConsecutiveWindowsAlongLanes() {
    long tokens = BATCH * 5L * LENGTH + 13;
    WindowOrder order = WindowOrder.of(WindowOrder.Kind.CONSECUTIVE, one(tokens), 1);
    long lane = (tokens - 1) / BATCH;
    for (int step = 0; step < 12; step++) {
      assertEquals(step % 5 != 0, order.continues(step));
      for (int index = 0; index < BATCH; index++) {
        assertEquals(index * lane + step % 5 * LENGTH, order.window(step, index).offset());
      }
    }
  }

  @Test
  void shouldRefuseLanesShorterThanAWindow() {
    Extent extent = one(BATCH * LENGTH);
    WorkerExit exit =
        assertThrows(
            WorkerExit.class, () -> WindowOrder.of(WindowOrder.Kind.CONSECUTIVE, extent, 1));
    assertEquals(ExitCode.BAD_DATA, exit.code());
    assertTrue(exit.sentence().contains("48 tokens are too few"), exit.sentence());
    assertFalse(WindowOrder.of(WindowOrder.Kind.CONSECUTIVE, one(49), 1).continues(1));
  }

  @Test
  void shouldMixSourcesByWeight() {
    double[] weights = {3, 0.5, 1.25, 7};
    Mixture mixture = new Mixture(weights, 5);
    double sum = Arrays.stream(weights).sum();
    long[] counts = new long[weights.length];
    for (long n = 0; n < 20_000; n++) {
      Mixture.Draw draw = mixture.draw(n);
      assertEquals(counts[draw.source()], draw.ordinal(), "window " + n);
      counts[draw.source()]++;
      for (int source = 0; source < weights.length; source++) {
        double due = (n + 1) * weights[source] / sum;
        // Rounded once for each source decided before.
        assertTrue(!(Math.abs(counts[source] - due) > source + 1), "source " + source + " at " + n);
      }
    }
  }

  @Test
  void shouldCountDrawsOfLongRunsExactly() {
    Mixture mixture = new Mixture(new double[] {1, 2}, 1);
    long far = 1L << 52;
    long[] next = {-1, -1};
    for (long n = far; n < far + 1_000; n++) {
      Mixture.Draw draw = mixture.draw(n);
      if (next[draw.source()] >= 0) {
        assertEquals(next[draw.source()], draw.ordinal());
      }
      next[draw.source()] = draw.ordinal() + 1;
    }
    assertEquals(far / 3.0, next[0], 1_000);
  }

  @Test
  void shouldShuffleEachSourceOfAMixtureByItself() {
    Extent extent =
        new Extent(
            List.of(
                new Extent.Source(805, OptionalDouble.of(2)),
                new Extent.Source(165, OptionalDouble.of(1))),
            LENGTH,
            BATCH);
    WindowOrder order = WindowOrder.of(WindowOrder.Kind.SHUFFLED, extent, 3);
    List<Set<Long>> seen = List.of(new HashSet<>(), new HashSet<>());
    int[] windows = {(805 - LENGTH) / LENGTH, (165 - LENGTH) / LENGTH};
    for (int n = 0; n < 60; n++) {
      Window window = order.window(n / BATCH, n % BATCH);
      if (seen.get(window.source()).size() < windows[window.source()]) {
        assertTrue(seen.get(window.source()).add(window.offset()), window.toString());
      }
    }
    assertEquals(windows[1], seen.get(1).size());
    assertEquals(40, seen.get(0).size());
  }

  @Test
  void shouldRefuseWeightsWithConsecutiveOrder() {
    Extent.Source source = new Extent.Source(1_000, OptionalDouble.of(1));
    Extent extent = new Extent(List.of(source, source), LENGTH, BATCH);
    WorkerExit exit =
        assertThrows(
            WorkerExit.class, () -> WindowOrder.of(WindowOrder.Kind.CONSECUTIVE, extent, 1));
    assertEquals(ExitCode.BAD_SPEC, exit.code());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 16, 17, 1_000, 65_537})
  void shouldPermute(long size) {
    KeyedPermutation permutation = new KeyedPermutation(size, 77);
    boolean[] hit = new boolean[(int) size];
    for (long i = 0; i < size; i++) {
      int value = (int) permutation.at(i);
      assertFalse(hit[value], "twice " + value);
      hit[value] = true;
    }
  }

  @Test
  void shouldPermuteHugeRanges() {
    KeyedPermutation permutation = new KeyedPermutation((1L << 61) + 12_345, 4);
    Set<Long> values = new HashSet<>();
    for (long i = 0; i < 10_000; i++) {
      values.add(permutation.at(i));
    }
    assertEquals(10_000, values.size());
  }

  private static Extent one(long tokens) {
    return new Extent(List.of(new Extent.Source(tokens, OptionalDouble.empty())), LENGTH, BATCH);
  }
}
