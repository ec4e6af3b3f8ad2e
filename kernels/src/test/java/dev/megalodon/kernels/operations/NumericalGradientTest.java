package dev.megalodon.kernels.operations;

import dev.megalodon.kernels.Closeness;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.host.HostElements;
import dev.megalodon.kernels.reference.ReferenceDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The oracle's gradients where no fixture has them: against central differences of ⟨output,
 * weights⟩.
 */
class NumericalGradientTest {
  private static final double STEP = 1e-5;
  private static final double TOLERANCE = 1e-8;
  private static final int ROWS = 3;
  private static final int WIDTH = 4;

  private final Device device = new ReferenceDevice();
  private final Inputs inputs = new Inputs(device, /* seed= */ 3);
  private final Tensor a = inputs.normal(ROWS, WIDTH);
  private final Tensor b = inputs.normal(ROWS, WIDTH);
  private final Tensor row = inputs.normal(WIDTH);
  private final Tensor output = inputs.output(ROWS, WIDTH);
  private final Tensor weights = inputs.normal(ROWS, WIDTH);
  private final Tensor da = inputs.output(ROWS, WIDTH);
  private final Tensor db = inputs.output(ROWS, WIDTH);
  private final Tensor dRow = device.allocate(device.elementType(), WIDTH);

  @AfterEach
  void close() {
    device.close();
  }

  @Test
  void shouldDifferentiateSilu() {
    device.pointwise().siluBackward(weights, a, da);
    check("silu", () -> device.pointwise().silu(a, output), a, da);
  }

  @Test
  void shouldDifferentiateProduct() {
    device.pointwise().multiplyBackward(weights, a, b, da, db);
    Runnable forward = () -> device.pointwise().multiply(a, b, output);
    check("a of a·b", forward, a, da);
    check("b of a·b", forward, b, db);
  }

  @Test
  void shouldDifferentiateSwiglu() {
    device.pointwise().swigluBackward(weights, a, b, da, db);
    Runnable forward = () -> device.pointwise().swiglu(a, b, output);
    check("gate", forward, a, da);
    check("up", forward, b, db);
  }

  @Test
  void shouldDifferentiateColumnScales() {
    device.pointwise().scaleColumnsBackward(weights, a, row, da, dRow);
    Runnable forward = () -> device.pointwise().scaleColumns(a, row, output);
    check("x of scaleColumns", forward, a, da);
    check("scales", forward, row, dRow);
  }

  @Test
  void shouldDifferentiateBias() {
    device.pointwise().biasGradient(weights, dRow);
    Runnable forward =
        () -> {
          device.pointwise().copy(a, output);
          device.pointwise().addBias(output, row);
        };
    check("bias", forward, row, dRow);
  }

  @Test
  void shouldDifferentiateEmbedding() {
    Tensor tokens = device.allocate(ElementType.INT32, ROWS);
    device.transfer().write(new int[] {1, 0, 1}, tokens);
    Tensor table = inputs.normal(2, WIDTH);
    Tensor dTable = device.allocate(device.elementType(), 2, WIDTH);
    device.embedding().backward(tokens, weights, 1.5, dTable);
    check("embedding", () -> device.embedding().forward(tokens, table, 1.5, output), table, dTable);
  }

  private void check(String name, Runnable forward, Tensor variable, Tensor gradient) {
    double[] expected = new double[Math.toIntExact(variable.size())];
    for (int i = 0; i < expected.length; i++) {
      double value = HostElements.get(variable, i);
      double above = weighted(forward, variable, i, value + STEP);
      double below = weighted(forward, variable, i, value - STEP);
      HostElements.set(variable, i, value);
      expected[i] = (above - below) / (2 * STEP);
    }
    double[] actual = device.transfer().toDoubles(gradient);
    Closeness.assertElements(name, expected, actual, TOLERANCE, TOLERANCE);
  }

  private double weighted(Runnable forward, Tensor variable, int i, double value) {
    HostElements.set(variable, i, value);
    forward.run();
    double sum = 0;
    for (int k = 0; k < output.size(); k++) {
      sum += HostElements.get(output, k) * HostElements.get(weights, k);
    }
    return sum;
  }
}
