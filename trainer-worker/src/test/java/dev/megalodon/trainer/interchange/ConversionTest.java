package dev.megalodon.trainer.interchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.kernels.safetensors.DataType;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConversionTest {
  @Test
  void shouldRoundToTheNearestBrainFloatTiesToEven() throws IOException {
    Random random = new Random(5);
    for (int i = 0; i < 2_000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      if (Float.isFinite(value) && Math.abs(value) < 3e38) {
        assertNearest(value);
      }
    }
    // Half way between two neighbours: the even one.
    assertEquals(0x3f80, brain(Float.intBitsToFloat(0x3f808000)));
    assertEquals(0x3f82, brain(Float.intBitsToFloat(0x3f818000)));
  }

  private static void assertNearest(float value) throws IOException {
    int bits = brain(value);
    double error = Math.abs((double) value - brainValue(bits));
    for (int neighbour : new int[] {bits - 1, bits + 1}) {
      double other = Math.abs((double) value - brainValue(neighbour));
      assertTrue(Double.isNaN(other) || error <= other, "%s became %x".formatted(value, bits));
    }
  }

  private static double brainValue(int bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  private static int brain(float value) throws IOException {
    byte[] bytes = converted(DataType.BF16, value);
    return (bytes[0] & 0xff) | (bytes[1] & 0xff) << 8;
  }

  private static byte[] converted(DataType type, float value) throws IOException {
    NamedTensor tensor = ModelFiles.tensor("x", List.of(1L), value);
    return ModelFiles.bytes(Conversion.to(type, tensor));
  }

  @Test
  void shouldKeepWhatIsNotFinite() throws IOException {
    assertEquals(0x7f80, brain(Float.POSITIVE_INFINITY));
    assertEquals(0xff80, brain(Float.NEGATIVE_INFINITY));
    assertTrue(Double.isNaN(brainValue(brain(Float.intBitsToFloat(0x7f800001)))));
  }

  @Test
  void shouldNameTheTensorThatIsBeyondTheRange() {
    var error = assertThrows(InterchangeException.class, () -> converted(DataType.F16, 70_000));
    assertTrue(error.toString().contains("'x' has 70000.0 at element 0"), error.toString());
    assertThrows(InterchangeException.class, () -> converted(DataType.BF16, Float.MAX_VALUE));
  }

  @Test
  void shouldLeaveIntegersAndWhatIsOfTheTypeAlready() {
    NamedTensor floats = ModelFiles.tensor("x", List.of(1L), 1);
    assertSame(floats, Conversion.to(DataType.F32, floats));
    NamedTensor count = floats.with(DataType.I64, List.of(), floats::bytes);
    assertSame(count, Conversion.to(DataType.BF16, count));
  }
}
