package dev.megalodon.kernels.reference;

import static dev.megalodon.kernels.host.HostElements.get;
import static dev.megalodon.kernels.host.HostElements.set;

import dev.megalodon.kernels.Rope;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.shape.HeadsShape;
import dev.megalodon.kernels.shape.Shapes;

/** (a, b) → (a·cos − b·sin, a·sin + b·cos). */
final class ReferenceRope implements Rope {
  @Override
  public void rotate(Tensor x, int heads, long start, long chunk, double base, boolean inverse) {
    HeadsShape shape = HeadsShape.of("x", x, heads);
    Shapes.require(shape.width() % 2 == 0, "heads of odd width %d", shape.width());
    for (long step = 0; step < shape.steps(); step++) {
      long position = (start + step % shape.length()) % chunk;
      for (int h = 0; h < heads; h++) {
        for (int i = 0; i < shape.width(); i += 2) {
          double angle = position * Math.pow(base, -(double) i / shape.width());
          rotatePair(x, (step * heads + h) * shape.width() + i, inverse ? -angle : angle);
        }
      }
    }
  }

  private static void rotatePair(Tensor x, long at, double angle) {
    double a = get(x, at);
    double b = get(x, at + 1);
    set(x, at, a * Math.cos(angle) - b * Math.sin(angle));
    set(x, at + 1, a * Math.sin(angle) + b * Math.cos(angle));
  }
}
