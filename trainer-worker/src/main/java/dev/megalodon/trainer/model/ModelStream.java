package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import java.util.Optional;

/**
 * Reads tokens piece by piece, of any length, and gives the logits that one forward pass over all
 * of them would give. Memory does not grow with what was read; it is the device's until the device
 * is closed, so keep a stream and {@link #reset} it.
 */
public final class ModelStream {
  private final MegalodonModel model;
  private final int batch;
  private final StreamState state;
  private final ReusableMemory memory;
  private ModelActivations activations;

  /**
   * At the start of {@code batch} sequences.
   *
   * @param model shared with nobody who computes at the same time
   */
  public ModelStream(MegalodonModel model, int batch) {
    this.model = model;
    this.batch = batch;
    this.state = StreamState.fresh(model.device(), model.config(), batch);
    this.memory = new ReusableMemory(model.device());
    this.activations = activations(model.config().chunkSize());
  }

  /** Receives logits. */
  @FunctionalInterface
  public interface LogitsSink {
    /**
     * Takes the logits of some of the tokens fed.
     *
     * @param from steps of this feed before the first
     * @param logits (B, steps, V), valid until the sink returns
     */
    void accept(int from, Tensor logits);
  }

  /**
   * Reads on.
   *
   * @param tokens B·length tokens, sequence after sequence
   * @param sink gets the logits of all steps in order, in pieces that end at chunks' borders
   */
  public void feed(int[] tokens, LogitsSink sink) {
    int length = tokens.length / batch;
    if (length * batch != tokens.length) {
      throw new IllegalArgumentException(
          "%d tokens are not %d sequences of one length".formatted(tokens.length, batch));
    }
    int from = 0;
    while (from < length) {
      int steps = (int) Math.min(length - from, model.config().chunkSize() - state.openLength());
      sink.accept(from, forward(piece(tokens, length, from, steps)));
      from += steps;
    }
  }

  /** Begins new sequences. */
  public void reset() {
    state.reset(model.device());
  }

  /** Where the stream is. */
  StreamState state() {
    return state;
  }

  private Tensor forward(int[] piece) {
    int steps = piece.length / batch;
    if (activations.tokens().dim(1) != steps) {
      activations = activations(steps);
    }
    Device device = model.device();
    device.transfer().write(piece, activations.tokens());
    ModelState carried = state.carried();
    model.forward(carried, layer -> Optional.of(state.openChunk(layer)), activations, carried);
    return activations.logits();
  }

  private ModelActivations activations(int steps) {
    memory.rewind();
    return ModelActivations.forInference(model.device(), memory, model.config(), batch, steps);
  }

  private int[] piece(int[] tokens, int length, int from, int steps) {
    int[] piece = new int[batch * steps];
    for (int b = 0; b < batch; b++) {
      System.arraycopy(tokens, b * length + from, piece, b * steps, steps);
    }
    return piece;
  }
}
