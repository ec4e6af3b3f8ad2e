package dev.megalodon.trainer.memory;

import dev.megalodon.trainer.job.TrainingPlan;
import dev.megalodon.trainer.model.ModelConfig;

/**
 * What one rank is asked to do, as far as memory is concerned.
 *
 * @param model what is trained
 * @param precision of parameters, gradients and the optimizer
 * @param rank this rank; rank 0 copies all parameters for a checkpoint
 * @param ranks of the job
 * @param chunkParallel ranks that share a sequence
 * @param microSequences sequences worked on at once
 * @param sequenceLength tokens of a whole sequence
 * @param recomputation what is computed again in the backward pass
 * @param threads that compute
 * @param buddies other ranks whose shards this one keeps a copy of; 0 until ranks do so
 */
public record MemoryRequest(
    ModelConfig model,
    Precision precision,
    int rank,
    int ranks,
    int chunkParallel,
    int microSequences,
    int sequenceLength,
    Recomputation recomputation,
    int threads,
    int buddies) {

  /** What is computed again in the backward pass, to be kept no longer than that takes. */
  public enum Recomputation {
    /** Nothing: every layer's activations are kept. */
    NONE,
    /** Every layer: only its input is kept. */
    LAYER
  }

  /** What one rank of a planned run asks for. */
  public static MemoryRequest of(TrainingPlan plan, int rank, int ranks) {
    boolean reference = plan.compute().device().equals("reference");
    return new MemoryRequest(
        plan.model(),
        reference ? Precision.FP64 : Precision.FP32,
        rank,
        ranks,
        /* chunkParallel= */ 1,
        plan.batches().microSequences(),
        plan.data().sequenceLength(),
        Recomputation.NONE,
        plan.compute().threads(),
        /* buddies= */ 0);
  }

  /** The same with another recomputation. */
  public MemoryRequest with(Recomputation other) {
    return new MemoryRequest(
        model,
        precision,
        rank,
        ranks,
        chunkParallel,
        microSequences,
        sequenceLength,
        other,
        threads,
        buddies);
  }

  /** The same in another precision. */
  public MemoryRequest with(Precision other) {
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

  /** Tokens of the longest slice of a sequence that one rank holds: whole attention chunks. */
  public int sliceLength() {
    int share = Math.ceilDiv(sequenceLength, chunkParallel);
    int chunk = model.chunkSize();
    return chunkParallel == 1 ? sequenceLength : Math.ceilDiv(share, chunk) * chunk;
  }
}
