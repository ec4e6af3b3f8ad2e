package dev.megalodon.trainer.rendezvous;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The key that all processes of a job share; proves membership by HMAC-SHA256. */
public final class JobSecret {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int SHORTEST_KEY = 16;

  private final SecretKeySpec key;

  /**
   * A secret of at least 16 bytes.
   *
   * @throws IllegalArgumentException for a shorter one
   */
  public JobSecret(byte[] bytes) {
    if (bytes.length < SHORTEST_KEY) {
      throw new IllegalArgumentException(
          "the job's secret has %d bytes, not at least %d".formatted(bytes.length, SHORTEST_KEY));
    }
    this.key = new SecretKeySpec(bytes, ALGORITHM);
  }

  /** HMAC-SHA256 of the parts, each preceded by its length, in hexadecimal. */
  String proof(List<String> parts) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      for (String part : parts) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        mac.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
        mac.update(bytes);
      }
      return HexFormat.of().formatHex(mac.doFinal());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM lacks " + ALGORITHM, e);
    }
  }

  /** Whether {@code claimed} is the proof of the parts; takes equally long for every answer. */
  boolean proves(String claimed, List<String> parts) {
    return MessageDigest.isEqual(
        claimed.getBytes(StandardCharsets.UTF_8), proof(parts).getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return "JobSecret";
  }
}
