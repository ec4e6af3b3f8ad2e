package dev.megalodon.trainer.parallel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random worlds, types and sizes against a scalar oracle that adds in the documented order: the
 * bits must be the oracle's on every transport, hence equal between transports.
 */
class RingCollectivesIT {
  private static final long SEED = 20_260_801;
  private static final int ROUNDS = 12;
  private static final long LARGEST_SLICE = 40_000;

  @TempDir Path folder;

  /** One operation and its input: a value for every rank and element. */
  private record Case(ElementType type, int worldSize, long sliceLength, long seed) {
    long length() {
      return worldSize * sliceLength;
    }

    double input(int rank, long element) {
      RandomGenerator random =
          RandomGeneratorFactory.of("SplittableRandom")
              .create(seed ^ (rank * 0x9E3779B97F4A7C15L) ^ (element * 0xC2B2AE3D27D4EB4FL));
      double value = random.nextDouble(-1, 1) * Math.pow(10, random.nextInt(-6, 6));
      return type == ElementType.FLOAT32 ? (float) value : value;
    }

    /** Slice c is summed in the order c + 1, c + 2, …, c (modulo n), in the element's precision. */
    double sum(int slice, long element) {
      double sum = input((slice + 1) % worldSize, element);
      for (int hop = 2; hop <= worldSize; hop++) {
        double next = input((slice + hop) % worldSize, element);
        sum = type == ElementType.FLOAT32 ? (float) sum + (float) next : sum + next;
      }
      return sum;
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldEqualScalarOracleBitForBit(TestNetworks kind) throws Exception {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    for (int worldSize = 1; worldSize <= 6; worldSize++) {
      List<Network> networks = kind.open(worldSize, folder.resolve("world-" + worldSize));
      try {
        List<Case> cases = cases(random, worldSize);
        List<Group> groups = Ranks.groups(worldSize, networks, random);
        Ranks.run(networks, groups, CollectiveSettings.DEFAULT, ring -> checkAll(ring, cases));
      } finally {
        TestNetworks.closeAll(networks);
      }
    }
  }

  private static List<Case> cases(RandomGenerator random, int worldSize) {
    return IntStream.range(0, ROUNDS)
        .mapToObj(
            round -> {
              ElementType type = round % 2 == 0 ? ElementType.FLOAT32 : ElementType.FLOAT64;
              long bound = round < 6 ? 40 : LARGEST_SLICE / worldSize;
              return new Case(type, worldSize, random.nextLong(bound), random.nextLong());
            })
        .toList();
  }

  private static boolean checkAll(RingCollectives ring, List<Case> cases) {
    for (Case given : cases) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment memory = arena.allocate(given.length() * given.type().bytes(), 64);
        Tensor buffer = new Tensor(given.type(), memory, given.length());
        checkExchange(ring, given, buffer);
      }
      checkScalars(ring, given);
    }
    checkCopyOfHalves(ring);
    return true;
  }

  private static void checkExchange(RingCollectives ring, Case given, Tensor buffer) {
    for (long i = 0; i < given.length(); i++) {
      set(buffer, i, given.input(ring.rank(), i));
    }
    ring.reduceScatter(buffer);
    long from = ring.rank() * given.sliceLength();
    for (long i = from; i < from + given.sliceLength(); i++) {
      assertBits(given.sum(ring.rank(), i), get(buffer, i), given, i);
    }
    ring.allGather(buffer);
    for (long i = 0; i < given.length(); i++) {
      assertBits(given.sum((int) (i / given.sliceLength()), i), get(buffer, i), given, i);
    }
  }

  /** BFLOAT16 is copied and never added, also in slices that are no multiple of four bytes. */
  private static void checkCopyOfHalves(RingCollectives ring) {
    int slice = 3_001;
    short[] values = new short[slice * ring.worldSize()];
    for (int i = 0; i < slice; i++) {
      values[ring.rank() * slice + i] = (short) (ring.rank() * slice + i);
    }
    MemorySegment memory = MemorySegment.ofArray(values);
    ring.allGather(new Tensor(ElementType.BFLOAT16, memory, values.length));
    for (int i = 0; i < values.length; i++) {
      assertEquals((short) i, values[i]);
    }
  }

  private static void checkScalars(RingCollectives ring, Case given) {
    double sum = 0;
    for (int rank = 0; rank < given.worldSize(); rank++) {
      sum += given.input(rank, 7);
    }
    assertBits(sum, ring.allReduceSum(given.input(ring.rank(), 7)), given, 7);
    int speaker = (int) Math.floorMod(given.seed(), given.worldSize());
    assertArrayEquals(
        new boolean[] {true, false},
        new boolean[] {ring.allReduceOr(ring.rank() == speaker), ring.allReduceOr(false)});
  }

  private static void assertBits(double expected, double actual, Case given, long element) {
    if (Double.doubleToRawLongBits(expected) != Double.doubleToRawLongBits(actual)) {
      assertEquals(expected, actual, 0.0, given + ", element " + element);
    }
  }

  private static void set(Tensor tensor, long i, double value) {
    if (tensor.type() == ElementType.FLOAT32) {
      tensor.memory().setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
    } else {
      tensor.memory().setAtIndex(ValueLayout.JAVA_DOUBLE, i, value);
    }
  }

  private static double get(Tensor tensor, long i) {
    return tensor.type() == ElementType.FLOAT32
        ? tensor.memory().getAtIndex(ValueLayout.JAVA_FLOAT, i)
        : tensor.memory().getAtIndex(ValueLayout.JAVA_DOUBLE, i);
  }
}
