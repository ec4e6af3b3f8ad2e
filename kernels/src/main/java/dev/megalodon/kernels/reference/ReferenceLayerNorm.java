package dev.megalodon.kernels.reference;

import static dev.megalodon.kernels.host.HostElements.addTo;
import static dev.megalodon.kernels.host.HostElements.get;
import static dev.megalodon.kernels.host.HostElements.set;

import dev.megalodon.kernels.LayerNorm;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.shape.RowsShape;

/** y = x̂·(w + 1) + b with x̂ = (x − mean)·ρ and ρ = (variance + ε)^−½. */
final class ReferenceLayerNorm implements LayerNorm {
  @Override
  public void forward(
      Tensor x,
      Tensor weight,
      Tensor bias,
      double epsilon,
      Tensor y,
      Tensor mean,
      Tensor inverseDeviation) {
    RowsShape shape = RowsShape.of(x).sameSize("y", y);
    shape.perColumn("weight", weight).perColumn("bias", bias);
    shape.perRow("mean", mean).perRow("inverseDeviation", inverseDeviation);
    for (long row = 0; row < shape.rows(); row++) {
      long at = row * shape.width();
      double sum = 0;
      for (int k = 0; k < shape.width(); k++) {
        sum += get(x, at + k);
      }
      double rowMean = sum / shape.width();
      double squares = 0;
      for (int k = 0; k < shape.width(); k++) {
        double centred = get(x, at + k) - rowMean;
        squares += centred * centred;
      }
      double rho = 1 / Math.sqrt(squares / shape.width() + epsilon);
      for (int k = 0; k < shape.width(); k++) {
        set(y, at + k, (get(x, at + k) - rowMean) * rho * (get(weight, k) + 1) + get(bias, k));
      }
      set(mean, row, rowMean);
      set(inverseDeviation, row, rho);
    }
  }

  /** With ĝ = dy·(w + 1): dx = ρ·(ĝ − mean ĝ − x̂·mean(ĝ·x̂)), dw = Σ dy·x̂, db = Σ dy. */
  @Override
  public void backward(
      Tensor dy,
      Tensor x,
      Tensor weight,
      Tensor mean,
      Tensor inverseDeviation,
      Tensor dx,
      Tensor dWeight,
      Tensor dBias) {
    RowsShape shape = RowsShape.of(x).sameSize("dy", dy).sameSize("dx", dx);
    shape.perColumn("weight", weight).perColumn("dWeight", dWeight).perColumn("dBias", dBias);
    shape.perRow("mean", mean).perRow("inverseDeviation", inverseDeviation);
    for (long row = 0; row < shape.rows(); row++) {
      long at = row * shape.width();
      double rowMean = get(mean, row);
      double rho = get(inverseDeviation, row);
      double sumG = 0;
      double sumGx = 0;
      for (int k = 0; k < shape.width(); k++) {
        double g = get(dy, at + k) * (get(weight, k) + 1);
        sumG += g;
        sumGx += g * (get(x, at + k) - rowMean) * rho;
      }
      for (int k = 0; k < shape.width(); k++) {
        double gradient = get(dy, at + k);
        double normalized = (get(x, at + k) - rowMean) * rho;
        addTo(dWeight, k, gradient * normalized);
        addTo(dBias, k, gradient);
        double g = gradient * (get(weight, k) + 1);
        set(dx, at + k, rho * (g - sumG / shape.width() - normalized * sumGx / shape.width()));
      }
    }
  }
}
