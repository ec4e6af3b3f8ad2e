package dev.megalodon.trainer.rendezvous;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.AbsentRank;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The packets between rank 0 and another rank vanish, and nobody closes anything. */
class HalfOpenNetworkIT {
  private static final long BOUND_SECONDS = 60;

  @Test
  void shouldBeNoticedAtBothEndsAndHeal() throws Exception {
    try (JobProcesses job = new JobProcesses(2, Duration.ofMillis(100), Duration.ofMillis(1500));
        TcpRelay relay = TcpRelay.to(job.settings().port())) {
      Rendezvous zero = job.start(0, 1);
      Rendezvous one = job.start(job.identity(1, 2), job.settings().withPort(relay.port()));
      List<Epoch> epochs = JobProcesses.joinAll(zero, one);
      assertEquals(List.of(), zero.absent());

      relay.cut();
      Loss atZero = JobProcesses.awaitLoss(epochs.getFirst());
      assertEquals(Loss.Cause.SILENT, atZero.cause(), atZero.reason());
      Loss atOne = JobProcesses.awaitLoss(epochs.getLast());
      assertEquals(Loss.Cause.COORDINATOR_LOST, atOne.cause(), atOne.reason());

      CompletableFuture<Epoch> zeroAgain = JobProcesses.joining(zero);
      CompletableFuture<Epoch> oneAgain = JobProcesses.joining(one);
      assertMissing(1, 2, zero);
      assertMissing(0, 1, one);
      double seconds = one.absent().getFirst().seconds();
      Thread.sleep(5);
      assertTrue(one.absent().getFirst().seconds() > seconds, "time stands still");

      relay.heal();
      List<Epoch> healed = List.of(JobProcesses.await(zeroAgain), JobProcesses.await(oneAgain));
      assertEquals(new EpochId(2, 1), healed.getFirst().id());
      assertEquals(List.of(3.0, 3.0), JobProcesses.sums(healed));
      assertEquals(List.of(), one.absent());
      assertEquals(List.of(), zero.absent());
    }
  }

  private static void assertMissing(int rank, long incarnation, Rendezvous asked)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOUND_SECONDS);
    while (asked.absent().isEmpty() && System.nanoTime() < end) {
      Thread.sleep(10);
    }
    AbsentRank absent = asked.absent().getFirst();
    assertEquals(rank, absent.rank());
    assertEquals(incarnation, absent.incarnation());
    assertEquals(AbsentRank.Cause.SILENT, absent.cause(), absent.reason());
  }
}
