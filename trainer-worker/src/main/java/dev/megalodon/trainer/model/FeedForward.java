package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import java.util.Optional;

/**
 * Normalized feed-forward network with the residual of two hops (arXiv 2404.08801, section 3.4): n
 * = LayerNorm(y), h = silu(n·W1ᵀ) [⊙ n·W3ᵀ], out = x + [α ⊙] h·W2ᵀ, where x is the input of the
 * block and not y.
 */
final class FeedForward {
  private final Device device;
  private final LinearLayer linear;
  private final double epsilon;

  FeedForward(Device device, ModelConfig config) {
    this.device = device;
    this.linear = new LinearLayer(device);
    this.epsilon = config.normEpsilon();
  }

  /**
   * Writes {@code act}, its output included.
   *
   * @param x (B, L, D): the block's input
   * @param y (B, L, D): the output of attention
   */
  void forward(FeedForwardWeights weights, Tensor x, Tensor y, FeedForwardActivations act) {
    device
        .layerNorm()
        .forward(
            y,
            weights.normWeight(),
            weights.normBias(),
            epsilon,
            act.normalized(),
            act.mean(),
            act.inverseDeviation()); // (B, L, D)
    linear.forward(act.normalized(), weights.fc1(), act.gate()); // (B, L, F)
    activate(weights, act);
    addOutput(weights, x, act);
  }

  private void activate(FeedForwardWeights weights, FeedForwardActivations act) {
    if (weights.fc3().isEmpty()) {
      device.pointwise().silu(act.gate(), act.hidden());
      return;
    }
    Tensor up = act.up().orElseThrow();
    linear.forward(act.normalized(), weights.fc3().get(), up);
    device.pointwise().swiglu(act.gate(), up, act.hidden());
  }

  private void addOutput(FeedForwardWeights weights, Tensor x, FeedForwardActivations act) {
    Tensor out = act.output();
    if (weights.alpha().isEmpty()) {
      device.pointwise().copy(x, out);
      linear.accumulate(act.hidden(), weights.fc2(), out); // (B, L, D)
      return;
    }
    Tensor unscaled = act.unscaled().orElseThrow();
    linear.forward(act.hidden(), weights.fc2(), unscaled);
    device.pointwise().scaleColumns(unscaled, weights.alpha().get(), out);
    device.pointwise().add(x, out, out);
  }

  /**
   * Adds to {@code gradients} and writes the gradient of y; that of x is dOut itself.
   *
   * @param y (B, L, D), as forward saw it
   * @param dOut (B, L, D)
   * @param dy (B, L, D), overwritten
   */
  void backward(
      FeedForwardWeights weights,
      Tensor y,
      FeedForwardActivations act,
      Tensor dOut,
      FeedForwardWeights gradients,
      BackwardScratch scratch,
      Tensor dy) {
    Tensor dUnscaled = unscale(weights, act, dOut, gradients, scratch); // (B, L, D)
    Tensor dGate = scratch.hidden();
    linear.inputGradient(dUnscaled, weights.fc2(), dGate); // (B, L, F): dh
    linear.parameterGradient(dUnscaled, act.hidden(), gradients.fc2());
    deactivate(weights, act, gradients, scratch, dy);
    linear.parameterGradient(dGate, act.normalized(), gradients.fc1());
    device
        .layerNorm()
        .backward(
            dy,
            y,
            weights.normWeight(),
            act.mean(),
            act.inverseDeviation(),
            dy,
            gradients.normWeight(),
            gradients.normBias());
  }

  /** dα += Σ dOut ⊙ (h·W2ᵀ); what remains is the gradient of h·W2ᵀ. */
  private Tensor unscale(
      FeedForwardWeights weights,
      FeedForwardActivations act,
      Tensor dOut,
      FeedForwardWeights gradients,
      BackwardScratch scratch) {
    Optional<Tensor> alpha = weights.alpha();
    if (alpha.isEmpty()) {
      return dOut;
    }
    Tensor dUnscaled = scratch.scaled().orElseThrow();
    device
        .pointwise()
        .scaleColumnsBackward(
            dOut,
            act.unscaled().orElseThrow(),
            alpha.get(),
            dUnscaled,
            gradients.alpha().orElseThrow());
    return dUnscaled;
  }

  /** Turns dh into df1 in place, and writes dn = df1·W1 [+ df3·W3]. */
  private void deactivate(
      FeedForwardWeights weights,
      FeedForwardActivations act,
      FeedForwardWeights gradients,
      BackwardScratch scratch,
      Tensor dNormalized) {
    Tensor dGate = scratch.hidden();
    if (weights.fc3().isEmpty()) {
      device.pointwise().siluBackward(dGate, act.gate(), dGate);
      linear.inputGradient(dGate, weights.fc1(), dNormalized);
      return;
    }
    Tensor dUp = scratch.up().orElseThrow();
    device.pointwise().swigluBackward(dGate, act.gate(), act.up().orElseThrow(), dGate, dUp);
    linear.parameterGradient(dUp, act.normalized(), gradients.fc3().orElseThrow());
    linear.inputGradient(dGate, weights.fc1(), dNormalized);
    linear.accumulateInputGradient(dUp, weights.fc3().get(), dNormalized);
  }
}
