package dev.megalodon.trainer.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Rope;
import dev.megalodon.kernels.Tensor;
import java.io.IOException;

/** Rotary positions: the rotation, its gradient, and the angles behind it. */
final class RopeCheck implements Cases {
  @Override
  public void run(GoldenFile file, JsonNode config) throws IOException {
    Rope rope = file.device().rope();
    int heads = file.dim("x", 2);
    long start = config.path("start").longValue();
    double base = config.path("base").doubleValue();
    long chunk = start + file.dim("x", 1); // no position starts again
    Tensor y = flat(file.input("x"));
    Tensor dx = flat(file.input("dy"));
    Tensor angles = units(file);
    rope.rotate(y, heads, start, chunk, base, /* inverse= */ false);
    rope.rotate(dx, heads, start, chunk, base, /* inverse= */ true);
    rope.rotate(angles, 1, start, chunk, base, /* inverse= */ false);
    file.expect("y", y, Quantity.OPERATION);
    file.expect("dx", dx, Quantity.OPERATION);
    double[] pairs = file.device().transfer().toDoubles(angles);
    file.expect("cos", everySecond(pairs, 0), Quantity.OPERATION);
    file.expect("sin", everySecond(pairs, 1), Quantity.OPERATION);
  }

  /** (1, L, z) of pairs (1, 0), which the rotation turns into (cos, sin). */
  private static Tensor units(GoldenFile file) throws IOException {
    Device device = file.device();
    Tensor units =
        device.allocate(device.elementType(), 1, file.dim("cos", 0), 2L * file.dim("cos", 1));
    double[] values = new double[Math.toIntExact(units.size())];
    for (int i = 0; i < values.length; i += 2) {
      values[i] = 1;
    }
    device.transfer().write(values, units);
    return units;
  }

  private static double[] everySecond(double[] pairs, int first) {
    double[] values = new double[pairs.length / 2];
    for (int i = 0; i < values.length; i++) {
      values[i] = pairs[2 * i + first];
    }
    return values;
  }

  /** (B, L, H, z) as (B, L, H·z). */
  private static Tensor flat(Tensor x) {
    return x.reshape(x.dim(0), x.dim(1), x.dim(2) * x.dim(3));
  }
}
