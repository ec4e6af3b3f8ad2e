package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

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

  /**
   * Everything that is carried to the next piece, by layer as {@code layers.i.} and {@code
   * final_norm.}: count, mean, var, h (B, D, N, 2), and of the open chunk, where there is one,
   * k_rotated (B, steps, Z) and v (B, steps, E).
   */
  public Map<String, double[]> carried() {
    Map<String, double[]> carried = new LinkedHashMap<>();
    for (int layer = 0; layer < model.config().layers(); layer++) {
      String name = "layers." + layer + ".";
      BlockState block = state.carried().blocks().get(layer);
      addStatistics(carried, name, block.timestepNorm());
      carried.put(name + "h", doubles(block.cema()));
      OpenChunk open = state.openChunk(layer);
      if (open.length() > 0) {
        carried.put(name + "k_rotated", firstSteps(open.keys(), open.length()));
        carried.put(name + "v", firstSteps(open.values(), open.length()));
      }
    }
    addStatistics(carried, "final_norm.", state.carried().finalNorm());
    return carried;
  }

  private void addStatistics(
      Map<String, double[]> carried, String name, TimestepNorm.State statistics) {
    carried.put(name + "count", doubles(statistics.count()));
    carried.put(name + "mean", doubles(statistics.mean()));
    carried.put(name + "var", doubles(statistics.variance()));
  }

  private double[] firstSteps(Tensor chunk, long steps) {
    long width = chunk.dim(2);
    return IntStream.range(0, batch)
        .mapToObj(b -> doubles(chunk.view(b * chunk.dim(1) * width, steps * width)))
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }

  private double[] doubles(Tensor tensor) {
    return model.device().transfer().toDoubles(tensor);
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
