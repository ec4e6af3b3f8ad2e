package dev.megalodon.trainer.verify;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.model.BlockProbe;
import dev.megalodon.trainer.model.FlatLayout;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.model.ModelConfig;
import java.io.IOException;
import java.util.Map;

/** One block: values, carried states and every gradient. */
final class BlockCheck implements GoldenCheck {
  @Override
  public void run(GoldenFile file) throws IOException {
    Device device = file.device();
    ModelConfig config = file.modelConfig();
    FlatLayout layout =
        FlatLayout.of(config, 1, device.elementType().bytes(), /* bucketBytes= */ Long.MAX_VALUE);
    FlatTensors parameters = FlatTensors.allocate(device, layout);
    FlatTensors gradients = FlatTensors.allocate(device, layout);
    file.loadParameters(parameters);
    BlockProbe probe =
        new BlockProbe(
            device,
            config,
            parameters,
            gradients,
            file.config("layer").intValue(),
            file.dim("x", 0),
            file.dim("x", 1));
    forward(file, probe);
    backward(file, probe);
    file.at("grad.").expectAll(gradients, Quantity.BLOCK);
  }

  private static void forward(GoldenFile file, BlockProbe probe) throws IOException {
    file.load("x", probe.input());
    if (file.has("state.count")) {
      load(file.at("state."), probe.stateBefore());
    }
    probe.forward();
    for (Map.Entry<String, Tensor> value : probe.values().entrySet()) {
      String name = value.getKey().equals("out") ? "out" : "act." + value.getKey();
      file.expect(name, value.getValue(), Quantity.BLOCK);
    }
    expect(file.at("state_out."), probe.stateAfter());
  }

  private static void backward(GoldenFile file, BlockProbe probe) throws IOException {
    file.load("dout", probe.gradient());
    load(file.at("dstate_out."), probe.stateAfterGradient());
    probe.backward();
    file.expect("dx", probe.gradient(), Quantity.BLOCK);
    if (file.has("dstate.h")) {
      expect(file.at("dstate."), probe.stateBeforeGradient());
    }
  }

  private static void load(GoldenFile file, Map<String, Tensor> targets) throws IOException {
    for (Map.Entry<String, Tensor> target : targets.entrySet()) {
      file.load(target.getKey(), target.getValue());
    }
  }

  private static void expect(GoldenFile file, Map<String, Tensor> actual) throws IOException {
    for (Map.Entry<String, Tensor> tensor : actual.entrySet()) {
      file.expect(tensor.getKey(), tensor.getValue(), Quantity.BLOCK);
    }
  }
}
