package dev.megalodon.trainer.data.prepare;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.data.jsonl.JsonDocuments;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;

/** Reads the documents of files piece by piece. */
interface PieceReader {
  /**
   * Gives all pieces of a file in their order.
   *
   * @throws WorkerExit naming the file that cannot be read, or its line that is bad
   */
  void read(Path file, Consumer<Piece> pieces);

  /** A file is a document. */
  static PieceReader text() {
    return (file, pieces) -> {
      try (InputStream input = Files.newInputStream(file)) {
        byte[] window = input.readNBytes(PieceCutter.LONGEST + 1);
        while (window.length > PieceCutter.LONGEST) {
          int length = PieceCutter.length(window, 0);
          pieces.accept(new Piece(Arrays.copyOf(window, length), false, length));
          window = refilled(window, length, input);
        }
        pieces.accept(new Piece(window, true, window.length));
      } catch (IOException e) {
        throw new WorkerExit(
            ExitCode.MISSING_INPUT,
            "the data file %s cannot be read: %s".formatted(file, e.getMessage()),
            e);
      }
    };
  }

  private static byte[] refilled(byte[] window, int taken, InputStream input) throws IOException {
    int kept = window.length - taken;
    byte[] fresh = input.readNBytes(taken);
    byte[] next = Arrays.copyOfRange(window, taken, taken + kept + fresh.length);
    System.arraycopy(fresh, 0, next, kept, fresh.length);
    return next;
  }

  /** A JSON object on each line is a document. */
  static PieceReader jsonLines(String field) {
    return (file, pieces) -> {
      try (JsonDocuments documents = new JsonDocuments(file, field, 0, 0)) {
        long before = 0;
        for (var read = documents.next(); read.isPresent(); read = documents.next()) {
          JsonDocuments.Document document = read.get();
          cut(document.text(), document.offset() - before, pieces);
          before = document.offset();
        }
      }
    };
  }

  private static void cut(byte[] text, long bytesRead, Consumer<Piece> pieces) {
    int from = 0;
    while (text.length - from > PieceCutter.LONGEST) {
      int length = PieceCutter.length(text, from);
      pieces.accept(new Piece(Arrays.copyOfRange(text, from, from + length), false, 0));
      from += length;
    }
    pieces.accept(new Piece(Arrays.copyOfRange(text, from, text.length), true, bytesRead));
  }
}
