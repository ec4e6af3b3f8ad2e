package dev.megalodon.trainer.rendezvous;

import dev.megalodon.crds.contract.ExitCode;
import java.util.List;

/**
 * Counts how often the same processes met and broke off again without a step between: they reach
 * each other to meet, and not to exchange. Meeting once more will not help then.
 */
final class BrokenExchanges {
  private static final int MOST = 5;

  private List<Long> incarnations = List.of();
  private long step;
  private int count;

  /**
   * An epoch is over.
   *
   * @param step the last step that this process was in
   */
  void ended(Epoch epoch, long step) {
    List<Long> roster = epoch.roster().members().stream().map(Member::incarnation).toList();
    boolean again = roster.equals(incarnations) && step <= this.step;
    incarnations = roster;
    this.step = step;
    count = again ? count + 1 : 1;
  }

  /**
   * Gives up after too many.
   *
   * @param reason why the last epoch ended
   * @throws RendezvousException with {@code PEERS_LOST}
   */
  void requireFew(String reason) {
    if (count >= MOST) {
      throw new RendezvousException(
          ExitCode.PEERS_LOST,
          ("the same ranks met %d times and could not finish a step together; check that pods reach"
                  + " each other by UDP (network policies, MTU); the last time: %s")
              .formatted(count, reason));
    }
  }
}
