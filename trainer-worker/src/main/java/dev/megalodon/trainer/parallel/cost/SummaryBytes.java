package dev.megalodon.trainer.parallel.cost;

/**
 * Bytes that one rank has to say per layer and direction.
 *
 * @param norm timestep norm's statistics or their gradients: counts, and 2 · B · G numbers
 * @param average CEMA's state or its gradient: 2 · B · D · N numbers
 */
public record SummaryBytes(long norm, long average) {
  /** Checks the numbers. */
  public SummaryBytes {
    if (norm < 0 || average < 0) {
      throw new IllegalArgumentException("no summary has %d and %d bytes".formatted(norm, average));
    }
  }
}
