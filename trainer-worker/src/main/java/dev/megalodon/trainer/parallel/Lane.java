package dev.megalodon.trainer.parallel;

/**
 * One kind of traffic between two ranks, with streams of its own: what waits on one lane never
 * stands before a message of another.
 *
 * @param number tells lanes apart, the same on both ends
 * @param links to how many peers a rank has links on this lane; they share the lane's buffers
 */
public record Lane(int number, int links) {
  /** Large buffers, round the ring of all ranks. */
  public static final Lane RING = new Lane(0, 1);

  /** Large messages to and from both neighbours in the ring, outside of collectives. */
  public static final Lane NEIGHBOURS = new Lane(2, 2);

  private static final int CHUNKS = 1;

  /** Checks the numbers. */
  public Lane {
    if (number < 0 || links < 1) {
      throw new IllegalArgumentException("lane %d with %d links".formatted(number, links));
    }
  }

  /** Small messages of a chunk group, each rank with each. */
  public static Lane chunks(int groupSize) {
    return new Lane(CHUNKS, Math.max(1, groupSize - 1));
  }
}
