package dev.megalodon.kernels.host;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.HostTransfer;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.shape.Shapes;
import java.lang.foreign.MemorySegment;

/** Transfer for devices whose memory is the host's own. */
public final class HostMemoryTransfer implements HostTransfer {
  @Override
  public void write(double[] source, Tensor target) {
    Shapes.require(source.length == target.size(), "%d values for %s", source.length, target);
    if (target.type() == ElementType.FLOAT64) {
      MemorySegment.copy(source, 0, target.memory(), JAVA_DOUBLE, 0, source.length);
      return;
    }
    for (int i = 0; i < source.length; i++) {
      HostElements.set(target, i, source[i]);
    }
  }

  @Override
  public void write(float[] source, Tensor target) {
    Shapes.require(source.length == target.size(), "%d values for %s", source.length, target);
    if (target.type() == ElementType.FLOAT32) {
      MemorySegment.copy(source, 0, target.memory(), JAVA_FLOAT, 0, source.length);
      return;
    }
    for (int i = 0; i < source.length; i++) {
      HostElements.set(target, i, source[i]);
    }
  }

  @Override
  public void write(int[] source, Tensor target) {
    Shapes.expect("target", target, ElementType.INT32, source.length);
    MemorySegment.copy(source, 0, target.memory(), JAVA_INT, 0, source.length);
  }

  @Override
  public void write(byte[] source, Tensor target) {
    Shapes.expect("target", target, ElementType.UINT8, source.length);
    MemorySegment.copy(source, 0, target.memory(), JAVA_BYTE, 0, source.length);
  }

  @Override
  public double[] toDoubles(Tensor source) {
    double[] values = new double[Math.toIntExact(source.size())];
    if (source.type() == ElementType.FLOAT64) {
      MemorySegment.copy(source.memory(), JAVA_DOUBLE, 0, values, 0, values.length);
      return values;
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = HostElements.get(source, i);
    }
    return values;
  }

  @Override
  public float[] toFloats(Tensor source) {
    float[] values = new float[Math.toIntExact(source.size())];
    if (source.type() == ElementType.FLOAT32) {
      MemorySegment.copy(source.memory(), JAVA_FLOAT, 0, values, 0, values.length);
      return values;
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) HostElements.get(source, i);
    }
    return values;
  }
}
