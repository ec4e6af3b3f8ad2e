package dev.megalodon.trainer.data.shard;

import dev.megalodon.trainer.checkpoint.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Writes one shard under a temporary name; {@link #commit} makes it whole and gives it its name.
 * The index of document ends is collected in a second temporary file, so memory stays bounded.
 */
public final class ShardWriter implements AutoCloseable {
  private static final int BUFFER = 1 << 20;

  private final Path file;
  private final Path unfinished;
  private final Path unfinishedIndex;
  private final int vocabularySize;
  private final String tokenizer;
  private final Output tokens;
  private final Output index;
  private final Sha256 sha = new Sha256();
  private long tokenCount;
  private long documentCount;

  /**
   * Begins a shard.
   *
   * @param vocabularySize of the tokenizer
   * @param tokenizer its identity
   */
  public ShardWriter(Path file, int vocabularySize, String tokenizer) throws IOException {
    this.file = file;
    this.unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
    this.unfinishedIndex = file.resolveSibling(file.getFileName() + ".unfinished-index");
    this.vocabularySize = vocabularySize;
    this.tokenizer = tokenizer;
    this.tokens = new Output(unfinished);
    this.index = new Output(unfinishedIndex);
    tokens.skip(ShardHeader.BYTES);
  }

  /** Bytes through a buffer into a file. */
  private static final class Output implements AutoCloseable {
    private final FileChannel channel;
    private final ByteBuffer buffer =
        ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.LITTLE_ENDIAN);

    Output(Path file) throws IOException {
      this.channel =
          FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    void skip(int bytes) throws IOException {
      channel.position(bytes);
    }

    /** The buffer with room for {@code bytes}; what is full goes into {@code sha} and the file. */
    ByteBuffer room(int bytes, Sha256 sha) throws IOException {
      if (buffer.remaining() < bytes) {
        flush(sha);
      }
      return buffer;
    }

    void flush(Sha256 sha) throws IOException {
      buffer.flip();
      sha.update(buffer.duplicate());
      write(buffer);
      buffer.clear();
    }

    void write(ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** Tokens so far. */
  public long tokens() {
    return tokenCount;
  }

  /** Adds tokens to the open document. */
  public void add(int[] ids) throws IOException {
    int width = ShardHeader.tokenBytes(vocabularySize);
    for (int id : ids) {
      ByteBuffer room = tokens.room(width, sha);
      if (width == Short.BYTES) {
        room.putShort((short) id);
      } else {
        room.putInt(id);
      }
    }
    tokenCount += ids.length;
  }

  /** Ends the open document. */
  public void endDocument() throws IOException {
    index.room(Long.BYTES, new Sha256()).putLong(tokenCount);
    documentCount++;
  }

  /**
   * Ends the shard: index, header, forced to the disk, renamed.
   *
   * @return SHA-256 of all but the header, lower-case hexadecimal
   */
  public String commit() throws IOException {
    int width = ShardHeader.tokenBytes(vocabularySize);
    ShardHeader open =
        new ShardHeader(width, vocabularySize, documentCount, tokenCount, "", tokenizer);
    long padding = open.indexOffset() - ShardHeader.BYTES - tokenCount * width;
    for (long i = 0; i < padding; i++) {
      tokens.room(1, sha).put((byte) 0);
    }
    tokens.flush(sha);
    appendIndex();
    String digest = sha.hex();
    writeHeader(
        new ShardHeader(width, vocabularySize, documentCount, tokenCount, digest, tokenizer));
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    return digest;
  }

  private void appendIndex() throws IOException {
    index.flush(new Sha256());
    index.close();
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    try (FileChannel ends = FileChannel.open(unfinishedIndex, StandardOpenOption.READ)) {
      while (ends.read(buffer.clear()) > 0) {
        buffer.flip();
        sha.update(buffer.duplicate());
        tokens.write(buffer);
      }
    }
    Files.delete(unfinishedIndex);
  }

  private void writeHeader(ShardHeader header) throws IOException {
    tokens.skip(0);
    tokens.write(header.encoded());
    tokens.channel.force(true);
    tokens.close();
  }

  @Override
  public void close() throws IOException {
    tokens.close();
    index.close();
    Files.deleteIfExists(unfinished);
    Files.deleteIfExists(unfinishedIndex);
  }
}
