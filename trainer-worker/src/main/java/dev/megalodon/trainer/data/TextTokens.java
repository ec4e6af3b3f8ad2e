package dev.megalodon.trainer.data;

/** The bytes of files, each one a token; a file is a document. */
record TextTokens(Corpus corpus) implements DocumentStream {
  private static final int VOCABULARY = 256;

  @Override
  public long size() {
    return corpus.size();
  }

  @Override
  public int vocabularySize() {
    return VOCABULARY;
  }

  @Override
  public String fingerprint() {
    return corpus.fingerprint();
  }

  @Override
  public long documents() {
    return corpus.fileCount();
  }

  @Override
  public long end(long document) {
    return corpus.end(Math.toIntExact(document));
  }

  @Override
  public void read(long offset, int[] target, int at, int count) {
    byte[] bytes = new byte[count];
    corpus.read(offset, bytes);
    for (int i = 0; i < count; i++) {
      target[at + i] = bytes[i] & 0xFF;
    }
  }

  @Override
  public void close() {
    corpus.close();
  }
}
