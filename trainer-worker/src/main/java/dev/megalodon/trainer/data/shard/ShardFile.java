package dev.megalodon.trainer.data.shard;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.checkpoint.Sha256;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A shard, mapped. Opening reads the header only; what is read later is checked when it is. */
public final class ShardFile implements AutoCloseable {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int READ_BYTES = 1 << 20;

  private final Path path;
  private final ShardHeader header;
  private final Arena arena;
  private final MemorySegment bytes;

  private ShardFile(Path path, ShardHeader header, Arena arena, MemorySegment bytes) {
    this.path = path;
    this.header = header;
    this.arena = arena;
    this.bytes = bytes;
  }

  /**
   * Opens a shard.
   *
   * @throws WorkerExit {@code MISSING_INPUT} when it cannot be read, {@code BAD_DATA} when it is
   *     none, is damaged or was cut off
   */
  @SuppressWarnings("MustBeClosedChecker") // the file that is returned owns the arena
  public static ShardFile open(Path path) {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      ShardHeader header = ShardHeader.decode(beginning(channel), path);
      requireSize(path, header, channel.size());
      MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return new ShardFile(path, header, arena, bytes);
    } catch (IOException e) {
      arena.close();
      throw unreadable(path, e);
    } catch (WorkerExit e) {
      arena.close();
      throw e;
    }
  }

  private static byte[] beginning(FileChannel channel) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(ShardHeader.BYTES);
    while (header.hasRemaining() && channel.read(header) >= 0) {
      continue;
    }
    byte[] read = new byte[header.position()];
    header.flip().get(read);
    return read;
  }

  private static void requireSize(Path path, ShardHeader header, long size) {
    if (size != header.fileSize()) {
      throw ShardHeader.bad(
          path,
          "has %d bytes and its header says %d: it was cut off or changed, prepare it again"
              .formatted(size, header.fileSize()));
    }
  }

  private static WorkerExit unreadable(Path path, IOException cause) {
    String what = cause instanceof NoSuchFileException ? "is not there" : cause.getMessage();
    return new WorkerExit(
        ExitCode.MISSING_INPUT, "the shard %s cannot be read: %s".formatted(path, what), cause);
  }

  /** Where it lies. */
  public Path path() {
    return path;
  }

  /** Number of tokens. */
  public long tokens() {
    return header.tokens();
  }

  /** Number of documents. */
  public long documents() {
    return header.documents();
  }

  /** Every token is less. */
  public int vocabularySize() {
    return Math.toIntExact(header.vocabularySize());
  }

  /** Identity of the tokenizer that made it. */
  public String tokenizer() {
    return header.tokenizer();
  }

  /** SHA-256 of its content as its header says, lower-case hexadecimal. */
  public String sha256() {
    return header.bodySha256();
  }

  /**
   * Where a document ends, tokens from the shard's first.
   *
   * @throws WorkerExit {@code BAD_DATA} when the index is damaged
   */
  public long end(long document) {
    long end = bytes.get(LONG, header.indexOffset() + document * Long.BYTES);
    if (end < 0 || end > header.tokens()) {
      throw ShardHeader.bad(
          path,
          "is damaged: document %d ends at token %d of %d; see megalodon prepare --verify"
              .formatted(document, end, header.tokens()));
    }
    return end;
  }

  /**
   * Copies tokens.
   *
   * @throws WorkerExit {@code BAD_DATA} when one is not in the vocabulary
   */
  public void read(long offset, int[] target, int at, int count) {
    for (int i = 0; i < count; i++) {
      int token = token(offset + i);
      if (token < 0 || token >= header.vocabularySize()) {
        throw ShardHeader.bad(
            path,
            "is damaged: token %d is %d, the vocabulary has %d; see megalodon prepare --verify"
                .formatted(offset + i, Integer.toUnsignedLong(token), header.vocabularySize()));
      }
      target[at + i] = token;
    }
  }

  private int token(long index) {
    long at = ShardHeader.BYTES + index * header.tokenBytes();
    return header.tokenBytes() == Short.BYTES
        ? Short.toUnsignedInt(bytes.get(SHORT, at))
        : bytes.get(INT, at);
  }

  /**
   * Reads everything once and compares its checksum.
   *
   * @throws WorkerExit {@code BAD_DATA} when it is damaged
   */
  public void verify() {
    Sha256 sha = new Sha256();
    for (long at = ShardHeader.BYTES; at < bytes.byteSize(); at += READ_BYTES) {
      sha.update(bytes.asSlice(at, Math.min(READ_BYTES, bytes.byteSize() - at)).asByteBuffer());
    }
    if (!sha.hex().equals(header.bodySha256())) {
      throw ShardHeader.bad(path, "is damaged: its checksum is wrong, prepare it again");
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
