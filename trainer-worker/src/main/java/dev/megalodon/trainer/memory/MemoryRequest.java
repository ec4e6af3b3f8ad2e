package dev.megalodon.trainer.memory;

import dev.megalodon.trainer.job.TrainingPlan;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.model.Recompute;
import dev.megalodon.trainer.parallel.Mesh;
import dev.megalodon.trainer.parallel.SequenceSlice;
import dev.megalodon.trainer.training.TrainingState;
import java.util.List;

/**
 * What one rank is asked to do, as far as memory is concerned.
 *
 * @param model what is trained
 * @param types of parameters, gradients and the optimizer
 * @param rank this rank; rank 0 copies all parameters for a checkpoint
 * @param ranks of the job
 * @param chunkParallel ranks that share a sequence
 * @param microSequences sequences worked on at once
 * @param sequenceLength tokens of a whole sequence
 * @param recomputation what is computed again in the backward pass
 * @param threads that compute
 * @param buddies other ranks whose shards this one keeps a copy of
 */
public record MemoryRequest(
    ModelConfig model,
    NumberTypes types,
    int rank,
    int ranks,
    int chunkParallel,
    int microSequences,
    int sequenceLength,
    Recompute recomputation,
    int threads,
    int buddies) {

  /** What one rank of a planned run asks for. */
  public static MemoryRequest of(TrainingPlan plan, int rank, int ranks) {
    return new MemoryRequest(
        plan.model(),
        NumberTypes.of(plan.compute()),
        rank,
        ranks,
        plan.parallel().mesh().chunkParallel(),
        plan.batches().microSequences(),
        plan.data().sequenceLength(),
        plan.recompute(),
        plan.compute().threads(),
        TrainingState.buddies(ranks));
  }

  /** The same with another recomputation. */
  public MemoryRequest with(Recompute other) {
    return new MemoryRequest(
        model,
        types,
        rank,
        ranks,
        chunkParallel,
        microSequences,
        sequenceLength,
        other,
        threads,
        buddies);
  }

  /** The same with other types. */
  public MemoryRequest with(NumberTypes other) {
    return new MemoryRequest(
        model,
        other,
        rank,
        ranks,
        chunkParallel,
        microSequences,
        sequenceLength,
        recomputation,
        threads,
        buddies);
  }

  /** Tokens of the slices of a sequence that ranks share, the longest first. */
  List<Integer> sliceLengths() {
    return Mesh.of(chunkParallel, chunkParallel).slices(sequenceLength, model.chunkSize()).stream()
        .map(SequenceSlice::length)
        .toList();
  }

  /** Tokens of the longest slice that a rank holds. */
  public int sliceLength() {
    return sliceLengths().getFirst();
  }
}
