package dev.megalodon.trainer.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a rank sees when its peers are not there, go away, or do something else. */
class BrokenRingIT {
  private static final RandomGenerator RANDOM = RandomGenerator.of("L64X128MixRandom");
  private static final CollectiveSettings LONG =
      new CollectiveSettings(Duration.ofSeconds(60), Ticker.SYSTEM);
  private static final int BOUND_SECONDS = 30;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void shouldThrowWhenAbortedWhileWaiting(TestNetworks kind) throws Exception {
    List<Network> networks = kind.open(2, folder);
    try {
      Group group = Ranks.groups(1, networks, RANDOM).getFirst();
      RingCollectives ring = new RingCollectives(networks.getFirst().open(group), group, LONG);
      CompletableFuture<Void> blocked = CompletableFuture.runAsync(ring::barrier);
      ring.abort("rank 1 closed its connection");
      PeerLostException lost = failure(blocked);
      assertTrue(lost.toString().contains("rank 1 closed its connection"), lost::toString);
      assertThrows(PeerLostException.class, ring::barrier);
      ring.close();
    } finally {
      TestNetworks.closeAll(networks);
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldThrowWhenPeerClosesInTheMiddle(TestNetworks kind) throws Exception {
    List<Network> networks = kind.open(3, folder);
    try {
      List<Group> groups = Ranks.groups(1, networks, RANDOM);
      CountDownLatch met = new CountDownLatch(3);
      CountDownLatch noticed = new CountDownLatch(1);
      List<String> messages =
          Ranks.runUnguarded(
              networks,
              groups,
              LONG,
              ring -> {
                ring.barrier();
                met.countDown();
                assertTrue(met.await(BOUND_SECONDS, TimeUnit.SECONDS), "ranks never met");
                if (ring.rank() == 1) {
                  ring.close();
                }
                String message = assertThrows(PeerLostException.class, ring::barrier).toString();
                // A rank that closes is blamed by the next one, so rank 2 has to be the first.
                if (ring.rank() == 2) {
                  noticed.countDown();
                }
                assertTrue(noticed.await(BOUND_SECONDS, TimeUnit.SECONDS), "rank 2 is unaware");
                return message;
              });
      assertTrue(messages.get(2).contains("rank 1 stopped sending"), messages.toString());
    } finally {
      TestNetworks.closeAll(networks);
    }
  }

  @Test
  void shouldNameWhatItWaitedForWhenPeerIsSilent() {
    List<Network> networks = TestNetworks.IN_MEMORY.open(2, folder);
    Group group = Ranks.groups(0x31, networks, RANDOM).getFirst();
    CollectiveSettings impatient = new CollectiveSettings(Duration.ofMillis(50), Ticker.SYSTEM);
    try (RingCollectives ring =
        new RingCollectives(networks.getFirst().open(group), group, impatient)) {
      Tensor buffer = tensor(16);
      String message =
          assertThrows(PeerLostException.class, () -> ring.reduceScatter(buffer)).toString();
      assertTrue(message.contains("in reduce-scatter 1 of epoch 31"), message);
      assertTrue(message.contains("rank 0 has 0 of 32 bytes from rank 1"), message);
      assertTrue(message.contains("has sent 32 of 32 to rank 1"), message);
    }
  }

  @Test
  void shouldDropAndCountMessagesOfAnotherEpoch() {
    MemorySegment memory = MemorySegment.ofArray(new byte[64]);
    List<Network> networks = TestNetworks.IN_MEMORY.open(2, folder);
    Group group = Ranks.groups(5, networks, RANDOM).getFirst();
    Transport transport = networks.getFirst().open(group);
    RingPass.RingLinks links =
        new RingPass.RingLinks(transport.outbound(Lane.RING, 1), transport.inbound(Lane.RING, 1));
    EpochFence fence = new EpochFence(5);
    Operation operation = new Operation(Operation.Kind.ALL_GATHER, 1);
    RingPass pass =
        new RingPass(
            group, links, fence, operation, memory, new RingPass.Route(1, 0, Combination.COPY));
    MemorySegment message = MemorySegment.ofArray(new byte[MessageHeader.BYTES + 32]);
    new MessageHeader(4, operation.code(), 0, 32).write(message, 0);
    assertTrue(pass.onMessage(message, 0, (int) message.byteSize()));
    assertEquals(1, fence.dropped());
    assertTrue(pass.progress().startsWith("has 0 of 32 bytes"), pass::progress);
  }

  @Test
  void shouldRefuseWhenRanksCallDifferentOperations() throws Exception {
    List<Network> networks = TestNetworks.IN_MEMORY.open(2, folder);
    List<Group> groups = Ranks.groups(1, networks, RANDOM);
    Ranks.runUnguarded(
        networks,
        groups,
        LONG,
        ring -> {
          Tensor buffer = tensor(ring.rank() == 0 ? 16 : 32);
          return assertThrows(IllegalStateException.class, () -> ring.allGather(buffer));
        });
  }

  @Test
  void shouldRefuseBuffersThatDoNotDivide() {
    List<Network> networks = TestNetworks.IN_MEMORY.open(3, folder);
    Group group = Ranks.groups(1, networks, RANDOM).getFirst();
    try (RingCollectives ring = new RingCollectives(networks.getFirst().open(group), group, LONG)) {
      assertThrows(IllegalArgumentException.class, () -> ring.reduceScatter(tensor(16)));
      Tensor integers = new Tensor(ElementType.INT32, MemorySegment.ofArray(new int[3]), 3);
      assertThrows(IllegalArgumentException.class, () -> ring.reduceScatter(integers));
      assertThrows(IllegalArgumentException.class, () -> ring.allGather(integers));
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldWorkInTheEpochAfterAnAbandonedOne(TestNetworks kind) throws Exception {
    List<Network> networks = kind.open(2, folder);
    try {
      List<Group> first = Ranks.groups(1, networks, RANDOM);
      Ranks.runUnguarded(networks, first, LONG, BrokenRingIT::abandonHalfSentOperation);
      List<Group> second = Ranks.groups(2, networks, RANDOM);
      List<Double> sums =
          Ranks.run(networks, second, LONG, ring -> ring.allReduceSum(ring.rank() + 1.0));
      assertEquals(List.of(3.0, 3.0), sums);
    } finally {
      TestNetworks.closeAll(networks);
    }
  }

  /** Rank 0 sends what nobody will take. */
  private static boolean abandonHalfSentOperation(RingCollectives ring) throws Exception {
    ring.barrier();
    if (ring.rank() == 0) {
      CompletableFuture<Void> blocked =
          CompletableFuture.runAsync(() -> ring.allGather(tensor(1 << 20)));
      ring.abort("a peer died");
      failure(blocked);
    }
    return true;
  }

  private static PeerLostException failure(CompletableFuture<?> blocked) {
    ExecutionException thrown =
        assertThrows(ExecutionException.class, () -> blocked.get(BOUND_SECONDS, TimeUnit.SECONDS));
    return assertInstanceOf(PeerLostException.class, thrown.getCause());
  }

  private static Tensor tensor(int length) {
    return new Tensor(ElementType.FLOAT32, MemorySegment.ofArray(new float[length]), length);
  }
}
