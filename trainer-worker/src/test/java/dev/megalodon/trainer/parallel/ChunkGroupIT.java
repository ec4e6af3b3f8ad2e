package dev.megalodon.trainer.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.parallel.ChunkGroup.PendingGather;
import dev.megalodon.trainer.parallel.aeron.AeronNetwork;
import dev.megalodon.trainer.parallel.aeron.AeronSettings;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random messages of a chunk group on every network, in random order and of random sizes, with
 * other collectives in between: every bit must arrive where it belongs.
 */
class ChunkGroupIT {
  private static final long SEED = 20_261_124;
  private static final int ROUNDS = 10;
  private static final int LARGER_THAN_A_TERM = 300_000;

  @TempDir Path folder;

  /** What the ranks of a group do together. */
  private enum Pattern {
    /** All say something to all. */
    GATHER,
    /** Each sends to one and only then receives from another. */
    ROTATE,
    /** Each receives from the one before and sends to the next. */
    CHAIN
  }

  /** One exchange, and those that happen between its begin and its await. */
  private record Step(
      Pattern pattern, ElementType type, int elements, int distance, long seed, List<Step> inner) {}

  @ParameterizedTest
  @EnumSource
  void shouldCarryEveryBit(TestNetworks kind) throws Exception {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    for (int worldSize = 1; worldSize <= 6; worldSize++) {
      List<Network> networks = kind.open(worldSize, folder.resolve("world-" + worldSize));
      try {
        int chunkParallel = worldSize == 6 ? 3 : worldSize;
        List<Group> groups = Ranks.groups(worldSize, networks, random);
        List<Step> script = script(random, chunkParallel, ROUNDS);
        Ranks.runLinks(
            networks,
            groups,
            CollectiveSettings.DEFAULT,
            links -> {
              Player player = new Player(links, chunkParallel);
              script.forEach(player::play);
              return true;
            });
      } finally {
        TestNetworks.closeAll(networks);
      }
    }
  }

