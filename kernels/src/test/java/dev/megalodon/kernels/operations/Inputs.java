package dev.megalodon.kernels.operations;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.host.Bfloat16;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;

/** Random tensors, the same on every device: all values are exact in single precision. */
final class Inputs {
  private final Device device;
  private final Random random;

  Inputs(Device device, long seed) {
    this.device = device;
    this.random = new Random(seed);
  }

  /** Normally distributed, in the device's element type. */
  Tensor normal(long... dims) {
    return normal(device.elementType(), dims);
  }

  Tensor normal(ElementType type, long... dims) {
    return numbers(1, 0, type, dims);
  }

  /** Normally distributed numbers that BFLOAT16 holds, in the device's type of parameters. */
  Tensor parameter(long... dims) {
    return rounded(device.parameterType(), dims);
  }

  /** Normally distributed numbers that BFLOAT16 holds. */
  Tensor rounded(ElementType type, long... dims) {
    Tensor tensor = device.allocate(type, dims);
    float[] values = new float[Math.toIntExact(tensor.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = Bfloat16.round((float) random.nextGaussian());
    }
    device.transfer().write(values, tensor);
    return tensor;
  }

  /** Squares of normal numbers, for what cannot be negative. */
  Tensor positive(ElementType type, long... dims) {
    Tensor tensor = device.allocate(type, dims);
    float[] values = new float[Math.toIntExact(tensor.size())];
    for (int i = 0; i < values.length; i++) {
      float value = (float) random.nextGaussian();
      values[i] = value * value;
    }
    device.transfer().write(values, tensor);
    return tensor;
  }

  /** scale·normal + shift. */
  Tensor numbers(double scale, double shift, ElementType type, long... dims) {
    Tensor tensor = device.allocate(type, dims);
    float[] values = new float[Math.toIntExact(tensor.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (scale * random.nextGaussian() + shift);
    }
    device.transfer().write(values, tensor);
    return tensor;
  }

  /** Whole numbers from 0 to bound − 1. */
  Tensor integers(int bound, long... dims) {
    Tensor tensor = device.allocate(ElementType.INT32, dims);
    device.transfer().write(random.ints(tensor.size(), 0, bound).toArray(), tensor);
    return tensor;
  }

  /** About every fourth step padded. */
  Optional<Tensor> padding(long batch, long length) {
    Tensor tensor = device.allocate(ElementType.UINT8, batch, length);
    byte[] values = new byte[Math.toIntExact(tensor.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) (random.nextInt(4) == 0 ? 1 : 0);
    }
    device.transfer().write(values, tensor);
    return Optional.of(tensor);
  }

  /** What an operation must overwrite: NaN, which no comparison accepts. */
  Tensor output(long... dims) {
    return output(device.elementType(), dims);
  }

  Tensor output(ElementType type, long... dims) {
    Tensor tensor = device.allocate(type, dims);
    double[] values = new double[Math.toIntExact(tensor.size())];
    Arrays.fill(values, Double.NaN);
    device.transfer().write(values, tensor);
    return tensor;
  }

  Device device() {
    return device;
  }
}
