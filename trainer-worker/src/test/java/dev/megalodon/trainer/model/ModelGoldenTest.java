package dev.megalodon.trainer.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.golden.Comparison;
import dev.megalodon.trainer.golden.Fixture;
import dev.megalodon.trainer.golden.TestDevice;
import dev.megalodon.trainer.golden.TestDevice.Quantity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole models against the fixtures: every layer's output, logits, loss and every gradient. */
class ModelGoldenTest {
  private static final long BUCKET_BYTES = 1 << 15;

  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldMatchPlainModel(TestDevice testDevice) throws IOException {
    check("model_plain", testDevice);
  }

  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldMatchGatedModel(TestDevice testDevice) throws IOException {
    check("model_swiglu", testDevice);
  }

  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldMatchGatedModelWithEverythingOn(TestDevice testDevice) throws IOException {
    check("model_swiglu_tied", testDevice);
  }

  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldMatchTiedModelWhoseLengthIsNoMultipleOfTheChunk(TestDevice testDevice)
      throws IOException {
    check("model_plain_tied_tail", testDevice);
  }

  private static void check(String name, TestDevice testDevice) throws IOException {
    try (Fixture fixture = Fixture.open(name);
        Device device = testDevice.open()) {
      new Run(fixture, testDevice, device).check();
    }
  }

  private static final class Run {
    private final Fixture fixture;
    private final TestDevice testDevice;
    private final Device device;
    private final Comparison comparison = new Comparison();
    private final ModelConfig config;
    private final FlatTensors parameters;
    private final FlatTensors gradients;
    private final MegalodonModel model;
    private final ModelActivations act;
    private final Tensor targets;
    private final ModelState in;
    private final int batch;
    private final int length;

    Run(Fixture fixture, TestDevice testDevice, Device device) throws IOException {
      this.fixture = fixture;
      this.testDevice = testDevice;
      this.device = device;
      config = fixture.modelConfig();
      FlatLayout layout = FlatLayout.of(config, 3, device.elementType().bytes(), BUCKET_BYTES);
      parameters = FlatTensors.allocateParameters(device, layout);
      gradients = FlatTensors.allocate(device, layout);
      fixture.loadParameters("", device, parameters);
      batch = fixture.dim("tokens", 0);
      length = fixture.dim("tokens", 1);
      model = new MegalodonModel(device, device, config, ModelWeights.of(config, parameters));
      act = ModelActivations.forTraining(device, device, config, batch, length);
      device.transfer().write(fixture.integers("tokens"), act.tokens());
      targets = device.allocate(ElementType.INT32, batch, length);
      device.transfer().write(fixture.integers("targets"), targets);
      in = ModelState.fresh(device, device, config, batch);
    }

    void check() throws IOException {
      double lossScale = 1.0 / (batch * length);
      model.forward(in, act, ModelState.fresh(device, device, config, batch));
      fixture.compare(comparison, "logits", testDevice, device, act.logits(), Quantity.LOGITS);
      for (int layer = 0; layer < config.layers(); layer++) {
        String name = "act.layers." + layer + ".out";
        Tensor out = act.blocks().get(layer).output();
        fixture.compare(comparison, name, testDevice, device, out, Quantity.STORED_AS_SINGLE);
      }
      double loss = model.loss(act, targets) * lossScale;
      comparison.add("loss", fixture.number("loss"), loss, testDevice.tolerance(Quantity.LOSS));
      assertEquals(gradients.layout().buckets(), backward(lossScale));
      compareGradients();
      comparison.assertClose();
    }

    /** The buckets in the order in which they were said to be complete. */
    private List<FlatLayout.Bucket> backward(double lossScale) {
      List<FlatLayout.Bucket> completed = new ArrayList<>();
      ModelStateGradient none = ModelStateGradient.zero(device, device, config, batch);
      model.backward(
          act,
          targets,
          lossScale,
          in,
          none,
          ModelWeights.of(config, gradients),
          BackwardScratch.allocate(device, device, config, batch, length),
          ModelStateGradient.zero(device, device, config, batch),
          new BucketCompletion(gradients.layout(), completed::add));
      return completed;
    }

    private void compareGradients() throws IOException {
      fixture.compare(
          comparison, "grad.", device, gradients, testDevice.tolerance(Quantity.MODEL_GRADIENT));
      double norm = Math.sqrt(device.pointwise().sumOfSquares(gradients.flat()));
      comparison.add(
          "grad_norm",
          fixture.number("grad_norm"),
          norm,
          testDevice.tolerance(Quantity.GRADIENT_NORM));
    }
  }
}
