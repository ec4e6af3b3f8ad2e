package dev.megalodon.kernels.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.kernels.Cema;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.reference.ReferenceDevice;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Powers of q over slices of any length, against arithmetic with 60 digits. */
class LongSlicesTest {
  private static final MathContext DIGITS = new MathContext(60);
  private static final double RHO = 1 - 3e-10;
  private static final double PHI = 0.7;

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 64, 1000, 1_048_577, 1_000_000_000})
  void shouldNotLosePrecisionWithTheLength(long length) {
    double[] expected = power(RHO * Math.cos(PHI), RHO * Math.sin(PHI), length);
    double[] actual = combined(length, /* gradients= */ false);
    double[] conjugate = combined(length, /* gradients= */ true);
    for (int part = 0; part < 2; part++) {
      double sign = part == 0 ? 1 : -1;
      assertClose(length + " steps", expected[part], actual[part]);
      assertClose(length + " steps back", sign * expected[part], conjugate[part]);
    }
  }

  @Test
  void shouldForgetEverythingOverLongSlices() {
    try (Device device = new ReferenceDevice()) {
      Tensor one = tensor(device, 1, 0);
      Tensor reached = tensor(device, 5, 7);
      Tensor state = tensor(device, Double.NaN, Double.NaN);
      List<Cema.Slice> slices = List.of(new Cema.Slice(1, one), new Cema.Slice(100_000, reached));
      device.cema().combine(coefficients(device, 0.5, 0.5), slices, state);
      double[] values = device.transfer().toDoubles(state);
      assertEquals(5, values[0]);
      assertEquals(7, values[1]);
    }
  }

  private static void assertClose(String name, double expected, double actual) {
    assertTrue(
        Math.abs(expected - actual) <= 1e-15, () -> name + ": " + actual + ", not " + expected);
  }

  /** What a slice of zeros makes of the state 1. */
  private static double[] combined(long length, boolean gradients) {
    try (Device device = new ReferenceDevice()) {
      Tensor one = tensor(device, 1, 0);
      Tensor zero = tensor(device, 0, 0);
      Tensor state = tensor(device, Double.NaN, Double.NaN);
      Cema.Coefficients coefficients =
          coefficients(device, RHO * Math.cos(PHI), RHO * Math.sin(PHI));
      if (gradients) {
        List<Cema.Slice> slices = List.of(new Cema.Slice(length, zero), new Cema.Slice(9, one));
        device.cema().combineGradients(coefficients, slices, state);
      } else {
        List<Cema.Slice> slices = List.of(new Cema.Slice(9, one), new Cema.Slice(length, zero));
        device.cema().combine(coefficients, slices, state);
      }
      return device.transfer().toDoubles(state);
    }
  }

  private static Cema.Coefficients coefficients(Device device, double re, double im) {
    Cema.Coefficients coefficients = Cema.Coefficients.allocate(device, device, 1, 1);
    device.transfer().write(new double[] {re, im}, coefficients.q());
    return coefficients;
  }

  private static Tensor tensor(Device device, double re, double im) {
    Tensor tensor = device.allocate(device.accumulationType(), 1, 1, 1, 2);
    device.transfer().write(new double[] {re, im}, tensor);
    return tensor;
  }

  private static double[] power(double re, double im, long exponent) {
    BigDecimal[] power = {BigDecimal.ONE, BigDecimal.ZERO};
    BigDecimal[] square = {new BigDecimal(re), new BigDecimal(im)};
    for (long left = exponent; left > 0; left >>= 1) {
      if ((left & 1) == 1) {
        power = product(power, square);
      }
      square = product(square, square);
    }
    return new double[] {power[0].doubleValue(), power[1].doubleValue()};
  }

  private static BigDecimal[] product(BigDecimal[] a, BigDecimal[] b) {
    return new BigDecimal[] {
      a[0].multiply(b[0]).subtract(a[1].multiply(b[1])).round(DIGITS),
      a[0].multiply(b[1]).add(a[1].multiply(b[0])).round(DIGITS)
    };
  }
}
