package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crd.generator.annotation.PreserveUnknownFields;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The worker pods. */
@JsonInclude(Include.NON_NULL)
public record WorkerSpec(
    @JsonPropertyDescription(
            "What computes: cpu (vectorised, fp32) or reference (plain scalar fp64, slow, the"
                + " oracle). Immutable.")
        @Default("cpu")
        Device device,
    @JsonPropertyDescription(
            "Worker image. Absent: the one the operator was installed with. May change while the"
                + " job is suspended.")
        @Size(min = 1, max = 1024)
        @Nullable String image,
    @JsonPropertyDescription(
            "When to pull the image. Absent: Kubernetes' own rule. May change while the job is"
                + " suspended.")
        @Nullable ImagePullPolicy imagePullPolicy,
    @JsonPropertyDescription(
            "CPU and memory of one worker, as in a pod. May change while the job is suspended.")
        @Nullable Resources resources,
    @JsonPropertyDescription(
            "Threads that compute in one worker. Absent: as many as the worker has CPUs."
                + " Immutable.")
        @Min(1)
        @Max(1024)
        @Nullable Integer threads,
    @JsonPropertyDescription(
            "Matrix products on device cpu: vector (Java's Vector API, no native code; emulates"
                + " bf16), openblas (fp32 only) or onednn (bf16 needs AVX-512). Immutable.")
        @Default("vector")
        GemmProvider gemm,
    @JsonPropertyDescription(
            "Pod template laid over the operator's own: metadata.labels, metadata.annotations, and"
                + " any of a pod's spec (nodeSelector, tolerations, affinity, …); the container"
                + " named worker is merged by name. May change while the job is suspended.")
        @PreserveUnknownFields
        @Nullable Map<String, Object> template) {

  /** What computes. */
  public enum Device {
    /** Vector API and native memory, fp32. */
    @JsonProperty("cpu")
    CPU,
    /** Plain scalar Java, fp64. */
    @JsonProperty("reference")
    REFERENCE
  }

  /** When an image is pulled, as in a pod. */
  public enum ImagePullPolicy {
    /** Each time. */
    @JsonProperty("Always")
    ALWAYS,
    /** When the node lacks it. */
    @JsonProperty("IfNotPresent")
    IF_NOT_PRESENT,
    /** The node must have it. */
    @JsonProperty("Never")
    NEVER
  }

  /** Who multiplies matrices. */
  public enum GemmProvider {
    /** Java's Vector API. */
    @JsonProperty("vector")
    VECTOR,
    /** OpenBLAS as shipped with ND4J. */
    @JsonProperty("openblas")
    OPENBLAS,
    /** oneDNN. */
    @JsonProperty("onednn")
    ONEDNN
  }

  /** Kubernetes quantities by resource name; numbers and strings are both accepted. */
  @JsonInclude(Include.NON_NULL)
  public record Resources(
      @JsonPropertyDescription("What the scheduler reserves: cpu, memory, ….")
          @Nullable Map<String, String> requests,
      @JsonPropertyDescription("What the worker may use at most: cpu, memory, ….")
          @Nullable Map<String, String> limits) {}
}
