package dev.megalodon.kernels.golden;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.kernels.AdamW;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AdamWGoldenTest {
  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldMatchFiveUpdates(TestDevice testDevice) throws IOException {
    try (Fixture fixture = Fixture.open("op_optim", testDevice)) {
      Device device = fixture.device();
      Tensor parameters = fixture.input("p0");
      Tensor first = device.allocate(device.accumulationType(), parameters.dims());
      Tensor second = device.allocate(device.accumulationType(), parameters.dims());
      for (int step = 1; step <= 5; step++) {
        AdamW.Settings settings = settings(fixture.config(), fixture.numbers("lr" + step)[0], step);
        device.adamW().update(parameters, fixture.input("g" + step), first, second, settings);
        fixture.expect("p" + step, parameters);
        fixture.expect("m" + step, first);
        fixture.expect("v" + step, second);
      }
    }
  }

  private static AdamW.Settings settings(JsonNode config, double learningRate, long step) {
    return new AdamW.Settings(
        learningRate,
        config.get("betas").get(0).asDouble(),
        config.get("betas").get(1).asDouble(),
        config.get("eps").asDouble(),
        config.get("weight_decay").asDouble(),
        step,
        /* gradientScale= */ 1);
  }
}
