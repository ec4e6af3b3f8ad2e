package dev.megalodon.trainer.evaluation;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.model.MegalodonModel;
import dev.megalodon.trainer.model.ModelStream;
import java.util.Arrays;

/**
 * The loss of a document's tokens, each predicted from all before it. Tokens come in pieces of any
 * length; memory does not grow with what was read.
 */
public final class StreamLoss {
  private final Device device;
  private final ModelStream stream;
  private final int chunk;
  private final Tensor targets; // (C)
  private final Tensor losses; // (C)
  private final int[] waiting; // a chunk's tokens and the one that follows
  private int held;
  private long predicted;
  private double nats;

  /**
   * Before a document.
   *
   * @param model shared with nobody who computes at the same time
   */
  public StreamLoss(MegalodonModel model) {
    this.device = model.device();
    this.stream = new ModelStream(model, 1);
    this.chunk = model.config().chunkSize();
    this.targets = device.allocate(ElementType.INT32, chunk);
    this.losses = device.allocate(ElementType.FLOAT64, chunk);
    this.waiting = new int[chunk + 1];
  }

  /**
   * Reads on.
   *
   * @throws IllegalArgumentException when the model lacks a token
   */
  public void accept(int[] tokens) {
    int from = 0;
    while (from < tokens.length) {
      int count = Math.min(tokens.length - from, waiting.length - held);
      System.arraycopy(tokens, from, waiting, held, count);
      held += count;
      from += count;
      if (held == waiting.length) {
        predict();
      }
    }
  }

  /** Whole chunks at a time, so that the stream never has to cut one in two. */
  private void predict() {
    stream.feed(Arrays.copyOf(waiting, held - 1), this::add);
    waiting[0] = waiting[held - 1];
    held = 1;
  }

  private void add(int from, Tensor logits) {
    int steps = Math.toIntExact(logits.dim(1));
    Tensor wanted = targets.slice(0, steps);
    device.transfer().write(Arrays.copyOfRange(waiting, from + 1, from + 1 + steps), wanted);
    Tensor rows = logits.reshape(logits.rows(), logits.dim(-1));
    nats += device.crossEntropy().forward(rows, wanted, /* smoothing= */ 0, losses.slice(0, steps));
    predicted += steps;
  }

  /**
   * The document ends.
   *
   * @param bytes of the text whose tokens were predicted
   * @return the losses of all its tokens but the first; another document may begin
   */
  public TextLoss finish(long bytes) {
    if (held > 1) {
      predict();
    }
    TextLoss loss = new TextLoss(predicted, bytes, nats);
    held = 0;
    predicted = 0;
    nats = 0;
    stream.reset();
    return loss;
  }
}
