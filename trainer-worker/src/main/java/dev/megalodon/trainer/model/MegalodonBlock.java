package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Allocator;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import java.util.Optional;

/**
 * One block (arXiv 2404.08801, section 3.4): y = x + Attention(x), out = x + FeedForward(y). What
 * crosses from one piece of a sequence to the next, and its gradient, goes in and comes out by
 * name, so a sequence may be cut anywhere: in time, or over ranks.
 */
final class MegalodonBlock {
  private final Device device;
  private final MovingAverageGatedAttention mega;
  private final FeedForward feedForward;

  MegalodonBlock(Device device, Allocator allocator, ModelConfig config) {
    this.device = device;
    this.mega = new MovingAverageGatedAttention(device, allocator, config);
    this.feedForward = new FeedForward(device, config);
  }

  /**
   * Writes {@code act}, its output included, and the state after the piece.
   *
   * @param x (B, L, D)
   * @param in state before the piece
   * @param openChunk the chunk that the piece continues without passing its end; absent: the piece
   *     begins at a chunk's border
   * @param exchange completes {@code in}
   * @param out state after the piece; may be {@code in} if there will be no backward
   */
  void forward(
      BlockWeights weights,
      Tensor x,
      BlockState in,
      Optional<OpenChunk> openChunk,
      StateExchange exchange,
      BlockActivations act,
      BlockState out) {
    mega.forward(weights.mega(), x, in, openChunk, exchange, act.mega(), out);
    feedForward.forward(weights.feedForward(), x, act.mega().output(), act.feedForward());
  }

  /**
   * Adds to {@code gradients} and turns {@code scratch.stream()} from the gradient of the output
   * into that of x.
   *
   * @param x (B, L, D), as forward saw it
   * @param in the state before the piece, as forward saw it
   * @param exchange completes {@code dStateOut}
   * @param dStateOut gradient of the state after the piece
   * @param dStateIn gradient of the state before the piece, overwritten
   */
  void backward(
      BlockWeights weights,
      Tensor x,
      BlockState in,
      StateExchange exchange,
      BlockActivations act,
      BlockStateGradient dStateOut,
      BlockWeights gradients,
      BackwardScratch scratch,
      BlockStateGradient dStateIn) {
    Tensor stream = scratch.stream();
    Tensor dy = scratch.middle();
    feedForward.backward(
        weights.feedForward(),
        act.mega().output(),
        act.feedForward(),
        stream,
        gradients.feedForward(),
        scratch,
        dy);
    mega.backward(
        weights.mega(),
        x,
        in,
        exchange,
        act.mega(),
        dy,
        dStateOut,
        gradients.mega(),
        scratch,
        dStateIn);
    device.pointwise().add(stream, dy, stream);
    device.pointwise().add(stream, scratch.mixed(), stream);
  }
}
