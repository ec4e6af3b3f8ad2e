package dev.megalodon.kernels.reference;

import static dev.megalodon.kernels.host.HostElements.addTo;
import static dev.megalodon.kernels.host.HostElements.get;
import static dev.megalodon.kernels.host.HostElements.set;

import dev.megalodon.kernels.RmsNorm;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.shape.RowsShape;
import dev.megalodon.kernels.shape.Shapes;
import java.util.Optional;

/** y = x·ρ·(w + 1) with ρ = (mean x² + ε)^−½. */
final class ReferenceRmsNorm implements RmsNorm {
  @Override
  public void forward(
      Tensor x, Optional<Tensor> weight, double epsilon, Tensor y, Tensor inverseRms) {
    RowsShape shape = RowsShape.of(x).sameSize("y", y).perRow("inverseRms", inverseRms);
    shape.perColumn("weight", weight);
    for (long row = 0; row < shape.rows(); row++) {
      long at = row * shape.width();
      double squares = 0;
      for (int k = 0; k < shape.width(); k++) {
        squares += get(x, at + k) * get(x, at + k);
      }
      double rho = 1 / Math.sqrt(squares / shape.width() + epsilon);
      for (int k = 0; k < shape.width(); k++) {
        set(y, at + k, get(x, at + k) * rho * scale(weight, k));
      }
      set(inverseRms, row, rho);
    }
  }

  private static double scale(Optional<Tensor> weight, int k) {
    return weight.isPresent() ? get(weight.get(), k) + 1 : 1;
  }

  /** With ŷ = x·ρ and ĝ = dy·(w + 1): dx = ρ·(ĝ − ŷ·mean(ĝ·ŷ)), dw = Σ dy·ŷ. */
  @Override
  public void backward(
      Tensor dy,
      Tensor x,
      Optional<Tensor> weight,
      Tensor inverseRms,
      Tensor dx,
      Optional<Tensor> dWeight) {
    RowsShape shape = RowsShape.of(x).sameSize("dy", dy).sameSize("dx", dx);
    shape.perRow("inverseRms", inverseRms).perColumn("weight", weight);
    shape.perColumn("dWeight", dWeight);
    Shapes.require(
        weight.isPresent() == dWeight.isPresent(), "dWeight is there exactly when the weight is");
    for (long row = 0; row < shape.rows(); row++) {
      long at = row * shape.width();
      double rho = get(inverseRms, row);
      double product = 0;
      for (int k = 0; k < shape.width(); k++) {
        product += get(dy, at + k) * scale(weight, k) * get(x, at + k) * rho;
      }
      for (int k = 0; k < shape.width(); k++) {
        double normalized = get(x, at + k) * rho;
        double gradient = get(dy, at + k);
        if (dWeight.isPresent()) {
          addTo(dWeight.get(), k, gradient * normalized);
        }
        set(dx, at + k, rho * (gradient * scale(weight, k) - normalized * product / shape.width()));
      }
    }
  }
}
