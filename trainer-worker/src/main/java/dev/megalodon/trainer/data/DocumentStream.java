package dev.megalodon.trainer.data;

/** Tokens that know where documents end. */
public interface DocumentStream extends TokenStream {
  /** Number of documents. */
  long documents();

  /**
   * Where a document ends: tokens up to and including its last. Ends never fall.
   *
   * @param document counted from 0
   */
  long end(long document);
}
