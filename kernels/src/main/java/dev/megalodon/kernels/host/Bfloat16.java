package dev.megalodon.kernels.host;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * BFLOAT16, the upper 16 bits of an IEEE single. Narrowing rounds to nearest, ties to even, beyond
 * the largest number to infinity; a NaN stays a NaN of the same sign. Widening is exact.
 */
public final class Bfloat16 {
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));
  private static final int LANES = FLOATS.length();

  private static final int HALF_LESS_ONE = 0x7fff;
  private static final int QUIET = 0x0040_0000;
  private static final int UPPER = 0xffff_0000;

  private Bfloat16() {}

  /** The single of the same value. */
  public static float widen(short bits) {
    return Float.intBitsToFloat(bits << Short.SIZE);
  }

  /** The nearest BFLOAT16. */
  public static short narrow(float value) {
    return (short) (roundedBits(value) >>> Short.SIZE);
  }

  /** The nearest value that BFLOAT16 holds, as a single. */
  public static float round(float value) {
    return Float.intBitsToFloat(roundedBits(value));
  }

  private static int roundedBits(float value) {
    int bits = Float.floatToRawIntBits(value);
    return Float.isNaN(value)
        ? (bits | QUIET) & UPPER
        : (bits + HALF_LESS_ONE + (bits >>> Short.SIZE & 1)) & UPPER;
  }

  /** Widens {@code count} elements, the first {@code byteAt} bytes into {@code source}. */
  public static void widen(MemorySegment source, long byteAt, float[] target, int at, int count) {
    int whole = count - count % LANES;
    for (int i = 0; i < whole; i += LANES) {
      widen(ShortVector.fromMemorySegment(SHORTS, source, byteAt + 2L * i, ORDER))
          .intoArray(target, at + i);
    }
    for (int i = whole; i < count; i++) {
      target[at + i] = widen(source.get(JAVA_SHORT, byteAt + 2L * i));
    }
  }

  /** Reads {@code count} singles, the first {@code byteAt} bytes into {@code source}, rounded. */
  public static void round(MemorySegment source, long byteAt, float[] target, int at, int count) {
    int whole = count - count % LANES;
    for (int i = 0; i < whole; i += LANES) {
      roundedBits(FloatVector.fromMemorySegment(FLOATS, source, byteAt + 4L * i, ORDER))
          .reinterpretAsFloats()
          .intoArray(target, at + i);
    }
    for (int i = whole; i < count; i++) {
      target[at + i] = round(source.get(JAVA_FLOAT, byteAt + 4L * i));
    }
  }

  /** Narrows {@code count} singles from one memory to another, places in bytes. */
  public static void narrow(
      MemorySegment source, long sourceAt, MemorySegment target, long targetAt, long count) {
    long whole = count - count % LANES;
    for (long i = 0; i < whole; i += LANES) {
      narrow(FloatVector.fromMemorySegment(FLOATS, source, sourceAt + 4 * i, ORDER))
          .intoMemorySegment(target, targetAt + 2 * i, ORDER);
    }
    for (long i = whole; i < count; i++) {
      target.set(JAVA_SHORT, targetAt + 2 * i, narrow(source.get(JAVA_FLOAT, sourceAt + 4 * i)));
    }
  }

  private static FloatVector widen(ShortVector bits) {
    IntVector lower = (IntVector) bits.convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
    return lower.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats();
  }

  private static ShortVector narrow(FloatVector values) {
    IntVector upper = roundedBits(values).lanewise(VectorOperators.LSHR, Short.SIZE);
    return (ShortVector) upper.convertShape(VectorOperators.I2S, SHORTS, 0);
  }

  private static IntVector roundedBits(FloatVector values) {
    IntVector bits = values.reinterpretAsInts();
    IntVector even = bits.lanewise(VectorOperators.LSHR, Short.SIZE).and(1);
    VectorMask<Integer> notANumber = values.compare(VectorOperators.NE, values).cast(INTS);
    return bits.add(HALF_LESS_ONE).add(even).blend(bits.or(QUIET), notANumber).and(UPPER);
  }
}
