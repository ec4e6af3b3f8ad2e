package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.model.annotation.SpecReplicas;

/** How the ranks share the work. */
@ValidationRule(
    value = "(self.workers * self.ranksPerPod) % self.chunkParallel == 0",
    fieldPath = ".chunkParallel",
    message = "chunkParallel must divide workers x ranksPerPod")
@ValidationRule(
    value = "self.ranksPerPod == 1",
    fieldPath = ".ranksPerPod",
    message = "this version runs one rank in a pod: use more workers instead")
public record ParallelismSpec(
    @JsonPropertyDescription(
            "Worker pods. May change at any time (kubectl scale does it too): added workers are"
                + " started first; once all of them are ready, or at once if there are fewer, the"
                + " workers write a checkpoint at the end of their step and go on from it in the new"
                + " number, with the same global batch. Not while training.carryState is true.")
        @SpecReplicas
        @Default("1")
        @Min(1)
        @Max(1024)
        int workers,
    @JsonPropertyDescription("Ranks (processes) in one worker pod. This version: 1. Immutable.")
        @Default("1")
        @Min(1)
        @Max(16)
        int ranksPerPod,
    @JsonPropertyDescription(
            "Ranks that share one sequence, each with a slice of it: longer sequences fit, attention"
                + " needs no network. The other factor of the ranks is data parallel. Rank ="
                + " data-parallel index x chunkParallel + chunk-parallel index. Immutable.")
        @Default("1")
        @Min(1)
        @Max(1024)
        int chunkParallel,
    @JsonPropertyDescription(
            "How the ranks of a sequence pass on what timestep norm and the moving average carry:"
                + " allGather (all at once; nobody waits for a chain), wavefront (rank to rank; less"
                + " traffic), or auto (whichever a measurement before the first step finds faster; the"
                + " choice is kept for the life of the job). Losses of the modes agree to rounding, not"
                + " bit for bit. Immutable.")
        @Default("allGather")
        ChunkExchange chunkExchange) {

  /** How the state between slices of a sequence travels. */
  public enum ChunkExchange {
    /** Everybody tells everybody. */
    @JsonProperty("allGather")
    ALL_GATHER,
    /** Each tells the next. */
    @JsonProperty("wavefront")
    WAVEFRONT,
    /** Measured before the first step. */
    @JsonProperty("auto")
    AUTO
  }

  /** All ranks of the job. */
  public int worldSize() {
    return workers * ranksPerPod;
  }

  /** Groups of ranks that work on different sequences. */
  public int dataParallel() {
    return worldSize() / chunkParallel;
  }
}
