package dev.megalodon.trainer.rendezvous;

import java.util.Map;

/** Decides, on rank 0 and once per epoch, what state all ranks go on from. */
@FunctionalInterface
public interface ResumeDecider {
  /**
   * Decides for an epoch whose roster is complete. Runs on a thread of its own and may read files;
   * may run again for the same ranks if one is lost meanwhile. What it throws, {@link
   * Rendezvous#join} on rank 0 throws.
   *
   * @param holdings what each rank said that it holds, where it said anything
   * @return what every rank gets as {@link Epoch#resume()}, at most 32,000 characters
   */
  String decide(EpochId epoch, Roster roster, Map<Integer, String> holdings);
}
