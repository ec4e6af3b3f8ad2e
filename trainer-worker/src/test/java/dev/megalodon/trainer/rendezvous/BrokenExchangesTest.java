package dev.megalodon.trainer.rendezvous;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.parallel.Endpoint;
import dev.megalodon.trainer.parallel.SoloLinks;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ranks that meet and cannot exchange give up; ranks that are replaced or make steps do not. */
class BrokenExchangesTest {
  private static final Endpoint ENDPOINT = new Endpoint("127.0.0.1", 1, 1408, "driver");

  private final BrokenExchanges broken = new BrokenExchanges();

  private static Epoch epoch(long incarnation) {
    Roster roster =
        new Roster(List.of(new Member(0, 1, ENDPOINT, 7), new Member(1, incarnation, ENDPOINT, 8)));
    Message.Open open = new Message.Open(new EpochId(incarnation, 1), roster, "");
    return new Epoch(open, SoloLinks.open());
  }

  @Test
  void shouldGiveUpWhenTheSameRanksNeverFinishAStep() {
    for (int i = 0; i < 4; i++) {
      broken.ended(epoch(2), 17);
      broken.requireFew("rank 1 is silent");
    }
    broken.ended(epoch(2), 17);
    RendezvousException end =
        assertThrows(RendezvousException.class, () -> broken.requireFew("rank 1 is silent"));
    assertEquals(ExitCode.PEERS_LOST, end.exitCode());
    assertTrue(String.valueOf(end.getMessage()).contains("rank 1 is silent"), end::toString);
  }

  @Test
  void shouldGoOnAsLongAsStepsAreMade() {
    for (int step = 0; step < 20; step++) {
      broken.ended(epoch(2), step);
      broken.requireFew("");
    }
  }

  @Test
  void shouldGoOnAsLongAsRanksAreReplaced() {
    for (int incarnation = 2; incarnation < 20; incarnation++) {
      broken.ended(epoch(incarnation), 17);
      broken.requireFew("");
    }
  }
}
