package dev.megalodon.trainer.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.kernels.safetensors.TensorInfo;
import dev.megalodon.trainer.golden.TestDevice.Quantity;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.model.ModelConfig;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/** A file of golden numbers. */
public final class Fixture implements AutoCloseable {
  private final SafetensorsFile file;

  private Fixture(SafetensorsFile file) {
    this.file = file;
  }

  /** Opens the fixture of that name. */
  public static Fixture open(String name) throws IOException {
    return new Fixture(SafetensorsFile.open(path(name + ".safetensors")));
  }

  /** Where a file of the fixtures lies. */
  public static Path path(String fileName) {
    String resource = "/golden/" + fileName;
    try {
      return Path.of(Objects.requireNonNull(Fixture.class.getResource(resource), resource).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The file itself. */
  public SafetensorsFile file() {
    return file;
  }

  /** The configuration that the fixture was computed with. */
  public JsonNode config() throws IOException {
    return new ObjectMapper().readTree(file.metadata().get("config"));
  }

  /** The model's part of the configuration. */
  public ModelConfig modelConfig() throws IOException {
    return modelConfig(config());
  }

  /** The model's part of a configuration in the fixtures' words. */
  public static ModelConfig modelConfig(JsonNode config) {
    return new ModelConfig(
        config.get("num_layers").intValue(),
        config.get("model_dim").intValue(),
        config.get("z_dim").intValue(),
        config.get("value_dim").intValue(),
        config.get("num_heads").intValue(),
        config.get("ffn_hidden_dim").intValue(),
        config.get("cema_ndim").intValue(),
        config.get("chunk_size").intValue(),
        config.get("norm_num_groups").intValue(),
        config.get("norm_eps").doubleValue(),
        config.get("vocab_size").intValue(),
        config.get("rope_base").doubleValue(),
        config.get("swiglu").booleanValue(),
        config.get("rescale_nffn").booleanValue(),
        config.get("scale_emb").booleanValue(),
        config.get("share_emb").booleanValue());
  }

  /** Whether there is a tensor of that name. */
  public boolean has(String name) {
    return file.contains(name);
  }

  /** A floating tensor, or the integers of one. */
  public double[] numbers(String name) throws IOException {
    return file.doubles(name);
  }

  /** A number. */
  public double number(String name) throws IOException {
    return numbers(name)[0];
  }

  /** An integer tensor. */
  public int[] integers(String name) throws IOException {
    return file.ints(name);
  }

  /** Length of a dimension. */
  public int dim(String name, int axis) throws IOException {
    return Math.toIntExact(file.info(name).dims().get(axis));
  }

  /** Writes a tensor of the fixture into one of the device. */
  public void load(String name, Device device, Tensor target) throws IOException {
    device.transfer().write(numbers(name), target);
  }

  /** Writes every parameter that the fixture has, by {@code prefix} and name. */
  public void loadParameters(String prefix, Device device, FlatTensors parameters)
      throws IOException {
    for (Map.Entry<String, Tensor> parameter : parameters.byName().entrySet()) {
      if (has(prefix + parameter.getKey())) {
        load(prefix + parameter.getKey(), device, parameter.getValue());
      }
    }
  }

  /**
   * Compares every tensor of the fixture whose name is {@code prefix} and something with what
   * {@code actual} has by that something.
   */
  public void compare(
      Comparison comparison, String prefix, Device device, FlatTensors actual, Tolerance tolerance)
      throws IOException {
    for (TensorInfo expected : file.tensors()) {
      if (expected.name().startsWith(prefix)) {
        Tensor tensor = actual.tensor(expected.name().substring(prefix.length()));
        compare(comparison, expected.name(), device, tensor, tolerance);
      }
    }
  }

  /** Compares one tensor. */
  public void compare(
      Comparison comparison, String name, Device device, Tensor actual, Tolerance tolerance)
      throws IOException {
    comparison.add(name, numbers(name), device.transfer().toDoubles(actual), tolerance);
  }

  /** As the tolerance of what the device computes, for a tensor that is compared in full. */
  public void compare(
      Comparison comparison,
      String name,
      TestDevice testDevice,
      Device device,
      Tensor actual,
      Quantity quantity)
      throws IOException {
    compare(comparison, name, device, actual, testDevice.tolerance(quantity));
  }

  @Override
  public void close() {
    file.close();
  }
}
