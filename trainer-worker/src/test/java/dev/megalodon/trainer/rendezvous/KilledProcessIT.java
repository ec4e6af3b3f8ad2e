package dev.megalodon.trainer.rendezvous;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.trainer.parallel.TestNetworks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three JVMs that exchange over Aeron UDP; some are killed, the others stay and go on. */
class KilledProcessIT {
  private static final int WORLD_SIZE = 3;

  private final List<JvmRank> started = new ArrayList<>();
  private final int rendezvousPort = JobProcesses.freePort();

  @TempDir Path folder;

  @AfterEach
  void endAll() {
    started.forEach(JvmRank::close);
  }

  @Test
  void shouldGoOnWithTheSurvivorsAfterARankAndThenRankZeroWasKilled() throws Exception {
    JvmRank zero = start(0, 1);
    JvmRank one = start(1, 2);
    JvmRank two = start(2, 3);
    awaitRounds("epoch 3.0 from 3.0", zero, one, two);

    one.kill();
    assertTrue(zero.await("lost").contains("rank 1"), "rank 0 blames another rank");
    assertTrue(two.await("lost").contains("rank 1"), "rank 2 blames another rank");
    JvmRank oneAgain = start(1, 4);
    awaitRounds("epoch 4.0 from 4.0", zero, oneAgain, two);

    zero.kill();
    assertTrue(oneAgain.await("lost").contains("rank 0"), "rank 1 blames another rank");
    two.await("lost");
    JvmRank zeroAgain = start(0, 5);
    awaitRounds("epoch 5.0 from 5.0", zeroAgain, oneAgain, two);

    for (JvmRank rank : List.of(zeroAgain, oneAgain, two)) {
      rank.stop();
    }
    for (JvmRank rank : List.of(zeroAgain, oneAgain, two)) {
      assertEquals("finished true", rank.await("finished"));
      assertEquals(0, rank.exitCode());
    }
  }

  private JvmRank start(int rank, long incarnation) throws IOException {
    int udpPort = TestNetworks.freePort();
    JvmRank process = JvmRank.start(rank, WORLD_SIZE, incarnation, rendezvousPort, udpPort, folder);
    started.add(process);
    return process;
  }

  private static void awaitRounds(String epoch, JvmRank... ranks) throws InterruptedException {
    for (JvmRank rank : ranks) {
      rank.await(epoch);
      rank.await("round 20");
    }
  }
}
