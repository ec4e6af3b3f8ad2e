package dev.megalodon.kernels.golden;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** One file of golden numbers, open together with the device that is held to them. */
final class Fixture implements AutoCloseable {
  private final SafetensorsFile file;
  private final TestDevice testDevice;
  private final Device device;
  private final String prefix;

  private Fixture(SafetensorsFile file, TestDevice testDevice, Device device, String prefix) {
    this.file = file;
    this.testDevice = testDevice;
    this.device = device;
    this.prefix = prefix;
  }

  static Fixture open(String name, TestDevice testDevice) throws IOException {
    return new Fixture(
        SafetensorsFile.open(path(name)), testDevice, testDevice.open(), /* prefix= */ "");
  }

  private static Path path(String name) {
    String resource = "/golden/" + name + ".safetensors";
    try {
      return Path.of(Objects.requireNonNull(Fixture.class.getResource(resource), resource).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The same fixture with a prefix put before every name. */
  Fixture at(String newPrefix) {
    return new Fixture(file, testDevice, device, newPrefix);
  }

  Device device() {
    return device;
  }

  JsonNode config() throws JsonProcessingException {
    return new ObjectMapper().readTree(file.metadata().get("config"));
  }

  boolean has(String name) {
    return file.contains(prefix + name);
  }

  double[] numbers(String name) throws IOException {
    return file.doubles(prefix + name);
  }

  long[] dims(String name) throws IOException {
    return file.info(prefix + name).shape();
  }

  /** An input in the device's element type. */
  Tensor input(String name) throws IOException {
    return input(name, device.elementType());
  }

  /** An input in a type of one's choice. */
  Tensor input(String name, ElementType type) throws IOException {
    Tensor tensor = device.allocate(type, dims(name));
    device.transfer().write(numbers(name), tensor);
    return tensor;
  }

  Tensor integers(String name) throws IOException {
    Tensor tensor = device.allocate(ElementType.INT32, dims(name));
    device.transfer().write(file.ints(prefix + name), tensor);
    return tensor;
  }

  Optional<Tensor> mask(String name) throws IOException {
    if (!has(name)) {
      return Optional.empty();
    }
    Tensor tensor = device.allocate(ElementType.UINT8, dims(name));
    int[] values = file.ints(prefix + name);
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    device.transfer().write(bytes, tensor);
    return Optional.of(tensor);
  }

  /** Steps {@code from} to {@code from} + {@code steps} − 1 of an input (B, L, …). */
  Tensor steps(String name, ElementType type, long from, long steps) throws IOException {
    long[] dims = dims(name);
    int width = Math.toIntExact(dims.length == 3 ? dims[2] : 1);
    double[] all = numbers(name);
    double[] piece = new double[Math.toIntExact(dims[0] * steps * width)];
    for (int b = 0; b < dims[0]; b++) {
      int source = Math.toIntExact((b * dims[1] + from) * width);
      int count = Math.toIntExact(steps * width);
      System.arraycopy(all, source, piece, b * count, count);
    }
    Tensor tensor = device.allocate(type, dims[0], steps, width);
    device.transfer().write(piece, tensor);
    return tensor;
  }

  /** A zeroed tensor shaped as a named one. */
  Tensor like(String name) throws IOException {
    return device.allocate(device.elementType(), dims(name));
  }

  /** A tensor shaped as a named one, full of a value that nothing may keep. */
  Tensor garbageLike(String name) throws IOException {
    Tensor tensor = like(name);
    device.pointwise().fill(tensor, 1e30);
    return tensor;
  }

  void expect(String name, Tensor actual) throws IOException {
    expect(name, actual, /* shifted= */ false);
  }

  void expect(String name, Tensor actual, boolean shifted) throws IOException {
    testDevice.compare(prefix + name, numbers(name), device.transfer().toDoubles(actual), shifted);
  }

  /** Compares pieces (B, l, D) that follow one another with a tensor (B, L, D). */
  void expectSteps(String name, List<Tensor> pieces, boolean shifted) throws IOException {
    double[] whole = new double[numbers(name).length];
    long[] dims = dims(name);
    long from = 0;
    for (Tensor piece : pieces) {
      double[] values = device.transfer().toDoubles(piece);
      int count = Math.toIntExact(piece.dim(1) * piece.dim(2));
      for (int b = 0; b < dims[0]; b++) {
        int target = Math.toIntExact((b * dims[1] + from) * dims[2]);
        System.arraycopy(values, b * count, whole, target, count);
      }
      from += piece.dim(1);
    }
    testDevice.compare(prefix + name, numbers(name), whole, shifted);
  }

  void expect(String name, double actual) throws IOException {
    testDevice.compare(prefix + name, numbers(name), new double[] {actual}, /* shifted= */ false);
  }

  @Override
  public void close() {
    device.close();
    file.close();
  }
}
