package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** One condition, with the meaning of Kubernetes' {@code metav1.Condition}. */
@JsonInclude(Include.NON_NULL)
public record Condition(
    @JsonPropertyDescription("What it is about, in CamelCase.") @Required @Size(min = 1, max = 316)
        String type,
    @JsonPropertyDescription("Whether it holds: True, False or Unknown.") @Required Status status,
    @JsonPropertyDescription("Why, in one CamelCase word.")
        @Required
        @Size(min = 1, max = 1024)
        @Pattern("^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")
        String reason,
    @JsonPropertyDescription("Why, for people.") @Required @Size(max = 32_768) String message,
    @JsonPropertyDescription("When status last changed, RFC 3339.") @Required
        String lastTransitionTime,
    @JsonPropertyDescription("Generation of the spec that this condition is about.")
        @Nullable Long observedGeneration) {

  /** Whether a condition holds. */
  public enum Status {
    /** It holds. */
    @JsonProperty("True")
    TRUE,
    /** It does not hold. */
    @JsonProperty("False")
    FALSE,
    /** Not known. */
    @JsonProperty("Unknown")
    UNKNOWN
  }
}
