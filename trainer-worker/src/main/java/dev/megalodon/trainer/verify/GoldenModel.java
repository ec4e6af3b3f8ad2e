package dev.megalodon.trainer.verify;

import dev.megalodon.kernels.Device;
import dev.megalodon.trainer.model.FlatLayout;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.model.MegalodonModel;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.model.ModelWeights;
import java.io.IOException;

/**
 * The model of a file, with the file's parameters.
 *
 * @param model to run
 * @param parameters its numbers
 */
record GoldenModel(MegalodonModel model, FlatTensors parameters) {
  /**
   * On a device.
   *
   * @param file that holds the parameters
   */
  static GoldenModel of(GoldenFile file, Device device) throws IOException {
    ModelConfig config = file.modelConfig();
    FlatTensors parameters = FlatTensors.allocate(device, layout(device, config));
    file.loadParameters(parameters);
    return new GoldenModel(
        new MegalodonModel(device, device, config, ModelWeights.of(config, parameters)),
        parameters);
  }

  static FlatLayout layout(Device device, ModelConfig config) {
    return FlatLayout.of(config, 1, device.elementType().bytes(), /* bucketBytes= */ 1 << 16);
  }

  /**
   * The file beside this one that holds the parameters.
   *
   * @throws IOException when the file does not name one, or it is not there
   */
  static GoldenFile source(GoldenFile file) throws IOException {
    return file.beside(file.config("params_from").textValue());
  }
}
