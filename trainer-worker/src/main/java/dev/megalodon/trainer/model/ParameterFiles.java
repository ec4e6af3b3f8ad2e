package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.safetensors.SafetensorsException;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.kernels.safetensors.SafetensorsWriter;
import dev.megalodon.kernels.safetensors.TensorInfo;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Parameters in safetensors files, by the reference implementation's names. */
public final class ParameterFiles {
  /** Name of the embedding. */
  public static final String EMBEDDING = ParameterCatalog.EMBEDDING;

  /** Name of the output projection, which a model that shares its embedding lacks. */
  public static final String OUTPUT = ParameterCatalog.OUTPUT;

  private static final int SLICE = 1 << 20;

  /** What the reference implementation stores beside parameters and this one does not need. */
  private static final Pattern BUFFER =
      Pattern.compile(".*(timenorm|final_norm)\\.prior_(count|mean|logv)|(.*\\.)?rope\\.freqs");

  private ParameterFiles() {}

  /**
   * What to write to store parameters, as views: nothing is copied.
   *
   * @param parameters in memory that the host can address
   */
  public static List<SafetensorsWriter.Entry> entries(FlatTensors parameters) {
    return parameters.byName().entrySet().stream()
        .map(entry -> SafetensorsWriter.Entry.of(entry.getKey(), entry.getValue()))
        .toList();
  }

  /**
   * Whether a name is of a buffer that the reference implementation stores and this one does not.
   */
  public static boolean isOfficialBuffer(String name) {
    return BUFFER.matcher(name).matches();
  }

  /**
   * Checks that a file holds a model's parameters, before memory is spent on them.
   *
   * @throws SafetensorsException when a parameter is missing, has another shape, or the file has
   *     one that the model lacks
   */
  public static void requireFits(SafetensorsFile file, FlatLayout layout) throws IOException {
    Map<String, FlatLayout.Entry> wanted = layout.byName();
    for (TensorInfo info : file.tensors()) {
      boolean known = wanted.containsKey(info.name()) || isOfficialBuffer(info.name());
      if (!known && !isTiedOutput(file, info.name())) {
        throw new SafetensorsException(
            file.path(), info.name(), "is no parameter of this model: is it another model's file?");
      }
    }
    for (FlatLayout.Entry parameter : layout.entries()) {
      TensorInfo info = file.info(parameter.name());
      if (!info.dims().equals(parameter.dims())) {
        throw new SafetensorsException(
            file.path(),
            info.name(),
            "has the shape %s, the model's is %s".formatted(info.dims(), parameter.dims()));
      }
    }
  }

  /** The reference implementation stores a shared embedding under both names. */
  private static boolean isTiedOutput(SafetensorsFile file, String name) throws IOException {
    return name.equals(OUTPUT) && file.segment(OUTPUT).mismatch(file.segment(EMBEDDING)) == -1;
  }

  /**
   * Reads all parameters, converting between floating types.
   *
   * @throws SafetensorsException when the file does not {@link #requireFits fit}
   */
  public static void load(SafetensorsFile file, Device device, FlatTensors parameters)
      throws IOException {
    requireFits(file, parameters.layout());
    for (Map.Entry<String, Tensor> parameter : parameters.byName().entrySet()) {
      load(file, device, parameter.getKey(), parameter.getValue());
    }
  }

  private static void load(SafetensorsFile file, Device device, String name, Tensor target)
      throws IOException {
    load(file, device, name, 0, target);
  }

  /**
   * Reads a part of a tensor, converting between floating types.
   *
   * @param offset elements of the tensor before {@code target}
   * @throws SafetensorsException when the file has no such tensor or it is too short
   */
  public static void load(
      SafetensorsFile file, Device device, String name, long offset, Tensor target)
      throws IOException {
    for (long from = 0; from < target.size(); from += SLICE) {
      int count = (int) Math.min(SLICE, target.size() - from);
      device.transfer().write(file.doubles(name, offset + from, count), target.view(from, count));
    }
  }
}
