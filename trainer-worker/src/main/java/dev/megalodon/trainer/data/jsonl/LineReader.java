package dev.megalodon.trainer.data.jsonl;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Reads a file line by line, as bytes, from any line on. */
final class LineReader implements AutoCloseable {
  /** Longer ones are refused, so that memory stays bounded. */
  static final int LONGEST_LINE = 64 << 20;

  private static final int BUFFER = 1 << 16;

  private final Path file;
  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).flip();
  private long offset;
  private long number;

  /**
   * A line of a file.
   *
   * @param file the file
   * @param number counted from 1
   * @param offset where it begins in the file, bytes
   * @param bytes without the line feed
   */
  record Line(Path file, long number, long offset, byte[] bytes) {
    /** The error that this line is. */
    WorkerExit bad(String what, Throwable cause) {
      return new WorkerExit(
          ExitCode.BAD_DATA, "%s line %d: %s".formatted(file, number, what), cause);
    }
  }

  /**
   * Reads on from a line.
   *
   * @param offset where it begins, bytes
   * @param linesBefore how many lines are before it
   */
  LineReader(Path file, long offset, long linesBefore) {
    this.file = file;
    this.offset = offset;
    this.number = linesBefore;
    try {
      this.channel = FileChannel.open(file, StandardOpenOption.READ).position(offset);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private WorkerExit unreadable(IOException cause) {
    return new WorkerExit(
        ExitCode.MISSING_INPUT,
        "the data file %s cannot be read: %s".formatted(file, cause.getMessage()),
        cause);
  }

  /** The next line, none at the end of the file. */
  Optional<Line> next() {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    boolean ended = false;
    while (!ended && fill()) {
      ended = take(line);
      if (line.size() > LONGEST_LINE) {
        throw new Line(file, number + 1, offset, new byte[0])
            .bad("longer than %d bytes: cut it".formatted(LONGEST_LINE), new IOException(""));
      }
    }
    if (!ended && line.size() == 0) {
      return Optional.empty();
    }
    Line read = new Line(file, ++number, offset, line.toByteArray());
    offset += read.bytes().length + (ended ? 1 : 0);
    return Optional.of(read);
  }

  /** Takes bytes up to the line feed or the end of the buffer; whether there was a line feed. */
  private boolean take(ByteArrayOutputStream line) {
    int from = buffer.position();
    int at = from;
    while (at < buffer.limit() && buffer.get(at) != '\n') {
      at++;
    }
    boolean ended = at < buffer.limit();
    line.write(buffer.array(), from, at - from);
    buffer.position(ended ? at + 1 : at);
    return ended;
  }

  private boolean fill() {
    if (buffer.hasRemaining()) {
      return true;
    }
    try {
      int read = channel.read(buffer.clear());
      buffer.flip();
      return read > 0;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }
}
