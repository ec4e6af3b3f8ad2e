package dev.megalodon.trainer.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Damages files by random edits; the same seed damages in the same way. */
final class Mutator {
  private static final String[] NUMBERS = {
    "-1", "0", "4294967296", "99999999999999999999", "1e999", "null", "[]", "{}", "\"\""
  };

  private final SplittableRandom random;

  Mutator(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** A copy with one to three edits. */
  byte[] mutate(byte[] original) {
    byte[] mutated = original;
    int edits = 1 + random.nextInt(3);
    for (int i = 0; i < edits; i++) {
      mutated = edit(mutated);
    }
    return mutated;
  }

  private byte[] edit(byte[] bytes) {
    int at = random.nextInt(bytes.length + 1);
    int length = Math.min(bytes.length - at, 1 << random.nextInt(8));
    return switch (random.nextInt(10)) {
      case 0 -> flipped(bytes, Math.min(at, bytes.length - 1));
      case 1 -> Arrays.copyOf(bytes, at);
      case 2 -> spliced(bytes, at, length, new byte[0]);
      case 3 -> spliced(bytes, at, 0, Arrays.copyOfRange(bytes, at, at + length));
      case 4 -> spliced(bytes, at, length, randomBytes(length));
      case 5 -> spliced(bytes, at, Math.min(length, 4), number());
      case 6, 7 -> flipped(bytes, Math.min(at, bytes.length - 1));
      default -> otherDigit(bytes, at);
    };
  }

  private byte[] flipped(byte[] bytes, int at) {
    byte[] copy = bytes.clone();
    if (at >= 0) {
      copy[at] ^= (byte) (1 << random.nextInt(8));
    }
    return copy;
  }

  /** The next digit at or after a place becomes another. */
  private byte[] otherDigit(byte[] bytes, int from) {
    byte[] copy = bytes.clone();
    for (int at = from; at < copy.length; at++) {
      if (copy[at] >= '0' && copy[at] <= '9') {
        copy[at] = (byte) ('0' + random.nextInt(10));
        return copy;
      }
    }
    return copy;
  }

  private byte[] number() {
    return NUMBERS[random.nextInt(NUMBERS.length)].getBytes(StandardCharsets.UTF_8);
  }

  private byte[] randomBytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] spliced(byte[] bytes, int at, int removed, byte[] inserted) {
    byte[] result = Arrays.copyOf(bytes, bytes.length - removed + inserted.length);
    System.arraycopy(inserted, 0, result, at, inserted.length);
    System.arraycopy(
        bytes, at + removed, result, at + inserted.length, bytes.length - at - removed);
    return result;
  }
}
