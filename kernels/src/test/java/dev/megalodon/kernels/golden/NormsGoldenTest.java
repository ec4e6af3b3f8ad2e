package dev.megalodon.kernels.golden;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NormsGoldenTest {
  private static final double EPSILON = 1e-5;

  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldMatchRmsNorm(TestDevice testDevice) throws IOException {
    try (Fixture fixture = Fixture.open("op_norms", testDevice)) {
      checkRmsNorm(fixture.at("rms_affine."), /* scaled= */ true);
      checkRmsNorm(fixture.at("rms_plain."), /* scaled= */ false);
    }
  }

  private static void checkRmsNorm(Fixture fixture, boolean scaled) throws IOException {
    Device device = fixture.device();
    Tensor x = fixture.input("x");
    Optional<Tensor> weight = scaled ? Optional.of(fixture.parameter("weight")) : Optional.empty();
    Optional<Tensor> dWeight = scaled ? Optional.of(fixture.like("weight")) : Optional.empty();
    Tensor y = fixture.garbageLike("x");
    Tensor inverseRms = device.allocate(device.accumulationType(), x.rows());

    device.rmsNorm().forward(x, weight, EPSILON, y, inverseRms);
    Tensor dx = fixture.input("dy");
    device.rmsNorm().backward(dx, x, weight, inverseRms, dx, dWeight);

    fixture.expect("y", y);
    fixture.expect("dx", dx);
    if (scaled) {
      fixture.expect("dweight", dWeight.orElseThrow());
    }
  }

  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldMatchLayerNorm(TestDevice testDevice) throws IOException {
    try (Fixture file = Fixture.open("op_norms", testDevice)) {
      Fixture fixture = file.at("layernorm.");
      Device device = fixture.device();
      Tensor x = fixture.input("x");
      Tensor weight = fixture.parameter("weight");
      Tensor y = fixture.garbageLike("x");
      Tensor mean = device.allocate(device.accumulationType(), x.rows());
      Tensor deviation = device.allocate(device.accumulationType(), x.rows());
      Tensor dx = fixture.input("dy");
      Tensor dWeight = fixture.like("weight");
      Tensor dBias = fixture.like("bias");

      device.layerNorm().forward(x, weight, fixture.parameter("bias"), EPSILON, y, mean, deviation);
      device.layerNorm().backward(dx, x, weight, mean, deviation, dx, dWeight, dBias);

      fixture.expect("y", y);
      fixture.expect("dx", dx);
      fixture.expect("dweight", dWeight);
      fixture.expect("dbias", dBias);
    }
  }

  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldMatchQueriesAndKeys(TestDevice testDevice) throws IOException {
    try (Fixture file = Fixture.open("op_norms", testDevice)) {
      int heads = file.config().get("H").asInt();
      Fixture fixture = file.at("qk.");
      Device device = fixture.device();
      Tensor u = fixture.input("z");
      Tensor gamma = fixture.parameter("gamma");
      Tensor q = fixture.garbageLike("z");
      Tensor k = fixture.garbageLike("z");
      Tensor inverseRms = device.allocate(device.accumulationType(), u.rows(), heads);
      Tensor du = fixture.input("dq_in");
      Tensor dGamma = fixture.like("gamma");
      Tensor dBeta = fixture.like("beta");

      device
          .queryKey()
          .forward(u, gamma, fixture.parameter("beta"), heads, EPSILON, q, k, inverseRms);
      device
          .queryKey()
          .backward(du, fixture.input("dk_in"), u, gamma, heads, inverseRms, du, dGamma, dBeta);

      fixture.expect("q_out", q);
      fixture.expect("k_out", k);
      fixture.expect("dz", du);
      fixture.expect("dgamma", dGamma);
      fixture.expect("dbeta", dBeta);
    }
  }
}
