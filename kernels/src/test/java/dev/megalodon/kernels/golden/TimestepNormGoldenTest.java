package dev.megalodon.kernels.golden;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TimestepNormGoldenTest {
  private static final double EPSILON = 1e-5;

  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldMatchGoldenNumbers(TestDevice testDevice) throws IOException {
    try (Fixture fixture = Fixture.open("op_timestep_norm", testDevice)) {
      JsonNode cases = fixture.config().get("cases");
      for (int i = 0; i < cases.size(); i++) {
        checkCase(fixture.at("case" + i + "."), cases.get(i));
      }
    }
  }

  private static void checkCase(Fixture fixture, JsonNode config) throws IOException {
    Device device = fixture.device();
    long batch = config.get("B").asLong();
    long length = config.get("L").asLong();
    long groups = config.get("G").asLong();
    boolean shifted = config.has("shift");
    Tensor x = fixture.input("x");
    Tensor weight = fixture.parameter("weight");
    Optional<Tensor> mask = fixture.mask("mask");
    TimestepNorm.State in = stateBefore(fixture, batch, groups);
    TimestepNorm.State out = TimestepNorm.State.allocate(device, batch, groups);
    TimestepNorm.Saved saved = TimestepNorm.Saved.allocate(device, batch, length, groups);
    Tensor y = fixture.garbageLike("x");

    device
        .timestepNorm()
        .forward(x, weight, fixture.parameter("bias"), mask, in, EPSILON, y, saved, out);

    fixture.expect("y", y, shifted);
    fixture.expect("count_out", out.count());
    fixture.expect("mean_out", out.mean());
    fixture.expect("var_out", out.variance(), shifted);

    TimestepNorm.StateGradient gradientOut =
        new TimestepNorm.StateGradient(
            fixture.input("dmean_out", ElementType.FLOAT64),
            fixture.input("dvar_out", ElementType.FLOAT64));
    TimestepNorm.StateGradient gradientIn =
        TimestepNorm.StateGradient.allocate(device, batch, groups);
    Tensor dx = fixture.input("dy");
    Tensor dWeight = fixture.like("weight");
    Tensor dBias = fixture.like("bias");

    device
        .timestepNorm()
        .backward(dx, x, weight, mask, in, saved, gradientOut, dx, dWeight, dBias, gradientIn);

    fixture.expect("dx", dx, shifted);
    fixture.expect("dweight", dWeight, shifted);
    fixture.expect("dbias", dBias, shifted);
    if (fixture.has("dmean")) {
      fixture.expect("dmean", gradientIn.mean(), shifted);
      fixture.expect("dvar", gradientIn.variance(), shifted);
    }
  }

  private static TimestepNorm.State stateBefore(Fixture fixture, long batch, long groups)
      throws IOException {
    TimestepNorm.State state = TimestepNorm.State.allocate(fixture.device(), batch, groups);
    if (!fixture.has("count")) {
      fixture.device().pointwise().fill(state.variance(), 1);
      return state;
    }
    return new TimestepNorm.State(
        fixture.input("count", ElementType.FLOAT64),
        fixture.input("mean", ElementType.FLOAT64),
        fixture.input("var", ElementType.FLOAT64));
  }
}
