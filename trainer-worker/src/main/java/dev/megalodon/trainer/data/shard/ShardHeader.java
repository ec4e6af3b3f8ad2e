package dev.megalodon.trainer.data.shard;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.checkpoint.Sha256;
import dev.megalodon.trainer.exit.WorkerExit;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The first {@value #BYTES} bytes of a shard, little-endian:
 *
 * <pre>
 *   0  8  "MEGATOKS"
 *   8  4  format version, 1
 *  12  4  bytes of a token, 2 or 4
 *  16  8  vocabulary size: every token is less
 *  24  8  documents, D
 *  32  8  tokens, T
 *  40 32  SHA-256 of everything after the header
 *  72 96  the tokenizer's identity, ASCII, padded with zeros
 * 168 24  the first 24 bytes of the SHA-256 of bytes 0 to 167
 * 192     T unsigned tokens, zeros up to a multiple of 8, then D × 8: where each document ends,
 *         counted in tokens from the shard's first
 * </pre>
 *
 * @param tokenBytes 2 or 4
 * @param vocabularySize every token is less
 * @param documents D
 * @param tokens T
 * @param bodySha256 of everything after the header, lower-case hexadecimal
 * @param tokenizer identity of the tokenizer
 */
record ShardHeader(
    int tokenBytes,
    long vocabularySize,
    long documents,
    long tokens,
    String bodySha256,
    String tokenizer) {
  static final int BYTES = 192;

  private static final byte[] MAGIC = "MEGATOKS".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 1;
  private static final int SHA_BYTES = 32;
  private static final int IDENTITY_BYTES = 96;
  private static final int SIGNED_BYTES = 168;
  private static final int SIGNATURE_BYTES = 24;
  private static final int NARROW_VOCABULARY = 1 << 16;

  /** Bytes that a token of this vocabulary takes. */
  static int tokenBytes(int vocabularySize) {
    return vocabularySize <= NARROW_VOCABULARY ? Short.BYTES : Integer.BYTES;
  }

  /** Where the index of document ends begins in the file. */
  long indexOffset() {
    return BYTES + (tokens * tokenBytes + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
  }

  /** Bytes of the whole file. */
  long fileSize() {
    return indexOffset() + documents * Long.BYTES;
  }

  ByteBuffer encoded() {
    ByteBuffer header = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    header.put(MAGIC).putInt(VERSION).putInt(tokenBytes);
    header.putLong(vocabularySize).putLong(documents).putLong(tokens);
    header.put(HexFormat.of().parseHex(bodySha256));
    header.put(Arrays.copyOf(tokenizer.getBytes(StandardCharsets.US_ASCII), IDENTITY_BYTES));
    header.put(signature(header.array()));
    return header.flip();
  }

  /**
   * Reads a header.
   *
   * @param file named in errors
   * @throws WorkerExit {@code BAD_DATA} when it is not one, or a damaged one
   */
  static ShardHeader decode(byte[] bytes, Path file) {
    if (bytes.length < BYTES || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw bad(file, "is no shard of tokens: make one with megalodon prepare");
    }
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    header.position(MAGIC.length);
    int version = header.getInt();
    if (version != VERSION) {
      throw bad(
          file, "has format version %d, and this program reads %d".formatted(version, VERSION));
    }
    byte[] signature = Arrays.copyOfRange(bytes, SIGNED_BYTES, BYTES);
    if (!Arrays.equals(signature, signature(bytes))) {
      throw bad(file, "has a damaged header: prepare it again");
    }
    return fields(header).checked(file);
  }

  private static ShardHeader fields(ByteBuffer header) {
    int tokenBytes = header.getInt();
    long vocabularySize = header.getLong();
    long documents = header.getLong();
    long tokens = header.getLong();
    byte[] sha = new byte[SHA_BYTES];
    byte[] identity = new byte[IDENTITY_BYTES];
    header.get(sha).get(identity);
    return new ShardHeader(
        tokenBytes,
        vocabularySize,
        documents,
        tokens,
        HexFormat.of().formatHex(sha),
        new String(identity, StandardCharsets.US_ASCII).replace("\0", ""));
  }

  private ShardHeader checked(Path file) {
    boolean possible =
        (tokenBytes == Short.BYTES || tokenBytes == Integer.BYTES)
            && vocabularySize > 0
            && vocabularySize <= Integer.MAX_VALUE
            && documents >= 0
            && documents <= Long.MAX_VALUE >> 5
            && tokens >= 0
            && tokens <= Long.MAX_VALUE >> 5;
    if (!possible) {
      throw bad(file, "has a header with impossible numbers: prepare it again");
    }
    return this;
  }

  private static byte[] signature(byte[] header) {
    Sha256 sha = new Sha256();
    sha.update(ByteBuffer.wrap(header, 0, SIGNED_BYTES));
    return Arrays.copyOf(HexFormat.of().parseHex(sha.hex()), SIGNATURE_BYTES);
  }

  static WorkerExit bad(Path file, String what) {
    return new WorkerExit(ExitCode.BAD_DATA, "%s %s".formatted(file, what));
  }
}
