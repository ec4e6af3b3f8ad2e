package dev.megalodon.trainer.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.Pointwise;
import dev.megalodon.kernels.Tensor;
import java.io.IOException;
import java.util.Optional;

/** The feed-forward network, composed of operations: plain or gated, scaled or not. */
final class FeedForwardCheck implements Cases {
  @Override
  public void run(GoldenFile file, JsonNode config) throws IOException {
    new Network(file, file.config("eps").doubleValue()).compare();
  }

  private static final class Network {
    private final GoldenFile file;
    private final Device device;
    private final Tensor x; // (B, L, D)
    private final Tensor normalized; // (B, L, D)
    private final Tensor mean;
    private final Tensor deviation;
    private final Tensor gate; // (B, L, F)
    private final Optional<Tensor> up; // (B, L, F)
    private final Tensor hidden; // (B, L, F)
    private final Tensor projected; // (B, L, D)

    Network(GoldenFile file, double epsilon) throws IOException {
      this.file = file;
      device = file.device();
      x = file.input("y_in");
      normalized = like(x);
      mean = device.allocate(device.accumulationType(), x.rows());
      deviation = device.allocate(device.accumulationType(), x.rows());
      Tensor weight = file.input("param.norm.weight");
      Tensor bias = file.input("param.norm.bias");
      device.layerNorm().forward(x, weight, bias, epsilon, normalized, mean, deviation);
      gate = linear(normalized, "fc1.weight");
      up =
          file.has("param.fc3.weight")
              ? Optional.of(linear(normalized, "fc3.weight"))
              : Optional.empty();
      hidden = hidden();
      projected = linear(hidden, "fc2.weight");
    }

    private Tensor hidden() {
      Tensor h = like(gate);
      up.ifPresentOrElse(
          u -> device.pointwise().swiglu(gate, u, h), () -> device.pointwise().silu(gate, h));
      return h;
    }

    void compare() throws IOException {
      Tensor out = like(projected);
      Pointwise pointwise = device.pointwise();
      if (file.has("param.alpha")) {
        pointwise.scaleColumns(projected, file.input("param.alpha"), out);
      } else {
        pointwise.copy(projected, out);
      }
      pointwise.add(out, file.input("residual"), out);
      file.expect("out", out, Quantity.OPERATION);
      Tensor dOut = file.input("dout");
      file.expect("grad.residual", dOut, Quantity.OPERATION);
      compareBackward(unscaledGradient(dOut));
    }

    private Tensor unscaledGradient(Tensor dOut) throws IOException {
      if (!file.has("param.alpha")) {
        return dOut;
      }
      Tensor gradient = like(dOut);
      Tensor dAlpha = file.like("param.alpha");
      Tensor alpha = file.input("param.alpha");
      device.pointwise().scaleColumnsBackward(dOut, projected, alpha, gradient, dAlpha);
      file.expect("grad.alpha", dAlpha, Quantity.OPERATION);
      return gradient;
    }

    private void compareBackward(Tensor dProjected) throws IOException {
      Tensor dHidden = like(hidden);
      Tensor dNormalized = like(normalized);
      linearBackward("fc2.weight", dProjected, hidden, dHidden);
      if (up.isPresent()) {
        Tensor dGate = like(gate);
        device.pointwise().swigluBackward(dHidden, gate, up.get(), dGate, dHidden);
        linearBackward("fc1.weight", dGate, normalized, dNormalized);
        linearBackward("fc3.weight", dHidden, normalized, dNormalized);
      } else {
        device.pointwise().siluBackward(dHidden, gate, dHidden);
        linearBackward("fc1.weight", dHidden, normalized, dNormalized);
      }
      Tensor dWeight = file.like("param.norm.weight");
      Tensor dBias = file.like("param.norm.bias");
      Tensor weight = file.input("param.norm.weight");
      Tensor dx = dNormalized;
      device.layerNorm().backward(dx, x, weight, mean, deviation, dx, dWeight, dBias);
      file.expect("grad.y_in", dx, Quantity.OPERATION);
      file.expect("grad.norm.weight", dWeight, Quantity.OPERATION);
      file.expect("grad.norm.bias", dBias, Quantity.OPERATION);
    }

    private Tensor like(Tensor tensor) {
      return device.allocate(tensor.type(), tensor.dims());
    }

    /** input·Wᵀ. */
    private Tensor linear(Tensor input, String name) throws IOException {
      Tensor weight = file.input("param." + name);
      Tensor y = device.allocate(input.type(), input.dim(0), input.dim(1), weight.dim(0));
      device.gemm().multiply(1, Matrix.of(input), Matrix.of(weight).transpose(), 0, Matrix.of(y));
      return y;
    }

    /** dW = dyᵀ·input is compared; dInput += dy·W. */
    private void linearBackward(String name, Tensor dy, Tensor input, Tensor dInput)
        throws IOException {
      Tensor weight = file.input("param." + name);
      Tensor dWeight = like(weight);
      device.gemm().multiply(1, Matrix.of(dy).transpose(), Matrix.of(input), 0, Matrix.of(dWeight));
      file.expect("grad." + name, dWeight, Quantity.OPERATION);
      device.gemm().multiply(1, Matrix.of(dy), Matrix.of(weight), 1, Matrix.of(dInput));
    }
  }
}
