package dev.megalodon.trainer.data;

/**
 * Documents packed end to end, each followed by a separator token.
 *
 * @param documents without separators
 * @param separator the token
 */
record SeparatedTokens(DocumentStream documents, int separator) implements TokenStream {
  @Override
  public long size() {
    return documents.size() + documents.documents();
  }

  @Override
  public int vocabularySize() {
    return Math.max(documents.vocabularySize(), separator + 1);
  }

  @Override
  public String fingerprint() {
    return documents.fingerprint();
  }

  @Override
  public void read(long offset, int[] target, int at, int count) {
    long document = documentAt(offset);
    int done = 0;
    while (done < count) {
      long end = documents.end(document);
      long from = offset + done - document;
      int text = (int) Math.min(count - done, end - from);
      documents.read(from, target, at + done, text);
      done += text;
      if (done < count) {
        target[at + done++] = separator;
      }
      document++;
    }
  }

  /** The first document whose separator lies at or after {@code offset}. */
  private long documentAt(long offset) {
    long low = 0;
    long high = documents.documents() - 1;
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (documents.end(middle) + middle >= offset) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  @Override
  public void close() {
    documents.close();
  }
}
