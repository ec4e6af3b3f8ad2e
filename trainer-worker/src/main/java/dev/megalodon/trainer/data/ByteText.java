package dev.megalodon.trainer.data;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;

/**
 * A range of a corpus cut into windows; every byte is a token, 0 to 255. A window of L tokens needs
 * L + 1 bytes, since the target of each token is the one after it.
 */
public final class ByteText {
  private final Corpus corpus;
  private final long from;
  private final long size;
  private final int sequenceLength;

  /**
   * Views bytes {@code from} to {@code from + size} of a corpus.
   *
   * @param purpose what the text is for, said in the error
   * @throws WorkerExit {@code BAD_DATA} when not even one window fits
   */
  public ByteText(Corpus corpus, long from, long size, int sequenceLength, String purpose) {
    this.corpus = corpus;
    this.from = from;
    this.size = size;
    this.sequenceLength = sequenceLength;
    if (size < sequenceLength + 1L) {
      throw new WorkerExit(
          ExitCode.BAD_DATA,
          "%s has %d bytes, fewer than one sequence of %d tokens and its last target need"
              .formatted(purpose, size, sequenceLength));
    }
  }

  /** Bytes of the range. */
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

  /** The sequences that begin at these offsets of the range. */
  public Batch windows(long[] offsets) {
    int length = sequenceLength;
    int[] tokens = new int[offsets.length * length];
    int[] targets = new int[offsets.length * length];
    byte[] window = new byte[length + 1];
    for (int row = 0; row < offsets.length; row++) {
      corpus.read(from + offsets[row], window);
      for (int i = 0; i < length; i++) {
        tokens[row * length + i] = window[i] & 0xFF;
        targets[row * length + i] = window[i + 1] & 0xFF;
      }
    }
    return new Batch(offsets.length, length, tokens, targets);
  }
}
