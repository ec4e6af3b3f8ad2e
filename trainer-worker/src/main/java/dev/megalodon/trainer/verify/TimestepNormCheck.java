package dev.megalodon.trainer.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import java.io.IOException;
import java.util.Optional;

/** Timestep norm, forward and backward, with carried states and padding. */
final class TimestepNormCheck implements Cases {
  @Override
  public void run(GoldenFile file, JsonNode config) throws IOException {
    Device device = file.device();
    double epsilon = file.config("eps").doubleValue();
    Quantity quantity = config.has("shift") ? Quantity.SHIFTED : Quantity.OPERATION;
    long batch = file.dim("x", 0);
    long groups = file.dim("mean_out", 1);
    Tensor x = file.input("x");
    Tensor weight = file.input("weight");
    Optional<Tensor> mask = file.mask("mask");
    TimestepNorm.State in = stateBefore(file, batch, groups);
    TimestepNorm.State out = TimestepNorm.State.allocate(device, batch, groups);
    TimestepNorm.Saved saved = TimestepNorm.Saved.allocate(device, batch, file.dim("x", 1), groups);
    Tensor y = file.garbageLike("x");
    device.timestepNorm().forward(x, weight, file.input("bias"), mask, in, epsilon, y, saved, out);
    file.expect("y", y, quantity);
    file.expect("count_out", out.count(), quantity);
    file.expect("mean_out", out.mean(), quantity);
    file.expect("var_out", out.variance(), quantity);
    backward(file, new Forward(x, weight, mask, in, saved), quantity);
  }

  /** What backward needs of forward. */
  private record Forward(
      Tensor x,
      Tensor weight,
      Optional<Tensor> mask,
      TimestepNorm.State in,
      TimestepNorm.Saved saved) {}

  private static void backward(GoldenFile file, Forward forward, Quantity quantity)
      throws IOException {
    TimestepNorm.StateGradient out =
        new TimestepNorm.StateGradient(
            file.input("dmean_out", ElementType.FLOAT64),
            file.input("dvar_out", ElementType.FLOAT64));
    TimestepNorm.StateGradient in =
        TimestepNorm.StateGradient.allocate(file.device(), out.mean().dim(0), out.mean().dim(1));
    Tensor dx = file.input("dy");
    Tensor dWeight = file.like("weight");
    Tensor dBias = file.like("bias");
    file.device()
        .timestepNorm()
        .backward(
            dx,
            forward.x(),
            forward.weight(),
            forward.mask(),
            forward.in(),
            forward.saved(),
            out,
            dx,
            dWeight,
            dBias,
            in);
    file.expect("dx", dx, quantity);
    file.expect("dweight", dWeight, quantity);
    file.expect("dbias", dBias, quantity);
    if (file.has("dmean")) {
      file.expect("dmean", in.mean(), quantity);
      file.expect("dvar", in.variance(), quantity);
    }
  }

  private static TimestepNorm.State stateBefore(GoldenFile file, long batch, long groups)
      throws IOException {
    if (file.has("count")) {
      return new TimestepNorm.State(
          file.input("count", ElementType.FLOAT64),
          file.input("mean", ElementType.FLOAT64),
          file.input("var", ElementType.FLOAT64));
    }
    TimestepNorm.State state = TimestepNorm.State.allocate(file.device(), batch, groups);
    file.device().pointwise().fill(state.variance(), 1);
    return state;
  }
}
