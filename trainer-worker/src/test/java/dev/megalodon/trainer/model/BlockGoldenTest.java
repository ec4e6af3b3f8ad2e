package dev.megalodon.trainer.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import dev.megalodon.trainer.golden.Comparison;
import dev.megalodon.trainer.golden.Fixture;
import dev.megalodon.trainer.golden.TestDevice;
import dev.megalodon.trainer.golden.TestDevice.Quantity;
import dev.megalodon.trainer.golden.Tolerance;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One block against the fixtures: values, carried states, and every gradient. */
class BlockGoldenTest {
  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldMatchPlainBlock(TestDevice testDevice) throws IOException {
    check("block_plain", testDevice);
  }

  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldMatchGatedBlockWhoseLengthIsNoMultipleOfTheChunk(TestDevice testDevice)
      throws IOException {
    check("block_tail", testDevice);
  }

  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldMatchRescaledBlockWithCarriedState(TestDevice testDevice) throws IOException {
    check("block_state", testDevice);
  }

  private static void check(String name, TestDevice testDevice) throws IOException {
    try (Fixture fixture = Fixture.open(name);
        Device device = testDevice.open()) {
      new Run(fixture, device, testDevice.tolerance(Quantity.BLOCK)).check();
    }
  }

  private static final class Run {
    private final Fixture fixture;
    private final Device device;
    private final Tolerance tolerance;
    private final Comparison comparison = new Comparison();
    private final int layer;
    private final ModelConfig config;
    private final FlatTensors parameters;
    private final FlatTensors gradients;
    private final MegalodonBlock block;
    private final Tensor x;
    private final BlockState in;
    private final BlockState out;
    private final BlockActivations act;
    private final BackwardScratch scratch;

    Run(Fixture fixture, Device device, Tolerance tolerance) throws IOException {
      this.fixture = fixture;
      this.device = device;
      this.tolerance = tolerance;
      JsonNode json = fixture.config();
      layer = json.get("layer").intValue();
      config = fixture.modelConfig();
      FlatLayout layout = FlatLayout.of(config, 1, device.elementType().bytes(), 1 << 16);
      parameters = FlatTensors.allocate(device, layout);
      gradients = FlatTensors.allocate(device, layout);
      fixture.loadParameters("", device, parameters);
      int batch = json.get("B").intValue();
      int length = json.get("L").intValue();
      block = new MegalodonBlock(device, device, config);
      act = BlockActivations.allocate(new Shapes(device, device, config, batch, length));
      scratch = BackwardScratch.allocate(device, device, config, batch, length);
      x = device.allocate(device.elementType(), batch, length, config.modelDim());
      fixture.load("x", device, x);
      in = BlockState.fresh(device, device, config, batch);
      out = BlockState.fresh(device, device, config, batch);
      if (fixture.has("state.count")) {
        TimestepNorm.State norm = in.timestepNorm();
        fixture.load("state.count", device, norm.count());
        fixture.load("state.mean", device, norm.mean());
        fixture.load("state.var", device, norm.variance());
        fixture.load("state.h", device, in.cema());
      }
    }

    void check() throws IOException {
      BlockWeights weights = BlockWeights.of(config, parameters, layer);
      block.forward(weights, x, in, Optional.empty(), new LocalStates(), act, out);
      compareForward();
      backward(weights);
      fixture.compare(comparison, "grad.", device, gradients, tolerance);
      comparison.assertClose();
    }

    private void compareForward() throws IOException {
      compare("act.tsn", act.mega().normalized());
      compare("act.cema", act.mega().averaged());
      compare("act.mx", act.mega().mixed());
      compare("act.mega_out", act.mega().output());
      compare("out", act.output());
      compare("state_out.count", out.timestepNorm().count());
      compare("state_out.mean", out.timestepNorm().mean());
      compare("state_out.var", out.timestepNorm().variance());
      compare("state_out.h", out.cema());
    }

    private void backward(BlockWeights weights) throws IOException {
      long batch = x.dim(0);
      BlockStateGradient dStateOut = BlockStateGradient.zero(device, device, config, batch);
      BlockStateGradient dStateIn = BlockStateGradient.zero(device, device, config, batch);
      fixture.load("dstate_out.mean", device, dStateOut.timestepNorm().mean());
      fixture.load("dstate_out.var", device, dStateOut.timestepNorm().variance());
      fixture.load("dstate_out.h", device, dStateOut.cema());
      fixture.load("dout", device, scratch.stream());
      BlockWeights dWeights = BlockWeights.of(config, gradients, layer);
      block.backward(
          weights, x, in, new LocalStates(), act, dStateOut, dWeights, scratch, dStateIn);
      compare("dx", scratch.stream());
      if (fixture.has("dstate.h")) {
        compare("dstate.mean", dStateIn.timestepNorm().mean());
        compare("dstate.var", dStateIn.timestepNorm().variance());
        compare("dstate.h", dStateIn.cema());
      }
    }

    private void compare(String name, Tensor actual) throws IOException {
      fixture.compare(comparison, name, device, actual, tolerance);
    }
  }
}
