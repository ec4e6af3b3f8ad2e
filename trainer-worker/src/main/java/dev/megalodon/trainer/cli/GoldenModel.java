package dev.megalodon.trainer.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.trainer.model.BackwardProgress;
import dev.megalodon.trainer.model.FlatLayout;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.model.MegalodonModel;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.model.ModelWeights;
import dev.megalodon.trainer.model.TrainingPass;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A golden file: parameters, tokens and targets, and what the reference implementation makes of
 * them in double precision.
 */
final class GoldenModel {
  private final SafetensorsFile file;
  private final Device device;
  private final FlatTensors parameters;
  private final FlatTensors gradients;
  private final ModelConfig config;

  /**
   * How far a result is from the expected one.
   *
   * @param quantity what is compared
   * @param error the deviation; NaN when a result is not a number
   * @param allowed the largest that passes
   */
  record Deviation(String quantity, double error, double allowed) {
    boolean isWithin() {
      return error <= allowed; // false for NaN
    }
  }

  private GoldenModel(SafetensorsFile file, Device device) throws IOException {
    this.file = file;
    this.device = device;
    this.config = config(file);
    FlatLayout layout = FlatLayout.of(config, 1, device.parameterType().bytes(), Long.MAX_VALUE);
    this.parameters = FlatTensors.allocateParameters(device, layout);
    this.gradients = FlatTensors.allocate(device, layout);
    for (Map.Entry<String, Tensor> parameter : parameters.byName().entrySet()) {
      device.transfer().write(file.doubles(parameter.getKey()), parameter.getValue());
    }
  }

  /**
   * Runs the model forward and backward and compares.
   *
   * @throws IOException naming what the file lacks
   */
  static List<Deviation> compare(Path path, Device device) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      return new GoldenModel(file, device).deviations();
    }
  }

  private List<Deviation> deviations() throws IOException {
    int[] tokens = file.ints("tokens");
    int batch = Math.toIntExact(file.info("tokens").dims().getFirst());
    MegalodonModel model =
        new MegalodonModel(device, device, config, ModelWeights.of(config, parameters));
    TrainingPass pass =
        new TrainingPass(model, ModelWeights.of(config, gradients), batch, tokens.length / batch);
    double loss =
        pass.accumulate(tokens, file.ints("targets"), 1.0 / tokens.length, BackwardProgress.IGNORED)
            / tokens.length;
    List<Deviation> deviations = new ArrayList<>();
    double lossError = Math.abs(loss - file.doubles("loss")[0]);
    deviations.add(new Deviation("loss", lossError, allowed(1e-9, 5e-6, 4e-3)));
    deviations.add(new Deviation("worst gradient", worstGradient(), allowed(1e-9, 1e-4, 4e-2)));
    return deviations;
  }

  /** What the precision of the device allows. */
  private double allowed(double fp64, double fp32, double bf16) {
    return switch (device.parameterType()) {
      case FLOAT64 -> fp64;
      case BFLOAT16 -> bf16;
      default -> fp32;
    };
  }

  /** The largest ‖a − b‖/‖b‖ of all parameters' gradients. */
  private double worstGradient() throws IOException {
    double worst = 0;
    for (Map.Entry<String, Tensor> gradient : gradients.byName().entrySet()) {
      double[] expected = file.doubles("grad." + gradient.getKey());
      double[] actual = device.transfer().toDoubles(gradient.getValue());
      worst = Math.max(worst, relativeError(expected, actual)); // max keeps NaN
    }
    return worst;
  }

  private static double relativeError(double[] expected, double[] actual) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
      norm += expected[i] * expected[i];
    }
    return Math.sqrt(difference) / Math.max(Math.sqrt(norm), Double.MIN_NORMAL);
  }

  private static ModelConfig config(SafetensorsFile file) throws IOException {
    JsonNode json =
        JsonMapper.builder().build().readTree(file.metadata().getOrDefault("config", "{}"));
    return new ModelConfig(
        json.path("num_layers").intValue(),
        json.path("model_dim").intValue(),
        json.path("z_dim").intValue(),
        json.path("value_dim").intValue(),
        json.path("num_heads").intValue(),
        json.path("ffn_hidden_dim").intValue(),
        json.path("cema_ndim").intValue(),
        json.path("chunk_size").intValue(),
        json.path("norm_num_groups").intValue(),
        json.path("norm_eps").doubleValue(),
        json.path("vocab_size").intValue(),
        json.path("rope_base").doubleValue(),
        json.path("swiglu").booleanValue(),
        json.path("rescale_nffn").booleanValue(),
        json.path("scale_emb").booleanValue(),
        json.path("share_emb").booleanValue());
  }
}
