package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.safetensors.SafetensorsException;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.kernels.safetensors.SafetensorsWriter;
import dev.megalodon.kernels.safetensors.TensorInfo;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Parameters in safetensors files, by the reference implementation's names. */
public final class ParameterFiles {
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
   * Reads all parameters, converting between floating types.
   *
   * @throws SafetensorsException when a parameter is missing, has another shape, or the file has
   *     one that the model lacks
   */
  public static void load(SafetensorsFile file, Device device, FlatTensors parameters)
      throws IOException {
    for (TensorInfo info : file.tensors()) {
      boolean known = parameters.byName().containsKey(info.name());
      if (!known && !BUFFER.matcher(info.name()).matches()) {
        throw new SafetensorsException(
            file.path(), info.name(), "is no parameter of this model: is it another model's file?");
      }
    }
    for (Map.Entry<String, Tensor> parameter : parameters.byName().entrySet()) {
      load(file, device, parameter.getKey(), parameter.getValue());
    }
  }

  private static void load(SafetensorsFile file, Device device, String name, Tensor target)
      throws IOException {
    TensorInfo info = file.info(name);
    if (!Arrays.equals(info.shape(), target.dims())) {
      throw new SafetensorsException(
          file.path(),
          name,
          "has the shape %s, the model's is %s"
              .formatted(info.dims(), Arrays.toString(target.dims())));
    }
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
