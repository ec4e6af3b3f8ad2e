package dev.megalodon.trainer.interchange;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Damages files as disks, networks and people who mean harm do. */
public final class Mutations {
  private static final int[] INTERESTING = {
    0, 1, 0x7f, 0x80, 0xff, '"', '{', '}', '[', ']', ',', '9', '-', '(', 't', 'q', 'R', 'Q', '.'
  };

  private final RandomGenerator random;

  /** The same damage for the same numbers. */
  public Mutations(RandomGenerator random) {
    this.random = random;
  }

  /** A damaged copy, up to {@code reach} bytes from the beginning, where the structure is. */
  public byte[] damaged(byte[] valid, int reach) {
    byte[] damaged = valid.clone();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes && damaged.length > 16; i++) {
      damaged = changed(damaged, Math.min(reach, damaged.length - 8));
    }
    return damaged;
  }

  private byte[] changed(byte[] bytes, int reach) {
    int at = random.nextInt(reach);
    switch (random.nextInt(7)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = (byte) random.nextInt();
      case 2 -> bytes[at] = (byte) INTERESTING[random.nextInt(INTERESTING.length)];
      case 3 -> Arrays.fill(bytes, at, at + 1 + random.nextInt(8), (byte) 0xff);
      case 4 -> bytes = without(bytes, at, 1 + random.nextInt(8));
      case 5 -> bytes = repeated(bytes, at, 1 + random.nextInt(8));
      default -> bytes[at] = bytes[random.nextInt(reach)];
    }
    return bytes;
  }

  private static byte[] without(byte[] bytes, int at, int count) {
    byte[] shorter = Arrays.copyOf(bytes, bytes.length - count);
    System.arraycopy(bytes, at + count, shorter, at, bytes.length - at - count);
    return shorter;
  }

  private static byte[] repeated(byte[] bytes, int at, int count) {
    byte[] longer = Arrays.copyOf(bytes, bytes.length + count);
    System.arraycopy(bytes, at, longer, at + count, bytes.length - at);
    return longer;
  }
}
