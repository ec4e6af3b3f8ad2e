package dev.megalodon.trainer.data;

/**
 * Tokens that can be read anywhere without those before them. Not safe for use by several threads.
 */
public interface TokenStream extends AutoCloseable {
  /** Number of tokens. */
  long size();

  /** Every token is less than this. */
  int vocabularySize();

  /** Another text has another; {@code sha256:…}. */
  String fingerprint();

  /**
   * Copies {@code count} tokens from {@code offset} on into {@code target}, from {@code at} on.
   *
   * @throws dev.megalodon.trainer.exit.WorkerExit {@code BAD_DATA} or {@code MISSING_INPUT} naming
   *     the file that is damaged, has changed or cannot be read
   */
  void read(long offset, int[] target, int at, int count);

  @Override
  void close();
}
