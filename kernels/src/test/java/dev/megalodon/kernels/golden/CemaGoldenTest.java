package dev.megalodon.kernels.golden;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.kernels.Cema;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CemaGoldenTest {
  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldMatchGoldenNumbers(TestDevice testDevice) throws IOException {
    try (Fixture fixture = Fixture.open("op_cema", testDevice)) {
      JsonNode cases = fixture.config().get("cases");
      for (int i = 0; i < cases.size(); i++) {
        checkCase(fixture.at("case" + i + "."), cases.get(i));
      }
    }
  }

  private static void checkCase(Fixture fixture, JsonNode config) throws IOException {
    Device device = fixture.device();
    Tensor x = fixture.input("x");
    Cema.Parameters parameters = parameters(fixture);
    Cema.Saved saved =
        Cema.Saved.allocate(
            device,
            device,
            config.get("B").asLong(),
            config.get("L").asLong(),
            config.get("D").asLong(),
            config.get("N").asLong());
    Tensor stateIn = state(fixture, "h");
    Tensor stateOut = state(fixture, "");
    Tensor y = fixture.garbageLike("x");

    device.cema().forward(x, parameters, stateIn, y, saved, stateOut);

    fixture.expect("coef_p", saved.coefficients().p());
    fixture.expect("coef_q", saved.coefficients().q());
    fixture.expect("coef_g", saved.coefficients().g());
    fixture.expect("y", y);
    fixture.expect("h_out", stateOut);

    Tensor dx = fixture.input("dy");
    Cema.Parameters gradients = zeros(fixture);
    Tensor dStateIn = state(fixture, "");

    device
        .cema()
        .backward(dx, x, parameters, saved, state(fixture, "dh_out"), dx, gradients, dStateIn);

    fixture.expect("dx", dx);
    fixture.expect("dalpha", gradients.alpha());
    fixture.expect("ddelta", gradients.delta());
    fixture.expect("dtheta", gradients.theta());
    fixture.expect("dgamma", gradients.gamma());
    fixture.expect("domega", gradients.omega());
    if (fixture.has("dh")) {
      fixture.expect("dh", dStateIn);
    }
  }

  /** A state by name, or a zeroed one where the case has none. */
  static Tensor state(Fixture fixture, String name) throws IOException {
    return fixture.has(name)
        ? fixture.input(name, fixture.device().accumulationType())
        : fixture.device().allocate(fixture.device().accumulationType(), fixture.dims("h_out"));
  }

  static Cema.Parameters parameters(Fixture fixture) throws IOException {
    return new Cema.Parameters(
        fixture.input("alpha"),
        fixture.input("delta"),
        fixture.input("theta"),
        fixture.input("gamma"),
        fixture.input("omega"));
  }

  private static Cema.Parameters zeros(Fixture fixture) throws IOException {
    return new Cema.Parameters(
        fixture.like("alpha"),
        fixture.like("delta"),
        fixture.like("theta"),
        fixture.like("gamma"),
        fixture.like("omega"));
  }
}