  private static List<Step> script(RandomGenerator random, int groupSize, int rounds) {
    List<Step> steps = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      Pattern pattern = Pattern.values()[random.nextInt(Pattern.values().length)];
      steps.add(
          new Step(
              pattern,
              random.nextBoolean() ? ElementType.FLOAT32 : ElementType.FLOAT64,
              elements(random, round),
              groupSize == 1 ? 0 : random.nextInt(1, groupSize),
              random.nextLong(),
              pattern == Pattern.GATHER ? withoutGathers(random, groupSize) : List.of()));
    }
    return steps;
  }

  private static List<Step> withoutGathers(RandomGenerator random, int groupSize) {
    return script(random, groupSize, random.nextInt(3)).stream()
        .filter(step -> step.pattern() != Pattern.GATHER)
        .toList();
  }

  private static int elements(RandomGenerator random, int round) {
    return switch (round % 5) {
      case 0 -> 1;
      case 1 -> LARGER_THAN_A_TERM / Float.BYTES + random.nextInt(1_000);
      case 2 -> 0;
      default -> random.nextInt(5_000);
    };
  }

  /** One rank's part in a script. */
  private static final class Player {
    private final Collectives collectives;
    private final ChunkGroup chunks;
    private final int dataIndex;

    Player(EpochLinks links, int chunkParallel) {
      this.collectives = links.collectives();
      this.chunks = links.chunkGroup(chunkParallel);
      this.dataIndex = collectives.rank() / chunkParallel;
    }

    void play(Step step) {
      try (Arena arena = Arena.ofConfined()) {
        switch (step.pattern()) {
          case GATHER -> gather(step, arena);
          case ROTATE -> {
            if (chunks.size() > 1) {
              rotate(step, arena);
            }
          }
          case CHAIN -> chain(step, arena);
        }
      }
    }

    private void gather(Step step, Arena arena) {
      Tensor buffer = tensor(step, chunks.size(), arena);
      MemorySegment own = share(buffer, chunks.rank());
      own.copyFrom(expected(step, chunks.rank(), arena));
      PendingGather pending = chunks.beginAllGather(buffer);
      assertEquals(collectives.worldSize(), collectives.allReduceSum(1));
      step.inner().forEach(this::play);
      reduceSomething(arena);
      pending.await();
      for (int peer = 0; peer < chunks.size(); peer++) {
        requireEqual(step, expected(step, peer, arena), share(buffer, peer));
      }
    }

    private void rotate(Step step, Arena arena) {
      Tensor sent = tensor(step, 1, arena);
      sent.memory().copyFrom(expected(step, chunks.rank(), arena));
      chunks.send((chunks.rank() + step.distance()) % chunks.size(), sent);
      sent.memory().fill((byte) -1);
      Tensor received = tensor(step, 1, arena);
      int from = Math.floorMod(chunks.rank() - step.distance(), chunks.size());
      chunks.receive(from, received);
      requireEqual(step, expected(step, from, arena), received.memory());
    }

    private void chain(Step step, Arena arena) {
      Tensor message = tensor(step, 1, arena);
      if (chunks.rank() > 0) {
        chunks.receive(chunks.rank() - 1, message);
        requireEqual(step, expected(step, chunks.rank() - 1, arena), message.memory());
      }
      message.memory().copyFrom(expected(step, chunks.rank(), arena));
      if (chunks.rank() < chunks.size() - 1) {
        chunks.send(chunks.rank() + 1, message);
      }
    }

    /** A ring operation large enough to fill its own stream. */
    private void reduceSomething(Arena arena) {
      int length = 30_000 * collectives.worldSize();
      MemorySegment memory = arena.allocate(ValueLayout.JAVA_FLOAT, length);
      for (int i = 0; i < length; i++) {
        memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, i);
      }
      collectives.reduceScatter(new Tensor(ElementType.FLOAT32, memory, length));
      int first = 30_000 * collectives.rank();
      float sum = memory.getAtIndex(ValueLayout.JAVA_FLOAT, first + 11L);
      assertEquals((first + 11f) * collectives.worldSize(), sum);
    }

    private MemorySegment share(Tensor buffer, int peer) {
      long bytes = buffer.memory().byteSize() / chunks.size();
      return buffer.memory().asSlice(peer * bytes, bytes);
    }

    /** What {@code peer} of this chunk group says: bits that no other rank and step has. */
    private MemorySegment expected(Step step, int peer, Arena arena) {
      long bytes = (long) step.elements() * step.type().bytes();
      MemorySegment memory = arena.allocate(Math.max(1, bytes), 64).asSlice(0, bytes);
      RandomGenerator random =
          RandomGeneratorFactory.of("SplittableRandom")
              .create(step.seed() + 31L * peer + 1_009L * dataIndex);
      for (long i = 0; i < bytes / Integer.BYTES; i++) {
        memory.setAtIndex(ValueLayout.JAVA_INT, i, random.nextInt());
      }
      return memory;
    }

    private static Tensor tensor(Step step, int shares, Arena arena) {
      long length = (long) shares * step.elements();
      long bytes = length * step.type().bytes();
      MemorySegment memory = arena.allocate(Math.max(1, bytes), 64).asSlice(0, bytes);
      return new Tensor(step.type(), memory, length);
    }

    private static void requireEqual(Step step, MemorySegment expected, MemorySegment actual) {
      assertEquals(-1, expected.mismatch(actual), step::toString);
    }
  }

  @Test
  void shouldRefuseWhatCannotBeExchanged() throws Exception {
    List<Network> networks = TestNetworks.IN_MEMORY.open(3, folder);
    Group group = Ranks.groups(1, networks, RandomGenerator.getDefault()).getFirst();
    try (EpochLinks links =
        new EpochLinks(networks.getFirst().open(group), group, CollectiveSettings.DEFAULT)) {
      assertThrows(IllegalArgumentException.class, () -> links.chunkGroup(2));
      ChunkGroup chunks = links.chunkGroup(3);
      assertThrows(IllegalStateException.class, () -> links.chunkGroup(1));
      assertThrows(IllegalArgumentException.class, () -> chunks.beginAllGather(floats(4)));
      assertThrows(IllegalArgumentException.class, () -> chunks.send(0, floats(1)));
      assertThrows(IllegalArgumentException.class, () -> chunks.receive(3, floats(1)));
      Tensor integers = new Tensor(ElementType.INT32, MemorySegment.ofArray(new int[3]), 3);
      assertThrows(IllegalArgumentException.class, () -> chunks.beginAllGather(integers));
      chunks.beginAllGather(floats(3));
      assertThrows(IllegalStateException.class, () -> chunks.beginAllGather(floats(3)));
    }
  }

  /** The links of several epochs may linger side by side, and a container has 64 MB. */
  @Test
  void shouldNeedLittleSharedMemoryForEightRanks() throws Exception {
    Path directory = folder.resolve("driver");
    AeronSettings settings =
        AeronSettings.forPod("127.0.0.1", TestNetworks.freePort()).withDirectory(directory);
    Peer elsewhere = new Peer(new Endpoint("127.0.0.1", 9, 1_408, "elsewhere"), 2);
    List<Peer> peers = new ArrayList<>(Collections.nCopies(8, elsewhere));
    try (AeronNetwork network = AeronNetwork.launch(settings)) {
      peers.set(0, new Peer(network.endpoint(), 1));
      Group group = new Group(1, 0, peers);
      long driver = bytesIn(directory);
      try (EpochLinks links =
          new EpochLinks(network.open(group), group, CollectiveSettings.DEFAULT)) {
        links.chunkGroup(8);
        // Only what this rank sends exists until peers answer; what they send is as large.
        long exchanged = 2 * (bytesIn(directory) - driver);
        assertTrue(driver <= 13 << 20, () -> "driver: " + driver);
        assertTrue(exchanged <= 13 << 20, () -> "links: " + exchanged);
      }
    }
  }

  private static long bytesIn(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  private static Tensor floats(int length) {
    return new Tensor(ElementType.FLOAT32, MemorySegment.ofArray(new float[length]), length);
  }
}
