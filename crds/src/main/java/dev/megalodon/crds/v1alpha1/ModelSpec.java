package dev.megalodon.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** The model: one of the published sizes, or dimensions of one's own. */
@JsonInclude(Include.NON_NULL)
@ValidationRule(
    value = "has(self.preset) != has(self.dimensions)",
    message = "set exactly one of preset and dimensions")
@ValidationRule(
    value = "has(self.preset) || !has(self.vocabSize)",
    fieldPath = ".vocabSize",
    message = "vocabSize goes with preset; with dimensions, set dimensions.vocabSize")
public record ModelSpec(
    @JsonPropertyDescription(
            "A published size. Its chunk is 2048 tokens, its vocabulary 256 (bytes) unless"
                + " vocabSize says otherwise.")
        @Nullable ModelPreset preset,
    @JsonPropertyDescription("Every dimension by itself.") @Nullable ModelDimensions dimensions,
    @JsonPropertyDescription("Token ids of a preset's model, 0 to vocabSize - 1. Absent: 256.")
        @Min(256)
        @Max(1_000_000)
        @Nullable Integer vocabSize) {

  /**
   * The dimensions to build, whichever way they were given.
   *
   * @throws IllegalStateException if neither preset nor dimensions is there, which the API server
   *     refuses
   */
  public ModelDimensions resolved() {
    if (dimensions != null) {
      return dimensions;
    }
    if (preset == null) {
      throw new IllegalStateException("spec.model needs a preset or dimensions; it has neither");
    }
    return preset.dimensions(vocabSize == null ? ModelPreset.BYTE_VOCABULARY : vocabSize);
  }
}
