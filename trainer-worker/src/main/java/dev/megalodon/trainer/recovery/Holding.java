package dev.megalodon.trainer.recovery;

import org.jspecify.annotations.Nullable;

/**
 * The state that one rank has in memory, as it tells rank 0 when it comes back to the rendezvous:
 * parameters of its own slices and of its buddy's, with the optimizer's state of both.
 *
 * @param lineage number of the epoch in which all ranks last took the same state from a checkpoint
 *     or the beginning; states of one lineage differ by the step in flight at most
 * @param step steps that are in the state
 * @param reduced whether the rank also has the summed gradients of the step after it, and can do
 *     that step's update as soon as it knows the norm
 * @param loss training loss of the last step in the state; absent before the first
 * @param initialHeldOutLoss held-out loss before the first step; absent when not measured
 * @param heldOutLoss newest held-out loss; absent when not measured
 * @param gradientNorm global norm of the last step in the state; absent before the first
 * @param numerics what the bits of the results depend on
 * @param dataFingerprint fingerprint of the training text
 */
public record Holding(
    long lineage,
    long step,
    boolean reduced,
    @Nullable Double loss,
    @Nullable Double initialHeldOutLoss,
    @Nullable Double heldOutLoss,
    @Nullable Double gradientNorm,
    String numerics,
    String dataFingerprint) {

  /** As text, for rank 0. */
  public String encoded() {
    return Encoding.write(this);
  }

  /** What {@link #encoded} wrote. */
  static Holding decode(String text) {
    return Encoding.read(text, Holding.class);
  }
}
