package dev.megalodon.kernels.golden;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.kernels.Rope;
import dev.megalodon.kernels.Tensor;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RopeGoldenTest {
  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldMatchGoldenNumbers(TestDevice testDevice) throws IOException {
    try (Fixture fixture = Fixture.open("op_rope", testDevice)) {
      JsonNode cases = fixture.config().get("cases");
      for (int i = 0; i < cases.size(); i++) {
        checkCase(fixture.at("case" + i + "."), cases.get(i));
      }
    }
  }

  private static void checkCase(Fixture fixture, JsonNode config) throws IOException {
    Rope rope = fixture.device().rope();
    int heads = config.get("H").asInt();
    long start = config.get("start").asLong();
    double base = config.get("base").asDouble();
    Tensor y = flat(fixture.input("x"));
    Tensor dx = flat(fixture.input("dy"));

    rope.rotate(y, heads, start, /* chunk= */ 64, base, /* inverse= */ false);
    rope.rotate(dx, heads, start, /* chunk= */ 64, base, /* inverse= */ true);

    fixture.expect("y", y);
    fixture.expect("dx", dx);
  }

  /** (B, L, H, z) as (B, L, H·z). */
  private static Tensor flat(Tensor x) {
    return x.reshape(x.dim(0), x.dim(1), x.dim(2) * x.dim(3));
  }
}
