package dev.megalodon.kernels.host;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.cpu.CpuDevice;
import dev.megalodon.kernels.gemm.GemmProvider;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every pattern of BFLOAT16, and around every one the singles that decide which way to round. */
class Bfloat16Test {
  private static final int PATTERNS = 1 << 16;

  /** Lower halves of a single: exact, just above, just below half, half, just above, last. */
  private static final int[] LOWER = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff};

  private final HostAllocator allocator = new HostAllocator();

  @AfterEach
  void close() {
    allocator.close();
  }

  @Test
  void shouldWidenEveryPatternExactly() {
    Tensor stored = allocator.allocate(ElementType.BFLOAT16, PATTERNS);
    for (int i = 0; i < PATTERNS; i++) {
      stored.memory().setAtIndex(JAVA_SHORT, i, (short) i);
    }
    float[] vectors = new float[PATTERNS];
    Bfloat16.widen(stored.memory(), 0, vectors, 0, PATTERNS);

    for (int i = 0; i < PATTERNS; i++) {
      assertSameBits(Float.intBitsToFloat(i << 16), Bfloat16.widen((short) i));
      assertSameBits(Float.intBitsToFloat(i << 16), vectors[i]);
    }
  }

  @Test
  void shouldGiveBackWhatItHolds() {
    for (int i = 0; i < PATTERNS; i++) {
      float value = Bfloat16.widen((short) i);
      if (!Float.isNaN(value)) {
        assertEquals((short) i, Bfloat16.narrow(value));
      }
    }
  }

  @Test
  void shouldRoundToNearestAndTiesToEven() {
    for (int upper = 0; upper < PATTERNS; upper++) {
      for (int lower : LOWER) {
        float value = Float.intBitsToFloat(upper << 16 | lower);
        short rounded = Bfloat16.narrow(value);
        if (Float.isNaN(value)) {
          assertTrue(Float.isNaN(Bfloat16.widen(rounded)));
          assertEquals(upper >>> 15, (rounded & 0xffff) >>> 15, "sign of a NaN");
        } else {
          assertEquals(nearest(upper, value), rounded, () -> "of " + value);
        }
      }
    }
  }

  /** The nearer one of the neighbours by their distance in double, of two as near the even one. */
  private static short nearest(int towardsZero, float value) {
    if (Float.isInfinite(value)) {
      return (short) towardsZero;
    }
    int away = towardsZero + 1;
    double below = Math.abs((double) value - magnitude(towardsZero, value));
    double above = Math.abs(magnitude(away, value) - (double) value);
    boolean even = (towardsZero & 1) == 0;
    return (short) (below < above || (below == above && even) ? towardsZero : away);
  }

  /** A pattern's value, with 2¹²⁸ in infinity's place: where the next number would be. */
  private static double magnitude(int pattern, float sign) {
    double value = Bfloat16.widen((short) pattern);
    return Double.isInfinite(value) ? Math.copySign(0x1p128, sign) : value;
  }

  @Test
  void shouldRoundInVectorsAsOneByOne() {
    Tensor singles = allocator.allocate(ElementType.FLOAT32, (long) PATTERNS * LOWER.length + 3);
    for (int i = 0; i < PATTERNS * LOWER.length; i++) {
      float value = Float.intBitsToFloat(i / LOWER.length << 16 | LOWER[i % LOWER.length]);
      singles.memory().setAtIndex(JAVA_FLOAT, i, value);
    }
    int count = (int) singles.size();
    Tensor narrowed = allocator.allocate(ElementType.BFLOAT16, count);
    float[] rounded = new float[count];

    Bfloat16.narrow(singles.memory(), 0, narrowed.memory(), 0, count);
    Bfloat16.round(singles.memory(), 0, rounded, 0, count);

    for (int i = 0; i < count; i++) {
      float value = singles.memory().getAtIndex(JAVA_FLOAT, i);
      short expected = Bfloat16.narrow(value);
      assertEquals(expected, narrowed.memory().getAtIndex(JAVA_SHORT, i));
      assertSameBits(Bfloat16.widen(expected), rounded[i]);
      assertSameBits(Bfloat16.widen(expected), Bfloat16.round(value));
    }
  }

  @Test
  void shouldStayWithinItsPlace() {
    for (int count = 0; count < 40; count++) {
      Tensor narrowed = allocator.allocate(ElementType.BFLOAT16, count + 2);
      Tensor singles = allocator.allocate(ElementType.FLOAT32, count + 2);
      new HostMemoryTransfer().write(filled(count + 2, 7), narrowed);
      new HostMemoryTransfer().write(filled(count + 2, 3), singles);

      Bfloat16.narrow(singles.memory(), 4, narrowed.memory(), 2, count);

      float[] expected = filled(count + 2, 3);
      expected[0] = 7;
      expected[count + 1] = 7;
      assertArrayEquals(expected, new HostMemoryTransfer().toFloats(narrowed));
    }
  }

  @Test
  void shouldCopyBetweenTypesOnTheDevice() {
    try (Device device = new CpuDevice(2, GemmProvider.VECTOR, Precision.BF16)) {
      Tensor singles = device.allocate(ElementType.FLOAT32, 70_001);
      Tensor parameters = device.allocate(device.parameterType(), 70_001);
      float[] values = new float[70_001];
      for (int i = 0; i < values.length; i++) {
        values[i] = (i - 30_000) * 1.001f;
      }
      device.transfer().write(values, singles);

      device.pointwise().copy(singles, parameters);

      float[] copied = device.transfer().toFloats(parameters);
      for (int i = 0; i < values.length; i++) {
        assertSameBits(Bfloat16.round(values[i]), copied[i]);
      }
    }
  }

  private static float[] filled(int count, float value) {
    float[] values = new float[count];
    Arrays.fill(values, value);
    return values;
  }

  private static void assertSameBits(float expected, float actual) {
    assertEquals(Float.floatToRawIntBits(expected), Float.floatToRawIntBits(actual));
  }
}
