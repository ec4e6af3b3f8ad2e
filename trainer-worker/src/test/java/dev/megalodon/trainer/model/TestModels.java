package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Device;

/** Small models for tests. */
final class TestModels {
  private TestModels() {}

  /** Two layers of everything, a chunk of 4 steps, 11 tokens. */
  static ModelConfig config() {
    return new ModelConfig(2, 8, 8, 12, 2, 10, 3, 4, 2, 1e-5, 11, 10_000, true, true, true, false);
  }

  /** Parameters from a seed. */
  static FlatTensors parameters(Device device, ModelConfig config, long seed) {
    FlatLayout layout = FlatLayout.of(config, 1, device.elementType().bytes(), 1 << 10);
    FlatTensors parameters = FlatTensors.allocateParameters(device, layout);
    Initialization.initialize(device, config, seed, parameters);
    return parameters;
  }

  /** A model with parameters from a seed. */
  static MegalodonModel model(Device device, ModelConfig config, long seed) {
    ModelWeights weights = ModelWeights.of(config, parameters(device, config, seed));
    return new MegalodonModel(device, device, config, weights);
  }
}
