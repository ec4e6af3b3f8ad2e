package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** One flat buffer (parameters, or their gradients) and the views on it. */
public final class FlatTensors {
  private final FlatLayout layout;
  private final Tensor flat;
  private final Map<String, Tensor> byName = new LinkedHashMap<>();

  /**
   * Views a buffer.
   *
   * @param flat (layout.elements())
   */
  public FlatTensors(FlatLayout layout, Tensor flat) {
    if (flat.size() != layout.elements()) {
      throw new IllegalArgumentException(
          "the layout has %d elements, the buffer %d".formatted(layout.elements(), flat.size()));
    }
    this.layout = layout;
    this.flat = flat;
    for (FlatLayout.Entry entry : layout.entries()) {
      byName.put(entry.name(), flat.view(entry.offset(), entry.shape()));
    }
  }

  /** A zero buffer for gradients: of the device's element type. */
  public static FlatTensors allocate(Device device, FlatLayout layout) {
    return new FlatTensors(layout, device.allocate(device.elementType(), layout.elements()));
  }

  /** A zero buffer for parameters: of the device's type of parameters. */
  public static FlatTensors allocateParameters(Device device, FlatLayout layout) {
    return new FlatTensors(layout, device.allocate(device.parameterType(), layout.elements()));
  }

  /** How the buffer is laid out. */
  public FlatLayout layout() {
    return layout;
  }

  /** The whole buffer. */
  public Tensor flat() {
    return flat;
  }

  /** Views by the reference implementation's names, in the order of the layout. */
  public Map<String, Tensor> byName() {
    return Collections.unmodifiableMap(byName);
  }

  /**
   * One parameter.
   *
   * @throws IllegalArgumentException when the model has none of that name
   */
  public Tensor tensor(String name) {
    Tensor tensor = byName.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("the model has no parameter '" + name + "'");
    }
    return tensor;
  }

  /** All of a bucket. */
  public Tensor bucket(FlatLayout.Bucket bucket) {
    return flat.view(bucket.offset(), bucket.elements());
  }

  /** The slice of a bucket that a rank owns. */
  public Tensor slice(FlatLayout.Bucket bucket, int rank) {
    return flat.view(layout.sliceOffset(bucket, rank), layout.sliceElements(bucket));
  }
}
