package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;

/** How a timestep norm's states and gradients lie in a message, as views on it. */
final class StateMessages {
  private StateMessages() {}

  /** Elements of a message with a state. */
  static long normSize(long batch, long groups) {
    return batch + 2 * batch * groups;
  }

  /** Count (B), mean (B, G), variance (B, G). */
  static TimestepNorm.State norm(Tensor message, long batch, long groups) {
    return new TimestepNorm.State(
        message.view(0, batch),
        message.view(batch, batch, groups),
        message.view(batch + batch * groups, batch, groups));
  }

  /** Gradients of mean (B, G) and variance (B, G). */
  static TimestepNorm.StateGradient normGradient(Tensor message, long batch, long groups) {
    return new TimestepNorm.StateGradient(
        message.view(0, batch, groups), message.view(batch * groups, batch, groups));
  }

  /** Origin (B, G) and both sums (B, G). */
  static TimestepNorm.MomentGradient sums(Tensor message, long batch, long groups) {
    long size = batch * groups;
    return new TimestepNorm.MomentGradient(
        message.view(0, batch, groups),
        message.view(size, batch, groups),
        message.view(2 * size, batch, groups));
  }
}
