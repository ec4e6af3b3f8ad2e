package dev.megalodon.trainer.rendezvous;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.parallel.TestNetworks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three JVMs that exchange over Aeron UDP; some are stopped by SIGSTOP, which closes nothing. */
class FrozenProcessIT {
  private static final int WORLD_SIZE = 3;

  private final List<JvmRank> started = new ArrayList<>();
  private final int rendezvousPort = JobProcesses.freePort();

  @TempDir Path folder;

  @AfterEach
  void endAll() {
    started.forEach(JvmRank::close);
  }

  @Test
  void shouldReplaceAFrozenMemberThatLeavesWhenItWakesUp() throws Exception {
    JvmRank zero = start(0, 1);
    JvmRank one = start(1, 2);
    JvmRank frozen = start(2, 3);
    awaitRounds("epoch 3.0 from 3.0", zero, one, frozen);

    frozen.freeze();
    zero.await("absent rank 2 incarnation 3 SILENT");
    JvmRank two = start(2, 4);
    awaitRounds("epoch 4.0 from 4.0", zero, one, two);

    frozen.thaw();
    assertEquals(ExitCode.LEFT_ON_NOTICE.code(), frozen.exitCode());
    awaitEnd(zero, one, two);
  }

  @Test
  void shouldMeetAgainWhenAFrozenProcessWakesUp() throws Exception {
    JvmRank zero = start(0, 1);
    JvmRank one = start(1, 2);
    JvmRank two = start(2, 3);
    awaitRounds("epoch 3.0 from 3.0", zero, one, two);

    one.freeze();
    zero.await("absent rank 1 incarnation 2 SILENT");
    one.thaw();
    awaitRounds("epoch 3.", zero, one, two);

    zero.freeze();
    assertTrue(one.await("lost").contains("rank 0 was silent"), "rank 1 blames another rank");
    one.await("absent rank 0 incarnation 1 SILENT");
    two.await("absent rank 0 incarnation 1 SILENT");
    zero.thaw();
    awaitRounds("epoch 3.", zero, one, two);
    awaitEnd(zero, one, two);
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

  private static void awaitEnd(JvmRank... ranks) throws Exception {
    for (JvmRank rank : ranks) {
      rank.stop();
    }
    for (JvmRank rank : ranks) {
      assertEquals("finished true", rank.await("finished"));
      assertEquals(0, rank.exitCode());
    }
  }
}
