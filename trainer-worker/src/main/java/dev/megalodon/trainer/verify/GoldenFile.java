package dev.megalodon.trainer.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.safetensors.SafetensorsException;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.kernels.safetensors.TensorInfo;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * One golden file, open together with the device that is held to it. It remembers what was looked
 * at, so that a tensor that no check knows is not passed over in silence.
 */
final class GoldenFile implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final SafetensorsFile file;
  private final Supplier<Device> devices;
  private final Device device;
  private final String prefix;
  private final Set<String> untouched;
  private final List<Deviation> deviations;

  private GoldenFile(
      SafetensorsFile file,
      Supplier<Device> devices,
      Device device,
      String prefix,
      Set<String> untouched,
      List<Deviation> deviations) {
    this.file = file;
    this.devices = devices;
    this.device = device;
    this.prefix = prefix;
    this.untouched = untouched;
    this.deviations = deviations;
  }

  /**
   * Opens a file.
   *
   * @param devices opens a device, such as the one that the file is held to
   * @throws IOException naming it, when it is damaged or not there
   */
  static GoldenFile open(Path path, Supplier<Device> devices) throws IOException {
    SafetensorsFile file = SafetensorsFile.open(path);
    Set<String> names = Collections.synchronizedSet(new LinkedHashSet<>());
    file.tensors().forEach(tensor -> names.add(tensor.name()));
    return new GoldenFile(file, devices, devices.get(), "", names, new ArrayList<>());
  }

  /** Another file of the same folder, held to a device of its own. */
  GoldenFile beside(String name) throws IOException {
    return open(Path.of(path().toString()).resolveSibling(Path.of(name).getFileName()), devices);
  }

  /** One more device like this file's, for a rank; the caller closes it. */
  Device anotherDevice() {
    return devices.get();
  }

  /** What was compared with another file counts as this one's. */
  void adopt(List<Deviation> others) {
    deviations.addAll(others);
  }

  /** The same file with a prefix put before every name. */
  GoldenFile at(String newPrefix) {
    return new GoldenFile(file, devices, device, newPrefix, untouched, deviations);
  }

  Path path() {
    return file.path();
  }

  Device device() {
    return device;
  }

  /** What the fixture was computed with. */
  JsonNode config() throws IOException {
    try {
      return JSON.readTree(file.metadata().getOrDefault("config", "{}"));
    } catch (JsonProcessingException e) {
      throw new IOException("metadata config of %s is not JSON".formatted(file.path()), e);
    }
  }

  /**
   * A field of the configuration.
   *
   * @throws IOException when it is not there
   */
  JsonNode config(String field) throws IOException {
    JsonNode value = config().get(field);
    if (value == null) {
      throw new IOException("metadata config of %s lacks '%s'".formatted(file.path(), field));
    }
    return value;
  }

  /** The configuration of a case, by its number; empty when there is none. */
  JsonNode caseConfig(int number) throws IOException {
    return config().path("cases").path(number);
  }

  /** The model's part of the configuration. */
  ModelConfig modelConfig() throws IOException {
    try {
      return new ModelConfig(
          config("num_layers").intValue(),
          config("model_dim").intValue(),
          config("z_dim").intValue(),
          config("value_dim").intValue(),
          config("num_heads").intValue(),
          config("ffn_hidden_dim").intValue(),
          config("cema_ndim").intValue(),
          config("chunk_size").intValue(),
          config("norm_num_groups").intValue(),
          config("norm_eps").doubleValue(),
          config("vocab_size").intValue(),
          config("rope_base").doubleValue(),
          config("swiglu").booleanValue(),
          config("rescale_nffn").booleanValue(),
          config("scale_emb").booleanValue(),
          config("share_emb").booleanValue());
    } catch (IllegalArgumentException e) {
      throw new IOException("metadata config of %s: %s".formatted(path(), e.getMessage()), e);
    }
  }

  boolean has(String name) {
    return file.contains(prefix + name);
  }

  /** Whether any tensor's name goes on after this. */
  boolean hasAny(String start) {
    return file.tensors().stream().anyMatch(tensor -> tensor.name().startsWith(prefix + start));
  }

  /** Numbers of a floating or integer tensor. */
  double[] numbers(String name) throws SafetensorsException {
    untouched.remove(prefix + name);
    return file.doubles(prefix + name);
  }

  int[] integers(String name) throws SafetensorsException {
    untouched.remove(prefix + name);
    return file.ints(prefix + name);
  }

  long[] dims(String name) throws SafetensorsException {
    return file.info(prefix + name).shape();
  }

  int dim(String name, int axis) throws SafetensorsException {
    return Math.toIntExact(dims(name)[axis]);
  }

  /** An input in the device's element type. */
  Tensor input(String name) throws SafetensorsException {
    return input(name, device.elementType());
  }

  Tensor input(String name, ElementType type) throws SafetensorsException {
    Tensor tensor = device.allocate(type, dims(name));
    load(name, tensor);
    return tensor;
  }

  /** An INT32 input. */
  Tensor integerInput(String name) throws SafetensorsException {
    Tensor tensor = device.allocate(ElementType.INT32, dims(name));
    device.transfer().write(integers(name), tensor);
    return tensor;
  }

  /** A mask of bytes, where there is one. */
  Optional<Tensor> mask(String name) throws SafetensorsException {
    if (!has(name)) {
      return Optional.empty();
    }
    int[] values = integers(name);
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    Tensor tensor = device.allocate(ElementType.UINT8, dims(name));
    device.transfer().write(bytes, tensor);
    return Optional.of(tensor);
  }

  /** Writes a tensor of the file into one of the device. */
  void load(String name, Tensor target) throws SafetensorsException {
    double[] values = numbers(name);
    if (values.length != target.size()) {
      throw new SafetensorsException(
          path(),
          prefix + name,
          "has %d elements, not those of %s".formatted(values.length, target));
    }
    device.transfer().write(values, target);
  }

  /** Writes every parameter that the file has. */
  void loadParameters(FlatTensors parameters) throws SafetensorsException {
    for (Map.Entry<String, Tensor> parameter : parameters.byName().entrySet()) {
      if (has(parameter.getKey())) {
        load(parameter.getKey(), parameter.getValue());
      }
    }
  }

  /** A zeroed tensor shaped as a named one. */
  Tensor like(String name) throws SafetensorsException {
    return device.allocate(device.elementType(), dims(name));
  }

  /** A tensor shaped as a named one, full of what no operation may leave there. */
  Tensor garbageLike(String name) throws SafetensorsException {
    Tensor tensor = like(name);
    device.pointwise().fill(tensor, Double.NaN);
    return tensor;
  }

  void expect(String name, Tensor actual, Quantity quantity) throws SafetensorsException {
    expect(name, device.transfer().toDoubles(actual), quantity);
  }

  void expect(String name, double actual, Quantity quantity) throws SafetensorsException {
    expect(name, new double[] {actual}, quantity);
  }

  void expect(String name, double[] actual, Quantity quantity) throws SafetensorsException {
    double[] expected = numbers(name);
    if (expected.length != actual.length) {
      throw new SafetensorsException(
          path(),
          prefix + name,
          "has %d elements where the device computes %d".formatted(expected.length, actual.length));
    }
    int stored = file.info(prefix + name).type().bytes();
    Tolerance tolerance = quantity.tolerance(device.elementType(), stored);
    deviations.add(tolerance.deviation(prefix + name, expected, actual));
  }

  /** Holds every tensor after this view's prefix to the one that {@code actual} has by its name. */
  void expectAll(FlatTensors actual, Quantity quantity) throws SafetensorsException {
    for (TensorInfo expected : file.tensors()) {
      if (expected.name().startsWith(prefix)) {
        String name = expected.name().substring(prefix.length());
        if (!actual.byName().containsKey(name)) {
          throw new SafetensorsException(path(), expected.name(), "is no parameter of the model");
        }
        expect(name, actual.tensor(name), quantity);
      }
    }
  }

  /** Everything that was compared so far. */
  List<Deviation> deviations() {
    return Collections.unmodifiableList(deviations);
  }

  /** Names of the tensors that nobody has looked at. */
  Set<String> untouched() {
    return Collections.unmodifiableSet(untouched);
  }

  @Override
  public void close() {
    device.close();
    file.close();
  }
}
