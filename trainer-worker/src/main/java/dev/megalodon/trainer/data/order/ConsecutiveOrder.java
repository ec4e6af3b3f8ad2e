package dev.megalodon.trainer.data.order;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;

/**
 * The text in its own order, so that state may be carried from window to window. It is cut into G
 * lanes of ⌊(tokens − 1) / G⌋ tokens; sequence i of step k is window (k mod K) of lane i, and a
 * lane has K = ⌊lane / L⌋ windows. After the last the lanes begin again. What is left over at a
 * lane's end, fewer than L tokens, is not seen.
 */
final class ConsecutiveOrder implements WindowOrder {
  private final long lane;
  private final long windows;
  private final int sequenceLength;

  ConsecutiveOrder(Extent extent) {
    long tokens = extent.only().tokens();
    this.sequenceLength = extent.sequenceLength();
    this.lane = (tokens - 1) / extent.globalSequences();
    this.windows = lane / sequenceLength;
    if (windows == 0) {
      throw new WorkerExit(
          ExitCode.BAD_DATA,
          ("%d tokens are too few for spec.data.order consecutive: %d lanes of one sequence need"
                  + " %d")
              .formatted(
                  tokens,
                  extent.globalSequences(),
                  (long) extent.globalSequences() * sequenceLength + 1));
    }
  }

  @Override
  public Window window(long step, int index) {
    return new Window(0, index * lane + step % windows * sequenceLength);
  }

  @Override
  public boolean continues(long step) {
    return step % windows != 0;
  }
}
