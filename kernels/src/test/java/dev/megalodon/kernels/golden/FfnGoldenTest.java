package dev.megalodon.kernels.golden;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.Pointwise;
import dev.megalodon.kernels.Tensor;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The feed-forward layer, composed of operations: layer norm, GEMM, SiLU or SwiGLU, scaling. */
class FfnGoldenTest {
  private static final double EPSILON = 1e-5;

  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldMatchPlainLayer(TestDevice testDevice) throws IOException {
    try (Fixture file = Fixture.open("op_ffn", testDevice)) {
      Fixture fixture = file.at("case0.");
      Device device = fixture.device();
      Norm norm = new Norm(fixture);
      Tensor f1 = linear(device, norm.y, fixture.parameter("param.fc1.weight"));
      Tensor h = allocateLike(device, f1);
      device.pointwise().silu(f1, h);
      Tensor out = linear(device, h, fixture.parameter("param.fc2.weight"));
      device.pointwise().add(out, fixture.input("residual"), out);
      fixture.expect("out", out);

      Tensor dout = fixture.input("dout");
      Tensor dh = allocateLike(device, h);
      linearBackward(fixture, "fc2.weight", dout, h, dh);
      device.pointwise().siluBackward(dh, f1, dh);
      Tensor dNorm = allocateLike(device, norm.y);
      linearBackward(fixture, "fc1.weight", dh, norm.y, dNorm);
      norm.checkBackward(dNorm);
      fixture.expect("grad.residual", dout);
    }
  }

  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldMatchGatedAndRescaledLayer(TestDevice testDevice) throws IOException {
    try (Fixture file = Fixture.open("op_ffn", testDevice)) {
      Fixture fixture = file.at("case1.");
      Device device = fixture.device();
      Pointwise pointwise = device.pointwise();
      Norm norm = new Norm(fixture);
      Tensor gate = linear(device, norm.y, fixture.parameter("param.fc1.weight"));
      Tensor up = linear(device, norm.y, fixture.parameter("param.fc3.weight"));
      Tensor h = allocateLike(device, gate);
      pointwise.swiglu(gate, up, h);
      Tensor f2 = linear(device, h, fixture.parameter("param.fc2.weight"));
      Tensor out = allocateLike(device, f2);
      pointwise.scaleColumns(f2, fixture.parameter("param.alpha"), out);
      pointwise.add(out, fixture.input("residual"), out);
      fixture.expect("out", out);

      Tensor dout = fixture.input("dout");
      Tensor df2 = allocateLike(device, f2);
      Tensor dAlpha = fixture.like("param.alpha");
      pointwise.scaleColumnsBackward(dout, f2, fixture.parameter("param.alpha"), df2, dAlpha);
      fixture.expect("grad.alpha", dAlpha);
      Tensor dh = allocateLike(device, h);
      linearBackward(fixture, "fc2.weight", df2, h, dh);
      Tensor dGate = allocateLike(device, gate);
      pointwise.swigluBackward(dh, gate, up, dGate, dh);
      Tensor dNorm = allocateLike(device, norm.y);
      linearBackward(fixture, "fc1.weight", dGate, norm.y, dNorm);
      linearBackward(fixture, "fc3.weight", dh, norm.y, dNorm);
      norm.checkBackward(dNorm);
    }
  }

  private static Tensor allocateLike(Device device, Tensor tensor) {
    return device.allocate(tensor.type(), tensor.dims());
  }

  /** x·Wᵀ. */
  private static Tensor linear(Device device, Tensor x, Tensor weight) {
    Tensor y = device.allocate(x.type(), x.dim(0), x.dim(1), weight.dim(0));
    device.gemm().multiply(1, Matrix.of(x), Matrix.of(weight).transpose(), 0, Matrix.of(y));
    return y;
  }

  /** dW = dyᵀ·x is compared; dx += dy·W. */
  private static void linearBackward(Fixture fixture, String name, Tensor dy, Tensor x, Tensor dx)
      throws IOException {
    Device device = fixture.device();
    Tensor weight = fixture.parameter("param." + name);
    Tensor dWeight = device.allocate(device.elementType(), weight.dims());
    device.gemm().multiply(1, Matrix.of(dy).transpose(), Matrix.of(x), 0, Matrix.of(dWeight));
    fixture.expect("grad." + name, dWeight);
    device.gemm().multiply(1, Matrix.of(dy), Matrix.of(weight), 1, Matrix.of(dx));
  }

  private static final class Norm {
    private final Fixture fixture;
    private final Tensor x;
    private final Tensor y;
    private final Tensor mean;
    private final Tensor deviation;

    Norm(Fixture fixture) throws IOException {
      Device device = fixture.device();
      this.fixture = fixture;
      this.x = fixture.input("y_in");
      this.y = allocateLike(device, x);
      this.mean = device.allocate(device.accumulationType(), x.rows());
      this.deviation = device.allocate(device.accumulationType(), x.rows());
      device
          .layerNorm()
          .forward(
              x,
              fixture.parameter("param.norm.weight"),
              fixture.parameter("param.norm.bias"),
              EPSILON,
              y,
              mean,
              deviation);
    }

    void checkBackward(Tensor dy) throws IOException {
      Tensor dWeight = fixture.like("param.norm.weight");
      Tensor dBias = fixture.like("param.norm.bias");
      Tensor weight = fixture.parameter("param.norm.weight");
      fixture.device().layerNorm().backward(dy, x, weight, mean, deviation, dy, dWeight, dBias);
      fixture.expect("grad.y_in", dy);
      fixture.expect("grad.norm.weight", dWeight);
      fixture.expect("grad.norm.bias", dBias);
    }
  }
}
