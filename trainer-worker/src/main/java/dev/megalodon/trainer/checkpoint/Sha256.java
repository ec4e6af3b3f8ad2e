package dev.megalodon.trainer.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A SHA-256 in the making. */
public final class Sha256 {
  private static final int READ_BYTES = 1 << 20;

  private final MessageDigest digest;

  /** An empty one. */
  public Sha256() {
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }

  /** The digest of some bytes as manifests write it, {@code sha256:…}. */
  public static String prefixed(byte[] bytes) {
    Sha256 sha = new Sha256();
    sha.update(ByteBuffer.wrap(bytes));
    return "sha256:" + sha.hex();
  }

  /** The digest of a file's content, lower-case hexadecimal. */
  public static String ofFile(Path file) throws IOException {
    Sha256 sha = new Sha256();
    ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (channel.read(buffer.clear()) >= 0) {
        sha.update(buffer.flip());
      }
    }
    return sha.hex();
  }

  /** Adds the remaining bytes of a buffer. */
  public void update(ByteBuffer bytes) {
    digest.update(bytes);
  }

  /** The digest of all bytes so far, lower-case hexadecimal; ends this one. */
  public String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
