package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;

/** How the ranks share the work. */
@ValidationRule(
    value = "(self.workers * self.ranksPerPod) % self.chunkParallel == 0",
    fieldPath = ".chunkParallel",
    message = "chunkParallel must divide workers x ranksPerPod")
@ValidationRule(
    value = "self.chunkParallel == 1",
    fieldPath = ".chunkParallel",
    message = "this version trains with chunkParallel 1 only")
@ValidationRule(
    value = "self.ranksPerPod == 1",
    fieldPath = ".ranksPerPod",
    message = "this version runs one rank in a pod: use more workers instead")
public record ParallelismSpec(
    @JsonPropertyDescription("Worker pods.") @Default("1") @Min(1) @Max(1024) int workers,
    @JsonPropertyDescription("Ranks (processes) in one worker pod. This version: 1.")
        @Default("1")
        @Min(1)
        @Max(16)
        int ranksPerPod,
    @JsonPropertyDescription("Ranks that share one sequence. This version: 1.")
        @Default("1")
        @Min(1)
        @Max(1024)
        int chunkParallel) {

  /** All ranks of the job. */
  public int worldSize() {
    return workers * ranksPerPod;
  }

  /** Groups of ranks that work on different sequences. */
  public int dataParallel() {
    return worldSize() / chunkParallel;
  }
}
