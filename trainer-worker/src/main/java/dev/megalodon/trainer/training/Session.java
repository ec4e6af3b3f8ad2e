package dev.megalodon.trainer.training;

import dev.megalodon.trainer.checkpoint.CheckpointId;
import dev.megalodon.trainer.parallel.ChunkGroup;
import dev.megalodon.trainer.parallel.Collectives;
import dev.megalodon.trainer.parallel.NeighbourExchange;
import dev.megalodon.trainer.parallel.StepClock;

/**
 * The time in which one set of processes trains together: a rendezvous epoch.
 *
 * @param incarnation first half of the epoch's id
 * @param counter second half of the epoch's id
 * @param number the epoch as one number that grows with it
 * @param resume what rank 0 decided to go on from, as {@link ResumePoint#encoded} wrote it
 * @param collectives between its ranks; they throw as soon as a rank is lost
 * @param chunkGroup the ranks that share this rank's sequences; it throws as collectives do
 * @param neighbours messages to and from the ranks beside this one; it throws as collectives do
 * @param wholeness throws as collectives do once a rank is lost: for long work between them
 * @param clock is told what this rank does
 */
public record Session(
    long incarnation,
    long counter,
    long number,
    String resume,
    Collectives collectives,
    ChunkGroup chunkGroup,
    NeighbourExchange neighbours,
    Runnable wholeness,
    StepClock clock) {

  /** The epoch as people write it. */
  public String epoch() {
    return incarnation + "." + counter;
  }

  /** Names the checkpoint of a step in this epoch. */
  CheckpointId checkpointAt(long step) {
    return new CheckpointId(incarnation, counter, step);
  }
}
