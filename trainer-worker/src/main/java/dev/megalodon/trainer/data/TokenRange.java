package dev.megalodon.trainer.data;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;

/**
 * A range of a stream that windows are cut from. A window of L tokens needs L + 1, since the target
 * of each token is the one after it.
 */
public final class TokenRange {
  private final TokenStream tokens;
  private final long from;
  private final long size;
  private final int sequenceLength;

  /**
   * Views tokens {@code from} to {@code from + size} of a stream.
   *
   * @param purpose what the text is for, said in the error
   * @throws WorkerExit {@code BAD_DATA} when not even one window fits
   */
  public TokenRange(TokenStream tokens, long from, long size, int sequenceLength, String purpose) {
    this.tokens = tokens;
    this.from = from;
    this.size = size;
    this.sequenceLength = sequenceLength;
    if (size < sequenceLength + 1L) {
      throw new WorkerExit(
          ExitCode.BAD_DATA,
          "%s has %d tokens, fewer than one sequence of %d tokens and its last target need"
              .formatted(purpose, size, sequenceLength));
    }
  }

  /** Tokens of the range. */
  public long size() {
    return size;
  }

  /** How many offsets a window can begin at. */
  public long positions() {
    return size - sequenceLength;
  }

  /** How many whole windows lie one after the other in the range. */
  public long consecutiveWindows() {
    return (size - 1) / sequenceLength;
  }

  /** Copies the window at an offset of the range into a row of a batch. */
  public void window(long offset, Batch batch, int row) {
    int length = sequenceLength;
    int[] window = new int[length + 1];
    tokens.read(from + offset, window, 0, window.length);
    System.arraycopy(window, 0, batch.tokens(), row * length, length);
    System.arraycopy(window, 1, batch.targets(), row * length, length);
  }
}
