package dev.megalodon.trainer.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.parallel.ChunkGroup.PendingGather;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a rank of a chunk group sees when its peers go away, are silent, or do something else. */
class BrokenChunkGroupIT {
  private static final RandomGenerator RANDOM = RandomGenerator.of("L64X128MixRandom");
  private static final CollectiveSettings LONG =
      new CollectiveSettings(Duration.ofSeconds(60), Ticker.SYSTEM);
  private static final int BOUND_SECONDS = 30;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void shouldThrowWhenAbortedWhileWaiting(TestNetworks kind) {
    List<Network> networks = kind.open(2, folder);
    Group group = Ranks.groups(1, networks, RANDOM).getFirst();
    try (EpochLinks links = new EpochLinks(networks.getFirst().open(group), group, LONG)) {
      ChunkGroup chunks = links.chunkGroup(2);
      PendingGather pending = chunks.beginAllGather(tensor(2));
      CompletableFuture<Void> blocked = CompletableFuture.runAsync(pending::await);
      links.abort("rank 1 closed its connection");
      ExecutionException thrown =
          assertThrows(
              ExecutionException.class, () -> blocked.get(BOUND_SECONDS, TimeUnit.SECONDS));
      String message = assertInstanceOf(PeerLostException.class, thrown.getCause()).toString();
      assertTrue(message.contains("rank 1 closed its connection"), message);
      assertThrows(PeerLostException.class, () -> chunks.receive(1, tensor(1)));
      assertThrows(PeerLostException.class, () -> chunks.send(1, tensor(1)));
      assertThrows(PeerLostException.class, links.collectives()::barrier);
    } finally {
      TestNetworks.closeAll(networks);
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldSayWhoStoppedSending(TestNetworks kind) throws Exception {
    List<Network> networks = kind.open(3, folder);
    try {
      List<Group> groups = Ranks.groups(1, networks, RANDOM);
      List<String> messages =
          Ranks.runLinksUnguarded(networks, groups, LONG, BrokenChunkGroupIT::leaveEarly);
      assertTrue(messages.getFirst().contains("rank 2 stopped sending"), messages.getFirst());
      assertTrue(messages.getFirst().contains("in chunk-message 3 of epoch 1"), messages::toString);
      assertTrue(messages.get(1).contains("rank 0 stopped sending"), messages.get(1));
    } finally {
      TestNetworks.closeAll(networks);
    }
  }

  /** Rank 2 leaves when rank 0 has its share; rank 0 waits for more of it, rank 1 for rank 0. */
  private static String leaveEarly(EpochLinks links) {
    ChunkGroup chunks = links.chunkGroup(3);
    chunks.beginAllGather(tensor(3)).await();
    if (chunks.rank() == 2) {
      chunks.receive(0, tensor(1));
      return "left";
    }
    if (chunks.rank() == 0) {
      chunks.send(2, tensor(1));
    }
    int awaited = chunks.rank() == 0 ? 2 : 0;
    String message =
        assertThrows(PeerLostException.class, () -> chunks.receive(awaited, tensor(1))).toString();
    assertThrows(PeerLostException.class, () -> chunks.send(1 - chunks.rank(), tensor(1)));
    return message;
  }

  @Test
  void shouldNameWhatItWaitedForWhenPeerIsSilent() {
    List<Network> networks = TestNetworks.IN_MEMORY.open(2, folder);
    Group group = Ranks.groups(0x31, networks, RANDOM).getFirst();
    CollectiveSettings impatient = new CollectiveSettings(Duration.ofMillis(50), Ticker.SYSTEM);
    try (EpochLinks links = new EpochLinks(networks.getFirst().open(group), group, impatient)) {
      PendingGather pending = links.chunkGroup(2).beginAllGather(tensor(16));
      String message = assertThrows(PeerLostException.class, pending::await).toString();
      assertTrue(message.contains("no progress for 0."), message);
      assertTrue(message.contains("in chunk-gather 1 of epoch 31"), message);
      assertTrue(message.contains("has 0 of 32 bytes from rank 1 ("), message);
    }
  }

  @Test
  void shouldNameThePeerThatDoesNotReceive() {
    List<Network> networks = TestNetworks.IN_MEMORY.open(2, folder);
    Group group = Ranks.groups(1, networks, RANDOM).getFirst();
    CollectiveSettings impatient = new CollectiveSettings(Duration.ofMillis(50), Ticker.SYSTEM);
    try (EpochLinks links = new EpochLinks(networks.getFirst().open(group), group, impatient)) {
      ChunkGroup chunks = links.chunkGroup(2);
      String message =
          assertThrows(PeerLostException.class, () -> chunks.send(1, tensor(1 << 20))).toString();
      assertTrue(message.contains("has sent 131072 of 4194304 bytes to rank 1"), message);
    }
  }

  @Test
  void shouldDropAndCountMessagesOfAnotherEpoch() {
    List<Network> networks = TestNetworks.IN_MEMORY.open(2, folder);
    List<Group> groups = Ranks.groups(5, networks, RANDOM);
    MemorySegment payload = MemorySegment.ofArray(new float[] {7});
    try (Transport other = networks.getLast().open(groups.getLast());
        EpochLinks links =
            new EpochLinks(networks.getFirst().open(groups.getFirst()), groups.getFirst(), LONG)) {
      ChunkGroup chunks = links.chunkGroup(2);
      Outbound link = other.outbound(Lane.chunks(2), 0);
      Operation message = new Operation(Operation.Kind.CHUNK_MESSAGE, 1);
      MemorySegment wrong = MemorySegment.ofArray(new float[] {-1});
      assertTrue(link.offer(new MessageHeader(4, message.code(), 0, 4), wrong, 0, 4));
      assertTrue(link.offer(new MessageHeader(5, message.code(), 0, 4), payload, 0, 4));
      float[] received = new float[1];
      chunks.receive(1, new Tensor(ElementType.FLOAT32, MemorySegment.ofArray(received), 1));
      assertEquals(7, received[0]);
      RingCollectives ring = assertInstanceOf(RingCollectives.class, links.collectives());
      assertEquals(1, ring.foreignMessages());
    }
  }

  @Test
  void shouldRefuseWhenRanksCallDifferentOperations() throws Exception {
    List<Network> networks = TestNetworks.IN_MEMORY.open(2, folder);
    List<Group> groups = Ranks.groups(1, networks, RANDOM);
    Ranks.runLinksUnguarded(
        networks,
        groups,
        LONG,
        links -> {
          ChunkGroup chunks = links.chunkGroup(2);
          if (chunks.rank() == 0) {
            chunks.send(1, tensor(2));
            return chunks;
          }
          return assertThrows(IllegalStateException.class, () -> chunks.receive(0, tensor(1)));
        });
  }

  @ParameterizedTest
  @EnumSource
  void shouldWorkInTheEpochAfterAnAbandonedOne(TestNetworks kind) throws Exception {
    List<Network> networks = kind.open(2, folder);
    try {
      List<Group> first = Ranks.groups(1, networks, RANDOM);
      Ranks.runLinksUnguarded(networks, first, LONG, BrokenChunkGroupIT::abandonHalfSentGather);
      List<Group> second = Ranks.groups(2, networks, RANDOM);
      List<Float> received =
          Ranks.runLinks(networks, second, LONG, BrokenChunkGroupIT::valueOfTheOther);
      assertEquals(List.of(1f, 0f), received);
    } finally {
      TestNetworks.closeAll(networks);
    }
  }

  private static boolean abandonHalfSentGather(EpochLinks links) {
    ChunkGroup chunks = links.chunkGroup(2);
    chunks.beginAllGather(tensor(2)).await();
    chunks.beginAllGather(tensor(1 << 20));
    links.abort("a peer died");
    return true;
  }

  private static float valueOfTheOther(EpochLinks links) {
    ChunkGroup chunks = links.chunkGroup(2);
    float[] values = new float[2];
    values[chunks.rank()] = chunks.rank();
    chunks
        .beginAllGather(new Tensor(ElementType.FLOAT32, MemorySegment.ofArray(values), 2))
        .await();
    return values[1 - chunks.rank()];
  }

  private static Tensor tensor(int length) {
    return new Tensor(ElementType.FLOAT32, MemorySegment.ofArray(new float[length]), length);
  }
}
