package dev.megalodon.kernels.cpu;

import dev.megalodon.kernels.threads.ThreadTeam;

/** The team of threads with each member's scratch arrays, and the caller's. */
final class Processor {
  /** A part of a call. */
  @FunctionalInterface
  interface RangeKernel {
    /** Works on items {@code from} to {@code to − 1}. */
    void run(Scratch scratch, long from, long to);
  }

  /** Element operations below which a part is not worth handing to another thread. */
  private static final long SMALLEST_PART = 16 * 1024;

  private final ThreadTeam team;
  private final Scratch[] members;
  private final Scratch caller = new Scratch();

  Processor(ThreadTeam team) {
    this.team = team;
    this.members = new Scratch[team.size()];
    for (int i = 0; i < members.length; i++) {
      members[i] = new Scratch();
    }
  }

  /**
   * Runs a kernel over all items.
   *
   * @param workPerItem about how many elements one item stands for
   */
  void forEach(long items, long workPerItem, RangeKernel kernel) {
    long smallestPart = Math.max(1, SMALLEST_PART / Math.max(1, workPerItem));
    team.forEach(items, smallestPart, (member, from, to) -> kernel.run(members[member], from, to));
  }

  /** Arrays for what outlives a single part; never those of a member. */
  Scratch shared() {
    return caller;
  }
}
