package dev.megalodon.trainer.parallel.cost;

import dev.megalodon.trainer.parallel.Collectives;

/**
 * What one layer's computation takes on one slice of a micro-batch, in nanoseconds.
 *
 * @param statesForward timestep norm and CEMA, from the state before the slice to the state after
 * @param statesBackward their backward pass
 * @param summariesForward what all-gather computes in addition: the slice's moments, and the state
 *     that CEMA reaches from zero
 * @param summariesBackward the same of the backward pass: gradient sums, and CEMA's adjoint
 * @param averageCoverForward work between the begin and the await of CEMA's gather
 * @param averageCoverBackward the same of the backward pass
 * @param normCoverBackward work between the begin and the await of the gather of timestep norm's
 *     gradients; its forward gather has none
 */
public record LayerTimes(
    long statesForward,
    long statesBackward,
    long summariesForward,
    long summariesBackward,
    long averageCoverForward,
    long averageCoverBackward,
    long normCoverBackward) {
  /** Checks that no time is negative. */
  public LayerTimes {
    if (statesForward < 0
        || statesBackward < 0
        || summariesForward < 0
        || summariesBackward < 0
        || averageCoverForward < 0
        || averageCoverBackward < 0
        || normCoverBackward < 0) {
      throw new IllegalArgumentException("a layer's computation takes no negative time");
    }
  }

  /** The slowest rank's times; every rank calls it and gets the same. */
  public LayerTimes slowest(Collectives collectives) {
    long[] agreed =
        Agreement.largest(
            collectives,
            statesForward,
            statesBackward,
            summariesForward,
            summariesBackward,
            averageCoverForward,
            averageCoverBackward,
            normCoverBackward);
    return new LayerTimes(
        agreed[0], agreed[1], agreed[2], agreed[3], agreed[4], agreed[5], agreed[6]);
  }
}
