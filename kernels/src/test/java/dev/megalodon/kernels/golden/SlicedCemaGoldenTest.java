package dev.megalodon.kernels.golden;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.kernels.Cema;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The golden states of whole sequences from slices that know nothing of each other. */
class SlicedCemaGoldenTest {
  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldMatchGoldenNumbersOfTheWhole(TestDevice testDevice) throws IOException {
    for (int slices = 1; slices <= 5; slices++) {
      try (Fixture fixture = Fixture.open("op_cema", testDevice)) {
        JsonNode cases = fixture.config().get("cases");
        for (int i = 0; i < cases.size(); i++) {
          List<Slice> cut = Slice.cut(cases.get(i).get("L").asLong(), slices);
          checkCase(fixture.at("case" + i + "."), cases.get(i), cut);
        }
      }
    }
  }

  private static void checkCase(Fixture fixture, JsonNode config, List<Slice> cut)
      throws IOException {
    Device device = fixture.device();
    Cema cema = device.cema();
    Cema.Coefficients coefficients =
        Cema.Coefficients.allocate(
            device, device, config.get("D").asLong(), config.get("N").asLong());
    cema.coefficients(CemaGoldenTest.parameters(fixture), coefficients);
    List<Cema.Slice> forward = new ArrayList<>();
    List<Cema.Slice> backward = new ArrayList<>();
    for (int i = 0; i < cut.size(); i++) {
      Slice slice = cut.get(i);
      Tensor u = CemaGoldenTest.state(fixture, i == 0 ? "h" : "");
      cema.advance(steps(fixture, "x", slice), coefficients, u, u);
      forward.add(new Cema.Slice(slice.length(), u));
      Tensor adjoint = CemaGoldenTest.state(fixture, i == cut.size() - 1 ? "dh_out" : "");
      cema.retreat(steps(fixture, "dy", slice), coefficients, adjoint, adjoint);
      backward.add(new Cema.Slice(slice.length(), adjoint));
    }
    Tensor state = CemaGoldenTest.state(fixture, "");
    cema.combine(coefficients, forward, state);
    fixture.expect("h_out", state);
    if (fixture.has("dh")) {
      Tensor gradient = CemaGoldenTest.state(fixture, "");
      cema.combineGradients(coefficients, backward, gradient);
      fixture.expect("dh", gradient);
    }
  }

  private static Tensor steps(Fixture fixture, String name, Slice slice) throws IOException {
    return fixture.steps(name, fixture.device().elementType(), slice.from(), slice.length());
  }
}
