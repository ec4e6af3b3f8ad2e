package dev.megalodon.trainer.data.jsonl;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.data.CorpusFiles;
import dev.megalodon.trainer.data.TokenStream;
import dev.megalodon.trainer.exit.WorkerExit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * The bytes of the documents of JSON lines, each one a token. Every file is read once when it is
 * opened, to know where documents lie: of each {@value #INTERVAL} tokens one place is kept. Reading
 * anywhere parses from the place before. For large data, prepare shards instead.
 */
public final class JsonlTokens implements TokenStream {
  private static final int VOCABULARY = 256;
  private static final int INTERVAL = 1 << 19;

  private final CorpusFiles files;
  private final String field;
  private final OptionalInt separator;
  private final List<Place> places = new ArrayList<>();
  private long size;

  /** A line from which reading may begin, and how many tokens and lines are before it. */
  private record Place(Path file, long offset, long linesBefore, long tokensBefore) {}

  /**
   * Opens and checks files and folders.
   *
   * @param field the field of the objects that has the text
   * @param separator token after each document, if any
   * @throws WorkerExit naming the path, or file and line, that is missing or bad
   */
  public static JsonlTokens open(List<Path> sources, String field, OptionalInt separator) {
    JsonlTokens tokens = new JsonlTokens(CorpusFiles.scan(sources), field, separator);
    tokens.files.entries().forEach(file -> tokens.index(file.path()));
    return tokens;
  }

  private JsonlTokens(CorpusFiles files, String field, OptionalInt separator) {
    this.files = files;
    this.field = field;
    this.separator = separator;
  }

  private void index(Path file) {
    places.add(new Place(file, 0, 0, size));
    long next = size + INTERVAL;
    try (JsonDocuments documents = new JsonDocuments(file, field, 0, 0)) {
      for (var read = documents.next(); read.isPresent(); read = documents.next()) {
        JsonDocuments.Document document = read.get();
        if (size >= next) {
          places.add(new Place(file, document.offset(), document.line() - 1, size));
          next = size + INTERVAL;
        }
        size += tokens(document);
      }
    }
  }

  private int tokens(JsonDocuments.Document document) {
    return document.text().length + (separator.isPresent() ? 1 : 0);
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int vocabularySize() {
    return Math.max(VOCABULARY, separator.orElse(0) + 1);
  }

  @Override
  public String fingerprint() {
    return files.fingerprint();
  }

  @Override
  public void read(long offset, int[] target, int at, int count) {
    int place = placeBefore(offset);
    long skip = offset - places.get(place).tokensBefore();
    int done = 0;
    while (done < count) {
      Part part = read(place, skip, target, at + done, count - done);
      skip = part.toSkip();
      done += part.copied();
      place++;
    }
  }

  /** What one place gave: tokens still to pass over, and tokens copied. */
  private record Part(long toSkip, int copied) {}

  private Part read(int place, long skip, int[] target, int at, int count) {
    if (place >= places.size()) {
      throw new WorkerExit(
          ExitCode.BAD_DATA,
          "the data files %s have become shorter while training: data must not change"
              .formatted(files.entries().stream().map(CorpusFiles.Entry::path).toList()));
    }
    Place from = places.get(place);
    long end = place + 1 < places.size() ? places.get(place + 1).tokensBefore() : size;
    long available = end - from.tokensBefore();
    long toSkip = skip;
    int done = 0;
    try (JsonDocuments documents =
        new JsonDocuments(from.file(), field, from.offset(), from.linesBefore())) {
      long passed = 0;
      while (done < count && passed < available) {
        var read = documents.next();
        if (read.isEmpty()) {
          break;
        }
        int[] tokens = withSeparator(read.get().text());
        int first = (int) Math.min(toSkip, tokens.length);
        int copied = Math.min(tokens.length - first, count - done);
        System.arraycopy(tokens, first, target, at + done, copied);
        toSkip -= first;
        done += copied;
        passed += tokens.length;
      }
    }
    return new Part(toSkip, done);
  }

  private int[] withSeparator(byte[] text) {
    int[] tokens = new int[text.length + (separator.isPresent() ? 1 : 0)];
    for (int i = 0; i < text.length; i++) {
      tokens[i] = text[i] & 0xFF;
    }
    separator.ifPresent(token -> tokens[text.length] = token);
    return tokens;
  }

  private int placeBefore(long offset) {
    int low = 0;
    int high = places.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (places.get(middle).tokensBefore() <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  @Override
  public void close() {}
}
